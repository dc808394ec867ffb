"""How a case ends, and what follows when advice was in vain."""

from dataclasses import replace
from datetime import datetime

from bot.conversation import replies
from bot.conversation.events import Speak
from bot.conversation.servers import target_of
from bot.conversation.walking import Move, goto, hand_over, look, walk
from bot.knowledge.schema import Knowledge
from bot.knowledge.trees import NodeKind
from bot.model.case import Outcome, Resolution, Session, State
from bot.model.codes import Code

__all__ = ["abandon", "fixed", "look_again", "next_advice"]

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
    reply = replies.simple("reply.abandoned", knowledge)
    resolution = Resolution(
        outcome=Outcome.ABANDONED, actual_cause=None, note="", by="mailmedic", at=at
    )
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


def next_advice(session: Session, knowledge: Knowledge, at: datetime) -> Move:
    """What comes after advice in vain: the node's own way on; that cause is not said again."""
    tree, _, name = (session.node or "").partition("/")
    node = knowledge.trees[tree].node[name]
    said = node.cause or (session.diagnosis.verdict.code if session.diagnosis else Code.UNKNOWN)
    tried = session.tried if said in _NO_CAUSE else (*session.tried, said)
    session = replace(session, tried=tuple(dict.fromkeys(tried)))
    if node.kind is not NodeKind.ADVISE or node.otherwise is None:
        return hand_over(session, knowledge)
    move = walk(goto(session, node.otherwise), knowledge, at)
    return move.saying_first(replies.simple("reply.still_broken", knowledge))
