"""What was typed behind `check` → a target, a mailbox, or why it is neither.

```
smtp.example.com            smtp.example.com:587      smtp.example.com 587
[2001:db8::25]:465          2001:db8::25              192.0.2.25:25
smtps://smtp.example.com    rosa@example.com          smtp.example.com:587 starttls
```
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.model.codes import Code
from bot.model.target import Mailbox, Protocol, Security, Target, Unusable
from bot.parsing.hostnames import BadNameError, read_hostname
from bot.parsing.slackmarkup import undo_markup

__all__ = ["parse_target", "parse_target_line"]

# int() would also take full-width digits, "2_5" and "+25".
_PORT = re.compile(r"[0-9]{1,5}", re.ASCII)
_LAST_PORT = 65_535
_HOST_AND_PORT = 2  # words
_LONGEST_STATED = 300  # of a text that is no target, this much is shown back
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]{1,15})://", re.IGNORECASE)
_SCHEMES: dict[str, tuple[Protocol, Security | None, int | None]] = {
    "smtp": (Protocol.SMTP, None, None),
    "smtps": (Protocol.SMTP, Security.TLS, 465),
    "submission": (Protocol.SMTP, None, 587),
    "submissions": (Protocol.SMTP, Security.TLS, 465),
    "imap": (Protocol.IMAP, None, 143),
    "imaps": (Protocol.IMAP, Security.TLS, 993),
    "pop3": (Protocol.POP3, None, 110),
    "pop3s": (Protocol.POP3, Security.TLS, 995),
}
_SECURITY_WORDS: dict[str, Security | None] = {"auto": None} | {
    mode.value: mode for mode in Security
}


def parse_target(words: Sequence[str]) -> Target | Unusable | Mailbox:
    """The server or mailbox that `words` name: one word, or host and port as two. Never raises."""
    typed = " ".join(words)
    text = undo_markup(typed).strip()
    parts = text.split()
    if _CONTROL.search(typed):
        # Resolvers in C cut a name at NUL and look up the half before it.
        return _refused(typed, "a server name has no control characters")
    if not parts:
        return _refused(typed, "name a server, such as smtp.example.com:587")
    if len(parts) > _HOST_AND_PORT:
        return _refused(text, "name one server: smtp.example.com:587 or smtp.example.com 587")
    if "@" in parts[0]:
        return _mailbox(parts, text)
    return _server(parts, text)


def parse_target_line(line: str) -> Target | Unusable | Mailbox:
    """A line `TARGET [security]`; the security word, if there is one, is set in the target."""
    if _CONTROL.search(line):  # before the markup is undone, which takes some of them out
        return parse_target((line,))
    words = undo_markup(line).split()
    if len(words) > 1 and words[-1].lower() in _SECURITY_WORDS:
        target = parse_target(words[:-1])
        if isinstance(target, Target):
            return replace(target, security=_SECURITY_WORDS[words[-1].lower()] or target.security)
        return target
    if len(words) > 1 and not _names_port(words):
        return _no_security(words)
    return parse_target(words)


def _names_port(words: Sequence[str]) -> bool:
    """Whether the last of several words stands where a port does, be it none: `host tlss`."""
    has_port = words[0].count(":") == 1 or "]:" in words[0]
    return len(words) == _HOST_AND_PORT and not has_port


def _no_security(words: Sequence[str]) -> Target | Unusable | Mailbox:
    """A line whose last word should name the encryption; what is wrong before it goes first."""
    target = parse_target(words[:-1])
    if not isinstance(target, Target):
        return parse_target(words)
    word = _shown(words[-1])
    return Unusable(
        code=Code.DNS_INVALID_NAME,
        stated=_shown(" ".join(words)),
        said=f"{word} is no kind of encryption: write one of {', '.join(_SECURITY_WORDS)}",
        host=target.host,
        port=target.port,
        word=word,
    )


def _server(parts: list[str], text: str) -> Target | Unusable:
    """A host with or without port; `parts` are one or two words."""
    scheme = _SCHEME.match(parts[0])
    protocol, security, port = None, None, None
    if scheme:
        if scheme[1].lower() not in _SCHEMES:
            return _refused(text, "write the server's name alone, such as smtp.example.com:587")
        protocol, security, port = _SCHEMES[scheme[1].lower()]
        parts = [parts[0][scheme.end() :].removesuffix("/"), *parts[1:]]
    if any(sign in parts[0] for sign in "/\\?#"):
        return _refused(text, "write the server without a path, such as smtp.example.com:587")
    host, stated_port = _split(parts)
    stated = Target(host="", port=port, protocol=protocol, security=security, stated=_shown(text))
    return _read(host, stated_port, stated)


def _split(parts: list[str]) -> tuple[str, str | None]:
    """Host and port as texts. `[2001:db8::25]:465` has brackets, `2001:db8::25` has no port."""
    first = parts[0]
    behind = parts[1] if len(parts) > 1 else None
    if first.startswith("["):
        host, closed, rest = first[1:].partition("]")
        if closed and not rest:
            return host, behind
        if closed and rest.startswith(":") and behind is None:
            return host, rest[1:]
        return first, behind
    if first.count(":") == 1 and behind is None:
        host, _, port = first.partition(":")
        return host, port
    return first, behind


def _read(host: str, port: str | None, target: Target) -> Target | Unusable:
    """`target` with host and port put in, or the first thing that is wrong with them."""
    name, number, refusal = None, target.port, None
    try:
        name = read_hostname(host)
    except BadNameError as error:
        refusal = (Code.DNS_INVALID_NAME, f"{_shown(host) or 'nothing'} is no server name: {error}")
    if port is not None:
        number = _port(port)
        if number is None:
            said = (
                f"{_shown(port) or 'nothing'} is no port: a port is a number from 1 to {_LAST_PORT}"
            )
            refusal = (Code.POLICY_PORT_NOT_ALLOWED, said)
    if refusal is None and name is not None:
        return replace(target, host=name, port=number)
    code, said = refusal or (Code.DNS_INVALID_NAME, "")
    return Unusable(code=code, stated=target.stated, said=said, host=name, port=number)


def _port(text: str) -> int | None:
    if not _PORT.fullmatch(text):
        return None
    number = int(text)
    return number if 1 <= number <= _LAST_PORT else None


def _mailbox(parts: list[str], text: str) -> Mailbox | Unusable:
    """A mail address. Where it is a user name with a password, neither is shown back."""
    local, _, domain = parts[0].rpartition("@")
    local = local.removeprefix("mailto:").lstrip("<")
    hidden = f"…@{domain}"
    if len(parts) > 1 or not local or any(sign in local for sign in ":/@\\") or ":" in domain:
        return _refused(hidden, "write the server without user name and password")
    try:
        name = read_hostname(domain.rstrip(">"))
    except BadNameError as error:
        return _refused(hidden, f"{_shown(domain) or 'nothing'} is no mail domain: {error}")
    if _is_address(name):  # no domain of mail (RFC 5321 section 4.1.3 puts it into brackets)
        return _refused(hidden, "write the server without user name and password")
    return Mailbox(domain=name, stated=_shown(text))


def _is_address(name: str) -> bool:
    """Whether what `read_hostname` returned is an address literal: no name ends in a number."""
    return ":" in name or name.rpartition(".")[2].isdecimal()


def _refused(text: str, said: str) -> Unusable:
    return Unusable(code=Code.DNS_INVALID_NAME, stated=_shown(text), said=said)


def _shown(text: str) -> str:
    """`text` as it may stand in one line of an answer."""
    shown = _UNPRINTABLE.sub("?", text[: _LONGEST_STATED + 1])
    return shown if len(shown) <= _LONGEST_STATED else shown[:_LONGEST_STATED] + "…"
