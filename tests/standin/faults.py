"""What a test wants to go wrong with a method, and Slack's own rate limits.

docs.slack.dev/apis/web-api/rate-limits: 429 with Retry-After in seconds, for that method in that
workspace; chat.postMessage one in a second for each channel, short bursts allowed.
"""

import collections
import math
from dataclasses import dataclass

from standin.journal import Clock, Json

__all__ = ["Fault", "Faults"]

_ON_ITS_WAY = 0.25  # seconds that a request may take to us


@dataclass(eq=False)
class Fault:
    """One thing that happens to calls of a method, `times` times."""

    times: int = 1
    status: int | None = None  # an HTTP error
    error: str | None = None  # an error of Slack's
    wait: float = 0.0
    is_cut: bool = False
    after_effect: bool = False
    retry_after: int | None = None


@dataclass(eq=False)
class _Bucket:
    level: float
    at: float


# Burst, and calls in a second. Tier 3 is 50 a minute; how far Slack lets one burst is unwritten.
_STRICT = {"chat.postMessage": (5, 1.0), "chat.update": (50, 50 / 60)}


class Faults:
    """Decides what goes wrong with each call."""

    def __init__(self, clock: Clock, *, strict_rates: bool) -> None:
        self._clock = clock
        self._strict = strict_rates
        self._planned: dict[str, list[Fault]] = collections.defaultdict(list)
        self._closed_until: dict[str, float] = {}
        self._closed_at: dict[str, float] = {}
        self._buckets: dict[tuple[str, str], _Bucket] = {}

    def plan(self, method: str, fault: Fault) -> None:
        """Puts a fault behind those that the method has already."""
        self._planned[method].append(fault)

    def limited(self, method: str, arguments: Json) -> tuple[int | None, bool]:
        """The Retry-After of a 429, if this call gets one; and whether it came too early."""
        left = self._closed_until.get(self._scope(method, arguments), 0.0) - self._clock()
        if left > 0:
            # What was on its way when the first was refused could not know.
            since = self._clock() - self._closed_at[self._scope(method, arguments)]
            return math.ceil(left), since > _ON_ITS_WAY
        planned = self._planned[method]
        if planned and planned[0].retry_after is not None:
            return self._close(method, arguments, self._take(method).retry_after or 0), False
        wait = self._overdrawn(method, arguments) if self._strict else None
        return (self._close(method, arguments, wait) if wait else None), False

    def next(self, method: str) -> Fault:
        """What else happens to this call."""
        planned = self._planned[method]
        return self._take(method) if planned and planned[0].retry_after is None else Fault()

    def _take(self, method: str) -> Fault:
        fault = self._planned[method][0]
        fault.times -= 1
        if fault.times <= 0:
            self._planned[method].pop(0)
        return fault

    def _close(self, method: str, arguments: Json, seconds: int) -> int:
        self._closed_at[self._scope(method, arguments)] = self._clock()
        self._closed_until[self._scope(method, arguments)] = self._clock() + seconds
        return seconds

    def _scope(self, method: str, arguments: Json) -> str:
        by_channel = self._strict and method == "chat.postMessage"
        return f"{method} {arguments.get('channel')}" if by_channel else method

    def _overdrawn(self, method: str, arguments: Json) -> int | None:
        """Seconds until the next call is allowed; None when this one is, and it is counted."""
        if method not in _STRICT:
            return None
        burst, rate = _STRICT[method]
        now = self._clock()
        key = (method, self._scope(method, arguments))
        bucket = self._buckets.setdefault(key, _Bucket(burst, now))
        bucket.level = min(burst, bucket.level + (now - bucket.at) * rate)
        bucket.at = now
        if bucket.level < 1:
            return math.ceil((1 - bucket.level) / rate)
        bucket.level -= 1
        return None
