"""A text as words, and phrases found in it: every word is looked at a bounded number of times.

"Can't send E-Mails!" → `cant`, `send`, `e`, `mails`: lower case, accents and apostrophes gone.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

from bot.parsing.scripts import UNSPACED

__all__ = ["Found", "PhraseBook", "Word", "fold", "words_of"]

P = TypeVar("P")

_WORD = re.compile(rf"[{UNSPACED}]|(?:(?![{UNSPACED}])[^\W_])+(?:['&](?:(?![{UNSPACED}])[^\W_])+)*")
_LONGEST_WORD = 40  # letters; what is longer is code or base64, and no phrase has it
_SENTENCE_END = re.compile(r"[.!?;]+(?:\s|$)|\n")
_GAP = 4  # words that a `*` may stand for
_PREFIX = 3  # letters by which words with open ends are found


class Word(NamedTuple):
    """A folded word, where it stands, and whether a sentence ends between it and the next."""

    text: str
    start: int
    end: int
    ends: bool


@dataclass(frozen=True, slots=True)
class Found(Generic[P]):
    """A phrase that was found: what it stands for, and the words from `first` up to `last`."""

    first: int
    last: int
    payload: P


def fold(text: str) -> str:
    """`text` in lower case without accents and apostrophes; ß is ss."""
    folded = text.casefold()
    if not folded.isascii():
        decomposed = unicodedata.normalize("NFKD", folded)
        folded = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    return folded.replace("'", "")


def words_of(text: str) -> list[Word]:
    """The words of `text` in order."""
    found = [
        match for match in _WORD.finditer(text) if match.end() - match.start() <= _LONGEST_WORD
    ]
    starts = [*(match.start() for match in found[1:]), len(text)][: len(found)]
    return [
        Word(
            fold(match[0]),
            match.start(),
            match.end(),
            _SENTENCE_END.search(text, match.end(), start) is not None,
        )
        for match, start in zip(found, starts, strict=True)
    ]


@dataclass(slots=True)
class _Node(Generic[P]):
    """A word on the way through the phrases; `payloads` are those of phrases that end here."""

    following: dict[str, "_Node[P]"] = field(default_factory=dict)
    open_ended: dict[str, list[tuple[str, "_Node[P]"]]] = field(default_factory=dict)
    after_gap: "_Node[P] | None" = None
    payloads: list[P] = field(default_factory=list)

    def child(self, word: str) -> "_Node[P]":
        """The node behind `word`: `*` is a gap, `bounc*` any word that begins so."""
        if word == "*":
            self.after_gap = self.after_gap or _Node()
            return self.after_gap
        if not word.endswith("*"):
            return self.following.setdefault(word, _Node())
        stem = word[:-1]
        group = self.open_ended.setdefault(stem[:_PREFIX], [])
        for known, node in group:
            if known == stem:
                return node
        group.append((stem, _Node()))
        return group[-1][1]

    def behind(self, word: str) -> "Iterator[_Node[P]]":
        """The nodes that `word` leads to."""
        node = self.following.get(word)
        if node is not None:
            yield node
        if self.open_ended:
            for stem, open_node in self.open_ended.get(word[:_PREFIX], ()):
                if word.startswith(stem):
                    yield open_node


class PhraseBook(Generic[P]):
    """Phrases, each with what it stands for, that are all looked for at once.

    `cant send` are two words in a row; in `cant * send` up to four words may come between, within
    one sentence; `bounc*` is any word that begins so.
    """

    def __init__(self) -> None:
        self._root: _Node[P] = _Node()

    def add(self, phrase: str, payload: P) -> None:
        """Adds `phrase`, folded as texts are. A stem before `*` has at least three letters."""
        node = self._root
        for part in phrase.split():
            words = _WORD.findall(part)
            for word in words:
                node = node.child(
                    fold(word) + ("*" if part.endswith("*") and word is words[-1] else "")
                )
            if part == "*":
                node = node.child("*")
        node.payloads.append(payload)

    def find(self, words: Sequence[Word]) -> Iterator[Found[P]]:
        """Every phrase in `words`, also those within others."""
        begins, open_ended = self._root.following, self._root.open_ended
        for first, word in enumerate(words):
            if word.text in begins or word.text[:_PREFIX] in open_ended:
                yield from self._from(words, first)

    def _from(self, words: Sequence[Word], first: int) -> Iterator[Found[P]]:
        """The phrases that begin with the word `first`."""
        waiting: list[tuple[_Node[P], int]] = [(self._root, first)]
        while waiting:
            node, at = waiting.pop()
            for payload in node.payloads:
                yield Found(first, at, payload)
            if node.after_gap is not None:
                waiting += [(node.after_gap, to) for to in _skipping(words, at)]
            if at < len(words):
                waiting += [(behind, at + 1) for behind in node.behind(words[at].text)]


def _skipping(words: Sequence[Word], at: int) -> Iterator[int]:
    """The places that a gap before the word `at` may lead to, not beyond the sentence."""
    if at and words[at - 1].ends:
        return
    yield at
    for to in range(at + 1, min(at + _GAP, len(words) - 1) + 1):
        if words[to - 1].ends:
            return
        yield to
