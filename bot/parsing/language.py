"""In which language somebody writes, by small words that give it away."""

from collections.abc import Sequence

from bot.parsing.vocabulary import Vocabulary
from bot.parsing.words import Word

__all__ = ["language_of"]

_DEFAULT = "en"
_FAVOUR = 1.5  # error texts within are English, so what is not English counts more


def language_of(words: Sequence[Word], vocabulary: Vocabulary) -> str:
    """The two letters of the language that most words speak for; English where none does."""
    counts = {
        lang: sum(word.text in markers for word in words) * (1.0 if lang == _DEFAULT else _FAVOUR)
        for lang, markers in vocabulary.languages.items()
    }
    best = max(counts, key=lambda lang: counts[lang], default=_DEFAULT)
    return best if counts.get(best, 0) > counts.get(_DEFAULT, 0) else _DEFAULT
