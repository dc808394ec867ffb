"""The catalogue, *Certificate*: each over a real handshake, with all that is found at once."""

import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from catalogue_bench import Document, checked, codes, finding, rows, verdict
from catalogue_rows import assert_clean
from certificate_cases import CASES, FINE, HOST, STRICT, Case
from certificate_lab import Lab
from servers.dnsserver import DnsServer
from servers.faultserver import ServeScript, Step
from servers.pki import Identity
from servers.scripts import smtp_starttls, smtp_tls

from bot.knowledge.schema import Knowledge
from bot.model.target import Security

NAMES = (HOST, "a.mail.example.test", "example.test", "xn--mnchen-3ya.example.test")
_WARNINGS = {"ok", "cert.weak", "cert.expiring_soon", "cert.strict_rejected"}
_MODES: dict[Security, Callable[[ssl.SSLContext], tuple[Step, ...]]] = {
    Security.STARTTLS: smtp_starttls,
    Security.TLS: smtp_tls,
}


class Shop:
    """Makes the certificates of the cases, each once."""

    def __init__(self, folder: Path) -> None:
        self.lab = Lab.build()
        self.folder = folder
        self.anchors = self.lab.anchors(folder)
        self._made: dict[str, Identity] = {}

    def identity(self, case: Case) -> Identity:
        """What the server of a case shows."""
        if case.name not in self._made:
            self._made[case.name] = case.make(self.lab)
        return self._made[case.name]

    def context(self, case: Case) -> ssl.SSLContext:
        """The TLS context of the server of a case."""
        return self.identity(case).context(self.folder)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The authorities, and what they have issued."""
    return Shop(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def resolver() -> Iterator[DnsServer]:
    """A name server that knows every host of the cases."""
    with DnsServer({name: {"A": ["127.0.0.1"]} for name in NAMES}) as server:
        yield server


def named(cases: list[Case]) -> pytest.MarkDecorator:
    """Makes a test of each case."""
    return pytest.mark.parametrize("case", cases, ids=[case.name for case in cases])


@pytest.mark.parametrize("security", _MODES, ids=list(_MODES))
@named(CASES)
async def test_every_fault_of_a_certificate_is_found(
    case: Case,
    security: Security,
    shop: Shop,
    resolver: DnsServer,
    fault_server: ServeScript,
    knowledge: Knowledge,
) -> None:
    """The worst is the verdict, all are findings, and the sentences say when and whose."""
    server = fault_server(_MODES[security](shop.context(case)))

    found = await checked(
        f"{case.host}:{server.port}",
        security=security,
        knowledge=knowledge,
        ca_file=shop.anchors,
        resolvers=(resolver.address,),
    )

    _assert_case(case, found)
    assert server.connections <= 3


def _assert_case(case: Case, found: Document) -> None:
    assert (verdict(found), codes(found)) == (case.faults[0], {*case.faults})
    assert found["exit"] == (0 if case.faults[0] in _WARNINGS else 1)
    assert found["verdict"]["confidence"] == case.confidence
    own = finding(found, case.faults[0])
    assert own["summary"] == found["verdict"]["summary"]
    for words in case.says:
        assert words in own["summary"], own["summary"]
    assert case.evidence.items() <= own["evidence"].items(), own["evidence"]
    (row,) = (row for row in rows(found, "certificate") if row["port"] == found["target"]["port"])
    told = [fault for fault in row["detail"]["faults"] if fault != "ok"]
    assert list(dict.fromkeys(told)) == [fault for fault in case.faults if fault != "ok"]
    assert len(row["detail"]["names"]) <= 100
    assert {"names", "not_before", "not_after", "issuer", "faults"} <= row["detail"].keys()
    assert found["suggested"] is None
    assert_clean(found)


@named([*FINE, *STRICT])
def test_what_strict_programs_refuse_is_what_python_refuses(case: Case, shop: Shop) -> None:
    """A handshake with the checks of Python 3.13, and with those of Python 3.12."""
    host = case.host.encode("idna").decode()
    lenient, strict = (
        _refused(shop, case, host, ssl.VERIFY_X509_PARTIAL_CHAIN | flags)
        for flags in (ssl.VerifyFlags(0), ssl.VERIFY_X509_STRICT)
    )

    assert lenient == ("expired" if "cert.expired" in case.faults else "")
    assert (strict != lenient) is (case.refused_by == "python")


def _refused(shop: Shop, case: Case, host: str, flags: ssl.VerifyFlags) -> str:
    """Why a client with these flags breaks the handshake off; nothing if it does not."""
    context = ssl.create_default_context(cafile=str(shop.anchors))
    context.verify_flags = flags
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(to_client, to_server, server_hostname=host)
    server = shop.context(case).wrap_bio(to_server, to_client, server_side=True)
    for side in (client, server, client, server):
        try:
            side.do_handshake()
        except ssl.SSLCertVerificationError as error:
            return "expired" if error.verify_code == 10 else error.verify_message
        except ssl.SSLWantReadError:
            continue
    return ""
