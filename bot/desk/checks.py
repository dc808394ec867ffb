"""The desk's way to look at servers: a pool of checks, each target looked at once at a time."""

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from bot.desk.flights import Flights
from bot.desk.ports import Clock, Listener, Prober
from bot.desk.run import CheckLimits, Run
from bot.diagnosis.plan import Alternative, Ways
from bot.model.evidence import Evidence, StageEvent
from bot.model.target import Target

__all__ = ["Checks"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What makes two checks the same: where to look and how, not the words that asked for it."""

    target: Target
    alternatives: tuple[Alternative, ...] = ()
    only: str = ""  # of all that DNS says
    within: timedelta | None = None


_USUAL: Final = Ways()


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
        ways: Ways = _USUAL,
        *,
        within: timedelta | None = None,
        anew: bool = False,
    ) -> Evidence:
        """The evidence on `target`; each stage is told to `listener` as it ends.

        It may be shared with others, and up to 30 s old; `anew` takes only a check that begins
        after this call. The alternatives of `ways` are ports that are known to be this server's;
        without them they are the usual ones. `within` is all that is left of a deadline.
        """
        limits = replace(
            self._limits,
            alternatives=ways.alternatives or self._limits.alternatives,
            likely=ways.likely,
            deadline=within or self._limits.deadline,
        )

        async def look(tell: Listener) -> Evidence:
            async with self._pool:
                return await Run(self._prober, self._clock, limits, target, tell).evidence()

        # Servers that may be meant are the same for everybody who names that target.
        wanted = replace(_wanted(target, ways.alternatives), within=within)
        return await self._flights.take(wanted, look, listener, anew=anew)

    @property
    def deadline(self) -> timedelta:
        """How long a whole check may take."""
        return self._limits.deadline

    async def look_up(self, host: str, listener: Listener = _ignore) -> Evidence:
        """The evidence of a name's look-up alone; nothing is dialled."""
        return await self._ask(_Wanted(target=Target(host=host), only="addresses"), listener)

    async def find(self, domain: str, listener: Listener = _ignore) -> Evidence:
        """What DNS says about the mail servers of a domain (SRV, MX); nothing is dialled."""
        return await self._ask(_Wanted(target=Target(host=domain), only="servers"), listener)

    async def _ask(self, wanted: _Wanted, listener: Listener) -> Evidence:
        async def look(tell: Listener) -> Evidence:
            async with self._pool:
                run = Run(self._prober, self._clock, self._limits, wanted.target, tell)
                return await (run.found() if wanted.only == "servers" else run.looked_up())

        return await self._flights.take(wanted, look, listener)


def _wanted(target: Target, alternatives: tuple[Alternative, ...] = ()) -> _Wanted:
    return _Wanted(target=replace(target, stated=""), alternatives=alternatives)
