"""The names by which Slack gives back what was pressed, written and posted.

```
desk:choose:dont_know    the action of a button; its value is the session's revision, "7"
desk:fill                the action of the button that sends the fields
desk:field:host          the block and the action of a field
desk:options:5f2c…       the block of buttons under the letter of that key
```
"""

import hashlib
from enum import StrEnum

from bot.model.foreign import printable

__all__ = [
    "METADATA_EVENT",
    "SLASH_COMMAND",
    "TROUBLESHOOT_MESSAGE",
    "Action",
    "choose_id",
    "field_id",
    "field_of",
    "option_of",
    "options_block",
    "revision_of",
    "value_of",
]

SLASH_COMMAND = "/mailmedic"
TROUBLESHOOT_MESSAGE = "troubleshoot_message"  # the shortcut's callback id, as in manifest.yml
METADATA_EVENT = "mailmedic_letter"  # by which a letter that may have been posted is found again

_LONGEST_ID = 200  # Slack takes 255, with our prefix
_LONGEST_VALUE = 75  # of an option of a select
_DIGEST = "sha256-"  # in place of an id that Slack would not take
_MOST_DIGITS = 18


class Action(StrEnum):
    """What was done; most names go on after a colon."""

    CHOOSE = "desk:choose"
    FILL = "desk:fill"
    FIELD = "desk:field"
    OPTIONS = "desk:options"


def choose_id(option: str) -> str:
    """The action id of the button of an option."""
    return f"{Action.CHOOSE}:{_carried(option, _LONGEST_ID)}"


def option_of(action_id: str) -> str | None:
    """The option of a button, None if the action is not one of choosing."""
    return _after(Action.CHOOSE, action_id)


def field_id(field: str) -> str:
    """The block id and action id of a field."""
    return f"{Action.FIELD}:{_carried(field, _LONGEST_ID)}"


def field_of(action_id: str) -> str | None:
    """The field of a block or action id, None if it is none of a field."""
    return _after(Action.FIELD, action_id)


def value_of(choice: str) -> str:
    """The value of a choice within a field: its own id."""
    return _carried(choice, _LONGEST_VALUE)


def options_block(key: str, row: int = 0) -> str:
    """The block id of a row of buttons under the letter of that key."""
    # A key holds ids of Slack's own and may be longer than a block id.
    name = hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:16]
    return f"{Action.OPTIONS}:{name}" if row == 0 else f"{Action.OPTIONS}:{name}:{row}"


def revision_of(value: str | None) -> int | None:
    """The revision that a button carries; None if it carries none that can be read."""
    if value is None or not (value.isascii() and value.isdigit()) or len(value) > _MOST_DIGITS:
        return None
    return int(value)


def _after(action: Action, action_id: str) -> str | None:
    head, _, name = action_id.partition(f"{action}:")
    return name if not head and name else None


def _carried(name: str, longest: int) -> str:
    """`name` itself; one that Slack would refuse as its digest, which no reply ever offered."""
    if name and len(name) <= longest and printable(name, keep="") == name:
        return name
    return _DIGEST + hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:40]
