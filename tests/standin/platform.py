"""Changes of the workspace and the events that they cause.

docs.slack.dev/apis/events-api: an event comes only to an app that subscribed to its name, has the
scope for it and is in the channel.
"""

from standin.deliveries import Deliveries
from standin.journal import Journal, Json
from standin.manifest import Permissions
from standin.payloads import Payloads
from standin.workspace import BOT_USER, Channel, Message, Workspace

__all__ = ["Platform"]

# Which subscription and scope the messages of a kind of channel need (reference/events/message.*).
_MESSAGE_EVENTS = {
    "channel": ("message.channels", "channels:history"),
    "group": ("message.groups", "groups:history"),
    "im": ("message.im", "im:history"),
}


class Platform:
    """Does to the workspace what people and the app ask for, and tells the app."""

    def __init__(
        self,
        journal: Journal,
        workspace: Workspace,
        payloads: Payloads,
        deliveries: Deliveries,
        allowed: Permissions,
    ) -> None:
        self.journal = journal
        self.workspace = workspace
        self.payloads = payloads
        self.deliveries = deliveries
        self.allowed = allowed
        self.statuses: dict[tuple[str, str], str] = {}  # (channel, thread_ts) -> status

    def posted(self, message: Message) -> None:
        """Tells of a new message; one that names the bot causes two events."""
        channel = self.workspace.channels[message.channel]
        self._message_event(channel, self.payloads.posted(message, channel))
        if not message.bot and channel.kind != "im" and f"<@{BOT_USER}>" in message.text:
            self._event(channel, self.payloads.mentioned(message, channel), _MENTION)
        if message.bot and message.thread_ts:
            # docs.slack.dev/reference/methods/assistant.threads.setStatus: an answer clears it
            self.statuses.pop((message.channel, message.thread_ts), None)
        self.journal.changed()

    def edited(self, message: Message, changes: Json) -> None:
        """Changes a message and tells."""
        before = self.payloads.message(message)
        for name, value in changes.items():
            setattr(message, name, value)
        message.edits += 1
        message.edited_ts = self.workspace.new_ts()
        channel = self.workspace.channels[message.channel]
        self._message_event(channel, self.payloads.changed(message, before, channel))
        self.journal.changed()

    def deleted(self, message: Message) -> None:
        """Takes a message away and tells."""
        before = self.payloads.message(message)
        message.deleted = True
        channel = self.workspace.channels[message.channel]
        self._message_event(channel, self.payloads.deleted(message, before, channel))
        self.journal.changed()

    def _may_hear(self, name: str, scope: str) -> bool:
        return name in self.allowed.events and scope in self.allowed.scopes

    def _message_event(self, channel: Channel, event: Json) -> None:
        self._event(channel, event, _MESSAGE_EVENTS[channel.kind])

    def _event(self, channel: Channel, event: Json, needs: tuple[str, str]) -> None:
        name, scope = needs
        if BOT_USER in channel.members and self._may_hear(name, scope):
            self.deliveries.event(self.payloads.event(event))


_MENTION = ("app_mention", "app_mentions:read")
