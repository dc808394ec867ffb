"""A path that delays every packet: two network namespaces with a small process between them.

```
near 192.0.2.1 ── tun ── [each packet waits half a round trip] ── tun ── 192.0.2.2 far
```
Name look-ups, TCP and TLS all pay for it, which no proxy brings about. The near end is whoever
enters `SlowPath`, in a namespace of its own (`alone` gives it one); the far end is a program that
the path starts in a second one.
"""

import contextlib
import fcntl
import os
import select
import shutil
import socket
import struct
import subprocess
import sys
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from servers.loopback import raise_loopback

__all__ = ["FAR", "NEAR", "SlowPath", "alone", "obstacle"]

NEAR, FAR = "192.0.2.1", "192.0.2.2"  # RFC 5737: these lead nowhere else

# Linux: <linux/if_tun.h>, <net/if.h> and <linux/sockios.h>
_TUN = "/dev/net/tun"
_SET_TUN, _NO_HEADER_TUN = 0x400454CA, 0x1001
_SET_FLAGS, _SET_ADDRESS, _SET_PEER = 0x8914, 0x8916, 0x8918
_UP = 0x1
_NAME = b"slow0"
_MAX_PACKET = 65_535
_UNSHARE = "-Urnm"  # the mount namespace is for those who replace /etc/resolv.conf


def obstacle() -> str | None:
    """Why no slow path can be made on this machine; None if one can."""
    unshare = shutil.which("unshare")
    if unshare is None:
        return "unshare (util-linux) is not installed"
    if not os.access(_TUN, os.R_OK | os.W_OK):
        return f"{_TUN} cannot be opened"
    tried = subprocess.run([unshare, _UNSHARE, "true"], capture_output=True, check=False)
    if tried.returncode:
        return "namespaces are not allowed: " + tried.stderr.decode("utf-8", "replace").strip()
    return None


def alone(*command: str) -> list[str]:
    """`command`, to be run in namespaces of its own, where it may do what root may."""
    return [shutil.which("unshare") or "unshare", _UNSHARE, *command]


class SlowPath:
    """From this network namespace to a new one that `far`, a program, runs in.

    Use it as a context manager. `round_trip` is in seconds. The program says one line once it is
    ready, which is kept as `said`; it is ended with the path.
    """

    def __init__(self, round_trip: float, far: Sequence[str]) -> None:
        self._round_trip = round_trip
        self._far = far
        self.said = ""

    def __enter__(self) -> Self:
        self._near = _open_tun(NEAR, FAR)
        words = ["-m", "servers.slowpath", str(self._near), str(self._round_trip), *self._far]
        self._process = subprocess.Popen(
            [shutil.which("unshare") or "unshare", "-n", sys.executable, *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=(self._near,),
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent)},
            text=True,
        )
        assert self._process.stdout is not None
        self.said = self._process.stdout.readline().strip()
        if not self.said:
            self._end()
            raise RuntimeError("the far end of the slow path did not start")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def _end(self) -> None:
        os.close(self._near)
        self._process.communicate()  # closes its standard input, which ends it


def _open_tun(address: str, peer: str) -> int:
    """The descriptor of a new interface of this namespace, up and with a route to `peer`."""
    tun = os.open(_TUN, os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tun, _SET_TUN, struct.pack("16sH22x", _NAME, _NO_HEADER_TUN))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        for request, value in ((_SET_ADDRESS, address), (_SET_PEER, peer)):
            packed = struct.pack("16sHH4s8x", _NAME, socket.AF_INET, 0, socket.inet_aton(value))
            fcntl.ioctl(any_socket, request, packed)
        fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack("16sH14x", _NAME, _UP))
    return tun


def _forward(near: int, far: int, delay: float, ends: tuple[int, ...]) -> None:
    """Passes packets on, each after `delay` seconds, until one of `ends` can be read.

    All wait equally long, so the first to come is the first to go. `select` wakes within 0.1 ms
    of the time asked for, as `poll` and `epoll`, which count in milliseconds, do not.
    """
    other = {near: far, far: near}
    held: deque[tuple[float, int, bytes]] = deque()
    while True:
        wait = max(0.0, held[0][0] - time.monotonic()) if held else None
        ready, _, _ = select.select([near, far, *ends], [], [], wait)
        if any(end in ready for end in ends):
            return
        for end in ready:
            with contextlib.suppress(BlockingIOError):
                while True:
                    packet = os.read(end, _MAX_PACKET)
                    held.append((time.monotonic() + delay, other[end], packet))
        while held and held[0][0] <= time.monotonic():
            _, end, packet = held.popleft()
            with contextlib.suppress(OSError):  # a queue that is full drops, as routers do
                os.write(end, packet)


def _main(near: str, round_trip: str, *far: str) -> None:
    """In the far namespace, with the near end's descriptor, for as long as both ends live."""
    raise_loopback()
    tun = _open_tun(FAR, NEAR)
    program = subprocess.Popen(far, stdin=subprocess.DEVNULL)
    try:
        lives = (sys.stdin.fileno(), os.pidfd_open(program.pid))
        _forward(int(near), tun, float(round_trip) / 2, lives)
    finally:
        program.terminate()
        program.wait()


if __name__ == "__main__":
    _main(*sys.argv[1:])
