"""The Socket Mode connection: opened, watched, closed.

The library reconnects by itself, with two gaps that are closed here: it tries an address again that
has expired (a ticket is good once), and it never gives up on tokens that are wrong.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.desk.errors import DeliveryError, RefusedError
from bot.transports.slack.acknowledging import Acknowledgements
from bot.transports.slack.calling import called, error_of
from bot.transports.slack.translating import Bot

__all__ = ["Connection", "identified"]

_PING = 5.0  # seconds; a half-open connection is noticed within twice that
_LOOK = 5.0  # seconds between two looks at the connection
_LONGEST_WAIT = 30.0
_GONE = frozenset({"invalid_auth", "not_authed", "account_inactive", "token_revoked"})
_WRONG = frozenset({"not_allowed_token_type", "missing_scope", "no_permission", "token_expired"})
_log = logging.getLogger(__name__)


class _NoSecrets(logging.Filter):
    """Takes the address with its ticket, and the trace, out of what the library logs."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = str(record.msg).partition("wss://")[0].partition("ws://")[0]
        record.exc_info = None
        return True


async def identified(client: AsyncWebClient) -> Bot:
    """Who we are, by `auth.test`. Raises RefusedError; waits as long as Slack is away."""
    cure = "copy it anew from Install App (xoxb-…)"
    wait = 1.0
    while True:
        try:
            answer = await called(client.auth_test(), lambda _: None)
        except DeliveryError as error:
            _refuse(error, "SLACK_BOT_TOKEN", cure)
            wait = await _later(wait, error)
        else:
            team, user, bot_id = (
                str(answer.get(name) or "") for name in ("team_id", "user_id", "bot_id")
            )
            return Bot(team=team, user=user, bot_id=bot_id)


class Connection:
    """One app's connection; what arrives goes to the Bolt app."""

    def __init__(
        self,
        app: AsyncApp,
        app_token: str,
        client: AsyncWebClient,
        acknowledgements: Acknowledgements,
    ) -> None:
        logger = logging.getLogger(f"{__name__}.library")
        logger.addFilter(_NoSecrets())
        self._handler = AsyncSocketModeHandler(
            app, app_token, logger=logger, web_client=client, ping_interval=_PING
        )
        self._acknowledgements = acknowledgements
        self._client = self._handler.client
        self._client.socket_mode_request_listeners[:] = [self._take]
        self._connect: Callable[[], Awaitable[None]] = self._handler.connect_async
        self._close: Callable[[], Awaitable[None]] = self._handler.close_async
        self._watch: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Returns when the connection stands. Raises RefusedError."""
        cure = "make an app-level token with connections:write (xapp-…)"
        wait = 1.0
        while self._client.wss_uri is None:
            try:
                self._client.wss_uri = await called(
                    self._client.issue_new_wss_url(), lambda _: None
                )
            except DeliveryError as error:
                _refuse(error, "SLACK_APP_TOKEN", cure)
                wait = await _later(wait, error)
        self._watch = asyncio.create_task(self._keep_fresh())
        await self._connect()
        _log.info("connected to Slack")

    async def close(self) -> None:
        """Takes nothing more in; what was not acknowledged comes again."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
        await self._close()

    async def is_connected(self) -> bool:
        """Whether Slack can reach us now."""
        return await self._client.is_connected()

    async def _take(self, _: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        """Has Bolt answer an envelope, and notes when its acknowledgement has left."""
        await self._handler.handle(self._client, request)
        self._acknowledgements.sent(str(request.payload.get("trigger_id")))

    async def _keep_fresh(self) -> None:
        """Has a lost connection opened at a new address."""
        while True:
            await asyncio.sleep(_LOOK)
            if not await self._client.is_connected():
                _log.warning("not connected to Slack")
                self._client.wss_uri = None


def _refuse(error: DeliveryError, setting: str, cure: str) -> None:
    cause = error.__cause__
    named = error_of(cause) if isinstance(cause, SlackApiError) else ""
    if named in _GONE | _WRONG:
        raise RefusedError(setting, named, cure) from error


async def _later(wait: float, error: Exception) -> float:
    _log.warning("Slack cannot be reached", extra={"because": str(error), "seconds": wait})
    await asyncio.sleep(wait)
    return min(2 * wait, _LONGEST_WAIT)
