"""The ports that a text names, apart from all the other numbers in it.

```
port 587    Port: 25    SMTP_PORT=465    'mail_smtpport' => '25'    smtp.example.net (465)
587 did the trick    telnet to 25    blocks 25 and 465              587 people, 25 MB, v2.5.25
```
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.model.target import MAIL_PORTS, Protocol
from bot.parsing.context import last_sign, word_before
from bot.parsing.hosts import FoundHost

__all__ = ["FoundPort", "find_ports", "stated_port"]

_NUMBER = re.compile(r"(?<![\w.,$€£#@+-])(?<![0-9:]:)([0-9]{2,5})(?![\w%]|[.,:][0-9]|-[0-9])")
_LAST_PORT = 65_535
_BEFORE = 40
_SETTING = re.compile(
    r"(?:port|porta|puerto)\w{0,8}[\"'\])]{0,3}\s{0,3}(?:=>|:=|=|:|is|ist|auf|est|es|é)?\s{0,3}[\"'(]?\Z",
    re.IGNORECASE,
)
_LEADING_WORDS = (
    "on to at via over through using use used tried with auf über mit an sur vers avec en por na"
    " con op shut shuts block blocks blocked blocking close closes closed filter filters open opens"
    " opened into from of or oder and und y et e ou o nor than not just only instead smtp imap pop"
    " pop3 ssl tls starttls insists says"
)
_LEADING = frozenset(_LEADING_WORDS.split())
_GROUP = 8  # digits and a blank
_GROUP_BEHIND = re.compile(r" ([0-9]{2,6})(?![\w:.])")
_GROUP_BEFORE = re.compile(r"(?<![\w.:])([0-9]{2,6}) \Z")
_LISTED = frozenset(",/(+&>")  # `25, 465/587 (2525`, `-> 25`
_BLANKS = frozenset(" \t\n\"'")
_COUNTED = re.compile(
    r"\s{0,2}(?:e-?mails?|mails?|messages?|people|users?|persons?|recipients?|address\w*|adress\w*"
    r"|contacts?|[kmg]b|bytes?|ms|s|sec\w*|min\w*|h|hours?|days?|weeks?|months?|years?|yrs?"
    r"|times?(?! out)"
    r"|eur\w*|dollars?|usd|chars?|char\w*|lines?|accounts?|empf\w*|kunden|leute|nachrichten"
    r"|person\w*|destinat\w*|correos|subscribers?|members?|customers?|clients?|k|x|%|minut\w*"
    r"|stunden|tage|heures?|jours?|horas?|dias?|días?|other|different|of them)\b(?!\.\w)",
    re.IGNORECASE,
)
_INTO = frozenset({"into", "to", "auf", "en", "a", "in"})
# Numbers that mean a mail port wherever they stand alone; 25, 110 and 143 also count things.
_TELLING = frozenset({465, 587, 993, 995, 2525, 2587})
_MAIL = frozenset(MAIL_PORTS) | _TELLING | {26}
_FETCHING = frozenset(
    port for port, (protocol, _) in MAIL_PORTS.items() if protocol != Protocol.SMTP
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPort:
    """A port as stated. `named`: it was called a port, or stands behind a host and a colon."""

    port: int
    start: int
    named: bool
    into: bool = False

    @property
    def fetching(self) -> bool:
        """Whether the port is one for IMAP or POP3."""
        return self.port in _FETCHING


def find_ports(text: str, hosts: Sequence[FoundHost]) -> Iterator[FoundPort]:
    """The ports in `text`, in order."""
    found = [
        FoundPort(port=host.port, start=host.end, named=True)
        for host in hosts
        if host.port is not None
    ]
    taken = {place for host in hosts for place in range(host.start, host.end)}
    ends = {host.end for host in hosts if host.port is None}
    for number in _NUMBER.finditer(text):
        if number.start() not in taken:
            found += _port(text, number, behind_host=_host_ends(text, number.start()) in ends)
    yield from sorted(found, key=lambda port: port.start)


def _host_ends(text: str, at: int) -> int:
    """Where the word ends that stands before `at` with nothing but blanks between."""
    while at > 0 and text[at - 1] in " \t":
        at -= 1
    return at


def _port(text: str, number: re.Match[str], *, behind_host: bool) -> list[FoundPort]:
    """The port that a number is: by the word before it, or by being a mail port in such a place."""
    port = int(number[1])
    start, end = number.span(1)
    named = bool(_SETTING.search(text[max(0, start - _BEFORE) : start]))
    if not 1 <= port <= _LAST_PORT or (not named and _COUNTED.match(text, end)):
        return []
    word = word_before(text, start, _BLANKS)
    beside = behind_host and port in _MAIL and not _is_grouped(text, number)
    if not named and not beside and not _is_telling(text, number, word):
        return []
    return [FoundPort(port=port, start=start, named=named, into=word in _INTO)]


def _is_telling(text: str, number: re.Match[str], word: str) -> bool:
    """Whether a bare number means a port: by itself, by the word before it, or standing alone."""
    port = int(number[1])
    if port not in _MAIL or _is_grouped(text, number):
        return False
    if port in _TELLING:
        return True
    alone = len(text) < _BEFORE and text.strip(" .!?\n") == number[1]
    return alone or word in _LEADING or last_sign(text, number.start()) in _LISTED


def _is_grouped(text: str, number: re.Match[str]) -> bool:
    """Whether a number is one group of a longer one, as in a telephone number."""
    behind = _GROUP_BEHIND.match(text, number.end())
    before = _GROUP_BEFORE.search(text, max(0, number.start() - _GROUP), number.start())
    return any(group and int(group[1]) not in _MAIL for group in (behind, before))


def stated_port(
    found: Sequence[FoundPort], host: FoundHost | None, *, receiving: bool, works: bool
) -> int | None:
    """The port in trouble: the host's own, else the first of that direction.

    Where success is reported (`works`) it is the one that was changed to, else the last.
    """
    if host is not None and host.port is not None:
        return host.port
    fitting = [port for port in found if port.fetching == receiving] or list(found)
    if not fitting:
        return None
    if works:
        return next((port.port for port in fitting if port.into), fitting[-1].port)
    return next((port.port for port in fitting if port.named), fitting[0].port)
