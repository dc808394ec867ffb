"""Words after a person took over, and after a case was closed."""

from dataclasses import replace

from bot.conversation import replies
from bot.conversation.answering import is_yes
from bot.conversation.choosing import to_person
from bot.conversation.closing import fixed
from bot.conversation.events import Event, Said, Speak
from bot.conversation.explaining import asks_meaning, asks_proof, asks_settings, proof_of
from bot.conversation.hearing import first_words
from bot.conversation.news import (
    from_start,
    from_the_person,
    opened_case,
    warned,
    with_news,
    words_of,
)
from bot.conversation.remarks import speaks_of_elsewhere, with_volunteered
from bot.conversation.servers import merged, news_in, target_of
from bot.conversation.small_talk import answer_without_case
from bot.conversation.walking import Move
from bot.knowledge.schema import Knowledge
from bot.model.case import Session
from bot.model.complaint import Complaint, Intent
from bot.model.reply import Reply

__all__ = ["after_closing", "for_the_person"]


def for_the_person(session: Session, event: Event, knowledge: Knowledge) -> Move:
    """Words after a person took over: noted for them; a server not known before is looked at."""
    said = words_of(event)
    return warned(_for_the_person(session, said, knowledge), said.complaint, knowledge)


def _for_the_person(session: Session, said: Said, knowledge: Knowledge) -> Move:
    complaint = said.complaint
    answer = _answer(session, said, knowledge)
    if answer is not None:
        return _spoken(session, answer, knowledge)
    if complaint.intent is Intent.HUMAN_WANTED:
        return to_person(session, knowledge)
    elsewhere = speaks_of_elsewhere(complaint, knowledge)
    works = complaint.intent is Intent.RESOLVED or (session.asked_if_works and is_yes(complaint))
    if works and not elsewhere and from_the_person(session, said):
        return fixed(session, knowledge, said.by, said.at)
    if _names_new_server(session, complaint, knowledge):
        return from_start(with_news(session, complaint), said, knowledge)
    kept = replace(session, complaint=merged(session.complaint, complaint))
    kept = replace(with_volunteered(kept, complaint, knowledge), asked_if_works=elsewhere)
    return _spoken(kept, _noted(kept, knowledge), knowledge)


def _answer(session: Session, said: Said, knowledge: Knowledge) -> Reply | None:
    """The answer to a question that the person still has."""
    if asks_proof(said.complaint, knowledge):
        return proof_of(session, knowledge)
    meaning = asks_meaning(said.complaint, knowledge)
    return meaning or asks_settings(session, said.complaint, said.at, knowledge)


def _names_new_server(session: Session, complaint: Complaint, knowledge: Knowledge) -> bool:
    """Whether a server is named that nobody has spoken of in this case."""
    known, target = session.complaint, target_of(session, knowledge)
    if complaint.host is None or known is None:
        return False
    looked_at = target is not None and target.host == complaint.host
    return not looked_at and complaint.host not in known.text.lower()


def _noted(session: Session, knowledge: Knowledge) -> Reply:
    """That the words were added; where they told of another place, whether it works here."""
    reply = replies.simple("talk.noted", knowledge, case=session.case or "")
    if not session.asked_if_works:
        return reply
    return replace(reply, paragraphs=(*reply.paragraphs, knowledge.texts["reply.works_here"]))


def _spoken(session: Session, reply: Reply, knowledge: Knowledge) -> Move:
    """A reply with the ways out that are left."""
    said = replace(reply, options=replies.options(knowledge, replies.FIXED, replies.HUMAN))
    return Move(session=session, effects=(Speak(reply=said),))


def after_closing(session: Session, event: Event, knowledge: Knowledge) -> Move:
    """Words after a case was closed: small talk, the old trouble again, or a new one."""
    said = words_of(event)
    complaint = said.complaint
    again = complaint.intent is Intent.NOT_RESOLVED and not news_in(complaint)
    if again and session.complaint is not None:
        complaint = replace(merged(session.complaint, complaint), intent=session.complaint.intent)
        reopened = opened_case(session, complaint, said, knowledge)
        reply = replies.simple("reply.closed_again", knowledge, replies.HUMAN)
        return from_start(reopened, said, knowledge).saying_first(reply)
    small = answer_without_case(complaint, knowledge)
    if small is not None:
        return warned(Move(session=session, effects=(Speak(reply=small),)), complaint, knowledge)
    return first_words(Session(thread=session.thread, revision=session.revision), event, knowledge)
