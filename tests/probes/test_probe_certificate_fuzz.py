"""The certificate reader against what no authority would sign: it reads, or says it cannot."""

import warnings
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from servers.der import ecdsa, resigned
from servers.pki import Authority, Identity, Wish, self_signed

from bot.model.evidence import Certificate
from bot.probes.certificate import UnreadableError, inspect
from bot.probes.names import matches
from bot.probes.trust import TrustStore

HOST = "mail.example.test"
NOW = datetime.now(UTC)
LONGEST = 2_000  # characters of any text that is kept
FUZZ = settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

AUTHORITY = Authority.root("Example Trust")
BELOW = AUTHORITY.intermediate("Example Trust")
PRIVATE = Authority.root("Nobody Trust")
WHOLE: tuple[Identity, ...] = (
    AUTHORITY.leaf(Wish(common_name=HOST, issuer_url="http://issuer.example.test/a.cer")),
    BELOW.leaf(sends=(0, 1)),
    BELOW.leaf(sends=()),
    PRIVATE.leaf(Wish(names=("*.example.test", "127.0.0.1", "::1")), sends=(0,)),
    self_signed(Wish(names=(), common_name=HOST)),
)

KEY = ec.generate_private_key(ec.SECP256R1())

chains = st.sampled_from(WHOLE).map(lambda identity: identity.der)
hosts = st.sampled_from((HOST, "127.0.0.1", "::1", "example.test", ""))


@pytest.fixture(scope="module")
def trust(tmp_path_factory: pytest.TempPathFactory) -> TrustStore:
    """The anchors of this system and the authority of these tests."""
    return TrustStore(AUTHORITY.file(tmp_path_factory.mktemp("anchors")))


def read(sent: tuple[bytes, ...], host: str, trust: TrustStore) -> Certificate | None:
    """The certificate with bounded texts; None if it cannot be read. Nothing else may come out."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            found = inspect(sent, host, trust, NOW)
        except UnreadableError as error:
            said = str(error)
            found = None
    if found is None:
        assert 0 < len(said) <= LONGEST
        return None
    assert len(found.names) <= 100
    assert all(len(text) <= LONGEST for text in _texts(found))
    assert len(found.faults) <= 100
    return found


def _texts(found: Certificate) -> Iterator[str]:
    yield from found.names
    yield from found.authorities
    yield from (found.subject, found.issuer, found.issuer_name)
    for fault in found.faults:
        yield from (fault.said, fault.about, fault.objection)


@FUZZ
@given(sent=st.lists(st.binary(max_size=400), max_size=4), host=hosts)
def test_any_bytes(trust: TrustStore, sent: list[bytes], host: str) -> None:
    """Whatever is sent as a chain."""
    read(tuple(sent), host, trust)


@FUZZ
@given(chain=chains, places=st.lists(st.tuples(st.integers(0, 5000), st.integers(1, 255))))
def test_flipped_bytes(
    trust: TrustStore, chain: tuple[bytes, ...], places: list[tuple[int, int]]
) -> None:
    """Any bytes of a certificate changed: its lengths, names, dates, keys, signatures."""
    spoilt = bytearray(chain[0])
    for place, flip in places:
        spoilt[place % len(spoilt)] ^= flip

    read((bytes(spoilt), *chain[1:]), HOST, trust)


@FUZZ
@given(chain=chains, place=st.integers(0, 5000), flip=st.integers(1, 255))
def test_flipped_bytes_of_an_authority(
    trust: TrustStore, chain: tuple[bytes, ...], place: int, flip: int
) -> None:
    """What was sent along cannot keep the server's own certificate from being read."""
    assume(len(chain) > 1)
    spoilt = bytearray(chain[1])
    spoilt[place % len(spoilt)] ^= flip

    assert read((chain[0], bytes(spoilt)), HOST, trust) is not None


@FUZZ
@given(chain=chains, end=st.integers(0, 2000), more=st.binary(max_size=50))
def test_cut_and_lengthened(
    trust: TrustStore, chain: tuple[bytes, ...], end: int, more: bytes
) -> None:
    """Cut short, or with something behind it."""
    read((chain[0][:end], *chain[1:]), HOST, trust)
    read((chain[0] + more, *chain[1:]), HOST, trust)


@FUZZ
@given(place=st.integers(0, 2000), flip=st.integers(1, 255), host=hosts)
def test_oddities_with_a_signature_that_fits(
    trust: TrustStore, place: int, flip: int, host: str
) -> None:
    """A byte of what is signed is changed, and it is signed again: its extensions are believed."""
    leaf = WHOLE[0].leaf
    signed = leaf.tbs_certificate_bytes
    start = place % (len(signed) - 4)
    old = signed[start : start + 4]
    assume(signed.count(old) == 1)
    assert isinstance(AUTHORITY.key, ec.EllipticCurvePrivateKey)
    new = bytes([old[0] ^ flip]) + old[1:]

    read((resigned(leaf, ecdsa(AUTHORITY.key), old, new),), host, trust)


@FUZZ
@given(
    names=st.lists(
        st.text(st.characters(max_codepoint=127), min_size=1, max_size=300), max_size=20
    ),
    host=hosts,
)
def test_any_names(trust: TrustStore, names: list[str], host: str) -> None:
    """Names of any characters that ASCII has, at any length."""
    made = AUTHORITY.leaf(Wish(names=tuple(names), key=KEY))

    found = read(made.der, host, trust)

    assert found is not None
    assert len(found.names) == len(dict.fromkeys(name[:255] for name in names))


@pytest.mark.parametrize("count", [1_000, 10_000])
def test_a_heap_of_extensions_and_names(trust: TrustStore, count: int) -> None:
    """A certificate as large as somebody likes costs what it weighs."""
    many = AUTHORITY.leaf(Wish(names=tuple(f"m{number}.example.test" for number in range(count))))

    found = read(many.der * 200, HOST, trust)

    assert found is not None
    assert (len(found.names), found.omitted) == (100, count - 100)
    assert found.chain_length == 200


@FUZZ
@given(name=st.text(max_size=60), host=st.text(max_size=60))
def test_any_name_against_any_host(name: str, host: str) -> None:
    """A name is that of a host, or not; a host is always named by itself."""
    assert matches(name, host) in {True, False}
    if not host.endswith("."):
        assert matches(host, host)
