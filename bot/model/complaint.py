"""What was said, as parsed; never what we think of it."""

from dataclasses import dataclass
from enum import StrEnum

from bot.model.target import Security

__all__ = ["Complaint", "Intent", "Secret", "SmtpReply"]


class Intent(StrEnum):
    """What the writer wants or reports; the vocabulary of the contract."""

    CANNOT_SEND = "cannot_send"
    STUCK_IN_OUTBOX = "stuck_in_outbox"
    SERVER_NOT_RESPONDING = "server_not_responding"
    CONNECTION_REFUSED = "connection_refused"
    AUTH_FAILED = "auth_failed"
    TLS_ERROR = "tls_error"
    CERTIFICATE_WARNING = "certificate_warning"
    RELAY_DENIED = "relay_denied"
    BOUNCED = "bounced"
    MARKED_AS_SPAM = "marked_as_spam"
    MESSAGE_TOO_LARGE = "message_too_large"
    RATE_LIMITED = "rate_limited"
    CANNOT_RECEIVE = "cannot_receive"
    SETTINGS_QUESTION = "settings_question"
    CONCEPT_QUESTION = "concept_question"
    CANNOT_RESOLVE_HOST = "cannot_resolve_host"
    PORT_BLOCKED = "port_blocked"
    RESOLVED = "resolved"
    NOT_RESOLVED = "not_resolved"
    GREETING = "greeting"
    OFF_TOPIC = "off_topic"
    THANKS = "thanks"
    HUMAN_WANTED = "human_wanted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """A secret that was in the text and has been dropped: its kind and length, nothing else."""

    kind: str
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpReply:
    """A reply that was quoted: RFC 5321 code, RFC 3463 enhanced code, the words behind them."""

    code: int | None
    enhanced: str | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """A message as read. Fields hold only what the text states; None or empty means unsaid.

    `text` is the redacted copy. `address` is the writer's own mail address and lives in memory
    only: what is stored has `domain` alone. `provider` and `client` are ids of the knowledge.
    `codes` are normalised (`535`, `5.7.8`, `0x800CCC0E`, `10060`). `lang` is two letters.
    """

    text: str
    intent: Intent = Intent.OFF_TOPIC
    host: str | None = None
    port: int | None = None
    address: str | None = None
    domain: str | None = None
    provider: str | None = None
    client: str | None = None
    security: Security | None = None
    codes: tuple[str, ...] = ()
    replies: tuple[SmtpReply, ...] = ()
    secrets: tuple[Secret, ...] = ()
    lang: str = "en"
    because: tuple[tuple[str, str], ...] = ()  # (what was concluded, the phrase that spoke for it)
