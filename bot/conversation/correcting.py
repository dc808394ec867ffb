"""A message that its writer edited: a correction, which takes the place of what was said.

A slip of the pen that changes no fact is taken in silently. A changed server, port or error starts
the walk anew with all that was answered since.
"""

import re
from dataclasses import replace
from typing import TypeVar

from bot.conversation import afterwards, following, hearing, replies
from bot.conversation.attending import attended
from bot.conversation.events import Corrected, Event, Said
from bot.conversation.news import from_start, server_in, warned
from bot.conversation.servers import merged
from bot.conversation.walking import Move
from bot.knowledge.schema import Knowledge
from bot.model.case import Session, State
from bot.model.complaint import Complaint, Intent

__all__ = ["after_closing", "as_new", "corrected", "for_the_person"]

T = TypeVar("T")

_FACTS = ("host", "port", "domain", "provider", "client", "security", "codes")


def as_new(session: Session, event: Event, knowledge: Knowledge) -> Move:
    """A message that opened no case, as it reads now."""
    return hearing.first_words(session, _as_said(event), knowledge)


def corrected(session: Session, event: Event, knowledge: Knowledge) -> Move:
    """What changed is taken over; the case goes back as far as it must."""
    edit = _edit(event)
    before, after = _facts(edit.before), _facts(edit.complaint)
    if before == after:
        return _reworded(session, edit, knowledge)
    complaint = _amended(session.complaint, edit)
    kept = replace(session, complaint=complaint)
    if session.complaint is None or server_in(session.complaint) != server_in(complaint):
        kept = replace(kept, evidence=None, setting=None, rechecking=False)
    elif session.state is State.CHECKING:  # the verdict will know
        return warned(Move(session=kept), edit.complaint, knowledge)
    move = from_start(kept, _as_said(event), knowledge)
    said = replies.simple("reply.corrected", knowledge, replies.HUMAN)
    return warned(move.saying_first(said), edit.complaint, knowledge)


def for_the_person(session: Session, event: Event, knowledge: Knowledge) -> Move:
    """A correction after a person took over is for them to read."""
    edit = _edit(event)
    kept = replace(session, complaint=_amended(session.complaint, edit))
    return warned(Move(session=kept), edit.complaint, knowledge)


def after_closing(session: Session, event: Event, knowledge: Knowledge) -> Move:
    """Only that it does not work after all matters to a case that is closed."""
    edit = _edit(event)
    is_news = edit.complaint.intent is not edit.before.intent
    if is_news and edit.complaint.intent is Intent.NOT_RESOLVED:
        return afterwards.after_closing(session, _as_said(event), knowledge)
    return warned(Move(session=session), edit.complaint, knowledge)


def _reworded(session: Session, edit: Corrected, knowledge: Knowledge) -> Move:
    """The same facts in other words; a short answer may say something else now."""
    if edit.complaint.intent is edit.before.intent or any(_facts(edit.complaint)):
        kept = replace(session, complaint=_amended(session.complaint, edit))
        return warned(Move(session=kept), edit.complaint, knowledge)
    hear = {
        State.ASKING: hearing.answer,
        State.CHECKING: hearing.meanwhile,
        State.ADVISED: following.after_advice,
    }
    return attended(hear[session.state])(session, _as_said(edit), knowledge)


def _amended(now: Complaint | None, edit: Corrected) -> Complaint:
    """The complaint without what the message said before, and with what it says now.

    What the edit left alone stays as it is, and so does what other messages have said.
    """
    if now is None:
        return edit.complaint
    before, after = edit.before, edit.complaint
    return replace(
        merged(now, after),
        text=_replaced(now.text, before.text, after.text),
        host=_latest(now.host, before.host, after.host),
        port=_latest(now.port, before.port, after.port),
        domain=_latest(now.domain, before.domain, after.domain),
        provider=_latest(now.provider, before.provider, after.provider),
        client=_latest(now.client, before.client, after.client),
        security=_latest(now.security, before.security, after.security),
        codes=_latest(now.codes, before.codes, after.codes) or (),
        replies=_latest(now.replies, before.replies, after.replies) or (),
    )


def _latest(now: T, before: T, after: T) -> T | None:
    """What holds of one point: `now` what was known of it, by the message `before` or another."""
    if after == before:
        return now
    return after or (None if now == before else now)


def _replaced(text: str, before: str, after: str) -> str:
    """The text with a message, which stands on lines of its own, as it reads now."""
    found = re.search(rf"(?:\A|(?<=\n)){re.escape(before)}(?=\n|\Z)", text) if before else None
    if found is None:
        return f"{text}\n{after}"
    return f"{text[: found.start()]}{after}{text[found.end() :]}"


def _facts(complaint: Complaint) -> tuple[object, ...]:
    return tuple(getattr(complaint, name) for name in _FACTS)


def _edit(event: Event) -> Corrected:
    if not isinstance(event, Corrected):
        raise TypeError(f"expected a correction, got {type(event).__name__}")
    return event


def _as_said(event: Event) -> Said:
    edit = _edit(event)
    return Said(complaint=edit.complaint, by=edit.by, at=edit.at)
