"""People, channels and messages, as they stand at the moment."""

import copy
import itertools
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from standin.journal import Clock, ImpossibleError, Json
from standin.texts import rich_text

__all__ = ["Channel", "Ephemeral", "Message", "User", "Workspace"]

TEAM, APP, BOT, BOT_USER = "T0STANDIN", "A0STANDIN", "B0STANDIN", "U0MAILBOT"
DOMAIN, BOT_NAME = "standin", "mailmedic"


@dataclass(frozen=True, slots=True)
class User:
    """A person."""

    id: str
    name: str


@dataclass(eq=False)
class Channel:
    """A conversation; `kind` is Slack's `channel_type`: channel, group or im."""

    id: str
    name: str
    kind: str
    members: set[str]
    is_archived: bool = False


@dataclass(eq=False)
class Message:
    """A message as people see it now."""

    channel: str
    ts: str
    user: str
    text: str
    posted_at: float
    bot: bool = False
    thread_ts: str | None = None  # the parent's ts; None for a message of the channel itself
    blocks: list[Json] = field(default_factory=list)
    metadata: Json | None = None
    edits: int = 0
    edited_ts: str | None = None
    deleted: bool = False
    client_msg_id: str | None = None
    reactions: list[tuple[str, str]] = field(default_factory=list)


@dataclass(eq=False)
class Ephemeral:
    """A message that one person sees; `source` is command, response_url or chat.postEphemeral."""

    user: str
    channel: str
    text: str
    ts: str
    source: str
    posted_at: float
    blocks: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    deleted: bool = False


class Workspace:
    """One workspace with the bot in it. Ids and time stamps are unique and ascending."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._numbers = itertools.count(1)
        self._last_ts = 0
        self.users: dict[str, User] = {BOT_USER: User(BOT_USER, BOT_NAME)}
        self.channels: dict[str, Channel] = {}
        self.everything: list[Message] = []
        self.ephemerals: list[Ephemeral] = []

    def new_id(self, prefix: str) -> str:
        """An id such as C0000001S."""
        return f"{prefix}{next(self._numbers):07d}S"

    def new_ts(self) -> str:
        """A time stamp that no message has yet: seconds, a dot, six digits."""
        self._last_ts = max(int(self._clock() * 1_000_000), self._last_ts + 1)
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def add_user(self, name: str) -> str:
        """A new person's id."""
        user = User(self.new_id("U"), name)
        self.users[user.id] = user
        return user.id

    def open_dm(self, user: str) -> str:
        """The id of the direct messages between the person and the bot, opened where needed."""
        for channel in self.channels.values():
            if channel.kind == "im" and user in channel.members:
                return channel.id
        self.user(user)
        return self._add(Channel(self.new_id("D"), "directmessage", "im", {user, BOT_USER}))

    def add_channel(
        self, name: str, members: Sequence[str], *, with_bot: bool, private: bool
    ) -> str:
        """A new channel's id."""
        kind, prefix = ("group", "G") if private else ("channel", "C")
        inside = {*members} | ({BOT_USER} if with_bot else set())
        return self._add(Channel(self.new_id(prefix), name, kind, inside))

    def _add(self, channel: Channel) -> str:
        self.channels[channel.id] = channel
        return channel.id

    def user(self, user: str) -> User:
        """The person; a test that names nobody is wrong."""
        if user not in self.users:
            raise ImpossibleError(f"nobody is called {user}; slack.add_user gives ids")
        return self.users[user]

    def channel_of(self, user: str, channel: str) -> Channel:
        """The channel, if that person is in it."""
        self.user(user)
        if channel not in self.channels or user not in self.channels[channel].members:
            raise ImpossibleError(f"{user} is not in the channel {channel}")
        return self.channels[channel]

    def messages(self, channel: str, thread_ts: str | None = None) -> list[Message]:
        """The messages of a channel, threads included, or of one thread, its parent first."""
        return [
            message
            for message in self.everything
            if message.channel == channel
            and not message.deleted
            and (thread_ts is None or thread_ts in {message.ts, message.thread_ts})
        ]

    def find(self, channel: str, ts: str) -> Message | None:
        """The message, unless it is deleted or never was."""
        found = (message for message in self.messages(channel) if message.ts == ts)
        return next(found, None)

    def find_parent(self, channel: str, ts: str) -> Message | None:
        """The first message of a thread; a deleted one stays as long as it has answers."""
        deleted = next(
            (one for one in self.everything if (one.channel, one.ts) == (channel, ts)), None
        )
        if deleted is not None and self.replies(deleted):
            return deleted
        return self.find(channel, ts)

    def replies(self, parent: Message) -> list[Message]:
        """The answers in the thread of a message."""
        thread = self.messages(parent.channel, parent.ts)
        return [message for message in thread if message.thread_ts == parent.ts]

    def post(self, message: Message) -> Message:
        """Puts a message into its channel; blocks get ids as Slack gives them."""
        message.blocks = self.with_ids(message.blocks)
        self.everything.append(message)
        return message

    def with_ids(self, blocks: list[Json]) -> list[Json]:
        """A copy of the blocks in which each one has a block_id."""
        named = copy.deepcopy(blocks)
        for block in named:
            block.setdefault("block_id", self.new_id("b"))
        return named

    def said(self, user: str, channel: str, text: str, thread_ts: str | None) -> Message:
        """A new message of a person, in the channel."""
        self.channel_of(user, channel)
        if thread_ts is not None and not self._is_parent(channel, thread_ts):
            raise ImpossibleError(f"{thread_ts} in {channel} is no message that has a thread")
        return self.post(
            Message(
                channel=channel,
                ts=self.new_ts(),
                user=user,
                text=text,
                posted_at=self._clock(),
                thread_ts=thread_ts,
                blocks=[rich_text(text)],
                client_msg_id=str(uuid.uuid4()),
            )
        )

    def _is_parent(self, channel: str, ts: str) -> bool:
        """Whether that message may have answers; a deleted one keeps the ones it has."""
        if any(message.thread_ts == ts for message in self.messages(channel)):
            return True
        message = self.find(channel, ts)
        return message is not None and message.thread_ts is None
