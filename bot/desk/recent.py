"""The ids of the newest events: a repeat is known without a look at the disk."""

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["Arrivals", "Recent"]

_MOST = 10_000  # twenty minutes at the most that Slack delivers


class Recent:
    """The newest ids, and nothing of what they stand for."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._ids: OrderedDict[str, None] = OrderedDict()

    def __contains__(self, event_id: str) -> bool:
        return event_id in self._ids

    def add(self, event_id: str) -> bool:
        """Remembers an id; False if it is remembered already."""
        if event_id in self._ids:
            return False
        self._ids[event_id] = None
        if len(self._ids) > self._most:
            self._ids.popitem(last=False)
        return True


class Arrivals:
    """Events on their way to the disk: nobody may say yet whose they are."""

    def __init__(self) -> None:
        self._under_way: defaultdict[str, set[asyncio.Future[None]]] = defaultdict(set)

    @contextmanager
    def of(self, event_id: str) -> Iterator[None]:
        """Marks an event as arriving until the end of the block."""
        arrival = asyncio.get_running_loop().create_future()
        self._under_way[event_id].add(arrival)
        try:
            yield
        finally:
            self._under_way[event_id].discard(arrival)
            if not self._under_way[event_id]:
                del self._under_way[event_id]
            arrival.set_result(None)

    async def settled(self, event_id: str) -> None:
        """Returns when the event is not arriving any more."""
        while arriving := self._under_way.get(event_id):
            await asyncio.wait(arriving)
