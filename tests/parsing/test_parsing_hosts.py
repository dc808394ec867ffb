"""Servers whose names do not look like those of mail servers."""

import pytest

from bot.knowledge.schema import Knowledge
from bot.parsing.complaint import parse_complaint

BOX = "box.kranich.example"


@pytest.mark.parametrize(
    ("said", "port"),
    [
        (f"the phone warns about the certificate of {BOX}", None),
        (f"bad certificate for {BOX}!", None),
        (f"Zertifikat von {BOX} ist abgelaufen", None),
        (f"mail does not go out, {BOX} 587", 587),
        (f"{BOX} 465 does nothing", 465),
        (f"{BOX}, 25", 25),
        (f"{BOX} port 2525", 2525),
        (f"the server is called {BOX}", None),
        (f"Server {BOX} seems dead", None),
        (BOX, None),
        (f"{BOX}.", None),
        (f"<http://{BOX}|{BOX}>", None),
    ],
)
def test_place_makes_a_name_a_server(said: str, port: int | None, knowledge: Knowledge) -> None:
    """A mail port behind it, a certificate, the word server, or nothing else in the message."""
    read = parse_complaint(said, knowledge)

    assert (read.host, read.port) == (BOX, port)
    assert read.intent.value != "off_topic"


def test_name_alone_is_a_complaint_about_sending(knowledge: Knowledge) -> None:
    """Who writes nothing but a server wants it looked at."""
    assert parse_complaint(BOX, knowledge).intent.value == "cannot_send"


@pytest.mark.parametrize(
    "said",
    [
        "settings.php 587",
        "invoice.pdf",
        f"see https://{BOX} 587",
        f"https://{BOX}/help 587",
        f"rosa@{BOX} 587",
        "www.kranich.example 587",
        "Smtp.Client.Connection 587",
        "asp.net 587",
        "version 10.2.3 587",
        f"{BOX} 25 mails a day",
        "gmail.com",
        "gmx.net 587",
    ],
)
def test_other_names_with_dots_stay_none(said: str, knowledge: Knowledge) -> None:
    """Files, web pages, addresses, classes, versions and services are no servers."""
    assert parse_complaint(said, knowledge).host is None
