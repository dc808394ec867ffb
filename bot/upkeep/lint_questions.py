"""Faults of questions: nothing to answer, slots and blanks that nobody fills, weights off scale."""

from collections.abc import Iterator

from bot.knowledge.schema import Knowledge
from bot.knowledge.trees import Choice, Question
from bot.upkeep.faults import Fault, problem, unknown_name
from bot.upkeep.lint_claims import claim_faults

__all__ = ["question_faults"]

_SLOTS = frozenset({"provider", "client", "error", "server", "security"})
_FIELDS = frozenset({"host", "port", "security", "client", "error", "email"})


def question_faults(knowledge: Knowledge) -> Iterator[Fault]:
    """The faults of all questions."""
    for question in knowledge.questions.values():
        key = f"trees/questions.toml: question.{question.id}"
        yield from claim_faults(key, question.claims)
        yield from _question(question, key)
        yield from _choices(question.choices, key)
    for pair in knowledge.lexicon.answers:
        yield from _answer(pair, knowledge)


def _answer(pair: str, knowledge: Knowledge) -> Iterator[Fault]:
    """Words that answer no question, or with a choice that it does not have."""
    key = f"lexicon: answers.{pair}"
    name, _, choice = pair.partition("=")
    question = knowledge.questions.get(name)
    if question is None:
        yield unknown_name(key, "question", name, knowledge.questions)
    elif choice not in (known := [one.id for one in question.choices]):
        yield unknown_name(key, "choice", choice, known)


def _question(question: Question, key: str) -> Iterator[Fault]:
    if question.slot is not None and question.slot not in _SLOTS:
        yield unknown_name(f"{key}.slot", "slot", question.slot, _SLOTS)
    for blank in question.fields:
        if blank.id not in _FIELDS:
            yield unknown_name(f"{key}.fields", "field", blank.id, _FIELDS)
    if not question.choices and not question.fields:
        yield problem(key, "offers neither choices nor fields", "add what can be answered")


def _choices(choices: tuple[Choice, ...], key: str) -> Iterator[Fault]:
    seen: set[str] = set()
    for choice in choices:
        place = f"{key}.choices.{choice.id}"
        if choice.id in seen:
            yield problem(place, "stands there twice", "give each its own id")
        seen.add(choice.id)
        for code, weight in choice.means.items():
            if not 0 <= weight <= 1:
                yield problem(f"{place}.means", f"{code} weighs {weight:g}", "weights are 0 to 1")
