"""What probes saw: one observation for each stage of each attempt, never an opinion.

An *attempt* is one connection: an address, a port, a way to encrypt, and the role it plays in the
check. Its stages run in the order of `Stage`; each leaves one `Seen`, `Failed` or `Skipped`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.model.codes import Code
from bot.model.lookups import Addresses, Exchanges, Services
from bot.model.target import Protocol, Security

__all__ = [
    "Addresses",
    "Attempt",
    "Certificate",
    "CertificateFault",
    "Connected",
    "Evidence",
    "Exchanges",
    "Failed",
    "Finding",
    "Greeting",
    "Observation",
    "Offer",
    "Role",
    "Seen",
    "Services",
    "SignInOffer",
    "Skipped",
    "Stage",
    "StageEvent",
    "StartTls",
    "TlsSession",
]


class Stage(StrEnum):
    """A step of a check, in the order in which they happen."""

    DISCOVER = "discover"
    DNS = "dns"
    TCP = "tcp"
    GREETING = "greeting"
    EHLO = "ehlo"
    STARTTLS = "starttls"
    TLS = "tls"
    CERTIFICATE = "certificate"
    AUTH = "auth"
    SEND = "send"


class Role(StrEnum):
    """Why an attempt is made."""

    STATED = "stated"  # what the person named
    OTHER_MODE = "other_mode"  # the same port, encrypted the other way
    OTHER_PORT = "other_port"  # another submission port of the same host
    OTHER_HOST = "other_host"  # a server that was probably meant, or another that may do


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One connection to one address. `security` None: take what the server offers.

    `host` is the name that is dialled, where it is not the target's own. An attempt without an
    address stands for the look-up of that name.
    """

    role: Role
    address: str
    port: int
    protocol: Protocol
    security: Security | None
    host: str | None = None

    @property
    def is_look_up(self) -> bool:
        """Whether nothing is dialled: the addresses of `host` are asked for."""
        return not self.address


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """The TCP handshake was completed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Greeting:
    """The first reply. `protocol` is what its form gives away: smtp, imap, pop3, http, ssh or ftp.

    `code` is None where the protocol has no reply codes.
    """

    code: int | None
    text: str
    protocol: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """The extensions that an EHLO (or CAPABILITY, CAPA) reply lists: keyword and parameters.

    `verb` is HELO where EHLO was `refused` with those words.
    """

    extensions: tuple[tuple[str, str], ...]
    verb: str = "EHLO"
    refused: str = ""

    def names(self, keyword: str) -> bool:
        """Whether `keyword` is among the extensions."""
        return any(name == keyword.upper() for name, _ in self.extensions)


@dataclass(frozen=True, slots=True, kw_only=True)
class StartTls:
    """The server agreed to STARTTLS."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsSession:
    """A handshake that was completed, without regard to trust."""

    version: str
    cipher: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFault:
    """One thing that is wrong with a certificate, in the words of what was compared.

    `when` is the date that it turns on, `about` the authority whose certificate it is about (empty:
    the server's own), `objection` why a chain is not accepted although its issuers are known.
    `inferred` marks what was concluded from names and not shown.
    """

    code: Code
    said: str
    when: datetime | None = None
    about: str = ""
    objection: str = ""
    inferred: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """The server's own certificate, all its faults, and how many certificates were sent.

    `omitted` counts further names. `issuer_name` is what a person calls the issuer; `authorities`
    are the organisations and common names of everybody who vouches, the issuer's own first.
    """

    names: tuple[str, ...]
    subject: str
    issuer: str
    not_before: datetime
    not_after: datetime
    chain_length: int
    trust_store: str
    faults: tuple[CertificateFault, ...] = ()
    omitted: int = 0
    issuer_name: str = ""
    authorities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInOffer:
    """AUTH mechanisms in upper case, as offered before and after encryption (RFC 4954)."""

    before_tls: tuple[str, ...]
    after_tls: tuple[str, ...]
    encrypted: bool


Finding = (
    Addresses
    | Connected
    | Greeting
    | Offer
    | StartTls
    | TlsSession
    | Certificate
    | SignInOffer
    | Services
    | Exchanges
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A stage that went as it should. `attempt` is None for stages before a connection."""

    stage: Stage
    attempt: Attempt | None
    finding: Finding
    at: datetime
    took: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A stage that did not. `code` is the direct fact of the wire, `said` the words that came.

    `finding` keeps what was learned all the same: the certificate that has faults, the greeting
    that refuses. `from_here` marks a failure of this machine's own network, no fault of theirs;
    `silent` one where not a byte came, till the time was over or the connection was; `closed` one
    where the other side hung up.
    """

    stage: Stage
    attempt: Attempt | None
    code: Code
    said: str
    at: datetime
    took: timedelta
    finding: Finding | None = None
    from_here: bool = False
    silent: bool = False
    closed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A stage that did not run, and why; never to be read as a failure."""

    stage: Stage
    attempt: Attempt | None
    because: str


Observation = Seen | Failed | Skipped


@dataclass(frozen=True, slots=True, kw_only=True)
class StageEvent:
    """A stage has ended, for whoever shows progress. `elapsed` counts from the check's start."""

    observation: Observation
    elapsed: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All observations of a check in the order in which they were made, and from where.

    `age` is how long ago the check ended when it was handed to whoever asked; zero for a check
    that was made for them. `ports` are those that came into question, in the order of preference.
    """

    observations: tuple[Observation, ...] = ()
    vantage: str = "here"
    started: datetime | None = None
    took: timedelta = timedelta()
    age: timedelta = timedelta()
    ports: tuple[int, ...] = ()

    def plus(self, *observations: Observation) -> "Evidence":
        """The evidence with `observations` added at the end."""
        return replace(self, observations=self.observations + observations)

    def rank(self, port: int) -> int:
        """The place of `port` in the order of preference, last for one that has none."""
        return self.ports.index(port) if port in self.ports else len(self.ports)

    def attempts(self) -> tuple[Attempt, ...]:
        """The attempts in the order of their first observation."""
        found = (seen.attempt for seen in self.observations if seen.attempt is not None)
        return tuple(dict.fromkeys(found))

    def of(self, attempt: Attempt | None) -> tuple[Observation, ...]:
        """The observations of one attempt; with None those made before any connection."""
        return tuple(seen for seen in self.observations if seen.attempt == attempt)

    def failures(self) -> Iterator[Failed]:
        """The stages that failed, in order."""
        return (seen for seen in self.observations if isinstance(seen, Failed))
