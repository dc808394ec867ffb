"""What a transport hands in: words, a button, fields. Secrets go before anything is stored."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.conversation.events import Chose, Corrected, Event, Filled, Said
from bot.desk.ports import Received, Withdrawal
from bot.knowledge.schema import Knowledge
from bot.model.case import ThreadKey
from bot.model.complaint import Complaint, Secret
from bot.parsing.complaint import parse_complaint
from bot.parsing.masking import without_local_parts
from bot.parsing.secrets import redact

__all__ = [
    "COMMAND",
    "Incoming",
    "event_of",
    "is_elsewhere",
    "received_of",
    "redacted",
    "withdrawal_of",
]

COMMAND = "command"  # the kind of an inbox row that no turn follows from

_Payload = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """What a person did. One of `text`, `option`, `values`, `withdraws`, `command` is given.

    `event_id` is the same for a repeated delivery. `revision` is the turn that a button belongs to.
    `elsewhere` marks a message in a place where we may not be let in to answer. Words that are not
    `addressed` to us were said in our thread, maybe to somebody else.
    `text` with `before` is a message as its writer corrected it, and what it said until then;
    `withdraws` is the event id of a message that its writer deleted. A `command` is answered at
    most once; what is kept of it is where the answer goes, and that until it is done with.
    """

    event_id: str
    thread: ThreadKey
    by: str
    text: str | None = None
    addressed: bool = True
    elsewhere: bool = False
    before: str | None = None
    option: str | None = None
    revision: int | None = None
    values: Mapping[str, str] | None = None
    withdraws: str | None = None
    command: str | None = None
    secrets: tuple[Secret, ...] = field(default=())


def redacted(incoming: Incoming) -> Incoming:
    """The same without secrets, of which kind and length are kept, and without local parts."""
    found: list[Secret] = []

    def clean(text: str) -> str:
        kept, secrets = redact(text)
        found.extend(secrets)
        return without_local_parts(kept)

    text = clean(incoming.text) if incoming.text is not None else None
    values = incoming.values
    if values is not None:
        values = {name: clean(value) for name, value in values.items()}
    before = incoming.before
    if before is not None:  # its secrets were warned of when it was new
        before = without_local_parts(redact(before)[0])
    secrets = (*incoming.secrets, *found)
    return replace(incoming, text=text, before=before, values=values, secrets=secrets)


def received_of(incoming: Incoming, at: datetime) -> Received:
    """The inbox row of something redacted."""
    kinds = {
        "text": incoming.text,
        "option": incoming.option,
        "values": dict(incoming.values) if incoming.values is not None else None,
        "withdraws": incoming.withdraws,
        "command": incoming.command,
    }
    kind = next(name for name, value in kinds.items() if value is not None)
    payload: _Payload = {
        "by": incoming.by,
        "revision": incoming.revision,
        "secrets": [[secret.kind, secret.length] for secret in incoming.secrets],
        kind: kinds[kind],
    }
    if not incoming.addressed:
        payload["addressed"] = False
    if incoming.elsewhere:
        payload["elsewhere"] = True
    if incoming.before is not None:
        payload["before"] = incoming.before
    return Received(
        event_id=incoming.event_id,
        thread=incoming.thread,
        kind=kind,
        payload=json.dumps(payload),
        at=at,
    )


def event_of(received: Received, knowledge: Knowledge) -> Event:
    """The conversation's event for an inbox row that is no withdrawal."""
    payload = json.loads(received.payload)
    by, at = payload["by"], received.at
    if received.kind == "option":
        return Chose(option=payload["option"], by=by, at=at, revision=payload["revision"])
    if received.kind == "values":
        return Filled(values=payload["values"], by=by, at=at)
    complaint = _complaint(payload, knowledge)
    if "before" in payload:
        before = parse_complaint(payload["before"], knowledge)
        return Corrected(complaint=complaint, before=before, by=by, at=at)
    return Said(complaint=complaint, by=by, at=at, addressed=payload.get("addressed", True))


def _complaint(payload: Mapping[str, list[tuple[str, int]]], knowledge: Knowledge) -> Complaint:
    secrets = tuple(Secret(kind=kind, length=length) for kind, length in payload["secrets"])
    return replace(parse_complaint(str(payload["text"]), knowledge), secrets=secrets)


def is_elsewhere(received: Received) -> bool:
    """Whether we may not be let in to answer where an inbox row was heard."""
    return bool(json.loads(received.payload).get("elsewhere"))


def withdrawal_of(received: Received) -> Withdrawal | None:
    """What an inbox row withdraws; None if it withdraws nothing."""
    if received.kind != "withdraws":
        return None
    return Withdrawal(
        message=json.loads(received.payload)["withdraws"],
        thread=received.thread,
        handled=received.event_id,
        at=received.at,
    )
