"""Runs the stages of one attempt against one clock, and reports each as it ends."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from bot.model.evidence import Attempt, Failed, Finding, Observation, Seen, Skipped, Stage
from bot.probes.faults import EXPECTED, fault_of

__all__ = ["LADDER", "Report", "Stages"]

Report = Callable[[Observation], None]
SomeFinding = TypeVar("SomeFinding", bound=Finding)

LADDER = (
    Stage.TCP,
    Stage.GREETING,
    Stage.EHLO,
    Stage.STARTTLS,
    Stage.TLS,
    Stage.CERTIFICATE,
    Stage.AUTH,
)


class Stages:
    """The stages of `attempt`, each reported once: as Seen, Failed or Skipped.

    The clock starts now; when `deadline` has passed, the stage that runs fails for it.
    `until` is then, on the loop's clock. `failed` is the last stage that did not go as it should.
    `unfinished` tells what has come of something that is not whole yet, None if nothing has: that
    tells a drip from silence.
    """

    def __init__(self, attempt: Attempt, deadline: timedelta, report: Report) -> None:
        self._attempt = attempt
        self._report = report
        self._now = asyncio.get_running_loop().time
        self.until = self._now() + deadline.total_seconds()
        self._open = list(LADDER)
        self.failed: Failed | None = None
        self.unfinished: Callable[[], bytes | None] = _nothing

    async def run(
        self, stage: Stage, work: Awaitable[SomeFinding], wait: timedelta | None = None
    ) -> SomeFinding | None:
        """Runs one stage, for `wait` at most; returns its finding, None if it failed.

        What `faults` does not know, is a mistake of ours and goes up.
        """
        start = self._now()
        until = self.until if wait is None else min(self.until, start + wait.total_seconds())
        try:
            async with asyncio.timeout_at(until):
                finding = await work
        except EXPECTED as error:
            self._fail(stage, error, timedelta(seconds=self._now() - start))
            return None
        took = timedelta(seconds=self._now() - start)
        self._close(Seen(stage=stage, attempt=self._attempt, finding=finding, at=_utc(), took=took))
        return finding

    def skip(self, *stages: Stage, because: str) -> None:
        """Reports `stages` as not run."""
        for stage in stages:
            self._close(Skipped(stage=stage, attempt=self._attempt, because=because))

    def skip_rest(self, because: str) -> None:
        """Reports every stage that was not reported so far as not run."""
        self.skip(*self._open, because=because)

    def _fail(self, stage: Stage, error: Exception, took: timedelta) -> None:
        fault = fault_of(stage, error, took, self.unfinished())
        self.failed = Failed(
            stage=stage,
            attempt=self._attempt,
            code=fault.code,
            said=fault.said,
            at=_utc(),
            took=took,
            finding=fault.finding,
            from_here=fault.from_here,
            silent=fault.silent,
            closed=fault.closed,
        )
        self._close(self.failed)

    def _close(self, observation: Observation) -> None:
        self._open.remove(observation.stage)
        self._report(observation)


def _nothing() -> bytes | None:
    return None


def _utc() -> datetime:
    return datetime.now(UTC)
