"""Sessions, replies and events as JSON, and back.

A session that an older version stored lacks the fields that came later: they take their defaults.
What a newer version added is passed over. A complaint's mail address is never written.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

from cattrs import Converter
from cattrs.gen import make_dict_unstructure_fn, override
from cattrs.strategies import configure_tagged_union

from bot.conversation.events import Event
from bot.model.case import Session
from bot.model.complaint import Complaint
from bot.model.evidence import Finding, Observation
from bot.model.reply import Reply

__all__ = [
    "dump_event",
    "dump_reply",
    "dump_session",
    "load_event",
    "load_reply",
    "load_session",
    "read_time",
    "write_time",
]

_Value = TypeVar("_Value")

_TAG: Final = "is"  # the key that says which class of a union an object was


def write_time(at: datetime) -> str:
    """The time in UTC with six decimals: its order as text is its order in time."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def read_time(text: str) -> datetime:
    """The time that `write_time` wrote, in UTC."""
    return datetime.fromisoformat(text)


def dump_session(session: Session) -> str:
    """The session as a JSON object, without the mail address of its complaint."""
    return _dump(session)


def load_session(text: str) -> Session:
    """The session that `dump_session` of this or an older version wrote; ValueError for others."""
    return _load(text, Session)


def dump_event(event: Event) -> dict[str, Any]:
    """The event as a JSON object, without the mail address of its complaint."""
    written: dict[str, Any] = _converter.unstructure(event, Event)
    return written


def load_event(value: dict[str, Any]) -> Event:
    """The event that `dump_event` of this or an older version wrote; ValueError for others."""
    try:
        read = _converter.get_structure_hook(Event)
        event: Event = read(value, Event)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no event as stored here: {error!r}") from error
    return event


def dump_reply(reply: Reply) -> str:
    """The reply as a JSON object."""
    return _dump(reply)


def load_reply(text: str) -> Reply:
    """The reply that `dump_reply` of this or an older version wrote; ValueError for others."""
    return _load(text, Reply)


def _dump(value: Session | Reply) -> str:
    return json.dumps(_converter.unstructure(value), ensure_ascii=False, separators=(",", ":"))


def _load(text: str, kind: type[_Value]) -> _Value:
    try:
        return _converter.structure(json.loads(text), kind)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no {kind.__name__.lower()} as stored here: {error!r}") from error


def _write_optional_finding(finding: Finding | None) -> dict[str, Any] | None:
    return None if finding is None else _converter.unstructure(finding, Finding)


def _read_optional_finding(value: dict[str, Any] | None, _: object) -> Finding | None:
    if value is None:
        return None
    read = _converter.get_structure_hook(Finding)
    finding: Finding = read(value, Finding)
    return finding


def _is_mapping(kind: object) -> bool:
    return kind == Mapping[str, str]


def _make_converter() -> Converter:
    converter = Converter(detailed_validation=False)
    converter.register_unstructure_hook(datetime, write_time)
    converter.register_structure_hook(datetime, lambda text, _: read_time(text))
    converter.register_unstructure_hook(timedelta, timedelta.total_seconds)
    converter.register_structure_hook(timedelta, lambda seconds, _: timedelta(seconds=seconds))
    converter.register_unstructure_hook_func(_is_mapping, dict)
    converter.register_structure_hook_func(_is_mapping, lambda value, _: dict(value))
    converter.register_unstructure_hook(
        Complaint,
        make_dict_unstructure_fn(Complaint, converter, address=override(omit=True)),
    )
    configure_tagged_union(Finding, converter, tag_name=_TAG)
    converter.register_unstructure_hook(Finding | None, _write_optional_finding)
    converter.register_structure_hook(Finding | None, _read_optional_finding)
    configure_tagged_union(Observation, converter, tag_name=_TAG)
    configure_tagged_union(Event, converter, tag_name=_TAG)
    return converter


_converter: Final = _make_converter()
