"""Reads the certificate that a server showed, and finds everything that is wrong with it.

A handshake with verification names one fault and hides the rest (an expired certificate of a
private authority is only ever "unable to get local issuer"). So dates, names, key and trust are
looked at one by one, in the order in which a person should hear of them.
"""

import ssl
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from operator import attrgetter

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, rsa
from cryptography.x509.oid import NameOID

from bot.model.codes import Code
from bot.model.evidence import Certificate, CertificateFault
from bot.probes.dns import is_literal
from bot.probes.names import matches
from bot.probes.trust import TrustStore, load_der

__all__ = ["ORDER", "WARNINGS", "UnreadableError", "inspect", "sent_chain"]

# In this order faults are told; the first that is no mere warning fails the stage.
ORDER = (
    Code.CERT_SELF_SIGNED,
    Code.CERT_UNTRUSTED_ISSUER,
    Code.CERT_INCOMPLETE_CHAIN,
    Code.CERT_EXPIRED,
    Code.CERT_NOT_YET_VALID,
    Code.CERT_NAME_MISMATCH,
    Code.CERT_WEAK,
    Code.CERT_EXPIRING_SOON,
    Code.CERT_STRICT_REJECTED,
)
WARNINGS = frozenset({Code.CERT_WEAK, Code.CERT_EXPIRING_SOON, Code.CERT_STRICT_REJECTED})

_SOON = timedelta(days=14)
_MIN_RSA_BITS = 2048  # CA/Browser Forum Baseline Requirements 6.1.5
_BROKEN_HASHES = frozenset({"md5", "sha1"})
_MAX_CHAIN = 16  # certificates that are looked at; real chains have two to five
_MAX_NAMES = 100  # that are kept; large hosters put that many into one certificate
_SHOWN_NAMES = 5
_MAX_TEXT = 500  # characters of a subject or issuer, which may be as long as somebody likes

_UNREADABLE = (
    ValueError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
_DER = 2  # ENCODING_DER of CPython's _ssl


class UnreadableError(ValueError):
    """What the server showed cannot be read as a certificate; nobody can judge it."""


def sent_chain(tls: ssl.SSLObject) -> tuple[bytes, ...]:
    """The certificates as the server sent them, its own first, in DER.

    Public from Python 3.13 on. Before that only the object underneath has it, and there is no
    other way to tell an incomplete chain from an unknown authority.
    """
    if sys.version_info >= (3, 13):
        return tuple(tls.get_unverified_chain())
    unverified: Callable[[], Sequence[object]] = attrgetter("_sslobj.get_unverified_chain")(tls)
    return tuple(attrgetter("public_bytes")(sent)(_DER) for sent in unverified() or ())


def inspect(sent: Sequence[bytes], host: str, trust: TrustStore, now: datetime) -> Certificate:
    """The server's own certificate with all its faults. UnreadableError if it cannot be parsed."""
    if not sent:
        raise UnreadableError("no certificate was shown")
    try:
        leaf, *_ = chain = [load_der(der) for der in sent[:_MAX_CHAIN]]
        names = _names(leaf)
        faults = [
            *trust.faults(chain),
            *_date_faults(leaf, now),
            *_name_faults(leaf, host, names),
            *_strength_faults(chain),
        ]
        faults.sort(key=lambda fault: ORDER.index(fault.code))
        return Certificate(
            names=names[:_MAX_NAMES],
            subject=leaf.subject.rfc4514_string()[:_MAX_TEXT],
            issuer=leaf.issuer.rfc4514_string()[:_MAX_TEXT],
            not_before=leaf.not_valid_before_utc,
            not_after=leaf.not_valid_after_utc,
            chain_length=len(sent),
            trust_store=trust.name,
            faults=tuple(faults),
        )
    except _UNREADABLE as error:
        raise UnreadableError(f"the certificate cannot be read: {error}") from error


def _alternative_names(leaf: x509.Certificate) -> tuple[list[str], list[str]]:
    """The DNS names and the addresses of the extension subjectAltName."""
    try:
        found = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return [], []
    names = found.get_values_for_type(x509.DNSName)
    addresses = found.get_values_for_type(x509.IPAddress)
    return names, [str(address) for address in addresses]


def _names(leaf: x509.Certificate) -> tuple[str, ...]:
    """What the certificate is issued for.

    The common name counts where no DNS name is listed: RFC 6125 section 6.4.4 allows it, and
    OpenSSL and with it most mail programs do it.
    """
    names, addresses = _alternative_names(leaf)
    if not names:
        common = leaf.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        names = [str(attribute.value) for attribute in common]
    return tuple(dict.fromkeys((*names, *addresses)))


def _name_faults(
    leaf: x509.Certificate, host: str, names: tuple[str, ...]
) -> Iterator[CertificateFault]:
    candidates = _alternative_names(leaf)[1] if is_literal(host) else names
    if not any(matches(name, host) for name in candidates):
        listed = ", ".join(names[:_SHOWN_NAMES]) or "no name at all"
        more = f" and {len(names) - _SHOWN_NAMES} more" if len(names) > _SHOWN_NAMES else ""
        said = f"it is issued for {listed}{more}, not for {host}"
        yield CertificateFault(code=Code.CERT_NAME_MISMATCH, said=said)


def _date_faults(leaf: x509.Certificate, now: datetime) -> Iterator[CertificateFault]:
    start, end = leaf.not_valid_before_utc, leaf.not_valid_after_utc
    if now > end:
        said = f"it expired on {end:%F}, {_days(now - end)} ago"
        yield CertificateFault(code=Code.CERT_EXPIRED, said=said)
    elif now + _SOON > end:
        said = f"it expires on {end:%F}, in {_days(end - now)}"
        yield CertificateFault(code=Code.CERT_EXPIRING_SOON, said=said)
    if now < start:
        said = f"it is not valid before {start:%F}, in {_days(start - now)}"
        yield CertificateFault(code=Code.CERT_NOT_YET_VALID, said=said)


def _days(span: timedelta) -> str:
    return "1 day" if span.days == 1 else f"{span.days} days"


def _strength_faults(chain: Sequence[x509.Certificate]) -> Iterator[CertificateFault]:
    """Weak keys anywhere in the chain, weak signatures where a signature is what counts."""
    for certificate in chain:
        whose = "its" if certificate is chain[0] else f"{certificate.subject.rfc4514_string()}'s"
        key = certificate.public_key()
        if isinstance(key, rsa.RSAPublicKey | dsa.DSAPublicKey) and key.key_size < _MIN_RSA_BITS:
            said = f"{whose} key has {key.key_size} bits only"
            yield CertificateFault(code=Code.CERT_WEAK, said=said)
        if certificate.subject == certificate.issuer and certificate is not chain[0]:
            continue  # a root is trusted for being known, not for its signature
        hashed = certificate.signature_hash_algorithm
        if hashed is not None and hashed.name in _BROKEN_HASHES:
            said = f"{whose} signature uses {hashed.name.upper()}, which can be forged"
            yield CertificateFault(code=Code.CERT_WEAK, said=said)
