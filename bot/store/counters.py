"""What a case adds to the counters, so that statistics need not look at a million cases.

A turn takes away what the case counted for before and adds what it counts for now, in the same
transaction that stores the case: the counters are right at any moment, whatever changed.
"""

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum

from bot.model.case import CaseKind, Outcome, State
from bot.store.database import Connection
from bot.store.rows import CaseRow

__all__ = ["Dimension", "Tally", "add_to_counters", "tally"]

Tally = Counter[tuple[str, str]]

_SOLVED = frozenset({Outcome.FIXED.value, Outcome.WORKAROUND.value})
_MINUTE = 60
_HOUR = 3_600


class Dimension(StrEnum):
    """What is counted; the key says which one of its kind."""

    CASES = "cases"
    CAUSE = "cause"
    PROVIDER = "provider"
    HOST = "host"
    CLIENT = "client"
    DAY = "day"  # of opening, YYYY-MM-DD in UTC
    CLOSED = "closed"  # complaints that are closed or in the hands of a human
    SOLVED = "solved"  # of these: fixed or worked around, and no human was asked
    QUESTIONS = "questions"  # complaints with a verdict, by the number of questions it took
    SECONDS = "seconds"  # complaints with a verdict, by the seconds it took
    GIVEN = "given"
    HELPED = "helped"


def tally(case: CaseRow, helped: Iterable[str]) -> Tally:
    """What `case` counts for; `helped` are the ids of the advice its resolution names."""
    counted: Tally = Counter()
    counted[(Dimension.CASES, "")] = 1
    counted[(Dimension.DAY, case.opened[:10])] = 1
    described = (
        (Dimension.CAUSE, case.verdict),
        (Dimension.PROVIDER, case.provider),
        (Dimension.HOST, case.host),
        (Dimension.CLIENT, case.client),
    )
    counted.update((dimension, key) for dimension, key in described if key)
    if case.outcome in _SOLVED:
        counted.update((Dimension.HELPED, advice) for advice in set(helped))
    if case.kind == CaseKind.COMPLAINT:
        counted.update(_of_complaint(case))
    return counted


def add_to_counters(connection: Connection, changes: Tally) -> None:
    """Adds `changes`, which may be negative, inside the transaction that is open."""
    for (dimension, key), change in changes.items():
        if change == 0:
            continue
        connection.run(
            "INSERT INTO counters (dimension, key, count) VALUES (?, ?, ?) "
            "ON CONFLICT (dimension, key) DO UPDATE SET count = count + excluded.count",
            (dimension, key, change),
        )
        if change < 0:
            connection.run(
                "DELETE FROM counters WHERE dimension = ? AND key = ? AND count = 0",
                (dimension, key),
            )


def _of_complaint(case: CaseRow) -> Tally:
    counted: Tally = Counter()
    if case.state == State.CLOSED or case.handed_over:
        counted[(Dimension.CLOSED, "")] = 1
        if case.outcome in _SOLVED and not case.handed_over:
            counted[(Dimension.SOLVED, "")] = 1
    if case.verdict is not None:
        counted[(Dimension.QUESTIONS, str(case.questions))] = 1
    if case.seconds_to_verdict is not None:
        counted[(Dimension.SECONDS, _bucket(case.seconds_to_verdict))] = 1
    return counted


def _bucket(seconds: float) -> str:
    # Finer than anybody reads it, and still a few thousand counters at most for a day of waiting.
    if seconds < _MINUTE:
        return f"{seconds:.1f}"
    if seconds < _HOUR:
        return f"{seconds:.0f}"
    return f"{round(seconds / _MINUTE) * _MINUTE}"
