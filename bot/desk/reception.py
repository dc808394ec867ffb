"""The desk as a service: it takes up what was left, works on, and stops without losing anything.

What arrives is attended to in tasks of its own; one that fails on our account leaves the person
an apology and the log a trace, and the others go on.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from typing import Any

from bot.desk.desk import Desk
from bot.desk.incoming import Incoming
from bot.desk.ports import Casebook, Clock, Received
from bot.model.case import Session, ThreadKey

__all__ = ["Reception"]

# Finds the thread in which an event can be answered, where the process before us had not yet.
Place = Callable[[Received], Awaitable[Received]]

_TICK = 30.0  # seconds; reminders come after hours
_TIDY = 3600.0
_TURNS = 2.0  # a turn takes milliseconds; one that hangs is not waited for


class Reception:
    """A desk that is open all day."""

    def __init__(self, desk: Desk, casebook: Casebook, clock: Clock, place: Place) -> None:
        self._desk = desk
        self._casebook = casebook
        self._clock = clock
        self._place = place
        self._work: set[asyncio.Task[None]] = set()
        self._routine: tuple[asyncio.Task[None], ...] = ()
        self._stopping = False

    async def receive(self, incoming: Incoming) -> Received | None:
        """Puts an event on the disk, so that it may be acknowledged; None for a repeat."""
        return await self._desk.receive(incoming)

    async def attend(self, received: Received) -> None:
        """Performs the turn of an event; never raises. One that comes while we stop waits."""
        if self._stopping:
            return
        task = self._start(self._attended(received))
        await asyncio.wait({task})

    async def session(self, thread: ThreadKey) -> Session | None:
        """The newest session of a thread; None before the first complaint."""
        return await self._desk.session(thread)

    async def knows(self, thread: ThreadKey) -> bool:
        """Whether a thread is one of ours, be it in memory alone."""
        return await self._casebook.knows(thread) or await self._desk.session(thread) is not None

    async def has(self, event_id: str) -> bool:
        """Whether an event was received before."""
        return await self._casebook.has(event_id)

    def open(self) -> None:
        """Begins the daily round: timers, and what has served its time goes."""
        self._routine = (
            asyncio.create_task(self._every(_TICK, self._desk.tick)),
            asyncio.create_task(self._every(_TIDY, self._tidy)),
        )

    async def recover(self) -> None:
        """Takes up what an interrupted process left, beside what arrives; never raises."""
        await self._survives(self._desk.recover(self._taken_up), "recovery")

    async def stop(self, within: timedelta) -> None:
        """Ends what can be ended within the time; the rest goes on at the next start."""
        self._stopping = True
        for task in self._routine:
            task.cancel()
        await asyncio.gather(*self._routine, return_exceptions=True)
        loop = asyncio.get_running_loop()
        end = loop.time() + within.total_seconds()
        if self._work:
            await asyncio.wait(self._work, timeout=_TURNS)
        await self._desk.stop(timedelta(seconds=max(0.0, end - loop.time())))

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)
        return task

    async def _taken_up(self, received: Received) -> None:
        await self._attended(await self._place(received))

    async def _attended(self, received: Received) -> None:
        if not await self._survives(self._desk.handle(received), "turn") and not self._stopping:
            await self._survives(self._desk.apologize(received), "apology")

    async def _every(self, seconds: float, work: Callable[[], Coroutine[Any, Any, object]]) -> None:
        while True:
            await self._survives(work(), "routine")
            await asyncio.sleep(seconds)

    async def _tidy(self) -> None:
        while await self._casebook.tidy(self._clock.now()):
            continue  # in batches, between which others may write

    async def _survives(self, work: Coroutine[Any, Any, object], what: str) -> bool:
        """Whether the work came to its end; a surprise is in the log."""
        try:
            await work
        except Exception:
            logging.getLogger(__name__).exception("failed", extra={"what": what})
            return False
        return True
