"""What a transport hands in: words, a button, fields. Secrets go before anything is stored."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.conversation.events import Chose, Event, Filled, Said
from bot.desk.ports import Received
from bot.knowledge.schema import Knowledge
from bot.model.case import ThreadKey
from bot.model.complaint import Secret
from bot.parsing.complaint import parse_complaint
from bot.parsing.masking import without_local_parts
from bot.parsing.secrets import redact

__all__ = ["Incoming", "event_of", "received_of", "redacted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One thing that a person did. Exactly one of `text`, `option` and `values` is given.

    `event_id` is the same for a repeated delivery. `revision` is the turn that a button belongs to.
    """

    event_id: str
    thread: ThreadKey
    by: str
    text: str | None = None
    option: str | None = None
    revision: int | None = None
    values: Mapping[str, str] | None = None
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
    return replace(incoming, text=text, values=values, secrets=(*incoming.secrets, *found))


def received_of(incoming: Incoming, at: datetime) -> Received:
    """The inbox row of something redacted."""
    kinds = {"text": incoming.text, "option": incoming.option, "values": incoming.values}
    kind = next(name for name, value in kinds.items() if value is not None)
    payload = {
        "by": incoming.by,
        "revision": incoming.revision,
        "secrets": [[secret.kind, secret.length] for secret in incoming.secrets],
        kind: dict(incoming.values) if incoming.values is not None else kinds[kind],
    }
    return Received(
        event_id=incoming.event_id,
        thread=incoming.thread,
        kind=kind,
        payload=json.dumps(payload),
        at=at,
    )


def event_of(received: Received, knowledge: Knowledge) -> Event:
    """The conversation's event for an inbox row."""
    payload = json.loads(received.payload)
    by, at = payload["by"], received.at
    if received.kind == "option":
        return Chose(option=payload["option"], by=by, at=at, revision=payload["revision"])
    if received.kind == "values":
        return Filled(values=payload["values"], by=by, at=at)
    complaint = parse_complaint(payload["text"], knowledge)
    secrets = tuple(Secret(kind=kind, length=length) for kind, length in payload["secrets"])
    return Said(complaint=replace(complaint, secrets=secrets), by=by, at=at)
