"""What is to be checked: a host, a port, and how it is to be encrypted."""

from dataclasses import dataclass
from enum import StrEnum

from bot.model.codes import Code

__all__ = [
    "MAIL_PORTS",
    "Mailbox",
    "Protocol",
    "Security",
    "Setting",
    "Target",
    "Unusable",
    "implied_by",
]


class Security(StrEnum):
    """When encryption starts: RFC 8314 calls `TLS` implicit TLS; `STARTTLS` is RFC 3207."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


class Protocol(StrEnum):
    """The protocol that the server is expected to speak."""

    SMTP = "smtp"
    IMAP = "imap"
    POP3 = "pop3"


# Registered uses of the mail ports (RFC 8314 section 7, RFC 6409 section 3.1). 2525 is custom.
MAIL_PORTS: dict[int, tuple[Protocol, Security]] = {
    25: (Protocol.SMTP, Security.STARTTLS),
    465: (Protocol.SMTP, Security.TLS),
    587: (Protocol.SMTP, Security.STARTTLS),
    2525: (Protocol.SMTP, Security.STARTTLS),
    110: (Protocol.POP3, Security.STARTTLS),
    995: (Protocol.POP3, Security.TLS),
    143: (Protocol.IMAP, Security.STARTTLS),
    993: (Protocol.IMAP, Security.TLS),
}


def implied_by(port: int) -> tuple[Protocol, Security] | None:
    """The protocol and security that `port` is registered for; None for any other port."""
    return MAIL_PORTS.get(port)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A server as stated, readable and not yet looked at.

    `host` is ASCII and lower case without a final dot, or an address literal without brackets.
    `port` None: the usual submission ports are tried. `security` or `protocol` None: not stated.
    """

    host: str
    port: int | None = None
    security: Security | None = None
    protocol: Protocol | None = None
    stated: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unusable:
    """A stated target that is refused before any packet leaves.

    `code` is a `policy.*` code or `dns.invalid_name`; what could not be read is None. `word` stands
    where the encryption is named and is no kind of it.
    """

    code: Code
    stated: str
    said: str
    host: str | None = None
    port: int | None = None
    word: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """A mail address that was given in place of a server; its local part is not kept."""

    domain: str
    stated: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A host, port and security that could be entered into a mail program."""

    host: str
    port: int
    security: Security
