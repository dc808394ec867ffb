"""Delivery of letters: in order within a thread, each of them once.

A letter goes pending → sending → sent. Where nobody knows whether it went out (a crash, an answer
that never came) it is looked for before it is sent again, and letters behind it wait.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.desk.errors import DeliveryError, NotNowError, StoreError, UnclearError, UndeliverableError
from bot.desk.ports import Clock, Letter, Outbox, Speaker
from bot.desk.recent import Recent
from bot.model.case import ThreadKey

__all__ = ["Post"]

# A request that was cut off may still be at work on the other side: wait before looking for it.
_SETTLING = timedelta(seconds=3)
_FIRST_WAIT = timedelta(seconds=1)
_LONGEST_WAIT = timedelta(seconds=60)
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Waiting:
    """A letter in the queue. One that is not `stored` could not be: the disk was full."""

    letter: Letter
    stored: bool


class Post:
    """The way out for everything that is said: one worker for each thread that has letters."""

    def __init__(self, outbox: Outbox, speaker: Speaker, clock: Clock) -> None:
        self._outbox = outbox
        self._speaker = speaker
        self._clock = clock
        self._taken = Recent()
        self._queues: dict[ThreadKey, deque[_Waiting]] = {}
        self._workers: dict[ThreadKey, asyncio.Task[None]] = {}

    def send(self, letters: Iterable[Letter], *, stored: bool = True) -> None:
        """Queues letters behind those of their threads; returns at once.

        A letter that was handed in before, delivered since or not, is not taken again.
        """
        for letter in letters:
            if not self._taken.add(letter.key):
                continue
            thread = letter.thread
            self._queues.setdefault(thread, deque()).append(_Waiting(letter, stored))
            if thread not in self._workers:
                self._workers[thread] = asyncio.create_task(self._work(thread))

    async def settle(self, thread: ThreadKey) -> None:
        """Returns when no letter of the thread is waiting."""
        if thread in self._workers:
            await asyncio.wait({self._workers[thread]})

    async def flush(self, within: timedelta) -> None:
        """Waits for all letters, at most so long; the rest goes out at the next start."""
        if self._workers:
            await asyncio.wait(self._workers.values(), timeout=within.total_seconds())
        await self.close()

    async def close(self) -> None:
        """Stops where it stands."""
        workers = tuple(self._workers.values())
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)

    async def _work(self, thread: ThreadKey) -> None:
        queue = self._queues[thread]
        try:
            while queue:
                await self._deliver(queue[0])
                queue.popleft()
        finally:
            del self._queues[thread], self._workers[thread]

    async def _deliver(self, waiting: _Waiting) -> None:
        """Returns when the letter is delivered, or never can be."""
        unclear = waiting.letter.state == "sending"  # left over from an interrupted process
        wait = _FIRST_WAIT
        while True:
            try:
                reference = await self._attempt(waiting, unclear=unclear)
            except UndeliverableError as error:
                await self._give_up(waiting, error)
                return
            except NotNowError as error:
                pause = error.wait
            except DeliveryError as error:
                unclear = unclear or isinstance(error, UnclearError)
                pause = wait
            else:
                await self._mark_sent(waiting, reference)
                return
            _log.warning("letter waits", extra={"key": waiting.letter.key, "seconds": str(pause)})
            await asyncio.sleep(pause.total_seconds())
            wait = min(2 * wait, _LONGEST_WAIT)

    async def _attempt(self, waiting: _Waiting, *, unclear: bool) -> str:
        letter = waiting.letter
        if unclear:
            await self._let_settle(letter)
            found = await self._speaker.find(letter)
            if found is not None:
                return found
        now = self._clock.now()
        await self._note(waiting, lambda: self._outbox.sending(letter.key, now))
        waiting.letter = replace(letter, state="sending", tried=now)
        return await self._speaker.say(letter)

    async def _let_settle(self, letter: Letter) -> None:
        if letter.tried is None:
            return
        since = self._clock.now() - letter.tried
        if timedelta() <= since < _SETTLING:
            await asyncio.sleep((_SETTLING - since).total_seconds())

    async def _mark_sent(self, waiting: _Waiting, reference: str) -> None:
        key, now = waiting.letter.key, self._clock.now()
        await self._note(waiting, lambda: self._outbox.sent(key, reference, now))

    async def _give_up(self, waiting: _Waiting, error: UndeliverableError) -> None:
        key, now = waiting.letter.key, self._clock.now()
        _log.error("letter cannot be delivered", extra={"key": key, "because": error})
        await self._note(waiting, lambda: self._outbox.failed(key, str(error), now))

    async def _note(self, waiting: _Waiting, mark: Callable[[], Awaitable[None]]) -> None:
        """Writes down what became of a letter; one whose mark is lost is looked for in vain."""
        if not waiting.stored:
            return
        try:
            await mark()
        except StoreError as error:
            _log.error("outbox not writable", extra={"because": error})
