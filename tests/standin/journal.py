"""What happened, and a way to wait for it: calls, breaches of a rule, and the next change."""

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Call", "Clock", "ImpossibleError", "Journal", "Json", "NeverCameError"]

Json = dict[str, Any]
Clock = Callable[[], float]


class ImpossibleError(Exception):
    """A test asks for what no person could do in Slack (a button that is not there)."""


class NeverCameError(AssertionError):
    """What a test waited for did not happen in time."""


@dataclass(eq=False)
class Call:
    """One call of the Web API: arguments as decoded, and what was answered."""

    method: str
    arguments: Json
    at: float
    status: int | None = None  # None: the connection was cut, or the answer is still to come
    answer: Json = field(default_factory=dict)


class Journal:
    """The calls and violations; whoever changes anything calls `changed`."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.calls: list[Call] = []
        self.violations: list[str] = []
        self._tolerated: list[str] = []
        self._change = asyncio.Event()

    def changed(self) -> None:
        """Wakes everybody who waits for something."""
        self._change.set()
        self._change = asyncio.Event()

    def breach(self, what: str) -> None:
        """Records that the app broke a rule, unless the test tolerates that."""
        if not any(words in what for words in self._tolerated):
            self.violations.append(what)
        self.changed()

    @contextlib.contextmanager
    def tolerating(self, *words: str) -> Iterator[None]:
        """Violations that contain one of `words` are not recorded inside."""
        self._tolerated.extend(words)
        try:
            yield
        finally:
            for word in words:
                self._tolerated.remove(word)

    async def until(self, predicate: Callable[[], object], within: float) -> None:
        """Returns when `predicate` holds; asks it again at each change and at no other time."""
        async with asyncio.timeout(within):
            while not predicate():
                await self.next_change()

    async def next_change(self) -> None:
        """Returns when something has changed since now."""
        await self._change.wait()
