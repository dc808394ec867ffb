"""Which mail service and which mail program a text speaks of, by the names people give them."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.parsing.vocabulary import Names, Vocabulary
from bot.parsing.words import Found, Word

__all__ = ["FoundName", "find_names", "signed_by", "stated_client", "stated_provider"]

_BEFORE = 40
_OTHERS = re.compile(
    r"(?:\b(?:to|at|an|nach|any|all|some|writing|recipients?|customers?|clients?|people|users?|for"
    r"|with|para|à|chez|beim|bei|zu|von)\s{1,2}(?:\w{1,12}\s{1,2}){0,3}"
    r"|@|\b(?:and|or|und|oder)\s{1,2})\Z",
    re.IGNORECASE,
)
_OWN = re.compile(
    r"\b(?:my|our|mein\w*|unser\w*|mon|ma|mes|notre|nos|mi|mis|meu|minha|mio|mia|mijn|from|via"
    r"|through|using|use|account|mailbox|postfach|konto|compte|cuenta|conta|against|over|hosted"
    r"|sits)\s{1,2}(?:\w{1,12}\s{1,2}){0,2}\Z",
    re.IGNORECASE,
)
_NEGATED = re.compile(
    r"(?<!but\s)(?<!just\s)(?<!only\s)(?<!why\s)(?<!if\s)"
    r"\b(?:(?:not|no|isn['\u2019]?t|nicht|kein\w{0,2}|pas|nao|não|non|niet|geen|no\ses|instead\sof"
    r"|rather\sthan|anstatt|statt|ikke|inte)(?:\s(?:a|an|the|my|at|de|del|von))?"
    r"|(?:don['\u2019]?t|do\snot|not|no\slonger|never)\s(?:have|use|using|used))\s{1,2}\Z",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundName:
    """A name that was found, the text of it, and whose it is; `own` None: nothing says.

    `negated`: it is said that it is not this one.
    """

    names: Names
    said: str
    start: int
    own: bool | None
    negated: bool = False


def find_names(text: str, words: Sequence[Word], vocabulary: Vocabulary) -> Iterator[FoundName]:
    """The providers and clients that `text` names, in order; of names within names the longest."""
    at: dict[int, list[Found[Names]]] = defaultdict(list)
    for found in vocabulary.names.find(words):
        at[found.first].append(found)
    done = 0
    for first in sorted(at):
        if first < done or text[max(0, words[first].start - 1) : words[first].start] == ".":
            continue  # within a name that was looked at, or within a longer one with dots
        done = max(found.last for found in at[first])
        start, end = words[first].start, words[done - 1].end
        for found in at[first]:
            if found.last == done:
                said, own = text[start:end], _whose(text, start)
                negated = bool(_NEGATED.search(text, max(0, start - _BEFORE), start))
                yield FoundName(
                    names=found.payload, said=said, start=start, own=own, negated=negated
                )


def _whose(text: str, start: int) -> bool | None:
    before = text[max(0, start - _BEFORE) : start]
    if _OWN.search(before):
        return True
    return False if _OTHERS.search(before) else None


def stated_provider(found: Sequence[FoundName], *, others: bool) -> FoundName | None:
    """The writer's provider; in a text about mail to `others` one that is said to be theirs."""
    named = [name for name in found if name.names.provider and not name.negated]
    own = [name for name in named if name.own]
    if own or others:
        return next(iter(own), None)
    return next((name for name in named if name.own is None), next(iter(named), None))


def stated_client(found: Sequence[FoundName]) -> FoundName | None:
    """The program that sends or fetches: the first that is named."""
    return next((name for name in found if name.names.client and not name.negated), None)


def signed_by(text: str, vocabulary: Vocabulary) -> tuple[str, str] | None:
    """Provider and words of an error text that only this provider writes."""
    folded = text.casefold()
    return next(
        (
            (provider, signature)
            for signature, provider in vocabulary.signatures
            if signature in folded
        ),
        None,
    )
