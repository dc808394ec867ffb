"""A fault of the knowledge, as a value."""

from collections.abc import Collection
from dataclasses import dataclass

from bot.model.codes import Severity
from bot.upkeep.errors import did_you_mean, one_line

__all__ = ["Fault", "problem", "unknown_name", "warning"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong, where, and what to write instead.

    `key` begins with the file (`trees/cannot-send.toml: node.ask-port.to`) or, where entries of a
    kind may lie in any file, with its folder (`rules: rule.closed-port.cause`).
    """

    key: str
    problem: str
    cure: str
    severity: Severity

    def __str__(self) -> str:
        return one_line("", self.key, self.problem, self.cure)


def problem(key: str, said: str, cure: str) -> Fault:
    """A fault that would let somebody down."""
    return Fault(key=key, problem=said, cure=cure, severity=Severity.PROBLEM)


def warning(key: str, said: str, cure: str) -> Fault:
    """A fault that can wait."""
    return Fault(key=key, problem=said, cure=cure, severity=Severity.WARNING)


def unknown_name(key: str, kind: str, name: str, known: Collection[str]) -> Fault:
    """The fault that `name` is no known `kind`, with the nearest one that is."""
    few = sorted(known)[:12]
    otherwise = "known: " + ", ".join(few) + (", …" if len(known) > len(few) else "")
    cure = did_you_mean(name, known, otherwise if few else f"there is no {kind} at all")
    return problem(key, f'{kind} "{name}" does not exist', cure)
