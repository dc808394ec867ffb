"""What a desk works with, in one bundle."""

from dataclasses import dataclass, field

from bot.desk.allowance import Allowance
from bot.desk.checks import Checks
from bot.desk.ports import Casebook, Clock
from bot.knowledge.schema import Knowledge

__all__ = ["Office"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """What a desk works with."""

    casebook: Casebook
    checks: Checks
    clock: Clock
    knowledge: Knowledge
    allowance: Allowance = field(default_factory=Allowance)
