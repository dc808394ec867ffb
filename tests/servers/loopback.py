"""The loopback of a new network namespace, which is down until somebody raises it."""

import fcntl
import socket
import struct

__all__ = ["raise_loopback"]

# Linux: <net/if.h> and <linux/sockios.h>
_SET_FLAGS, _UP, _RUNNING = 0x8914, 0x1, 0x40


def raise_loopback() -> None:
    """Switches the interface `lo` of this namespace on."""
    with socket.socket() as any_socket:
        request = struct.pack("16sh", b"lo", _UP | _RUNNING)
        fcntl.ioctl(any_socket, _SET_FLAGS, request)
