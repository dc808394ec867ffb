"""Text from strangers, made safe to be shown."""

import unicodedata

__all__ = ["printable"]

_LONGEST = 2_000  # of one piece of foreign text; a screen holds no more
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


def _harmless(character: str) -> str:
    return " " if unicodedata.category(character) == _OTHER_SPACES else _IN_PLACE
