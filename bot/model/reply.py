"""What the bot says, with no transport in it."""

from dataclasses import dataclass
from enum import StrEnum

from bot.model.diagnosis import Advice

__all__ = ["Field", "FieldKind", "Option", "Reply", "Tone"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A button. Its id is what comes back when it is chosen."""

    id: str
    label: str


class FieldKind(StrEnum):
    """How a field is to be filled in."""

    TEXT = "text"
    NUMBER = "number"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A blank to fill in."""

    id: str
    label: str
    kind: FieldKind = FieldKind.TEXT
    options: tuple[Option, ...] = ()


class Tone(StrEnum):
    """What the title's mark says before a word is read."""

    PLAIN = "plain"
    GOOD = "good"
    BAD = "bad"
    WARNING = "warning"
    WORKING = "working"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One message: a title, what was found, why, what to do, and what can be answered.

    `facts` are short lines of proof (what was seen, at which address, how fast).
    """

    title: str = ""
    paragraphs: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    advice: tuple[Advice, ...] = ()
    options: tuple[Option, ...] = ()
    fields: tuple[Field, ...] = ()
    tone: Tone = Tone.PLAIN
