"""Statistics follow every change of a case."""

import itertools
import sqlite3
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from factories import (
    NOON,
    a_complaint,
    a_diagnosis,
    a_full_session,
    a_resolution,
    a_session,
    a_turn,
)

from bot.model.case import CaseKind, Outcome, Session, State
from bot.model.codes import Code
from bot.model.history import AdviceCount, Statistics
from bot.store.casebook import SqliteCasebook


async def test_without_cases_there_is_nothing_to_count(casebook: SqliteCasebook) -> None:
    """An empty casebook has no medians and a share of zero."""
    assert await casebook.statistics() == Statistics(cases=0)


async def test_each_case_counts_once(casebook: SqliteCasebook) -> None:
    """Counts are by cause, provider, host, client and day of opening, frequent ones first."""
    day = timedelta(days=1)
    for code, opened in (
        (Code.TCP_REFUSED, NOON + day),
        (Code.CERT_EXPIRED, NOON),
        (Code.CERT_EXPIRED, NOON),
    ):
        await casebook.keep(
            a_turn(replace(a_session(), diagnosis=a_diagnosis(code), opened=opened))
        )

    found = await casebook.statistics()

    assert found.cases == 3
    assert list(found.by_cause.items()) == [("cert.expired", 2), ("tcp.refused", 1)]
    assert found.by_host == {"mail.example.test": 3}
    assert found.by_provider == {"example": 3}
    assert found.by_client == {"outlook": 3}
    assert list(found.by_day.items()) == [("2026-11-23", 2), ("2026-11-24", 1)]


async def test_a_changed_verdict_moves_the_count(casebook: SqliteCasebook) -> None:
    """The old cause and host lose the case that the new ones gain."""
    kept = await casebook.keep(a_turn(replace(a_session(), diagnosis=a_diagnosis())))
    other = a_diagnosis(Code.TCP_REFUSED, "other.example.test")
    await casebook.keep(a_turn(replace(kept, diagnosis=other, revision=2)))

    found = await casebook.statistics()

    assert found.by_cause == {"tcp.refused": 1}
    assert found.by_host == {"other.example.test": 1}


async def test_the_share_solved_without_a_human(casebook: SqliteCasebook) -> None:
    """Of closed complaints, those fixed or worked around that were never handed over."""
    closed = a_full_session()
    for outcome in (Outcome.FIXED, Outcome.WORKAROUND, Outcome.NOT_FIXED, Outcome.ABANDONED):
        await casebook.keep(a_turn(replace(closed, resolution=a_resolution(outcome))))
    handed = replace(a_session(), state=State.HANDED_OVER)
    kept = await casebook.keep(a_turn(handed))
    await casebook.keep(a_turn(replace(closed, case=kept.case, revision=2)))
    await casebook.keep(a_turn())
    await casebook.keep(a_turn(replace(closed, resolution=None), kind=CaseKind.CHECK))

    assert (await casebook.statistics()).solved_without_human == 2 / 5


async def test_a_case_that_is_opened_again_is_not_solved(casebook: SqliteCasebook) -> None:
    """Reopening takes back the closing and what has helped."""
    kept = await casebook.keep(a_turn(a_full_session(), given=("renew-certificate",)))
    before = await casebook.statistics()
    again = replace(kept, state=State.ASKING, resolution=None, revision=2)
    await casebook.keep(a_turn(again, given=("renew-certificate",)))
    after = await casebook.statistics()

    assert before.solved_without_human == 1.0
    assert before.advice == (AdviceCount(id="renew-certificate", given=1, helped=1),)
    assert after.solved_without_human == 0.0
    assert after.advice == (AdviceCount(id="renew-certificate", given=1, helped=0),)


async def test_medians_are_of_complaints_with_a_verdict(casebook: SqliteCasebook) -> None:
    """An even number of values gives the point between the middle two; checks do not count."""

    def judged(asked: int, seconds: float) -> Session:
        at = NOON + timedelta(seconds=seconds)
        return replace(a_session(), asked=asked, diagnosis=a_diagnosis(), verdict_at=at)

    for asked, seconds in ((0, 2.04), (1, 4.0), (2, 100.4), (9, 90_000.0)):
        await casebook.keep(a_turn(judged(asked, seconds)))
    await casebook.keep(a_turn(judged(0, 0.0), kind=CaseKind.CHECK))
    await casebook.keep(a_turn(replace(a_session(), asked=7)))

    found = await casebook.statistics()

    assert found.median_questions == 1.5
    assert found.median_seconds_to_verdict == (4.0 + 100.0) / 2


# Every mixture of what may change from turn to turn.
MIXTURES = list(
    itertools.product(
        (Code.CERT_EXPIRED, Code.TCP_REFUSED, None),
        (*Outcome, None),
        ("one", "two", None),
        ("a.example.test", "b.example.test"),
        State,
        (None, 0.4, 75.0, 9_000.0),
    )
)


def changed(session: Session, number: int) -> Session:
    """The session with a mixture of its own; numbers that follow each other are far apart."""
    mixture = MIXTURES[number * 7_919 % len(MIXTURES)]
    code, outcome, provider, host, state, seconds = mixture
    complaint = replace(a_complaint(), provider=provider) if number % 5 else None
    return replace(
        session,
        state=state,
        complaint=complaint,
        diagnosis=a_diagnosis(code, host) if code else None,
        asked=number % 4,
        verdict_at=None if seconds is None else NOON + timedelta(seconds=seconds),
        resolution=a_resolution(outcome) if outcome else None,
        revision=session.revision + 1,
    )


def counted_again(path: Path) -> dict[str, Counter[str]]:
    """What the columns of all cases add up to."""
    columns = ("verdict", "provider", "host", "client")
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT verdict, provider, host, client FROM cases").fetchall()
    connection.close()
    return {
        column: Counter(value for value in values if value)
        for column, values in zip(columns, zip(*rows, strict=True), strict=True)
    }


async def test_after_any_turns_the_counters_are_what_a_count_would_give(
    casebook: SqliteCasebook, path: Path
) -> None:
    """Three hundred turns of all kinds on twenty cases leave each counter right."""
    sessions = [await casebook.keep(a_turn()) for _ in range(20)]
    for number in range(300):
        place = number * 13 % 20
        sessions[place] = changed(sessions[place], number)
        await casebook.keep(a_turn(sessions[place]))

    found = await casebook.statistics()
    counted = counted_again(path)

    assert found.cases == 20
    assert found.by_cause == counted["verdict"]
    assert found.by_provider == counted["provider"]
    assert found.by_host == counted["host"]
    assert found.by_client == counted["client"]
