"""Buttons and blanks."""

from dataclasses import replace

from bot.conversation import replies
from bot.conversation.asking import answered
from bot.conversation.closing import fixed, look_again, next_advice, still_broken
from bot.conversation.events import Chose, Event, Filled, Speak
from bot.conversation.servers import merged
from bot.conversation.walking import Move, hand_over, walk
from bot.knowledge.schema import Knowledge
from bot.model.case import Answer, Session, State
from bot.model.reply import Reply
from bot.parsing.fields import FieldProblem, complaint_of_fields

__all__ = ["choose", "fill", "meanwhile", "stale", "to_person"]

_ABOUT_SERVER = frozenset({"host", "port", "security", "email"})
_NO_CASE = frozenset({State.OPEN, State.CLOSED})


def stale(session: Session, _: Event, knowledge: Knowledge) -> Move:
    """A button of an earlier message: said so, nothing changes."""
    wanted = () if session.state in _NO_CASE else (replies.HUMAN,)
    return _say(session, replies.simple("reply.stale_option", knowledge, *wanted))


def choose(session: Session, event: Event, knowledge: Knowledge) -> Move:
    """A button was pressed."""
    if isinstance(event, Chose) and _is_always_good(session, event):
        return _way_out(session, event, knowledge)
    if not isinstance(event, Chose) or not _current(session, event):
        return stale(session, event, knowledge)
    match event.option:
        case "changed":
            return look_again(replace(session, doubted=None), knowledge)
        case "still_broken":
            return still_broken(session, knowledge, event.at)
        case "something_else":
            return next_advice(session, knowledge, event.at)
        case _:
            return _answer(session, event, knowledge)


def _is_always_good(session: Session, event: Chose) -> bool:
    """Law 4: the ways out of a case are good on any of its messages, however old."""
    of_this_case = event.revision is None or event.revision > session.began
    return event.option == replies.HUMAN or (event.option == replies.FIXED and of_this_case)


def _way_out(session: Session, event: Chose, knowledge: Knowledge) -> Move:
    if event.option == replies.FIXED:
        return fixed(session, knowledge, event.by, event.at)
    return to_person(session, knowledge)


def to_person(session: Session, knowledge: Knowledge) -> Move:
    """Hands over; who asks again after that gets a word, and not all of it once more."""
    if session.state is not State.HANDED_OVER:
        return hand_over(session, knowledge)
    again = replies.simple("reply.handed_over_again", knowledge, replies.FIXED, replies.HUMAN)
    return _say(session, again)


def _current(session: Session, event: Chose) -> bool:
    fresh = event.revision is None or event.revision >= session.offered_at
    return fresh and event.option in session.offered


def _answer(session: Session, event: Chose, knowledge: Knowledge) -> Move:
    if session.question is None:
        return stale(session, event, knowledge)
    asked = knowledge.questions[session.question]
    return walk(answered(session, asked, event.option), knowledge, event.at)


def meanwhile(session: Session, event: Event, knowledge: Knowledge) -> Move:
    """A button while the server is being looked at: only the ways out are good."""
    if isinstance(event, Chose) and _is_always_good(session, event):
        return _way_out(session, event, knowledge)
    return stale(session, event, knowledge)


def fill(session: Session, event: Event, knowledge: Knowledge) -> Move:
    """Blanks were filled in; the first one that does not fit is asked for again."""
    if not isinstance(event, Filled):
        return stale(session, event, knowledge)
    read = complaint_of_fields(event.values, knowledge)
    if isinstance(read, FieldProblem):
        return _say(session, _ask_again(read, session, knowledge))
    given = replace(session, complaint=merged(session.complaint, read))
    if event.values.keys() & _ABOUT_SERVER:
        given = replace(given, evidence=None, setting=None)
    if given.question is not None:
        answer = Answer(question=given.question, choice="filled")
        given = replace(given, answers=(*given.answers, answer), question=None)
    return walk(given, knowledge, event.at)


def _ask_again(problem: FieldProblem, session: Session, knowledge: Knowledge) -> Reply:
    texts = knowledge.texts
    said = texts["reply.bad_field"].format(
        field=texts.get(f"field.{problem.field}", problem.field),
        problem=texts[f"problem.{problem.kind}"],
    )
    if session.question is None:
        return Reply(paragraphs=(said,), options=replies.options(knowledge, replies.HUMAN))
    again = replies.question(knowledge.questions[session.question], knowledge)
    return replace(again, paragraphs=(said, *again.paragraphs))


def _say(session: Session, reply: Reply) -> Move:
    return Move(session=session, effects=(Speak(reply=reply),))
