"""Every answer that DNS may give to the name of a server, as a whole check tells it."""

import socket
import ssl
import struct
import threading
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Self

import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest
from catalogue_bench import checked, codes, finding, rows, verdict
from servers.dnsserver import (
    GARBAGE,
    NXDOMAIN,
    REFUSED,
    SERVFAIL,
    SILENCE,
    TRUNCATED,
    DnsServer,
    Outcome,
    Records,
    ServeZone,
)
from servers.faultserver import FaultServer, ServeScript
from servers.pki import Authority, Wish
from servers.scripts import smtp_starttls

from bot.knowledge.schema import Knowledge

HOST = "mail.example.test"
IDN = "mail.xn--bcher-kva.test"
V4 = "127.0.0.1"
SHORT = timedelta(seconds=0.6)
Zone = dict[str, dict[str, Records] | Outcome]


def chain(length: int, end: dict[str, Records] | Outcome) -> Zone:
    """As many aliases, one after the other, from the host to `end`."""
    names = [HOST, *(f"n{number}.example.test" for number in range(length))]
    links: Zone = {name: {"CNAME": [f"{after}."]} for name, after in pairwise(names)}
    return links | {names[-1]: end}


BAD: dict[str, tuple[Zone, str, str]] = {
    "NXDOMAIN": ({HOST: NXDOMAIN}, "dns.nxdomain", "NXDOMAIN"),
    "NODATA": ({HOST: {"TXT": ["x"]}}, "dns.no_address", "no A"),
    "a null MX and nothing else": ({HOST: {"MX": ["0 ."]}}, "dns.no_address", "no A"),
    "SERVFAIL": ({HOST: SERVFAIL}, "dns.servfail", "SERVFAIL"),
    "REFUSED": ({HOST: REFUSED}, "dns.servfail", "REFUSED"),
    "alias of itself": ({HOST: {"CNAME": [f"{HOST}."]}}, "dns.servfail", "chain"),
    "loop of two": (chain(1, {"CNAME": [f"{HOST}."]}), "dns.servfail", "chain"),
    "chain too long": (chain(18, {"A": [V4]}), "dns.servfail", "chain"),
    "dangling alias": ({HOST: {"CNAME": ["gone.test."]}}, "dns.nxdomain", "NXDOMAIN"),
    "alias of a name without address": (
        chain(1, {"TXT": ["x"]}),
        "dns.no_address",
        "no A",
    ),
    "SERVFAIL for one family, nothing for the other": (
        {HOST: {"A": SERVFAIL}},
        "dns.servfail",
        "SERVFAIL",
    ),
}


@pytest.mark.parametrize("name", BAD)
async def test_names_that_lead_nowhere(
    name: str, knowledge: Knowledge, ca_file: Path, zone: ServeZone
) -> None:
    """Each fact keeps its code, and the words of the name server are in the evidence."""
    names, code, said = BAD[name]
    found = await checked(
        f"{HOST}:587", knowledge=knowledge, ca_file=ca_file, resolvers=(zone(names).address,)
    )

    assert verdict(found) == code
    assert found["exit"] == 1
    assert codes(found) == {code}
    assert said in finding(found, code)["evidence"]["said"]
    (row,) = found["stages"]
    assert (row["name"], row["status"], row["detail"]["code"]) == ("dns", "failed", code)
    assert row["address"] is None


@pytest.mark.parametrize("outcome", [SILENCE, GARBAGE])
async def test_no_readable_answer(
    outcome: Outcome, knowledge: Knowledge, ca_file: Path, zone: ServeZone
) -> None:
    """Silence and garbage are the same to whoever waits."""
    found = await checked(
        f"{HOST}:587",
        knowledge=knowledge,
        ca_file=ca_file,
        resolvers=(zone({HOST: outcome}).address,),
        deadline=SHORT,
    )

    assert verdict(found) == "dns.timeout"
    assert [row["status"] for row in found["stages"]] == ["failed"]


@pytest.mark.parametrize(
    ("ede", "reason"),
    [(6, "DNSSEC Bogus"), (7, "Signature Expired"), (22, "No Reachable Authority")],
)
async def test_the_reason_of_a_servfail_is_in_the_evidence(
    ede: int, reason: str, knowledge: Knowledge, ca_file: Path
) -> None:
    """RFC 8914: what the resolver says beyond SERVFAIL is for whoever can repair it."""
    with DnsServer({HOST: SERVFAIL}, servfail_reason="our words", servfail_code=ede) as names:
        found = await checked(
            f"{HOST}:587", knowledge=knowledge, ca_file=ca_file, resolvers=(names.address,)
        )

    assert verdict(found) == "dns.servfail"
    said = finding(found, "dns.servfail")["evidence"]["said"]
    assert f"EDE {ede} ({reason})" in said
    assert "our words" in said


@pytest.fixture
def server(fault_server: ServeScript, ca: Authority, tmp_path: Path) -> FaultServer:
    """A healthy server for the names of this file, on IPv4."""
    return fault_server(smtp_starttls(context_of(ca, tmp_path)))


def context_of(ca: Authority, folder: Path) -> ssl.SSLContext:
    """A certificate for the names of this file."""
    return ca.leaf(Wish(names=(HOST, IDN, "localhost", V4))).context(folder)


GOOD: dict[str, tuple[Zone, str]] = {
    "IPv4 alone": ({HOST: {"A": [V4]}}, HOST),
    "a chain of aliases": (chain(12, {"A": [V4]}), HOST),
    "an alias of something below it": (
        {HOST: {"CNAME": [f"a.{HOST}."]}, f"a.{HOST}": {"A": [V4]}},
        HOST,
    ),
    "a cut answer": ({HOST: {"A": [V4], TRUNCATED: ["yes"]}}, HOST),
    "a final dot": ({HOST: {"A": [V4]}}, f"{HOST}."),
    "capitals": ({HOST: {"A": [V4]}}, HOST.upper()),
    "a null MX beside an address": ({HOST: {"A": [V4], "MX": ["0 ."]}}, HOST),
    "a name in its own script": ({IDN: {"A": [V4]}}, "mail.bücher.test"),
    "a name as DNS has it": ({IDN: {"A": [V4]}}, IDN),
    "an address": ({}, V4),
}


@pytest.mark.parametrize("name", GOOD)
async def test_names_that_lead_to_a_server(
    name: str, knowledge: Knowledge, ca_file: Path, zone: ServeZone, server: FaultServer
) -> None:
    """The look-up is a row with its addresses, and the rest of the check decides."""
    names, typed = GOOD[name]
    found = await checked(
        f"{typed}:{server.port}",
        knowledge=knowledge,
        ca_file=ca_file,
        resolvers=(zone(names).address,),
    )

    assert verdict(found) == "ok", found["findings"]
    assert codes(found) == {"ok"}
    (row,) = rows(found, "dns")
    assert row["detail"]["addresses"] == [V4]
    assert found["target"]["host"].isascii()


async def test_ipv6_alone(
    knowledge: Knowledge,
    ca_file: Path,
    zone: ServeZone,
    fault_server: ServeScript,
    ca: Authority,
    tmp_path: Path,
) -> None:
    """A server that has no IPv4 is a server."""
    server = fault_server(smtp_starttls(context_of(ca, tmp_path)), host="::1")
    found = await checked(
        f"{HOST}:{server.port}",
        knowledge=knowledge,
        ca_file=ca_file,
        resolvers=(zone({HOST: {"AAAA": ["::1"]}}).address,),
    )

    assert (verdict(found), codes(found)) == ("ok", {"ok"})
    assert rows(found, "dns")[0]["detail"]["addresses"] == ["::1"]


@pytest.mark.parametrize(
    ("outcome", "code"),
    [(SILENCE, "dns.timeout"), (SERVFAIL, "dns.servfail"), (REFUSED, "dns.servfail")],
)
async def test_one_family_cannot_be_asked_for(
    outcome: Outcome,
    code: str,
    knowledge: Knowledge,
    ca_file: Path,
    zone: ServeZone,
    server: FaultServer,
) -> None:
    """The rest gives the verdict; that AAAA fails is a warning among the findings."""
    found = await checked(
        f"{HOST}:{server.port}",
        knowledge=knowledge,
        ca_file=ca_file,
        resolvers=(zone({HOST: {"A": [V4], "AAAA": outcome}}).address,),
        deadline=timedelta(seconds=2),
    )

    assert (verdict(found), found["exit"]) == ("ok", 0)
    assert codes(found) == {"ok", code}
    assert finding(found, code)["severity"] == "warning"
    assert rows(found, "dns")[0]["detail"]["failures"] == {"AAAA": code}


@pytest.mark.parametrize(
    "records",
    [
        {"A": ["10.0.0.1"]},
        {"A": [V4, "192.168.1.1"]},
        {"A": [V4], "AAAA": ["fe80::1"]},
        {"A": ["169.254.169.254"]},
        {"AAAA": ["::ffff:10.0.0.1"]},
        {"A": ["100.64.0.1"]},
        {"CNAME": ["inside.example.test."]},
    ],
)
async def test_private_answers(
    records: dict[str, Records],
    knowledge: Knowledge,
    ca_file: Path,
    zone: ServeZone,
    server: FaultServer,
) -> None:
    """One address that may not be dialled, and nothing of the name is."""
    names: Zone = {HOST: records, "inside.example.test": {"A": ["10.1.2.3"]}}
    found = await checked(
        f"{HOST}:{server.port}",
        knowledge=knowledge,
        ca_file=ca_file,
        resolvers=(zone(names).address,),
    )

    assert (verdict(found), found["exit"]) == ("policy.address_not_allowed", 2)
    assert {row["name"] for row in found["stages"]} == {"dns"}
    assert server.connections == 0


async def test_localhost_is_both_loopbacks(
    knowledge: Knowledge, ca_file: Path, zone: ServeZone, server: FaultServer
) -> None:
    """No question is asked, and both addresses are looked at: here IPv6 has nobody."""
    names = zone({})
    found = await checked(
        f"localhost:{server.port}",
        knowledge=knowledge,
        ca_file=ca_file,
        resolvers=(names.address,),
    )

    assert verdict(found) == "tcp.partial"
    assert rows(found, "dns")[0]["detail"]["addresses"] == [V4, "::1"]
    assert not names.queries


class Liar:
    """A name server that answers with `lies` first and then with the truth, on UDP."""

    def __init__(self, lies: Callable[[dns.message.Message], list[bytes]]) -> None:
        self._lies = lies
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((V4, 0))
        self.address: tuple[str, int] = self._socket.getsockname()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.sendto(b"", self.address)
        self._thread.join(timeout=5)
        self._socket.close()

    def _serve(self) -> None:
        while True:
            wire, client = self._socket.recvfrom(4096)
            if not wire:
                return
            query = dns.message.from_wire(wire)
            for answer in (*self._lies(query), answer_to(query, V4).to_wire()):
                self._socket.sendto(answer, client)


def answer_to(query: dns.message.Message, address: str) -> dns.message.Message:
    """An answer that has an A record, and nothing for other types."""
    response = dns.message.make_response(query)
    question = query.question[0]
    if question.rdtype == dns.rdatatype.A:
        response.answer.append(dns.rrset.from_text(question.name, 60, "IN", "A", address))
    return response


def another_id(query: dns.message.Message) -> list[bytes]:
    """Right but for its number: somebody guesses."""
    wire = answer_to(query, "127.6.6.6").to_wire()
    return [struct.pack("!H", query.id ^ 1) + wire[2:]]


def another_question(query: dns.message.Message) -> list[bytes]:
    """The answer to something that was not asked."""
    other = dns.message.make_query("evil.example.test", query.question[0].rdtype)
    other.id = query.id
    return [answer_to(other, "127.6.6.6").to_wire()]


def a_query(query: dns.message.Message) -> list[bytes]:
    """Our own question, sent back."""
    return [query.to_wire()]


def noise(_: dns.message.Message) -> list[bytes]:
    """Bytes that are no message."""
    return [b"\x00", b"\xff" * 600]


@pytest.mark.parametrize("lies", [another_id, another_question, a_query, noise])
async def test_answers_that_nobody_asked_for_are_not_listened_to(
    lies: Callable[[dns.message.Message], list[bytes]],
    knowledge: Knowledge,
    ca_file: Path,
    server: FaultServer,
) -> None:
    """Only an answer to our question counts, however early another one comes."""
    with Liar(lies) as names:
        found = await checked(
            f"{HOST}:{server.port}",
            knowledge=knowledge,
            ca_file=ca_file,
            resolvers=(names.address,),
        )

    assert verdict(found) == "ok"
    assert rows(found, "dns")[0]["detail"]["addresses"] == [V4]


class Lazy(Liar):
    """A name server that gives an alias and leaves it to us to follow it."""

    def __init__(self, aliases: dict[str, str]) -> None:
        super().__init__(lambda _: [])
        self._aliases = aliases

    def _serve(self) -> None:
        while True:
            wire, client = self._socket.recvfrom(4096)
            if not wire:
                return
            query = dns.message.from_wire(wire)
            name = query.question[0].name.to_text(omit_final_dot=True)
            response = answer_to(query, V4)
            if name in self._aliases:
                owner = query.question[0].name
                alias = dns.rrset.from_text(owner, 60, "IN", "CNAME", f"{self._aliases[name]}.")
                response.answer[:] = [alias]
            if name.startswith("gone"):
                response.answer.clear()
                response.set_rcode(dns.rcode.NXDOMAIN)
            self._socket.sendto(response.to_wire(), client)


@pytest.mark.parametrize(
    ("aliases", "code"),
    [
        ({HOST: "b.example.test", "b.example.test": "c.example.test"}, "ok"),
        ({HOST: "gone.example.test"}, "dns.nxdomain"),
        ({HOST: "b.example.test", "b.example.test": HOST}, "dns.servfail"),
        ({HOST: "0.test"} | {f"{n}.test": f"{n + 1}.test" for n in range(40)}, "dns.servfail"),
    ],
)
async def test_aliases_that_the_name_server_does_not_follow(
    aliases: dict[str, str], code: str, knowledge: Knowledge, ca_file: Path, server: FaultServer
) -> None:
    """They are followed here, and an end in nothing or in a circle is told as such."""
    with Lazy(aliases) as names:
        found = await checked(
            f"{HOST}:{server.port}",
            knowledge=knowledge,
            ca_file=ca_file,
            resolvers=(names.address,),
        )

    assert verdict(found) == code
