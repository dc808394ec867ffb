"""Hostile servers: each ends within the deadline, in bounded memory, with a true code."""

import asyncio
import json
import socket
import ssl
import tracemalloc
from datetime import timedelta
from pathlib import Path

import pytest
from catalogue_bench import Document, checked, verdict
from catalogue_rows import TLS, Bench, Row, assert_clean, texts_of
from servers.faultserver import (
    Connection,
    Drip,
    Expect,
    Flood,
    Hold,
    Reset,
    Send,
    StartTls,
    Step,
)
from servers.pki import Authority, Wish
from servers.scripts import AUTH, BANNER, ehlo_reply

from bot.model.target import Protocol, Security

DEADLINE = timedelta(seconds=1.5)
EHLO, GO = Expect("EHLO"), Send(b"220 go\r\n")
GREETED = (Send(BANNER), EHLO)
UPGRADED = (*GREETED, ehlo_reply("STARTTLS"), Expect("STARTTLS"), GO)
WITHIN = (*UPGRADED, TLS, EHLO)

START, IMPLICIT = Security.STARTTLS, Security.TLS
MALFORMED, TIMEOUT, CLOSED = "session.malformed", "session.timeout", "session.closed"
HANDSHAKE = "tls.handshake_failed"
LONG_LINE = b"250-" + b"x" * 65_536 + b"\r\n"


def hello(connection: Connection) -> None:
    """Waits for the ClientHello."""
    connection.socket.recv(1)


def deaf(connection: Connection) -> None:
    """Never reads again, with as small a window as there is."""
    connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    connection.stopped.wait()


def hostile(name: str, verdict: str, *steps: Step, stated: Security = START) -> Row:
    """A row of the table."""
    return Row(name=name, scripts=(steps,), verdict=verdict, security=stated, deadline=DEADLINE)


FLOODS = [
    hostile("greeting: endless line", "greeting.malformed", Flood(b"220 x")),
    hostile("greeting: endless reply", "greeting.malformed", Flood(b"220-x\r\n")),
    hostile("greeting: endless empty lines", "greeting.malformed", Flood(b"\r\n")),
    hostile("greeting: endless NUL", "greeting.malformed", Flood(b"\0")),
    hostile("greeting: 64 kB", "greeting.malformed", Send(b"220 " + b"x" * 65_536 + b"\r\n")),
    hostile("greeting: by the byte", "greeting.none", Drip(b"220-x\r\n" * 900, 0.005)),
    hostile("greeting: nobody listens", TIMEOUT, Send(BANNER), deaf),
    hostile("EHLO: endless line", MALFORMED, *GREETED, Flood(b"250-x")),
    hostile("EHLO: endless reply", MALFORMED, *GREETED, Flood(b"250-X-A\r\n")),
    hostile("EHLO: 64 kB", MALFORMED, *GREETED, Send(LONG_LINE), Hold()),
    hostile("EHLO: thousands", MALFORMED, *GREETED, ehlo_reply(*[f"X{i}" for i in range(4000)])),
    hostile("EHLO: by the byte", TIMEOUT, *GREETED, Drip(b"250-x\r\n" * 900, 0.005)),
    hostile("EHLO: NUL", MALFORMED, *GREETED, Send(b"250-\0\r\n\0250 x\r\n"), Hold()),
    hostile("STARTTLS: endless line", MALFORMED, *UPGRADED[:-1], Flood(b"220 x")),
    hostile("STARTTLS: endless reply", MALFORMED, *UPGRADED[:-1], Flood(b"220-x\r\n")),
    hostile("STARTTLS: by the byte", TIMEOUT, *UPGRADED[:-1], Drip(b"220-x\r\n" * 900, 0.005)),
    hostile("within TLS: endless line", MALFORMED, *WITHIN, Flood(b"250-x")),
    hostile("within TLS: endless reply", MALFORMED, *WITHIN, Flood(b"250-x\r\n")),
    hostile("within TLS: silent", TIMEOUT, *WITHIN, Hold()),
    hostile("within TLS: by the byte", TIMEOUT, *WITHIN, Drip(b"250-x\r\n" * 900, 0.005)),
    hostile("within TLS: nobody listens", TIMEOUT, *UPGRADED, TLS, deaf),
    hostile("TLS first: endless line", "greeting.malformed", TLS, Flood(b"220 x"), stated=IMPLICIT),
]

CODES = [
    hostile("999", MALFORMED, *GREETED, Send(b"999 x\r\n"), Hold()),
    hostile("2_2", MALFORMED, *GREETED, Send(b"2_2 x\r\n"), Hold()),
    hostile("+22", MALFORMED, *GREETED, Send(b"+22 x\r\n"), Hold()),
    hostile("-99", MALFORMED, *GREETED, Send(b"-99 x\r\n"), Hold()),
    hostile("000", MALFORMED, *GREETED, Send(b"000 x\r\n"), Hold()),
    hostile("250x", MALFORMED, *GREETED, Send(b"250xfoo\r\n"), Hold()),
    hostile(
        "full width",
        MALFORMED,
        *GREETED,
        Send(b"\xef\xbc\x92\xef\xbc\x95\xef\xbc\x90 x\r\n"),
        Hold(),
    ),
    hostile("mixed", MALFORMED, *GREETED, Send(b"550-no\r\n250 STARTTLS\r\n"), Hold()),
    hostile("mixed, later", MALFORMED, *GREETED, Send(b"250-a\r\n250-b\r\n251 c\r\n"), Hold()),
    hostile("STARTTLS: 22", MALFORMED, *UPGRADED[:-1], Send(b"22 go\r\n"), Hold()),
    hostile("STARTTLS: 2_20", MALFORMED, *UPGRADED[:-1], Send(b"2_20 go\r\n"), Hold()),
    hostile("STARTTLS: 334", MALFORMED, *UPGRADED[:-1], Send(b"334 VXNlcm5hbWU6\r\n"), Hold()),
]

SMUGGLERS = [
    hostile("a reply ahead", MALFORMED, Send(BANNER + b"250 x\r\n"), EHLO, Hold()),
    hostile(
        "a reply with EHLO's", MALFORMED, *GREETED, Send(b"250 STARTTLS\r\n220 go\r\n"), Hold()
    ),
    hostile(
        "behind the 220", "starttls.injected", *UPGRADED[:-1], Send(b"220 go\r\n250 x\r\n"), Hold()
    ),
    hostile("half a line", "starttls.injected", *UPGRADED[:-1], Send(b"220 go\r\n2"), Hold()),
    hostile("a NUL", "starttls.injected", *UPGRADED[:-1], Send(b"220 go\r\n\0"), Hold()),
    hostile(
        "a thousand lines",
        "starttls.injected",
        *UPGRADED[:-1],
        Send(b"220 go\r\n" + b"250 x\r\n" * 1000),
        Hold(),
    ),
    hostile("after our hello", HANDSHAKE, *UPGRADED, hello, Send(b"250 x\r\n"), Hold()),
]

RECORD = b"\x16\x03\x03\x40\x00"
NO_TLS = [
    hostile("never answers", HANDSHAKE, *UPGRADED, Hold()),
    hostile(
        "endless records", HANDSHAKE, *UPGRADED, hello, Flood(RECORD + b"\x0b\x7f" + b"\0" * 99)
    ),
    hostile("by the byte", HANDSHAKE, *UPGRADED, hello, Drip(RECORD + b"\0" * 900, 0.005)),
    hostile(
        "a record too long", HANDSHAKE, *UPGRADED, hello, Send(b"\x16\x03\x03\xff\xff"), Hold()
    ),
    hostile("endless alerts", HANDSHAKE, *UPGRADED, hello, Flood(b"\x15\x03\x03\0\x02\x01\x5a")),
    hostile("never answers at all", HANDSHAKE, Hold(), stated=IMPLICIT),
    hostile("nobody listens", HANDSHAKE, deaf, stated=IMPLICIT),
]

RESETS = [
    hostile("reset: greeting", "greeting.closed", Reset()),
    hostile("reset: within the greeting", "greeting.closed", Send(b"220 ma"), Reset()),
    hostile("reset: EHLO", CLOSED, *GREETED, Reset()),
    hostile("reset: within EHLO's reply", CLOSED, *GREETED, Send(b"250-mail\r\n250"), Reset()),
    hostile("reset: STARTTLS", CLOSED, *UPGRADED[:-1], Reset()),
    hostile("reset: handshake", HANDSHAKE, *UPGRADED, hello, Reset()),
    hostile("reset: within TLS", CLOSED, *WITHIN, Reset()),
    hostile("reset: TLS from the start", HANDSHAKE, hello, Reset(), stated=IMPLICIT),
    hostile("reset: greeting in TLS", "greeting.closed", TLS, Reset(), stated=IMPLICIT),
]

# Of a reset in answer to a complete banner either the banner or the reset is seen first.
LATE_RESETS = hostile("reset: after the greeting", CLOSED, Send(BANNER), Reset())

TABLES = {
    "floods": FLOODS,
    "codes": CODES,
    "smugglers": SMUGGLERS,
    "no TLS": NO_TLS,
    "resets": RESETS,
}


@pytest.mark.parametrize("name", TABLES)
async def test_hostile_servers(bench: Bench, name: str) -> None:
    """All of a table at once, each with its own verdict, within the deadline of one."""
    tracemalloc.start()
    try:
        found = await asyncio.gather(
            *(bench.play(row) for row in TABLES[name]), return_exceptions=True
        )
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert [one for one in found if isinstance(one, BaseException)] == []
    for document, _ in (one for one in found if not isinstance(one, BaseException)):
        assert document["elapsed_ms"] < 1000 * (DEADLINE.total_seconds() + 1)
        assert len(json.dumps(document)) < 100_000
    assert peak < 1_000_000 * len(TABLES[name])  # bytes; a connection may bring 256 KiB


async def test_a_reset_behind_the_greeting_is_seen_as_either(bench: Bench) -> None:
    """The reset may overtake the words that came before it; both readings are true."""
    server = bench.server(*LATE_RESETS.scripts)

    found = await _asked(bench, server.port, security=START)

    assert verdict(found) in {CLOSED, "greeting.closed"}


SPELLS = {
    "terminal": "\x1b[31mred\x1b]0;title\x07 \x9b2J\x08\x7f",
    "slack": "<!channel> <@U123> <https://evil.example|bank.example> *bold* `code` & < >",
    "direction": "\u202egnp.exe\u2066 \u200b\ufeff\u00ad",
    "carriage": "fine\rhidden",
    "surrogates": "\ud800",
    "private": "\ue000\U000f0000",
    "not UTF-8": "\udcff\udcfe\udc80",
    "lines": "\u2028\u2029\x85\x0b\x0c",
}


@pytest.mark.parametrize("name", SPELLS)
async def test_no_words_of_a_server_act_on_who_reads_them(bench: Bench, name: str) -> None:
    """Wherever foreign words may stand, they are shown and never obeyed."""
    spell = SPELLS[name].encode("utf-8", "surrogateescape" if "UTF" in name else "surrogatepass")
    scripts: list[tuple[Step, ...]] = [
        (
            Send(b"220 " + spell + b"\r\n"),
            EHLO,
            Send(b"250-" + spell + b"\r\n250 " + spell + b"\r\n"),
        ),
        (Send(b"554 " + spell + b"\r\n"),),
        (Send(spell + b"\r\n"),),
        (*GREETED, Send(b"550-" + spell + b"\r\n550 " + spell + b"\r\n")),
        (*GREETED, Send(spell + b"\r\n")),
        (
            *GREETED,
            Send(b"250-x\r\n250-STARTTLS\r\n250 AUTH " + spell + b"\r\n"),
            Expect(),
            Send(b"454 " + spell + b"\r\n"),
        ),
        (*UPGRADED[:-1], Send(b"220 go\r\n" + spell)),
        (*UPGRADED, hello, Send(spell + b"\r\n")),
        (Send(b"SSH-2.0-" + spell + b"\r\n"),),
        (Send(b"* OK " + spell + b"\r\n"), Hold()),
    ]

    found = await asyncio.gather(
        *(_asked(bench, bench.server(script).port, security=START) for script in scripts)
    )

    for document in found:
        assert_clean(document)
        json.dumps(document).encode("utf-8")
    assert any("\ufffd" in text for one in found for text in texts_of(one)) or name == "slack"


FETCHING: list[tuple[Protocol, str, tuple[Step, ...]]] = [
    (Protocol.IMAP, "greeting.malformed", (Flood(b"* OK x"),)),
    (Protocol.IMAP, MALFORMED, (Send(b"* OK hi\r\n"), Expect(), Flood(b"* CAPABILITY X\r\n"))),
    (Protocol.IMAP, MALFORMED, (Send(b"* OK hi\r\n"), Expect(), Flood(b"* CAPABILITY X"))),
    (Protocol.IMAP, MALFORMED, (Send(b"* OK hi\r\n"), Expect(), Send(b"\0\xff\r\n"), Hold())),
    (Protocol.IMAP, TIMEOUT, (Send(b"* OK hi\r\n"), Expect(), Drip(b"* x\r\n" * 900, 0.005))),
    (Protocol.IMAP, CLOSED, (Send(b"* OK hi\r\n"), Expect(), Reset())),
    (Protocol.POP3, "greeting.malformed", (Flood(b"+OK x"),)),
    (Protocol.POP3, MALFORMED, (Send(b"+OK hi\r\n"), Expect(), Flood(b"+OK\r\n"))),
    (Protocol.POP3, MALFORMED, (Send(b"+OK hi\r\n"), Expect(), Send(b"+OK\r\n"), Flood(b"X"))),
    (Protocol.POP3, MALFORMED, (Send(b"+OK hi\r\n"), Expect(), Send(b"\0\xff\r\n"), Hold())),
    (Protocol.POP3, TIMEOUT, (Send(b"+OK hi\r\n"), Expect(), Drip(b"+OK x" * 900, 0.005))),
    (Protocol.POP3, CLOSED, (Send(b"+OK hi\r\n"), Expect(), Reset())),
]


async def test_hostile_servers_for_fetching(bench: Bench) -> None:
    """The same in the words of IMAP and POP3."""
    rows = [
        Row(
            name=f"{protocol} {number}",
            scripts=(steps,),
            verdict=verdict,
            security=START,
            protocol=protocol,
            deadline=DEADLINE,
        )
        for number, (protocol, verdict, steps) in enumerate(FETCHING)
    ]

    await asyncio.gather(*(bench.play(row) for row in rows))


@pytest.mark.parametrize(("names", "expected"), [(300, "ok"), (6000, "tls.handshake_failed")])
async def test_a_huge_certificate(
    bench: Bench, ca: Authority, tmp_path: Path, names: int, expected: str
) -> None:
    """What is big is read; what no program would take is not taken here either."""
    many = tuple(f"host-{number}.of-many-names.example.test" for number in range(names))
    context = ca.leaf(Wish(names=("127.0.0.1", *many))).context(tmp_path)
    script = (*UPGRADED, StartTls(context), EHLO, ehlo_reply(AUTH), Expect("QUIT"))

    found, _ = await bench.play(Row(name="huge", scripts=(script,), verdict=expected))

    assert len(json.dumps(found)) < 50_000


async def test_many_session_tickets_do_no_harm(bench: Bench, good_context: ssl.SSLContext) -> None:
    """What comes between the handshake and the first word is not counted as words."""
    context = bench.context
    before = context.num_tickets
    context.num_tickets = 60
    try:
        script = (*UPGRADED, StartTls(good_context), EHLO, ehlo_reply(AUTH), Expect("QUIT"))
        await bench.play(Row(name="tickets", scripts=(script,), verdict="ok"))
    finally:
        context.num_tickets = before


async def _asked(bench: Bench, port: int, *, security: Security | None) -> Document:
    return await checked(
        f"127.0.0.1:{port}",
        security=security,
        knowledge=bench.knowledge,
        ca_file=bench.ca_file,
        deadline=DEADLINE,
    )
