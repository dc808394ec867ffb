"""A name with several addresses of which some fail: which ones, why, and who notices.

A mail program takes the addresses in order, IPv6 before IPv4 (RFC 6724 section 6) and within a
family as the name server gave them. Few race them (RFC 8305); most wait for the first one, and
some try no other. So it matters which one is first.
"""

from collections.abc import Iterator, Mapping, Sequence

from bot.diagnosis.readings import Fact, Reading
from bot.diagnosis.situation import Live

__all__ = ["about_dead", "about_failing", "failing_beside"]

_SEVERAL = 2


def about_dead(live: Live) -> Mapping[str, str]:
    """What is to be said about `live.dead`, which is not empty.

    `first` is the address that programs try first; beside working ones it is also `first_dead` or
    `first_good`, by what becomes of it.
    """
    reason = live.dead[0].problems[0]
    failed = [one.attempt.address for one in live.dead]
    good = [one.attempt.address for one in live.stated if one.works]
    first = next(one.attempt.address for one in live.stated if not one.from_here())
    details = {
        "address": failed[0],
        "said": reason.said,
        "fact": reason.code,
        "failed_addresses": ", ".join(failed),
        "reasons": _reasons(live.dead),
        "first": first,
    }
    if good:
        details["addresses"] = ", ".join(good)
        details["first_dead" if first in failed else "first_good"] = first
    return details


def about_failing(live: Live) -> Mapping[str, str]:
    """Why each address fails, where a name has several and all of them do; else nothing."""
    if live.works or len(live.stated) < _SEVERAL:
        return {}
    failing = [one for one in live.stated if one.problems and not one.from_here()]
    return {"reasons": _reasons(failing)} if len(failing) >= _SEVERAL else {}


def failing_beside(live: Live) -> Iterator[tuple[Reading, Fact]]:
    """What is wrong with each further address of a name that works at none."""
    if live.works or live.base is None:
        return
    own = live.base.attempt.address  # it may be its other mode that stands for it
    for other in live.stated:
        if other.attempt.address != own and not other.from_here():
            for fact in other.problems:
                yield other, fact


def _reasons(failing: Sequence[Reading]) -> str:
    return "; ".join(_reason(one) for one in failing)


def _reason(reading: Reading) -> str:
    """Why an address fails; of one that answers, that it does."""
    facts = ", ".join(f"{fact.code} ({fact.said})" for fact in reading.problems)
    answers = "answers, but " if reading.connected() else ""
    return f"{reading.attempt.address}: {answers}{facts}"
