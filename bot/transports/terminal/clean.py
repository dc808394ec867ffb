"""Text from strangers, made safe for a terminal."""

import unicodedata

__all__ = ["printable"]

_LONGEST = 2_000  # of one piece of foreign text; a screen holds no more
# Control and format characters: escape sequences, carriage returns, right-to-left overrides,
# lone surrogates, private use. A server's banner must not move the cursor or hide words.
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def printable(text: str, *, keep: str = "\n") -> str:
    """`text` with everything that could act on a terminal replaced; line breaks are kept."""
    shown = "".join(c if c in keep or not _unsafe(c) else "\N{REPLACEMENT CHARACTER}" for c in text)
    if len(shown) <= _LONGEST:
        return shown
    return f"{shown[:_LONGEST]}…"


def _unsafe(character: str) -> bool:
    return unicodedata.category(character) in _UNSAFE
