"""How fast we may post: as fast as we like, until Slack says otherwise.

Slack lets short bursts through and answers 429 with Retry-After when it has had enough; it holds
for one method in one workspace (docs.slack.dev/apis/web-api/rate-limits). From then on we keep to
one message a second in a conversation, and to a few in all, for a while.
"""

import asyncio
from collections import defaultdict

__all__ = ["Allowance", "Pace"]

_CAREFUL_FOR = 60.0  # seconds after the last refusal
_IN_CHANNEL = 1.0  # seconds between two messages in one conversation
_IN_ALL = 0.2  # "several hundred a minute" in a workspace: 300


class Pace:
    """When the next message may be posted."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._closed_until = 0.0
        self._careful_until = 0.0
        self._next = 0.0
        self._next_in: defaultdict[str, float] = defaultdict(float)

    async def turn(self, channel: str) -> None:
        """Returns when a message may be posted in the conversation."""
        now = self._loop.time()
        if now >= max(self._careful_until, self._closed_until):
            return
        at = max(now, self._closed_until, self._next, self._next_in[channel])
        self._next = at + _IN_ALL
        self._next_in[channel] = at + _IN_CHANNEL
        await asyncio.sleep(at - now)
        if self._loop.time() < self._closed_until:  # refused again while we waited
            await self.turn(channel)

    def refused(self, retry_after: float) -> None:
        """Slack asks for a pause of so many seconds."""
        now = self._loop.time()
        self._closed_until = max(self._closed_until, now + retry_after)
        self._careful_until = self._closed_until + _CAREFUL_FOR
        self._next = max(self._next, self._closed_until)


class Allowance:
    """Calls that are allowed a minute, a few of them at once."""

    def __init__(self, *, per_minute: float, at_once: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._rate = per_minute / 60
        self._most = float(at_once)
        self._left = self._most
        self._counted = self._loop.time()

    async def turn(self) -> None:
        """Returns when a call may be made, and counts it."""
        wait = self._take()
        if wait:
            await asyncio.sleep(wait)
            await self.turn()

    def refused(self, retry_after: float) -> None:
        """Slack asks for a pause of so many seconds."""
        self._left = 0.0
        self._counted = self._loop.time() + retry_after

    def _take(self) -> float:
        """Takes one call if there is one and returns 0, else the seconds until there is one."""
        now = self._loop.time()
        self._left = min(self._most, self._left + (now - self._counted) * self._rate)
        self._counted = max(now, self._counted)
        if self._left >= 1:
            self._left -= 1
            return 0.0
        return (1 - self._left) / self._rate + max(0.0, self._counted - now)
