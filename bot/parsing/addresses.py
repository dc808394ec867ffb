"""Mail addresses in a text, and which of them is the writer's own.

```
rosa@example.net can't send                          the writer's
550 5.1.1 <tom@example.org>: user unknown            a recipient's
```
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

__all__ = ["MASK", "FoundAddress", "find_addresses", "own_address"]

_SIGN = re.compile(r"@")
MASK = "…"  # stands for a local part that was dropped before the text was stored
_LOCAL = re.compile(rf"(?:[\w.+%-]{{1,64}}|{MASK})\Z")
_LONGEST_LOCAL = 64  # RFC 5321 section 4.5.3.1.1
_USERINFO = re.compile(r"://[^\s/@]{0,200}\Z")
_DOMAIN = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,10}[^\W\d_]{2,24}(?![\w-])")
_URL_HEAD = 220  # characters in which a URL with a user name would have begun
_BEFORE = 48  # characters before an address that may say whose it is
_RECIPIENT = re.compile(
    r"(?:\b(?:to|rcpt to|recipients?|empfänger|an|para|à|aan|messages? for|delivery to|nach|wrote"
    r"|writes? to|mail|address rejected)|\d\.\d{1,3}\.\d{1,3}|\b5\d\d)[\s:=<>\"'(]{0,6}\Z",
    re.IGNORECASE,
)
_OWN = re.compile(
    r"(?:\b(?:from|as|user(?:name)?|account|login|logs? in|my|mailbox|sender|von|de|als|mit|with"
    r"|box|konto|compte|cuenta|conta|avec|con|com|auth)"
    r"|(?:from|user|login|account)\w{0,8}[\"']?\s?[:=]>?)[\s:=<>\"'(]{0,6}\Z",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundAddress:
    """An address in lower case and where it stands; `own` None: nothing says whose it is."""

    address: str
    domain: str
    start: int
    end: int
    own: bool | None


def find_addresses(text: str) -> Iterator[FoundAddress]:
    """The mail addresses in `text`, in order."""
    for sign in _SIGN.finditer(text):
        at = sign.start()
        local = _LOCAL.search(text, max(0, at - _LONGEST_LOCAL), at)
        domain = _DOMAIN.match(text, at + 1)
        if local and domain and not _USERINFO.search(text, max(0, at - _URL_HEAD), at):
            yield FoundAddress(
                address=f"{local[0]}@{domain[0]}".lower(),
                domain=domain[0].lower(),
                start=local.start(),
                end=domain.end(),
                own=_whose(text, local.start(), domain.end()),
            )


def own_address(found: Sequence[FoundAddress]) -> FoundAddress | None:
    """The writer's address: one that is said to be, else the first that is no recipient's."""
    own = [each for each in found if each.own]
    return next(iter(own or [each for each in found if each.own is None]), None)


def _whose(text: str, start: int, end: int) -> bool | None:
    """True: the writer's. False: a recipient's, as in `to=<…>` and `<…>: user unknown`."""
    before = text[max(0, start - _BEFORE) : start]
    if _OWN.search(before):
        return True
    if _RECIPIENT.search(before):
        return False
    if before.endswith("<") and text[end : end + 2] in {">:", "> ", ">."}:
        return False
    if before.endswith("<") and text[end : end + 1] == ">":
        return False
    return None
