"""Words after advice, after a person took over, and after a case was closed."""

from dataclasses import replace

from bot.conversation import replies
from bot.conversation.answering import is_confused, is_yes, reserved_choice_in
from bot.conversation.choosing import choose
from bot.conversation.closing import fixed, next_advice
from bot.conversation.events import Chose, Event, Said, Speak
from bot.conversation.hearing import first_words
from bot.conversation.news import from_start, opened_case, warned, with_news, words_of
from bot.conversation.servers import NARROW, merged, news_in, provider_of, target_of
from bot.conversation.small_talk import answer_without_case, explained
from bot.conversation.walking import Move, hand_over, look, walk
from bot.knowledge.schema import Knowledge
from bot.model.case import Session
from bot.model.complaint import Complaint, Intent
from bot.model.reply import Reply

__all__ = ["after_advice", "after_closing", "for_the_person"]

_QUESTIONS = frozenset({Intent.CONCEPT_QUESTION, Intent.SETTINGS_QUESTION, Intent.THANKS})


def after_advice(session: Session, event: Event, knowledge: Knowledge) -> Move:
    """Words after advice: that it worked, that it did not, a question, or something new."""
    said = words_of(event)
    return warned(_after_advice(session, said, knowledge), said.complaint, knowledge)


def _after_advice(session: Session, said: Said, knowledge: Knowledge) -> Move:
    complaint = said.complaint
    before = session.complaint.intent if session.complaint is not None else None
    is_new = complaint.intent in NARROW and complaint.intent is not before
    if complaint.codes or complaint.host is not None or is_new:
        return from_start(with_news(session, complaint), said, knowledge)
    if complaint.intent in _QUESTIONS:
        return _answered(session, complaint, knowledge)
    if is_confused(complaint, knowledge):
        return _helped(session, complaint, knowledge)
    if complaint.intent is Intent.RESOLVED:
        return fixed(session, knowledge, said.by, said.at)
    if complaint.intent is Intent.HUMAN_WANTED:
        return hand_over(session, knowledge)
    return _decided(session, said, knowledge)


def _decided(session: Session, said: Said, knowledge: Knowledge) -> Move:
    complaint = said.complaint
    choice = reserved_choice_in(complaint, session.offered, knowledge)
    if choice is not None:
        return choose(session, Chose(option=choice, by=said.by, at=said.at), knowledge)
    yes = is_yes(complaint)
    if yes is not None and not session.asked_if_works:
        return _ask_if_works(session, knowledge)
    if yes:
        return fixed(session, knowledge, said.by, said.at)
    if yes is False or complaint.intent is Intent.NOT_RESOLVED or complaint.intent in NARROW:
        return next_advice(session, knowledge, said.at)
    if news_in(complaint):
        return _with_news(with_news(session, complaint), said, knowledge)
    return _spoken(session, replies.after_advice("talk.which_step", session, knowledge))


def _with_news(session: Session, said: Said, knowledge: Knowledge) -> Move:
    """News about the server are looked at; any other change what is advised."""
    if session.evidence is None and target_of(session, knowledge) is not None:
        return look(replace(session, rechecking=True), knowledge)
    return walk(session, knowledge, said.at)


def _ask_if_works(session: Session, knowledge: Knowledge) -> Move:
    """A bare yes or no may be about any step; only one thing closes a case."""
    reply = replies.after_advice("talk.works_now", session, knowledge)
    asked = replace(session, asked_if_works=True, offered=replies.ids(reply))
    return _spoken(asked, reply)


def _answered(session: Session, complaint: Complaint, knowledge: Knowledge) -> Move:
    """A question in the middle of a case is answered, in the light of the case's provider."""
    provider = provider_of(session, knowledge)
    if complaint.provider is None and provider is not None:
        complaint = replace(complaint, provider=provider.id)
    options = replies.after_advice("talk.which_step", session, knowledge)
    small = answer_without_case(complaint, knowledge)
    if small is None or (complaint.intent is Intent.SETTINGS_QUESTION and provider is None):
        return _spoken(session, options)
    return _spoken(session, replace(small, options=options.options))


def _helped(session: Session, complaint: Complaint, knowledge: Knowledge) -> Move:
    """Somebody is lost in the steps: what the words mean, or which step it is."""
    options = replies.after_advice("talk.which_step", session, knowledge)
    answer = explained(complaint, knowledge)
    if answer is None:
        return _spoken(session, options)
    return _spoken(session, replace(answer, options=options.options))


def _spoken(session: Session, reply: Reply) -> Move:
    return Move(session=session, effects=(Speak(reply=reply),))


def for_the_person(session: Session, event: Event, knowledge: Knowledge) -> Move:
    """Words after a person took over: noted for them."""
    said = words_of(event)
    if said.complaint.intent is Intent.RESOLVED:
        return fixed(session, knowledge, said.by, said.at)
    kept = replace(session, complaint=merged(session.complaint, said.complaint))
    reply: Reply = replies.simple(
        "talk.noted", knowledge, "fixed", replies.HUMAN, case=session.case or ""
    )
    move = Move(session=kept, effects=(Speak(reply=reply),))
    return warned(move, said.complaint, knowledge)


def after_closing(session: Session, event: Event, knowledge: Knowledge) -> Move:
    """Words after a case was closed: small talk, the old trouble again, or a new one."""
    said = words_of(event)
    complaint = said.complaint
    again = complaint.intent is Intent.NOT_RESOLVED and not news_in(complaint)
    if again and session.complaint is not None:
        complaint = replace(merged(session.complaint, complaint), intent=session.complaint.intent)
        reopened = opened_case(session, complaint, said)
        reply = replies.simple("reply.closed_again", knowledge, replies.HUMAN)
        return from_start(reopened, said, knowledge).saying_first(reply)
    small = answer_without_case(complaint, knowledge)
    if small is not None:
        return warned(Move(session=session, effects=(Speak(reply=small),)), complaint, knowledge)
    return first_words(Session(thread=session.thread, revision=session.revision), event, knowledge)
