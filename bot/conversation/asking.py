"""Which question is open, which one tells most, and what an answer means for the case."""

from dataclasses import replace
from math import log2

from bot.conversation.servers import target_of
from bot.knowledge.schema import Knowledge
from bot.knowledge.trees import Choice, Node, Question
from bot.model.case import Answer, Session
from bot.model.codes import Code
from bot.model.complaint import Complaint, Intent
from bot.model.diagnosis import Diagnosis
from bot.model.target import Security

__all__ = ["DONT_KNOW", "answered", "is_open", "most_telling"]

DONT_KNOW = "dont_know"

# Any answer may be given whatever the cause: people misread, and causes are missing here.
_BACKGROUND = 0.05

# An error is known once it is narrower than these.
_VAGUE = frozenset({Intent.CANNOT_SEND, Intent.NOT_RESOLVED, Intent.HUMAN_WANTED, Intent.OFF_TOPIC})


def is_open(question: Question, session: Session, knowledge: Knowledge) -> bool:
    """Whether nobody has answered the question: neither asked before nor known otherwise."""
    if any(answer.question == question.id for answer in session.answers):
        return False
    return not _known(question.slot, session, knowledge)


def _known(slot: str | None, session: Session, knowledge: Knowledge) -> bool:
    complaint = session.complaint
    if complaint is None or slot is None:
        return False
    known = {
        "provider": complaint.provider is not None,
        "client": complaint.client is not None,
        "error": bool(complaint.codes) or complaint.intent not in _VAGUE,
        "security": complaint.security is not None,
    }
    return known.get(slot, target_of(session, knowledge) is not None)


def most_telling(
    node: Node, session: Session, diagnosis: Diagnosis, knowledge: Knowledge
) -> Question | None:
    """The open question of a node that separates the remaining causes best; None if none is open.

    The measure is the expected loss of entropy over the causes; the node's own order breaks ties.
    """
    questions = (knowledge.questions[question] for question in node.questions)
    open_now = [question for question in questions if is_open(question, session, knowledge)]
    return max(open_now, key=lambda question: _gain(question, diagnosis), default=None)


def _gain(question: Question, diagnosis: Diagnosis) -> float:
    codes = {code for choice in question.choices for code in choice.means}
    prior = dict.fromkeys(codes, _BACKGROUND)
    prior |= {cause.code: max(cause.confidence, _BACKGROUND) for cause in diagnosis.causes}
    left = sum(_entropy_after(choice, prior, question.choices) for choice in question.choices)
    return round(_entropy(prior) - left, 6) if question.choices else 0.0


def _entropy_after(choice: Choice, prior: dict[Code, float], choices: tuple[Choice, ...]) -> float:
    """The entropy that is left if `choice` is the answer, times how likely that answer is."""
    total = sum(prior.values())
    joint = {
        code: weight / total * _likely(choice, code, choices) for code, weight in prior.items()
    }
    return sum(joint.values()) * _entropy(joint)


def _likely(choice: Choice, code: Code, choices: tuple[Choice, ...]) -> float:
    """How likely a person with that cause gives that answer."""
    weights = [other.means.get(code, 0.0) + _BACKGROUND for other in choices]
    return (choice.means.get(code, 0.0) + _BACKGROUND) / sum(weights)


def _entropy(weights: dict[Code, float]) -> float:
    total = sum(weights.values())
    shares = (weight / total for weight in weights.values() if weight > 0)
    return -sum(share * log2(share) for share in shares)


def answered(session: Session, question: Question, choice: str) -> Session:
    """The session with an answer, which also fills the slot that the question stands for."""
    complaint = session.complaint or Complaint(text="")
    if choice != DONT_KNOW:
        complaint = _filled(complaint, question.slot, choice)
    return replace(
        session,
        complaint=complaint,
        answers=(*session.answers, Answer(question=question.id, choice=choice)),
        question=None,
    )


def _filled(complaint: Complaint, slot: str | None, choice: str) -> Complaint:
    if slot in {"provider", "server"}:
        return replace(complaint, provider=complaint.provider or choice)
    if slot == "client":
        return replace(complaint, client=choice)
    if slot == "security" and choice in set(Security):
        return replace(complaint, security=Security(choice))
    if slot == "error" and choice in set(Intent):
        return replace(complaint, intent=Intent(choice))
    return complaint
