"""The methods chat.*: docs.slack.dev/reference/methods, page by page."""

from standin.journal import Json
from standin.outgoing import Outgoing
from standin.platform import Platform
from standin.webapi import Method, RefusedError
from standin.workspace import BOT_USER, DOMAIN, Channel, Ephemeral, Message

__all__ = ["Chat", "channel_of_bot"]

_WRITE = ("chat:write",)


def channel_of_bot(platform: Platform, name: object) -> Channel:
    """The channel, as far as the bot can see it."""
    channel = platform.workspace.channels.get(str(name))
    if channel is None:
        raise RefusedError("channel_not_found")
    if BOT_USER not in channel.members:
        raise RefusedError("not_in_channel" if channel.kind == "channel" else "channel_not_found")
    return channel


class Chat:
    """Messages of the bot."""

    def __init__(self, platform: Platform, outgoing: Outgoing) -> None:
        self._platform = platform
        self._outgoing = outgoing

    def methods(self) -> dict[str, Method]:
        """Name, function and needs of each."""
        return {
            "chat.postMessage": Method(self.post, ("channel",), _WRITE),
            "chat.update": Method(self.update, ("channel", "ts"), _WRITE),
            "chat.delete": Method(self.delete, ("channel", "ts"), _WRITE),
            "chat.postEphemeral": Method(self.whisper, ("channel", "user"), _WRITE),
            "chat.getPermalink": Method(self.link, ("channel", "message_ts"), takes_json=False),
        }

    def post(self, arguments: Json) -> Json:
        """chat.postMessage; a person's id stands for the direct messages with them."""
        channel = self._writable(arguments["channel"])
        text, blocks = self._outgoing.message("chat.postMessage", arguments)
        message = self.place(
            channel, text, blocks, self._thread(channel, arguments.get("thread_ts"))
        )
        message.metadata = self._outgoing.metadata(arguments.get("metadata")) or None
        self._platform.posted(message)
        said = self._platform.payloads.message(message, with_metadata=True)
        return {"channel": channel.id, "ts": message.ts, "message": said}

    def place(
        self, channel: Channel, text: str, blocks: list[Json], thread_ts: str | None
    ) -> Message:
        """A message of the bot in the channel, of which nobody has been told."""
        workspace = self._platform.workspace
        return workspace.post(
            Message(
                channel=channel.id,
                ts=workspace.new_ts(),
                user=BOT_USER,
                bot=True,
                text=text,
                posted_at=self._platform.journal.clock(),
                thread_ts=thread_ts,
                blocks=blocks,
            )
        )

    def _writable(self, name: str) -> Channel:
        if name in self._platform.workspace.users and name != BOT_USER:
            name = self._platform.workspace.open_dm(name)
        channel = channel_of_bot(self._platform, name)
        if channel.is_archived:
            raise RefusedError("is_archived")
        return channel

    def _thread(self, channel: Channel, thread_ts: str | None) -> str | None:
        """The parent; "Avoid using a reply's ts value; use its parent instead"."""
        if not thread_ts:
            return None
        known = [one for one in self._platform.workspace.everything if one.channel == channel.id]
        parent = next((one for one in known if one.ts == thread_ts), None)
        if parent is None:
            self._platform.journal.breach(f"chat.postMessage: no message has the ts {thread_ts}")
            raise RefusedError("thread_not_found")
        if parent.thread_ts:
            self._platform.journal.breach("chat.postMessage: thread_ts of a reply, not of a parent")
            return parent.thread_ts
        return thread_ts

    def update(self, arguments: Json) -> Json:
        """chat.update: blocks that are not given again go, metadata that is not given stays."""
        channel = channel_of_bot(self._platform, arguments["channel"])
        message = self._own(channel, arguments["ts"], "cant_update_message")
        if channel.is_archived:
            raise RefusedError("is_inactive")
        text, blocks = self._outgoing.message("chat.update", arguments, is_update=True)
        if not arguments.get("text") and not arguments.get("markdown_text"):
            text = message.text
        changes: Json = {"text": text, "blocks": self._platform.workspace.with_ids(blocks)}
        metadata = self._outgoing.metadata(arguments.get("metadata"))
        if metadata is not None:
            changes["metadata"] = metadata or None
        self._platform.edited(message, changes)
        said = self._platform.payloads.message(message, with_metadata=True)
        return {"channel": channel.id, "ts": message.ts, "text": text, "message": said}

    def delete(self, arguments: Json) -> Json:
        """chat.delete."""
        channel = channel_of_bot(self._platform, arguments["channel"])
        message = self._own(channel, arguments["ts"], "cant_delete_message")
        self._platform.deleted(message)
        return {"channel": channel.id, "ts": message.ts}

    def _own(self, channel: Channel, ts: str, error: str) -> Message:
        message = self._platform.workspace.find(channel.id, ts)
        if message is None:
            raise RefusedError("message_not_found")
        if not message.bot:
            raise RefusedError(error)
        return message

    def whisper(self, arguments: Json) -> Json:
        """chat.postEphemeral."""
        channel = self._writable(arguments["channel"])
        if arguments["user"] not in channel.members:
            raise RefusedError("user_not_in_channel")
        text, blocks = self._outgoing.message("chat.postEphemeral", arguments)
        message = self.show(arguments["user"], channel.id, text, blocks, "chat.postEphemeral")
        message.thread_ts = arguments.get("thread_ts")
        return {"message_ts": message.ts}

    def show(
        self, user: str, channel: str, text: str, blocks: list[Json], source: str
    ) -> Ephemeral:
        """A message that one person sees."""
        workspace = self._platform.workspace
        message = Ephemeral(
            user=user,
            channel=channel,
            text=text,
            ts=workspace.new_ts(),
            source=source,
            posted_at=self._platform.journal.clock(),
            blocks=workspace.with_ids(blocks),
        )
        workspace.ephemerals.append(message)
        self._platform.journal.changed()
        return message

    def link(self, arguments: Json) -> Json:
        """chat.getPermalink."""
        channel = channel_of_bot(self._platform, arguments["channel"])
        message = self._platform.workspace.find(channel.id, arguments["message_ts"])
        if message is None:
            raise RefusedError("message_not_found")
        address = f"https://{DOMAIN}.slack.com/archives/{channel.id}/p{message.ts.replace('.', '')}"
        if message.thread_ts:
            address += f"?thread_ts={message.thread_ts}&cid={channel.id}"
        return {"channel": channel.id, "permalink": address}
