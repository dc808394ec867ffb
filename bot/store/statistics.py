"""Statistics from the counters alone: as quick for a million cases as for ten."""

from collections import defaultdict
from collections.abc import Mapping

from bot.model.history import AdviceCount, Statistics
from bot.store.counters import Dimension
from bot.store.database import Connection

__all__ = ["read_statistics"]


def read_statistics(connection: Connection) -> Statistics:
    """Counts over all cases, the most frequent first, days in their order.

    `solved_without_human` is the share of complaints that have come to an end with the bot, closed
    or handed over, in which no human was asked and the trouble was fixed or worked around; 0.0
    while there is none. The medians are over
    complaints with a verdict: questions asked so far, and seconds from the opening to the verdict
    (to a tenth below a minute, to a second below an hour, to a minute above). Cases of kind `check`
    count in everything but these three.
    """
    counted: dict[str, dict[str, int]] = defaultdict(dict)
    for row in connection.all("SELECT dimension, key, count FROM counters WHERE count > 0"):
        counted[row["dimension"]][row["key"]] = row["count"]
    closed = counted[Dimension.CLOSED].get("", 0)
    return Statistics(
        cases=counted[Dimension.CASES].get("", 0),
        by_cause=_ranked(counted[Dimension.CAUSE]),
        by_provider=_ranked(counted[Dimension.PROVIDER]),
        by_host=_ranked(counted[Dimension.HOST]),
        by_client=_ranked(counted[Dimension.CLIENT]),
        by_day=dict(sorted(counted[Dimension.DAY].items())),
        solved_without_human=counted[Dimension.SOLVED].get("", 0) / closed if closed else 0.0,
        median_questions=_median(counted[Dimension.QUESTIONS]),
        median_seconds_to_verdict=_median(counted[Dimension.SECONDS]),
        advice=_advice(counted[Dimension.GIVEN], counted[Dimension.HELPED]),
    )


def _ranked(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda entry: (-entry[1], entry[0])))


def _advice(given: Mapping[str, int], helped: Mapping[str, int]) -> tuple[AdviceCount, ...]:
    return tuple(
        AdviceCount(id=advice, given=count, helped=helped.get(advice, 0))
        for advice, count in _ranked({**dict.fromkeys(helped, 0), **given}).items()
    )


def _median(histogram: Mapping[str, int]) -> float | None:
    """The middle of all values, or halfway between the middle two; None without values."""
    total = sum(histogram.values())
    if total == 0:
        return None
    values = sorted((float(value), count) for value, count in histogram.items())
    return (_value_at(values, (total - 1) // 2) + _value_at(values, total // 2)) / 2


def _value_at(values: list[tuple[float, int]], position: int) -> float:
    passed = 0
    for value, count in values:
        passed += count
        if position < passed:
            return value
    raise IndexError(position)
