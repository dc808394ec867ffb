"""A case: one trouble of one person, from the complaint to its resolution."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from bot.model.codes import Code
from bot.model.complaint import Complaint
from bot.model.diagnosis import Diagnosis
from bot.model.evidence import Evidence
from bot.model.target import Setting

__all__ = [
    "Answer",
    "CaseId",
    "CaseKind",
    "Outcome",
    "Resolution",
    "Session",
    "State",
    "ThreadKey",
]

CaseId = NewType("CaseId", str)
ThreadKey = NewType("ThreadKey", str)


class State(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    ASKING = "asking"
    CHECKING = "checking"
    ADVISED = "advised"
    HANDED_OVER = "handed_over"
    CLOSED = "closed"


class CaseKind(StrEnum):
    """How a case came about: a complaint, or a check asked for by a slash command."""

    COMPLAINT = "complaint"
    CHECK = "check"


class Outcome(StrEnum):
    """How a case ended."""

    FIXED = "fixed"
    WORKAROUND = "workaround"
    ESCALATED = "escalated"
    NOT_FIXED = "not_fixed"
    ABANDONED = "abandoned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was answered to a question: a choice's id, or the words where it was free text."""

    question: str
    choice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """How a case ended, who said so and when. `actual_cause` None: nobody knows."""

    outcome: Outcome
    actual_cause: Code | None
    note: str
    by: str
    at: datetime
    helped: tuple[str, ...] = ()  # ids of the advice that was on the table when it was fixed


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Everything that the conversation must remember to go on, after a crash too.

    `node` is `tree/node` of the knowledge; `path` the nodes walked so far. `question` is the one
    that waits for an answer. `tried` are the causes whose advice did not help. `setting` is what
    was taken up of a suggestion, and is checked in place of what was stated. `advised` is all
    advice given, `on_table` that of the last verdict. `rechecking` marks a check after a change.
    `asked_if_works`: the last thing said was that question, so a bare yes or no answers it.
    `due` is when the silent person is reminded, then given up. `revision` counts turns;
    `offered_at` is the one since which `offered` stand: a button of an earlier one is stale.
    `by` opened the case, at the turn `began`. `doubted` is the measured cause that was looked at
    again since its advice did not help.
    """

    thread: ThreadKey
    case: CaseId | None = None
    state: State = State.OPEN
    node: str | None = None
    path: tuple[str, ...] = ()
    question: str | None = None
    answers: tuple[Answer, ...] = ()
    complaint: Complaint | None = None
    setting: Setting | None = None
    evidence: Evidence | None = None
    diagnosis: Diagnosis | None = None
    tried: tuple[Code, ...] = ()
    advised: tuple[str, ...] = ()
    on_table: tuple[str, ...] = ()
    offered: tuple[str, ...] = ()
    asked: int = 0
    checks: int = 0
    rechecking: bool = False
    asked_if_works: bool = False
    opened: datetime | None = None
    verdict_at: datetime | None = None
    due: datetime | None = None
    reminded: bool = False
    resolution: Resolution | None = None
    revision: int = 0
    offered_at: int = 0
    by: str = ""
    began: int = 0
    doubted: Code | None = None
