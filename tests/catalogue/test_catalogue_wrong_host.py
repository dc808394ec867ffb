"""A mistyped mail host: the real one is looked up, checked in the same run, and suggested."""

import ssl
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from catalogue_bench import Document, checked, codes, finding, rows, verdict
from servers.dnsserver import NXDOMAIN, SERVFAIL, Outcome, Records, ServeZone
from servers.faultserver import FaultServer, ServeScript
from servers.pki import Authority, Wish
from servers.scripts import SILENT, imap_starttls, smtp_starttls, smtp_tls
from servers.vantage import loopback_settings
from voices import OpenDesk, Voice

from bot.desk.clock import SystemClock
from bot.desk.codec import dump_session, load_session
from bot.desk.incoming import Incoming
from bot.diagnosis.plan import Alternative
from bot.knowledge.directory import directory_of
from bot.knowledge.schema import Knowledge, Provider, ProviderServer
from bot.model.case import State, ThreadKey
from bot.model.codes import Code
from bot.model.target import Security, Setting
from bot.probes.prober import NetworkProber
from bot.store.casebook import SqliteCasebook

REAL = "smtp.gmail.com"
SLIP = "smtp.gmial.com"
V4 = "127.0.0.1"
THREAD = ThreadKey("t1")
Zone = dict[str, dict[str, Records] | Outcome]


@pytest.fixture(scope="session")
def real_context(ca: Authority, tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """A certificate for the servers of the provider."""
    names = (REAL, "imap.gmail.com", "smtp.mail.yahoo.com")
    return ca.leaf(Wish(names=names)).context(tmp_path_factory.mktemp("real"))


class Scene:
    """A provider on loopback: its servers' ports stand in the knowledge as if they were its own."""

    def __init__(self, knowledge: Knowledge, ca_file: Path, zone: ServeZone) -> None:
        self._knowledge = knowledge
        self._ca_file = ca_file
        self._zone = zone
        self.names: Zone = {REAL: {"A": [V4]}}

    @property
    def knowledge(self) -> Knowledge:
        """What the bot knows in this scene."""
        return self._knowledge

    def resolver(self) -> tuple[str, int]:
        """A name server with the names of this scene."""
        return self._zone(self.names).address

    def teach(self, server: FaultServer, security: Security, host: str = REAL) -> None:
        """Puts a server into the knowledge, as the only one of its provider for sending."""
        provider = directory_of(self._knowledge).by_host(host)
        assert provider is not None
        own = ProviderServer(host=host, port=server.port, security=security, auth=("password",))
        self._replace(provider, replace(provider, outgoing=(own,)))

    def teach_imap(self, server: FaultServer) -> None:
        """The same for fetching."""
        provider = self._knowledge.providers["gmail"]
        own = replace(provider.incoming[0], port=server.port, security=Security.STARTTLS)
        self._replace(provider, replace(provider, incoming=(own,)))

    def _replace(self, old: Provider, new: Provider) -> None:
        providers = {**self._knowledge.providers, old.id: new}
        self._knowledge = replace(self._knowledge, providers=providers)

    async def check(
        self, target: str, *, alternatives: tuple[Alternative, ...] = (), **options: object
    ) -> Document:
        """A whole check."""
        names = self._zone(self.names)
        return await checked(
            target,
            knowledge=self._knowledge,
            ca_file=self._ca_file,
            resolvers=(names.address,),
            alternatives=alternatives or ((1, Security.STARTTLS),),
            **options,  # type: ignore[arg-type]
        )


@pytest.fixture
def scene(knowledge: Knowledge, ca_file: Path, zone: ServeZone) -> Scene:
    """The shipped knowledge, and names that a test decides."""
    return Scene(knowledge, ca_file, zone)


def suggested(host: str, port: int, security: str) -> Document:
    """A suggestion, as documents have it."""
    return {"host": host, "port": port, "security": security}


@pytest.mark.parametrize(
    ("entry", "code"),
    [(NXDOMAIN, "dns.nxdomain"), ({"MX": ["0 ."]}, "dns.no_address"), (SERVFAIL, "dns.servfail")],
)
async def test_slip_that_leads_nowhere(
    scene: Scene,
    fault_server: ServeScript,
    real_context: ssl.SSLContext,
    entry: dict[str, Records] | Outcome,
    code: str,
) -> None:
    """The real server is suggested, checked; what DNS said stays among the findings."""
    server = fault_server(smtp_starttls(real_context))
    scene.teach(server, Security.STARTTLS)
    scene.names[SLIP] = entry

    found = await scene.check(f"{SLIP}:{server.port}")

    assert verdict(found) == "settings.wrong_host"
    assert found["exit"] == 1
    assert codes(found) == {"settings.wrong_host", code}
    assert found["suggested"] == suggested(REAL, server.port, "starttls")
    assert found["target"]["host"] == SLIP
    assert REAL in found["verdict"]["summary"]
    assert [row["detail"].get("host") for row in rows(found, "dns")] == [None, REAL]
    assert {row["detail"]["host"] for row in rows(found, "tcp")} == {REAL}


@pytest.mark.parametrize(
    ("typed", "real"),
    [
        ("smpt.gmail.com", REAL),
        ("smtp.gmail.co", REAL),
        ("smtp.gmali.com", REAL),
        ("smtpgmail.com", REAL),
        ("mail.gmial.com", REAL),
        ("mail.gmail.com", REAL),
        ("smtp.yaho.com", "smtp.mail.yahoo.com"),
        ("imap.gmial.com", REAL),
    ],
)
async def test_slips_of_all_kinds(
    scene: Scene,
    fault_server: ServeScript,
    real_context: ssl.SSLContext,
    typed: str,
    real: str,
) -> None:
    """In the name, in the domain, in the first word: whoever is meant is found."""
    server = fault_server(smtp_tls(real_context))
    scene.teach(server, Security.TLS, real)
    scene.names[real] = {"A": [V4]}

    found = await scene.check(f"{typed}:{server.port}")

    assert verdict(found) == "settings.wrong_host"
    assert found["suggested"] == suggested(real, server.port, "tls")


async def test_every_provider_is_known_by_its_slips(knowledge: Knowledge) -> None:
    """Swapping two letters of any server of any provider leads back to that provider."""
    directory = directory_of(knowledge)
    for server in directory.servers:
        first, _, rest = server.rpartition(".")
        swapped = f"{first[:-2]}{first[-1]}{first[-2]}.{rest}"
        if swapped != server:
            meant = directory.meant_by(swapped)
            assert meant is not None, swapped
            assert server in meant.hosts


async def test_own_setting_where_the_stated_one_does_not_work_there(
    scene: Scene, fault_server: ServeScript, real_context: ssl.SSLContext
) -> None:
    """The stated port is tried first; where it is dead at the provider, its own is suggested."""
    server = fault_server(smtp_tls(real_context))
    scene.teach(server, Security.TLS)

    found = await scene.check(f"{SLIP}:2525")

    assert verdict(found) == "settings.wrong_host"
    assert found["suggested"] == suggested(REAL, server.port, "tls")
    assert {row["port"] for row in rows(found, "tcp")} == {2525, server.port}


async def test_slip_without_a_port(
    scene: Scene, fault_server: ServeScript, real_context: ssl.SSLContext
) -> None:
    """The provider's own port is the answer."""
    server = fault_server(smtp_tls(real_context))
    scene.teach(server, Security.TLS)

    found = await scene.check(SLIP)

    assert verdict(found) == "settings.wrong_host"
    assert found["suggested"] == suggested(REAL, server.port, "tls")


async def test_slip_that_leads_to_a_machine_without_mail(
    scene: Scene, fault_server: ServeScript, real_context: ssl.SSLContext
) -> None:
    """A parked name: somebody has the address, nobody listens, and the real server works."""
    server = fault_server(smtp_starttls(real_context))
    scene.teach(server, Security.STARTTLS)
    scene.names[SLIP] = {"A": ["127.0.0.2"]}  # the server listens on 127.0.0.1 alone

    found = await scene.check(f"{SLIP}:{server.port}")

    assert verdict(found) == "settings.wrong_host"
    assert "tcp.refused" in codes(found)
    assert found["suggested"] == suggested(REAL, server.port, "starttls")


async def test_slip_that_leads_to_somebody_else(
    scene: Scene,
    fault_server: ServeScript,
    real_context: ssl.SSLContext,
    good_context: ssl.SSLContext,
) -> None:
    """What answers has another name in its certificate, and the real server works."""
    other = fault_server(smtp_starttls(good_context), host="127.0.0.2")
    server = fault_server(smtp_starttls(real_context))
    scene.teach(server, Security.STARTTLS)
    scene.names[SLIP] = {"A": ["127.0.0.2"]}

    found = await scene.check(f"{SLIP}:{other.port}")

    assert verdict(found) == "settings.wrong_host"
    assert "cert.name_mismatch" in codes(found)
    assert found["suggested"] == suggested(REAL, server.port, "starttls")


async def test_name_that_looks_like_a_slip_and_works(
    scene: Scene, fault_server: ServeScript, ca: Authority, tmp_path: Path
) -> None:
    """Somebody may really have that name: it works, and the real one is not even asked for."""
    context = ca.leaf(Wish(names=(SLIP,))).context(tmp_path)
    server = fault_server(smtp_starttls(context))
    scene.names[SLIP] = {"A": [V4]}

    found = await scene.check(f"{SLIP}:{server.port}")

    assert verdict(found) == "ok"
    assert found["suggested"] is None
    assert len(rows(found, "dns")) == 1


async def test_slip_whose_other_port_works_is_no_slip(
    scene: Scene,
    fault_server: ServeScript,
    real_context: ssl.SSLContext,
    ca: Authority,
    tmp_path: Path,
) -> None:
    """A server of that very name works on another port: the port is wrong, not the name."""
    context = ca.leaf(Wish(names=(SLIP,))).context(tmp_path)
    other = fault_server(smtp_tls(context), host="127.0.0.2")
    server = fault_server(smtp_starttls(real_context))
    scene.teach(server, Security.STARTTLS)
    scene.names[SLIP] = {"A": ["127.0.0.2"]}

    found = await scene.check(f"{SLIP}:{server.port}", alternatives=((other.port, Security.TLS),))

    assert verdict(found) == "settings.wrong_port"
    assert found["suggested"] == suggested(SLIP, other.port, "tls")


@pytest.mark.parametrize("real", [NXDOMAIN, {"A": ["10.0.0.1"]}, {"A": ["127.0.0.3"]}])
async def test_real_server_that_does_not_work_is_not_suggested(
    scene: Scene,
    fault_server: ServeScript,
    real_context: ssl.SSLContext,
    real: dict[str, Records] | Outcome,
) -> None:
    """Unknown, private or dead: the bare fact is the verdict, and says who was meant perhaps."""
    server = fault_server(smtp_starttls(real_context))
    scene.teach(server, Security.STARTTLS)
    scene.names[REAL] = real

    found = await scene.check(f"{SLIP}:{server.port}")

    assert verdict(found) == "dns.nxdomain"
    assert found["suggested"] is None
    assert codes(found) == {"dns.nxdomain"}
    assert REAL in found["verdict"]["summary"]
    assert server.connections == 0


async def test_name_like_nobodys(scene: Scene) -> None:
    """A name that is near no server is simply not there, and nobody else is asked for."""
    found = await scene.check("smtp.example.test:587")

    assert verdict(found) == "dns.nxdomain"
    assert len(found["stages"]) == 1
    assert finding(found, "dns.nxdomain")["evidence"]["said"] == "NXDOMAIN"


async def test_private_slip_is_refused(scene: Scene) -> None:
    """A slip that leads to a private address is refused like any other, and nothing is dialled."""
    scene.names[SLIP] = {"A": ["10.0.0.1"]}

    found = await scene.check(f"{SLIP}:587")

    assert verdict(found) == "policy.address_not_allowed"
    assert found["exit"] == 2
    assert {row["name"] for row in found["stages"]} == {"dns"}


async def test_slip_in_the_name_of_a_fetching_server(
    scene: Scene, fault_server: ServeScript, real_context: ssl.SSLContext
) -> None:
    """Who asks for IMAP is shown the provider's IMAP server."""
    server = fault_server(imap_starttls(real_context))
    scene.teach_imap(server)
    scene.names["imap.gmail.com"] = {"A": [V4]}

    found = await scene.check("imap.gmial.com:143")

    assert verdict(found) == "settings.wrong_host"
    assert found["suggested"] == suggested("imap.gmail.com", server.port, "starttls")


async def test_no_more_than_three_connections_to_one_address(
    scene: Scene, fault_server: ServeScript
) -> None:
    """Slip and real server on one silent machine: the caps hold for all of it together."""
    server = fault_server(SILENT)
    scene.teach(server, Security.STARTTLS)
    scene.names[SLIP] = {"A": [V4]}
    others = tuple((fault_server(SILENT).port, Security.TLS) for _ in range(3))

    found = await scene.check(
        f"{SLIP}:{server.port}", alternatives=others, deadline=timedelta(seconds=2)
    )

    assert server.most_open <= 3
    assert server.connections <= 3
    assert found["suggested"] is None


@pytest.mark.parametrize("entry", [NXDOMAIN, {"A": ["127.0.0.2"]}])
async def test_talk_about_a_slip(
    scene: Scene,
    fault_server: ServeScript,
    real_context: ssl.SSLContext,
    ca_file: Path,
    tmp_path: Path,
    entry: dict[str, Records] | Outcome,
) -> None:
    """A complaint that names the slip is answered with the real server, checked, at once."""
    server = fault_server(smtp_starttls(real_context))
    scene.teach(server, Security.STARTTLS)
    scene.names[SLIP] = entry
    book = await SqliteCasebook.open(tmp_path / "cases.db")
    prober = NetworkProber(loopback_settings(ca_file=ca_file, resolvers=(scene.resolver(),)))
    voice = Voice()
    desk = OpenDesk(prober, scene.knowledge, voice, SystemClock())(book)
    text = f"can't send email, my outgoing server is {SLIP} port {server.port} with STARTTLS"

    await desk.hear(Incoming(event_id="e1", thread=THREAD, by="ana", text=text))
    await desk.settle(THREAD)
    session = await desk.session(THREAD)
    await desk.stop()
    await book.close()

    assert session is not None
    assert session.diagnosis is not None
    assert session.diagnosis.verdict.code is Code.SETTINGS_WRONG_HOST
    assert session.diagnosis.suggested == Setting(
        host=REAL, port=server.port, security=Security.STARTTLS
    )
    assert session.state is State.ADVISED
    assert f"server {REAL}, port {server.port}" in voice.words
    assert load_session(dump_session(session)).evidence == session.evidence
