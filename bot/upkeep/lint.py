"""Proves that the knowledge is whole: every way leads somewhere, every cause has its advice.

The loader refuses what cannot be read; what is found here can be read and would still let somebody
down: a dead end, a question nobody asks, advice without a source, a fact past its review date.
"""

from collections.abc import Iterator
from datetime import date

from bot.knowledge.schema import Knowledge
from bot.model.codes import Severity
from bot.upkeep.faults import Fault
from bot.upkeep.lint_advice import advice_faults
from bot.upkeep.lint_facts import fact_faults
from bot.upkeep.lint_questions import question_faults
from bot.upkeep.lint_rules import rule_faults
from bot.upkeep.lint_texts import text_faults
from bot.upkeep.lint_trees import tree_faults

__all__ = ["Fault", "Severity", "check_knowledge"]


def check_knowledge(knowledge: Knowledge, today: date) -> tuple[Fault, ...]:
    """All faults of `knowledge` as of `today`: problems first, then warnings, each by its place."""
    return tuple(sorted(_all(knowledge, today), key=_rank))


def _all(knowledge: Knowledge, today: date) -> Iterator[Fault]:
    yield from tree_faults(knowledge)
    yield from question_faults(knowledge)
    yield from rule_faults(knowledge)
    yield from advice_faults(knowledge)
    yield from text_faults(knowledge)
    yield from fact_faults(knowledge, today)


def _rank(fault: Fault) -> tuple[bool, str, str]:
    return fault.severity != Severity.PROBLEM, fault.key, fault.problem
