"""What the desk needs from the world, as Protocols. `app` names the adapters that keep them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from bot.model.case import CaseId, CaseKind, Resolution, Session, ThreadKey
from bot.model.evidence import Attempt, Observation, StageEvent
from bot.model.history import CaseEvent, CaseFile, SearchPage, Statistics
from bot.model.reply import Reply, Tone
from bot.model.target import Target

__all__ = [
    "Casebook",
    "Clock",
    "Ending",
    "Inbox",
    "Letter",
    "Listener",
    "Outbox",
    "Prober",
    "Received",
    "Speaker",
    "Turn",
    "Withdrawal",
]

Listener = Callable[[StageEvent], None]


class Clock(Protocol):
    """Time, so that a script can move it."""

    def now(self) -> datetime:
        """The time in UTC."""
        ...


class Ending(StrEnum):
    """How a check ends for those who watch it."""

    DONE = "done"  # what follows from it is said next
    NEEDLESS = "needless"  # it was called off: another one, or a person, takes its place
    INTERRUPTED = "interrupted"  # it is made again at the next start


class Speaker(Protocol):
    """Where replies go: a thread in Slack, lines in a terminal."""

    async def say(self, letter: Letter) -> str:
        """Delivers a letter; returns what the transport knows it by. Raises DeliveryError."""
        ...

    async def find(self, letter: Letter) -> str | None:
        """What the transport knows a letter by that may have been delivered; None if it was not.

        Raises DeliveryError where that cannot be told now.
        """
        ...

    def progress(self, letter: Letter, event: StageEvent, /) -> None:
        """Shows at the letter that a stage of its check has ended; at most once, never waited for.

        `letter.reference` is empty where the letter is still on its way.
        """
        ...

    def progress_over(self, letter: Letter, ending: Ending, /) -> None:
        """Shows at the letter how its check has ended."""
        ...


class Prober(Protocol):
    """Looks at servers. Never raises for what a server does, never judges."""

    def prepare(self) -> None:
        """Builds what all checks share; takes a moment, and no check need wait for it then."""
        ...

    async def resolve(self, host: str, deadline: timedelta) -> tuple[Observation, ...]:
        """The look-up of `host`: one DNS observation, Seen with Addresses or Failed.

        A literal or `localhost` costs no look-up. An address that policy refuses gives Failed with
        `policy.address_not_allowed`, and then nothing of the answer may be dialled.
        """
        ...

    async def discover(self, domain: str, deadline: timedelta) -> tuple[Observation, ...]:
        """What a domain says about its mail servers: an observation for each question to DNS.

        Seen with Services or Exchanges, also where the domain says nothing; Failed where the answer
        is an error, or that the domain takes no mail (RFC 7505). No name of it is looked up.
        """
        ...

    async def attempt(
        self,
        host: str,
        attempt: Attempt,
        deadline: timedelta,
        report: Callable[[Observation], None],
    ) -> None:
        """Makes one connection and reports each stage as it ends; returns when it is closed.

        Stages that did not run are reported as Skipped. Cancelling closes the socket.
        """
        ...

    def may_check(self, target: Target) -> Observation | None:
        """What policy refuses without a look-up (port, literal address) as Failed, else None."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """An event from outside, to be remembered before it is acknowledged. Redacted already."""

    event_id: str
    thread: ThreadKey
    kind: str
    payload: str  # JSON
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A reply in the outbox. `key` is unique: the same reply is never stored twice.

    `revision` is the turn that its buttons belong to. `tried` is when it was last sent off.
    """

    key: str
    thread: ThreadKey
    reply: Reply
    revision: int = 0
    state: str = "pending"  # pending, sending, sent, failed
    reference: str | None = None  # what the transport knows it by once sent
    attempts: int = 0
    tried: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """All that one turn of a conversation changes; stored in one transaction or not at all.

    `session.case` None opens a case. `summary` and `words` are redacted: what the case is called
    in a list, and what it can be found by. `handled` is the inbox event that caused the turn.
    `given` are the ids of advice given for the first time in this turn. `saw` is the revision of
    the thread that the turn was made from; None where it is made from nothing.
    """

    session: Session
    at: datetime
    summary: str
    words: str
    by: str
    kind: CaseKind = CaseKind.COMPLAINT
    events: tuple[CaseEvent, ...] = ()
    letters: tuple[Letter, ...] = ()
    given: tuple[str, ...] = ()
    resolution: Resolution | None = None
    handled: str | None = None
    knowledge_version: str = ""
    saw: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """A message that its writer deleted: its text is to go, wherever it was kept.

    `message` is the inbox event of the message, `handled` that of its deletion.
    """

    message: str
    thread: ThreadKey
    handled: str
    at: datetime


class Inbox(Protocol):
    """Events received; redelivery changes nothing."""

    async def receive(self, received: Received) -> bool:
        """Stores the event; False if its id is there already."""
        ...

    async def unhandled(self) -> Sequence[Received]:
        """Events that were received and whose turn never ended, oldest first."""
        ...

    async def done(self, event_id: str, at: datetime, letters: Sequence[Letter] = ()) -> None:
        """Marks an event that changed no case as done with, and stores what is said about it."""
        ...

    async def knows(self, thread: ThreadKey) -> bool:
        """Whether a thread has a case, or an event that will open one."""
        ...

    async def has(self, event_id: str) -> bool:
        """Whether an event is there, handled or not."""
        ...

    async def withdraw(self, withdrawal: Withdrawal) -> None:
        """Drops the text of a message from inbox, case, log and search, and marks it as done."""
        ...

    async def tidy(self, at: datetime) -> int:
        """Deletes what has served its time; returns the number of rows."""
        ...


class Outbox(Protocol):
    """Replies to deliver: pending, sending, sent; failed where they never can be."""

    async def waiting(self, thread: ThreadKey | None = None) -> Sequence[Letter]:
        """Letters that are not sent yet, oldest first; of one thread where it is given."""
        ...

    async def sending(self, key: str, at: datetime) -> None:
        """Marks the letter as on its way and counts the attempt."""
        ...

    async def sent(self, key: str, reference: str, at: datetime) -> None:
        """Marks the letter as delivered."""
        ...

    async def failed(self, key: str, because: str, at: datetime) -> None:
        """Marks the letter as one that will never be delivered."""
        ...

    async def newest(self, thread: ThreadKey, tone: Tone | None = None) -> Letter | None:
        """The letter that was delivered last in a thread, of that tone if one is given, or None."""
        ...


class Casebook(Inbox, Outbox, Protocol):
    """Cases and their history. Errors of the disk or file come as StoreError."""

    async def keep(self, turn: Turn) -> Session:
        """Stores the turn in one transaction; returns the session with its case id."""
        ...

    async def session(self, thread: ThreadKey) -> Session | None:
        """The newest session of a thread, closed or not; None if it has none."""
        ...

    async def session_of(self, case: CaseId) -> Session:
        """The session of a case; CaseNotFoundError if there is none."""
        ...

    async def checking(self) -> Sequence[Session]:
        """Sessions that wait for a check, oldest first."""
        ...

    async def due(self, at: datetime) -> Sequence[Session]:
        """Sessions whose time has come, earliest first."""
        ...

    async def search(self, words: str, *, limit: int, offset: int) -> SearchPage:
        """Cases that hold all the words, best match first among the newest 10,000 matches.

        No words: the newest cases. Any text is a legal query.
        """
        ...

    async def show(self, case: CaseId) -> CaseFile:
        """A case, whole; CaseNotFoundError if there is none."""
        ...

    async def statistics(self) -> Statistics:
        """Counts over all cases, from counters kept in the same transactions."""
        ...

    async def close(self) -> None:
        """Ends the writer and closes the file."""
        ...
