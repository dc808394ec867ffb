"""Secrets in running sentences about a password: `it wants my password. its fluffy1234`.

Nothing joins word and value here but the sentence, so the value must look like a secret, or stand
where only one can: `typed banana as the password`, `my password isn't accepted: banana`.
Only the neighbourhood of words that announce a secret is read, every place of it once.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from bot.parsing import secret_phrases as phrases
from bot.parsing.secret_decoys import SLOTS, TECHNICAL
from bot.parsing.secret_keywords import Keyword, in_lower_case, next_keyword
from bot.parsing.secret_looks import bare_of, is_plain_secret, is_secretive, is_strong
from bot.parsing.secret_spans import SecretSpan, is_placeholder, is_word_of_prose

__all__ = ["find_sentence_secrets"]

_REACH = 120  # characters between the word and its value
_BEFORE = 48
_WORDS = 14  # between the word and its value
_REST = re.compile(r"\S{0,120}")
_TOKEN = re.compile(r"\S{1,240}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sentences:
    """A text, the same in lower case, and where words announce a secret, in order."""

    text: str
    lower: str
    keywords: tuple[Keyword, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def between(self, start: int) -> str | None:
        """What stands between the last such word and `start`, in lower case, if it is near."""
        at = bisect_right(self.ends, start) - 1
        if at < 0 or start - self.ends[at] > _REACH:
            return None
        return self.lower[self.ends[at] : start]

    def until(self, end: int) -> str | None:
        """What stands between `end` and the next such word, in lower case, if it is near."""
        at = bisect_left(self.starts, end)
        if at == len(self.starts) or self.starts[at] - end > _REACH:
            return None
        if phrases.COMPOUND.match(self.lower, self.ends[at]):
            return None
        return self.lower[end : self.starts[at]]

    def is_keyword(self, start: int) -> bool:
        """Whether such a word begins at `start`."""
        at = bisect_left(self.starts, start)
        return at < len(self.starts) and self.starts[at] == start

    def line_before(self, start: int) -> str:
        """The line before the one that begins at `start`, as far as it matters."""
        head = self.lower[max(0, start - 2 * _REACH) : start].rstrip()
        return head.rpartition("\n")[2]


def find_sentence_secrets(text: str) -> Iterator[SecretSpan]:
    """The secrets in `text` that sentences about a password give away."""
    sentences = _read(text)
    for start, end in _neighbourhoods(sentences):
        last = -1
        for token in _TOKEN.finditer(text, start, end):
            listed = last >= 0 and bool(phrases.LISTED.fullmatch(text, last, _start_of(token)))
            for span in _given(sentences, token, listed=listed):
                last = span.end
                yield span
    for keyword in sentences.keywords:
        yield from _plain(sentences, keyword)


def _read(text: str) -> _Sentences:
    lower = in_lower_case(text)
    keywords: list[Keyword] = []
    at = 0
    while keyword := next_keyword(lower, at):
        at = keyword.end
        keywords.append(keyword)
    return _Sentences(
        text=text,
        lower=lower,
        keywords=tuple(keywords),
        starts=tuple(keyword.start for keyword in keywords),
        ends=tuple(keyword.end for keyword in keywords),
    )


def _neighbourhoods(sentences: _Sentences) -> Iterator[tuple[int, int]]:
    """The parts of the text near to words that announce a secret; none is read twice."""
    text, done = sentences.text, 0
    for keyword in sentences.keywords:
        start = max(done, keyword.start - _REACH)
        while start > max(done, keyword.start - 2 * _REACH) and not text[start - 1].isspace():
            start -= 1
        rest = _REST.match(text, min(len(text), keyword.end + _REACH))
        end = rest.end() if rest else done
        if end > done:
            yield start, end
            done = end


def _start_of(token: re.Match[str]) -> int:
    return token.start() + token[0].index(bare_of(token[0]))


def _given(sentences: _Sentences, token: re.Match[str], *, listed: bool) -> Iterator[SecretSpan]:
    """The secret that a word is, if it looks like one and a sentence gives it as one.

    `listed`: it stands behind another secret, as in `tried x and y`.
    """
    word = token[0]
    bare = bare_of(word)
    if bare.isalpha():
        if _is_after_colon(sentences, token) and is_plain_secret(word):
            yield _span(token, bare)
        return
    start = _start_of(token)
    end = start + len(bare)
    if not is_secretive(word) or sentences.is_keyword(start):
        return
    if (
        listed
        or _is_told_before(sentences, start, end)
        or _is_told_behind(sentences, start, end)
        or (is_strong(word) and _shares_line(sentences, start, end))
        or _is_line(sentences, token)
    ):
        yield _span(token, bare)


def _span(token: re.Match[str], bare: str) -> SecretSpan:
    start = _start_of(token)
    return SecretSpan(start, start + len(bare), "password")


def _is_told_before(sentences: _Sentences, start: int, end: int) -> bool:
    """Whether a sentence about a password leads to the value: `… its x`, `… : x`, `…, typed x`."""
    between = sentences.between(start)
    if between is None or not _is_near(between) or _has_other_role(sentences, end):
        return False
    if (
        phrases.ASIDE.fullmatch(between)
        or phrases.TYPED.search(between)
        or _stands_out(sentences, between, end)
    ):
        return True
    said = phrases.ITS.search(between)
    if said and said["it"]:
        return True
    if phrases.TOOL.match(between):
        return False
    if said:
        return _last_word(between[: said.start()]) not in SLOTS
    label = phrases.COLON.search(between)
    return label is not None and _goes_on(label["word"], between[: label.start()])


def _stands_out(sentences: _Sentences, between: str, end: int) -> bool:
    """Whether the value is a sentence of its own, or is said to be right."""
    if phrases.NEW_SENTENCE.search(between) and phrases.ENDED.match(sentences.lower, end):
        return True
    return "\n" not in between and bool(phrases.IS_RIGHT.match(sentences.lower, end))


def _goes_on(label: str, before: str) -> bool:
    """Whether the word before a colon ends the sentence and is no name of a further setting."""
    if label in SLOTS:
        return False
    return is_word_of_prose(label) or label in TECHNICAL or not phrases.SEPARATOR.search(before)


def _last_word(before: str) -> str:
    return before.rstrip(" \t,;:").rpartition(" ")[2].strip("\"'(.,;:")


def _is_near(between: str) -> bool:
    """Whether at most one sentence ends in between, and few words stand there."""
    return len(between.split()) <= _WORDS and len(phrases.SENTENCE_END.findall(between)) <= 1


def _has_other_role(sentences: _Sentences, end: int) -> bool:
    """Whether a word goes on `as user`: it is said to be something else."""
    role = phrases.OTHER_ROLE.match(sentences.lower, end)
    return role is not None and role["noun"] in SLOTS


def _is_told_behind(sentences: _Sentences, start: int, end: int) -> bool:
    """Whether a password follows that the value is said to be: `x as password`, `typed x, …`."""
    until = sentences.until(end)
    if until is None or "\n" in until or _has_other_role(sentences, end):
        return False
    if phrases.AS.fullmatch(until):
        return True
    before = sentences.lower[max(0, start - _BEFORE) : start]
    return bool(phrases.TYPED.search(before))


def _shares_line(sentences: _Sentences, start: int, end: int) -> bool:
    near = (sentences.between(start), sentences.until(end))
    return any(part is not None and "\n" not in part for part in near)


def _is_line(sentences: _Sentences, token: re.Match[str]) -> bool:
    """Whether a value is all of its line, and the line before speaks of a password."""
    between = sentences.between(token.start())
    if between is None or between.count("\n") != 1 or between.rpartition("\n")[2].strip():
        return False
    rest = sentences.text[token.end() : token.end() + 2].strip(" \t`")
    return not rest[:1].strip("\n") and not phrases.REPLY.search(
        sentences.line_before(token.start())
    )


def _is_after_colon(sentences: _Sentences, token: re.Match[str]) -> bool:
    """Whether a word stands alone behind `my password isn't accepted:`."""
    start = token.start()
    if sentences.lower[max(0, start - 2) : start].strip()[-1:] != ":":
        return False
    between = sentences.between(start)
    rest = sentences.text[token.end() : token.end() + 2]
    if (
        between is None
        or rest.strip(" \t")[:1] not in {"", "\n"}
        or phrases.SENTENCE_END.search(between)
    ):
        return False
    words = between.rstrip(" :").split()
    return bool(words) and all(
        is_word_of_prose(word) and word.strip(",") not in SLOTS for word in words
    )


def _plain(sentences: _Sentences, keyword: Keyword) -> Iterator[SecretSpan]:
    """A plain word that is said to be typed as password, or that is refused as one."""
    lower = sentences.lower
    if keyword.is_key:
        return
    base = max(0, keyword.start - 2 * _BEFORE)
    typed = phrases.TYPED_AS.search(lower[base : keyword.start])
    if typed and not phrases.COMPOUND.match(lower, keyword.end) and _is_typed(typed["value"]):
        yield SecretSpan(base + typed.start("value"), base + typed.end("value"), "password")
    if not sentences.text[keyword.end - 1].isascii():
        joined = phrases.PARTICLE.match(sentences.text, keyword.end)
        if joined and is_secretive(joined["value"]):
            start, end = joined.span("value")
            yield SecretSpan(start, end, "password")
    refused = phrases.REFUSED.match(lower, keyword.end)
    if refused and _is_typed(refused["value"]):
        start, end = refused.span("value")
        yield SecretSpan(start, end, "password")


def _is_typed(word: str) -> bool:
    """Whether a word in the place of a password can be one: letters or digits, and no remark."""
    bare = bare_of(word)
    if bare.isdigit():
        return not is_placeholder(bare)
    is_remark = is_word_of_prose(bare) or is_placeholder(bare) or bare in TECHNICAL
    return is_secretive(bare) or (bare.isalpha() and not is_remark and bare not in SLOTS)
