"""What is read back from the history of cases."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.model.case import CaseId, Outcome, Resolution, State
from bot.model.codes import Code

__all__ = ["AdviceCount", "CaseEvent", "CaseFile", "CaseSummary", "SearchPage", "Statistics"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSummary:
    """One line of a search result. `matched` is an excerpt around the words that were found."""

    id: CaseId
    opened: datetime
    state: State
    outcome: Outcome | None
    verdict: Code | None
    host: str | None
    port: int | None
    provider: str | None
    summary: str
    matched: str = ""
    by: str = ""  # who opened it
    helped: tuple[str, ...] = ()  # ids of the advice that did, as far as anybody said


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPage:
    """A page of results. `total` is exact up to 1,000; `more` says that there are beyond."""

    total: int
    more: bool
    cases: tuple[CaseSummary, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEvent:
    """One entry of a case's append-only log; `data` is a JSON object as text.

    `source` is the inbox event that it came from; None for what came from within.
    """

    at: datetime
    kind: str
    data: str = "{}"
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """A case as a helper reads it, whole."""

    summary: CaseSummary
    closed: datetime | None
    client: str | None
    path: tuple[str, ...]
    advice: tuple[str, ...]
    resolution: Resolution | None
    events: tuple[CaseEvent, ...]
    session: str = "{}"  # the stored session as JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviceCount:
    """How often an advice was given, and how often it was on the table when a case was fixed."""

    id: str
    given: int
    helped: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """Counts over all cases; the medians are None where there is nothing to count."""

    cases: int
    by_cause: Mapping[str, int] = field(default_factory=dict)
    by_provider: Mapping[str, int] = field(default_factory=dict)
    by_host: Mapping[str, int] = field(default_factory=dict)
    by_client: Mapping[str, int] = field(default_factory=dict)
    by_day: Mapping[str, int] = field(default_factory=dict)
    solved_without_human: float = 0.0
    median_questions: float | None = None
    median_seconds_to_verdict: float | None = None
    advice: tuple[AdviceCount, ...] = ()
