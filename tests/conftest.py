"""Fixtures for all tests: servers on loopback, certificates of today, and no way out."""

import ipaddress
import ssl
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from cli_process import Mailmedic
from servers.dnsserver import DnsServer, ServeZone, Zone
from servers.faultserver import FaultServer, ServeScript, Step
from servers.pki import Authority, Identity, Wish
from servers.vantage import loopback_settings

from bot.knowledge.schema import Knowledge
from bot.probes.prober import NetworkProber
from bot.upkeep.loader import find_knowledge, load_knowledge

# Audit events of Python's socket module that may let a packet out.
_OUTGOING = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_LOOK_UPS = frozenset({"socket.getaddrinfo", "socket.gethostbyname"})


class _Fence:
    """Refuses and remembers every attempt to leave this machine.

    An audit hook sees all sockets, whoever opens them, and cannot be taken off again: it is put up
    once, and asks whether it is `up`.
    """

    def __init__(self) -> None:
        self.up = False
        self.attempts: list[str] = []

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        if not self.up:
            return
        if event in _OUTGOING and isinstance(arguments[1], tuple):
            host = str(arguments[1][0])
        elif event in _LOOK_UPS and arguments[0]:
            host = _text(arguments[0])
        else:
            return
        if not _stays_here(host, is_look_up=event in _LOOK_UPS):
            self.attempts.append(f"{event} {host}")
            raise PermissionError(f"tests do not leave this machine: {event} {host}")


def _text(host: object) -> str:
    return host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)


def _stays_here(host: str, *, is_look_up: bool) -> bool:
    """Loopback; and for a look-up any address, since that asks nobody."""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return is_look_up or address.is_loopback


_fence = _Fence()
sys.addaudithook(_fence)


@pytest.fixture(autouse=True)
def no_internet() -> Iterator[list[str]]:
    """Any socket that is to reach beyond loopback raises there and fails the test.

    Yields the attempts, for a test that makes one on purpose and clears the list.
    """
    _fence.attempts.clear()
    _fence.up = True
    yield _fence.attempts
    _fence.up = False
    assert not _fence.attempts


@pytest.fixture
def fault_server() -> Iterator[ServeScript]:
    """Starts fault servers that end with the test."""
    servers: list[FaultServer] = []

    def serve(*scripts: Sequence[Step], host: str = "127.0.0.1") -> FaultServer:
        servers.append(FaultServer(*scripts, host=host))
        return servers[-1]

    yield serve
    for server in servers:
        server.stop()


@pytest.fixture
def zone() -> Iterator[ServeZone]:
    """Starts name servers that answer from a dict and end with the test."""
    servers: list[DnsServer] = []

    def serve(names: Zone) -> DnsServer:
        servers.append(DnsServer(names))
        return servers[-1]

    yield serve
    for server in servers:
        server.stop()


@pytest.fixture(scope="session")
def ca() -> Authority:
    """The authority that the tests' probers trust."""
    return Authority.root("Example Trust")


@pytest.fixture(scope="session")
def other_ca() -> Authority:
    """An authority that nobody trusts."""
    return Authority.root("Nobody Trust")


@pytest.fixture(scope="session")
def ca_file(ca: Authority, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The certificate of `ca`, as CA_FILE wants it."""
    return ca.file(tmp_path_factory.mktemp("anchors"))


@pytest.fixture(scope="session")
def good_identity(ca: Authority) -> Identity:
    """A certificate for mail.example.test, localhost and the loopback addresses."""
    return ca.leaf(Wish(names=("mail.example.test", "localhost", "127.0.0.1", "::1")))


@pytest.fixture
def prober(ca_file: Path) -> NetworkProber:
    """A prober that may look at loopback, at any port, and trusts `ca`."""
    return NetworkProber(loopback_settings(ca_file=ca_file))


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    """The shipped knowledge, loaded once."""
    return load_knowledge(find_knowledge(None))


@pytest.fixture(scope="session")
def good_context(
    good_identity: Identity, tmp_path_factory: pytest.TempPathFactory
) -> ssl.SSLContext:
    """A server's TLS context with `good_identity`."""
    return good_identity.context(tmp_path_factory.mktemp("identities"))


@pytest.fixture
def mailmedic(tmp_path: Path, ca_file: Path) -> Mailmedic:
    """The command as a process, trusting the tests' authority, with an empty home."""
    return Mailmedic(tmp_path, {"MAILMEDIC_CA_FILE": str(ca_file)})
