"""The judgement on a complaint and its evidence, and what is advised."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.model.codes import Code, Severity
from bot.model.evidence import Observation, Stage
from bot.model.target import Protocol, Security, Setting

__all__ = ["Advice", "Cause", "CheckedTarget", "Diagnosis", "Note", "Source", "Step"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A fact worth knowing beside the verdict; `details` fill the sentence about it."""

    code: Code
    severity: Severity
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """A cause that is held possible. `rule` names the rule or decoder that speaks for it."""

    code: Code
    confidence: float  # 0..1
    rule: str
    because: tuple[Observation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedTarget:
    """The target with what the check filled in; what could not be read is None."""

    host: str | None
    port: int | None
    security: Security
    protocol: Protocol
    stated: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """Ranked causes with what speaks for them, what was ruled out and what could not be tested.

    `causes` is never empty; the first is the verdict. `suggested` was checked live in the same
    run and works. `missing` are stages that did not run, with the reason.
    """

    target: CheckedTarget | None
    causes: tuple[Cause, ...]
    notes: tuple[Note, ...] = ()
    ruled_out: tuple[Code, ...] = ()
    missing: tuple[tuple[Stage, str], ...] = ()
    suggested: Setting | None = None
    works: bool = False  # the stated target can be used as it stands
    details: Mapping[str, str] = field(default_factory=dict)  # fill the verdict's sentence

    @property
    def verdict(self) -> Cause:
        """The cause that is put first."""
        return self.causes[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a fact comes from, and when somebody last looked."""

    title: str
    url: str
    checked_on: str  # ISO date


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing to do, ready to read; `details` say how in this person's mail program."""

    text: str
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What to do about a cause."""

    id: str
    title: str
    steps: tuple[Step, ...]
    sources: tuple[Source, ...]
    for_admin: bool = False
