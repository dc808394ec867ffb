"""Dials one vetted address: the TCP handshake and nothing else."""

import asyncio
import errno
import ipaddress
import os
import socket
from datetime import timedelta

from bot.model.codes import Code
from bot.probes.faults import Fault, StageError

__all__ = ["connect_wait", "open_connection"]

# A SYN is repeated after 1, 3 and 7 s (RFC 6298 section 2.1); nobody answers later than that.
_MAX_WAIT = timedelta(seconds=8)

# The first four may come from the way or from our own routes, where a route that forbids says
# EACCES and one that swallows says EINVAL (ip-route(8), types `prohibit` and `blackhole`).
_NO_WAY = frozenset(
    {
        errno.ENETUNREACH,
        errno.EHOSTUNREACH,
        errno.ENETDOWN,
        errno.EHOSTDOWN,
        errno.EACCES,
        errno.EINVAL,
    }
)

# What Linux makes of ICMPv6 "administratively prohibited" (RFC 4443 section 3.1), which is how many
# firewalls refuse IPv6; with IPv4 the same refusal reads EHOSTUNREACH.
_FORBIDDEN = Fault(code=Code.TCP_UNREACHABLE, said="EACCES: a firewall on the way forbids it")


def connect_wait(deadline: timedelta) -> timedelta:
    """How long to wait for one address: 8 s, and never more than a third of the whole check."""
    return min(_MAX_WAIT, deadline / 3)


async def open_connection(address: str, port: int) -> socket.socket:
    """A non-blocking socket connected to exactly the literal `address`.

    Raises OSError as the system gives it, StageError where our own machine has no way there. No
    name is ever looked up. The caller bounds the wait and closes the socket.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    connection = socket.socket(family, socket.SOCK_STREAM)
    try:
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.get_running_loop().sock_connect(connection, (address, port))
        _insist_on_peer(connection, address, port)
    except ConnectionResetError:
        # Only a connection that was made can be reset (a SYN is refused, RFC 9293 section 3.5.2):
        # the server hung up before we looked, and reading will say so at the stage it belongs to.
        return connection
    except OSError as error:
        connection.close()
        if error.errno in _NO_WAY and not _has_route(family, address, port):
            raise StageError(_no_route(family)) from error
        if error.errno == errno.EACCES and family == socket.AF_INET6:
            raise StageError(_FORBIDDEN) from error
        raise
    except BaseException:
        connection.close()
        raise
    return connection


def _insist_on_peer(connection: socket.socket, address: str, port: int) -> None:
    """What was vetted is what was dialled, and it is not ourselves.

    A connection to a free port of our own may meet itself (simultaneous open, RFC 9293
    section 3.5): nobody listens there.
    """
    try:
        peer = connection.getpeername()
    except OSError as error:
        raise ConnectionResetError(errno.ECONNRESET, "reset once it was made") from error
    if ipaddress.ip_address(peer[0]) != ipaddress.ip_address(address) or peer[1] != port:
        raise OSError(errno.ECONNABORTED, f"reached {peer[0]} instead of {address}")
    if peer == connection.getsockname():
        raise OSError(errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED))


def _has_route(family: int, address: str, port: int) -> bool:
    """Whether the system knows a way; a connected UDP socket asks that and sends no packet."""
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as question:
            question.connect((address, port))
    except OSError:
        return False
    return True


def _no_route(family: int) -> Fault:
    version = "IPv6" if family == socket.AF_INET6 else "IPv4"
    said = f"this machine has no {version} route to the address"
    return Fault(code=Code.TCP_UNREACHABLE, said=said, from_here=True)
