"""Every address of a name: which ones fail, why, which one programs try first, who notices."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from catalogue_bench import PATIENT, Document, checked, codes, finding, rows, verdict
from servers.dnsserver import Records, ServeZone
from servers.faultserver import Close, FaultServer, Reset, Step
from servers.pki import Authority, Wish, expired
from servers.scripts import SILENT, SSH, smtp_starttls, smtp_tls

from bot.diagnosis.plan import Alternative
from bot.knowledge.schema import Knowledge
from bot.model.target import Security

HOST = "mail.example.test"
ONE, TWO, THREE, SIX = "127.0.0.1", "127.0.0.2", "127.0.0.3", "::1"
SHORT = timedelta(seconds=1.5)


class Machines:
    """Addresses that share a port, and a name for them."""

    def __init__(self, knowledge: Knowledge, ca_file: Path, zone: ServeZone) -> None:
        self._options = {"knowledge": knowledge, "ca_file": ca_file}
        self._zone = zone
        self._running = ExitStack()
        self.port = 0
        self.names: list[str] = []  # in the order in which programs try them

    def close(self) -> None:
        """Ends all servers."""
        self._running.close()

    def serve(self, address: str, *script: Step) -> FaultServer:
        """A machine that plays a script."""
        server = self._running.enter_context(FaultServer(script, host=address, port=self.port))
        self.port = server.port
        self.names.append(address)
        return server

    def silent(self, address: str) -> None:
        """A machine whose backlog is full: the system drops every further SYN."""
        listener = self._running.enter_context(
            socket.create_server((address, self.port), backlog=0)
        )
        self.port = listener.getsockname()[1]
        for _ in range(4):
            waiting = self._running.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex((address, self.port))
        self.names.append(address)

    def refuses(self, address: str) -> None:
        """A machine where nobody listens."""
        self.names.append(address)

    async def check(self, *alternatives: Alternative, deadline: timedelta = PATIENT) -> Document:
        """A whole check of the name; its addresses are answered in order."""
        records: dict[str, Records] = {
            "A": [name for name in self.names if ":" not in name],
            "AAAA": [name for name in self.names if ":" in name],
        }
        return await checked(
            f"{HOST}:{self.port}",
            resolvers=(self._zone({HOST: records}).address,),
            alternatives=alternatives or ((1, Security.STARTTLS),),
            deadline=deadline,
            **self._options,  # type: ignore[arg-type]
        )


@pytest.fixture
def machines(knowledge: Knowledge, ca_file: Path, zone: ServeZone) -> Iterator[Machines]:
    """No machines yet."""
    found = Machines(knowledge, ca_file, zone)
    yield found
    found.close()


@pytest.fixture
def good(good_context: ssl.SSLContext) -> tuple[Step, ...]:
    """A healthy server."""
    return smtp_starttls(good_context)


@pytest.fixture
def old(ca: Authority, tmp_path: Path) -> tuple[Step, ...]:
    """A server whose certificate has expired."""
    return smtp_starttls(ca.leaf(expired(Wish(names=(HOST,)))).context(tmp_path))


async def test_first_of_two_refuses(machines: Machines, good: tuple[Step, ...]) -> None:
    """What programs try first is dead: they wait, or fail if they try no other."""
    machines.serve(TWO, *good)
    machines.names.insert(0, SIX)

    found = await machines.check()

    assert (verdict(found), found["exit"]) == ("tcp.partial", 0)
    assert found["verdict"]["severity"] == "warning"
    assert codes(found) == {"tcp.partial"}
    said = finding(found, "tcp.partial")["evidence"]
    assert (said["failed_addresses"], said["addresses"]) == (SIX, TWO)
    assert (said["first"], said["first_dead"]) == (SIX, SIX)
    assert "tcp.refused" in said["reasons"]
    assert "try first" in found["verdict"]["summary"]
    assert found["suggested"] is None
    assert {(row["address"], row["status"]) for row in rows(found, "tcp")} == {
        (SIX, "failed"),
        (TWO, "ok"),
    }


async def test_last_of_two_refuses(machines: Machines, good: tuple[Step, ...]) -> None:
    """What programs try first works: most people notice nothing."""
    machines.serve(SIX, *good)
    machines.refuses(ONE)

    found = await machines.check()

    assert verdict(found) == "tcp.partial"
    said = finding(found, "tcp.partial")["evidence"]
    assert (said["first"], said["first_good"]) == (SIX, SIX)
    assert "first_dead" not in said
    assert "notice nothing" in found["verdict"]["summary"]


async def test_one_of_three_is_silent(machines: Machines, good: tuple[Step, ...]) -> None:
    """A machine that drops packets beside two that work."""
    machines.serve(ONE, *good)
    machines.silent(TWO)
    machines.serve(THREE, *good)

    found = await machines.check(deadline=SHORT)

    assert verdict(found) == "tcp.partial"
    assert codes(found) == {"tcp.partial"}
    said = finding(found, "tcp.partial")["evidence"]
    assert (said["failed_addresses"], said["fact"]) == (TWO, "tcp.timeout")
    assert set(said["addresses"].split(", ")) == {ONE, THREE}


async def test_two_of_three_fail_for_different_reasons(
    machines: Machines, good: tuple[Step, ...]
) -> None:
    """Each address has its own reason in the finding."""
    machines.serve(ONE, *good)
    machines.silent(TWO)
    machines.refuses(THREE)

    found = await machines.check(deadline=SHORT)

    reasons = finding(found, "tcp.partial")["evidence"]["reasons"].split("; ")
    by_address = dict(reason.split(": ", 1) for reason in reasons)
    assert verdict(found) == "tcp.partial"
    assert by_address[TWO].startswith("tcp.timeout")
    assert by_address[THREE].startswith("tcp.refused")


async def test_one_answers_with_an_old_certificate(
    machines: Machines, good: tuple[Step, ...], old: tuple[Step, ...]
) -> None:
    """An address that can be reached and does not work is one that fails, too."""
    machines.serve(ONE, *good)
    machines.serve(TWO, *old)

    found = await machines.check()

    assert verdict(found) == "tcp.partial"
    assert codes(found) == {"tcp.partial", "cert.expired"}
    assert finding(found, "cert.expired")["evidence"]["address"] == TWO
    assert f"{TWO}: answers, but cert.expired" in found["verdict"]["summary"]


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ((Close(),), "greeting.closed"),
        ((Reset(),), "greeting.closed"),
        (SILENT, "greeting.none"),
        (SSH, "greeting.not_smtp"),
    ],
)
async def test_one_answers_with_nothing_of_use(
    machines: Machines, good: tuple[Step, ...], script: tuple[Step, ...], code: str
) -> None:
    """A balancer in front of a dead machine accepts and goes no further."""
    machines.serve(ONE, *good)
    machines.serve(TWO, *script)

    found = await machines.check(deadline=SHORT)

    assert verdict(found) == "tcp.partial"
    assert code in codes(found)
    assert finding(found, "tcp.partial")["evidence"]["fact"] == code


async def test_all_dead_for_different_reasons(machines: Machines) -> None:
    """Nothing works: the verdict is one of the reasons, and each address has its own."""
    machines.silent(ONE)
    machines.refuses(TWO)
    machines.refuses(SIX)

    found = await machines.check(deadline=SHORT)

    assert verdict(found) == "tcp.refused"
    assert found["exit"] == 1
    assert codes(found) == {"tcp.refused", "tcp.timeout"}
    assert finding(found, "tcp.timeout")["evidence"]["address"] == ONE
    reasons = finding(found, "tcp.refused")["evidence"]["reasons"]
    assert all(f"{address}: tcp." in reasons for address in (ONE, TWO, SIX))


@pytest.mark.parametrize(
    ("script", "code"),
    [((Close(),), "greeting.closed"), ((Reset(),), "greeting.closed"), (SILENT, "greeting.none")],
)
async def test_accepted_and_no_more(
    machines: Machines, script: tuple[Step, ...], code: str
) -> None:
    """The connection is made, so the fault lies with the first line."""
    machines.serve(ONE, *script)

    found = await machines.check(deadline=SHORT)

    assert verdict(found) == code
    stated = [row for row in rows(found, "tcp") if row["port"] == machines.port]
    assert {row["status"] for row in stated} == {"ok"}


async def test_silent_machine(machines: Machines) -> None:
    """Nobody answers the request for a connection."""
    machines.silent(ONE)

    found = await machines.check(deadline=SHORT)

    assert (verdict(found), codes(found)) == ("tcp.timeout", {"tcp.timeout"})


async def test_other_port_is_found_at_the_living_address(
    machines: Machines, good_context: ssl.SSLContext
) -> None:
    """The first address is dead altogether; the other port is looked for where somebody is."""
    machines.refuses(TWO)
    machines.refuses(ONE)
    with FaultServer(smtp_tls(good_context)) as other, socket.create_server((THREE, 0)) as held:
        machines.port = held.getsockname()[1]

        found = await machines.check((other.port, Security.TLS))

    assert verdict(found) == "settings.wrong_port"
    assert found["suggested"] == {"host": HOST, "port": other.port, "security": "tls"}


async def test_dead_address_brings_nothing_more_while_another_works(
    machines: Machines, good: tuple[Step, ...], good_context: ssl.SSLContext
) -> None:
    """A refusal comes fast, the working address takes its round trips: nobody else is troubled."""
    machines.serve(ONE, *good)
    machines.refuses(TWO)
    with FaultServer(smtp_tls(good_context)) as other:
        found = await machines.check((other.port, Security.TLS))

        assert verdict(found) == "tcp.partial"
        assert other.connections == 0


async def test_first_of_two_is_silent(machines: Machines, good: tuple[Step, ...]) -> None:
    """The first address is first, also where the other one has answered long before it failed."""
    machines.silent(ONE)
    machines.serve(TWO, *good)

    found = await machines.check()
    said = finding(found, "tcp.partial")["evidence"]

    assert verdict(found) == "tcp.partial"
    assert (said["first"], said["first_dead"]) == (ONE, ONE)
    assert said["addresses"] == TWO
