"""Words as the full-text index holds them, as a query asks for them, and as a result shows them.

The index splits `smtp.example.com` into three words, and to look for three words in a row is
slow where `smtp` and `com` are in every case. So the index also holds each such *name* and each
part of it of two labels or more as one word, with a letter in place of the dots and hyphens; if
that letter were an x: `smtpxexamplexcom`, `smtpxexample`, `examplexcom`.
"""

import re
from collections.abc import Iterator
from itertools import islice

__all__ = ["excerpt", "names_in", "terms_of"]

_JOINER = "\N{MODIFIER LETTER PRIME}"  # a letter to the tokenizer (Lm) that no name holds
_LABELS = 8  # a name of more labels is looked for as words in a row
_MOST_NAMES = 2_000  # one text adds no more to the index than this
_MOST_TERMS = 32  # more words narrow nothing down, and the index takes time for each
_MOST_LETTERS = 256

_RUN = re.compile(r"[^\W_]+(?:[.-][^\W_]+)*")
_BETWEEN = re.compile(r"[\s:/@,;<>()\[\]{}\"|=\0]+")
_EXCERPT = 160
_LEAD = 50
_STEM = 4  # endings differ between what is typed and what is found


def names_in(text: str) -> str:
    """The names of `text` and their parts, each as one word of the index."""
    runs = (run.group() for run in _RUN.finditer(text))
    parts = (part for run in dict.fromkeys(runs) for part in _parts(_labels(run)))
    return " ".join(dict.fromkeys(islice(parts, _MOST_NAMES)))


def terms_of(words: str) -> tuple[str, ...]:
    """The terms of a query that asks for all of `words`, quoted: none of it is syntax.

    Empty where there is nothing in `words` that could be looked for.
    """
    pieces = (piece for piece in _BETWEEN.split(words) if any(map(str.isalnum, piece)))
    terms = dict.fromkeys(_term(piece[:_MOST_LETTERS]) for piece in pieces)
    return tuple(islice(terms, _MOST_TERMS))


def excerpt(text: str, words: str) -> str:
    """About a line of `text` around the first of `words` in it; its beginning if none is."""
    stems = (re.escape(word[: max(_STEM, len(word) - 2)]) for word in _asked(words))
    pattern = "|".join(stems)
    found = re.search(rf"\b(?:{pattern})", text, re.IGNORECASE) if pattern else None
    start = max(0, found.start() - _LEAD) if found else 0
    if start:
        start = text.find(" ", start, start + _LEAD) + 1 or start
    cut = " ".join(text[start : start + _EXCERPT].split())
    return ("…" if start else "") + cut + ("…" if start + _EXCERPT < len(text) else "")


def _asked(words: str) -> tuple[str, ...]:
    runs = (run.group() for run in _RUN.finditer(words))
    return tuple(islice((run[:_MOST_LETTERS] for run in runs), _MOST_TERMS))


def _term(piece: str) -> str:
    name = _RUN.fullmatch(piece.strip(".-_!?'*+#"))
    labels = _labels(name.group()) if name else []
    if 1 < len(labels) <= _LABELS:
        return f'"{_JOINER.join(labels)}"'
    return '"' + piece.replace('"', '""') + '"'


def _labels(run: str) -> list[str]:
    return run.replace("-", ".").split(".")


def _parts(labels: list[str]) -> Iterator[str]:
    for start in range(len(labels) - 1):
        for end in range(start + 2, min(start + _LABELS, len(labels)) + 1):
            yield _JOINER.join(labels[start:end])
