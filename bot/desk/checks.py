"""The desk's way to look at servers: a pool of checks that run at once."""

import asyncio
from dataclasses import replace

from bot.desk.ports import Clock, Listener, Prober
from bot.desk.run import CheckLimits, Run
from bot.diagnosis.plan import Alternative
from bot.model.evidence import Evidence, StageEvent
from bot.model.target import Target

__all__ = ["Checks"]


def _ignore(_: StageEvent) -> None:
    """Nobody watches."""


class Checks:
    """The desk's way to look at a server."""

    def __init__(self, prober: Prober, clock: Clock, limits: CheckLimits) -> None:
        self._prober = prober
        self._clock = clock
        self._limits = limits
        self._pool = asyncio.Semaphore(limits.at_once)

    def prepare(self) -> None:
        """Builds what all checks share, so that the first one is as fast as the others."""
        self._prober.prepare()

    @property
    def alternatives(self) -> tuple[Alternative, ...]:
        """The submission ports that are tried where the stated one gives trouble."""
        return self._limits.alternatives

    async def run(
        self,
        target: Target,
        listener: Listener = _ignore,
        alternatives: tuple[Alternative, ...] = (),
    ) -> Evidence:
        """The evidence on `target`; each stage is told to `listener` as it ends.

        `alternatives` are ports that are known to be this server's; the usual ones without.
        """
        limits = self._limits
        if alternatives:
            limits = replace(limits, alternatives=alternatives)
        async with self._pool:
            return await Run(self._prober, self._clock, limits, target, listener).evidence()

    async def look_up(self, host: str, listener: Listener = _ignore) -> Evidence:
        """The evidence of a name's look-up alone; nothing is dialled."""
        async with self._pool:
            target = Target(host=host)
            run = Run(self._prober, self._clock, self._limits, target, listener)
            return await run.looked_up()
