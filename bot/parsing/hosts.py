"""The mail servers that a text names, each with the port that was written to it.

```
smtp.example.net:587                       connect to mx.example.net[192.0.2.7]:25: timed out
Host = "mail.example.net"                  getaddrinfo ENOTFOUND smtp.example.net
[2001:db8::25]:465                         Sending server (SMTP) box.example.net
```
A web page, a file, a class of a program and the domain of an address have dots as well. A name is
a server where it is called one, is made like one, or has a port.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from bot.parsing.addresses import FoundAddress
from bot.parsing.hostnames import BadNameError, read_hostname

__all__ = ["FoundHost", "find_hosts", "stated_host"]

_RUN = re.compile(r"[\w.-]+")
_IPV6 = re.compile(r"\[([0-9A-Fa-f:.]{3,45})\]|(?<![\w:.])([0-9A-Fa-f:]{2,39}[0-9A-Fa-f])(?![\w:])")
_LITERAL_BEHIND = re.compile(r"\[([0-9A-Fa-f:.]{3,45})\]")
_PORT = re.compile(r":([0-9]{1,5})(?![\w.])")
_PORT_CALLED = re.compile(
    r"[\s,;(]{1,3}(?:on\s|at\s)?port\W{0,3}[0-9]{2,5}(?![\w.])", re.IGNORECASE
)
_PORT_BEHIND = re.compile(  # 25, 110 and 143 also count things, so nothing may follow them
    r"[\s,;(]{1,3}(?:(?:on|at|via|auf|sur|en)\s)?"
    r"(?:465|587|993|995|2525|2587|(?:25|110|143)(?=\s{0,3}(?:[,;!?)\n]|\.?\s{0,3}\Z)))"
    r"(?![\w%]|[.,:-]\d)"
)
_BEFORE = 48  # characters before a name that may call it a server
_SETTING = re.compile(
    r"(?:host|server|addr|smtp|imap|pop3?|relay|domain|servidor|serveur)\w{0,12}[\"'\])]{0,3}\s{0,3}"
    r"(?:=>|:=|=|:)\s{0,3}[\"'(]?\Z",
    re.IGNORECASE,
)
_CALLED = re.compile(
    r"(?:\b(?:host|hostname|mailhost|server|servidor|serveur|servern|postausgang|postausgangsserver"
    r"|relay|relayhost|smarthost|outgoing|address|connect(?:ing|ion)?\s(?:to|with)|\s-connect|telnet"
    r"|nslookup|ping|dig|enotfound|eai_again|getaddrinfo|look(?:ing)?\s?up|resolv\w{1,4}|\s-s"
    r"|(?:smtp|imap|pop3?)[\s-]server|smtp|imap|pop3?"
    r"|(?:server|host|relay)\s(?:is\s)?(?:is|name|named|called|ist|namens|heißt|est|es)"
    r"|(?:cert|certs|certificates?|zertifikat\w{0,2}|certificat|certificado|certificato|certificaat)"
    r"\s(?:of|for|from|on|at|von|vom|für|de|du|pour|do|da|di|del|van|voor)"
    r"(?:\s(?:the|our|my))?(?:\s(?:server|host))?)|peeraddr=)[\s:=(\"')>]{0,4}\Z",
    re.IGNORECASE,
)
_LEADING = re.compile(
    r"(?:\b(?:to|at|on|with|via|through|using|use|for|from|over|über|mit|von|bei|auf|avec|sur|con|en|com|by"
    r"|the|is|or|oder|and))[\s:=(\"']{1,3}\Z",
    re.IGNORECASE,
)
_UNRESOLVED = re.compile(r"(?:ENOTFOUND|EAI_AGAIN)\s([A-Za-z0-9][\w-]{0,62})(?=[\s:\"']|\Z)")
_LOCAL = re.compile(r"(?<![\w.@-])localhost(?![\w-]|\.\w)", re.IGNORECASE)
_MADE_LIKE = re.compile(
    r"smtp|mail|imap|pop|mx|relay|exch|submi|outgoing|outbound|ausgang|send|sortie|salida|mta|^ex\d*$"
    r"|^out\d*$|^in\d*$"
)
_RECEIVING = re.compile(r"(?:^|[.-])mx|smtp-in|inbound|protection")
_INCOMING = re.compile(r"imap|pop3?(?![a-z])|inbound|incoming|posteingang")
_WITHIN = ("@", "/", "\\", "$", "::", "->")  # a name behind these is a part of something longer
_MAIL_URL = re.compile(
    r"(?:smtps?|submissions?|ssl|tls|imaps?|pop3s?)://"
    r"(?:[^\s/]{0,80}(?:\[[a-z ]{3,12} removed\])?@)?\Z",
    re.IGNORECASE,
)
_WEB = re.compile(r"(?:https?|ftp)://[^\s]{0,400}\Z", re.IGNORECASE)
_SUBJECT_NAME = re.compile(r"(?:DNS:\*?\.?|CN\s?=\s?\*?\.?)\Z")
_FILE_ENDS = (
    "php py js ts json xml yml yaml conf cfg cf ini txt log exe dll app html htm java class sh pst"
    " ost eml msg env pdf doc docx md rb go cs jar plist service toml key pem"
)
_FILES = frozenset(_FILE_ENDS.split())
_PACKAGE_WORDS = (
    "javax java system microsoft org com net io os self process this config app settings www"
)
_PACKAGES = frozenset(_PACKAGE_WORDS.split())
_PROGRAMS = frozenset({"asp.net", "vb.net", "ado.net", "socket.io", "next.js", "node.js"})
_AROUND = " \t\n.,;:!?\"'()<>"  # what may stand around a name that is all of a message
_SHORT_DOMAIN = 4  # letters
_IPV4_PARTS = 4
_DOMAIN_PARTS = 2
_LAST_PORT = 65_535
_URL = 400  # characters of a web address before a name in it
_NAME_PARTS = 3  # mail.example.net; a name of two is the domain of addresses as well
_SURE = 2  # less than this is a name that somebody merely mentions


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundHost:
    """A server as stated. `weight` says how sure it is that a server is meant."""

    host: str
    start: int
    end: int
    weight: int
    port: int | None = None

    @property
    def takes_in(self) -> bool:
        """Whether its name is made like that of an MX, which takes in mail for its own domain."""
        return bool(_RECEIVING.search(self.host))

    @property
    def incoming(self) -> bool:
        """Whether its name says that it is for fetching mail."""
        return bool(_INCOMING.search(self.host))


def stated_host(found: Sequence[FoundHost], *, receiving: bool) -> FoundHost | None:
    """The server in trouble: the surest; of equal ones a server of that direction, the first."""
    likely = [host for host in found if host.weight >= _SURE]
    if not likely:
        return None
    return max(likely, key=lambda host: (host.incoming == receiving, host.weight, -host.start))


def find_hosts(
    text: str,
    addresses: Sequence[FoundAddress],
    is_known: Callable[[str], bool],
    is_domain: Callable[[str], bool],
) -> Iterator[FoundHost]:
    """The servers in `text`, in no order.

    `is_known` says whether a provider has that server, `is_domain` whether it is but a provider's
    domain, as `gmail.com` is.
    """
    taken = {place for each in addresses for place in range(each.start, each.end)}
    for run in _RUN.finditer(text):
        if "." in run[0] and run.start() not in taken and run.end() - 1 not in taken:
            for host in _named(text, run, is_known):
                bare = host.port is None and host.weight < _SURE and not is_domain(host.host)
                yield _in_place(text, host) if bare else host
    for literal in _IPV6.finditer(text):
        yield from _literal(text, literal)
    for pattern in (_UNRESOLVED, _LOCAL):
        for single in pattern.finditer(text):
            yield from _single(text, single, pattern is _UNRESOLVED)


def _named(text: str, run: re.Match[str], is_known: Callable[[str], bool]) -> Iterator[FoundHost]:
    """The server that a run of letters and dots is, if it is one."""
    word = run[0].strip(".-_")
    start = run.start() + run[0].index(word) if word else run.start()
    end = start + len(word)
    host = _readable(word)
    if host is None or host in _PROGRAMS or _is_elsewhere(text, start, end):
        return
    port, port_end = _port_behind(text, end)
    weight = _weight(text, start, end, host) + (3 if port else 0) + (2 if is_known(host) else 0)
    yield FoundHost(host=host, start=start, end=port_end, weight=weight, port=port)


def _in_place(text: str, host: FoundHost) -> FoundHost:
    """`host` as sure as its place makes it: a mail port behind it, or nothing else in the text."""
    alone = text.strip(_AROUND).lower() == text[host.start : host.end].lower()
    if alone or _PORT_BEHIND.match(text, host.end):
        return replace(host, weight=_SURE + 1)
    return host


def _readable(word: str) -> str | None:
    """`word` as a host name, if it can be one and is no file, version or class of a program."""
    labels = word.split(".")
    if len(labels) == _IPV4_PARTS and all(label.isdecimal() for label in labels):
        return _ipv4(word)
    if not _has_domain(labels) or any(_is_camel(label) for label in labels):
        return None
    try:
        host = read_hostname(word)
    except BadNameError:
        return None
    # Letters of another script stay recognisable as xn--; what became plain ASCII was disguised.
    return host if word.isascii() or "xn--" in host else None


def _has_domain(labels: Sequence[str]) -> bool:
    """Whether the last label can be a top-level domain, and the first is no package's."""
    last = labels[-1].lower()
    is_file = len(labels) == _DOMAIN_PARTS and last in _FILES
    is_word = (last.isalpha() and len(last) > 1) or last.startswith("xn--")
    if labels[-1].istitle() and len(last) > _SHORT_DOMAIN:
        return False  # Smtp.Client.Connection is a class; Smtp.Example.Net a telephone's spelling
    is_path = len(labels) >= _DOMAIN_PARTS and labels[0].lower() not in _PACKAGES
    return is_word and is_path and not is_file


def _is_camel(label: str) -> bool:
    """Whether capitals stand within, as in names that programmers give: `SmtpClient`."""
    return not label.isupper() and any(sign.isupper() for sign in label[1:]) and not label.istitle()


def _ipv4(word: str) -> str | None:
    try:
        return str(IPv4Address(word))
    except AddressValueError:
        return None


def _is_elsewhere(text: str, start: int, end: int) -> bool:
    """Whether the name belongs to a web address, a certificate, a path or a call."""
    before = text[max(0, start - _BEFORE) : start]
    behind = text[end : end + 1]
    url = text[max(0, start - _URL) : start]
    if before.endswith(_WITHIN) and not _MAIL_URL.search(url):
        return True
    goes_on = behind in {"@", "(", "/"} and not text.startswith("/ ", end)
    bracketed = before.endswith("[") and behind == "]"
    return goes_on or bracketed or bool(_SUBJECT_NAME.search(before)) or bool(_WEB.search(url))


def _port_behind(text: str, end: int) -> tuple[int | None, int]:
    """The port written to a name that ends at `end`, perhaps behind its address in brackets."""
    literal = _LITERAL_BEHIND.match(text, end)
    end = literal.end() if literal else end
    port = _PORT.match(text, end)
    if port and 1 <= int(port[1]) <= _LAST_PORT:
        return int(port[1]), port.end()
    return None, end


def _weight(text: str, start: int, end: int, host: str) -> int:
    before = text[max(0, start - _BEFORE) : start]
    labels = host.split(".")
    is_name = not labels[-1].isdecimal()
    weight = 0
    if _SETTING.search(before):
        weight += 3
    elif _CALLED.search(before):
        weight += 2
    elif is_name and len(labels) >= _NAME_PARTS and _LEADING.search(before):
        weight += 1
    if is_name and any(_MADE_LIKE.search(part) for part in labels[:-2]):
        weight += 2
    if _LITERAL_BEHIND.match(text, end) or _PORT_CALLED.match(text, end):
        weight += 2
    return weight + (1 if is_name and weight else 0)


def _literal(text: str, literal: re.Match[str]) -> Iterator[FoundHost]:
    """An IPv6 address with a port, or called a server; that of a name before it is the name's."""
    try:
        host = str(IPv6Address(literal[1] or literal[2]))
    except AddressValueError:
        return
    before = text[max(0, literal.start() - _BEFORE) : literal.start()]
    if before[-1:].isalnum() or host == "::":
        return
    port, end = _port_behind(text, literal.end())
    weight = 3 if port else 2 if _CALLED.search(before) or _SETTING.search(before) else 0
    yield FoundHost(host=host, start=literal.start(), end=end, weight=weight, port=port)


def _single(text: str, single: re.Match[str], unresolved: bool) -> Iterator[FoundHost]:
    """A name without dots: one that could not be resolved, or localhost that is called a server."""
    start, end = single.span(1 if unresolved else 0)
    port, port_end = _port_behind(text, end)
    before = text[max(0, start - _BEFORE) : start]
    named = _SETTING.search(before) or _CALLED.search(before)
    called = unresolved or named or _PORT_CALLED.match(text, end)
    weight = (2 if called else 0) + (3 if port else 0)
    yield FoundHost(
        host=text[start:end].lower(), start=start, end=port_end, weight=weight, port=port
    )
