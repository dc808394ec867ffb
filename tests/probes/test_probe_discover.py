"""What a domain says about its mail servers, and how little of it is believed."""

from datetime import timedelta

import pytest
from servers.dnsserver import REFUSED, SERVFAIL, SILENCE, Outcome, ServeZone, Zone
from servers.vantage import loopback_settings

from bot.model.codes import Code
from bot.model.evidence import Failed, Observation, Seen, Stage
from bot.model.lookups import Exchanges, Services
from bot.probes.discover import SERVICES
from bot.probes.prober import NetworkProber

DOMAIN = "example.test"
SUBMISSION = f"_submission._tcp.{DOMAIN}"


async def discovered(serve: ServeZone, names: Zone, domain: str = DOMAIN) -> list[Observation]:
    """One observation for each service, and the last for MX."""
    prober = NetworkProber(loopback_settings(resolvers=(serve(names).address,)))
    found = await prober.discover(domain, timedelta(seconds=1.2))
    assert all(seen.stage is Stage.DISCOVER for seen in found)
    return list(found)


async def submission(serve: ServeZone, *records: str) -> Services:
    """What is made of these SRV records."""
    found = await discovered(serve, {DOMAIN: {"TXT": ["x"]}, SUBMISSION: {"SRV": records}})
    seen = found[SERVICES.index("_submission._tcp")]
    assert isinstance(seen, Seen)
    assert isinstance(seen.finding, Services)
    return seen.finding


async def exchanges(serve: ServeZone, *records: str) -> Observation:
    """What is made of these MX records."""
    return (await discovered(serve, {DOMAIN: {"MX": records}}))[-1]


async def test_records_are_put_in_order(zone: ServeZone) -> None:
    """The lower priority first, then the heavier weight (RFC 2782); MX by preference."""
    found = await submission(
        zone, "20 1 587 c.test.", "10 1 587 b.test.", "10 9 2525 A.test.", "30 0 587 d.test."
    )
    mx = await exchanges(zone, "20 b.test.", "10 a.test.")

    assert found.servers == (("a.test", 2525), ("b.test", 587), ("c.test", 587), ("d.test", 587))
    assert isinstance(mx, Seen)
    assert mx.finding == Exchanges(hosts=("a.test", "b.test"))


async def test_more_than_anybody_tries_is_left_out(zone: ServeZone) -> None:
    """Dozens of records cost no more than a few."""
    found = await submission(zone, *(f"{n} 1 587 h{n}.test." for n in range(40)))

    assert [host for host, _ in found.servers] == ["h0.test", "h1.test", "h2.test", "h3.test"]


@pytest.mark.parametrize(
    "record",
    [
        "0 0 587 127.0.0.1.",
        "0 0 587 2130706433.",
        "0 0 587 0x7f.1.",
        "0 0 587 0x7f000001.",
        r"0 0 587 a\000b.test.",
        r"0 0 587 a\.b.test.",
        r"0 0 587 <b>.test.",
        "0 0 587 -a-.test.",
        r"0 0 587 \195\188.test.",
        "0 0 0 a.test.",
    ],
)
async def test_targets_that_are_no_host(zone: ServeZone, record: str) -> None:
    """What could not be typed as a server is not taken from DNS either; the rest counts."""
    found = await submission(zone, record, "9 0 587 good.test.")

    assert found.servers == (("good.test", 587),)
    assert not found.is_refused


async def test_point_means_no(zone: ServeZone) -> None:
    """A target "." says that the service is not there (RFC 6186 section 3.4); so does null MX."""
    found = await submission(zone, "0 0 0 .")
    mx = await exchanges(zone, "0 .")

    assert found == Services(service="_submission._tcp", servers=(), is_refused=True)
    assert isinstance(mx, Failed)
    assert (mx.code, mx.finding) == (Code.DNS_NO_ADDRESS, Exchanges(hosts=(), is_refused=True))
    assert "null MX" in mx.said


async def test_mx_that_names_an_address(zone: ServeZone) -> None:
    """Forbidden (RFC 5321 section 5.1), and quoted."""
    mx = await exchanges(zone, "10 192.0.2.1.")

    assert isinstance(mx, Failed)
    assert mx.code is Code.DNS_NO_ADDRESS
    assert "192.0.2.1" in mx.said


async def test_nothing_said_is_no_fault(zone: ServeZone) -> None:
    """A domain without any of these records is a domain like many."""
    found = await discovered(zone, {DOMAIN: {"A": ["127.0.0.1"]}})

    assert len(found) == len(SERVICES) + 1
    assert all(isinstance(seen, Seen) for seen in found)


@pytest.mark.parametrize(
    ("entry", "code"),
    [(SERVFAIL, Code.DNS_SERVFAIL), (REFUSED, Code.DNS_SERVFAIL), (SILENCE, Code.DNS_TIMEOUT)],
)
async def test_errors_keep_their_code(zone: ServeZone, entry: Outcome, code: Code) -> None:
    """An error of DNS is told from a domain that says nothing."""
    found = await discovered(zone, {DOMAIN: entry, SUBMISSION: entry})

    failed = {seen.code for seen in found if isinstance(seen, Failed)}
    assert failed == {code}


async def test_domain_that_does_not_exist(zone: ServeZone) -> None:
    """MX says so, once; that its services do not exist either needs no word."""
    found = await discovered(zone, {})

    (failed,) = (seen for seen in found if isinstance(seen, Failed))
    assert (failed.code, found[-1]) == (Code.DNS_NXDOMAIN, failed)


async def test_literals_and_names_too_long_are_not_asked_for(zone: ServeZone) -> None:
    """An address has no records, and a service of a name at its limit has no name."""
    server = zone({})
    prober = NetworkProber(loopback_settings(resolvers=(server.address,)))
    longest = ".".join(["x" * 61] * 4)

    assert await prober.discover("127.0.0.1", timedelta(seconds=1)) == ()
    found = await prober.discover(longest, timedelta(seconds=1))
    assert len(found) == len(SERVICES) + 1
    assert set(server.queries) == {(longest, "MX")}


async def test_without_a_name_server(zone: ServeZone) -> None:
    """Nobody to ask: one failure, and it is ours."""
    names = zone({})
    names.stop()
    prober = NetworkProber(loopback_settings(resolvers=(names.address,)))

    found = await prober.discover(DOMAIN, timedelta(seconds=0.9))

    assert isinstance(found[-1], Failed)
    assert found[-1].code is Code.DNS_TIMEOUT
