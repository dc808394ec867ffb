"""The readers of replies against whatever bytes there are, in whatever pieces they come."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from itertools import pairwise
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model.evidence import Offer, Stage
from bot.probes.dialect import Dialect
from bot.probes.faults import StageError, fault_of
from bot.probes.imap import Imap
from bot.probes.pop3 import Pop3
from bot.probes.replies import MAX_LINES, MAX_REPLY, Reply, read_reply
from bot.probes.smtp import Smtp
from bot.probes.tls import handshake_context
from bot.probes.wire import MAX_LINE, Wire, WireError

Found = TypeVar("Found")
Read = Callable[[Wire], Awaitable[Found]]
Pieces = list[bytes]

fuzz = settings(max_examples=250, deadline=None)

# What servers say, and what breaks readers of it: longer words for what chance would never find.
WORDS = (
    *(b"220", b"250", b"354", b"421", b"554", b"999", b"2_2", b"+22", b"22", b"2500"),
    *(
        b"-",
        b" ",
        b"\r\n",
        b"\n",
        b"\r",
        b"\0",
        b"\xff\xfe",
        b"\x1b[2J",
        b"\xef\xbc\x92\xef\xbc\x95\xef\xbc\x90",
    ),
    *(b"* OK ", b"* BYE", b"* CAPABILITY ", b"a OK", b"a NO", b"+OK", b"-ERR", b".\r\n"),
    *(b"AUTH PLAIN", b"AUTH=LOGIN", b"STARTTLS", b"STLS", b"SASL ", b"SIZE 1", b"=", b"AUTH"),
    *(b"250-x\r\n", b"250-AUTH PLAIN\r\n", b"250 STARTTLS\r\n", b"220 go\r\n", b"502 no\r\n"),
    *(b"* CAPABILITY AUTH=PLAIN\r\n", b"a OK done\r\n", b"+OK\r\n", b"SASL PLAIN\r\n"),
    *(b"HTTP/1.1 400", b"SSH-2.0", b"\x15\x03\x01", b"\x16\x03\x03\x40\x00", b"x" * 9000),
)
pieces = st.lists(st.sampled_from(WORDS) | st.binary(max_size=60), max_size=60)

# RFC 5321 section 4.2: textstring; UTF-8 with SMTPUTF8. No line is longer than one may be.
texts = st.text(
    st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\x85"), max_size=80
)
codes = st.integers(200, 599)
keywords = st.from_regex(r"[A-Z0-9][A-Z0-9-]{0,20}", fullmatch=True)


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    """One event loop for all examples: starting one takes longer than an example."""
    with asyncio.Runner() as one:
        yield one


def play(
    runner: asyncio.Runner, said: Pieces, read: Read[Found]
) -> tuple[Found | Exception, bytes]:
    """What `read` makes of a server that says the pieces and hangs up, and what it left unread."""

    async def run() -> tuple[Found | Exception, bytes]:
        ours, theirs = socket.socketpair()
        for end in (ours, theirs):
            end.setblocking(False)
        wire = Wire(ours)
        speaking = asyncio.create_task(_say(theirs, said))
        try:
            return await read(wire), wire.waiting
        except (WireError, StageError, ssl.SSLError) as error:
            return error, wire.waiting
        finally:
            wire.close()
            speaking.cancel()
            await asyncio.wait([speaking])
            theirs.close()

    return runner.run(run())


async def _say(theirs: socket.socket, said: Pieces) -> None:
    loop = asyncio.get_running_loop()
    with contextlib.suppress(ConnectionError):
        for piece in said:
            await loop.sock_sendall(theirs, piece)
            await asyncio.sleep(0)
        theirs.shutdown(socket.SHUT_WR)


def cut(whole: bytes, places: list[int]) -> Pieces:
    """`whole` in pieces."""
    ends = sorted({place % (len(whole) + 1) for place in places} | {0, len(whole)})
    return [whole[start:end] for start, end in pairwise(ends)]


def assert_tellable(stage: Stage, error: Exception) -> None:
    """Whatever went wrong has a code, and words of bounded length that can be stored."""
    fault = fault_of(stage, error, timedelta(seconds=1))
    assert len(fault.said) < 40_000
    assert "\0" not in fault.said
    fault.said.encode("utf-8")


@fuzz
@given(said=pieces)
def test_any_bytes_are_a_reply_or_a_fault(runner: asyncio.Runner, said: Pieces) -> None:
    """What comes out keeps the caps; what does not come out is a WireError with words."""
    found, _ = play(runner, said, read_reply)

    if isinstance(found, Reply):
        assert 200 <= found.code < 600
        assert 1 <= len(found.lines) <= MAX_LINES
        assert sum(map(len, found.lines)) <= MAX_REPLY
        assert not any("\n" in line for line in found.lines)
    else:
        assert isinstance(found, WireError)
        assert_tellable(Stage.EHLO, found)


@fuzz
@given(
    code=codes,
    lines=st.lists(texts, min_size=1, max_size=20),
    rest=st.binary(max_size=20),
    places=st.lists(st.integers(0), max_size=12),
    end=st.sampled_from(["\r\n", "\n"]),
)
def test_a_valid_reply_is_read_as_exactly_that(
    runner: asyncio.Runner, code: int, lines: list[str], rest: bytes, places: list[int], end: str
) -> None:
    """Code, texts and not a byte more, wherever the pieces were cut."""
    written = [f"{code}-{line}{end}" for line in lines[:-1]] + [f"{code} {lines[-1]}{end}"]
    whole = "".join(written).encode()

    async def read(wire: Wire) -> Reply:
        reply = await read_reply(wire)
        with contextlib.suppress(WireError):
            await wire.until(lambda waiting: len(waiting) >= len(rest))
        return reply

    found, left = play(runner, cut(whole + rest, places), read)

    assert found == Reply(code=code, lines=tuple(lines))
    assert left == rest


@fuzz
@given(code=codes, length=st.integers(0, 2 * MAX_LINE), several=st.booleans())
def test_the_cap_of_a_line_is_exact(
    runner: asyncio.Runner, code: int, length: int, *, several: bool
) -> None:
    """A line may have MAX_LINE bytes; one more is too much, be it the first or a later one."""
    before = f"{code}-one\r\n" if several else ""
    whole = f"{before}{code} {'x' * length}\n".encode()

    found, _ = play(runner, cut(whole, [7, 5000, 9000]), read_reply)

    assert isinstance(found, Reply) is (length + 4 <= MAX_LINE)


DIALECTS: dict[str, Callable[[Wire], Dialect]] = {
    "smtp": lambda wire: Smtp(wire, "checker.example.test"),
    "imap": Imap,
    "pop3": Pop3,
}
GREETINGS = {"smtp": b"220 x\r\n", "imap": b"* OK x\r\n", "pop3": b"+OK x\r\n"}


@pytest.mark.parametrize("name", DIALECTS)
@fuzz
@given(said=pieces, is_greeted=st.booleans())
def test_a_whole_talk_ends_in_words_or_in_a_fault(
    runner: asyncio.Runner, name: str, said: Pieces, *, is_greeted: bool
) -> None:
    """Greeting, offer and STARTTLS; what is understood of it is bounded and in upper case."""
    offers: list[Offer] = []

    async def talk(wire: Wire) -> None:
        dialect = DIALECTS[name](wire)
        greeting = await dialect.greet()
        assert len(greeting.text) <= MAX_REPLY
        offer = await dialect.ask()
        offers.append(offer)
        for mechanism in dialect.mechanisms(offer):
            assert mechanism == mechanism.upper()
            assert mechanism
            assert not any(c.isspace() for c in mechanism)
        await dialect.start_tls()

    found, _ = play(runner, [GREETINGS[name], *said] if is_greeted else said, talk)

    if isinstance(found, Exception):
        assert isinstance(found, WireError | StageError)
        assert_tellable(Stage.EHLO, found)
    for offer in offers:
        assert len(offer.extensions) <= MAX_REPLY
        assert all(keyword == keyword.upper() for keyword, _ in offer.extensions)


@fuzz
@given(
    names=st.lists(keywords, unique=True, max_size=40),
    mechanisms=st.lists(keywords, unique=True, min_size=1, max_size=60),
    sign=st.sampled_from([" ", "="]),
    places=st.lists(st.integers(0), max_size=12),
)
def test_every_extension_that_is_listed_is_read(
    runner: asyncio.Runner, names: list[str], mechanisms: list[str], sign: str, places: list[int]
) -> None:
    """Each keyword, and each mechanism in its order, in the old syntax of AUTH as well."""
    words = [name for name in names if not name.startswith("AUTH")]
    lines = ["mail.example.test", *words, f"AUTH{sign}{' '.join(mechanisms)}"]
    reply = "".join(f"250-{line}\r\n" for line in lines[:-1]) + f"250 {lines[-1]}\r\n"

    async def ask(wire: Wire) -> tuple[Offer, tuple[str, ...]]:
        smtp = Smtp(wire, "checker.example.test")
        offer = await smtp.ask()
        return offer, smtp.mechanisms(offer)

    found, _ = play(runner, cut(reply.encode(), places), ask)

    assert not isinstance(found, Exception), found
    offer, listed = found
    assert {name for name, _ in offer.extensions} == {*words, "AUTH"}
    assert listed == tuple(mechanisms)


@settings(max_examples=150, deadline=None)
@given(said=pieces)
def test_any_bytes_in_answer_to_our_hello_are_a_fault(runner: asyncio.Runner, said: Pieces) -> None:
    """No handshake comes of them, and nothing worse either."""

    async def encrypt(wire: Wire) -> None:
        await wire.start_tls(CONTEXT, "mail.example.test")

    found, _ = play(runner, said, encrypt)

    assert isinstance(found, WireError | ssl.SSLError)
    assert_tellable(Stage.TLS, found)


CONTEXT = handshake_context()
