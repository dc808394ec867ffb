"""Error codes as people and programs write them, normalised.

```
535-5.7.8 Username and Password not accepted      535, 5.7.8
Error 0X800ccc0e, 0x 800CCC0E, 800ccc0e           0x800CCC0E
socket error # 10060                              10060
```
Ports, versions, sizes and counts are no codes, however alike they look.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from bot.model.complaint import SmtpReply
from bot.parsing.context import last_sign, word_before

__all__ = ["FoundCode", "find_codes", "find_replies"]

# The replies of RFC 5321, RFC 4954, RFC 7504 and those that servers in the field add.
_FAILURES = frozenset(
    {
        *(421, 422, 431, 432, 441, 442, 446, 447, 449, 450, 451, 452, 453, 454, 455, 458, 459, 471),
        *(510, 511, 512, 513, 515, 517, 521, 523, 525, 530, 533, 534, 535, 538, 540, 541, 544),
        *(546, 550, 551, 552, 553, 554, 555, 556, 557, 571, 572, 577),
    }
)
# Also HTTP's statuses and round numbers: codes only where somebody calls them so.
_DOUBTFUL = frozenset(range(500, 505))
_WELL_KNOWN = frozenset({421, 530, 535, 550, 552, 553, 554})
_WINSOCK = frozenset({10013, *range(10035, 10039), *range(10047, 10068), *range(11001, 11005)})
_REPLY = re.compile(
    r"(?<![\w.,:/$€£+-])([45]\d\d)(?:[ -]{1,2}\(?#?([45]\.\d{1,3}\.\d{1,3}))?(?![\w/%]|[.,]\d|:\d)"
)
_ENHANCED = re.compile(r"(?<![\w.-])#?([45]\.[0-7]\.\d{1,3})(?![\w-]|\.\d)")
_WINDOWS = re.compile(
    r"(?<![\w.])(?:0[ ]?[xX\u00d7][ ]?([0-9A-Fa-f]{4}[ ]?[0-9A-Fa-f]{4})"
    r"|(80[04][0-9A-Fa-f]{5}))(?!\w)"
)
_FAILED = "8C"  # HRESULTs of failures, and the NTSTATUS of errors, begin so
_NUMBER = re.compile(r"(?<![\w.,-])(1[01]0\d\d)(?![\w]|[.,]\d)")
_CALLING = (
    "error fehler fehlercode fehlernummer fehlermeldung erreur erro errore fout code codes"
    " cod codigo código status dsn smtp esmtp response answer antwort reply replies say says"
    " said sagt saying got get gets getting give gives with mit returned return returns"
    " returning back message exception failed failure rejected number and a an the is was come"
    " comes der die das ein eine un une el o by this then kommt nur just only always"
    " diagnostic bounce bounces ndr service tls server busy avec con com het de in result"
    " report reports received permanent"
)
_CALLED = frozenset(_CALLING.split())
_BLANKS = frozenset(" ")
_OPENING = ":([{\"'#=>\n|-,"
_COUNTED = re.compile(
    r"[ ]{0,2}(?:e-?mails?|mails?|messages?|people|users?|persons?|recipients?|addresses|adresses"
    r"|contacts?|kb|mb|gb|bytes?|ms|s|sec(?:onds?)?|min(?:utes?)?|h|hours?|days?|times?|eur|euros?"
    r"|dollars?|usd|chars?|lines?|empfänger|kunden|leute|nachrichten|personas?|personnes"
    r"|destinat\w*|correos|subscribers?|members?|customers?|clients?|k|x|%)\b"
    r"(?!\.\w)",  # a server's name: mail.example.net
    re.IGNORECASE,
)
_REST = re.compile(r"[^\n\"]{0,300}")


class FoundCode(NamedTuple):
    """A normalised code and where it stands."""

    code: str
    start: int
    end: int


def find_codes(text: str) -> Iterator[FoundCode]:
    """The codes in `text`: replies first, then enhanced, Windows and Winsock ones."""
    replies = _replies(text)
    for reply in replies:
        yield FoundCode(reply[1], reply.start(1), reply.end(1))
        if reply[2]:
            yield FoundCode(reply[2], reply.start(2), reply.end(2))
    for enhanced in _enhanced(text, replies):
        yield FoundCode(enhanced[1], enhanced.start(1), enhanced.end(1))
    for windows in _WINDOWS.finditer(text):
        digits = (windows[1] or windows[2]).replace(" ", "").upper()
        if digits[0] in _FAILED:
            yield FoundCode(f"0x{digits}", windows.start(), windows.end())
    for number in _NUMBER.finditer(text):
        if int(number[1]) in _WINSOCK and not _COUNTED.match(text, number.end()):
            yield FoundCode(number[1], number.start(), number.end())


def find_replies(text: str) -> Iterator[SmtpReply]:
    """The replies in `text`, each with the words that stand behind its codes on the line."""
    replies = _replies(text)
    for reply in replies:
        words = _words_behind(text, reply.end())
        yield SmtpReply(code=int(reply[1]), enhanced=reply[2], text=words)
    for enhanced in _enhanced(text, replies):
        words = _words_behind(text, enhanced.end())
        yield SmtpReply(code=None, enhanced=enhanced[1], text=words)


def _replies(text: str) -> list[re.Match[str]]:
    return [reply for reply in _REPLY.finditer(text) if _is_reply(text, reply)]


def _enhanced(text: str, replies: Iterable[re.Match[str]]) -> Iterator[re.Match[str]]:
    """Enhanced codes that stand alone; those behind a reply belong to it."""
    paired = {reply.end(2) for reply in replies}
    return (
        enhanced
        for enhanced in _ENHANCED.finditer(text)
        if enhanced.end(1) not in paired and not _is_version(text, enhanced.start())
    )


def _words_behind(text: str, at: int) -> str:
    rest = _REST.match(text, at)
    return rest[0].strip(" -:,;)'") if rest else ""


def _is_reply(text: str, reply: re.Match[str]) -> bool:
    """Whether three digits are a reply: by the enhanced code behind them, or by what surrounds."""
    if reply[2]:
        return True
    number = int(reply[1])
    if _COUNTED.match(text, reply.end()):
        return False
    if number in _WELL_KNOWN:
        return True
    sign = last_sign(text, reply.start())
    named = not sign or sign in _OPENING or word_before(text, reply.start()) in _CALLED
    return named and (number in _FAILURES or number in _DOUBTFUL)


def _is_version(text: str, start: int) -> bool:
    """Whether a dotted number stands right behind a word that calls no error: it is a version."""
    word = word_before(text, start, _BLANKS)
    return word[-1:].isalnum() and not word.isdecimal() and word not in _CALLED
