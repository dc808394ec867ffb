"""Text from strangers, made safe to be shown."""

import unicodedata

__all__ = ["one_line", "printable"]

_LONGEST = 2_000  # of one piece of foreign text; a screen holds no more
_LONGEST_QUOTE = 160  # of what is said by a server, with our own words about it
_IN_PLACE = "\N{REPLACEMENT CHARACTER}"
_OTHER_SPACES = "Zs"


def printable(text: str, *, keep: str = "\n") -> str:
    """`text` with all that could act on a screen or a chat replaced; line breaks are kept.

    Control and format characters go (escape sequences, carriage returns, other line separators,
    right-to-left overrides, lone surrogates, private use): a server's banner must not move the
    cursor or hide words. Spaces of all widths become plain ones.
    """
    start = text[:_LONGEST]
    if not start.isprintable():  # most is, and that is known at once
        start = "".join(c if c in keep or c.isprintable() else _harmless(c) for c in start)
    return start if len(text) <= _LONGEST else f"{start}…"


def one_line(text: str) -> str:
    """`text` as it is quoted in a sentence: in one line and not too long, its beginning kept."""
    line = " ".join(text[: 4 * _LONGEST_QUOTE].split())
    is_whole = len(line) <= _LONGEST_QUOTE and len(text) <= 4 * _LONGEST_QUOTE
    return line if is_whole else f"{line[:_LONGEST_QUOTE]}…"


def _harmless(character: str) -> str:
    return " " if unicodedata.category(character) == _OTHER_SPACES else _IN_PLACE
