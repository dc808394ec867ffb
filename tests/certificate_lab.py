"""The authorities and oddities out of which the certificates of the catalogue are made."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from servers.der import ecdsa, resigned, rsa_with
from servers.pki import Authority, Identity, Wish, expired

from bot.probes.trust import load_der

__all__ = [
    "Lab",
    "Make",
    "cross_signed",
    "forged",
    "hashed_with",
    "leaf",
    "leaf_below",
    "needless_cross",
    "negative_serial",
    "private",
    "renewed",
    "sending",
]

_DAY = timedelta(days=1)
_SERIAL = 0x7F22334455667788
_RSA = "2a864886f70d0101"  # OIDs of PKCS #1; the last byte names the hash
_SHA256 = bytes.fromhex(f"{_RSA}0b")
_OLD = {"SHA1": bytes.fromhex(f"{_RSA}05"), "MD5": bytes.fromhex(f"{_RSA}04")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lab:
    """Two trusted authorities, of which the second signs with RSA, and one that nobody trusts."""

    ca: Authority
    rsa_ca: Authority
    private: Authority

    @classmethod
    def build(cls) -> "Lab":
        """A lab of today."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        return cls(
            ca=Authority.root("Example Trust"),
            rsa_ca=Authority.root("Example RSA", Wish(key=key, end=3650 * _DAY)),
            private=Authority.root("Nobody Trust"),
        )

    def anchors(self, folder: Path) -> Path:
        """A PEM file with both trusted roots, for CA_FILE."""
        file = folder / "anchors.pem"
        roots = (self.ca.certificate, self.rsa_ca.certificate)
        file.write_bytes(b"".join(r.public_bytes(serialization.Encoding.PEM) for r in roots))
        return file

    def below(self, wish: Wish | None = None, organisation: str = "Example Trust") -> Authority:
        """An authority below the trusted root."""
        return self.ca.intermediate(organisation, replace(wish or Wish(), end=900 * _DAY))


Make = Callable[[Lab], Identity]


def leaf(wish: Wish | None = None) -> Make:
    """A certificate of the trusted root."""
    return lambda lab: lab.ca.leaf(wish)


def leaf_below(
    authority: Wish | None = None, wish: Wish | None = None, sends: Sequence[int] | None = None
) -> Make:
    """A certificate of an authority below the trusted root."""
    return lambda lab: lab.below(authority).leaf(wish, sends=sends)


def private(wish: Wish | None = None, sends: Sequence[int] | None = None) -> Make:
    """A certificate of the authority that nobody trusts."""
    return lambda lab: lab.private.leaf(wish, sends=sends)


def sending(made: Identity, *along: Authority) -> Identity:
    """The same server's certificate with others along."""
    return Identity(key=made.key, chain=(made.leaf, *(one.certificate for one in along)))


def cross_signed(lab: Lab) -> Identity:
    """The private root vouched for by the trusted one."""
    wish = Wish(key=lab.private.key, common_name="Nobody Trust Root", end=900 * _DAY)
    return sending(lab.private.leaf(sends=()), lab.ca.intermediate("Nobody Trust", wish))


def needless_cross(lab: Lab) -> Identity:
    """The trusted root vouched for by the private one, which is over: nobody needs that."""
    wish = expired(Wish(key=lab.ca.key, common_name="Example Trust Root"))
    return sending(lab.ca.leaf(sends=()), lab.private.intermediate("Example Trust", wish))


def renewed(*, sends_new: bool) -> Make:
    """The certificate of an authority that is over and was renewed; the old one is sent first."""

    def make(lab: Lab) -> Identity:
        old = lab.ca.intermediate("Renewed", expired(days=3))
        new = lab.ca.intermediate("Renewed", Wish(key=old.key, end=900 * _DAY))
        return sending(new.leaf(sends=()), old, *([new] if sends_new else []))

    return make


def forged(lab: Lab) -> Identity:
    """Issued in the name of the trusted root, by somebody who lacks its key."""
    false = Authority(key=ec.generate_private_key(ec.SECP256R1()), chain=lab.ca.chain)
    return false.leaf(Wish(has_key_identifiers=False))


def negative_serial(lab: Lab) -> Identity:
    """A serial number that no library writes any more."""
    made = lab.ca.leaf(Wish(serial=_SERIAL), sends=())
    assert isinstance(lab.ca.key, ec.EllipticCurvePrivateKey)
    number = _SERIAL.to_bytes(8)
    der = resigned(made.leaf, ecdsa(lab.ca.key), number, b"\xff" + number[1:])
    return Identity(key=made.key, chain=(load_der(der),))


def hashed_with(algorithm: str) -> Make:
    """A certificate that is signed with RSA and an old hash, `SHA1` or `MD5`."""

    def make(lab: Lab) -> Identity:
        made = lab.rsa_ca.leaf()
        assert isinstance(lab.rsa_ca.key, rsa.RSAPrivateKey)
        sign = rsa_with(lab.rsa_ca.key, algorithm)
        der = resigned(made.leaf, sign, _SHA256, _OLD[algorithm])
        return Identity(key=made.key, chain=(load_der(der),))

    return make
