"""The causes that words speak for: the quoted error, the answers, the symptom.

None of it is proof. Hints for one cause add up as independent doubts do, and never to certainty.
"""

from collections.abc import Iterator

from bot.diagnosis.decode import meanings
from bot.diagnosis.match import holding
from bot.diagnosis.situation import Situation
from bot.knowledge.schema import Knowledge, Rule
from bot.model.codes import Code
from bot.model.complaint import Complaint
from bot.model.diagnosis import Cause

__all__ = ["is_live", "said_causes", "suspects"]

_SURE = 0.97  # no heap of hints is ever proof
_SECOND_MEANING = 0.4  # a less specific decoder adds this much of its weight
_LIVE_FIELDS = (
    "stated",
    "note",
    "other_mode",
    "other_port",
    "other_host",
    "speaks",
    "asked",
    "silent",
)


def suspects(knowledge: Knowledge, complaint: Complaint) -> tuple[Cause, ...]:
    """The causes that a text alone speaks for, best first; probabilities add up to at most 1."""
    situation = Situation(complaint=complaint)
    scores = said_causes(knowledge, situation, holding(knowledge.rules, situation))
    total = max(1.0, sum(cause.confidence for cause in scores))
    return tuple(
        Cause(code=cause.code, confidence=round(cause.confidence / total, 3), rule=cause.rule)
        for cause in scores
    )


def said_causes(knowledge: Knowledge, situation: Situation, held: tuple[Rule, ...]) -> list[Cause]:
    """The causes that the text and the answers speak for, strongest first.

    `held` are all rules that hold for `situation`.
    """
    hints = [*_decoded(knowledge, situation), *_answered(knowledge, situation)]
    hints += [(rule.cause, rule.confidence, rule.id) for rule in held if not is_live(rule)]
    doubt: dict[Code, float] = {}
    spoke: dict[Code, str] = {}
    for code, weight, source in hints:
        doubt[code] = doubt.get(code, 1.0) * (1.0 - weight)
        spoke.setdefault(code, source)
    scored = [
        Cause(code=code, confidence=min(_SURE, 1.0 - rest), rule=spoke[code])
        for code, rest in doubt.items()
    ]
    return sorted(scored, key=lambda cause: -cause.confidence)


def _decoded(knowledge: Knowledge, situation: Situation) -> Iterator[tuple[Code, float, str]]:
    if situation.complaint is None:
        return
    for place, decoder in enumerate(meanings(situation.complaint, knowledge)):
        share = 1.0 if place == 0 else _SECOND_MEANING
        for code, weight in decoder.causes.items():
            yield code, weight * share, decoder.id


def _answered(knowledge: Knowledge, situation: Situation) -> Iterator[tuple[Code, float, str]]:
    for question_id, choice_id in situation.answers.items():
        question = knowledge.questions.get(question_id)
        for choice in question.choices if question is not None else ():
            if choice.id == choice_id:
                for code, weight in choice.means.items():
                    yield code, weight, f"answer:{question_id}"


def is_live(rule: Rule) -> bool:
    """Whether a rule rests on a failure that was seen, and not only on what was said."""
    pattern = rule.when
    if pattern.stated == ("none",):
        return False
    return any(getattr(pattern, name) not in {None, ()} for name in _LIVE_FIELDS)
