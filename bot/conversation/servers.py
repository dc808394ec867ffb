"""Which server a case is about, from what was said and what the directory knows."""

from dataclasses import replace

from bot.knowledge.schema import Knowledge, Provider
from bot.model.case import Session
from bot.model.complaint import Complaint
from bot.model.target import Protocol, Setting, Target

__all__ = ["merged", "news_in", "provider_of", "target_of"]


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
    moved = new.host is not None and new.host != old.host
    return replace(
        new,
        text=f"{old.text}\n{new.text}",
        intent=new.intent if new.codes else old.intent,
        host=new.host or old.host,
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
