"""The JSON of messages, events and interactions, as the platform writes it.

docs.slack.dev/reference/events/message, docs.slack.dev/apis/events-api ("Event dispatching"),
docs.slack.dev/reference/interaction-payloads and docs.slack.dev/interactivity.
"""

import itertools

from standin.journal import Clock, Json
from standin.workspace import (
    APP,
    BOT,
    BOT_NAME,
    BOT_USER,
    DOMAIN,
    TEAM,
    Channel,
    Message,
    User,
    Workspace,
)

__all__ = ["Payloads"]

_TOKEN = "verification-token-of-old"


class Payloads:
    """Writes payloads about one workspace."""

    def __init__(self, workspace: Workspace, clock: Clock) -> None:
        self._workspace = workspace
        self._clock = clock
        self._numbers = itertools.count(1)

    def message(self, message: Message, *, with_metadata: bool = False) -> Json:
        """A message object, as conversations.replies and payloads have it."""
        if message.deleted:
            return _tombstone(message) | self._thread(message)
        said: Json = {
            "type": "message",
            "user": message.user,
            "ts": message.ts,
            "text": message.text,
            "team": TEAM,
        }
        if message.client_msg_id:
            said["client_msg_id"] = message.client_msg_id
        if message.blocks:
            said["blocks"] = message.blocks
        if message.bot:
            said |= {"bot_id": BOT, "app_id": APP, "bot_profile": bot_profile()}
        if message.edited_ts:
            said["edited"] = {"user": message.user, "ts": message.edited_ts}
        if message.metadata and with_metadata:
            said["metadata"] = message.metadata
        return said | self._thread(message)

    def _thread(self, message: Message) -> Json:
        if message.thread_ts:
            parent = self._workspace.find(message.channel, message.thread_ts)
            said = {"thread_ts": message.thread_ts}
            return said | ({"parent_user_id": parent.user} if parent else {})
        replies = self._workspace.replies(message)
        if not replies:
            return {}
        return {
            "thread_ts": message.ts,
            "reply_count": len(replies),
            "reply_users_count": len({reply.user for reply in replies}),
            "reply_users": list(dict.fromkeys(reply.user for reply in replies)),
            "latest_reply": replies[-1].ts,
            "is_locked": False,
            "subscribed": True,
        }

    def posted(self, message: Message, channel: Channel) -> Json:
        """The event of a new message."""
        said = self.message(message, with_metadata=True)
        for name in ("reply_count", "reply_users", "reply_users_count", "latest_reply"):
            said.pop(name, None)
        return said | {
            "channel": channel.id,
            "event_ts": message.ts,
            "channel_type": channel.kind,
        }

    def mentioned(self, message: Message, channel: Channel) -> Json:
        """The second event of a message with the bot's name (reference/events/app_mention)."""
        said = self.posted(message, channel) | {"type": "app_mention"}
        del said["channel_type"]
        return said

    def changed(self, message: Message, before: Json, channel: Channel) -> Json:
        """reference/events/message/message_changed."""
        return self._hidden("message_changed", channel) | {
            "message": self.message(message),
            "previous_message": before,
        }

    def deleted(self, message: Message, before: Json, channel: Channel) -> Json:
        """reference/events/message/message_deleted."""
        return self._hidden("message_deleted", channel) | {
            "deleted_ts": message.ts,
            "previous_message": before,
        }

    def _hidden(self, subtype: str, channel: Channel) -> Json:
        ts = self._workspace.new_ts()
        return {
            "type": "message",
            "subtype": subtype,
            "hidden": True,
            "channel": channel.id,
            "channel_type": channel.kind,
            "ts": ts,
            "event_ts": ts,
        }

    def event(self, event: Json) -> Json:
        """What goes around every event."""
        number = next(self._numbers)
        return {
            "token": _TOKEN,
            "team_id": TEAM,
            "context_team_id": TEAM,
            "context_enterprise_id": None,
            "api_app_id": APP,
            "event": event,
            "type": "event_callback",
            "event_id": f"Ev0STANDIN{number:06d}",
            "event_time": int(self._clock()),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": TEAM,
                    "user_id": BOT_USER,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": False,
            "event_context": f"4-standin-{number}",
        }

    def interaction(self, kind: str, user: User) -> Json:
        """What all interactive payloads have in common."""
        return {
            "type": kind,
            "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": TEAM},
            "api_app_id": APP,
            "token": _TOKEN,
            "team": {"id": TEAM, "domain": DOMAIN},
            "enterprise": None,
            "is_enterprise_install": False,
        }

    def command(self, user: User, channel: Channel, command: str, text: str) -> Json:
        """docs.slack.dev/interactivity/implementing-slash-commands; all values are strings."""
        return {
            "token": _TOKEN,
            "team_id": TEAM,
            "team_domain": DOMAIN,
            "channel_id": channel.id,
            "channel_name": channel.name if channel.kind == "channel" else _hidden_name(channel),
            "user_id": user.id,
            "user_name": user.name,
            "command": command,
            "text": text,
            "api_app_id": APP,
            "is_enterprise_install": "false",
        }


def _hidden_name(channel: Channel) -> str:
    """Slack names no private channel in a command."""
    return "privategroup" if channel.kind == "group" else "directmessage"


def _tombstone(message: Message) -> Json:
    """What is left of a deleted message whose thread goes on."""
    return {
        "type": "message",
        "subtype": "tombstone",
        "user": "USLACKBOT",
        "ts": message.ts,
        "text": "This message was deleted.",
        "hidden": True,
    }


def bot_profile() -> Json:
    """The profile next to each message of the bot."""
    return {
        "id": BOT,
        "app_id": APP,
        "name": BOT_NAME,
        "team_id": TEAM,
        "deleted": False,
        "updated": 1,
        "icons": {},
    }
