"""The words of a verdict: true to what the server did, one line, nothing invented."""

from datetime import timedelta

import pytest
from catalogue_bench import Document
from catalogue_rows import Bench, Row, by_name
from servers.faultserver import Drip, Expect, Hold, Send, Step
from servers.scripts import BANNER, HTTP, SILENT

from bot.diagnosis import readings
from bot.model.target import Security

EHLO = Expect("EHLO")
SHORT = timedelta(seconds=0.6)
A_QUOTE = 250  # characters of a whole sentence with a quotation in it


UNENDED: dict[str, Step] = {
    "a part of a line": Send(b"220-mail.exam"),
    "a line of several": Send(b"220-mail.example.test\r\n"),
    "lines of several": Send(b"220-mail.example.test\r\n220-hello\r\n220-wait\r\n"),
    "a drip": Drip(b"220 mail.example.test " + b"." * 400, pause=0.01),
}


def line(text: str) -> Send:
    """One line of the server."""
    return Send(f"{text}\r\n".encode())


def summary(found: Document) -> str:
    """The sentence of the verdict; every sentence is a line, and none speaks of 0.0 s."""
    for one in (found["verdict"], *found["findings"]):
        assert "0.0 s" not in one["summary"]
        assert len(one["summary"].splitlines()) == 1
        assert len(one["summary"]) <= A_QUOTE
    for one in found["findings"]:
        said = one["evidence"].get("said", "")
        assert "\n" not in said
        assert len(said) <= 200
    words: str = found["verdict"]["summary"]
    return words


def refusing(*steps: Step, name: str) -> Row:
    """A server that turns EHLO down."""
    return Row(name=name, scripts=((Send(BANNER), EHLO, *steps),), verdict="ehlo.rejected")


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ((line("421 4.3.2 closing down"),), ("again later", "421 4.3.2 closing down")),
        ((line("450 4.7.1 not now"),), ("again later", "450 4.7.1 not now")),
        ((line("502 no"), Expect("HELO"), line("502 no")), ("refuses the command", "502 no")),
        ((line("503 no"),), ("refuses the command", "503 no")),
        ((line("504 need a full name"),), ("the name by which", "504 need a full name")),
    ],
)
async def test_why_ehlo_is_refused(
    bench: Bench, steps: tuple[Step, ...], words: tuple[str, ...]
) -> None:
    """Only what a server says about the name is told as being about the name."""
    said = summary((await bench.play(refusing(*steps, name=words[1])))[0])

    assert all(word in said for word in words)
    assert ("the name" in said) == ("the name by which" in words)


async def test_a_server_that_takes_helo_is_no_judge_of_names(bench: Bench) -> None:
    """EHLO is what it refuses."""
    steps = (Send(BANNER), EHLO, line("502 what?"), Expect("HELO"), line("250 hello"))
    also = ("starttls.not_offered", "auth.not_offered")
    row = Row(name="helo", scripts=(steps,), verdict="ehlo.rejected", also=also)

    said = summary((await bench.play(row))[0])

    assert "HELO" in said
    assert "502 what?" in said
    assert "the name" not in said


@by_name(
    [
        Row(name=name, scripts=((step, Hold()),), verdict="greeting.none", deadline=SHORT)
        for name, step in UNENDED.items()
    ]
)
async def test_a_first_line_without_end_is_not_silence(bench: Bench, row: Row) -> None:
    """A server that was talking is not said to say nothing."""
    said = summary((await bench.play(row))[0])

    assert "never comes to an end" in said
    assert "220" in said


async def test_silence_lasts_as_long_as_was_waited(bench: Bench) -> None:
    """The time in the sentence is that of the whole wait."""
    row = Row(name="mute", scripts=(SILENT,), verdict="greeting.none", deadline=SHORT)

    assert "says nothing for 0." in summary((await bench.play(row))[0])


async def test_slow_strangers_are_no_slow_mail_servers(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A web server that takes its time is told to be a web server, and nothing else."""
    monkeypatch.setattr(readings, "SLOW_GREETING", timedelta())
    row = Row(name="web", scripts=(HTTP,), verdict="greeting.not_smtp")

    found, _ = await bench.play(row)

    assert "HTTP, not SMTP" in summary(found)


NOISE = bytes(range(128, 256)) * 3 + b"\r\n"


@pytest.mark.parametrize(
    ("security", "script", "verdict"),
    [
        (None, (Send(NOISE), Hold()), "greeting.malformed"),
        (Security.TLS, (Send(NOISE), Hold()), "tls.handshake_failed"),
        (None, (Send(BANNER), EHLO, Send(NOISE), Hold()), "session.malformed"),
    ],
)
async def test_noise_is_shown_as_numbers(
    bench: Bench, security: Security | None, script: tuple[Step, ...], verdict: str
) -> None:
    """Bytes that nobody can read are not quoted as if they were words."""
    row = Row(name="noise", scripts=(script,), verdict=verdict, security=security)

    found, _ = await bench.play(row)

    assert "unreadable bytes 80 81 82" in found["findings"][0]["evidence"]["said"]
    assert "plain text" not in summary(found)


@pytest.mark.parametrize(
    ("script", "verdict"),
    [
        ((*(line(f"554-{'no ' * 60}") for _ in range(20)), line("554 no")), "greeting.rejected"),
        ((line("* BYE " + "no " * 900),), "greeting.not_smtp"),
        ((Send(b"hello\r\nyou\r\n" * 80), Hold()), "greeting.malformed"),
    ],
)
async def test_a_long_refusal_is_quoted_in_one_line(
    bench: Bench, script: tuple[Step, ...], verdict: str
) -> None:
    """A sentence holds the beginning of what a server says."""
    row = Row(name="long", scripts=(script,), verdict=verdict)
    if verdict == "greeting.not_smtp":
        row = Row(
            name="long",
            scripts=(script,),
            verdict="settings.incoming_for_outgoing",
            also=(verdict,),
        )

    assert summary((await bench.play(row))[0])
