"""A server that does exactly what a script says, on a real socket with real TLS.

One blocking thread for each connection: asyncio's TLS server hangs up without the alert when a
handshake fails, and the alert is what we look at. Nothing sleeps; a thread waits for bytes, for
the other side's close, or for the server to be stopped.
"""

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol, Self

__all__ = [
    "Close",
    "Connection",
    "Drip",
    "Expect",
    "FaultServer",
    "Flood",
    "Hold",
    "Reset",
    "Send",
    "ServeScript",
    "StartTls",
    "Step",
]

_CHUNK = 4096


class _OverError(Exception):
    """The script has come to its end, or the other side to its."""


@dataclass(eq=False)
class Connection:
    """One accepted connection, as a script sees it."""

    socket: socket.socket
    stopped: threading.Event
    said: list[bytes] = field(default_factory=list)  # lines that the client sent

    def line(self) -> bytes:
        """The next line of the client; `_OverError` once it has closed."""
        raw = bytearray()
        while not raw.endswith(b"\n"):
            byte = self.socket.recv(1)
            if not byte:
                raise _OverError
            raw += byte
        self.said.append(bytes(raw.strip()))
        return bytes(raw)


Step = Callable[[Connection], None]


@dataclass(frozen=True, slots=True)
class Send:
    """Sends bytes."""

    data: bytes

    def __call__(self, connection: Connection) -> None:
        """Says the bytes."""
        connection.socket.sendall(self.data)


@dataclass(frozen=True, slots=True)
class Expect:
    """Waits for a line that starts with `words`; another one is a script's or client's mistake."""

    words: str = ""

    def __call__(self, connection: Connection) -> None:
        """Reads one line."""
        line = connection.line().decode("ascii", "replace")
        if not line.upper().startswith(self.words.upper()):
            connection.said.append(f"!! expected {self.words}".encode())
            raise _OverError


@dataclass(frozen=True, slots=True)
class Hold:
    """Stays silent until the client closes."""

    def __call__(self, connection: Connection) -> None:
        """Reads and ignores."""
        while connection.socket.recv(_CHUNK):
            pass
        raise _OverError


@dataclass(frozen=True, slots=True)
class Close:
    """Closes."""

    def __call__(self, connection: Connection) -> None:
        """Closes before the script would."""
        connection.socket.close()
        raise _OverError


@dataclass(frozen=True, slots=True)
class Reset:
    """Resets: the client gets RST in place of FIN."""

    def __call__(self, connection: Connection) -> None:
        """Closes without lingering."""
        linger = struct.pack("ii", 1, 0)
        connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        raise _OverError


@dataclass(frozen=True, slots=True)
class StartTls:
    """Makes the TLS handshake as the server; a failure has sent its alert and ends the script."""

    context: ssl.SSLContext

    def __call__(self, connection: Connection) -> None:
        """Shakes hands."""
        encrypted = self.context.wrap_socket(
            connection.socket, server_side=True, do_handshake_on_connect=False
        )
        connection.socket = encrypted  # before it blocks, so that `stop` can reach it
        encrypted.do_handshake()


@dataclass(frozen=True, slots=True)
class Drip:
    """Sends one byte at a time, `pause` seconds apart, until all is sent or the client goes."""

    data: bytes
    pause: float = 0.02

    def __call__(self, connection: Connection) -> None:
        """Sends slowly."""
        for number in self.data:
            connection.socket.sendall(bytes([number]))
            if connection.stopped.wait(self.pause):
                raise _OverError


@dataclass(frozen=True, slots=True)
class Flood:
    """Sends `data` again and again until the client has had enough."""

    data: bytes

    def __call__(self, connection: Connection) -> None:
        """Sends without end."""
        while not connection.stopped.is_set():
            connection.socket.sendall(self.data * 64)
        raise _OverError


class FaultServer:
    """Plays `script` for each connection, on a free loopback port; use it as a context manager.

    With several scripts the first connection gets the first one, and so on; the last one stays.
    """

    def __init__(self, *scripts: Sequence[Step], host: str = "127.0.0.1", port: int = 0) -> None:
        self._scripts = scripts
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, port), family=family, backlog=1024)
        self.port: int = self._listener.getsockname()[1]
        self.address = (host, self.port)
        self.connections = 0  # accepted so far
        self.most_open = 0  # at the same time
        self.said: list[list[bytes]] = []  # lines of each client, in the order of connections
        self._open: list[Connection] = []
        self._lock = threading.Condition()
        self._stopped = threading.Event()
        self._threads: list[threading.Thread] = []
        self._run(self._accept)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Closes everything and waits for the threads to end."""
        self._stopped.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for one in self._open:
                with contextlib.suppress(OSError):
                    one.socket.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(timeout=5)

    def wait_until_idle(self, timeout: float = 5) -> bool:
        """Whether every connection has ended within `timeout` seconds."""
        with self._lock:
            return self._lock.wait_for(lambda: not self._open, timeout)

    def wait_for_connections(self, count: int, timeout: float = 5) -> bool:
        """Whether `count` connections have been accepted within `timeout` seconds."""
        with self._lock:
            return self._lock.wait_for(lambda: self.connections >= count, timeout)

    def _run(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                accepted, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                script = self._scripts[min(self.connections, len(self._scripts) - 1)]
                self.connections += 1
                connection = Connection(accepted, self._stopped)
                self._open.append(connection)
                self.most_open = max(self.most_open, len(self._open))
                self.said.append(connection.said)
                self._lock.notify_all()
            self._run(self._play, script, connection)

    def _play(self, script: Sequence[Step], connection: Connection) -> None:
        with contextlib.suppress(_OverError, OSError):
            for step in script:
                step(connection)
        connection.socket.close()
        with self._lock:
            self._open.remove(connection)
            self._lock.notify_all()


class ServeScript(Protocol):
    """What the fixture `fault_server` gives: starts a server that ends with the test."""

    def __call__(self, *scripts: Sequence[Step], host: str = "127.0.0.1") -> FaultServer:
        """The running server; the first connection gets the first script, the last one stays."""
        ...
