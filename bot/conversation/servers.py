"""Which server a case is about, from what was said and what the directory knows."""

from dataclasses import replace

from bot.knowledge.schema import Knowledge, Provider
from bot.model.case import Session
from bot.model.complaint import Complaint, Intent
from bot.model.target import Protocol, Setting, Target

__all__ = ["NARROW", "merged", "news_in", "provider_of", "target_of"]

# Reports that say what goes wrong, and not only that something does.
NARROW = frozenset(
    {
        Intent.STUCK_IN_OUTBOX,
        Intent.SERVER_NOT_RESPONDING,
        Intent.CONNECTION_REFUSED,
        Intent.AUTH_FAILED,
        Intent.TLS_ERROR,
        Intent.CERTIFICATE_WARNING,
        Intent.RELAY_DENIED,
        Intent.BOUNCED,
        Intent.MARKED_AS_SPAM,
        Intent.MESSAGE_TOO_LARGE,
        Intent.RATE_LIMITED,
        Intent.CANNOT_RESOLVE_HOST,
        Intent.PORT_BLOCKED,
    }
)


def provider_of(session: Session, knowledge: Knowledge) -> Provider | None:
    """The provider of the case, if it is one that we know."""
    complaint = session.complaint
    if complaint is None or complaint.provider is None:
        return None
    return knowledge.providers.get(complaint.provider)


def target_of(session: Session, knowledge: Knowledge) -> Target | None:
    """The server to check: the setting last taken, else as stated, else the provider's best."""
    if session.setting is not None:
        return _of_setting(session.setting)
    complaint = session.complaint
    if complaint is None:
        return None
    if complaint.host is not None:
        return _sending(complaint, complaint.host, complaint.port)
    provider = provider_of(session, knowledge)
    if provider is None or not provider.outgoing:
        return None
    best = provider.outgoing[0]
    return _sending(complaint, best.host, complaint.port or best.port)


def _of_setting(setting: Setting) -> Target:
    return Target(
        host=setting.host,
        port=setting.port,
        security=setting.security,
        protocol=Protocol.SMTP,
        stated=f"{setting.host}:{setting.port}",
    )


def _sending(complaint: Complaint, host: str, port: int | None) -> Target:
    """A complaint is about sending, so what answers must speak SMTP."""
    stated = host if port is None else f"{host}:{port}"
    return Target(
        host=host, port=port, security=complaint.security, protocol=Protocol.SMTP, stated=stated
    )


def news_in(complaint: Complaint) -> bool:
    """Whether a message states anything that a case can go on with."""
    slots = (
        complaint.host,
        complaint.port,
        complaint.domain,
        complaint.provider,
        complaint.client,
        complaint.security,
    )
    return bool(complaint.codes) or any(slot is not None for slot in slots)


def merged(old: Complaint | None, new: Complaint) -> Complaint:
    """The complaint with what was said since: the latest word on each point holds."""
    if old is None:
        return new
    named = new.host is not None and new.host != old.host
    changed = new.provider is not None and new.provider != old.provider and new.host is None
    moved = named or changed
    return replace(
        new,
        text=f"{old.text}\n{new.text}",
        intent=new.intent if new.codes or new.intent in NARROW else old.intent,
        host=new.host or (None if changed else old.host),
        port=new.port or (None if moved else old.port),
        address=new.address or old.address,
        domain=new.domain or old.domain,
        provider=new.provider or old.provider,
        client=new.client or old.client,
        security=new.security or (None if moved else old.security),
        codes=new.codes or old.codes,
        replies=new.replies or old.replies,
        secrets=old.secrets + new.secrets,
        lang=old.lang,
        because=old.because + new.because,
    )
