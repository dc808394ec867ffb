"""One check: the loop that asks `diagnosis.plan` what to look at and lets the prober look.

One deadline bounds the whole; nothing outlives it. The caps keep us a good citizen: at most 3
connections open to one address at a time, and 3 in all to one (address, port) in a check.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.desk.ports import Clock, Listener, Prober
from bot.diagnosis.likely import Suspicion, nobody
from bot.diagnosis.plan import Alternative, Ways, candidates, plan
from bot.model.codes import Code, group_of
from bot.model.evidence import (
    Attempt,
    Evidence,
    Failed,
    Observation,
    Role,
    Seen,
    Skipped,
    Stage,
    StageEvent,
)
from bot.model.target import Security, Target

__all__ = ["CheckLimits", "Run"]

_FAREWELL = 0.5  # seconds; QUIT is sent and not waited for
_LAST_WORDS = 0.05  # seconds
_HEARING = 3.0  # seconds; who is met in the right mode says something by then
_PER_ADDRESS = 3
_PER_ADDRESS_AND_PORT = 3

# What silence means at the stage that should have come next.
_SILENCE = {
    Stage.TCP: Code.TCP_TIMEOUT,
    Stage.GREETING: Code.GREETING_NONE,
    Stage.TLS: Code.TLS_HANDSHAKE_FAILED,
}
_LADDER = (Stage.TCP, Stage.GREETING, Stage.EHLO, Stage.STARTTLS, Stage.TLS, Stage.AUTH)
_LADDER_TLS = (Stage.TCP, Stage.TLS, Stage.GREETING, Stage.EHLO, Stage.AUTH)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckLimits:
    """What a check may cost. `alternatives` are the ports tried beside the stated one.

    `likely` are the servers that are tried where the stated name proves to be a slip.
    """

    deadline: timedelta
    alternatives: tuple[Alternative, ...]
    at_once: int = 200
    likely: Suspicion = nobody


class Run:
    """One check in progress: `evidence`, `looked_up` or `found`, once."""

    def __init__(
        self, prober: Prober, clock: Clock, limits: CheckLimits, target: Target, listener: Listener
    ) -> None:
        self._prober = prober
        self._limits = limits
        self._target = target
        self._listener = listener
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._clock = clock
        in_question = candidates(target, limits.alternatives)
        ports = tuple(port for port, _ in in_question)
        self._seen = Evidence(started=clock.now(), ports=ports)
        self._running: dict[Attempt, asyncio.Task[None]] = {}
        self._queue: list[Attempt] = []
        self._started: dict[Attempt, float] = {}
        self._changed = asyncio.Event()

    async def evidence(self) -> Evidence:
        """All observations; returns when every connection is closed."""
        try:
            if await self._may_look():
                await self._look()
        except asyncio.CancelledError:  # who hangs up has seen no server fail
            await self._abandon()
            raise
        await self._stop()
        return replace(self._seen, took=self._elapsed())

    async def looked_up(self) -> Evidence:
        """The look-up alone."""
        await self._may_look()
        return replace(self._seen, took=self._elapsed())

    async def found(self) -> Evidence:
        """What the domain says about its mail servers: look-ups alone, nothing is dialled."""
        for observation in await self._prober.discover(self._target.host, self._left()):
            self._note(observation)
        return replace(self._seen, took=self._elapsed())

    async def _may_look(self) -> bool:
        """Whether policy allows it. A name that leads nowhere may be a slip for another."""
        refused = self._prober.may_check(self._target)
        found: tuple[Observation, ...] = (refused,) if refused is not None else ()
        if not found:
            found = await self._prober.resolve(self._target.host, self._left())
        for observation in found:
            self._note(observation)
        failed = [seen for seen in found if isinstance(seen, Failed)]
        return all(group_of(seen.code) != "policy" for seen in failed)

    async def _look(self) -> None:
        ways = Ways(alternatives=self._limits.alternatives, likely=self._limits.likely)
        while self._left() > timedelta():
            self._changed.clear()
            next_step = plan(
                self._target,
                self._seen,
                self._elapsed(),
                started=self._started.keys() | set(self._queue),
                ways=ways,
            )
            if next_step.enough:
                return
            self._queue += next_step.start
            self._make_room()
            self._start_what_fits()
            if not self._running:
                return
            await self._wait(next_step.look_again)

    async def _wait(self, look_again: timedelta | None) -> None:
        left = self._left()
        pause = min(left, look_again - self._elapsed()) if look_again is not None else left
        for attempt in self._blocking():
            patience = self._started[attempt] + self._hearing() - self._loop.time()
            pause = min(pause, timedelta(seconds=patience))
        try:
            async with asyncio.timeout(max(0.0, pause.total_seconds())):
                await self._changed.wait()
        except TimeoutError:
            return

    def _make_room(self) -> None:
        """Ends the other mode of a port where it stays silent and keeps others from their turn."""
        for attempt in self._blocking():
            if self._loop.time() - self._started[attempt] >= self._hearing():
                self._running[attempt].cancel()  # it counts until its socket is closed
                self._note(self._silence(attempt))
                self._note(Skipped(stage=Stage.AUTH, attempt=attempt, because="no answer"))

    def _blocking(self) -> list[Attempt]:
        """The attempts to meet a silent port in its other mode that others wait for."""
        wanted = {waiting.address for waiting in self._queue}
        return [
            attempt
            for attempt in self._running
            if attempt.role is Role.OTHER_MODE
            and attempt.address in wanted
            and all(seen.stage in {Stage.TCP, Stage.STARTTLS} for seen in self._seen.of(attempt))
        ]

    def _hearing(self) -> float:
        return min(_HEARING, self._limits.deadline.total_seconds() / 3)

    def _start_what_fits(self) -> None:
        waiting, self._queue = self._queue, []
        for attempt in waiting:
            if self._used_up(attempt):
                continue
            if self._full(attempt):
                self._queue.append(attempt)
                continue
            self._started[attempt] = self._loop.time()
            self._running[attempt] = self._loop.create_task(self._make(attempt))
            self._running[attempt].add_done_callback(self._ended(attempt))

    async def _make(self, attempt: Attempt) -> None:
        host = attempt.host or self._target.host
        if not attempt.is_look_up:
            await self._prober.attempt(host, attempt, self._left(), self._note)
            return
        for observation in await self._prober.resolve(host, self._left()):
            self._note(replace(observation, attempt=attempt))

    def _used_up(self, attempt: Attempt) -> bool:
        if attempt.is_look_up:
            return False
        used = Counter((begun.address, begun.port) for begun in self._started)
        return used[attempt.address, attempt.port] >= _PER_ADDRESS_AND_PORT

    def _full(self, attempt: Attempt) -> bool:
        if attempt.is_look_up:
            return False
        open_now = sum(running.address == attempt.address for running in self._running)
        return open_now >= _PER_ADDRESS

    def _ended(self, attempt: Attempt) -> Callable[[asyncio.Task[None]], None]:
        def forget(_: asyncio.Task[None]) -> None:
            self._running.pop(attempt, None)
            self._changed.set()

        return forget

    def _note(self, observation: Observation) -> None:
        self._seen = self._seen.plus(observation)
        self._listener(StageEvent(observation=observation, elapsed=self._elapsed()))
        self._changed.set()

    async def _stop(self) -> None:
        """Closes what still runs and writes down how far it came."""
        if self._running and self._left() <= timedelta():
            # Their time is over with ours, and they know best what they waited for.
            await asyncio.wait(self._running.values(), timeout=_LAST_WORDS)
        waiting = {
            attempt: task for attempt, task in self._running.items() if not self._done(attempt)
        }
        parting = [task for attempt, task in self._running.items() if self._done(attempt)]
        for task in waiting.values():
            task.cancel()
        await asyncio.gather(*waiting.values(), return_exceptions=True)
        in_time = self._left() > timedelta()  # enough was known: nobody had to answer any more
        for attempt in waiting:
            is_other = attempt.role in {Role.OTHER_PORT, Role.OTHER_HOST}
            if is_other or (in_time and attempt.role is Role.OTHER_MODE):
                self._skip(attempt)
            else:
                self._note(self._silence(attempt))
        await self._part(parting)

    async def _abandon(self) -> None:
        """Closes everything and writes down nothing."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _part(self, parting: list[asyncio.Task[None]]) -> None:
        """Lets connections that are done say QUIT; a server that hinders that is left."""
        if parting:
            _, late = await asyncio.wait(parting, timeout=_FAREWELL)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _done(self, attempt: Attempt) -> bool:
        return any(seen.stage is Stage.AUTH for seen in self._seen.of(attempt))

    def _skip(self, attempt: Attempt) -> None:
        stage = self._next_stage(attempt)
        if stage is not None:
            because = "stopped: enough was known without it"
            self._note(Skipped(stage=stage, attempt=attempt, because=because))

    def _silence(self, attempt: Attempt) -> Observation:
        """The stage at which an attempt still waited, as what that silence is."""
        stage = self._next_stage(attempt) or Stage.AUTH
        took = timedelta(seconds=self._loop.time() - self._started[attempt])
        waited = f"{took.total_seconds():.1f} s"
        return Failed(
            stage=stage,
            attempt=attempt,
            code=_SILENCE.get(stage, Code.SESSION_TIMEOUT),
            said=f"no answer within {waited}"
            if waited != "0.0 s"
            else "no answer in what time was left",
            at=self._clock.now(),
            took=took,
            silent=True,
        )

    def _next_stage(self, attempt: Attempt) -> Stage | None:
        done = {seen.stage for seen in self._seen.of(attempt) if isinstance(seen, Seen)}
        if attempt.is_look_up:
            return Stage.DNS
        ladder = _LADDER_TLS if attempt.security is Security.TLS else _LADDER
        return next((stage for stage in ladder if stage not in done), None)

    def _elapsed(self) -> timedelta:
        return timedelta(seconds=self._loop.time() - self._began)

    def _left(self) -> timedelta:
        return self._limits.deadline - self._elapsed()
