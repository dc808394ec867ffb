"""The TCP handshake: refused, silent, without a way, and made with whom it should be."""

import errno
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from servers.faultserver import Reset, ServeScript
from servers.scripts import SILENT
from servers.vantage import attempt_at, look, loopback_settings

from bot.model.codes import Code
from bot.model.evidence import Connected, Stage
from bot.probes.connect import connect_wait, open_connection
from bot.probes.faults import fault_of
from bot.probes.prober import NetworkProber

ROOT = Path(__file__).parents[2]


@pytest.fixture
def full_port() -> Iterator[int]:
    """A port whose backlog is full: the system drops every further SYN."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        port: int = listener.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
        yield port
        for one in waiting:
            one.close()


def free_port() -> int:
    """A port where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


async def test_a_refused_connection(prober: NetworkProber) -> None:
    """RST in answer to the SYN: the machine is there, the service is not."""
    view = await look(prober, attempt_at(free_port()))

    failed = view.failed(Stage.TCP)
    assert (failed.code, failed.from_here) == (Code.TCP_REFUSED, False)
    assert failed.said.startswith("ECONNREFUSED")
    assert {view.skipped(stage) for stage in (Stage.GREETING, Stage.TLS, Stage.AUTH)} == {
        "tcp failed"
    }


async def test_no_answer_to_the_syn(prober: NetworkProber, full_port: int) -> None:
    """Waited for a third of the deadline, so that there is time left to look elsewhere."""
    view = await look(prober, attempt_at(full_port), deadline=timedelta(seconds=0.9))

    failed = view.failed(Stage.TCP)
    assert (failed.code, failed.from_here) == (Code.TCP_TIMEOUT, False)
    assert failed.said == "no answer to the connection request within 0.3 s"
    assert timedelta(seconds=0.25) < failed.took < timedelta(seconds=0.8)


def test_the_connect_wait_is_a_third_and_at_most_eight_seconds() -> None:
    """As the contract says."""
    assert connect_wait(timedelta(seconds=25)) == timedelta(seconds=8)
    assert connect_wait(timedelta(seconds=6)) == timedelta(seconds=2)


async def test_ipv6_is_dialled_as_ipv6(prober: NetworkProber, fault_server: ServeScript) -> None:
    """The literal that was vetted is the one that is dialled."""
    server = fault_server(SILENT, host="::1")

    view = await look(prober, attempt_at(server), deadline=timedelta(seconds=0.3))

    assert view.seen(Stage.TCP, Connected) == Connected()
    assert server.connections == 1


async def test_a_reset_is_seen_where_it_belongs(fault_server: ServeScript) -> None:
    """However fast the reset comes after the handshake, the connection had been made."""
    server = fault_server((Reset(),))
    prober = NetworkProber(loopback_settings(ehlo_name=""))

    views = [await look(prober, attempt_at(server)) for _ in range(40)]

    assert all(view.codes == {Stage.GREETING: Code.GREETING_CLOSED} for view in views)


async def test_another_peer_than_the_vetted_one_is_not_talked_to(
    fault_server: ServeScript, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What getpeername says is compared, and the socket is closed."""
    server = fault_server(SILENT)
    monkeypatch.setattr(socket.socket, "getpeername", lambda _: ("127.0.0.9", server.port))

    with pytest.raises(OSError, match=r"127\.0\.0\.9 instead of 127\.0\.0\.1"):
        await open_connection("127.0.0.1", server.port)

    assert server.wait_until_idle()


async def test_a_connection_to_ourselves_is_a_refusal(
    fault_server: ServeScript, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A free port of our own may meet itself; nobody listens there."""
    server = fault_server(SILENT)
    monkeypatch.setattr(socket.socket, "getsockname", lambda own: own.getpeername())

    with pytest.raises(ConnectionRefusedError):
        await open_connection("127.0.0.1", server.port)


@pytest.mark.parametrize(
    ("number", "code", "from_here"),
    [
        (errno.ECONNREFUSED, Code.TCP_REFUSED, False),
        (errno.ETIMEDOUT, Code.TCP_TIMEOUT, False),
        (errno.EHOSTUNREACH, Code.TCP_UNREACHABLE, False),
        (errno.ENETUNREACH, Code.TCP_UNREACHABLE, False),
        (errno.EACCES, Code.TCP_UNREACHABLE, True),
        (errno.EPERM, Code.TCP_UNREACHABLE, True),
        (errno.EADDRNOTAVAIL, Code.TCP_UNREACHABLE, True),
        (errno.EAFNOSUPPORT, Code.TCP_UNREACHABLE, True),
        (errno.EMFILE, Code.TCP_UNREACHABLE, True),
    ],
)
def test_errors_are_told_apart_by_number(number: int, code: Code, *, from_here: bool) -> None:
    """The words of the system differ; its numbers do not."""
    error = OSError(number, "words in any language")

    fault = fault_of(Stage.TCP, error, timedelta(seconds=1))

    assert (fault.code, fault.from_here) == (code, from_here)
    assert "any language" not in fault.said


NO_NETWORK = """
import asyncio, sys
from datetime import timedelta
from bot.probes.prober import NetworkProber
from servers.vantage import attempt_at, look, loopback_settings

view = asyncio.run(look(NetworkProber(loopback_settings()), attempt_at(2525)))
print(view.observations[0].code, view.observations[0].from_here, view.observations[0].said)
"""


def test_a_machine_without_a_route_says_that_it_is_its_own_fault() -> None:
    """In a network namespace with nothing in it, not even loopback is up."""
    started = subprocess.run(
        ["/usr/bin/env", "unshare", "-Urn", sys.executable, "-c", NO_NETWORK],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"},
        capture_output=True,
        text=True,
        check=False,
    )
    if started.returncode and "unshare" in started.stderr:
        pytest.skip(f"no network namespaces here: {started.stderr.strip()}")

    assert started.stdout == (
        "tcp.unreachable True this machine has no IPv4 route to the address\n"
    ), started.stderr
