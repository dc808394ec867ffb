"""Slack's payloads as what a person did; anything else is None.

One mention arrives as a `message` and as an `app_mention`, and any event may be delivered again: a
message is known by its conversation and timestamp alone, so all of these are one event.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.desk.incoming import Incoming
from bot.parsing.slackmarkup import undo_markup
from bot.transports.slack.ids import Action, field_of, option_of, revision_of
from bot.transports.slack.places import thread_key

__all__ = ["Bot", "Heard", "deleted_id", "heard_in_event", "heard_in_press", "heard_in_shortcut"]

Payload = Mapping[str, Any]

# Subtypes of `message` that are words of a person; the others are joins, topics and the like.
_WORDS = frozenset({None, "file_share", "thread_broadcast", "me_message"})
_DIRECT = "im"
_LONGEST = 40_000  # characters of one message, as Slack has it


@dataclass(frozen=True, slots=True, kw_only=True)
class Bot:
    """Who we are in this workspace, by `auth.test`."""

    team: str
    user: str
    bot_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a person did. What is not `addressed` to us counts in the thread of a case alone.

    `ts` is when a message was written, in Slack's own count. An edit may be the first that we hear
    of a message, and the last that is to be heard: `overtaken` is that message, without words.
    """

    incoming: Incoming
    addressed: bool
    ts: str = ""
    overtaken: Incoming | None = None


def heard_in_event(event: Payload, me: Bot) -> Heard | None:
    """A message, a mention, an edit or a deletion; None for what is not a person's."""
    subtype = event.get("subtype")
    if event.get("type") == "app_mention" or subtype in _WORDS:
        return _words(event, str(event.get("channel", "")), me)
    if subtype == "message_deleted":
        return _deletion(event, event.get("previous_message") or {}, me)
    if subtype == "message_changed":
        message = event.get("message") or {}
        # What is deleted from under its thread leaves a stone behind.
        if message.get("subtype") == "tombstone":
            return _deletion(event, event.get("previous_message") or message, me)
        return _edit(event, message, event.get("previous_message") or {}, me)
    return None


def _words(message: Payload, channel: str, me: Bot) -> Heard | None:
    user, ts = message.get("user"), message.get("ts")
    if not _is_person(message, me) or not channel or not isinstance(ts, str):
        return None
    marked = str(message.get("text") or "")
    mentioned = message.get("type") == "app_mention" or f"<@{me.user}" in marked
    direct = _is_direct(message, channel)
    incoming = Incoming(
        event_id=_message_id(me, channel, ts),
        thread=thread_key(me.team, channel, str(message.get("thread_ts") or ts)),
        by=str(user),
        text=_text(message),
        addressed=direct or mentioned,
    )
    if not direct and not mentioned and marked.lstrip().startswith("<@"):
        return None  # people talking to each other
    return Heard(incoming=incoming, addressed=direct or mentioned, ts=ts)


def _edit(event: Payload, message: Payload, before: Payload, me: Bot) -> Heard | None:
    channel = str(event.get("channel", ""))
    now = _words({**message, "channel_type": event.get("channel_type")}, channel, me)
    if now is None or _marked(message) == _marked(before):
        return None  # a link was unfurled, a reply was counted
    edited = (message.get("edited") or {}).get("ts") or event.get("event_ts") or event.get("ts")
    words = now.incoming
    incoming = replace(words, event_id=f"{words.event_id}:edit:{edited}", before=_text(before))
    overtaken = replace(words, text=None, command="edited")
    return Heard(incoming=incoming, addressed=now.addressed, overtaken=overtaken)


def _deletion(event: Payload, before: Payload, me: Bot) -> Heard | None:
    channel = str(event.get("channel", ""))
    ts = event.get("deleted_ts") or before.get("ts")
    if not channel or not isinstance(ts, str) or not _is_person(before, me):
        return None
    message = _message_id(me, channel, ts)
    incoming = Incoming(
        event_id=deleted_id(message),
        thread=thread_key(me.team, channel, str(before.get("thread_ts") or ts)),
        by=str(before.get("user")),
        withdraws=message,
    )
    return Heard(incoming=incoming, addressed=False)


def deleted_id(message: str) -> str:
    """The event id of the deletion of a message."""
    return f"{message}:deleted"


def heard_in_press(body: Payload, me: Bot) -> Heard | None:
    """A button of ours that was pressed, or the fields that it sends."""
    message = body.get("message") or {}
    channel = str((body.get("channel") or {}).get("id", ""))
    ts = message.get("ts")
    action: Payload = next(iter(body.get("actions") or ()), {})
    if not channel or not isinstance(ts, str):
        return None
    action_id = str(action.get("action_id", ""))
    thread = thread_key(me.team, channel, str(message.get("thread_ts") or ts))
    by = str((body.get("user") or {}).get("id", ""))
    pressed = f"click:{me.team}:{channel}:{ts}:{action_id}"
    option = option_of(action_id)
    if option is not None:
        revision = revision_of(action.get("value"))
        incoming = Incoming(
            event_id=pressed, thread=thread, by=by, option=option, revision=revision
        )
        return Heard(incoming=incoming, addressed=True)
    if action_id != Action.FILL:
        return None
    values = dict(_filled(body.get("state") or {}))
    told = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]
    # The same blanks with other words in them are another answer.
    incoming = Incoming(event_id=f"{pressed}:{told}", thread=thread, by=by, values=values)
    return Heard(incoming=incoming, addressed=True)


def heard_in_shortcut(body: Payload, me: Bot) -> Heard | None:
    """The message that a person wants to be looked into; the case hangs on that message."""
    message = body.get("message") or {}
    channel = str((body.get("channel") or {}).get("id", ""))
    ts = body.get("message_ts") or message.get("ts")
    if not channel or not isinstance(ts, str):
        return None
    incoming = Incoming(
        event_id=_message_id(me, channel, ts),
        thread=thread_key(me.team, channel, str(message.get("thread_ts") or ts)),
        by=str((body.get("user") or {}).get("id", "")),
        text=_text(message),
        elsewhere=True,
    )
    return Heard(incoming=incoming, addressed=True)


def _filled(state: Payload) -> Iterator[tuple[str, str]]:
    for block in (state.get("values") or {}).values():
        for action_id, given in block.items():
            name = field_of(action_id)
            if name is None:
                continue
            chosen = (given.get("selected_option") or {}).get("value")
            value = given.get("value") or chosen
            if value:
                yield name, str(value)


def _is_person(message: Payload, me: Bot) -> bool:
    user = message.get("user")
    return bool(user) and user != me.user and not message.get("bot_id")


def _is_direct(message: Payload, channel: str) -> bool:
    return message.get("channel_type") == _DIRECT or channel.startswith("D")


def _message_id(me: Bot, channel: str, ts: str) -> str:
    return f"message:{me.team}:{channel}:{ts}"


def _text(message: Payload) -> str:
    """The words of a message as they were typed, with those of a message forwarded in it."""
    return undo_markup(_marked(message)).strip()


def _marked(message: Payload) -> str:
    parts = [message.get("text")]
    parts += [one.get("text") or one.get("fallback") for one in message.get("attachments") or ()]
    return "\n".join(str(part) for part in parts if part)[:_LONGEST]
