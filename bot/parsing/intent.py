"""What the writer wants: every phrase of the lexicon that is found speaks for an intent.

Phrases of one intent add up with falling weight, so that one telling error outweighs three ways
of saying that mail does not go. Features found otherwise take part as words: `code:535`,
`has:server`, `has:port`, `has:address`, `has:incoming` (a port or server for fetching), `has:name`
(a provider or program in a text in another script), `only:ok` (these words are all the text), and
`is:question` (a question mark), `is:short`, `is:mail`, which only add to what phrases say.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from bot.model.complaint import Intent
from bot.parsing.vocabulary import Vocabulary
from bot.parsing.words import Word

__all__ = ["judge_intent"]

_DEFAULT = 0.7  # a text about mail that says nothing telling is about sending
_FALLING = 0.4  # each further phrase of an intent counts this much of the one before
_NICETIES = frozenset({Intent.GREETING, Intent.THANKS})
_LEFT_OVER = 2  # words that may stand beside a greeting: a name, "all", "there"
_SHORT = 7
_FEW = 5


def judge_intent(
    text: str, words: Sequence[Word], vocabulary: Vocabulary, features: Sequence[str]
) -> tuple[Intent, str]:
    """The intent of a text and the phrase that spoke for it most."""
    spoken: dict[Intent, dict[str, tuple[float, int]]] = defaultdict(dict)
    covered: set[int] = set()
    for found in vocabulary.intents.find(words):
        phrase = found.payload
        spoken[phrase.intent][phrase.say] = (phrase.weight, found.first)
        if phrase.intent in _NICETIES:
            covered.update(range(found.first, found.last))
    about_mail = bool(features) or any(True for _ in vocabulary.about_mail.find(words))
    for feature in (*features, *_marks(text, words, about_mail=about_mail)):
        for phrase in vocabulary.features.get(feature, ()):
            if not feature.startswith("is:") or phrase.weight < 0 or spoken.get(phrase.intent):
                spoken[phrase.intent][phrase.say] = (phrase.weight, 0)
                covered.update(range(len(words)) if feature.startswith("only:") else ())
    if about_mail:
        spoken[Intent.CANNOT_SEND][""] = (_DEFAULT, 0)
    if len(words) - len(covered) > _LEFT_OVER + len(covered) // 2:
        spoken = {intent: said for intent, said in spoken.items() if intent not in _NICETIES}
    return _best(spoken)


def _best(spoken: Mapping[Intent, Mapping[str, tuple[float, int]]]) -> tuple[Intent, str]:
    """The intent that most speaks for; where nothing does, the text is about something else."""
    scores = {intent: _added(phrases) for intent, phrases in spoken.items()}
    best = max(scores, key=lambda intent: scores[intent], default=Intent.OFF_TOPIC)
    if not scores or scores[best][0] <= 0:
        return Intent.OFF_TOPIC, ""
    return best, max(spoken[best], key=lambda say: spoken[best][say])


def _marks(text: str, words: Sequence[Word], *, about_mail: bool) -> Iterator[str]:
    """What a text as a whole is, said as words of the lexicon."""
    if len(words) <= _FEW:
        yield f"only:{' '.join(word.text for word in words) or text.strip()[:1]}"
    if "?" in text:
        yield "is:question"
    if len(words) <= _SHORT:
        yield "is:short"
    if about_mail:
        yield "is:mail"


def _added(phrases: Mapping[str, tuple[float, int]]) -> tuple[float, int]:
    """The weights added up, the strongest first and each further one worth less.

    With it goes the latest place of a phrase, since of equal errors the later one is meant.
    """
    score, factor = 0.0, 1.0
    for weight, _ in sorted(phrases.values(), reverse=True):
        score += weight * (factor if weight > 0 else 1.0)
        factor *= _FALLING
    return score, max((place for _, place in phrases.values()), default=0)
