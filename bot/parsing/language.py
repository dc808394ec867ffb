"""In which language somebody writes, by small words that give it away."""

from collections.abc import Sequence

from bot.parsing.vocabulary import Vocabulary
from bot.parsing.words import Word

__all__ = ["language_of"]

_DEFAULT = "en"
_FAVOUR = 1.5  # error texts within are English, so what is not English counts more
_FEW = 2  # words without which English ones are not outweighed


def language_of(words: Sequence[Word], vocabulary: Vocabulary) -> str:
    """The two letters of the language that most words speak for; English where none does.

    A word that English has as well ("no", "me") speaks for another language only beside one that
    English has not.
    """
    english = vocabulary.languages.get(_DEFAULT, frozenset())
    said = [word.text for word in words]
    scores = {
        lang: _score(said, markers, english)
        for lang, markers in vocabulary.languages.items()
        if lang != _DEFAULT
    }
    best = max(scores, key=lambda lang: scores[lang], default=_DEFAULT)
    return best if scores.get(best, 0) > sum(word in english for word in said) else _DEFAULT


def _score(said: Sequence[str], markers: frozenset[str], english: frozenset[str]) -> float:
    """How much words speak for a language that is not English; 0 where one weak word does."""
    marked = [word for word in said if word in markers]
    own = {word for word in marked if word not in english}
    spoken_english = any(word in english and word not in markers for word in said)
    if not own or (spoken_english and len(own) < _FEW):
        return 0.0
    return _FAVOUR * len(marked)
