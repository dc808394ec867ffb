"""Replies of SMTP, and what other protocols give away in their first bytes.

```
220-mx.example.com ESMTP      a reply of several lines (RFC 5321 section 4.2.1): the same code
220 ready                     in each, a hyphen in all but the last
```
"""

import re
from dataclasses import dataclass

from bot.probes.wire import MalformedError, Wire, text_of

__all__ = ["Reply", "foreign_protocol", "has_first_words", "read_reply", "reply_code"]

MAX_REPLY = 32_768  # bytes; what aiosmtplib allows too
MAX_LINES = 128  # of one reply; an EHLO reply has about a dozen

# RFC 5321 section 4.2: three digits, the first 2 to 5. Stricter than int(), which takes "+22".
_REPLY_LINE = re.compile(rb"([2-5][0-9]{2})(?:([ -])(.*))?", re.DOTALL)

_TLS_RECORDS = (b"\x15\x03", b"\x16\x03")  # an alert or a handshake, RFC 8446 section 5.1
_MYSQL_SERVER = re.compile(rb".{2}\x00\x00[\x0a\xff]", re.DOTALL)  # length, sequence 0, version 10
_TELNET = re.compile(rb"\xff[\xfb-\xfe]")  # IAC and WILL, WON'T, DO or DON'T (RFC 854)
_FIRST_WORDS = (
    ("imap", re.compile(rb"\* (?:OK|PREAUTH|BYE)\b", re.IGNORECASE)),
    ("pop3", re.compile(rb"\+OK\b|-ERR\b")),
    ("http", re.compile(rb"HTTP/|<!doctype|<html|<\?xml", re.IGNORECASE)),
    ("ssh", re.compile(rb"SSH-")),
    # RFC 3977 section 5.1.1 gives a news server these two codes, which SMTP never greets with.
    ("nntp", re.compile(rb"20[01][ -].*(?:nntp|nnrp|news|posting)", re.IGNORECASE)),
    ("managesieve", re.compile(rb'"IMPLEMENTATION"', re.IGNORECASE)),  # RFC 5804 section 1.8
    ("vnc", re.compile(rb"RFB \d{3}\.\d{3}\n")),  # RFC 6143 section 7.1.1
    ("rsync", re.compile(rb"@RSYNCD:")),
    ("irc", re.compile(rb":\S+ NOTICE |NOTICE AUTH ")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A reply of one or more lines; `lines` hold the text behind the code."""

    code: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The text in one piece, a line of its own for each line."""
        return "\n".join(self.lines)

    @property
    def said(self) -> str:
        """The reply as evidence: code and text on one line."""
        return " ".join((str(self.code), *self.lines)).strip()


def reply_code(line: bytes) -> int | None:
    """The code that `line` starts with; None if it is no line of an SMTP reply."""
    found = _REPLY_LINE.fullmatch(line)
    return int(found[1]) if found else None


async def read_reply(wire: Wire) -> Reply:
    """The next reply. ClosedError if it never ends, MalformedError if it breaks the rules."""
    codes: set[bytes] = set()
    lines: list[str] = []
    size = 0
    while True:
        raw = await wire.line()
        size += len(raw)
        found = _REPLY_LINE.fullmatch(raw)
        if found is None:
            raise MalformedError("not a line of a reply", raw)
        codes.add(found[1])
        lines.append(text_of(found[3] or b""))
        if len(codes) > 1:
            raise MalformedError("a reply whose lines carry different codes", raw)
        if len(lines) > MAX_LINES or size > MAX_REPLY:
            raise MalformedError("a reply that does not end", raw)
        if found[2] == b"-" and len(lines) == 1:
            wire.begun = raw
        elif found[2] != b"-":
            wire.begun = b""
            return Reply(code=int(found[1]), lines=tuple(lines))


def has_first_words(received: bytes | bytearray) -> bool:
    """Whether enough has come to tell the protocol; binary ones never send an end of line."""
    return b"\n" in received or _is_binary(received) is not None


def foreign_protocol(received: bytes) -> str | None:
    """The protocol that the first bytes belong to, None where they may be SMTP or are unknown.

    FTP is not told apart here: it greets with 220 as well.
    """
    start = received.lstrip()  # a web server's error page may begin with an empty line
    return _is_binary(received) or next(
        (name for name, words in _FIRST_WORDS if words.match(start)), None
    )


def _is_binary(received: bytes | bytearray) -> str | None:
    if received.startswith(_TLS_RECORDS):
        return "tls"
    if _TELNET.match(received):
        return "telnet"
    return "mysql" if _MYSQL_SERVER.match(received) else None
