"""What is read out of whole messages, field by field."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from bot.knowledge.schema import Knowledge
from bot.model.complaint import Intent
from bot.parsing.complaint import parse_complaint

DATA = Path(__file__).parent / "complaints.toml"
COMPLAINTS: list[dict[str, Any]] = tomllib.loads(DATA.read_text(encoding="utf-8"))["complaint"]
STATED = ("host", "port", "address", "domain", "security", "client")


@pytest.mark.parametrize("sample", COMPLAINTS, ids=lambda sample: sample["text"][:48])
def test_message_is_read_as_a_careful_reader_would(
    sample: dict[str, Any], knowledge: Knowledge
) -> None:
    """Intent and entities are those of the message; what it does not say stays empty."""
    read = parse_complaint(sample["text"], knowledge)

    assert read.intent.value == sample["intent"], read.because
    assert {name: getattr(read, name) for name in STATED} == {
        name: sample.get(name) for name in STATED
    }
    assert sorted(read.codes) == sorted(sample.get("codes", ()))
    assert read.lang == sample.get("lang", read.lang)
    assert read.provider == sample.get("provider", read.provider)


def test_reasons_name_the_words_that_spoke(knowledge: Knowledge) -> None:
    """Each conclusion can be traced to words of the message or of the lexicon."""
    read = parse_complaint("cannot send with Thunderbird via smtp.kranich.example, SSL", knowledge)

    because = dict(read.because)
    assert because["client thunderbird"] == "Thunderbird"
    assert because["host smtp.kranich.example"] == "smtp.kranich.example"
    assert because["security tls"] == "SSL"
    assert any(what.startswith("intent ") for what in because)


def test_secret_is_gone_before_anything_else_is_read(knowledge: Knowledge) -> None:
    """The text that is kept has no password, and no other field has it."""
    said = "login for smtp.kranich.example is rosa@kranich.example, password: Kr4nich!77"
    read = parse_complaint(said, knowledge)

    assert [secret.kind for secret in read.secrets] == ["password"]
    assert "Kr4nich" not in repr(read)
    assert read.host == "smtp.kranich.example"


def test_replies_keep_code_enhanced_code_and_words(knowledge: Knowledge) -> None:
    """A quoted reply is taken over as the server said it."""
    read = parse_complaint("it says 550-5.7.26 This mail is unauthenticated\nwhat now", knowledge)

    reply = read.replies[0]
    assert (reply.code, reply.enhanced) == (550, "5.7.26")
    assert reply.text == "This mail is unauthenticated"


def test_enhanced_code_alone_is_a_reply_without_number(knowledge: Knowledge) -> None:
    """Some programs print the enhanced code only."""
    reply = parse_complaint("Status: 5.4.1 (no route)", knowledge).replies[0]

    assert (reply.code, reply.enhanced) == (None, "5.4.1")


def test_beginning_and_end_of_a_long_log_are_read(knowledge: Knowledge) -> None:
    """What stands in the middle of a megabyte is passed over, secrets excepted."""
    noise = "nothing to see here\n" * 4000
    middle = "smtp.mitte.example:2525 password: geheim77x\n"
    read = parse_complaint(
        f"cannot send\n{noise}{middle}{noise}connect to mx.ende.example:25 timed out", knowledge
    )

    assert (read.host, read.port) == ("mx.ende.example", 25)
    assert len(read.secrets) == 1
    assert "geheim77x" not in read.text


@pytest.mark.parametrize(
    ("said", "port"),
    [
        ("587", 587),
        ("993", 993),
        ("25", 25),
        ("port is 2526", 2526),
        ("port: 70000", None),
        ("port 0", None),
        ("we are 25 people", None),
        ("465 mails a day", None),
        ("error in mail.php:25", None),
        ("version 1.25.3", None),
        ("at 12:25 it stopped", None),
        ("+49 587 1234", None),
    ],
)
def test_numbers_are_ports_where_they_mean_one(
    said: str, port: int | None, knowledge: Knowledge
) -> None:
    """Counts, times, versions and line numbers are no ports."""
    assert parse_complaint(said, knowledge).port == port


@pytest.mark.parametrize(
    "said",
    [
        "javax.mail.MessagingException in mailer.py",
        "see https://smtp.kranich.example/help",
        "mail to tom@smtp.kranich.example bounced",
        "class Smtp.Client.Connection fails",
        "the file smtp.conf is empty",
        "version 10.2.3 of mail.app",
        "not in the cert's altnames: DNS:mail.kranich.example",
        "[AB1P2C.EURP2.PROD.OUTLOOK.COM]",
        "<http://smtp.falle.example|smtp.kranich.example>",
        "e.g. my mail",
    ],
)
def test_dots_alone_make_no_server(said: str, knowledge: Knowledge) -> None:
    """Classes, files, web pages, certificates and links that lie name no server."""
    assert parse_complaint(said, knowledge).host is None


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("I am rosa@kranich.example", "rosa@kranich.example"),
        ("550 5.1.1 <tom@kranich.example>: unknown", None),
        ("RCPT TO:<tom@kranich.example> is refused", None),
        ("tom@kranich.example refused, from rosa@kranich.example", "rosa@kranich.example"),
        ("to tom@kranich.example it fails, I am rosa@kranich.example", "rosa@kranich.example"),
        ("MAIL_USER=rosa@kranich.example", "rosa@kranich.example"),
        ("smtp://USER:PASSWORD@smtp.kranich.example", None),
    ],
)  # fmt: skip
def test_the_writers_address_is_told_from_a_recipients(
    said: str, address: str | None, knowledge: Knowledge
) -> None:
    """Whoever mail is sent to is not the one who complains."""
    assert parse_complaint(said, knowledge).address == address


@pytest.mark.parametrize(
    ("said", "codes"),
    [
        ("0x800CCC0E", ["0x800CCC0E"]),
        ("0X800ccc0e", ["0x800CCC0E"]),
        ("0\u00d7800ccc0e", ["0x800CCC0E"]),
        ("0x 800C CC0E", ["0x800CCC0E"]),
        ("error 800ccc0f", ["0x800CCC0F"]),
        ("error 80042109", ["0x80042109"]),
        ("451-4.7.0 Temporary", ["451", "4.7.0"]),
        ("(535, b'5.7.8 nope", ["535", "5.7.8"]),
        ("code: 550 #5.1.0", ["550", "5.1.0"]),
        ("WSA 11001 happened", ["11001"]),
        ("PHP 5.6.40 and Magento 4.5.1", []),
        ("port 587, 465 or 25", []),
        ("we have 550 users and 10060 contacts", []),
        ("250 2.1.0 Ok", []),
        ("IP 192.0.2.55 and 4.4.4.4", []),
    ],
)
def test_codes_are_normalised_and_other_numbers_left_alone(
    said: str, codes: list[str], knowledge: Knowledge
) -> None:
    """All spellings of a code are one; versions, counts, ports and addresses are none."""
    assert sorted(parse_complaint(said, knowledge).codes) == sorted(codes)


@pytest.mark.parametrize(
    ("said", "mode"),
    [
        ("STARTTLS on 587", "starttls"),
        ("TLS, port 587", "starttls"),
        ("TLS, port 465", "tls"),
        ("SSL/TLS", "tls"),
        ("secure: true", "tls"),
        ("no encryption at all", "none"),
        ("Secure (SSL): No", "none"),
        ("SSL certificate error", None),
        ("error:0A000126:SSL routines::unexpected eof", None),
        ("tried SSL and STARTTLS", None),
        ("465 with SSL", "tls"),
    ],
)
def test_security_is_what_is_set_and_no_word_of_an_error(
    said: str, mode: str | None, knowledge: Knowledge
) -> None:
    """An error that mentions SSL says nothing on what was chosen."""
    assert parse_complaint(said, knowledge).security == mode


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\x00",
        "\ud800",
        "\udfff587\ud800",
        "\U0001f600",
        "a\x00b@c.example",
        "<|>",
        "`" * 99,
    ],
)
def test_odd_text_is_read_without_complaint(text: str, knowledge: Knowledge) -> None:
    """Whatever arrives is a message, and what is kept of it can be stored."""
    read = parse_complaint(text, knowledge)

    assert isinstance(read.intent, Intent)
    json.dumps(read.text).encode()
    read.text.encode("utf-8")
