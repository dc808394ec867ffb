"""Faults of texts: sentences that are missing, and blanks in them that nobody fills."""

from collections.abc import Iterable, Iterator
from string import Formatter

from bot.knowledge.schema import Knowledge
from bot.model.codes import Code
from bot.upkeep.errors import did_you_mean
from bot.upkeep.faults import Fault, problem

__all__ = ["text_faults"]

_STEPS = frozenset({"host", "port", "security", "address_form", "provider"})
# What verdicts and notes may be filled with, as `details` of diagnosis name it.
_VERDICT_WORDS = (
    "host port security seconds address addresses said names days date issuer protocol"
    " working_port working_security working_host mechanisms failed_addresses version provider"
    " stated meant_host reasons first_dead first_good more authority objection product"
    " app_password_at unended no_list helo_only put_off no_ehlo instead asked closed_way word"
)
_VERDICTS = frozenset(_VERDICT_WORDS.split())
_IS_VERDICT = "verdict."
_IS_TERM = "says.glossary."


def text_faults(knowledge: Knowledge) -> Iterator[Fault]:
    """The faults of all texts, and the codes that lack a sentence."""
    for code in Code:
        if not {f"{_IS_VERDICT}{code}", f"{_IS_VERDICT}{code}.1"} & knowledge.texts.keys():
            cure = f'add "{code}".1 to [verdict] in texts/'
            yield problem(f"texts: verdict.{code}", "there is no sentence for this code", cure)
    for name, text in knowledge.texts.items():
        is_verdict = name.startswith(_IS_VERDICT)
        yield from _blanks(f"texts: {name}", text, _VERDICTS if is_verdict else None)
        if is_verdict:
            yield from _verdict(name)
        if name.startswith(_IS_TERM):
            yield from _term(name.removeprefix(_IS_TERM), knowledge)
    for key, step in _steps(knowledge):
        yield from _blanks(key, step, _STEPS)


def _steps(knowledge: Knowledge) -> Iterator[tuple[str, str]]:
    """Every step of advice and of clients, with its place."""
    for entry in knowledge.advice.values():
        for step in entry.steps:
            yield f"advice: advice.{entry.id}.steps", step
    for client in knowledge.clients.values():
        for action, steps in client.actions.items():
            for step in steps:
                yield f"clients/{client.id}.toml: actions.{action}", step


def _verdict(name: str) -> Iterator[Fault]:
    """A sentence about a code that does not exist."""
    code = name.removeprefix(_IS_VERDICT)
    bare, _, number = code.rpartition(".")
    about = bare if number.isdecimal() else code
    if about not in set(Code):
        cure = did_you_mean(about, tuple(Code), "codes are those of the contract")
        yield problem(f"texts: {name}", f'"{about}" is no code', cure)


def _term(term: str, knowledge: Knowledge) -> Iterator[Fault]:
    """A word that is known and not explained."""
    if f"glossary.{term}" not in knowledge.texts:
        cure = f"add {term} to [glossary] in texts/"
        yield problem(f"texts: {_IS_TERM}{term}", "nothing explains it", cure)


def _blanks(key: str, text: str, known: Iterable[str] | None) -> Iterator[Fault]:
    """Braces that cannot be read, and blanks that nobody fills; `known` None: any name will do."""
    try:
        names = [name for _, name, _, _ in Formatter().parse(text) if name is not None]
    except ValueError as error:
        yield problem(key, f"its braces cannot be read: {error}", "write {{ for a brace")
        return
    for name in names:
        if not name.isidentifier():
            yield problem(key, f'"{{{name}}}" is no placeholder', "write {{ for a brace")
        elif known is not None and name not in set(known):
            cure = did_you_mean(name, known, "known: " + ", ".join(sorted(known)))
            yield problem(key, f"nobody fills {{{name}}}", cure)
