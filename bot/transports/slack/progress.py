"""The message of a running check, edited as its stages end.

Slack allows about fifty edits a minute in a workspace, whoever is waiting. Edits are not queued:
each message is shown as it stands when its turn comes, and the ones that changed last may wait.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from slack_sdk.web.async_client import AsyncWebClient

from bot.desk.errors import DeliveryError
from bot.desk.ports import Ending, Letter
from bot.model.evidence import Skipped, StageEvent
from bot.transports.slack.calling import called
from bot.transports.slack.pace import Allowance
from bot.transports.slack.places import place_of, reference_of, timestamp_in
from bot.transports.slack.rendering import Message, check_over, check_progress, stage_line

__all__ = ["ProgressBoard"]

_PER_MINUTE = 45  # Tier 3 is "50+ a minute"; edits after a press count as well
_AT_ONCE = 5
_BETWEEN = 1.0  # seconds between two edits of one message: nobody reads faster
_MOST = 200  # messages that wait to be edited; beyond it the oldest stay as they are
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Running:
    """One check, and the message that shows it."""

    letter: Letter
    reference: str | None
    stages: list[str] = field(default_factory=list)
    ending: Ending | None = None
    is_answered: bool = False  # a button was pressed: the message shows that, and stays
    not_before: float = 0.0

    @property
    def is_over(self) -> bool:
        """Whether the check has ended."""
        return self.ending is not None


class ProgressBoard:
    """All checks that are shown; one task edits their messages in turn."""

    def __init__(self, client: AsyncWebClient, texts: Mapping[str, str]) -> None:
        self._client = client
        self._texts = texts
        self._allowance = Allowance(per_minute=_PER_MINUTE, at_once=_AT_ONCE)
        self._known: OrderedDict[str, _Running] = OrderedDict()
        self._changed: OrderedDict[str, _Running] = OrderedDict()
        self._news = asyncio.Event()
        self._editing = asyncio.Lock()
        self._loop = asyncio.get_running_loop()
        self._editor = self._loop.create_task(self._edit_in_turn())

    def posted(self, letter: Letter, reference: str) -> None:
        """The message of a check that is to be made is out."""
        running = self._running(letter)
        running.reference = reference
        running.not_before = self._loop.time() + _BETWEEN
        if running.stages or running.is_over:
            self._mark(running)

    def add(self, letter: Letter, event: StageEvent) -> None:
        """A stage has ended."""
        running = self._running(letter)
        if running.is_over or isinstance(event.observation, Skipped):
            return
        running.stages.append(stage_line(event.observation, self._texts))
        self._mark(running)

    def end(self, letter: Letter, ending: Ending) -> None:
        """The check has ended."""
        running = self._running(letter)
        running.ending = ending
        self._mark(running)

    def shown(self, channel: str, ts: str) -> Message | None:
        """What the message of a check is to show now; None for any other message."""
        for running in self._known.values():
            if running.reference == reference_of(channel, ts):
                return self._message(running)
        return None

    async def answered(self, channel: str, ts: str, message: Message) -> None:
        """Shows at any message of ours that it was answered, at most once; it stays like that."""
        for running in self._known.values():
            if running.reference == reference_of(channel, ts):
                running.is_answered = True
                self._changed.pop(running.letter.key, None)
        await self._allowance.turn()
        await self._update(channel, ts, message)

    async def close(self, within: timedelta) -> None:
        """Shows how things stand, within the time, and stops."""
        try:
            async with asyncio.timeout(within.total_seconds()):
                for running in [one for one in self._changed.values() if one.is_over]:
                    await self._allowance.turn()
                    await self._edit(running)
        except TimeoutError:
            pass
        self._editor.cancel()
        await asyncio.gather(self._editor, return_exceptions=True)

    def _running(self, letter: Letter) -> _Running:
        known = self._known.get(letter.key)
        if known is None:
            known = _Running(letter=letter, reference=letter.reference)
            self._known[letter.key] = known
            if len(self._known) > _MOST:
                old, _ = self._known.popitem(last=False)
                self._changed.pop(old, None)
        return known

    def _mark(self, running: _Running) -> None:
        if running.reference is not None and not running.is_answered:
            self._changed[running.letter.key] = running
            self._news.set()

    async def _edit_in_turn(self) -> None:
        while True:
            now = self._loop.time()
            due = [one for one in self._changed.values() if one.not_before <= now or one.is_over]
            if due:
                await self._allowance.turn()
                await self._edit(due[0])
                continue
            self._news.clear()
            soonest = min((one.not_before for one in self._changed.values()), default=None)
            try:
                async with asyncio.timeout_at(soonest):
                    await self._news.wait()
            except TimeoutError:
                continue

    async def _edit(self, running: _Running) -> None:
        key = running.letter.key
        self._changed.pop(key, None)
        running.not_before = self._loop.time() + _BETWEEN
        if running.is_answered:
            return
        place, ts = place_of(running.letter.thread), timestamp_in(running.reference)
        if place is None or ts is None:
            return
        await self._update(place.channel, ts, self._message(running))

    async def _update(self, channel: str, ts: str, message: Message) -> None:
        """One edit at a time: two on their way at once may arrive in either order."""
        async with self._editing:
            call = self._client.chat_update(channel=channel, ts=ts, **message.content())
            try:
                await called(call, self._allowance.refused)
            except DeliveryError as error:
                _log.warning("message not changed", extra={"because": str(error)})

    def _message(self, running: _Running) -> Message:
        letter = running.letter
        if running.ending is not None:
            return check_over(
                letter.reply, ending=running.ending, key=letter.key, texts=self._texts
            )
        return check_progress(
            letter.reply,
            running.stages,
            revision=letter.revision,
            key=letter.key,
            texts=self._texts,
        )
