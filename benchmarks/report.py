"""How a benchmark prints what it found: one line about the machine, one table."""

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime

__all__ = ["milliseconds", "print_machine", "print_table"]


def print_machine(how: str) -> None:
    """The date, the machine, and how it was measured."""
    cores = len(os.sched_getaffinity(0))
    today = datetime.now(UTC).date()
    print(f"{today}, {cores} cores, Python {platform.python_version()}. {how}\n")


def print_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A Markdown table, the first column to the left and numbers to the right."""
    wide = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    rule = ["-" * wide[0], *("-" * (width - 1) + ":" for width in wide[1:])]
    for row in (head, rule, *rows):
        first = row[0].ljust(wide[0])
        rest = (cell.rjust(width) for cell, width in zip(row[1:], wide[1:], strict=True))
        print(f"| {' | '.join((first, *rest))} |")


def milliseconds(seconds: float) -> str:
    """`40 ms`."""
    return f"{seconds * 1000:.0f} ms"
