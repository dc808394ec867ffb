"""Walks a tree; known answers are passed in silence.

A walk ends at the first node that needs the world: a question (asking), a check (checking), an
advice (advised) or a person (handed over). The nodes passed are kept as the case's path.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.conversation import replies
from bot.conversation.asking import most_telling
from bot.conversation.events import Effect, RunCheck, Speak
from bot.conversation.judging import diagnosed, node_of, proven
from bot.conversation.servers import target_of
from bot.conversation.timing import FIRST_REMINDER
from bot.knowledge.schema import Knowledge
from bot.knowledge.trees import Go, Node, NodeKind
from bot.model.case import Session, State
from bot.model.codes import Code, group_of
from bot.model.diagnosis import Diagnosis
from bot.model.reply import Reply

__all__ = ["SURE_ENOUGH", "Move", "goto", "hand_over", "look", "walk"]

# Below this a cause is a guess: worth a question more, not worth a statement.
SURE_ENOUGH = 0.5

# No tree is deeper; a longer walk runs in a circle, which lint refuses.
_LONGEST_WALK = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """The session after a step, and what is to be done about it."""

    session: Session
    effects: tuple[Effect, ...] = ()

    def and_then(self, *effects: Effect) -> "Move":
        """The same move with more to do at its end."""
        return Move(session=self.session, effects=self.effects + effects)

    def saying_first(self, *said: Reply) -> "Move":
        """The same move with something said before all else."""
        first = tuple(Speak(reply=reply) for reply in said)
        return Move(session=self.session, effects=first + self.effects)

    def beginning_with(self, *said: str) -> "Move":
        """The same move with sentences at the beginning of its first message."""
        effects = list(self.effects)
        for place, effect in enumerate(effects):
            if isinstance(effect, Speak):
                reply = replace(effect.reply, paragraphs=(*said, *effect.reply.paragraphs))
                effects[place] = replace(effect, reply=reply)
                break
        return Move(session=self.session, effects=tuple(effects))


def goto(session: Session, node: str) -> Session:
    """The session at another node: `node` of the same tree, or `tree/node`."""
    tree = session.node.partition("/")[0] if session.node else ""
    full = node if "/" in node else f"{tree}/{node}"
    return replace(session, node=full, path=(*session.path, full))


def walk(session: Session, knowledge: Knowledge, at: datetime) -> Move:
    """Walks on from the session's node to the first one that needs the world."""
    for _ in range(_LONGEST_WALK):
        session = replace(session, diagnosis=diagnosed(session, knowledge))
        node = node_of(session, knowledge)
        onward = _pass(node, session, knowledge)
        if onward is None:
            return _stay(node, session, knowledge, at)
        session = goto(session, onward)
    raise RuntimeError(f"the tree runs in a circle: {session.path[-5:]}")


def _pass(node: Node, session: Session, knowledge: Knowledge) -> str | None:
    """Where to go on in silence; None where the world is needed."""
    if node.kind is NodeKind.CHECK:
        return _past_check(node, session, knowledge)
    if node.kind is not NodeKind.ASK or session.diagnosis is None:
        return None
    asked = most_telling(node, session, session.diagnosis, knowledge)
    return _by_answers(node.go, session) if asked is None else None


def _past_check(node: Node, session: Session, knowledge: Knowledge) -> str | None:
    if session.evidence is not None or _decided(session.diagnosis):
        return _by_verdict(node.go, session.diagnosis)
    if target_of(session, knowledge) is None:
        return node.unknown
    return None


def _decided(diagnosis: Diagnosis | None) -> bool:
    """Whether the quoted error settles the matter without a look at any server.

    A bounce or a size limit is no fault of a connection: the mail was taken already.
    """
    settled = {"recipient", "limit", "relay", "reputation", "sender", "account"}
    return (
        diagnosis is not None
        and group_of(diagnosis.verdict.code) in settled
        and diagnosis.verdict.confidence >= SURE_ENOUGH
    )


def _by_verdict(ways: tuple[Go, ...], diagnosis: Diagnosis | None) -> str:
    code = _sayable(diagnosis)
    fitting = {code, f"{group_of(code)}.*", "*"}
    return next(way.to for way in ways if fitting & set(way.when))


def _sayable(diagnosis: Diagnosis | None) -> Code:
    """The verdict if it is more than a guess, else `ok` or `unknown` by the live check."""
    if diagnosis is None:
        return Code.UNKNOWN
    if diagnosis.verdict.confidence >= SURE_ENOUGH:
        return diagnosis.verdict.code
    return Code.OK if diagnosis.works else Code.UNKNOWN


def _by_answers(ways: tuple[Go, ...], session: Session) -> str:
    pairs = {f"{answer.question}={answer.choice}" for answer in session.answers}
    return next(way.to for way in ways if way.when == ("*",) or set(way.when) <= pairs)


def _stay(node: Node, session: Session, knowledge: Knowledge, at: datetime) -> Move:
    session = replace(session, due=at + FIRST_REMINDER, reminded=False)
    match node.kind:
        case NodeKind.ASK:
            return _ask(node, session, knowledge)
        case NodeKind.CHECK:
            return look(session, knowledge)
        case NodeKind.ADVISE:
            return _advise(node, session, knowledge, at)
        case NodeKind.HAND_OVER:
            return hand_over(session, knowledge, node.text or "hand_over.person")


def _ask(node: Node, session: Session, knowledge: Knowledge) -> Move:
    diagnosis = session.diagnosis or diagnosed(session, knowledge)
    question = most_telling(node, session, diagnosis, knowledge)
    if question is None:
        raise RuntimeError(f"nothing to ask at {session.node}")
    reply = replies.question(question, knowledge)
    session = replace(
        session,
        state=State.ASKING,
        question=question.id,
        asked=session.asked + 1,
        offered=replies.ids(reply),
    )
    return Move(session=session, effects=(Speak(reply=reply),))


def look(session: Session, knowledge: Knowledge) -> Move:
    """Has the server looked at."""
    target = target_of(session, knowledge)
    if target is None:
        raise RuntimeError("there is no server to look at")
    reply = replies.checking(target, knowledge)
    session = replace(
        session,
        state=State.CHECKING,
        checks=session.checks + 1,
        question=None,
        offered=replies.ids(reply),
        due=None,
    )
    effects = (
        Speak(reply=reply),
        RunCheck(target=target, number=session.checks, anew=session.rechecking),
    )
    return Move(session=session, effects=effects)


def _advise(node: Node, session: Session, knowledge: Knowledge, at: datetime) -> Move:
    diagnosis = session.diagnosis or diagnosed(session, knowledge)
    code = node.cause or diagnosis.verdict.code
    if code is Code.UNKNOWN and proven(session, knowledge) is not None:
        return hand_over(session, knowledge, "hand_over.person")  # what was seen is known
    reply = replies.verdict(code, session, diagnosis, knowledge)
    given = tuple(advice.id for advice in reply.advice)
    session = replace(
        session,
        state=State.ADVISED,
        question=None,
        advised=tuple(dict.fromkeys((*session.advised, *given))),
        on_table=given,
        asked_if_works=False,
        offered=replies.ids(reply),
        verdict_at=session.verdict_at or at,
    )
    return Move(session=session, effects=(Speak(reply=reply, advice=given),))


def hand_over(session: Session, knowledge: Knowledge, text: str = "reply.handed_over") -> Move:
    """Gives the case to a person, with all that was found: a measured fault before any guess."""
    fault = proven(session, knowledge)
    session = replace(session, diagnosis=fault or session.diagnosis)
    reply = replies.handed_over(session, knowledge, text)
    session = replace(
        session,
        state=State.HANDED_OVER,
        question=None,
        offered=replies.ids(reply),
        due=None,
    )
    return Move(session=session, effects=(Speak(reply=reply),))
