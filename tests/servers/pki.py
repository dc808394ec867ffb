"""Certificates made at test time, so that none of them ever expires in the repository.

They carry what OpenSSL, cryptography's verifier and Python 3.13's strict mode all ask for: key
identifiers, a subjectAltName that is not critical, critical basicConstraints and keyUsage.
"""

import ssl
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

__all__ = ["Authority", "Identity", "Wish", "expired", "self_signed"]

PrivateKey = (
    ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | dsa.DSAPrivateKey | ed25519.Ed25519PrivateKey
)

_YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a certificate is to look like; the default is one that nobody objects to.

    `names` may hold addresses. `common_name` alone, with no names, gives a certificate without
    subjectAltName. `issuer_url` is put into the AIA extension. `purposes` None leaves
    extendedKeyUsage out. `is_authority` None means: as its place says. `path_length` and
    `permitted` names are limits of an authority.
    """

    names: tuple[str, ...] = ("mail.example.test",)
    common_name: str | None = None
    start: timedelta = -timedelta(days=30)
    end: timedelta = _YEAR
    issuer_url: str | None = None
    rsa_bits: int = 0  # 0: an EC key, which is made faster
    has_key_identifiers: bool = True
    organisation: str | None = "Example Mail"
    key: PrivateKey | None = None
    serial: int | None = None
    purposes: tuple[x509.ObjectIdentifier, ...] | None = (ExtendedKeyUsageOID.SERVER_AUTH,)
    is_authority: bool | None = None
    path_length: int | None = None
    permitted: tuple[str, ...] = ()
    has_critical_names: bool = False
    has_critical_constraints: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A private key and the certificates that a server shows, its own first."""

    key: PrivateKey
    chain: tuple[x509.Certificate, ...]

    @property
    def leaf(self) -> x509.Certificate:
        """The server's own certificate."""
        return self.chain[0]

    @property
    def der(self) -> tuple[bytes, ...]:
        """The chain as it goes over the wire."""
        return tuple(cert.public_bytes(serialization.Encoding.DER) for cert in self.chain)

    def pem(self) -> bytes:
        """Key and chain in one file, as servers read it."""
        key = self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        certs = (cert.public_bytes(serialization.Encoding.PEM) for cert in self.chain)
        return b"".join((key, *certs))

    def context(self, folder: Path) -> ssl.SSLContext:
        """A server's TLS context with this identity; `folder` holds the file that ssl wants."""
        file = folder / f"{self.leaf.fingerprint(hashes.SHA256()).hex()}.pem"
        file.write_bytes(self.pem())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers("DEFAULT:@SECLEVEL=0")  # by itself OpenSSL serves nothing weak
        context.load_cert_chain(file)
        return context


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """A certificate authority, root or intermediate."""

    key: PrivateKey
    chain: tuple[x509.Certificate, ...]  # its own certificate, then those above it

    @classmethod
    def root(cls, organisation: str, wish: Wish | None = None) -> "Authority":
        """A root that signs itself."""
        wish = wish or Wish(end=10 * _YEAR)
        key = _key(wish)
        name = _name(wish.common_name or f"{organisation} Root", organisation)
        builder = _authority(_builder(name, name, key, wish), wish)
        return cls(key=key, chain=(_signed(builder, key, key, wish),))

    @property
    def certificate(self) -> x509.Certificate:
        """Its own certificate."""
        return self.chain[0]

    def intermediate(self, organisation: str, wish: Wish | None = None) -> "Authority":
        """An authority below this one."""
        wish = wish or Wish(end=5 * _YEAR)
        key = _key(wish)
        name = _name(wish.common_name or f"{organisation} Issuing", organisation)
        builder = _authority(_builder(name, self.certificate.subject, key, wish), wish)
        return Authority(key=key, chain=(_signed(builder, key, self.key, wish), *self.chain))

    def leaf(self, wish: Wish | None = None, *, sends: Sequence[int] | None = None) -> Identity:
        """A server's identity. `sends` are the places of the authorities that it sends along.

        By default all but the root, as servers should: 0 is this authority itself.
        """
        wish = wish or Wish()
        key = _key(wish)
        name = _name(wish.common_name, wish.organisation)
        builder = _server(_builder(name, self.certificate.subject, key, wish), wish)
        places = range(len(self.chain) - 1) if sends is None else sends
        along = tuple(self.chain[place] for place in places)
        return Identity(key=key, chain=(_signed(builder, key, self.key, wish), *along))

    def file(self, folder: Path) -> Path:
        """A PEM file with the root, for CA_FILE."""
        file = folder / f"{self.chain[-1].serial_number:x}-root.pem"
        file.write_bytes(self.chain[-1].public_bytes(serialization.Encoding.PEM))
        return file


def self_signed(wish: Wish | None = None) -> Identity:
    """A server's identity that nobody vouches for."""
    wish = wish or Wish()
    key = _key(wish)
    name = _name(wish.common_name or "self", wish.organisation)
    builder = _server(_builder(name, name, key, wish), wish)
    return Identity(key=key, chain=(_signed(builder, key, key, wish),))


def expired(wish: Wish | None = None, *, days: int = 12) -> Wish:
    """`wish`, over for `days`."""
    return replace(wish or Wish(), start=-_YEAR, end=-timedelta(days=days))


def _key(wish: Wish) -> PrivateKey:
    if wish.key is not None:
        return wish.key
    if wish.rsa_bits:
        return rsa.generate_private_key(public_exponent=65537, key_size=wish.rsa_bits)
    return ec.generate_private_key(ec.SECP256R1())


def _name(common_name: str | None, organisation: str | None = None) -> x509.Name:
    parts = []
    if organisation:
        parts.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation))
    if common_name:
        parts.append(x509.NameAttribute(NameOID.COMMON_NAME, common_name))
    return x509.Name(parts)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: PrivateKey, wish: Wish
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(wish.serial or x509.random_serial_number())
        .not_valid_before(now + wish.start)
        .not_valid_after(now + wish.end)
    )


def _authority(builder: x509.CertificateBuilder, wish: Wish) -> x509.CertificateBuilder:
    builder = _constraints(builder, wish, is_authority=True)
    if wish.permitted:
        names = [x509.DNSName(name) for name in wish.permitted]
        limits = x509.NameConstraints(permitted_subtrees=names, excluded_subtrees=None)
        builder = builder.add_extension(limits, critical=True)
    return _access(builder, wish)


def _server(builder: x509.CertificateBuilder, wish: Wish) -> x509.CertificateBuilder:
    builder = _constraints(builder, wish, is_authority=False)
    if wish.purposes is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage(wish.purposes), critical=False)
    if wish.names:
        names = x509.SubjectAlternativeName([_general_name(name) for name in wish.names])
        builder = builder.add_extension(names, critical=wish.has_critical_names)
    return _access(builder, wish)


def _constraints(
    builder: x509.CertificateBuilder, wish: Wish, *, is_authority: bool
) -> x509.CertificateBuilder:
    """What it may do: sign certificates or not, as its place says unless it is wished otherwise."""
    signs = is_authority if wish.is_authority is None else wish.is_authority
    constraints = x509.BasicConstraints(ca=signs, path_length=wish.path_length if signs else None)
    builder = builder.add_extension(constraints, critical=wish.has_critical_constraints)
    return builder.add_extension(_usage(signs_certificates=signs), critical=True)


def _access(builder: x509.CertificateBuilder, wish: Wish) -> x509.CertificateBuilder:
    if not wish.issuer_url:
        return builder
    where = x509.AccessDescription(
        AuthorityInformationAccessOID.CA_ISSUERS, x509.UniformResourceIdentifier(wish.issuer_url)
    )
    return builder.add_extension(x509.AuthorityInformationAccess([where]), critical=False)


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _signed(
    builder: x509.CertificateBuilder,
    key: PrivateKey,
    issuer_key: PrivateKey,
    wish: Wish,
) -> x509.Certificate:
    if wish.has_key_identifiers:
        own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        above = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
        builder = builder.add_extension(own, critical=False).add_extension(above, critical=False)
    is_pure = isinstance(issuer_key, ed25519.Ed25519PrivateKey)  # RFC 8410: it hashes by itself
    return builder.sign(issuer_key, None if is_pure else hashes.SHA256())
