"""The one vocabulary of causes, as the contract lists it, and how severe each is."""

from enum import StrEnum

__all__ = [
    "CERTIFICATE_CODES",
    "RELAY_PORT",
    "Code",
    "Severity",
    "group_of",
    "severity_of",
]


class Severity(StrEnum):
    """How bad a finding is; `UNKNOWN` means that nobody could tell, which is no fault."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"
    UNKNOWN = "unknown"


class Code(StrEnum):
    """One cause or fact; the part before the dot is its group."""

    OK = "ok"
    UNKNOWN = "unknown"
    # name: the answer of DNS, or a text that is no name at all
    DNS_INVALID_NAME = "dns.invalid_name"
    DNS_NXDOMAIN = "dns.nxdomain"
    DNS_NO_ADDRESS = "dns.no_address"
    DNS_SERVFAIL = "dns.servfail"
    DNS_TIMEOUT = "dns.timeout"
    # policy: we refused to look, no packet was sent
    POLICY_ADDRESS_NOT_ALLOWED = "policy.address_not_allowed"
    POLICY_PORT_NOT_ALLOWED = "policy.port_not_allowed"
    # network: tcp.* is what the wire said, network.* what diagnosis concludes from it
    TCP_REFUSED = "tcp.refused"
    TCP_TIMEOUT = "tcp.timeout"
    TCP_UNREACHABLE = "tcp.unreachable"
    TCP_PARTIAL = "tcp.partial"
    NETWORK_PORT_BLOCKED = "network.port_blocked"
    NETWORK_USER_SIDE = "network.user_side"
    NETWORK_INTERCEPTED = "network.intercepted"
    # settings: only diagnosis may say these
    SETTINGS_WRONG_HOST = "settings.wrong_host"
    SETTINGS_WRONG_PORT = "settings.wrong_port"
    SETTINGS_WRONG_SECURITY = "settings.wrong_security"
    SETTINGS_AUTH_MISSING = "settings.auth_missing"
    SETTINGS_WRONG_USERNAME = "settings.wrong_username"
    SETTINGS_INCOMING_FOR_OUTGOING = "settings.incoming_for_outgoing"
    # greeting: the first line, RFC 5321 section 3.1
    GREETING_NONE = "greeting.none"
    GREETING_CLOSED = "greeting.closed"
    GREETING_BUSY = "greeting.busy"
    GREETING_REJECTED = "greeting.rejected"
    GREETING_NOT_SMTP = "greeting.not_smtp"
    GREETING_MALFORMED = "greeting.malformed"
    GREETING_SLOW = "greeting.slow"
    # session: after the greeting
    EHLO_REJECTED = "ehlo.rejected"
    SESSION_CLOSED = "session.closed"
    SESSION_TIMEOUT = "session.timeout"
    SESSION_MALFORMED = "session.malformed"
    STARTTLS_NOT_OFFERED = "starttls.not_offered"
    STARTTLS_REFUSED = "starttls.refused"
    STARTTLS_INJECTED = "starttls.injected"
    # TLS
    TLS_HANDSHAKE_FAILED = "tls.handshake_failed"
    TLS_VERSION_TOO_OLD = "tls.version_too_old"
    TLS_CLIENT_CERTIFICATE_REQUIRED = "tls.client_certificate_required"
    # certificate
    CERT_EXPIRED = "cert.expired"
    CERT_NOT_YET_VALID = "cert.not_yet_valid"
    CERT_NAME_MISMATCH = "cert.name_mismatch"
    CERT_SELF_SIGNED = "cert.self_signed"
    CERT_UNTRUSTED_ISSUER = "cert.untrusted_issuer"
    CERT_INCOMPLETE_CHAIN = "cert.incomplete_chain"
    CERT_WEAK = "cert.weak"
    CERT_EXPIRING_SOON = "cert.expiring_soon"
    CERT_STRICT_REJECTED = "cert.strict_rejected"
    # sign-in
    AUTH_NOT_OFFERED = "auth.not_offered"
    AUTH_OAUTH_ONLY = "auth.oauth_only"
    AUTH_UNSUPPORTED_MECHANISMS = "auth.unsupported_mechanisms"
    AUTH_CLEARTEXT = "auth.cleartext"
    AUTH_BAD_CREDENTIALS = "auth.bad_credentials"
    AUTH_APP_PASSWORD_REQUIRED = "auth.app_password_required"
    AUTH_BASIC_DISABLED = "auth.basic_disabled"
    AUTH_ACCOUNT_LOCKED = "auth.account_locked"
    # refusal of a message
    RELAY_DENIED = "relay.denied"
    SENDER_NOT_ALLOWED = "sender.not_allowed"
    RECIPIENT_UNKNOWN = "recipient.unknown"
    RECIPIENT_MAILBOX_FULL = "recipient.mailbox_full"
    LIMIT_RATE = "limit.rate"
    LIMIT_RECIPIENTS = "limit.recipients"
    LIMIT_SIZE = "limit.size"
    # reputation
    REPUTATION_BLOCKLISTED = "reputation.blocklisted"
    REPUTATION_UNAUTHENTICATED_DOMAIN = "reputation.unauthenticated_domain"
    REPUTATION_SPAM_CONTENT = "reputation.spam_content"
    REPUTATION_NO_PTR = "reputation.no_ptr"
    # the mail program
    CLIENT_OFFLINE = "client.offline"
    CLIENT_OUTBOX_STUCK = "client.outbox_stuck"
    CLIENT_PROFILE_CORRUPT = "client.profile_corrupt"
    CLIENT_OUTDATED = "client.outdated"
    CLIENT_ADDIN = "client.addin"
    # other
    SERVER_OUTAGE = "server.outage"
    ACCOUNT_SUSPENDED = "account.suspended"
    ACCOUNT_QUOTA_FULL = "account.quota_full"


CERTIFICATE_CODES = frozenset(code for code in Code if code.startswith("cert."))

_WARNINGS = frozenset(
    {
        Code.TCP_PARTIAL,
        Code.GREETING_SLOW,
        Code.CERT_WEAK,
        Code.CERT_EXPIRING_SOON,
        Code.CERT_STRICT_REJECTED,
        Code.AUTH_OAUTH_ONLY,
        Code.AUTH_CLEARTEXT,
    }
)

# Port 25 is server to server: no sign-in, no TLS and an odd certificate are common there and
# stop no delivery, so they are worth a word and no more.
_WARNINGS_ON_RELAY_PORT = CERTIFICATE_CODES | {Code.AUTH_NOT_OFFERED, Code.STARTTLS_NOT_OFFERED}
RELAY_PORT = 25


def severity_of(code: Code, port: int | None = None) -> Severity:
    """How bad `code` is on `port`."""
    if code is Code.OK:
        return Severity.OK
    if code is Code.UNKNOWN:
        return Severity.UNKNOWN
    if code in _WARNINGS or (port == RELAY_PORT and code in _WARNINGS_ON_RELAY_PORT):
        return Severity.WARNING
    return Severity.PROBLEM


def group_of(code: Code) -> str:
    """The part of `code` before the dot: `cert` of `cert.expired`."""
    return code.partition(".")[0]
