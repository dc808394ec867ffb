"""Faults of claims: where knowledge says which statements of the article it comes from."""

import re
from collections.abc import Iterator

from bot.upkeep.faults import Fault, problem

__all__ = ["claim_faults"]

_CLAIM = re.compile(r"S(?:0[1-9]|[1-6][0-9]|7[0-7])")


def claim_faults(key: str, claims: tuple[str, ...]) -> Iterator[Fault]:
    """Claims that are missing, or that docs/source-review.md does not have."""
    if not claims:
        cure = "name the claims S01 to S77 of docs/source-review.md that it comes from"
        yield problem(f"{key}.claims", "has no claims", cure)
    for claim in claims:
        if not _CLAIM.fullmatch(claim):
            yield problem(f"{key}.claims", f'"{claim}" is no claim', "claims are S01 to S77")
