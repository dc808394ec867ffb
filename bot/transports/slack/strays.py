"""Answers that overtake the mention they belong to.

Slack promises no order. A reply in a channel's thread is none of our business until the message
that calls us arrives; one that was written after that message is an answer to be heard.
"""

import asyncio
from collections import deque
from dataclasses import dataclass

from bot.desk.incoming import Incoming
from bot.model.case import ThreadKey

__all__ = ["Strays"]

_KEPT_FOR = 60.0  # seconds, in memory alone: most of it is people talking to each other
_MOST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stray:
    incoming: Incoming
    ts: str
    until: float


class Strays:
    """The newest replies in threads that are not ours, or not yet."""

    def __init__(self) -> None:
        self._kept: deque[_Stray] = deque(maxlen=_MOST)
        self._loop = asyncio.get_running_loop()

    def add(self, incoming: Incoming, ts: str) -> None:
        """Keeps a reply for a moment."""
        until = self._loop.time() + _KEPT_FOR
        self._kept.append(_Stray(incoming=incoming, ts=ts, until=until))

    def take(self, thread: ThreadKey, since: str) -> list[Incoming]:
        """The replies in a thread that were written after `since`, oldest first."""
        now = self._loop.time()
        alive = [stray for stray in self._kept if stray.until > now]
        theirs = [one for one in alive if one.incoming.thread == thread and one.ts > since]
        self._kept = deque((one for one in alive if one not in theirs), maxlen=_MOST)
        return [one.incoming for one in sorted(theirs, key=lambda one: one.ts)]
