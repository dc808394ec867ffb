"""What was filled into blanks → what it states, or which blank does not fit.

```
{"host": "smtp.example.com", "port": "587", "email": "rosa@example.com"}
```
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from bot.knowledge.schema import Knowledge
from bot.model.complaint import Complaint
from bot.model.target import Security, Target
from bot.parsing.complaint import parse_complaint
from bot.parsing.target import parse_target

__all__ = ["FieldProblem", "complaint_of_fields"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldProblem:
    """A blank that does not fit: its id, and the kind of problem (an id of the texts)."""

    field: str
    kind: str


_Read = Complaint | FieldProblem


def complaint_of_fields(values: Mapping[str, str], knowledge: Knowledge) -> _Read:
    """What the filled-in blanks state together; the first one that does not fit instead.

    Blanks that were left empty are passed over, unless all are.
    """
    given = {name: value.strip() for name, value in values.items() if value.strip()}
    if not given:
        return FieldProblem(field=next(iter(values), "error"), kind="empty")
    read = Complaint(text=" ".join(given.values()))
    for name, value in given.items():
        reader = _READERS.get(name)
        if reader is None:
            return FieldProblem(field=name, kind="unknown")
        step = reader(read, value, knowledge)
        if isinstance(step, FieldProblem):
            return step
        read = step
    return read


def _host(read: Complaint, value: str, _: Knowledge) -> _Read:
    target = parse_target(value.split())
    if not isinstance(target, Target):
        return FieldProblem(field="host", kind="host")
    return replace(read, host=target.host, port=target.port or read.port)


def _port(read: Complaint, value: str, _: Knowledge) -> _Read:
    target = parse_target(["port.invalid", value])
    if not isinstance(target, Target) or target.port is None:
        return FieldProblem(field="port", kind="port")
    return replace(read, port=target.port)


def _security(read: Complaint, value: str, knowledge: Knowledge) -> _Read:
    if value in set(Security):
        return replace(read, security=Security(value))
    said = parse_complaint(value, knowledge).security
    if said is None:
        return FieldProblem(field="security", kind="security")
    return replace(read, security=said)


def _client(read: Complaint, value: str, knowledge: Knowledge) -> _Read:
    if value in knowledge.clients:
        return replace(read, client=value)
    return replace(read, client=parse_complaint(value, knowledge).client or read.client)


def _error(read: Complaint, value: str, knowledge: Knowledge) -> _Read:
    said = parse_complaint(value, knowledge)
    return replace(
        read,
        intent=said.intent,
        codes=said.codes,
        replies=said.replies,
        provider=read.provider or said.provider,
    )


def _email(read: Complaint, value: str, knowledge: Knowledge) -> _Read:
    said = parse_complaint(value, knowledge)
    if said.domain is None:
        return FieldProblem(field="email", kind="email")
    return replace(
        read,
        address=said.address,
        domain=said.domain,
        provider=read.provider or said.provider,
    )


_Reader = Callable[[Complaint, str, Knowledge], _Read]
_READERS: dict[str, _Reader] = {
    "host": _host,
    "port": _port,
    "security": _security,
    "client": _client,
    "error": _error,
    "email": _email,
}
