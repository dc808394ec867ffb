"""What can happen in a case (past tense) and what is to be done about it (imperative)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.model.complaint import Complaint
from bot.model.evidence import Evidence
from bot.model.reply import Reply
from bot.model.target import Target

__all__ = [
    "Checked",
    "Chose",
    "Corrected",
    "Effect",
    "Elapsed",
    "Event",
    "Filled",
    "Resumed",
    "RunCheck",
    "Said",
    "Speak",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Somebody wrote something; read already, secrets gone.

    `addressed` False: it was overheard, as a message in a channel's thread that mentions nobody.
    """

    complaint: Complaint
    by: str
    at: datetime
    addressed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """Somebody edited what they had written; `before` is how it read until then."""

    complaint: Complaint
    before: Complaint
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Chose:
    """Somebody pressed a button. `revision` None: the transport cannot tell which turn's."""

    option: str
    by: str
    at: datetime
    revision: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """Somebody filled in fields."""

    values: Mapping[str, str]
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A check has ended. `number` is the one that was asked for; an older one is stale."""

    target: Target
    evidence: Evidence
    number: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Elapsed:
    """The time has come that the session was waiting for."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed:
    """The bot was interrupted and is back."""

    at: datetime


Event = Said | Corrected | Chose | Filled | Checked | Elapsed | Resumed


@dataclass(frozen=True, slots=True, kw_only=True)
class Speak:
    """Say this. `advice` are the ids of advice that is given for the first time."""

    reply: Reply
    advice: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCheck:
    """Look at this server and come back with `Checked(number)`.

    `anew` after something was changed: what was seen before that does not count.
    """

    target: Target
    number: int
    anew: bool = False


Effect = Speak | RunCheck
