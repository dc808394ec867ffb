"""What Slack takes, and how a message is cut to it: text goes first, buttons stay.

The numbers are those of Slack's reference and of slack_sdk; where these two differ, the smaller.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, takewhile
from typing import Any

from bot.model.plain import Line, Role

__all__ = [
    "BUTTONS_IN_ROW",
    "ELLIPSIS",
    "LONGEST_LABEL",
    "LONGEST_TEXT",
    "MOST_BLOCKS",
    "MOST_CHARACTERS",
    "MOST_CHOICES",
    "Json",
    "Room",
    "begins",
    "evenly",
    "fitted",
    "message_text",
    "shortened",
    "written",
]

Json = dict[str, Any]

LONGEST_TEXT = 4_000  # of `text`; Slack cuts at 40,000 and advises against more than this
MOST_BLOCKS = 48  # of 50: what was chosen is added to a message later, with a way to a person
# Of all blocks together. Slack says nowhere how much it takes: beyond some 13,200 characters it
# answers msg_blocks_too_long (slackapi/bolt-js issue 2509).
MOST_CHARACTERS = 12_000
BUTTONS_IN_ROW = 25
MOST_CHOICES = 100  # of a select
LONGEST_LABEL = 75  # of a button, and of a choice in a select

ELLIPSIS = "…"
_COST = 20  # counted for a line beside its text, so that ten thousand short ones do not pass
_WORTH = 40  # characters; the start of a line that is shorter than this tells nothing
_ESCAPED = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_ESCAPES = str.maketrans(_ESCAPED)
_TEXT_KEYS = frozenset({"text", "accessibility_label"})
_FAMILIES = {Role.HEADING: Role.FACT, Role.STEP: Role.ADVICE, Role.DETAIL: Role.ADVICE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What the lines of a message may take."""

    characters: int = MOST_CHARACTERS
    blocks: int = MOST_BLOCKS


def evenly(total: int, count: int, most: int) -> int:
    """What each of `count` gets of `total`, at most `most` and at least one."""
    return max(1, min(most, total // max(1, count)))


def shortened(text: str, longest: int) -> str:
    """`text`, cut between words to at most `longest` characters with an ellipsis."""
    if len(text) <= longest:
        return text
    start = text[: max(0, longest - len(ELLIPSIS))]
    gap = max(start.rfind(" "), start.rfind("\n"))
    whole = start[:gap] if gap > len(start) // 2 else start
    return whole.rstrip() + ELLIPSIS


def message_text(text: str) -> str:
    """`text` as Slack wants it: its three characters of markup escaped, cut, never blank."""
    if not text.strip():
        return ELLIPSIS
    escaped = text.translate(_ESCAPES)
    if len(escaped) <= LONGEST_TEXT:
        return escaped
    # The cut is made before escaping, so that it never falls into the middle of an entity.
    widths = accumulate(len(_ESCAPED.get(character, character)) for character in text)
    fitting = sum(1 for _ in takewhile(lambda width: width < LONGEST_TEXT, widths))
    return shortened(text, fitting + len(ELLIPSIS)).translate(_ESCAPES)


def begins(line: Line, before: Line | None) -> int:
    """How many blocks begin with `line`: none where it goes on in the block of the line before.

    An advice brings a divider with it.
    """
    if line.role is Role.ADVICE:
        return 2
    if before is None or line.role is Role.HEADING:
        return 1
    return int(_family(line) is not _family(before))


def _family(line: Line) -> Role:
    return _FAMILIES.get(line.role, line.role)


def fitted(lines: Iterable[Line], room: Room) -> tuple[Line, ...]:
    """The lines that hold something, as many as there is room for; a cut shows an ellipsis."""
    characters, blocks = room.characters, room.blocks
    kept: list[Line] = []
    for line in lines:
        characters -= _COST
        if not line.text.strip():
            continue
        blocks -= begins(line, kept[-1] if kept else None)
        if blocks < 0 or len(line.text) > characters:
            return _cut(kept, line, characters if blocks >= 0 else 0)
        characters -= len(line.text)
        kept.append(line)
    return tuple(kept)


def _cut(kept: Sequence[Line], line: Line, characters: int) -> tuple[Line, ...]:
    if characters >= _WORTH or not kept:
        return (*kept, replace(line, text=shortened(line.text, characters)))
    # The two characters more are within the cost that every line was counted with.
    last = replace(kept[-1], text=f"{kept[-1].text} {ELLIPSIS}")
    return (*kept[:-1], last)


def written(part: object) -> int:
    """The characters of all texts in blocks."""
    if isinstance(part, Mapping):
        own = sum(len(part[key]) for key in _TEXT_KEYS & part.keys() if isinstance(part[key], str))
        return own + sum(written(value) for value in part.values())
    if isinstance(part, list | tuple):
        return sum(written(one) for one in part)
    return 0
