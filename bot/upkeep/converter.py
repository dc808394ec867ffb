"""Plain TOML values → the dataclasses of `knowledge.schema`, strictly: nothing is guessed.

A number where words belong, a word where a list belongs, a key that nobody knows: each raises
`MisfitError` with the way to the place, so that the loader can name it.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar, get_args, get_origin

from cattrs import (
    AttributeValidationNote,
    BaseConverter,
    BaseValidationError,
    Converter,
    ForbiddenExtraKeysError,
)
from cattrs.gen import make_dict_structure_fn

from bot.knowledge.schema import Audience, InterceptorKind
from bot.knowledge.trees import NodeKind
from bot.model.codes import Code
from bot.model.complaint import Intent
from bot.model.diagnosis import Source
from bot.model.reply import FieldKind
from bot.model.target import Security
from bot.upkeep.errors import did_you_mean

__all__ = ["MisfitError", "fit"]

T = TypeVar("T")
Structure = Callable[[Any, Any], Any]
Factory = Callable[[Any, BaseConverter], Structure]

_FEW = 12  # more names than this are no help in one line
_WORDS: tuple[type[StrEnum], ...] = (
    Audience,
    Code,
    FieldKind,
    Intent,
    InterceptorKind,
    NodeKind,
    Security,
)
_KINDS: dict[type, str] = {
    str: "text in quotes",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    date: "a date such as 2026-11-23, without quotes",
    list: "a list in brackets",
    dict: "a table",
}


class MisfitError(ValueError):
    """A value that does not fit. `path` leads to it: names of keys, numbers of list items."""

    def __init__(self, problem: str, cure: str, path: tuple[str | int, ...] = ()) -> None:
        super().__init__(problem)
        self.problem = problem
        self.cure = cure
        self.path = path

    def under(self, step: str | int) -> "MisfitError":
        """The same error, seen from one level further up."""
        return MisfitError(self.problem, self.cure, (step, *self.path))


def fit(value: object, shape: type[T]) -> T:
    """`value` as a `shape`. Raises `MisfitError`."""
    try:
        return _CONVERTER.structure(value, shape)
    except (BaseValidationError, ForbiddenExtraKeysError, MisfitError) as error:
        raise _first_misfit(error, shape) from error


def _first_misfit(error: Exception, shape: Any) -> MisfitError:
    """The innermost reason of what cattrs raised, with the path that its notes give."""
    if isinstance(error, MisfitError):
        return error
    if isinstance(error, BaseValidationError):
        inner = min(error.exceptions, key=_telling)
        step, inner_shape = _place(inner)
        found = _first_misfit(inner, inner_shape or error.cl)
        return found if step is None else found.under(step)
    if isinstance(error, ForbiddenExtraKeysError):
        extra = min(error.extra_fields)
        known = getattr(error.cl, "__dataclass_fields__", {})
        allowed = "allowed here: " + ", ".join(known)
        return MisfitError("is not a known key", did_you_mean(extra, known, allowed), (extra,))
    if isinstance(error, KeyError):
        return MisfitError("is missing", "add it")
    return MisfitError(f"cannot be read as {_called(shape)}: {error}", "")


def _telling(error: Exception) -> bool:
    """A misspelt key before the one that is missing in its place: False sorts first."""
    return not isinstance(error, ForbiddenExtraKeysError)


def _place(error: Exception) -> tuple[str | int | None, Any]:
    """The attribute that cattrs noted on `error`, and its type."""
    for note in getattr(error, "__notes__", ()):
        if isinstance(note, AttributeValidationNote):
            return note.name, note.type
    return None, None


def _called(shape: Any) -> str:
    return getattr(shape, "__name__", str(shape))


def _must_be(value: object, kind: type) -> None:
    """Raises `MisfitError` unless `value` is of `kind`; true is no number, a time is no date."""
    fits = isinstance(value, kind)
    if (kind is int and isinstance(value, bool)) or (kind is date and isinstance(value, datetime)):
        fits = False
    if not fits:
        cure = f'write ["{value}"]' if kind is list and isinstance(value, str) else ""
        raise MisfitError(f"must be {_KINDS[kind]}, not {value!r:.60}", cure)


def _exactly(kind: type) -> Structure:
    def structure(value: Any, _: Any) -> Any:
        _must_be(value, kind)
        return value

    return structure


def _number(value: Any, _: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        _must_be(str(value), float)
    return float(value)


def _word_of(shape: type[StrEnum]) -> Structure:
    """A hook for one of the enums: the word itself, spelt as the contract spells it."""
    members: dict[str, StrEnum] = {member.value: member for member in shape}

    def structure(value: Any, _: Any) -> StrEnum:
        _must_be(value, str)
        if value in members:
            return members[value]
        raise MisfitError(f'"{value}" is not known', _cure(value, members))

    return structure


def _cure(word: str, members: Mapping[str, object]) -> str:
    """What to write in place of `word`: its quoted form, the nearest one, or any of a few."""
    dotted = next((member for member in members if member.startswith(f"{word}.")), None)
    if dotted:
        return f'a name with a dot stands in quotes: "{dotted}"'
    few = len(members) <= _FEW
    return did_you_mean(word, members, "one of: " + ", ".join(members) if few else "")


def _tuple_of(shape: Any, converter: BaseConverter) -> Structure:
    """A hook for `tuple[X, ...]`: takes lists alone, where cattrs would take a text apart."""
    item_shape = get_args(shape)[0]
    item = converter.get_structure_hook(item_shape)

    def structure(value: Any, _: Any) -> tuple[Any, ...]:
        _must_be(value, list)
        return tuple(_stepping(index, item, entry, item_shape) for index, entry in enumerate(value))

    return structure


def _table_of(shape: Any, converter: BaseConverter) -> Structure:
    """A hook for `Mapping[K, V]`."""
    key_shape, item_shape = get_args(shape)
    key, item = converter.get_structure_hook(key_shape), converter.get_structure_hook(item_shape)

    def structure(value: Any, _: Any) -> dict[Any, Any]:
        _must_be(value, dict)
        return {
            _stepping(name, key, name, key_shape): _stepping(name, item, entry, item_shape)
            for name, entry in value.items()
        }

    return structure


def _record(shape: Any, converter: BaseConverter) -> Structure:
    """A hook for a dataclass, which takes tables alone and refuses keys that it does not know."""
    whole = make_dict_structure_fn(shape, converter, _cattrs_forbid_extra_keys=True)

    def structure(value: Any, _: Any) -> Any:
        _must_be(value, dict)
        return whole(value, shape)

    return structure


def _stepping(step: str | int, hook: Structure, value: Any, shape: Any) -> Any:
    """`hook(value)`; an error gets `step` put before its path."""
    try:
        return hook(value, shape)
    except (BaseValidationError, ForbiddenExtraKeysError, MisfitError) as error:
        raise _first_misfit(error, shape).under(step) from error


def _source(value: Any, _: Any) -> Source:
    """A source; its date may be written as a TOML date or as text."""
    _must_be(value, dict)
    checked = value.get("checked_on")
    if isinstance(checked, date) and not isinstance(checked, datetime):
        value = {**value, "checked_on": checked.isoformat()}
    source: Source = _SOURCE(value, Source)
    try:
        date.fromisoformat(source.checked_on)
    except ValueError:
        problem = f'"{source.checked_on}" is not a date'
        raise MisfitError(problem, "write it as 2026-11-23", ("checked_on",)) from None
    return source


def _is_record(shape: Any) -> bool:
    return hasattr(shape, "__dataclass_fields__")


def _is_made_of(origin: object) -> Callable[[Any], bool]:
    return lambda shape: get_origin(shape) == origin


def _built() -> Converter:
    """The converter, with our strict hooks in place of the lenient ones of cattrs."""
    converter = Converter(forbid_extra_keys=True)
    for kind in (str, int, bool, date):
        converter.register_structure_hook(kind, _exactly(kind))
    for words in _WORDS:  # by class, since cattrs would take them for the text that they also are
        converter.register_structure_hook(words, _word_of(words))
    converter.register_structure_hook(float, _number)
    factories: tuple[tuple[Callable[[Any], bool], Factory], ...] = (
        (_is_record, _record),
        (_is_made_of(tuple), _tuple_of),
        (_is_made_of(Mapping), _table_of),
    )
    for fits, factory in factories:
        converter.register_structure_hook_factory(fits, factory)
    converter.register_structure_hook(Source, _source)
    return converter


_CONVERTER = _built()
_SOURCE = _record(Source, _CONVERTER)
