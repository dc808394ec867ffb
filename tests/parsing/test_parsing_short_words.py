"""What short messages state: a port behind a host, a code behind a program, one word, one name."""

import pytest

from bot.knowledge.schema import Knowledge
from bot.model.complaint import Intent
from bot.parsing.complaint import parse_complaint


@pytest.mark.parametrize("port", [25, 110, 143, 465, 587, 993, 995, 2525])
def test_port_stands_behind_a_host_with_a_blank(port: int, knowledge: Knowledge) -> None:
    """A mail port right behind a server is its port, whatever follows."""
    for said in ("Outlook fails, mail.kranich.example {}", "mail.kranich.example {} times out"):
        read = parse_complaint(said.format(port), knowledge)

        assert (read.host, read.port) == ("mail.kranich.example", port)


def test_number_that_counts_is_no_port(knowledge: Knowledge) -> None:
    """A number of messages behind a server is none."""
    assert parse_complaint("via mail.kranich.example 25 mails a day", knowledge).port is None


def test_server_survives_a_password_before_it(knowledge: Knowledge) -> None:
    """Of an address with name and password only the password goes."""
    said = "smtp://rosa:Kranich4410z@mail.kranich.example:587 gives 535"
    read = parse_complaint(said, knowledge)

    assert read.text == "smtp://rosa:[password removed]@mail.kranich.example:587 gives 535"
    assert (read.host, read.port, read.codes) == ("mail.kranich.example", 587, ("535",))


@pytest.mark.parametrize(
    ("said", "lang"),
    [
        ("no encryption", "en"),
        ("no error at all", "en"),
        ("no funciona", "es"),
        ("no puedo enviar", "es"),
        ("geht nicht", "de"),
        ("não funciona", "pt"),
    ],
)
def test_language_is_no_guess_from_one_weak_word(
    said: str, lang: str, knowledge: Knowledge
) -> None:
    """A word that English has as well speaks for no other language."""
    assert parse_complaint(said, knowledge).lang == lang


@pytest.mark.parametrize(
    ("said", "codes"),
    [
        ("Outlook 535 mail.kranich.example 25", ("535",)),
        ("Thunderbird 128.3 fails", ()),
        ("Office 365 fails", ()),
        ("550 mails a day", ()),
    ],
)
def test_code_behind_a_program(said: str, codes: tuple[str, ...], knowledge: Knowledge) -> None:
    """A reply code is one before a server's name too; versions and counts are none."""
    assert parse_complaint(said, knowledge).codes == codes


@pytest.mark.parametrize(
    ("said", "intent"),
    [
        ("Human", Intent.HUMAN_WANTED),
        ("human!!", Intent.HUMAN_WANTED),
        ("a human, please", Intent.HUMAN_WANTED),
        ("oh no, stopped again", Intent.NOT_RESOLVED),
        ("it is broken again", Intent.NOT_RESOLVED),
        ("hm, not working again", Intent.NOT_RESOLVED),
        ("now it fails again", Intent.NOT_RESOLVED),
        ("useless. nothing works here", Intent.NOT_RESOLVED),
        ("it is working again", Intent.RESOLVED),
    ],
)
def test_short_message_is_understood(said: str, intent: Intent, knowledge: Knowledge) -> None:
    """A call for somebody, and a relapse, take few words."""
    assert parse_complaint(said, knowledge).intent is intent


@pytest.mark.parametrize(
    "said",
    ["no, sorry, I use Thunderbird not Outlook", "it is not Outlook, it is Thunderbird"],
)
def test_client_that_is_denied_is_not_the_one(said: str, knowledge: Knowledge) -> None:
    """Who corrects a name means the other one."""
    assert parse_complaint(said, knowledge).client == "thunderbird"
