"""The desk's way to look at servers: a pool of checks, each target looked at once at a time."""

import asyncio
from dataclasses import dataclass, replace

from bot.desk.flights import Flights
from bot.desk.ports import Clock, Listener, Prober
from bot.desk.run import CheckLimits, Run
from bot.diagnosis.plan import Alternative
from bot.model.evidence import Evidence, StageEvent
from bot.model.target import Target

__all__ = ["Checks"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What makes two checks the same: where to look and how, not the words that asked for it."""

    target: Target
    alternatives: tuple[Alternative, ...] = ()
    name_only: bool = False


def _ignore(_: StageEvent) -> None:
    """Nobody watches."""


class Checks:
    """Looks at servers. What several people ask for at once or soon after is looked at once."""

    def __init__(self, prober: Prober, clock: Clock, limits: CheckLimits) -> None:
        self._prober = prober
        self._clock = clock
        self._limits = limits
        self._pool = asyncio.Semaphore(limits.at_once)
        self._flights = Flights(clock)

    def prepare(self) -> None:
        """Builds what all checks share, so that the first one is as fast as the others."""
        self._prober.prepare()

    @property
    def alternatives(self) -> tuple[Alternative, ...]:
        """The submission ports that are tried where the stated one gives trouble."""
        return self._limits.alternatives

    def shares(self, target: Target) -> bool:
        """Whether a check of `target` now would cost nothing, since others have asked for it."""
        return self._flights.shares(_wanted(target))

    async def run(
        self,
        target: Target,
        listener: Listener = _ignore,
        alternatives: tuple[Alternative, ...] = (),
        *,
        anew: bool = False,
    ) -> Evidence:
        """The evidence on `target`; each stage is told to `listener` as it ends.

        It may be shared with others, and up to 30 s old; `anew` takes only a check that begins
        after this call. `alternatives` are ports that are known to be this server's; the usual
        ones without.
        """
        limits = self._limits
        if alternatives:
            limits = replace(limits, alternatives=alternatives)

        async def look(tell: Listener) -> Evidence:
            async with self._pool:
                return await Run(self._prober, self._clock, limits, target, tell).evidence()

        wanted = _wanted(target, alternatives)
        return await self._flights.take(wanted, look, listener, anew=anew)

    async def look_up(self, host: str, listener: Listener = _ignore) -> Evidence:
        """The evidence of a name's look-up alone; nothing is dialled."""
        target = Target(host=host)

        async def look(tell: Listener) -> Evidence:
            async with self._pool:
                run = Run(self._prober, self._clock, self._limits, target, tell)
                return await run.looked_up()

        return await self._flights.take(_Wanted(target=target, name_only=True), look, listener)


def _wanted(target: Target, alternatives: tuple[Alternative, ...] = ()) -> _Wanted:
    return _Wanted(target=replace(target, stated=""), alternatives=alternatives)
