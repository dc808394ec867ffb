"""All parts of the stand-in, put together and served on a free loopback port."""

import time
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Self

from aiohttp import web
from aiohttp.typedefs import Handler

from standin.chat import Chat
from standin.conversations import Conversations
from standin.deliveries import Deliveries, Timing
from standin.faults import Faults
from standin.journal import Clock, Journal, Json
from standin.manifest import permissions
from standin.outgoing import Outgoing
from standin.payloads import Payloads
from standin.platform import Platform
from standin.responses import Responses
from standin.sockets import Sockets
from standin.triggers import ResponseUrls, Triggers
from standin.views import Views
from standin.webapi import Method, RefusedError, WebApi
from standin.workspace import APP, BOT_USER, TEAM, Workspace

__all__ = ["Bench"]


class Bench:
    """The server and its parts; an asynchronous context manager.

    `manifest` is the parsed manifest of the app, from which scopes, events, commands and shortcuts
    are taken; `bot_scopes` overrides the first. `ack_deadline` and `retry_delays` are in seconds.
    `clock` gives the seconds since 1970 for time stamps, trigger ids, response addresses and rate
    limits; deadlines and retries run on the event loop's own clock.
    """

    bot_token, app_token = "xoxb-standin-bot", "xapp-standin-app"
    bot_user = BOT_USER

    def __init__(
        self,
        *,
        manifest: Json | None = None,
        bot_scopes: Iterable[str] | None = None,
        ack_deadline: float = 3.0,
        retry_delays: Sequence[float] = (0.0, 60.0, 300.0),
        strict_rates: bool = False,
        ping_interval: float = 10.0,
        clock: Clock = time.time,
    ) -> None:
        self._clock = clock
        self._journal = Journal(clock)
        self._workspace = Workspace(clock)
        self._payloads = Payloads(self._workspace, clock)
        self._faults = Faults(clock, strict_rates=strict_rates)
        self._sockets = Sockets(self._journal, ping_interval)
        self._deliveries = Deliveries(
            self._journal, Timing(ack_deadline, retry_delays), self._sockets.a_line
        )
        self._sockets.on_ack = self._deliveries.acknowledged
        self._sockets.on_lost = self._deliveries.line_lost
        self._platform = Platform(
            self._journal,
            self._workspace,
            self._payloads,
            self._deliveries,
            permissions(manifest, bot_scopes),
        )
        self._triggers = Triggers(clock)
        self._addresses = ResponseUrls(clock)
        self._port = 0

    @property
    def api_url(self) -> str:
        """The address for `base_url` of slack_sdk's clients."""
        return f"http://127.0.0.1:{self._port}/api/"

    def _response_url(self, kind: str, word: str) -> str:
        return f"http://127.0.0.1:{self._port}/{kind}/{TEAM}/{word}"

    async def __aenter__(self) -> Self:
        outgoing = Outgoing(self._journal)
        self._views = Views(self._journal, self._workspace, outgoing, self._triggers)
        self._outgoing = outgoing
        chat = Chat(self._platform, outgoing)
        self._responses = Responses(self._platform, chat, outgoing, self._addresses)
        methods = {
            **chat.methods(),
            **Conversations(self._platform).methods(),
            **self._views.methods(),
            "apps.connections.open": Method(self._open_connection, is_for_app_token=True),
        }
        door = WebApi(
            self._journal,
            self._faults,
            methods,
            tokens=(self.bot_token, self.app_token),
            scopes=self._platform.allowed.scopes,
        )
        await self._serve(door)
        return self

    async def _serve(self, door: WebApi) -> None:
        app = web.Application(client_max_size=2**20, middlewares=[self._watch])
        app.router.add_route("*", "/api/{method}", door.handle)
        app.router.add_get("/link/", self._sockets.link)
        app.router.add_post("/{kind:actions|commands}/{team}/{word}", self._responses.handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self._port = self._runner.addresses[0][1]

    @web.middleware
    async def _watch(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Records what should not happen: an address that Slack does not have, a fault of ours."""
        try:
            return await handler(request)
        except web.HTTPException as error:
            self._journal.breach(f"{request.method} {request.path}: {error.status}")
            raise
        except (ArithmeticError, AssertionError, LookupError, TypeError, ValueError) as error:
            self._journal.breach(f"the stand-in failed at {request.path}: {error!r}")
            raise

    def _open_connection(self, _: Json) -> Json:
        """apps.connections.open: an address that opens one connection."""
        if self._sockets.refused():
            raise RefusedError("internal_error")
        ticket = self._sockets.ticket()
        return {"url": f"ws://127.0.0.1:{self._port}/link/?ticket={ticket}&app_id={APP}"}

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._deliveries.close()
        await self._sockets.close()
        await self._runner.cleanup()
