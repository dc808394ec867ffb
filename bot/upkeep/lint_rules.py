"""Faults of rules, decoders and the lexicon: names nobody has, and entries that contradict."""

from collections import defaultdict
from collections.abc import Iterator

from bot.knowledge.schema import Decoder, Knowledge, Rule
from bot.model.codes import Code, group_of
from bot.model.complaint import Intent
from bot.model.target import Security
from bot.upkeep.faults import Fault, problem, unknown_name, warning

__all__ = ["rule_faults", "strangers"]

_SECURITY = frozenset({*Security, "auto", "any_stated"})
_NOTHING = "none"
_DONT_KNOW = "dont_know"


def rule_faults(knowledge: Knowledge) -> Iterator[Fault]:
    """The faults of all rules, decoders and phrases."""
    for rule in knowledge.rules:
        yield from _rule(knowledge, rule)
    for decoder in knowledge.decoders:
        yield from _decoder(knowledge, decoder)
    yield from _contradictions(knowledge)
    yield from _phrases(knowledge)


def _rule(knowledge: Knowledge, rule: Rule) -> Iterator[Fault]:
    key = f"rules: rule.{rule.id}"
    when = rule.when
    if not 0 < rule.confidence <= 1:
        yield problem(
            f"{key}.confidence", f"is {rule.confidence:g}", "write a number above 0, up to 1"
        )
    for stated in when.stated:
        group, _, rest = stated.partition(".")
        is_group = rest == "*" and any(group == group_of(code) for code in Code)
        if stated not in {*Code, _NOTHING} and not is_group:
            yield unknown_name(f"{key}.when.stated", "code", stated, (*Code, _NOTHING))
    for mode in when.security:
        if mode not in _SECURITY:
            yield unknown_name(f"{key}.when.security", "security", mode, _SECURITY)
    yield from strangers(knowledge, key, when.provider, when.client)
    for name, choices in when.answer.items():
        yield from _answer(knowledge, f"{key}.when.answer", name, choices)
    if not rule.source:
        yield problem(f"{key}.source", "is empty", "say where the rule comes from")


def strangers(
    knowledge: Knowledge, key: str, providers: tuple[str, ...], clients: tuple[str, ...]
) -> Iterator[Fault]:
    """Providers and clients that nobody has; those known by name only count."""
    for kind, names, known in (
        ("provider", providers, {*knowledge.providers, *knowledge.lexicon.providers}),
        ("client", clients, {*knowledge.clients, *knowledge.lexicon.clients}),
    ):
        for name in names:
            if name not in known:
                yield unknown_name(f"{key}.{kind}", kind, name, known)


def _answer(knowledge: Knowledge, key: str, name: str, choices: tuple[str, ...]) -> Iterator[Fault]:
    question = knowledge.questions.get(name)
    if question is None:
        yield unknown_name(key, "question", name, knowledge.questions)
        return
    known = [choice.id for choice in question.choices]
    for choice in choices:
        if choice not in [*known, _DONT_KNOW]:
            yield unknown_name(f"{key}.{name}", "choice", choice, known)


def _decoder(knowledge: Knowledge, decoder: Decoder) -> Iterator[Fault]:
    key = f"codes: decoder.{decoder.id}"
    if not any((decoder.code, decoder.reply, decoder.enhanced, decoder.text)):
        yield problem(key, "has nothing to know an error by", "give code, reply, enhanced or text")
    if not decoder.causes:
        yield problem(f"{key}.causes", "names no cause", "add at least one cause with its weight")
    for code, weight in decoder.causes.items():
        if not 0 < weight <= 1:
            said = f"{code} weighs {weight:g}"
            yield problem(f"{key}.causes", said, "weights are above 0, up to 1")
    yield from strangers(knowledge, key, (decoder.provider,) if decoder.provider else (), ())
    for fragment in decoder.text:
        if fragment != fragment.lower():
            yield problem(f"{key}.text", f'"{fragment}" has capitals', "write it in lower case")
    if not decoder.source:
        yield problem(f"{key}.source", "is empty", "say where the meaning comes from")


def _contradictions(knowledge: Knowledge) -> Iterator[Fault]:
    """Decoders that fit the very same errors and put another cause first."""
    first: dict[tuple[object, ...], Decoder] = {}
    for decoder in knowledge.decoders:
        same = (
            decoder.code,
            decoder.reply,
            decoder.enhanced,
            decoder.provider,
            frozenset(decoder.text),
        )
        other = first.setdefault(same, decoder)
        if other is not decoder and _ranked(other) != _ranked(decoder):
            said = f"fits the same errors as decoder.{other.id} and names other causes"
            yield problem(
                f"codes: decoder.{decoder.id}", said, "keep one, or narrow one by its text"
            )


def _ranked(decoder: Decoder) -> list[tuple[str, float]]:
    return sorted((code.value, weight) for code, weight in decoder.causes.items())


def _phrases(knowledge: Knowledge) -> Iterator[Fault]:
    """Phrases that speak for two intents alike, so that they tell nothing; and unfindable ones."""
    claimed: dict[tuple[str, float], list[Intent]] = defaultdict(list)
    for phrase in knowledge.lexicon.phrase:
        for say in phrase.say:
            if say != say.lower():
                yield warning("lexicon: phrase", f'"{say}" has capitals', "write it in lower case")
            if phrase.weight > 0 and not say.startswith("is:"):
                claimed[say, phrase.weight].append(phrase.intent)
    for (say, weight), intents in claimed.items():
        if len(set(intents)) > 1:
            named = " and ".join(sorted(set(intents)))
            said = f'"{say}" speaks for {named} with the same weight {weight:g}'
            yield problem("lexicon: phrase", said, "give it to one, or weigh it differently")
