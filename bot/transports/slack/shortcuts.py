"""The message shortcut: a case about somebody's message, in its thread or in a talk of its own.

Where we are not in the conversation we cannot answer in it, so the one who asked gets the case as
a direct message. A small window says at once where the answer will be.
"""

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.desk.errors import DeliveryError, UndeliverableError
from bot.desk.ports import Received
from bot.desk.reception import Reception
from bot.model.case import ThreadKey
from bot.transports.slack.calling import called
from bot.transports.slack.limits import message_text
from bot.transports.slack.places import place_of, thread_key
from bot.transports.slack.translating import Bot

__all__ = ["Shortcuts"]

_log = logging.getLogger(__name__)

Body = Mapping[str, Any]


class Shortcuts:
    """What is done about a message that somebody wants to be looked into."""

    def __init__(
        self, reception: Reception, client: AsyncWebClient, texts: Mapping[str, str], me: Bot
    ) -> None:
        self._reception = reception
        self._client = client
        self._texts = texts
        self._me = me

    async def take(self, body: Body, received: Received | None) -> None:
        """Opens the case, and says where; a message that has a case gets no second one."""
        if received is None:
            await self._confirm(body, "slack.shortcut_known")
            return
        place = place_of(received.thread)
        if place is None or await self._may_answer(place.channel, place.ts):
            await self._confirm(body, "slack.shortcut_here")
            await self._reception.attend(received)
            return
        await self._confirm(body, "slack.shortcut_direct")
        thread = await self._direct_thread(str(body["user"]["id"]))
        moved = replace(received, thread=thread) if thread is not None else received
        await self._reception.attend(moved)

    async def _may_answer(self, channel: str, ts: str) -> bool:
        """Whether we are in the conversation; only its members may read a thread."""
        call = self._client.conversations_replies(channel=channel, ts=ts, limit=1)
        try:
            await called(call, lambda _: None)
        except UndeliverableError as error:
            return str(error) == "thread_not_found"
        except DeliveryError:
            return True  # not known; most are asked for where we are
        return True

    async def _direct_thread(self, user: str) -> ThreadKey | None:
        """A new thread with that person alone."""
        text = message_text(self._texts["slack.shortcut_begins"])
        call = self._client.chat_postMessage(
            channel=user, text=text, unfurl_links=False, unfurl_media=False
        )
        try:
            answer = await called(call, lambda _: None)
        except DeliveryError as error:
            _log.warning("no direct message", extra={"because": str(error)})
            return None
        return thread_key(self._me.team, str(answer["channel"]), str(answer["ts"]))

    async def _confirm(self, body: Body, text: str) -> None:
        """A window that says what happens; at most once, and nothing hangs on it."""
        view = {
            "type": "modal",
            "title": {"type": "plain_text", "text": self._texts["slack.name"]},
            "close": {"type": "plain_text", "text": self._texts["slack.close"]},
            "blocks": [
                {"type": "section", "text": {"type": "plain_text", "text": self._texts[text]}}
            ],
        }
        call = self._client.views_open(trigger_id=str(body.get("trigger_id") or ""), view=view)
        try:
            await called(call, lambda _: None)
        except DeliveryError as error:
            _log.warning("window not shown", extra={"because": str(error)})
