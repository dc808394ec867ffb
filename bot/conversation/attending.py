"""What holds of words wherever a case stands, before anybody looks at what they answer.

Words that were overheard and carry nothing are passed over in silence; a message that is only a
secret gets a warning; who gives up is let go.
"""

from collections.abc import Callable

from bot.conversation.answering import choice_in, is_yes, reserved_choice_in
from bot.conversation.closing import give_up
from bot.conversation.events import Event, Said
from bot.conversation.news import warned
from bot.conversation.remarks import gives_up, is_only_secret
from bot.conversation.servers import news_in
from bot.conversation.walking import Move
from bot.knowledge.schema import Knowledge
from bot.model.case import Session, State
from bot.model.complaint import Complaint, Intent

__all__ = ["attended", "is_overheard"]

_Handler = Callable[[Session, Event, Knowledge], Move]

_CHATTER = frozenset({Intent.OFF_TOPIC, Intent.GREETING, Intent.THANKS})
_NO_CASE = frozenset({State.OPEN, State.CLOSED})


def attended(handler: _Handler) -> _Handler:
    """The handler of words, for those words that are for it."""

    def attend(session: Session, event: Event, knowledge: Knowledge) -> Move:
        if not isinstance(event, Said):
            return handler(session, event, knowledge)
        if is_overheard(session, event, knowledge):
            return Move(session=session)
        if is_only_secret(event.complaint, knowledge):
            return warned(Move(session=session), event.complaint, knowledge)
        if _lets_go(session, event, knowledge):
            move = give_up(session, knowledge, event.by, event.at)
            return warned(move, event.complaint, knowledge)
        return handler(session, event, knowledge)

    return attend


def is_overheard(session: Session, said: Said, knowledge: Knowledge) -> bool:
    """Whether words were not meant for the bot and carry nothing for the case.

    So it is with any chatter once the case is closed, and in an open case with the chatter of
    people other than the one who opened it. Facts, complaints, answers and secrets never are.
    """
    complaint = said.complaint
    if said.addressed or complaint.secrets or news_in(complaint):
        return False
    if session.state in _NO_CASE:
        return complaint.intent in _CHATTER | {Intent.RESOLVED}
    if said.by == session.by or not session.by:
        return False
    if gives_up(complaint, knowledge):  # not theirs to say
        return True
    return complaint.intent in _CHATTER and not _answers(session, complaint, knowledge)


def _answers(session: Session, complaint: Complaint, knowledge: Knowledge) -> bool:
    """Whether the words answer what is open: a question, or whether the advice helped."""
    if session.question is not None:
        return choice_in(complaint, knowledge.questions[session.question]) is not None
    if session.asked_if_works and is_yes(complaint) is not None:
        return True
    return reserved_choice_in(complaint, session.offered, knowledge) is not None


def _lets_go(session: Session, said: Said, knowledge: Knowledge) -> bool:
    if session.state in _NO_CASE or news_in(said.complaint):
        return False
    return gives_up(said.complaint, knowledge)
