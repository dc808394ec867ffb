"""Sentences out of the knowledge, filled with what is known."""

from collections.abc import Mapping
from datetime import timedelta
from string import Formatter

from bot.model.evidence import Evidence

__all__ = ["age_of", "fill", "placeholders", "say", "summary"]

_FORMATTER = Formatter()


def placeholders(template: str) -> frozenset[str]:
    """The names between braces in `template`."""
    return frozenset(name for _, name, _, _ in _FORMATTER.parse(template) if name)


def fill(template: str, details: Mapping[str, str]) -> str | None:
    """`template` with its placeholders filled; None if one of them is not known."""
    if not placeholders(template) <= details.keys():
        return None
    return template.format_map(details)


def summary(code: str, details: Mapping[str, str], texts: Mapping[str, str]) -> str:
    """The sentence about a code: the first variant whose every placeholder is known."""
    known = _readable(details, texts)
    number = 1
    while (template := texts.get(f"verdict.{code}.{number}")) is not None:
        sentence = fill(template, known)
        if sentence is not None:
            return " ".join(sentence.split())
        number += 1
    return code


def _readable(details: Mapping[str, str], texts: Mapping[str, str]) -> Mapping[str, str]:
    """The details as a person says them: modes of encryption, one day and several."""
    words = {
        name: texts.get(f"security.{details[name]}", details[name])
        for name in ("security", "working_security")
        if name in details
    }
    if "days" in details:
        days = details["days"]
        counted = texts.get(f"days.{days}") or texts.get("days.many", "{days}")
        words["days"] = counted.format(days=days)
    return {**details, **words}


def say(text: str, texts: Mapping[str, str], **details: str) -> str:
    """The text of that id; an unknown id or placeholder is a fault of ours and raises KeyError."""
    return texts[text].format_map(details)


def age_of(evidence: Evidence) -> str | None:
    """How old evidence is that others had asked for, as a person says it; None for new one."""
    if evidence.age < timedelta(seconds=1):
        return None
    return f"{evidence.age.total_seconds():.0f} s"
