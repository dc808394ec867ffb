"""Look-ups against a name server that misbehaves: each fact of DNS keeps its own code."""

import asyncio
import socket
from datetime import timedelta

import dns.asyncresolver
import dns.message
import dns.rdatatype
import dns.resolver
import dns.rrset
import pytest
from servers.dnsserver import (
    GARBAGE,
    NXDOMAIN,
    REFUSED,
    SERVFAIL,
    SILENCE,
    TRUNCATED,
    DnsServer,
    ServeZone,
    Zone,
)
from servers.vantage import HOST, loopback_settings

from bot.model.codes import Code
from bot.model.evidence import Addresses, Failed, Observation, Seen, Stage
from bot.probes.dns import addresses_of, within_cap
from bot.probes.prober import NetworkProber

SHORT = timedelta(seconds=0.4)
PATIENT = timedelta(seconds=9)


async def resolved(
    server: DnsServer, host: str = HOST, deadline: timedelta = PATIENT
) -> Observation:
    """The one observation that a look-up of `host` gives."""
    prober = NetworkProber(loopback_settings(resolvers=(server.address,)))
    (observation,) = await prober.resolve(host, deadline)
    return observation


def addresses(observation: Observation) -> Addresses:
    """What was found."""
    assert isinstance(observation, Seen), observation
    assert isinstance(observation.finding, Addresses)
    return observation.finding


def failure(observation: Observation) -> Failed:
    """Why nothing was found."""
    assert isinstance(observation, Failed), observation
    assert observation.stage is Stage.DNS
    assert observation.attempt is None
    assert observation.at.tzinfo is not None
    return observation


async def test_both_families_are_found_ipv6_first(zone: ServeZone) -> None:
    """One query for each family, addresses in the order of a mail program."""
    server = zone({HOST: {"A": ["127.0.0.1", "127.0.0.2"], "AAAA": ["::1"]}})

    found = addresses(await resolved(server))

    assert found.addresses[0] == "::1"  # the order within a family is the name server's
    assert sorted(found.addresses[1:]) == ["127.0.0.1", "127.0.0.2"]
    assert found.failures == ()
    assert server.queries == {(HOST, "A"): 1, (HOST, "AAAA"): 1}


async def test_the_same_address_counts_once(zone: ServeZone) -> None:
    """A name that lists an address twice has it once."""
    server = zone({HOST: {"A": ["127.0.0.1", "127.0.0.1"]}})

    assert addresses(await resolved(server)).addresses == ("127.0.0.1",)


async def test_an_alias_is_followed(zone: ServeZone) -> None:
    """A CNAME leads to the addresses of its target."""
    server = zone({HOST: {"CNAME": ["b.example.test."]}, "b.example.test": {"A": ["127.0.0.1"]}})

    assert addresses(await resolved(server)).addresses == ("127.0.0.1",)


async def test_one_family_alone_is_enough(zone: ServeZone) -> None:
    """A name without IPv4 is no failure, and neither is one without IPv6."""
    server = zone({HOST: {"AAAA": ["::1"]}, "v4.example.test": {"A": ["127.0.0.1"]}})

    assert addresses(await resolved(server)) == Addresses(addresses=("::1",))
    assert addresses(await resolved(server, "v4.example.test")).failures == ()


async def test_a_cut_answer_is_asked_for_again_over_tcp(zone: ServeZone) -> None:
    """Truncated UDP, then TCP (RFC 7766)."""
    server = zone({HOST: {"A": ["127.0.0.1"], TRUNCATED: ["yes"]}})

    assert addresses(await resolved(server)).addresses == ("127.0.0.1",)
    assert server.tcp_queries == 2


ANSWERS: list[tuple[Zone, Code]] = [
    ({HOST: NXDOMAIN}, Code.DNS_NXDOMAIN),
    ({HOST: {"MX": ["10 mx.example.test."]}}, Code.DNS_NO_ADDRESS),
    ({HOST: SERVFAIL}, Code.DNS_SERVFAIL),
    ({HOST: REFUSED}, Code.DNS_SERVFAIL),
    ({HOST: {"CNAME": [f"{HOST}."]}}, Code.DNS_SERVFAIL),
    ({HOST: {"CNAME": ["gone.example.test."]}}, Code.DNS_NXDOMAIN),
    ({HOST: {"A": NXDOMAIN, "AAAA": SERVFAIL}}, Code.DNS_NXDOMAIN),
    ({HOST: {"AAAA": SERVFAIL}}, Code.DNS_SERVFAIL),
]


@pytest.mark.parametrize(("names", "code"), ANSWERS)
async def test_each_answer_has_its_own_code(zone: ServeZone, names: Zone, code: Code) -> None:
    """What the name server says is told apart, and quoted."""
    found = failure(await resolved(zone(names)))

    assert found.code is code
    assert found.said
    assert not found.from_here


@pytest.mark.parametrize("outcome", [SILENCE, GARBAGE])
async def test_no_readable_answer_is_a_timeout(zone: ServeZone, outcome: object) -> None:
    """Silence and garbage end with the deadline, not before and not long after."""
    assert outcome in {SILENCE, GARBAGE}
    server = zone({HOST: SILENCE if outcome is SILENCE else GARBAGE})

    found = failure(await resolved(server, deadline=SHORT))

    assert found.code is Code.DNS_TIMEOUT
    assert timedelta(seconds=0.2) < found.took < timedelta(seconds=1)


@pytest.mark.parametrize(
    ("outcome", "code"), [(SILENCE, Code.DNS_TIMEOUT), (SERVFAIL, Code.DNS_SERVFAIL)]
)
async def test_a_broken_aaaa_beside_a_good_a_is_kept_as_a_fact(
    zone: ServeZone, outcome: object, code: Code
) -> None:
    """The check goes on with IPv4, and what happened to IPv6 is not lost."""
    server = zone({HOST: {"A": ["127.0.0.1"], "AAAA": SILENCE if outcome is SILENCE else SERVFAIL}})

    found = addresses(await resolved(server, deadline=SHORT))

    assert found == Addresses(addresses=("127.0.0.1",), failures=(("AAAA", code),))


async def test_an_extended_error_is_quoted() -> None:
    """RFC 8914: the resolver may say why, and the person who can repair it wants to know."""
    with DnsServer({HOST: SERVFAIL}, servfail_reason="signature expired") as server:
        found = failure(await resolved(server))

    assert found.said.startswith("SERVFAIL")
    assert "signature expired" in found.said


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", ("127.0.0.1", "::1")),
        ("127.0.0.1", ("127.0.0.1",)),
        ("::1", ("::1",)),
    ],
)
async def test_what_is_known_is_not_asked_for(
    zone: ServeZone, host: str, expected: tuple[str, ...]
) -> None:
    """Literals and localhost cost no look-up."""
    server = zone({})

    assert addresses(await resolved(server, host)).addresses == expected
    assert not server.queries


async def test_names_are_absolute_and_the_hosts_file_is_not_read(zone: ServeZone) -> None:
    """A single label is asked for as it stands, and what only this machine knows is not known."""
    server = zone({})

    assert failure(await resolved(server, "mail")).code is Code.DNS_NXDOMAIN
    assert failure(await resolved(server, "ip6-localhost")).code is Code.DNS_NXDOMAIN
    assert {name for name, _ in server.queries} == {"mail", "ip6-localhost"}


@pytest.mark.parametrize("host", ["a..example.test", "x" * 64 + ".test"])
async def test_what_is_no_name_is_no_question(zone: ServeZone, host: str) -> None:
    """Bad labels are a fault of the text and cost no packet."""
    server = zone({})

    assert failure(await resolved(server, host)).code is Code.DNS_INVALID_NAME
    assert not server.queries


async def test_one_refused_address_refuses_the_whole_name(zone: ServeZone) -> None:
    """A name that mixes allowed and refused addresses may not be dialled at all."""
    server = zone({HOST: {"A": ["127.0.0.1", "10.0.0.1"]}})

    found = failure(await resolved(server))

    assert found.code is Code.POLICY_ADDRESS_NOT_ALLOWED
    assert "10.0.0.1" in found.said


async def test_addresses_beyond_the_cap_are_judged_too(zone: ServeZone) -> None:
    """Nobody hides a private address at the end of a long list."""
    many = [f"127.0.0.{number}" for number in range(1, 30)]
    server = zone({HOST: {"A": [*many, "192.168.1.1"]}, "many.example.test": {"A": many}})

    assert failure(await resolved(server)).code is Code.POLICY_ADDRESS_NOT_ALLOWED
    kept = addresses(await resolved(server, "many.example.test"))
    assert (len(kept.addresses), kept.omitted) == (16, 13)


def test_the_cap_keeps_some_of_each_family() -> None:
    """Eight of each where both have plenty, more of one where the other is short."""
    ipv6 = [f"::{number}" for number in range(1, 18)]
    ipv4 = [f"127.0.0.{number}" for number in range(1, 18)]

    assert within_cap(ipv6 + ipv4) == (*ipv6[:8], *ipv4[:8])
    assert within_cap([*ipv6, ipv4[0]]) == (*ipv6[:15], ipv4[0])
    assert within_cap([ipv6[0], *ipv4]) == (ipv6[0], *ipv4[:15])
    assert within_cap(ipv4[:2]) == tuple(ipv4[:2])


async def test_a_machine_without_name_server_says_that_it_is_its_own_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No resolver configured: nobody was asked, so nothing is said about the name."""

    def no_configuration(**_: object) -> object:
        raise dns.resolver.NoResolverConfiguration

    monkeypatch.setattr(dns.asyncresolver, "Resolver", no_configuration)

    (found,) = await NetworkProber(loopback_settings()).resolve(HOST, SHORT)

    assert failure(found).from_here
    assert "no name server" in failure(found).said


async def test_cancelling_a_look_up_leaves_nothing_behind(zone: ServeZone) -> None:
    """The queries end with the one who asked."""
    server = zone({HOST: SILENCE})
    task = asyncio.create_task(resolved(server))
    await asyncio.to_thread(server.asked.wait, 5)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task

    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_an_answer_that_comes_late_still_counts() -> None:
    """A name server that answers the first asking after the second is heard all the same."""

    def answer_late(sock: socket.socket) -> None:
        first: dict[int, tuple[dns.message.Message, tuple[str, int]]] = {}
        for _ in range(4):  # both families, twice
            wire, client = sock.recvfrom(4096)
            query = dns.message.from_wire(wire)
            family = query.question[0].rdtype
            if family not in first:
                first[family] = query, client
                continue
            asked, waiting = first[family]
            reply = dns.message.make_response(asked)
            if family == dns.rdatatype.A:
                name = asked.question[0].name
                reply.answer.append(dns.rrset.from_text(name, 60, "IN", "A", "192.0.2.1"))
            sock.sendto(reply.to_wire(), waiting)

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(10)
        serving = asyncio.create_task(asyncio.to_thread(answer_late, sock))
        found = await addresses_of(
            "mail.example.test", (sock.getsockname(),), timedelta(seconds=10)
        )
        await serving

    assert found.addresses == ("192.0.2.1",)
    assert found.failures == ()
