"""Servers for fetching mail, and what answers in their place: the words and the way out."""

import pytest
from catalogue_rows import TLS, Bench, Row, by_name
from servers.faultserver import Expect, Hold, Send, Step
from servers.scripts import BANNER, HTTP, IMAP, POP3, SSH

from bot.model.target import Protocol, Security

NONE, START = Security.NONE, Security.STARTTLS
POP = Protocol.POP3
STRICT = (
    Send(b"+OK ready\r\n"),
    Expect("CAPA"),
    Send(b"+OK\r\nSTLS\r\n.\r\n"),
)


async def test_pop3_that_wants_encryption_first(bench: Bench) -> None:
    """`none` is the wrong security where STLS is offered and the sign-in comes behind it."""
    encrypted: tuple[Step, ...] = (
        *STRICT,
        Expect("STLS"),
        Send(b"+OK begin\r\n"),
        TLS,
        Expect("CAPA"),
        Send(b"+OK\r\nSASL PLAIN\r\nUSER\r\n.\r\n"),
        Expect("QUIT"),
    )
    row = Row(
        name="strict",
        scripts=((*STRICT, Expect("QUIT")), encrypted),
        verdict="settings.wrong_security",
        also=("auth.not_offered",),
        security=NONE,
        protocol=POP,
        suggested=START,
        learned=NONE,
    )

    await bench.play(row)


@by_name(
    [
        Row(
            name=verdict,
            scripts=((*STRICT, Expect("STLS"), Send(reply), Hold()),),
            verdict=verdict,
            protocol=POP,
            learned=START,
        )
        for reply, verdict in (
            (b"-ERR not today\r\n", "starttls.refused"),
            (b"+OK begin\r\n+OK more\r\n", "starttls.injected"),
        )
    ]
)
async def test_an_offer_of_encryption_is_learned_though_it_fails(bench: Bench, row: Row) -> None:
    """The server offers more than none."""
    await bench.play(row)


@pytest.mark.parametrize(
    ("script", "asked", "verdict", "words"),
    [
        (SSH, Protocol.IMAP, "greeting.not_smtp", "SSH, not IMAP"),
        (HTTP, POP, "greeting.not_smtp", "HTTP, not POP3"),
        (IMAP, POP, "greeting.not_smtp", "IMAP, not POP3"),
        (POP3, Protocol.IMAP, "greeting.not_smtp", "POP3, not IMAP"),
        ((Send(BANNER), Hold()), Protocol.IMAP, "greeting.malformed", "SMTP, not IMAP"),
        ((Send(BANNER), Hold()), POP, "greeting.malformed", "SMTP, not POP3"),
    ],
)
async def test_who_answers_instead_is_named(
    bench: Bench, script: tuple[Step, ...], asked: Protocol, verdict: str, words: str
) -> None:
    """Nobody who wants to fetch mail is told about sending."""
    row = Row(name=words, scripts=(script,), verdict=verdict, protocol=asked)

    found, _ = await bench.play(row)

    said = found["verdict"]["summary"]
    assert words in said
    assert "breaks the rules" not in said
    assert verdict == "greeting.malformed" or "for sending" not in said


async def test_a_fetching_server_asked_for_sending_is_still_called_that(bench: Bench) -> None:
    """What the contract has for IMAP where sending was meant."""
    row = Row(
        name="sending",
        scripts=(IMAP,),
        verdict="settings.incoming_for_outgoing",
        also=("greeting.not_smtp",),
        protocol=Protocol.SMTP,
    )

    await bench.play(row)
