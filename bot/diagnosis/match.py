"""Rules against a situation: a pattern is a conjunction of fields, each from a closed list."""

from collections.abc import Callable, Iterator

from bot.diagnosis.situation import Situation
from bot.knowledge.schema import Rule, RuleMatch

__all__ = ["holding", "specificity"]

_Test = Callable[[RuleMatch, Situation], bool]


def holding(rules: tuple[Rule, ...], situation: Situation) -> tuple[Rule, ...]:
    """The rules whose whole pattern holds, the most specific first, then the surest."""
    found = [rule for rule in rules if _holds(rule.when, situation)]
    return tuple(sorted(found, key=lambda rule: (-specificity(rule.when), -rule.confidence)))


def specificity(pattern: RuleMatch) -> int:
    """How many fields a pattern gives."""
    return sum(1 for _ in _given(pattern))


def _holds(pattern: RuleMatch, situation: Situation) -> bool:
    """Ends at the first field that does not hold: every check asks this of every rule."""
    given = False
    for name in _given(pattern):
        if not _TESTS[name](pattern, situation):
            return False
        given = True
    return given


def _given(pattern: RuleMatch) -> Iterator[str]:
    for name in _TESTS:
        value = getattr(pattern, name)
        if value is not None and value not in ((), {}):
            yield name


def _among(code: str, wanted: tuple[str, ...]) -> bool:
    """Whether `code` is listed, by itself or by its group (`tls.*`)."""
    group = f"{code.partition('.')[0]}.*"
    return code in wanted or group in wanted


def _stated(pattern: RuleMatch, situation: Situation) -> bool:
    return any(_among(code, pattern.stated) for code in situation.stated_codes)


def _note(pattern: RuleMatch, situation: Situation) -> bool:
    return bool(situation.notes & set(pattern.note))


def _security(pattern: RuleMatch, situation: Situation) -> bool:
    return situation.live is not None and bool(situation.security & set(pattern.security))


def _port(pattern: RuleMatch, situation: Situation) -> bool:
    said = situation.complaint.port if situation.complaint is not None else None
    return bool({situation.port, said} & set(pattern.port))


def _other_mode(pattern: RuleMatch, situation: Situation) -> bool:
    return situation.live is not None and bool(situation.live.other_mode) == pattern.other_mode


def _other_port(pattern: RuleMatch, situation: Situation) -> bool:
    return situation.live is not None and bool(situation.live.other_port) == pattern.other_port


def _other_host(pattern: RuleMatch, situation: Situation) -> bool:
    return situation.live is not None and bool(situation.live.other_host) == pattern.other_host


def _speaks(pattern: RuleMatch, situation: Situation) -> bool:
    return situation.speaks in pattern.speaks


def _asked(pattern: RuleMatch, situation: Situation) -> bool:
    base = situation.live.base if situation.live is not None else None
    return base is not None and base.attempt.protocol in pattern.asked


def _silent(pattern: RuleMatch, situation: Situation) -> bool:
    return situation.live is not None and situation.silent == pattern.silent


def _checked(pattern: RuleMatch, situation: Situation) -> bool:
    return (situation.live is not None) == pattern.checked


def _intent(pattern: RuleMatch, situation: Situation) -> bool:
    return situation.complaint is not None and situation.complaint.intent in pattern.intent


def _code(pattern: RuleMatch, situation: Situation) -> bool:
    return situation.complaint is not None and bool(
        set(situation.complaint.codes) & set(pattern.code)
    )


def _provider(pattern: RuleMatch, situation: Situation) -> bool:
    return situation.provider in pattern.provider


def _client(pattern: RuleMatch, situation: Situation) -> bool:
    return situation.complaint is not None and situation.complaint.client in pattern.client


def _answer(pattern: RuleMatch, situation: Situation) -> bool:
    return all(
        situation.answers.get(question) in choices for question, choices in pattern.answer.items()
    )


_TESTS: dict[str, _Test] = {
    "stated": _stated,
    "note": _note,
    "security": _security,
    "port": _port,
    "other_mode": _other_mode,
    "other_port": _other_port,
    "other_host": _other_host,
    "speaks": _speaks,
    "asked": _asked,
    "silent": _silent,
    "checked": _checked,
    "intent": _intent,
    "code": _code,
    "provider": _provider,
    "client": _client,
    "answer": _answer,
}
