"""A speaker for tests, which fails where a test wants it to, and desks that speak with it."""

import asyncio
from collections import defaultdict
from datetime import timedelta

from bot.desk.allowance import Allowance
from bot.desk.checks import Checks
from bot.desk.clock import SystemClock
from bot.desk.desk import Desk
from bot.desk.errors import DeliveryError
from bot.desk.office import Office
from bot.desk.ports import Ending, Letter
from bot.desk.run import CheckLimits
from bot.knowledge.schema import Knowledge
from bot.model.case import ThreadKey
from bot.model.evidence import StageEvent
from bot.model.target import Security
from bot.probes.prober import NetworkProber
from bot.store.casebook import SqliteCasebook

__all__ = ["OpenDesk", "Voice"]


class Voice:
    """A `Speaker` that keeps each letter it delivered.

    `troubles` are what the next attempts at a letter come to, by its key; a letter among `arrives`
    is delivered in spite of them. A thread in `closed` keeps its letters waiting till it opens.
    """

    def __init__(self) -> None:
        self.said: list[Letter] = []
        self.tried: list[str] = []
        self.looked_for: list[str] = []
        self.troubles: defaultdict[str, list[DeliveryError]] = defaultdict(list)
        self.not_found_yet: defaultdict[str, list[DeliveryError]] = defaultdict(list)
        self.arrives: set[str] = set()
        self.closed: dict[ThreadKey, asyncio.Event] = {}
        self.progressed: list[tuple[Letter, StageEvent]] = []
        self.over: list[tuple[Letter, Ending]] = []
        self.saw = asyncio.Event()  # a check has made a connection
        self.was_tried = asyncio.Event()

    async def say(self, letter: Letter) -> str:
        """Keeps the letter, unless there is trouble."""
        self.tried.append(letter.key)
        self.was_tried.set()
        if letter.thread in self.closed:
            await self.closed[letter.thread].wait()
        if self.troubles[letter.key]:
            if letter.key in self.arrives:
                self.said.append(letter)
            raise self.troubles[letter.key].pop(0)
        self.said.append(letter)
        return f"ref:{letter.key}"

    async def find(self, letter: Letter) -> str | None:
        """What a letter that was kept is known by."""
        self.looked_for.append(letter.key)
        if self.not_found_yet[letter.key]:
            raise self.not_found_yet[letter.key].pop(0)
        return f"ref:{letter.key}" if letter.key in self.keys else None

    def progress(self, letter: Letter, event: StageEvent, /) -> None:
        """Notes the stage, and that a connection was made."""
        self.progressed.append((letter, event))
        if event.observation.attempt is not None:
            self.saw.set()

    def progress_over(self, letter: Letter, ending: Ending, /) -> None:
        """Notes the end of a check."""
        self.over.append((letter, ending))

    @property
    def keys(self) -> list[str]:
        """The keys of what was said, in order."""
        return [letter.key for letter in self.said]

    @property
    def words(self) -> str:
        """All that was said."""
        return "\n".join(
            "\n".join((letter.reply.title, *letter.reply.paragraphs)) for letter in self.said
        )


class OpenDesk:
    """Opens desks on stores; they all speak with one voice and stop with the test."""

    def __init__(
        self, prober: NetworkProber, knowledge: Knowledge, voice: Voice, clock: SystemClock
    ) -> None:
        self._prober = prober
        self._knowledge = knowledge
        self._voice = voice
        self._clock = clock
        self.opened: list[Desk] = []

    def __call__(self, book: SqliteCasebook, checks_per_hour: int | None = None) -> Desk:
        """A desk whose checks take at most five seconds."""
        limits = CheckLimits(
            deadline=timedelta(seconds=5), alternatives=((1024, Security.STARTTLS),)
        )
        office = Office(
            casebook=book,
            checks=Checks(self._prober, self._clock, limits),
            clock=self._clock,
            knowledge=self._knowledge,
            allowance=Allowance(checks_per_hour),
        )
        self.opened.append(Desk(office, self._voice))
        return self.opened[-1]
