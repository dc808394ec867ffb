"""How a case ends, and what follows when advice was in vain."""

from dataclasses import replace
from datetime import datetime

from bot.conversation import replies
from bot.conversation.events import Speak
from bot.conversation.judging import advised_on, node_of, proven
from bot.conversation.servers import target_of
from bot.conversation.walking import Move, goto, hand_over, look, walk
from bot.diagnosis.words import summary
from bot.knowledge.schema import Knowledge
from bot.knowledge.trees import NodeKind
from bot.model.case import Outcome, Resolution, Session, State
from bot.model.codes import Code
from bot.model.diagnosis import Diagnosis
from bot.model.reply import Reply

__all__ = ["abandon", "fixed", "give_up", "look_again", "next_advice", "still_broken"]

_NO_CAUSE = frozenset({Code.OK, Code.UNKNOWN})


def fixed(session: Session, knowledge: Knowledge, by: str, at: datetime) -> Move:
    """Closes the case as fixed; what helped is the person's own part of the last advice."""
    reply = replies.simple("reply.fixed", knowledge, case=session.case or "")
    verdict = session.diagnosis.verdict.code if session.diagnosis is not None else Code.UNKNOWN
    handed = session.state is State.HANDED_OVER
    resolution = Resolution(
        outcome=Outcome.ESCALATED if handed else Outcome.FIXED,
        actual_cause=None if verdict in _NO_CAUSE else verdict,
        note="",
        by=by,
        at=at,
        helped=session.on_table[:1],
    )
    return _close(session, resolution, Speak(reply=reply))


def abandon(session: Session, knowledge: Knowledge, at: datetime) -> Move:
    """Closes a case whose person fell silent."""
    return _abandoned(session, replies.simple("reply.abandoned", knowledge), "mailmedic", at)


def give_up(session: Session, knowledge: Knowledge, by: str, at: datetime) -> Move:
    """Closes a case whose person wants no more of it; they may come back at any time."""
    return _abandoned(session, replies.simple("reply.given_up", knowledge), by, at)


def _abandoned(session: Session, reply: Reply, by: str, at: datetime) -> Move:
    resolution = Resolution(outcome=Outcome.ABANDONED, actual_cause=None, note="", by=by, at=at)
    return _close(session, resolution, Speak(reply=reply))


def _close(session: Session, resolution: Resolution, said: Speak) -> Move:
    session = replace(
        session,
        state=State.CLOSED,
        resolution=resolution,
        question=None,
        offered=(),
        due=None,
    )
    return Move(session=session, effects=(said,))


def look_again(session: Session, knowledge: Knowledge) -> Move:
    """Looks at the server after a change: at the setting that was suggested, if one was."""
    suggested = session.diagnosis.suggested if session.diagnosis is not None else None
    session = replace(session, setting=suggested or session.setting, rechecking=True)
    if target_of(session, knowledge) is None:
        reply = replies.after_advice("talk.say_more", session, knowledge)
        return Move(session=session, effects=(Speak(reply=reply),))
    return look(session, knowledge)


def still_broken(session: Session, knowledge: Knowledge, at: datetime) -> Move:
    """Advice was in vain: a fault that was measured is looked at again before it is left alone."""
    fault = proven(session, knowledge)
    said = advised_on(session, knowledge)
    if fault is None or said is not fault.verdict.code or session.doubted is said:
        return next_advice(session, knowledge, at)
    return look_again(replace(session, doubted=said), knowledge)


def next_advice(session: Session, knowledge: Knowledge, at: datetime) -> Move:
    """What comes after advice in vain: the node's own way on; that cause is not said again."""
    node = node_of(session, knowledge)
    said = advised_on(session, knowledge)
    tried = session.tried if said in _NO_CAUSE else (*session.tried, said)
    onward = replace(session, tried=tuple(dict.fromkeys(tried)))
    if node.kind is not NodeKind.ADVISE or node.otherwise is None:
        return hand_over(onward, knowledge)
    move = walk(goto(onward, node.otherwise), knowledge, at)
    return move.saying_first(_going_on(said, proven(session, knowledge), knowledge))


def _going_on(said: Code, fault: Diagnosis | None, knowledge: Knowledge) -> Reply:
    """That we go on; a fault that was measured stands all the while."""
    if fault is None:
        return replies.simple("reply.still_broken", knowledge)
    if fault.verdict.code is not said:
        return replies.simple("reply.go_on", knowledge)
    sentence = summary(said, fault.details, knowledge.texts)
    return replies.simple("reply.still_fault", knowledge, summary=sentence)
