"""Answers to one person through a `response_url`: at most once, never outside Slack's rules.

Five uses within half an hour, seen by that person alone
(docs.slack.dev/interactivity/handling-user-interaction).
"""

import logging

import aiohttp
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.transports.slack.limits import message_text
from bot.transports.slack.rendering import Message

__all__ = ["Answerer"]

_DONE = 200
_log = logging.getLogger(__name__)


class Answerer:
    """The way to somebody who pressed a button or typed a command."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def tell(self, url: str, text: str) -> None:
        """Says a sentence to that person alone."""
        await self.show(url, Message(text=message_text(text), blocks=()))

    async def show(self, url: str, message: Message) -> None:
        """Shows a message to that person alone; what goes wrong is in the log."""
        if not url.startswith("http"):
            return
        webhook = AsyncWebhookClient(url, session=self._session, retry_handlers=[])
        try:
            answer = await webhook.send(
                text=message.text,
                blocks=list(message.blocks) or None,
                response_type="ephemeral",
                replace_original=False,
                unfurl_links=False,
                unfurl_media=False,
            )
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            _log.warning("answer lost", extra={"because": type(error).__name__})
            return
        if answer.status_code != _DONE:
            _log.warning("answer refused", extra={"status": answer.status_code})
