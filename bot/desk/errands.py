"""Checks that are out: beside their threads, which stay open to what is said meanwhile."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from bot.conversation.events import RunCheck
from bot.desk.allowance import TooManyTargetsError, log_refusal
from bot.desk.office import Office
from bot.desk.ports import Ending, Letter, Speaker
from bot.desk.wording import too_many
from bot.diagnosis.likely import suspicion_of
from bot.diagnosis.plan import Ways
from bot.model.case import CaseId, ThreadKey
from bot.model.evidence import Evidence, Skipped, Stage

__all__ = ["Errand", "Errands"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """A check that a case asked for, of the person `by`.

    `letter` is the message that says so, if there is one.
    """

    thread: ThreadKey
    case: CaseId | None
    check: RunCheck
    letter: Letter | None
    by: str = ""


Report = Callable[[Errand, Evidence], Awaitable[None]]


class Errands:
    """All checks that run for cases; each shows its progress at its letter."""

    def __init__(self, office: Office, speaker: Speaker, report: Report) -> None:
        self._office = office
        self._speaker = speaker
        self._report = report
        self._running: defaultdict[ThreadKey, dict[asyncio.Task[None], Errand]] = defaultdict(dict)

    def start(self, errand: Errand) -> None:
        """Sends a check out; its evidence goes to the report."""
        task = asyncio.create_task(self._run(errand))
        running = self._running[errand.thread]
        running[task] = errand
        task.add_done_callback(lambda done: self._forget(errand.thread, done))

    def is_out(self, thread: ThreadKey) -> bool:
        """Whether a check of the thread is running."""
        return bool(self._running.get(thread))

    def call_off(self, thread: ThreadKey) -> None:
        """Breaks off the checks of a thread that nobody waits for any more.

        The one whose report is being heard at this moment goes on.
        """
        now = asyncio.current_task()
        for task, errand in self._running.get(thread, {}).items():
            if task is not now and not task.cancelling():
                task.cancel()
                self._show_end(errand, Ending.NEEDLESS)

    async def settle(self, thread: ThreadKey) -> None:
        """Returns when no check of the thread is running; raises what one of them raised."""
        while running := self._running.get(thread):
            ended, _ = await asyncio.wait(running)
            for task in ended:
                if not task.cancelled():
                    task.result()

    async def stop(self, within: timedelta) -> None:
        """Lets checks end that do so in time; the others are cut off, and their letters say so."""
        loop = asyncio.get_running_loop()
        end = loop.time() + within.total_seconds()
        while (running := self._out()) and loop.time() < end:  # one that ends may start another
            await asyncio.wait(running, timeout=end - loop.time())
        late = self._out()
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        for errand in late.values():
            self._show_end(errand, Ending.INTERRUPTED)

    def _out(self) -> dict[asyncio.Task[None], Errand]:
        return {task: errand for tasks in self._running.values() for task, errand in tasks.items()}

    async def _run(self, errand: Errand) -> None:
        evidence = await self._seen(errand)
        self._show_end(errand, Ending.DONE)
        await self._report(errand, evidence)

    async def _seen(self, errand: Errand) -> Evidence:
        """What the check saw; that it was not made, where the person has had too many."""
        checks, now = self._office.checks, self._office.clock.now()
        target, letter = errand.check.target, errand.letter
        is_shared = not errand.check.anew and checks.shares(target)
        try:
            self._office.allowance.admit(errand.by, target, now, is_shared=is_shared)
        except TooManyTargetsError as error:
            because = too_many(error, self._office.knowledge.texts)
            left_out = Skipped(stage=Stage.DNS, attempt=None, because=because)
            return Evidence(observations=(left_out,), started=now)
        evidence = await checks.run(
            target,
            lambda event: self._speaker.progress(letter, event) if letter is not None else None,
            Ways(likely=suspicion_of(target, self._office.knowledge)),
            anew=errand.check.anew,
        )
        log_refusal(errand.by, evidence)
        return evidence

    def _show_end(self, errand: Errand, ending: Ending) -> None:
        if errand.letter is not None:
            self._speaker.progress_over(errand.letter, ending)

    def _forget(self, thread: ThreadKey, task: asyncio.Task[None]) -> None:
        running = self._running[thread]
        running.pop(task, None)
        if not running:
            del self._running[thread]
