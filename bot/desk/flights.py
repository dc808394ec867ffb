"""Checks of one target that many ask for: one of them flies, and the others come along.

A check that is on its way takes in whoever asks for the same. One that has ended is good for a
while. Who has changed something wants a check that began after that: it waits for the one on its
way to end, and so do all who ask meanwhile, so that a crowd never makes two runs at once.
"""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from bot.desk.ports import Clock, Listener
from bot.model.evidence import Evidence, StageEvent

__all__ = ["FRESH", "Flights"]

FRESH = timedelta(seconds=30)  # that a result is good for, counted from the end of its check

Work = Callable[[Listener], Coroutine[Any, Any, Evidence]]


@dataclass(eq=False, slots=True)
class _Flight:
    """One check with all who wait for it. `after` is the one that must have ended first."""

    after: "_Flight | None" = None
    begun: bool = False
    landed: datetime | None = None
    told: list[StageEvent] = field(default_factory=list)
    listeners: list[Listener] = field(default_factory=list)
    waiting: int = 0
    task: asyncio.Task[Evidence] | None = None

    def tell(self, event: StageEvent) -> None:
        """Passes a stage on to everybody aboard."""
        self.told.append(event)
        for listener in tuple(self.listeners):
            listener(event)


class Flights:
    """At most one check of each target at a time; results are handed out again while fresh."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._newest: dict[Hashable, _Flight] = {}
        self._tidied = clock.now()

    def shares(self, target: Hashable) -> bool:
        """Whether who asks for `target` now would be given what others have asked for."""
        return self._open(target, anew=False) is not None

    async def take(
        self, target: Hashable, work: Work, listener: Listener, *, anew: bool = False
    ) -> Evidence:
        """The evidence on `target`, by `work` if nobody else's will do; raises what `work` raises.

        With `anew` it comes from a check that began after this call. What a shared check has seen
        so far is told to `listener` at once. When the last who waits is cancelled, so is the work,
        and it has ended when this returns.
        """
        flight = self._open(target, anew=anew) or self._start(target, work)
        return await self._aboard(target, flight, listener)

    def _open(self, target: Hashable, *, anew: bool) -> _Flight | None:
        """The flight that still takes somebody in."""
        flight = self._newest.get(target)
        if flight is None or (anew and flight.begun):
            return None
        is_fresh = flight.landed is None or self._age(flight) <= FRESH
        return flight if is_fresh else None

    def _start(self, target: Hashable, work: Work) -> _Flight:
        self._forget_the_stale()
        before = self._newest.get(target)
        flight = _Flight(after=before if before is not None and before.landed is None else None)
        flight.task = asyncio.create_task(self._fly(flight, work))
        self._newest[target] = flight
        return flight

    async def _fly(self, flight: _Flight, work: Work) -> Evidence:
        if flight.after is not None and flight.after.task is not None:
            await asyncio.wait({flight.after.task})
            flight.after = None
        flight.begun = True
        evidence = await work(flight.tell)
        flight.landed = self._clock.now()
        return evidence

    async def _aboard(self, target: Hashable, flight: _Flight, listener: Listener) -> Evidence:
        if flight.task is None:
            raise RuntimeError("a flight without a crew")
        age = self._age(flight)
        for event in tuple(flight.told):
            listener(event)
        flight.listeners.append(listener)
        flight.waiting += 1
        try:
            evidence = await asyncio.shield(flight.task)
        finally:
            flight.waiting -= 1
            flight.listeners.remove(listener)
            await self._leave(target, flight)
        return replace(evidence, age=age)

    async def _leave(self, target: Hashable, flight: _Flight) -> None:
        """Forgets a flight that failed; ends one that nobody waits for any more."""
        if flight.landed is not None or flight.task is None:
            return
        if flight.waiting and not flight.task.done():
            return
        if self._newest.get(target) is flight:
            del self._newest[target]
        flight.task.cancel()
        await asyncio.wait({flight.task})

    def _age(self, flight: _Flight) -> timedelta:
        if flight.landed is None:
            return timedelta()
        return max(timedelta(), self._clock.now() - flight.landed)

    def _forget_the_stale(self) -> None:
        """Now and then: `_open` looks at the age itself, and a crowd starts many at once."""
        now = self._clock.now()
        if abs(now - self._tidied) < FRESH:  # a clock that was set back is no reason to hoard
            return
        self._tidied = now
        over = [
            target
            for target, flight in self._newest.items()
            if flight.landed is not None and self._age(flight) > FRESH
        ]
        for target in over:
            del self._newest[target]
