"""Certificates: every fault alone, several at once, and what is no fault at all."""

import ssl
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from servers.faultserver import ServeScript
from servers.pki import Authority, Identity, Wish, expired, self_signed
from servers.scripts import smtp_starttls
from servers.vantage import HOST, attempt_at, look

from bot.model.codes import Code
from bot.model.evidence import Certificate, SignInOffer, Stage
from bot.probes.certificate import UnreadableError, inspect
from bot.probes.names import Names, matches
from bot.probes.prober import NetworkProber, ProberSettings
from bot.probes.trust import TrustStore

WRONG = Wish(names=("other.example.test",))
TOMORROW = Wish(start=timedelta(days=1, hours=1))
AIA = Wish(issuer_url="http://ca.example.test/issuing.cer")


@pytest.fixture(scope="module")
def trust(ca_file: Path) -> TrustStore:
    """The anchors of this system and those of the tests."""
    return TrustStore(ca_file)


def read(identity: Identity, trust: TrustStore, host: str = HOST) -> Certificate:
    """The certificate of `identity`, as if a server had shown it."""
    return inspect(identity.der, host, trust, datetime.now(UTC))


def codes(certificate: Certificate) -> list[Code]:
    """The faults in the order in which they are told."""
    return [fault.code for fault in certificate.faults]


def test_a_good_certificate_has_no_fault(ca: Authority, trust: TrustStore) -> None:
    """Names, dates and issuer are read, and which anchors were asked."""
    identity = ca.leaf(Wish(names=(HOST, "10.0.0.1"), common_name="ignored.example.test"))

    found = read(identity, trust)

    assert found.faults == ()
    assert found.names == (HOST, "10.0.0.1")
    assert found.subject == "CN=ignored.example.test,O=Example Mail"
    assert found.issuer == "CN=Example Trust Root,O=Example Trust"
    assert found.not_before < datetime.now(UTC) < found.not_after
    assert found.chain_length == 1
    assert found.trust_store.endswith("CA_FILE")


def test_an_intermediate_that_is_sent_is_used(ca: Authority, trust: TrustStore) -> None:
    """Leaf, issuing authority, trusted root: with or without the root, which need not be sent."""
    issuing = ca.intermediate("Example Trust")

    assert codes(read(issuing.leaf(), trust)) == []
    assert codes(read(issuing.leaf(sends=(0, 1)), trust)) == []
    assert codes(read(issuing.leaf(sends=(1, 0)), trust)) == []


def test_faults_of_dates_and_names(ca: Authority, trust: TrustStore) -> None:
    """Each alone, in words with numbers and names."""
    over = read(ca.leaf(expired(days=12)), trust)
    early = read(ca.leaf(TOMORROW), trust)
    wrong = read(ca.leaf(WRONG), trust)

    assert codes(over) == [Code.CERT_EXPIRED]
    assert "12 days ago" in over.faults[0].said
    assert codes(early) == [Code.CERT_NOT_YET_VALID]
    assert "in 1 day" in early.faults[0].said
    assert codes(wrong) == [Code.CERT_NAME_MISMATCH]
    assert wrong.faults[0].said == f"it is issued for other.example.test, not for {HOST}"


def test_an_end_that_is_near_is_a_warning(ca: Authority, trust: TrustStore) -> None:
    """Fourteen days before, it is no matter yet; a second later it is, till the end is over."""
    identity = ca.leaf()
    end = identity.leaf.not_valid_after_utc

    def at(moment: datetime) -> list[Code]:
        return codes(inspect(identity.der, HOST, trust, moment))

    assert at(end - timedelta(days=14)) == []
    assert at(end - timedelta(days=14) + timedelta(seconds=1)) == [Code.CERT_EXPIRING_SOON]
    assert at(end) == [Code.CERT_EXPIRING_SOON]
    assert at(end + timedelta(seconds=1)) == [Code.CERT_EXPIRED]


def test_who_vouches(ca: Authority, other_ca: Authority, trust: TrustStore) -> None:
    """Nobody, an unknown authority, or one that was not sent: three different cures."""
    assert codes(read(self_signed(), trust)) == [Code.CERT_SELF_SIGNED]
    assert codes(read(other_ca.leaf(), trust)) == [Code.CERT_UNTRUSTED_ISSUER]
    assert codes(read(other_ca.leaf(sends=(0,)), trust)) == [Code.CERT_UNTRUSTED_ISSUER]
    private = other_ca.intermediate("Nobody Trust")
    assert codes(read(private.leaf(), trust)) == [Code.CERT_UNTRUSTED_ISSUER]
    assert codes(read(private.leaf(sends=(0, 1)), trust)) == [Code.CERT_UNTRUSTED_ISSUER]
    public = ca.intermediate("Example Trust")
    assert codes(read(public.leaf(sends=()), trust)) == [Code.CERT_INCOMPLETE_CHAIN]


def test_how_an_issuer_is_known_to_exist(other_ca: Authority, ca: Authority) -> None:
    """The certificate names its address, or a trusted root belongs to the same organisation."""
    trust = TrustStore(None)
    by_address = read(other_ca.intermediate("Nobody Trust").leaf(AIA, sends=()), trust)
    by_name = read(ca.intermediate("Internet Security Research Group").leaf(sends=()), trust)

    assert codes(by_address) == codes(by_name) == [Code.CERT_INCOMPLETE_CHAIN]
    assert "AIA" in by_address.faults[0].said
    assert "AIA" not in by_name.faults[0].said
    assert "Internet Security Research Group has trusted roots" in by_name.faults[0].said


def test_an_outdated_issuer_is_not_the_servers_own_fault(ca: Authority, trust: TrustStore) -> None:
    """The chain is otherwise good: it is the issuing authority that has expired."""
    issuing = ca.intermediate("Old Issuing", expired(days=3))

    (fault,) = read(issuing.leaf(), trust).faults

    assert fault.code is Code.CERT_EXPIRED
    assert "issuer" in fault.said


@pytest.mark.parametrize(
    ("spoil", "first"),
    [
        (lambda _, other: other.leaf(expired(WRONG)), Code.CERT_UNTRUSTED_ISSUER),
        (lambda _, __: self_signed(expired(WRONG)), Code.CERT_SELF_SIGNED),
        (
            lambda ca, _: ca.intermediate("Example Trust").leaf(expired(WRONG), sends=()),
            Code.CERT_INCOMPLETE_CHAIN,
        ),
    ],
)
def test_no_fault_hides_another(
    ca: Authority, other_ca: Authority, trust: TrustStore, spoil: object, first: Code
) -> None:
    """Untrusted, expired and issued for somebody else: all three are told, in this order."""
    assert callable(spoil)
    found = read(spoil(ca, other_ca), trust)

    assert codes(found) == [first, Code.CERT_EXPIRED, Code.CERT_NAME_MISMATCH]


def test_expired_and_trusted_is_expired_alone(ca: Authority, trust: TrustStore) -> None:
    """The verdict on trust is as of a time when the certificate was valid."""
    issuing = ca.intermediate("Example Trust")

    assert codes(read(issuing.leaf(expired()), trust)) == [Code.CERT_EXPIRED]


def test_weak_keys_and_signatures(ca: Authority, trust: TrustStore) -> None:
    """RSA below 2048 bits and SHA-1 are warnings, read from what was sent."""
    short = ca.leaf(Wish(rsa_bits=1024))
    signer = self_signed(Wish(rsa_bits=2048))
    sha256, sha1 = (bytes.fromhex(f"2a864886f70d0101{end}") for end in ("0b", "05"))
    old = inspect((signer.der[0].replace(sha256, sha1),), HOST, trust, datetime.now(UTC))

    assert codes(read(short, trust)) == [Code.CERT_WEAK]
    assert read(short, trust).faults[0].said == "its key has 1024 bits only"
    assert Code.CERT_WEAK in codes(old)
    assert "SHA1" in old.faults[-1].said
    assert codes(read(signer, trust)) == [Code.CERT_SELF_SIGNED]


def test_what_only_strict_programs_refuse(ca: Authority, trust: TrustStore) -> None:
    """Python 3.13 and others miss the key identifiers; everybody else does not."""
    sloppy = ca.leaf(Wish(has_key_identifiers=False))

    assert codes(read(sloppy, trust)) == [Code.CERT_STRICT_REJECTED]


FITS: list[Code] = []
FITS_STRICT_ONES_NOT = [Code.CERT_STRICT_REJECTED]
MISFIT = [Code.CERT_NAME_MISMATCH]


@pytest.mark.parametrize(
    ("wish", "host", "found"),
    [
        (Wish(names=(), common_name=HOST), HOST, FITS_STRICT_ONES_NOT),
        (Wish(names=(), common_name="*.example.test"), HOST, FITS_STRICT_ONES_NOT),
        (Wish(names=(), common_name="10.0.0.1"), "10.0.0.1", MISFIT),
        (Wish(names=("a.test",), common_name=HOST), HOST, MISFIT),
        (Wish(names=("10.0.0.1",), common_name=HOST), HOST, FITS_STRICT_ONES_NOT),
        (Wish(names=("10.0.0.1", "::1")), "10.0.0.1", FITS),
        (Wish(names=("10.0.0.1", "::1")), "::1", FITS),
        (Wish(names=("10.0.0.1",)), "10.0.0.2", MISFIT),
        (Wish(names=("*.example.test",)), "example.test", MISFIT),
    ],
)
def test_which_names_count(
    ca: Authority, trust: TrustStore, wish: Wish, host: str, found: list[Code]
) -> None:
    """The common name counts where no DNS name is listed, and never for an address."""
    assert codes(read(ca.leaf(wish), trust, host)) == found


@pytest.mark.parametrize(
    ("name", "host", "fits"),
    [
        ("mail.example.com", "mail.example.com", True),
        ("MAIL.Example.COM", "mail.example.com", True),
        ("mail.example.com.", "mail.example.com", False),
        ("mail.example.com", "mail.example.com.", True),
        ("*.example.com", "mail.example.com", True),
        ("*.example.com", "a.mail.example.com", False),
        ("*.*.example.com", "a.mail.example.com", False),
        ("mail.*.com", "mail.example.com", False),
        ("m*.example.com", "mail.example.com", False),
        ("*.com", "example.com", False),
        ("*", "localhost", False),
        ("", "", True),
        ("10.0.0.1", "10.0.0.1", True),
        ("*.0.0.1", "10.0.0.1", False),
        ("0:0:0:0:0:0:0:1", "::1", True),
        ("xn--mnchen-3ya.example", "xn--mnchen-3ya.example", True),
    ],
)
def test_names_match_as_rfc_6125_says(name: str, host: str, *, fits: bool) -> None:
    """A wildcard is the whole left-most label and stands for exactly one."""
    assert matches(name, host) is fits


def test_an_address_among_the_names_is_none() -> None:
    """Only what is listed as an address is one (RFC 6125 section 1.7.2)."""
    listed = Names(dns=("10.0.0.1", "*.0.0.1"), addresses=(), common=("10.0.0.1",))

    assert not listed.cover("10.0.0.1")
    assert Names(dns=(), addresses=("10.0.0.1",), common=()).cover("10.0.0.1")


@pytest.mark.parametrize("sent", [(), (b"",), (b"no certificate",), (b"\x30\x03\x02\x01\x01",)])
def test_what_cannot_be_read_is_not_judged(trust: TrustStore, sent: Sequence[bytes]) -> None:
    """Garbage in place of a certificate is an error of its own kind."""
    with pytest.raises(UnreadableError):
        inspect(sent, HOST, trust, datetime.now(UTC))


def test_anchors_that_cannot_be_read_stop_the_start(tmp_path: Path) -> None:
    """CA_FILE that is missing or holds no certificate is said at once, in one line."""
    empty = tmp_path / "empty.pem"
    empty.write_text("nothing here")

    for file in (empty, tmp_path / "missing.pem"):
        with pytest.raises(ValueError, match="trust anchors") as raised:
            NetworkProber(ProberSettings(ca_file=file))
        assert "\n" not in str(raised.value)
    with pytest.raises(ValueError, match="PEM"):
        TrustStore(empty)


async def test_a_faulty_certificate_does_not_end_the_climb(
    prober: NetworkProber, fault_server: ServeScript, other_ca: Authority, tmp_path: Path
) -> None:
    """All faults are kept with the certificate, and the sign-in offer is read behind it."""
    server = fault_server(smtp_starttls(other_ca.leaf(expired()).context(tmp_path)))

    view = await look(prober, attempt_at(server), host="wrong.example.test")

    failed = view.failed(Stage.CERTIFICATE)
    assert failed.code is Code.CERT_UNTRUSTED_ISSUER
    assert isinstance(failed.finding, Certificate)
    assert codes(failed.finding) == [
        Code.CERT_UNTRUSTED_ISSUER,
        Code.CERT_EXPIRED,
        Code.CERT_NAME_MISMATCH,
    ]
    assert view.codes == {Stage.CERTIFICATE: Code.CERT_UNTRUSTED_ISSUER}
    assert view.seen(Stage.AUTH, SignInOffer).after_tls == ("PLAIN", "LOGIN")


async def test_warnings_leave_the_stage_seen(
    prober: NetworkProber, fault_server: ServeScript, ca: Authority, tmp_path: Path
) -> None:
    """What is only worth a word is no failure."""
    wish = replace(Wish(), end=timedelta(days=3), has_key_identifiers=False)
    server = fault_server(smtp_starttls(ca.leaf(wish).context(tmp_path)))

    view = await look(prober, attempt_at(server))

    assert not view.codes
    assert codes(view.seen(Stage.CERTIFICATE, Certificate)) == [
        Code.CERT_EXPIRING_SOON,
        Code.CERT_STRICT_REJECTED,
    ]


async def test_the_chain_is_read_as_sent(
    prober: NetworkProber, fault_server: ServeScript, ca: Authority, tmp_path: Path
) -> None:
    """How many certificates came is told, and an incomplete chain is found over a real socket."""
    issuing = ca.intermediate("Example Trust")
    whole = fault_server(smtp_starttls(issuing.leaf(sends=(0, 1)).context(tmp_path)))
    cut = fault_server(smtp_starttls(issuing.leaf(sends=()).context(tmp_path)))

    seen = (await look(prober, attempt_at(whole))).seen(Stage.CERTIFICATE, Certificate)
    failed = (await look(prober, attempt_at(cut))).failed(Stage.CERTIFICATE)

    assert seen.chain_length == 3
    assert failed.code is Code.CERT_INCOMPLETE_CHAIN
    assert isinstance(failed.finding, Certificate)
    assert failed.finding.chain_length == 1


async def test_a_certificate_that_nobody_can_read_is_skipped(
    prober: NetworkProber,
    fault_server: ServeScript,
    good_context: ssl.SSLContext,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Could not tell is not the same as bad: the stage is skipped and the climb goes on."""
    monkeypatch.setattr("bot.probes.ladder.sent_chain", lambda _: (b"garbage",))

    view = await look(prober, attempt_at(fault_server(smtp_starttls(good_context))))

    assert "cannot be read" in view.skipped(Stage.CERTIFICATE)
    assert view.seen(Stage.AUTH, SignInOffer).encrypted
