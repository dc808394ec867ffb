"""The methods that read: docs.slack.dev/reference/methods, page by page."""

import base64
import binascii

from standin.chat import channel_of_bot
from standin.journal import Json
from standin.platform import Platform
from standin.webapi import Method, RefusedError, missing_scope, truth
from standin.workspace import BOT, BOT_NAME, BOT_USER, DOMAIN, TEAM, Channel, Message

__all__ = ["Conversations"]

_WORDS = {"channel": "channels", "group": "groups", "im": "im"}  # in the names of scopes


class Conversations:
    """Channels, threads and people, as the bot sees them."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def methods(self) -> dict[str, Method]:
        """Name, function and needs of each."""
        return {
            "api.test": Method(lambda arguments: {"args": arguments}),
            "auth.test": Method(self.who),
            "bots.info": Method(self.bot, scopes=("users:read",), takes_json=False),
            "users.info": Method(self.user, ("user",), ("users:read",), takes_json=False),
            "conversations.open": Method(self.open, (), ("im:write",)),
            "conversations.info": Method(self.info, ("channel",), takes_json=False),
            "conversations.history": Method(self.history, ("channel",), takes_json=False),
            "conversations.replies": Method(self.replies, ("channel", "ts"), takes_json=False),
            "reactions.add": Method(
                self.react, ("channel", "name", "timestamp"), ("reactions:write",)
            ),
            "assistant.threads.setStatus": Method(
                # "assistant:write" before 2026, "chat:write" since
                self.status,
                ("channel_id", "thread_ts"),
                ("chat:write", "assistant:write"),
            ),
        }

    def who(self, _: Json) -> Json:
        """auth.test."""
        return {
            "url": f"https://{DOMAIN}.slack.com/",
            "team": DOMAIN,
            "user": BOT_NAME,
            "team_id": TEAM,
            "user_id": BOT_USER,
            "bot_id": BOT,
            "is_enterprise_install": False,
        }

    def bot(self, arguments: Json) -> Json:
        """bots.info."""
        if arguments.get("bot") != BOT:
            raise RefusedError("bot_not_found")
        return {"bot": {"id": BOT, "deleted": False, "name": BOT_NAME, "user_id": BOT_USER}}

    def user(self, arguments: Json) -> Json:
        """users.info."""
        user = self._platform.workspace.users.get(arguments["user"])
        if user is None:
            raise RefusedError("user_not_found")
        said: Json = {
            "id": user.id,
            "team_id": TEAM,
            "name": user.name,
            "real_name": user.name.title(),
            "is_bot": user.id == BOT_USER,
            "profile": {"display_name": user.name, "real_name": user.name.title()},
        }
        return {
            "user": said | ({"locale": "en-US"} if truth(arguments.get("include_locale")) else {})
        }

    def open(self, arguments: Json) -> Json:
        """conversations.open."""
        users = str(arguments.get("users") or "").split(",")
        if len(users) != 1 or users[0] not in self._platform.workspace.users:
            raise RefusedError("user_not_found")
        return {"channel": {"id": self._platform.workspace.open_dm(users[0])}}

    def info(self, arguments: Json) -> Json:
        """conversations.info."""
        channel = self._readable(arguments["channel"], "read")
        return {
            "channel": {
                "id": channel.id,
                "name": channel.name,
                "is_channel": channel.kind == "channel",
                "is_group": channel.kind == "group",
                "is_im": channel.kind == "im",
                "is_private": channel.kind != "channel",
                "is_archived": channel.is_archived,
                "is_member": True,
            }
        }

    def _readable(self, name: str, right: str) -> Channel:
        channel = channel_of_bot(self._platform, name)
        scope = f"{_WORDS[channel.kind]}:{right}"
        if scope not in self._platform.allowed.scopes:
            raise missing_scope((scope,), self._platform.allowed.scopes)
        return channel

    def history(self, arguments: Json) -> Json:
        """conversations.history: newest first, without the answers in threads."""
        channel = self._readable(arguments["channel"], "history")
        found = self._platform.workspace.messages(channel.id)
        top = [message for message in found if message.thread_ts is None]
        return self._page(_window(top[::-1], arguments), arguments, usual=100)

    def replies(self, arguments: Json) -> Json:
        """conversations.replies: the parent first; for an answer's own ts just that answer."""
        channel = self._readable(arguments["channel"], "history")
        first = self._platform.workspace.find_parent(channel.id, arguments["ts"])
        thread = self._platform.workspace.messages(channel.id, arguments["ts"])
        if first is None:
            raise RefusedError("thread_not_found")
        if first.deleted:
            thread.insert(0, first)
        return self._page(_window(thread, arguments), arguments, usual=1000)

    def _page(self, found: list[Message], arguments: Json, usual: int) -> Json:
        """docs.slack.dev/apis/web-api/pagination."""
        limit = _limit(arguments.get("limit"), usual)
        start = _position(arguments.get("cursor"))
        with_metadata = truth(arguments.get("include_all_metadata"))
        end = start + limit
        said: Json = {
            "messages": [
                self._platform.payloads.message(message, with_metadata=with_metadata)
                for message in found[start:end]
            ],
            "has_more": end < len(found),
        }
        if end < len(found):
            said["response_metadata"] = {"next_cursor": _cursor(end)}
        return said

    def react(self, arguments: Json) -> Json:
        """reactions.add."""
        channel = channel_of_bot(self._platform, arguments["channel"])
        message = self._platform.workspace.find(channel.id, arguments["timestamp"])
        if message is None:
            raise RefusedError("message_not_found")
        if (BOT_USER, arguments["name"]) in message.reactions:
            raise RefusedError("already_reacted")
        message.reactions.append((BOT_USER, arguments["name"]))
        return {}

    def status(self, arguments: Json) -> Json:
        """assistant.threads.setStatus: an empty status takes it away; ten loading messages."""
        channel = channel_of_bot(self._platform, arguments["channel_id"])
        if "status" not in arguments or len(arguments.get("loading_messages") or []) > 10:
            raise RefusedError("invalid_arguments")
        if self._platform.workspace.find(channel.id, arguments["thread_ts"]) is None:
            raise RefusedError("invalid_thread_ts")
        key = (channel.id, arguments["thread_ts"])
        self._platform.statuses[key] = arguments["status"]
        if not arguments["status"]:
            del self._platform.statuses[key]
        return {}


def _window(found: list[Message], arguments: Json) -> list[Message]:
    """The messages between `oldest` and `latest`; these two only if `inclusive`."""
    oldest, latest = arguments.get("oldest"), arguments.get("latest")
    inclusive = truth(arguments.get("inclusive"))
    return [
        message
        for message in found
        if (not oldest or message.ts > oldest or (inclusive and message.ts == oldest))
        and (not latest or message.ts < latest or (inclusive and message.ts == latest))
    ]


def _limit(said: object, usual: int) -> int:
    """How many items a page has: 1 to 1,000."""
    if said in (None, ""):
        return usual
    if not str(said).isdigit() or not 1 <= int(str(said)) <= 1000:
        raise RefusedError("invalid_limit")
    return int(str(said))


def _cursor(position: int) -> str:
    return base64.b64encode(f"next:{position}".encode()).decode()


def _position(cursor: str | None) -> int:
    if not cursor:
        return 0
    try:
        return int(base64.b64decode(cursor).decode().removeprefix("next:"))
    except (binascii.Error, ValueError):
        raise RefusedError("invalid_cursor") from None
