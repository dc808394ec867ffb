"""Reads the certificate that a server showed, and finds everything that is wrong with it.

A handshake with verification names one fault and hides the rest (an expired certificate of a
private authority is only ever "unable to get local issuer"). So dates, names, key and trust are
looked at one by one, in the order in which a person should hear of them.
"""

import contextlib
import ssl
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from operator import attrgetter

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.oid import NameOID
from OpenSSL import crypto

from bot.model.codes import Code
from bot.model.evidence import Certificate, CertificateFault
from bot.probes.chains import name_of
from bot.probes.names import Names
from bot.probes.trust import Trusting, TrustStore, load_der

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
_MIN_EC_BITS = 224  # NIST SP 800-57 part 1: as strong as RSA of 2048 bits
_BROKEN_HASHES = frozenset({"md5", "sha1"})
_MAX_CHAIN = 16  # certificates that are looked at; real chains have two to five
_MAX_NAMES = 100  # that are kept; large hosters put that many into one certificate
_MAX_NAME = 255  # characters of a name; a host name has at most 253
_MAX_AUTHORITIES = 32
_SHOWN_NAMES = 5
_SHOWN_OBJECTIONS = 4
_MAX_TEXT = 500  # characters of a subject or issuer, which may be as long as somebody likes

_UNREADABLE = (
    ValueError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
    crypto.Error,
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
        with warnings.catch_warnings():
            # Oddities are what we look for; the words of a library belong on nobody's screen.
            warnings.simplefilter("ignore", CryptographyDeprecationWarning)
            warnings.simplefilter("ignore", UserWarning)
            leaf = load_der(sent[0])
            chain = (leaf, *_readable(sent[1:_MAX_CHAIN]))
            return _inspected(chain, host, trust, now, len(sent))
    except _UNREADABLE as error:
        reason = str(error)[:_MAX_TEXT]
        raise UnreadableError(f"the certificate cannot be read: {reason}") from error


def _readable(sent: Sequence[bytes]) -> Iterator[x509.Certificate]:
    """What was sent along and can be read; the rest is of no use to anybody.

    cryptography reads names and dates only when they are asked for.
    """
    for der in sent:
        with contextlib.suppress(*_UNREADABLE):
            one = load_der(der)
            if one.subject and one.issuer and one.not_valid_before_utc < one.not_valid_after_utc:
                yield one


def _inspected(
    chain: Sequence[x509.Certificate], host: str, trust: TrustStore, now: datetime, length: int
) -> Certificate:
    leaf = chain[0]
    names = Names.of(leaf)
    trusting = trust.judge(chain, now)
    faults = [
        *trusting.faults,
        *_date_faults(leaf, now),
        *_name_faults(names, host),
        *_strength_faults(trusting),
        *_strict_faults(trusting, leaf, names, host),
    ]
    faults.sort(key=lambda fault: ORDER.index(fault.code))
    kept = tuple(name[:_MAX_NAME] for name in names.all[:_MAX_NAMES])
    return Certificate(
        names=kept,
        subject=leaf.subject.rfc4514_string()[:_MAX_TEXT],
        issuer=leaf.issuer.rfc4514_string()[:_MAX_TEXT],
        not_before=leaf.not_valid_before_utc,
        not_after=leaf.not_valid_after_utc,
        chain_length=length,
        trust_store=trust.name,
        faults=tuple(faults),
        omitted=len(names.all) - len(kept),
        issuer_name=name_of(leaf.issuer),
        authorities=_authorities(chain),
    )


def _authorities(chain: Sequence[x509.Certificate]) -> tuple[str, ...]:
    """Organisations and common names of everybody who vouches, as they call themselves."""
    found = (
        str(attribute.value)[:_MAX_NAME]
        for certificate in chain
        for oid in (
            NameOID.ORGANIZATION_NAME,
            NameOID.ORGANIZATIONAL_UNIT_NAME,
            NameOID.COMMON_NAME,
        )
        for attribute in certificate.issuer.get_attributes_for_oid(oid)
    )
    return tuple(dict.fromkeys(islice(found, _MAX_AUTHORITIES)))


def _name_faults(names: Names, host: str) -> Iterator[CertificateFault]:
    if not names.cover(host):
        listed = ", ".join(name[:_MAX_NAME] for name in names.all[:_SHOWN_NAMES])
        more = len(names.all) - _SHOWN_NAMES
        others = f" and {more} more" if more > 0 else ""
        said = f"it is issued for {listed or 'no name at all'}{others}, not for {host}"
        yield CertificateFault(code=Code.CERT_NAME_MISMATCH, said=said)


def _date_faults(leaf: x509.Certificate, now: datetime) -> Iterator[CertificateFault]:
    """RFC 5280 section 4.1.2.5: both dates belong to the time in which it is valid."""
    start, end = leaf.not_valid_before_utc, leaf.not_valid_after_utc
    if now > end:
        said = f"it expired on {end:%F}, {_days(now - end)} ago"
        yield CertificateFault(code=Code.CERT_EXPIRED, said=said, when=end)
    elif now + _SOON > end:
        said = f"it expires on {end:%F}, in {_days(end - now)}"
        yield CertificateFault(code=Code.CERT_EXPIRING_SOON, said=said, when=end)
    if now < start:
        said = f"it is not valid before {start:%F}, in {_days(start - now)}"
        yield CertificateFault(code=Code.CERT_NOT_YET_VALID, said=said, when=start)


def _days(span: timedelta) -> str:
    if not span.days:
        return "less than a day"
    return "1 day" if span.days == 1 else f"{span.days} days"


def _strict_faults(
    trusting: Trusting, leaf: x509.Certificate, names: Names, host: str
) -> Iterator[CertificateFault]:
    """What strict programs refuse and others accept: nothing, where all of them refuse it."""
    if not trusting.trusted:
        return
    objections = [*trusting.strict]
    if names.cover(host) and names.only_common(host):
        objections.append("it names the server in its common name only, not in subjectAltName")
    if leaf.serial_number < 0:  # Go refuses it since 1.23
        objections.append("its serial number is negative")
    if objections:
        said = "; ".join(objections[:_SHOWN_OBJECTIONS])
        yield CertificateFault(code=Code.CERT_STRICT_REJECTED, said=said)


def _strength_faults(trusting: Trusting) -> Iterator[CertificateFault]:
    """Weak keys and signatures on the way up; an anchor is trusted for being known."""
    path = trusting.path
    for certificate in path[:-1] if trusting.trusted and len(path) > 1 else path:
        is_root = certificate is not path[0] and certificate.subject == certificate.issuer
        whose = "its" if certificate is path[0] else f"its issuer {name_of(certificate.subject)}'s"
        bits, least = _key_strength(certificate)
        if bits < least:
            yield CertificateFault(code=Code.CERT_WEAK, said=f"{whose} key has {bits} bits only")
        hashed = _hash_of(certificate)
        if hashed in _BROKEN_HASHES and not is_root:
            said = f"{whose} signature uses {hashed.upper()}, which can be forged"
            yield CertificateFault(code=Code.CERT_WEAK, said=said)


def _key_strength(certificate: x509.Certificate) -> tuple[int, int]:
    """The bits of a key and how many it should have; a kind nobody here knows is not judged."""
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return 0, 0
    if isinstance(key, rsa.RSAPublicKey | dsa.DSAPublicKey):
        return key.key_size, _MIN_RSA_BITS
    if isinstance(key, ec.EllipticCurvePublicKey):
        return key.key_size, _MIN_EC_BITS
    return 0, 0


def _hash_of(certificate: x509.Certificate) -> str:
    try:
        hashed = certificate.signature_hash_algorithm
    except UnsupportedAlgorithm:
        return ""
    return hashed.name if hashed is not None else ""
