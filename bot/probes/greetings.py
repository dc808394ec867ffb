"""Who is it that speaks first? Tells the protocol of a server by its first bytes."""

import asyncio
import contextlib

from bot.model.codes import Code
from bot.model.evidence import Greeting
from bot.probes.dialect import Dialect
from bot.probes.faults import Fault, StageError, quoted
from bot.probes.replies import foreign_protocol, has_first_words, reply_code
from bot.probes.wire import ClosedError, MalformedError, Wire, WireError

__all__ = ["expect_protocol", "greet_within_tls"]

_BINARY = frozenset({"tls", "mysql", "telnet"})
_SHOWN_BYTES = 16

# What is kept of the wait for a greeting, to hear what the farewell is answered with.
_FOR_THE_FAREWELL = 0.5  # seconds
_PART_FOR_THE_FAREWELL = 0.2


async def expect_protocol(wire: Wire, expected: str) -> None:
    """Waits for the first words and leaves them unread; returns if they are those of `expected`.

    Another protocol that is known ends the stage, with a Greeting that names it. Words of no known
    protocol raise MalformedError, except that a doubtful SMTP reply is left to the reply reader.
    """
    try:
        await wire.until(has_first_words)
    except ClosedError as error:
        spoken = foreign_protocol(error.received)
        if spoken is None:
            raise
        raise _mistaken(spoken, error.received) from error
    received = wire.waiting
    spoken = foreign_protocol(received) or _smtp(received)
    if spoken not in {expected, None}:
        raise _mistaken(spoken or "", received)
    if spoken is None and expected != "smtp":
        raise MalformedError("no greeting of a mail server", received)


async def greet_within_tls(wire: Wire, dialect: Dialect, spoken: str, until: float) -> Greeting:
    """The greeting; where none came till the end, the answer to our farewell may say why.

    A web server waits to be asked, and calls our farewell a bad request. On an unencrypted
    connection nothing at all is said: who lets callers wait on purpose would hold it against us.
    """
    left = until - asyncio.get_running_loop().time()
    kept = min(_FOR_THE_FAREWELL, left * _PART_FOR_THE_FAREWELL)
    try:
        async with asyncio.timeout_at(until - kept):
            return await dialect.greet()
    except TimeoutError:
        if wire.unfinished is None:
            with contextlib.suppress(WireError):
                await wire.send(dialect.farewell)
                await expect_protocol(wire, spoken)
        raise


def _smtp(received: bytes) -> str | None:
    line = received.partition(b"\n")[0].removesuffix(b"\r")
    return None if reply_code(line) is None else "smtp"


def _mistaken(spoken: str, received: bytes) -> StageError:
    """SMTP where IMAP or POP3 was expected is the one mistake that `not_smtp` cannot name."""
    line = received.partition(b"\n")[0]
    text = received[:_SHOWN_BYTES].hex(" ") if spoken in _BINARY else quoted(line)
    code = Code.GREETING_MALFORMED if spoken == "smtp" else Code.GREETING_NOT_SMTP
    said = f"{spoken.upper()} answers: {text}"
    greeting = Greeting(code=reply_code(line.rstrip()), text=text, protocol=spoken)
    return StageError(Fault(code=code, said=said, finding=greeting))
