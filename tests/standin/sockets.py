"""The app's WebSockets: docs.slack.dev/apis/events-api/using-socket-mode.

An address from apps.connections.open opens one connection; at most ten at a time; each is greeted
with `hello`; each envelope goes to one of them; Slack asks for a new connection by `disconnect`.
"""

import asyncio
import contextlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import WSMsgType, web

from standin.journal import Journal, Json
from standin.workspace import APP

__all__ = ["Socket", "Sockets"]

MOST = 10


@dataclass(eq=False)
class Socket:
    """One open connection."""

    index: int
    ws: web.WebSocketResponse
    transport: asyncio.Transport
    is_broken: bool = False
    thawed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def number(self) -> int:
        """Its number, in the order of opening."""
        return self.index

    @property
    def is_frozen(self) -> bool:
        """Whether the other side gets no answer any more."""
        return not self.thawed.is_set()

    @property
    def is_usable(self) -> bool:
        """Whether something can be written into it."""
        return not self.is_broken and not self.ws.closed and not self.transport.is_closing()

    async def send(self, text: Json) -> None:
        """Writes one JSON message."""
        try:
            await self.ws.send_json(text)
        except ConnectionError:
            self.is_broken = True
            raise


class Sockets:
    """The open connections, in the order of their opening."""

    def __init__(self, journal: Journal, ping_interval: float) -> None:
        self._journal = journal
        self._ping_interval = ping_interval
        self._tickets: set[str] = set()
        self._opened = 0
        self._turn = 0
        self.open: list[Socket] = []
        self.refusals = 0
        self.on_ack: Callable[[Json], None] = lambda _: None
        self.on_lost: Callable[[Socket], None] = lambda _: None

    def ticket(self) -> str:
        """A word that opens one connection."""
        word = secrets.token_hex(8)
        self._tickets.add(word)
        return word

    def refused(self) -> bool:
        """Whether the test wants this attempt to connect to fail."""
        if self.refusals:
            self.refusals -= 1
            return True
        return False

    async def a_line(self, number: int | None) -> Socket:
        """The socket whose turn it is, or that of the number; waits until there is one."""
        while True:
            usable = [one for one in self.open if one.is_usable and number in {None, one.number}]
            if usable:
                self._turn += 1
                return usable[self._turn % len(usable)]
            await self._journal.next_change()

    async def link(self, request: web.Request) -> web.StreamResponse:
        """Serves one connection from its upgrade to its end."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets or self.refused():
            return web.Response(status=403)
        self._tickets.discard(ticket)
        ws = web.WebSocketResponse(autoping=False)
        await ws.prepare(request)
        if len(self.open) >= MOST:
            self._journal.breach(f"more than {MOST} sockets")
            await ws.send_json(_disconnect("too_many_websockets"))
            await ws.close()
            return ws
        await self._serve(self._greeted(ws, request.transport))
        return ws

    def _greeted(self, ws: web.WebSocketResponse, transport: asyncio.Transport | None) -> Socket:
        assert transport is not None
        self._opened += 1
        socket = Socket(self._opened, ws, transport)
        socket.thawed.set()
        return socket

    async def _serve(self, socket: Socket) -> None:
        pings = asyncio.create_task(self._ping(socket))
        try:
            await socket.send(self._hello(len(self.open) + 1))
            self.open.append(socket)
            self._journal.changed()
            with contextlib.suppress(ConnectionError):
                await self._listen(socket)
        finally:
            pings.cancel()
            self._gone(socket)

    async def _listen(self, socket: Socket) -> None:
        while True:
            await socket.thawed.wait()
            message = await socket.ws.receive()
            await socket.thawed.wait()
            if message.type is WSMsgType.PING:
                await socket.ws.pong(message.data)
            elif message.type is WSMsgType.TEXT:
                self._take(message.data)
            elif message.type is not WSMsgType.PONG:
                return

    def _take(self, text: str) -> None:
        try:
            said = json.loads(text)
        except ValueError:
            said = None
        if isinstance(said, dict) and "envelope_id" in said:
            self.on_ack(said)
        else:
            self._journal.breach(f"a message over the socket that is no ack: {text}")

    async def _ping(self, socket: Socket) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                await asyncio.sleep(self._ping_interval)
                if not socket.is_frozen:
                    await socket.ws.ping(b"Ping from the stand-in")

    def _gone(self, socket: Socket) -> None:
        if socket in self.open:
            self.open.remove(socket)
            self.on_lost(socket)
            self._journal.changed()

    async def disconnect(self, reason: str) -> None:
        """Tells every connection to go; closes it too, unless this is only the warning."""
        for socket in list(self.open):
            with contextlib.suppress(ConnectionError):
                await socket.send(_disconnect(reason))
                if reason != "warning":
                    await socket.ws.close()

    def drop(self) -> None:
        """Cuts every connection with no close frame."""
        for socket in list(self.open):
            socket.transport.abort()
            self._gone(socket)

    def freeze(self) -> None:
        """Makes every open connection half open: nothing is read, sent or answered."""
        for socket in self.open:
            socket.thawed.clear()

    def thaw(self) -> None:
        """Ends that."""
        for socket in self.open:
            socket.thawed.set()

    async def close(self) -> None:
        """Ends every connection with a close frame."""
        self.thaw()
        for socket in list(self.open):
            socket.transport.abort()

    @staticmethod
    def _hello(count: int) -> Json:
        return {
            "type": "hello",
            "num_connections": count,
            "debug_info": {
                "host": "applink-standin",
                "build_number": 1,
                "approximate_connection_time": 18060,
            },
            "connection_info": {"app_id": APP},
        }


def _disconnect(reason: str) -> Json:
    return {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-standin"}}
