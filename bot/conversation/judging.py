"""What a session knows, judged: the diagnosis, the bare proof, and what advice was given on."""

from dataclasses import replace

from bot.conversation.servers import target_of
from bot.diagnosis.judge import diagnose, is_blind
from bot.diagnosis.situation import Known, situation_of
from bot.knowledge.schema import Knowledge
from bot.knowledge.trees import Node
from bot.model.case import Session
from bot.model.codes import Code, Severity, severity_of
from bot.model.diagnosis import Diagnosis

__all__ = ["advised_on", "diagnosed", "node_of", "proven"]


def diagnosed(session: Session, knowledge: Knowledge) -> Diagnosis:
    """The diagnosis of all that the session knows."""
    return diagnose(_known(session, knowledge), knowledge)


def proven(session: Session, knowledge: Knowledge) -> Diagnosis | None:
    """The fault that the last check saw with its own eyes; None if it saw none.

    It stands whatever was tried: advice that did not help proves no server healthy.
    """
    if session.evidence is None:
        return None
    known = _known(replace(session, tried=()), knowledge)
    found = diagnose(known, knowledge)
    port = found.target.port if found.target is not None else None
    is_fault = severity_of(found.verdict.code, port) is Severity.PROBLEM
    if not found.verdict.because or not is_fault or is_blind(situation_of(known), knowledge):
        return None
    return found


def advised_on(session: Session, knowledge: Knowledge) -> Code:
    """The cause that the last advice was about: the node's own, else the verdict."""
    verdict = session.diagnosis.verdict.code if session.diagnosis is not None else Code.UNKNOWN
    return node_of(session, knowledge).cause or verdict


def node_of(session: Session, knowledge: Knowledge) -> Node:
    """The node of the tree that the session stands at."""
    tree, _, name = (session.node or "").partition("/")
    return knowledge.trees[tree].node[name]


def _known(session: Session, knowledge: Knowledge) -> Known:
    return Known(
        target=target_of(session, knowledge) if session.evidence is not None else None,
        evidence=session.evidence,
        complaint=session.complaint,
        answers=session.answers,
        tried=session.tried,
    )
