"""Word that an acknowledgement has left, so that what comes after it does come after it.

Bolt sends it some time after the listener asked for it. The answer to a command would overtake it
and stand above "I am looking at …".
"""

import asyncio
import contextlib

from bot.desk.recent import Recent

__all__ = ["Acknowledgements"]

_LONGEST = 3.0  # seconds; then Slack has given up on it, and the answer may go


class Acknowledgements:
    """The newest acknowledgements that have left, by trigger id."""

    def __init__(self) -> None:
        self._sent = Recent()
        self._awaited: dict[str, asyncio.Event] = {}

    def sent(self, trigger: str) -> None:
        """The acknowledgement is with Slack."""
        self._sent.add(trigger)
        if trigger in self._awaited:
            self._awaited[trigger].set()

    async def wait(self, trigger: str) -> None:
        """Returns when the acknowledgement has left."""
        if trigger in self._sent:
            return
        event = self._awaited.setdefault(trigger, asyncio.Event())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LONGEST):
                await event.wait()
        self._awaited.pop(trigger, None)
