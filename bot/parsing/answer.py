"""Which choice of an open question somebody means who types instead of pressing a button.

```
"it's gmail"              the choice that says "gmail"
"yes, since monday"       the choice `yes`
"no idea, sorry"          dont_know, where the question offers it
```
"""

from collections.abc import Iterable, Sequence

from bot.knowledge.trees import Choice, Question
from bot.parsing.slackmarkup import undo_markup
from bot.parsing.words import PhraseBook, Word, words_of

__all__ = ["DONT_KNOW", "read_choice"]

DONT_KNOW = "dont_know"

# What longer texts say is a story and no answer; words of a choice in it prove nothing.
_LONGEST_ANSWER = 30
# Plain answers by the id of the choice that they mean, in every language alike.
_PLAIN: dict[str, str] = {
    "yes": (
        "yes|yep|yeah|yup|sure|correct|right|of course|ja|jawohl|genau|oui|si|sim|claro|certo"
        "|ok yes"
    ),
    "no": "no|nope|nah|not really|nein|nee|non|nao|never",
    DONT_KNOW: (
        "dont know|do not know|no idea|not sure|no clue|unsure|dunno|idk|cant tell|cannot tell"
        "|unknown|how should i know|keine ahnung|weiss nicht|weiss ich nicht|je ne sais pas"
        "|sais pas|aucune idee|no se|ni idea|no lo se|nao sei|non so|non lo so|weet ik niet"
        "|weet niet|geen idee"
    ),
}


def read_choice(text: str, question: Question) -> str | None:
    """The id of the choice that `text` means; None if it means none, or more than one alike."""
    words = words_of(undo_markup(text[: _LONGEST_ANSWER * 40]))
    if not words or len(words) > _LONGEST_ANSWER:
        return None
    ids = [choice.id for choice in question.choices]
    if question.dont_know and _best(words, [(DONT_KNOW, _PLAIN[DONT_KNOW].split("|"))]):
        return DONT_KNOW
    plain = [(name, _PLAIN[name].split("|")) for name in ("yes", "no") if name in ids]
    others = [_said(choice) for choice in question.choices if choice.id not in _PLAIN]
    return _best(words[:2], plain, at_start=True) or _best(words, others)


def _said(choice: Choice) -> tuple[str, Sequence[str]]:
    """The choice's id and the words it is known by."""
    return choice.id, (choice.label, *choice.says, choice.id.replace("_", " ").replace("-", " "))


def _best(
    words: Sequence[Word], choices: Iterable[tuple[str, Sequence[str]]], *, at_start: bool = False
) -> str | None:
    """The choice whose longest phrase is in `words`; None where two have one of that length."""
    book: PhraseBook[str] = PhraseBook()
    for name, phrases in choices:
        for phrase in phrases:
            book.add(phrase, name)
    longest: dict[str, int] = {}
    for found in book.find(words):
        if found.last > found.first and not (at_start and found.first):
            longest[found.payload] = max(longest.get(found.payload, 0), found.last - found.first)
    ranked = sorted(longest, key=lambda name: -longest[name])
    if len(ranked) > 1 and longest[ranked[0]] == longest[ranked[1]]:
        return None
    return ranked[0] if ranked else None
