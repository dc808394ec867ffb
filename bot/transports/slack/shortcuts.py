"""The message shortcut: a case about somebody's message, in its thread or in a talk of its own.

Where we are not in the conversation we cannot answer in it, so the one who asked gets the case as
a direct message. A small window says at once where the answer will be.
"""

import logging
from collections.abc import Mapping
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.desk.errors import DeliveryError
from bot.desk.ports import Received
from bot.desk.reception import Reception
from bot.transports.slack.calling import called
from bot.transports.slack.placing import Placer

__all__ = ["Shortcuts"]

_log = logging.getLogger(__name__)

Body = Mapping[str, Any]


class Shortcuts:
    """What is done about a message that somebody wants to be looked into."""

    def __init__(
        self,
        reception: Reception,
        placer: Placer,
        client: AsyncWebClient,
        texts: Mapping[str, str],
    ) -> None:
        self._reception = reception
        self._placer = placer
        self._client = client
        self._texts = texts

    async def take(self, body: Body, received: Received | None) -> None:
        """Opens the case, and says where; a message that has a case gets no second one."""
        if received is None:
            await self._confirm(body, "slack.shortcut_known")
            return
        placed = await self._placer.placed(received)
        is_here = placed.thread == received.thread
        await self._confirm(body, "slack.shortcut_here" if is_here else "slack.shortcut_direct")
        await self._reception.attend(placed)

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
