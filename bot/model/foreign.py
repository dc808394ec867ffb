"""Text from strangers, made safe to be shown."""

import unicodedata

__all__ = ["printable"]

_LONGEST = 2_000  # of one piece of foreign text; a screen holds no more
# Control and format characters: escape sequences, carriage returns, right-to-left overrides,
# lone surrogates, private use. A server's banner must not move the cursor or hide words.
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_IN_PLACE = "\N{REPLACEMENT CHARACTER}"


def printable(text: str, *, keep: str = "\n") -> str:
    """`text` with all that could act on a screen or a chat replaced; line breaks are kept."""
    start = text[:_LONGEST]
    if not start.isprintable():  # most is, and that is known at once
        start = "".join(c if c in keep or not _unsafe(c) else _IN_PLACE for c in start)
    return start if len(text) <= _LONGEST else f"{start}…"


def _unsafe(character: str) -> bool:
    return unicodedata.category(character) in _UNSAFE
