"""The word before a place in a text, found without reading back further than a word is long."""

__all__ = ["last_sign", "word_before"]

_BETWEEN = frozenset(" \t\n:=<>\"'([{#-,/")
_FURTHEST = 6  # signs between a word and what it speaks of: `Port: "`
_LONGEST = 24  # letters
_WITHIN = frozenset("_'")


def word_before(text: str, at: int, between: frozenset[str] = _BETWEEN) -> str:
    """The word before `at` in lower case, with at most a few blanks and signs between; or ''."""
    end = at
    while end > 0 and at - end < _FURTHEST and text[end - 1] in between:
        end -= 1
    start = end
    while start > 0 and end - start < _LONGEST and _is_part(text[start - 1]):
        start -= 1
    return text[start:end].lower()


def _is_part(sign: str) -> bool:
    return sign.isalnum() or sign in _WITHIN


def last_sign(text: str, at: int) -> str:
    """The last sign before `at` that is no blank; '' at the beginning of a line."""
    while at > 0 and text[at - 1] in " \t":
        at -= 1
    return text[at - 1] if at > 0 and text[at - 1] != "\n" else ""
