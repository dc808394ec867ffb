"""Remarks in the middle of a case: what somebody says that is neither an answer nor a fact."""

from collections.abc import Mapping
from dataclasses import replace

from bot.knowledge.memo import OncePerKnowledge
from bot.knowledge.schema import Knowledge, Remark
from bot.model.case import Answer, Session
from bot.model.complaint import Complaint, Intent
from bot.parsing.complaint import parse_complaint
from bot.parsing.slackmarkup import undo_markup
from bot.parsing.words import PhraseBook, Word, words_of

__all__ = [
    "gives_up",
    "is_only_secret",
    "speaks_of_elsewhere",
    "terms_in",
    "volunteered",
    "wants_proof",
    "with_volunteered",
]

_LONGEST = 1200  # characters; a longer text is a story or a log, and no remark
_GLOSSARY = "says.glossary."
# Who gives up and says one of these besides wants something else all the same.
_MEANS_MORE = frozenset({Intent.RESOLVED, Intent.HUMAN_WANTED, Intent.SETTINGS_QUESTION})
_FEW = 4  # words beside a remark that change nothing about it


def gives_up(complaint: Complaint, knowledge: Knowledge) -> bool:
    """Whether the person wants no more of it, and says nothing else that matters."""
    rest = _beside(complaint, Remark.GIVE_UP, knowledge)
    if rest is None or len(rest) > _FEW or "?" in complaint.text:
        return False
    left = parse_complaint(" ".join(word.text for word in rest), knowledge)
    return left.intent not in _MEANS_MORE


def wants_proof(complaint: Complaint, knowledge: Knowledge) -> bool:
    """Whether the message asks how we know, and nothing else."""
    rest = _beside(complaint, Remark.WHY, knowledge)
    return rest is not None and len(rest) <= 1


def speaks_of_elsewhere(complaint: Complaint, knowledge: Knowledge) -> bool:
    """Whether what works (or not) is another network, place, device or way than the usual one."""
    if volunteered(complaint, knowledge):
        return True
    return _beside(complaint, Remark.ELSEWHERE, knowledge) is not None


def is_only_secret(complaint: Complaint, knowledge: Knowledge) -> bool:
    """Whether nothing is left of the message without the secrets that were in it."""
    if not complaint.secrets:
        return False
    text = complaint.text
    for secret in complaint.secrets:
        text = text.replace(f"[{secret.kind} removed]", " ")
    words = words_of(undo_markup(text[:_LONGEST]))
    spoken = _covered(_books(knowledge)[Remark.SECRET], words)
    return len(words) - len(spoken) <= 0


def terms_in(complaint: Complaint, knowledge: Knowledge) -> tuple[str, ...]:
    """The words of the glossary that the message asks the meaning of, and nothing else."""
    words = _words(complaint)
    found = [(name, _covered(book, words)) for name, book in _terms(knowledge).items()]
    named = {name: places for name, places in found if places}
    asking = _covered(_books(knowledge)[Remark.MEANING], words)
    if not named or not (asking or "?" in complaint.text):
        return ()
    rest = set(range(len(words))) - asking - set().union(*named.values())
    return tuple(named) if len(rest) <= (1 if asking else 0) else ()


def volunteered(complaint: Complaint, knowledge: Knowledge) -> tuple[Answer, ...]:
    """The answers to questions that nobody asked; none where the message itself asks."""
    if "?" in complaint.text:
        return ()
    longest: dict[str, dict[str, int]] = {}
    for found in _answers(knowledge).find(_words(complaint)):
        question, _, choice = found.payload.partition("=")
        spans = longest.setdefault(question, {})
        spans[choice] = max(spans.get(choice, 0), found.last - found.first)
    return tuple(
        Answer(question=question, choice=max(spans, key=lambda choice: spans[choice]))
        for question, spans in longest.items()
        if len(set(spans.values())) == len(spans)
    )


def with_volunteered(session: Session, complaint: Complaint, knowledge: Knowledge) -> Session:
    """The session with the answers that the message gives unasked; the latest word holds."""
    told = volunteered(complaint, knowledge)
    asked = {answer.question for answer in told}
    kept = tuple(answer for answer in session.answers if answer.question not in asked)
    return replace(session, answers=(*kept, *told)) if told else session


def _beside(complaint: Complaint, remark: Remark, knowledge: Knowledge) -> list[Word] | None:
    """The words that are no part of a remark of that kind; None where there is none."""
    words = _words(complaint)
    spoken = _covered(_books(knowledge)[remark], words)
    if not spoken:
        return None
    return [word for place, word in enumerate(words) if place not in spoken]


def _words(complaint: Complaint) -> list[Word]:
    return words_of(undo_markup(complaint.text)) if len(complaint.text) <= _LONGEST else []


def _covered(book: PhraseBook[str], words: list[Word]) -> set[int]:
    """The places of the words that phrases of the book are made of."""
    return {place for found in book.find(words) for place in range(found.first, found.last)}


def _book(phrases: Mapping[str, str]) -> PhraseBook[str]:
    book: PhraseBook[str] = PhraseBook()
    for phrase, payload in phrases.items():
        book.add(phrase, payload)
    return book


def _build_books(knowledge: Knowledge) -> Mapping[Remark, PhraseBook[str]]:
    remarks = knowledge.lexicon.remarks
    return {kind: _book(dict.fromkeys(remarks.get(kind, ()), kind)) for kind in Remark}


def _build_answers(knowledge: Knowledge) -> PhraseBook[str]:
    answers = knowledge.lexicon.answers
    return _book({phrase: pair for pair, phrases in answers.items() for phrase in phrases})


def _build_terms(knowledge: Knowledge) -> Mapping[str, PhraseBook[str]]:
    return {
        name.removeprefix(_GLOSSARY): _book(dict.fromkeys(said.split("|"), name))
        for name, said in knowledge.texts.items()
        if name.startswith(_GLOSSARY)
    }


_books = OncePerKnowledge(_build_books)
_answers = OncePerKnowledge(_build_answers)
_terms = OncePerKnowledge(_build_terms)
