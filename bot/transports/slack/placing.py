"""Where a case about somebody's message can be answered: in its thread, or in a direct message."""

import json
import logging
from collections.abc import Awaitable, Mapping
from dataclasses import replace

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.desk.errors import DeliveryError
from bot.desk.incoming import is_elsewhere
from bot.desk.ports import Received
from bot.model.case import ThreadKey
from bot.model.plain import Line, Role
from bot.transports.slack.calling import called
from bot.transports.slack.places import place_of, thread_key
from bot.transports.slack.rendering import key_of, of_lines
from bot.transports.slack.translating import Bot

__all__ = ["Placer"]

# What Slack says to those who are not in the conversation; only its members may read a thread.
_NOT_IN = frozenset({"channel_not_found", "not_in_channel", "is_archived", "missing_scope"})
_BEGINS = "slack.shortcut_begins"
_PAGE = 100  # of the newest messages; an interruption is short
_log = logging.getLogger(__name__)


class Placer:
    """Finds the thread for a message that a shortcut was used on."""

    def __init__(self, client: AsyncWebClient, texts: Mapping[str, str], me: Bot) -> None:
        self._client = client
        self._texts = texts
        self._me = me

    async def placed(self, received: Received) -> Received:
        """The event in a thread where it can be answered: its own wherever we are let in."""
        return await self._placed(received, again=False)

    async def placed_again(self, received: Received) -> Received:
        """The same for an event that the process before us may have placed already."""
        return await self._placed(received, again=True)

    async def _placed(self, received: Received, *, again: bool) -> Received:
        place = place_of(received.thread)
        if place is None or not is_elsewhere(received):
            return received
        if await self._may_answer(place.channel, place.ts):
            return received
        try:
            thread = await self._direct_thread(received, again=again)
        except DeliveryError as error:
            _log.warning("no direct message", extra={"because": str(error)})
            return received
        return replace(received, thread=thread)

    async def _may_answer(self, channel: str, ts: str) -> bool:
        call = self._client.conversations_replies(channel=channel, ts=ts, limit=1)
        try:
            await self._ask(call)
        except DeliveryError as error:
            return str(error) not in _NOT_IN  # of all else most are asked for where we are
        return True

    async def _direct_thread(self, received: Received, *, again: bool) -> ThreadKey:
        """A new thread with the person who asked, or the one that was begun for this event."""
        user = str(json.loads(received.payload)["by"])
        opened = await self._ask(self._client.conversations_open(users=user))
        channel = str(opened["channel"]["id"])
        key = f"{received.event_id}/begins"
        begun = await self._begun(channel, key) if again else None
        if begun is not None:
            return thread_key(self._me.team, channel, begun)
        begins = of_lines([Line(role=Role.PARAGRAPH, text=self._texts[_BEGINS])], key=key)
        call = self._client.chat_postMessage(channel=channel, **begins.arguments())
        return thread_key(self._me.team, channel, str((await self._ask(call))["ts"]))

    async def _begun(self, channel: str, key: str) -> str | None:
        """The message that begins the thread, if it was posted before the interruption."""
        call = self._client.conversations_history(
            channel=channel, limit=_PAGE, include_all_metadata=True
        )
        messages = (await self._ask(call)).get("messages") or ()
        return next((str(one["ts"]) for one in messages if key_of(one) == key), None)

    async def _ask(self, call: Awaitable[AsyncSlackResponse]) -> AsyncSlackResponse:
        return await called(call, lambda _: None)
