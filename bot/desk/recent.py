"""The ids of the newest events: a repeat is known without a look at the disk."""

from collections import OrderedDict

__all__ = ["Recent"]

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
