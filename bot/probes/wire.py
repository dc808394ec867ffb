"""One connection, byte by byte: sends, reads lines under caps, and starts TLS in place.

Own code on a plain socket, because the libraries hide what a diagnosis needs: aiosmtplib merges
the times of TCP, TLS and greeting, keeps no raw line and drops bytes that were injected after the
STARTTLS reply; asyncio's TLS transport is gone, with everything it knew, once a handshake fails.
Closing is immediate: when `close` returns, the descriptor is free.
"""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable

__all__ = ["ClosedError", "MalformedError", "PlainTextError", "Wire", "WireError", "text_of"]

# RFC 5321 section 4.5.3.1.5 allows 512 bytes a line; real EHLO replies stay below 4 kB in all.
MAX_LINE = 8_192
MAX_TOTAL = 256 * 1024  # everything a server may send in one connection, its certificates included
_CHUNK = 16_384

# RFC 8446 section 5.1: a record starts with change_cipher_spec, alert, handshake or data.
_TLS_RECORD_TYPES = range(20, 24)

# Linux only; 0 where there is none.
_QUICK_ACK: int = getattr(socket, "TCP_QUICKACK", 0)


class WireError(Exception):
    """The other side broke the talk off or garbled it; `received` is what came and was not read."""

    def __init__(self, message: str, received: bytes = b"") -> None:
        super().__init__(message)
        self.received = received


class ClosedError(WireError):
    """The other side closed or reset the connection."""


class MalformedError(WireError):
    """What came is not what the protocol allows, or more than anybody would send."""


class PlainTextError(WireError):
    """Plain text came where a TLS record was expected."""


def text_of(raw: bytes) -> str:
    """`raw` as text that every store and surface can hold: invalid UTF-8 and NUL are replaced."""
    return raw.decode("utf-8", errors="replace").replace("\0", "\ufffd")


class Wire:
    """A connected, non-blocking socket with a reader on it. Takes the socket over.

    Nothing here has a timeout of its own: the caller bounds a whole stage with
    `asyncio.timeout_at`, so that a drip of single bytes gains no time. `begun` is for who reads
    replies of several lines: the first line of one whose last line has not come.
    """

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self._loop = asyncio.get_running_loop()
        self._waiting = bytearray()
        self.begun = b""
        self._total = 0
        self._tls: ssl.SSLObject | None = None
        self._in_handshake = False  # with its first records
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()

    @property
    def waiting(self) -> bytes:
        """What has arrived and was not read yet."""
        return bytes(self._waiting)

    @property
    def unfinished(self) -> bytes | None:
        """What has come of a reply or a handshake that is not whole yet; None if nothing has.

        Of a handshake nothing is shown: empty.
        """
        if self.begun or self._waiting:
            return self.begun or bytes(self._waiting)
        return b"" if self._in_handshake else None

    @property
    def local_address(self) -> str:
        """Our own address on this connection."""
        return str(self._socket.getsockname()[0])

    def close(self) -> None:
        """Closes the socket now, whatever is going on."""
        self._socket.close()

    async def send(self, data: bytes) -> None:
        """Sends all of `data`, encrypted once TLS is on.

        A connection that is gone raises nothing: the read that follows says better why, since a
        TLS alert or a last reply may still wait to be read.
        """
        if self._tls is not None:
            self._tls.write(data)
            data = self._outgoing.read()
        await self._put(data)

    async def say_goodbye(self, command: bytes) -> None:
        """Sends the last command and the end of TLS, and waits for neither to be answered."""
        with contextlib.suppress(ssl.SSLError):
            await self.send(command)
            if self._tls is not None:
                self._tls.unwrap()  # raises that it wants the other side's end, too
        await self._put(self._outgoing.read())

    async def line(self) -> bytes:
        """The next line without its end; a bare LF ends a line too. ClosedError, MalformedError."""
        await self.until(lambda received: b"\n" in received)
        raw, _, rest = self.waiting.partition(b"\n")
        if len(raw) > MAX_LINE:
            raise MalformedError(f"a line of more than {MAX_LINE} bytes", raw)
        self._waiting[:] = rest
        return raw.removesuffix(b"\r")

    async def until(self, enough: Callable[[bytearray], bool]) -> None:
        """Receives until `enough` says so of what is waiting; MalformedError past a line's cap."""
        while not enough(self._waiting):
            if len(self._waiting) > MAX_LINE:
                raise MalformedError(f"no end of line in {MAX_LINE} bytes", self.waiting)
            received = await self._receive()
            if not received:
                raise ClosedError("the connection was closed", self.waiting)
            self._waiting += received

    async def start_tls(self, context: ssl.SSLContext, server_hostname: str | None) -> None:
        """Makes the handshake; afterwards everything goes through TLS. Raises ssl.SSLError too."""
        tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=server_hostname)
        self._tls = tls
        while True:
            try:
                tls.do_handshake()
            except ssl.SSLWantReadError:
                await self._put(self._outgoing.read())
                await self._take_records()
            except ssl.SSLError:
                await self._put(self._outgoing.read())  # our alert, so that their log says why
                raise
            else:
                self._in_handshake = False
                await self._put(self._outgoing.read())
                return

    @property
    def tls(self) -> ssl.SSLObject | None:
        """The TLS side of the connection: what was agreed, also after a failed handshake."""
        return self._tls

    async def _take_records(self) -> None:
        raw = await self._raw()
        if not raw:
            raise ClosedError("the connection was closed during the TLS handshake")
        if not self._in_handshake and raw[0] not in _TLS_RECORD_TYPES:
            raise PlainTextError("plain text came in answer to the TLS handshake", raw)
        self._in_handshake = True
        self._incoming.write(raw)

    async def _receive(self) -> bytes:
        if self._tls is None:
            return await self._raw()
        while True:
            try:
                return self._tls.read(_CHUNK)
            except ssl.SSLWantReadError:
                await self._put(self._outgoing.read())  # an answer to a key update
                raw = await self._raw()
                if not raw:
                    return b""
                self._incoming.write(raw)
            except ssl.SSLZeroReturnError:
                return b""

    async def _raw(self) -> bytes:
        self._acknowledge_at_once()
        try:
            raw = await self._loop.sock_recv(self._socket, _CHUNK)
        except ConnectionError as error:
            raise ClosedError("the connection was reset", self.waiting) from error
        self._total += len(raw)
        if self._total > MAX_TOTAL:
            raise MalformedError(f"more than {MAX_TOTAL} bytes were sent", self.waiting)
        return raw

    def _acknowledge_at_once(self) -> None:
        """Saves 40 ms at servers that have Nagle's algorithm on.

        They hold the answer to our second EHLO back until their session tickets are acknowledged,
        and our system delays that. The option lasts until the system thinks otherwise.
        """
        if _QUICK_ACK:
            with contextlib.suppress(OSError):
                self._socket.setsockopt(socket.IPPROTO_TCP, _QUICK_ACK, 1)

    async def _put(self, data: bytes) -> None:
        if not data:
            return
        try:
            await self._loop.sock_sendall(self._socket, data)
        except ConnectionError:
            return
