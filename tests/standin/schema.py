"""A small language for the shape of JSON, whose complaints are worded as Slack words them.

Such as: must be less than 76 characters [json-pointer:/blocks/3/elements/0/text/text]
(docs.slack.dev/reference/block-kit; the wording is that of answers people have published).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

__all__ = [
    "Check",
    "Report",
    "anything",
    "boolean",
    "by_type",
    "items",
    "number",
    "object_of",
    "one_of",
    "string",
]


@dataclass(eq=False)
class Report:
    """What is wrong, each with its place; `doubts` are ours, Slack would let them pass."""

    errors: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)

    def refuse(self, what: str, where: str) -> None:
        """Notes an error."""
        self.errors.append(f"{what} [json-pointer:{where}]")

    def doubt(self, what: str, where: str) -> None:
        """Notes what two of Slack's own sources disagree about, or what breaks elsewhere."""
        self.doubts.append(f"{what} [json-pointer:{where}]")


Check = Callable[[object, str, Report], None]


def anything(value: object, where: str, report: Report) -> None:
    """Accepts all."""


def boolean(value: object, where: str, report: Report) -> None:
    """Accepts true and false."""
    if not isinstance(value, bool):
        report.refuse("must be a boolean", where)


def number(least: int = 0, most: int = 10**12) -> Check:
    """Accepts whole numbers of a range."""

    def check(value: object, where: str, report: Report) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            report.refuse("must be a number", where)
        elif not least <= value <= most:
            report.refuse(f"must be between {least} and {most}", where)

    return check


def string(most: int = 10**6, *, least: int = 1, doubtful: int | None = None) -> Check:
    """Accepts strings of a length."""

    def check(value: object, where: str, report: Report) -> None:
        if not isinstance(value, str):
            report.refuse("must be a string", where)
        elif len(value) > most:
            report.refuse(f"must be less than {most + 1} characters", where)
        elif len(value) < least:
            report.refuse(f"must be more than {least - 1} characters", where)
        elif doubtful is not None and len(value) > doubtful:
            report.doubt(f"should be less than {doubtful + 1} characters", where)

    return check


def one_of(*values: object) -> Check:
    """Accepts the values."""

    def check(value: object, where: str, report: Report) -> None:
        if value not in values:
            report.refuse("must be a valid enum value", where)

    return check


def items(each: Check, most: int = 10**6, least: int = 1) -> Check:
    """Accepts lists of a length, each item checked."""

    def check(value: object, where: str, report: Report) -> None:
        if not isinstance(value, list):
            report.refuse("must be an array", where)
            return
        if len(value) > most:
            report.refuse(f"no more than {most} items allowed", where)
        if len(value) < least:
            report.refuse(f"no less than {least} items allowed", where)
        for index, item in enumerate(value):
            each(item, f"{where}/{index}", report)

    return check


def object_of(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """Accepts objects with exactly these properties."""
    known = {**required, **(optional or {})}

    def check(value: object, where: str, report: Report) -> None:
        if not isinstance(value, dict):
            report.refuse("must provide an object", where)
            return
        for name in required:
            if name not in value:
                report.refuse(f"missing required field: {name}", where)
        for name, item in value.items():
            if name not in known:
                report.refuse(f"invalid additional property: {name}", where)
            else:
                known[name](item, f"{where}/{name}", report)

    return check


def by_type(kinds: Mapping[str, Check]) -> Check:
    """Accepts objects whose `type` is known, each type checked in its own way."""

    def check(value: object, where: str, report: Report) -> None:
        if not isinstance(value, dict):
            report.refuse("must provide an object", where)
        elif not isinstance(kind := value.get("type"), str):
            report.refuse("missing required field: type", where)
        elif kind not in kinds:
            report.refuse(f"unsupported type: {kind}", f"{where}/type")
        else:
            kinds[kind](value, where, report)

    return check
