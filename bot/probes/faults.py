"""The one table from what was raised to a code and the words for it.

What can be told apart by a number is told apart by it (errno, the reason constant of OpenSSL, the
DNS response code); English error texts differ between versions and are only ever quoted.
"""

import errno
import os
import ssl
from dataclasses import dataclass
from datetime import timedelta

from bot.model.codes import Code
from bot.model.evidence import Finding, Greeting, Stage
from bot.probes.replies import foreign_protocol
from bot.probes.wire import ClosedError, MalformedError, PlainTextError, WireError, text_of

__all__ = ["EXPECTED", "Fault", "StageError", "fault_of", "quoted", "seconds", "shortened"]

_MAX_QUOTE = 120  # characters of a server's words; a banner is shorter, a flood not worth more
_SHOWN_BYTES = 16  # of what is no text
_NOISE = 0.25  # the part of unreadable characters from which on it is none


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why a stage failed, and what was learned all the same."""

    code: Code
    said: str
    finding: Finding | None = None
    from_here: bool = False
    silent: bool = False
    closed: bool = False


class StageError(Exception):
    """A stage has come to its end with `fault`: a reply that refuses, for instance."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.said)
        self.fault = fault


# What a stage may raise; anything else is a mistake of ours.
EXPECTED = (StageError, WireError, TimeoutError, OSError)

_SILENT = {
    Stage.DNS: Code.DNS_TIMEOUT,
    Stage.TCP: Code.TCP_TIMEOUT,
    Stage.GREETING: Code.GREETING_NONE,
    Stage.TLS: Code.TLS_HANDSHAKE_FAILED,
}
_CLOSED = {Stage.GREETING: Code.GREETING_CLOSED, Stage.TLS: Code.TLS_HANDSHAKE_FAILED}
_MALFORMED = {Stage.GREETING: Code.GREETING_MALFORMED, Stage.TLS: Code.TLS_HANDSHAKE_FAILED}

_AWAITED = {
    Stage.TCP: "no answer to the connection request",
    Stage.GREETING: "no first line",
    Stage.EHLO: "no answer to the request for extensions",
    Stage.STARTTLS: "no answer to the request for encryption",
    Stage.TLS: "no answer to the TLS handshake",
    Stage.AUTH: "no answer to the second request for extensions",
}

_ERRNO = {
    errno.ECONNREFUSED: Code.TCP_REFUSED,
    errno.ETIMEDOUT: Code.TCP_TIMEOUT,
}
# These never left this machine: no rights, no address, no IPv6, no descriptor or port left.
_OWN_ERRNO = frozenset(
    {
        errno.EACCES,
        errno.EPERM,
        errno.EADDRNOTAVAIL,
        errno.EAFNOSUPPORT,
        errno.EMFILE,
        errno.ENFILE,
        errno.ENOBUFS,
        errno.ENOMEM,
    }
)

# Reasons as named by OpenSSL's headers. *_ALERT_* came from the server, the rest is our side's.
_TLS_REASON = {
    "TLSV1_ALERT_PROTOCOL_VERSION": Code.TLS_VERSION_TOO_OLD,
    "UNSUPPORTED_PROTOCOL": Code.TLS_VERSION_TOO_OLD,
    "WRONG_SSL_VERSION": Code.TLS_VERSION_TOO_OLD,
    "VERSION_TOO_LOW": Code.TLS_VERSION_TOO_OLD,
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": Code.TLS_CLIENT_CERTIFICATE_REQUIRED,
    # We send no certificate, so a server that finds it bad misses it (Go before TLS 1.3).
    "SSLV3_ALERT_BAD_CERTIFICATE": Code.TLS_CLIENT_CERTIFICATE_REQUIRED,
}


def quoted(raw: bytes) -> str:
    """The server's words in one short line, for what is said about them; noise as numbers."""
    if _is_noise(raw):
        shown = raw[:_SHOWN_BYTES].hex(" ")
        return f"unreadable bytes {shown}" + ("…" if len(raw) > _SHOWN_BYTES else "")
    return shortened(text_of(raw[: 4 * _MAX_QUOTE]))


def shortened(text: str) -> str:
    """The beginning of `text` in one line."""
    line = " ".join(text.split())
    return line if len(line) <= _MAX_QUOTE else f"{line[:_MAX_QUOTE]}…"


def _is_noise(raw: bytes) -> bool:
    """Whether `raw` is something else than text, be it garbled text."""
    text = raw[:_MAX_QUOTE].decode("utf-8", errors="replace")
    odd = sum(c == "\ufffd" or not (c.isprintable() or c.isspace()) for c in text)
    return odd > _NOISE * len(text)


def seconds(waited: timedelta) -> str:
    """`25 s`, `0.4 s`: as exact as somebody who waits wants to know."""
    return f"{waited.total_seconds():.1f}".removesuffix(".0") + " s"


def fault_of(
    stage: Stage, error: Exception, waited: timedelta, unfinished: bytes | None = None
) -> Fault:
    """What `error`, raised in `stage` after `waited`, says about the server or the way to it.

    `unfinished` is what had come by then of something that is not whole, None if nothing had.
    """
    match error:
        case StageError():
            return error.fault
        case WireError():
            return _of_wire(stage, error, unfinished)
        case ssl.SSLError():
            return _of_tls(error)
        case TimeoutError():
            return _of_silence(stage, waited, unfinished)
        case OSError():
            return _of_system(error)
        case _:
            raise error


def _of_silence(stage: Stage, waited: timedelta, unfinished: bytes | None) -> Fault:
    awaited = _AWAITED.get(stage, "no answer")
    said = f"{awaited} within {seconds(waited)}"
    if unfinished is not None:
        said = f"{said}, only a part of it" + (f": {quoted(unfinished)}" if unfinished else "")
    code = _SILENT.get(stage, Code.SESSION_TIMEOUT)
    return Fault(code=code, said=said, silent=unfinished is None)


def _of_wire(stage: Stage, error: WireError, unfinished: bytes | None) -> Fault:
    said = f"{error}: {quoted(error.received)}" if error.received else str(error)
    match error:
        case ClosedError():
            code = _CLOSED.get(stage, Code.SESSION_CLOSED)
            mute = not error.received and unfinished is None
            return Fault(code=code, said=said, silent=mute, closed=True)
        case PlainTextError():
            if _is_noise(error.received):
                said = f"no TLS came in answer to the TLS handshake: {quoted(error.received)}"
            return Fault(code=Code.TLS_HANDSHAKE_FAILED, said=said, finding=_speaker(error))
        case MalformedError() | _:
            return Fault(code=_MALFORMED.get(stage, Code.SESSION_MALFORMED), said=said)


def _speaker(error: PlainTextError) -> Greeting:
    """Who it is that answered a ClientHello with words of its own; `text` if nobody we know."""
    spoken = foreign_protocol(error.received) or "text"
    return Greeting(code=None, text=quoted(error.received), protocol=spoken)


def _of_tls(error: ssl.SSLError) -> Fault:
    reason = error.reason or "no reason given"
    code = _TLS_REASON.get(reason, Code.TLS_HANDSHAKE_FAILED)
    return Fault(code=code, said=reason.lower().replace("_", " "))


def _of_system(error: OSError) -> Fault:
    number = error.errno or 0
    name = errno.errorcode.get(number, type(error).__name__)
    code = _ERRNO.get(number, Code.TCP_UNREACHABLE)
    return Fault(code=code, said=f"{name}: {os.strerror(number)}", from_here=number in _OWN_ERRNO)
