"""Faults of advice: causes without any, advice for nothing, actions that no program knows."""

from collections.abc import Iterator

from bot.knowledge.schema import AdviceEntry, Knowledge
from bot.model.codes import Code
from bot.upkeep.errors import did_you_mean
from bot.upkeep.faults import Fault, problem, warning
from bot.upkeep.lint_claims import claim_faults
from bot.upkeep.lint_rules import strangers

__all__ = ["advice_faults", "given_causes"]

_NEEDS_NONE = frozenset({Code.OK, Code.UNKNOWN})


def advice_faults(knowledge: Knowledge) -> Iterator[Fault]:
    """The faults of all advice, and the causes that have none."""
    yield from _unadvised(knowledge)
    actions = {name for client in knowledge.clients.values() for name in client.actions}
    for entry in knowledge.advice.values():
        yield from _entry(knowledge, entry, actions)
    yield from _missing_actions(knowledge)


def given_causes(knowledge: Knowledge) -> frozenset[Code]:
    """Every cause that a rule, a decoder, a choice or a node can give."""
    given = {rule.cause for rule in knowledge.rules}
    for decoder in knowledge.decoders:
        given |= decoder.causes.keys()
    for question in knowledge.questions.values():
        for choice in question.choices:
            given |= choice.means.keys()
    for tree in knowledge.trees.values():
        given |= {node.cause for node in tree.node.values() if node.cause is not None}
    return frozenset(given)


def _unadvised(knowledge: Knowledge) -> Iterator[Fault]:
    """Causes without advice: a problem where knowledge can give them, else worth knowing."""
    advised = {
        cause
        for entry in knowledge.advice.values()
        if not entry.when_provider and not entry.when_client
        for cause in entry.causes
    }
    given = given_causes(knowledge)
    for code in Code:
        if code in advised or code in _NEEDS_NONE:
            continue
        key, cure = f"advice: {code}", f'add an entry with causes = ["{code}"] for everybody'
        if code in given:
            yield problem(key, "can be the verdict and has no advice", cure)
        else:
            yield warning(key, "is a code of the contract and has no advice", cure)


def _entry(knowledge: Knowledge, entry: AdviceEntry, actions: set[str]) -> Iterator[Fault]:
    key = f"advice: advice.{entry.id}"
    if not entry.causes:
        yield problem(f"{key}.causes", "is for no cause, so nobody gets it", "name its causes")
    if not entry.steps:
        yield problem(f"{key}.steps", "has no steps", "say what to do")
    if not entry.sources:
        yield problem(f"{key}.sources", "has no source", "add title, url and checked_on")
    if entry.claims:
        yield from claim_faults(key, entry.claims)
    yield from strangers(knowledge, key, entry.when_provider, entry.when_client)
    for action in _actions(entry):
        if action not in actions:
            cure = did_you_mean(action, actions, "add it to the actions of each client")
            yield problem(f"{key}.steps", f'no client says how to "@{action}"', cure)


def _actions(entry: AdviceEntry) -> Iterator[str]:
    """The actions that an entry's steps name: `@open-outgoing-settings`."""
    return (step[1:].strip() for step in entry.steps if step.startswith("@"))


def _missing_actions(knowledge: Knowledge) -> Iterator[Fault]:
    """Programs with settings that do not say how to do what advice for them asks."""
    for client in knowledge.clients.values():
        asked = {
            action: entry.id
            for entry in knowledge.advice.values()
            if not entry.when_client or client.id in entry.when_client
            for action in _actions(entry)
        }
        for action, entry_id in asked.items():
            if client.has_smtp_settings and action not in client.actions:
                said = f'does not say how to "{action}", which advice.{entry_id} asks for'
                yield warning(f"clients/{client.id}.toml: actions", said, "add the clicks in order")
