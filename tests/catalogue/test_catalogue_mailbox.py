"""A mail address in place of a server: its settings are found, and the best one is checked."""

import ssl
from dataclasses import replace
from pathlib import Path

import pytest
from catalogue_bench import Document, checked, codes, rows, verdict
from servers.dnsserver import NXDOMAIN, REFUSED, SERVFAIL, SILENCE, Outcome, Records, ServeZone
from servers.faultserver import FaultServer, ServeScript
from servers.pki import Authority, Wish
from servers.scripts import smtp_starttls, smtp_tls

from bot.diagnosis.plan import Alternative
from bot.knowledge.directory import directory_of
from bot.knowledge.schema import Knowledge, ProviderServer
from bot.model.target import Security

V4 = "127.0.0.1"
ADDRESS = "rosa@example.test"
DOMAIN = "example.test"
CLOSED = 1024  # a port where nobody listens

Zone = dict[str, dict[str, Records] | Outcome]


class Scene:
    """Names that a test decides, and a check of a mail address among them."""

    def __init__(self, knowledge: Knowledge, ca_file: Path, zone: ServeZone) -> None:
        self.knowledge = knowledge
        self._ca_file = ca_file
        self._zone = zone
        self.names: Zone = {}

    async def check(
        self, address: str = ADDRESS, *, alternatives: tuple[Alternative, ...] = ()
    ) -> Document:
        """A whole check."""
        names = self._zone(self.names)
        return await checked(
            address,
            knowledge=self.knowledge,
            ca_file=self._ca_file,
            resolvers=(names.address,),
            alternatives=alternatives or ((CLOSED, Security.STARTTLS),),
        )


@pytest.fixture
def scene(knowledge: Knowledge, ca_file: Path, zone: ServeZone) -> Scene:
    """The shipped knowledge, and names that a test decides."""
    return Scene(knowledge, ca_file, zone)


@pytest.fixture(scope="session")
def context(ca: Authority, tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """A certificate for the names of this file."""
    names = (DOMAIN, f"*.{DOMAIN}", "smtp.gmail.com", "smtp.xn--bcher-kva.test")
    return ca.leaf(Wish(names=names)).context(tmp_path_factory.mktemp("mailbox"))


def srv(server: FaultServer | int, host: str = f"submit.{DOMAIN}", rank: int = 0) -> str:
    """An SRV record."""
    port = server if isinstance(server, int) else server.port
    return f"{rank} 1 {port} {host}."


def outgoing(document: Document) -> list[tuple[str, int, str, bool]]:
    """The rows of `settings.outgoing` in short."""
    return [
        (row["host"], row["port"], row["security"], row["checked"])
        for row in document["settings"]["outgoing"]
    ]


async def test_srv_names_the_servers(
    scene: Scene, fault_server: ServeScript, context: ssl.SSLContext
) -> None:
    """Encryption from the start is preferred (RFC 8314); only what was tried is called checked."""
    tls, starttls = fault_server(smtp_tls(context)), fault_server(smtp_starttls(context))
    scene.names = {
        DOMAIN: {"MX": [f"10 mx.{DOMAIN}."]},
        f"_submissions._tcp.{DOMAIN}": {"SRV": [srv(tls)]},
        f"_submission._tcp.{DOMAIN}": {"SRV": [srv(starttls)]},
        f"_imaps._tcp.{DOMAIN}": {"SRV": [srv(993, f"imap.{DOMAIN}")]},
        f"_pop3s._tcp.{DOMAIN}": {"SRV": ["0 0 0 ."]},
        f"submit.{DOMAIN}": {"A": [V4]},
    }

    found = await scene.check()

    assert (verdict(found), found["exit"]) == ("ok", 0)
    assert found["target"] == {
        "host": f"submit.{DOMAIN}",
        "port": tls.port,
        "security": "tls",
        "protocol": "smtp",
        "stated": ADDRESS,
    }
    assert (found["settings"]["provider"], found["settings"]["source"]) == (None, "srv")
    assert outgoing(found) == [
        (f"submit.{DOMAIN}", tls.port, "tls", True),
        (f"submit.{DOMAIN}", starttls.port, "starttls", False),
    ]
    assert found["settings"]["outgoing"][0]["auth"] == ["password"]
    (fetching,) = found["settings"]["incoming"]
    assert (fetching["host"], fetching["port"]) == (f"imap.{DOMAIN}", 993)
    assert (fetching["security"], fetching["protocol"]) == ("tls", "imap")
    assert fetching["checked"] is False
    assert {row["status"] for row in rows(found, "discover")} == {"ok"}
    assert starttls.connections == 0


async def test_srv_order_is_that_of_the_domain(
    scene: Scene, fault_server: ServeScript, context: ssl.SSLContext
) -> None:
    """The lowest priority goes first; where it is dead the next one is the target."""
    good = fault_server(smtp_starttls(context))
    scene.names = {
        DOMAIN: {"MX": ["0 ."]},
        f"_submission._tcp.{DOMAIN}": {
            "SRV": [srv(good, f"b.{DOMAIN}", 20), srv(CLOSED, f"a.{DOMAIN}", 10)]
        },
        f"a.{DOMAIN}": {"A": [V4]},
        f"b.{DOMAIN}": {"A": [V4]},
    }

    found = await scene.check()

    assert verdict(found) == "ok"
    assert found["target"]["host"] == f"b.{DOMAIN}"
    assert outgoing(found) == [
        (f"a.{DOMAIN}", CLOSED, "starttls", False),
        (f"b.{DOMAIN}", good.port, "starttls", True),
    ]
    failed = rows(found, "tcp", "failed")
    assert [row["detail"]["host"] for row in failed] == [f"a.{DOMAIN}"]


async def test_srv_that_leads_to_a_dead_server(scene: Scene) -> None:
    """What the domain names is the target, works or not."""
    scene.names = {
        DOMAIN: {"MX": [f"10 mx.{DOMAIN}."]},
        f"_submissions._tcp.{DOMAIN}": {"SRV": [srv(CLOSED)]},
        f"submit.{DOMAIN}": {"A": [V4]},
    }

    found = await scene.check()

    assert verdict(found) == "tcp.refused"
    assert found["target"]["host"] == f"submit.{DOMAIN}"
    assert found["suggested"] is None
    assert outgoing(found) == [(f"submit.{DOMAIN}", CLOSED, "tls", False)]


@pytest.mark.parametrize(
    ("record", "code"),
    [
        (srv(587, "inside.example.test"), "policy.address_not_allowed"),
        (srv(587, "localhost.example.test"), "policy.address_not_allowed"),
        (srv(22), "policy.port_not_allowed"),
    ],
)
async def test_srv_that_leads_where_nobody_may_go(scene: Scene, record: str, code: str) -> None:
    """Private targets and foreign ports are refused, whoever names them."""
    scene.names = {
        DOMAIN: {"MX": [f"10 mx.{DOMAIN}."]},
        f"_submission._tcp.{DOMAIN}": {"SRV": [record]},
        "inside.example.test": {"A": ["10.0.0.1"]},
        "localhost.example.test": {"AAAA": ["::ffff:127.0.0.1"], "A": ["169.254.169.254"]},
        f"submit.{DOMAIN}": {"A": [V4]},
    }

    found = await scene.check()

    assert (verdict(found), found["exit"]) == (code, 2)
    assert not rows(found, "tcp", "ok")


@pytest.mark.parametrize(
    "target", ["127.0.0.1.", "2130706433.", "0x7f000001.", r"a\000b.example.test.", r"a\.b@c.test."]
)
async def test_srv_target_that_is_no_host_name(scene: Scene, target: str) -> None:
    """Numbers, control characters and signs make no name that anything is asked about."""
    scene.names = {
        DOMAIN: {"MX": [f"10 mx.{DOMAIN}."], "A": [V4]},
        f"mx.{DOMAIN}": {"A": [V4]},
        f"_submission._tcp.{DOMAIN}": {"SRV": [f"0 1 587 {target}"]},
    }

    found = await scene.check()

    assert verdict(found) == "unknown"
    assert found["settings"] is None
    (asked,) = (
        row for row in rows(found, "discover") if row["detail"]["service"] == "_submission._tcp"
    )
    assert asked["detail"]["servers"] == []


async def test_mx_leads_to_the_provider(
    scene: Scene, fault_server: ServeScript, context: ssl.SSLContext
) -> None:
    """Who takes the mail in is known, and so are the settings for sending."""
    server = fault_server(smtp_tls(context))
    gmail = scene.knowledge.providers["gmail"]
    own = ProviderServer(
        host="smtp.gmail.com", port=server.port, security=Security.TLS, auth=("oauth2",)
    )
    known = {**scene.knowledge.providers, "gmail": replace(gmail, outgoing=(own,))}
    scene.knowledge = replace(scene.knowledge, providers=known)
    scene.names = {
        DOMAIN: {"MX": ["10 alt1.aspmx.l.google.com.", "5 aspmx.l.google.com."]},
        "smtp.gmail.com": {"A": [V4]},
    }

    found = await scene.check()

    assert verdict(found) == "ok"
    assert (found["settings"]["provider"], found["settings"]["source"]) == ("gmail", "mx")
    assert outgoing(found) == [("smtp.gmail.com", server.port, "tls", True)]
    assert found["settings"]["incoming"]


async def test_directory_knows_the_domain(
    scene: Scene, fault_server: ServeScript, context: ssl.SSLContext
) -> None:
    """A provider's own domain: nothing is looked for, and each setting that was tried is marked."""
    gmail = directory_of(scene.knowledge).by_domain("gmail.com")
    assert gmail is not None
    server = fault_server(smtp_starttls(context))
    ports = ((CLOSED, Security.TLS), (server.port, Security.STARTTLS))
    own = tuple(
        ProviderServer(host="smtp.gmail.com", port=port, security=security, auth=("oauth2",))
        for port, security in ports
    )
    known = {**scene.knowledge.providers, "gmail": replace(gmail, outgoing=own)}
    scene.knowledge = replace(scene.knowledge, providers=known)
    scene.names = {"smtp.gmail.com": {"A": [V4]}}

    found = await scene.check("rosa@gmail.com")

    assert verdict(found) == "ok"
    assert (found["target"]["port"], found["target"]["stated"]) == (server.port, "rosa@gmail.com")
    assert found["settings"]["source"] == "directory"
    assert [checked for *_, checked in outgoing(found)] == [False, True]
    assert not rows(found, "discover")


@pytest.mark.parametrize("first", ["smtp", "mail", ""])
async def test_usual_names_are_tried(
    scene: Scene, fault_server: ServeScript, context: ssl.SSLContext, first: str
) -> None:
    """Where nobody says anything the usual names are asked, and only what works is offered."""
    tls, starttls = fault_server(smtp_tls(context)), fault_server(smtp_starttls(context))
    host = f"{first}.{DOMAIN}".removeprefix(".")
    scene.names = {DOMAIN: {"MX": [f"10 mx.{DOMAIN}."]}, host: {"A": [V4]}}

    found = await scene.check(
        alternatives=((starttls.port, Security.STARTTLS), (tls.port, Security.TLS))
    )

    assert verdict(found) == "ok"
    assert found["settings"]["source"] == "guess"
    assert outgoing(found) == [(host, tls.port, "tls", True)]


async def test_host_of_the_mx_is_tried_last(
    scene: Scene, fault_server: ServeScript, context: ssl.SSLContext
) -> None:
    """A small domain sends through the machine that takes its mail in, here behind an alias."""
    server = fault_server(smtp_starttls(context))
    scene.names = {
        DOMAIN: {"MX": [f"10 box.{DOMAIN}."]},
        f"box.{DOMAIN}": {"CNAME": ["machine.example.test."]},
        "machine.example.test": {"A": [V4]},
    }

    found = await scene.check(alternatives=((server.port, Security.STARTTLS),))

    assert verdict(found) == "ok"
    assert found["settings"]["source"] == "mx"
    assert outgoing(found) == [(f"box.{DOMAIN}", server.port, "starttls", True)]


async def test_usual_name_with_a_fault(
    scene: Scene, fault_server: ServeScript, good_context: ssl.SSLContext
) -> None:
    """A mail server answers under the usual name, and what is wrong with it is the verdict."""
    server = fault_server(smtp_starttls(good_context))
    scene.names = {DOMAIN: {"MX": [f"10 mx.{DOMAIN}."]}, f"smtp.{DOMAIN}": {"A": [V4]}}

    found = await scene.check(alternatives=((server.port, Security.STARTTLS),))

    assert verdict(found) == "cert.name_mismatch"
    assert found["target"]["host"] == f"smtp.{DOMAIN}"
    assert outgoing(found) == [(f"smtp.{DOMAIN}", server.port, "starttls", False)]


NOTHING: dict[str, tuple[Zone, str]] = {
    "no such domain": ({}, "dns.nxdomain"),
    "null MX": ({DOMAIN: {"MX": ["0 ."], "A": [V4]}}, "dns.no_address"),
    "neither MX nor address": ({DOMAIN: {"TXT": ["x"]}}, "dns.no_address"),
    "MX is an address": ({DOMAIN: {"MX": ["10 192.0.2.1."]}}, "dns.no_address"),
    "MX without an address": (
        {DOMAIN: {"MX": [f"10 mx.{DOMAIN}."]}, f"mx.{DOMAIN}": {"TXT": ["x"]}},
        "dns.no_address",
    ),
    "MX does not exist": ({DOMAIN: {"MX": ["10 gone.test."]}}, "dns.no_address"),
    "MX is an alias of nothing": (
        {DOMAIN: {"MX": [f"10 mx.{DOMAIN}."]}, f"mx.{DOMAIN}": {"CNAME": ["gone.test."]}},
        "dns.no_address",
    ),
    "one of two MX exists": (
        {DOMAIN: {"MX": ["5 gone.test.", f"10 mx.{DOMAIN}."]}, f"mx.{DOMAIN}": {"A": [V4]}},
        "unknown",
    ),
    "SERVFAIL": ({DOMAIN: SERVFAIL}, "dns.servfail"),
    "REFUSED": ({DOMAIN: REFUSED}, "dns.servfail"),
    "no sending offered": (
        {
            DOMAIN: {"MX": [f"10 mx.{DOMAIN}."], "A": [V4]},
            f"_submission._tcp.{DOMAIN}": {"SRV": ["0 0 0 ."]},
            f"_submissions._tcp.{DOMAIN}": {"SRV": ["0 0 0 ."]},
            f"mx.{DOMAIN}": {"A": [V4]},
        },
        "unknown",
    ),
    "inside": ({DOMAIN: {"A": ["10.0.0.1"]}}, "policy.address_not_allowed"),
    "inside and gone": (
        {DOMAIN: NXDOMAIN, f"smtp.{DOMAIN}": {"A": ["10.0.0.1"]}},
        "dns.nxdomain",
    ),
}


@pytest.mark.parametrize("name", NOTHING)
async def test_nothing_is_found(scene: Scene, name: str) -> None:
    """The verdict is what DNS says of the domain; where it says nothing, nobody knows."""
    scene.names, code = NOTHING[name]

    found = await scene.check()

    assert verdict(found) == code
    assert code in codes(found)
    assert found["settings"] is None
    assert found["suggested"] is None
    assert (found["target"]["host"], found["target"]["stated"]) == (DOMAIN, ADDRESS)
    assert found["exit"] == (2 if code.startswith("policy") else 1)
    assert len(rows(found, "discover")) == 7


async def test_silent_srv_does_not_hold_up_the_rest(
    scene: Scene, fault_server: ServeScript, context: ssl.SSLContext
) -> None:
    """Some name servers never answer a question for SRV: a warning in the rows, and no more."""
    server = fault_server(smtp_starttls(context))
    scene.names = {
        DOMAIN: {"MX": [f"10 mx.{DOMAIN}."]},
        f"_submissions._tcp.{DOMAIN}": {"SRV": SILENCE},
        f"smtp.{DOMAIN}": {"A": [V4]},
    }

    found = await scene.check(alternatives=((server.port, Security.STARTTLS),))

    assert verdict(found) == "ok"
    (failed,) = rows(found, "discover", "failed")
    assert failed["detail"]["code"] == "dns.timeout"


async def test_international_domain(
    scene: Scene, fault_server: ServeScript, context: ssl.SSLContext
) -> None:
    """An address in another script is asked for in the spelling of DNS."""
    server = fault_server(smtp_tls(context))
    scene.names = {
        "xn--bcher-kva.test": {"MX": ["10 mx.xn--bcher-kva.test."]},
        "smtp.xn--bcher-kva.test": {"A": [V4]},
    }

    found = await scene.check("rosa@bücher.test", alternatives=((server.port, Security.TLS),))

    assert verdict(found) == "ok"
    assert found["target"]["host"] == "smtp.xn--bcher-kva.test"
    assert found["target"]["stated"] == "rosa@bücher.test"
