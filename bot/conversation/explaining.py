"""Questions in the middle of a case, answered in the light of it and in few words."""

from datetime import datetime, timedelta

from bot.conversation import replies
from bot.conversation.judging import advised_on, diagnosed
from bot.conversation.remarks import terms_in, wants_proof
from bot.conversation.servers import provider_of
from bot.conversation.small_talk import explained
from bot.diagnosis.words import say
from bot.knowledge.schema import Knowledge
from bot.model.case import Session
from bot.model.complaint import Complaint, Intent
from bot.model.diagnosis import CheckedTarget
from bot.model.evidence import Skipped
from bot.model.reply import Reply
from bot.model.target import Setting

__all__ = ["asks_meaning", "asks_proof", "asks_settings", "proof_of"]

_A_MOMENT = timedelta(minutes=10)


def asks_meaning(complaint: Complaint, knowledge: Knowledge) -> Reply | None:
    """What a word means, out of the glossary, else out of what people often ask."""
    terms = terms_in(complaint, knowledge) if not complaint.codes else ()
    if terms:
        return Reply(paragraphs=tuple(knowledge.texts[f"glossary.{term}"] for term in terms))
    if complaint.intent is Intent.CONCEPT_QUESTION and not complaint.codes:
        return explained(complaint, knowledge)
    return None


def asks_proof(complaint: Complaint, knowledge: Knowledge) -> bool:
    """Whether the message asks how we know."""
    return wants_proof(complaint, knowledge)


def proof_of(session: Session, knowledge: Knowledge) -> Reply:
    """What speaks for the cause that was advised on: what was seen, else what was told."""
    found = session.diagnosis or diagnosed(session, knowledge)
    if session.node is not None and advised_on(session, knowledge) is not found.verdict.code:
        return replies.simple("reply.why_told", knowledge)
    lines = replies.facts(found, session, knowledge)
    told = replies.meaning(found, knowledge)
    if not found.verdict.because:
        told = (*told, knowledge.texts["reply.why_told"])
    said = (*told, knowledge.texts["reply.why"]) if lines else told
    return Reply(paragraphs=said, facts=lines)


def asks_settings(
    session: Session, complaint: Complaint, at: datetime, knowledge: Knowledge
) -> Reply | None:
    """The settings that were seen to work in this case, else those of the directory."""
    if complaint.intent is not Intent.SETTINGS_QUESTION:
        return None
    provider = knowledge.providers.get(complaint.provider or "")
    if not _is_about_other(session, complaint):
        chosen = _working(session, knowledge)
        if chosen is not None:
            return _tried(chosen, _age(session, at), knowledge)
        provider = provider or provider_of(session, knowledge)
    if provider is not None:
        return replies.settings(provider, knowledge)
    return explained(complaint, knowledge)


def _is_about_other(session: Session, complaint: Complaint) -> bool:
    """Whether another service or server is asked about than the one of the case."""
    known = session.complaint
    named = (complaint.provider, complaint.host)
    ours = (known.provider, known.host) if known is not None else (None, None)
    return any(said not in {None, our} for said, our in zip(named, ours, strict=True))


def _working(session: Session, knowledge: Knowledge) -> Setting | CheckedTarget | None:
    """The setting that was seen to work in the last check."""
    if session.evidence is None:
        return None
    found = diagnosed(session, knowledge)
    if found.suggested is not None:
        return found.suggested
    target = found.target
    return target if found.works and target is not None and target.host is not None else None


def _age(session: Session, at: datetime) -> timedelta:
    seen = session.evidence
    times = [one.at for one in seen.observations if not isinstance(one, Skipped)] if seen else []
    return at - max(times, default=at)


def _tried(chosen: Setting | CheckedTarget, age: timedelta, knowledge: Knowledge) -> Reply:
    """Law 5: what was tried, and when."""
    said = say(
        "reply.settings_tried.1" if age <= _A_MOMENT else "reply.settings_tried.2",
        knowledge.texts,
        host=str(chosen.host),
        port=str(chosen.port),
        security=knowledge.texts[f"security.{chosen.security}"],
    )
    return Reply(paragraphs=(said,))
