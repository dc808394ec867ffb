"""Where in Slack a case lives: the thread key of the desk, and back.

```
slack:T0123:C0456:1700000000.000100    workspace, conversation, the message that the thread hangs on
```
"""

from dataclasses import dataclass

from bot.model.case import ThreadKey

__all__ = ["Place", "place_of", "reference_of", "thread_key", "timestamp_in"]

_PREFIX = "slack"
_PARTS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A thread in Slack. `ts` stays text: as a number it loses its last digits."""

    channel: str
    ts: str


def thread_key(team: str, channel: str, ts: str) -> ThreadKey:
    """The key of the thread that hangs on the message `ts`."""
    return ThreadKey(f"{_PREFIX}:{team}:{channel}:{ts}")


def place_of(thread: ThreadKey) -> Place | None:
    """Where a thread is in Slack; None for one that is elsewhere, as in a terminal."""
    parts = thread.split(":")
    if len(parts) != _PARTS or parts[0] != _PREFIX:
        return None
    return Place(channel=parts[2], ts=parts[3])


def reference_of(channel: str, ts: str) -> str:
    """What a message is known by: the conversation and its timestamp."""
    return f"{channel}:{ts}"


def timestamp_in(reference: str | None) -> str | None:
    """The timestamp of a message's reference."""
    return reference.rpartition(":")[2] if reference else None
