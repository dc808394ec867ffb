"""Whether a chain, as sent, leads to an anchor that is trusted; decided offline.

OpenSSL stops at the first objection and looks at dates last but one, so one question is not
enough: the chain is judged as of now, and where a date is in the way, once more without dates.
The OpenSSL that pyOpenSSL brings gives the same verdict under every Python.
"""

import ssl
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

import certifi
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID
from OpenSSL import crypto

from bot.model.codes import Code
from bot.model.evidence import CertificateFault
from bot.probes.chains import (
    extension_of,
    name_of,
    path_of,
    purpose_objection,
    strict_objections,
)

__all__ = ["TrustStore", "Trusting", "load_der", "load_pem"]

# <openssl/x509_vfy.h>; pyOpenSSL gives the numbers and has no names for them.
_NO_CHECK_TIME = 0x200000
_NOT_YET_VALID, _EXPIRED = 9, 10
_SELF_SIGNED_LEAF, _SELF_SIGNED_IN_CHAIN = 18, 19
_ISSUER_MISSING = frozenset({2, 20, 21})
_DATES = frozenset({_NOT_YET_VALID, _EXPIRED})
_PLAIN_WORDS = {
    7: "a signature in its chain does not fit",
    24: "an authority in its chain is none",
    25: "an authority in its chain has let others sign who may not (path length)",
    47: "an authority in its chain may not vouch for this name (name constraints)",
    48: "an authority in its chain may not vouch for this name (name constraints)",
    79: "an authority in its chain is none",
}

# An anchor is an anchor, also where it is an intermediate: Python 3.13 and browsers do the same.
_NOW = crypto.X509StoreFlags.PARTIAL_CHAIN
_TIMELESS = _NOW | _NO_CHECK_TIME
_STRICT = _TIMELESS | crypto.X509StoreFlags.X509_STRICT

_MAX_TEXT = 200  # characters of a name that are quoted

_Path = tuple[x509.Certificate, ...]


def load_der(der: bytes) -> x509.Certificate:
    """The certificate in `der`; ValueError if there is none. Oddities raise no warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CryptographyDeprecationWarning)
        return x509.load_der_x509_certificate(der)


def load_pem(pem: bytes) -> list[x509.Certificate]:
    """All certificates in `pem`; ValueError if there is none. Oddities raise no warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CryptographyDeprecationWarning)
        return x509.load_pem_x509_certificates(pem)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trusting:
    """What was found about the trust in a chain.

    `path` leads up from the server's own certificate: to the anchor where it is `trusted`, else as
    far as was sent. `strict` is what strict programs alone have against it.
    """

    path: _Path
    trusted: bool
    faults: tuple[CertificateFault, ...]
    strict: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Objection:
    """The first thing that OpenSSL has against a chain, and the certificate it is about."""

    number: int
    depth: int
    words: str
    about: x509.Certificate


class TrustStore:
    """The anchors of this system (certifi's where it has none), and those in `ca_file`.

    `name` says which. Raises ValueError if `ca_file` holds no certificate.
    """

    def __init__(self, ca_file: Path | None = None) -> None:
        self.name, self._file, self._folder = _system_anchors()
        self._extra = ca_file
        if ca_file is not None:
            self.name += " with CA_FILE"
        self._now, self._timeless, self._strict = map(self._store, (_NOW, _TIMELESS, _STRICT))

    def judge(self, chain: Sequence[x509.Certificate], now: datetime) -> Trusting:
        """Whether `chain` (the server's own certificate first) is trusted, and what is wrong.

        Dates of the server's own certificate are not looked at; those of its issuers are.
        """
        sent = [crypto.X509.from_cryptography(certificate) for certificate in chain]
        self._now.set_time(now)
        found = _verified(self._now, sent)
        outdated: _Path = ()
        if isinstance(found, _Objection) and found.number in _DATES:
            outdated = (found.about,) if found.depth else ()
            found = _verified(self._timeless, sent)
        if isinstance(found, _Objection):
            path = path_of(chain)
            faults = (self._distrust(found, chain[0]), *_outdated(path[1:], now))
            return Trusting(path=path, trusted=False, faults=faults)
        objection = _purpose_objection(found)
        if objection is not None:
            fault = _unaccepted(objection)
            return Trusting(path=found, trusted=False, faults=(fault, *_outdated(found[1:], now)))
        faults = tuple(_outdated(dict.fromkeys((*outdated, *found[1:])) if outdated else (), now))
        return Trusting(path=found, trusted=True, faults=faults, strict=self._strictly(found, sent))

    def _strictly(self, path: _Path, sent: Sequence[crypto.X509]) -> tuple[str, ...]:
        """What strict programs object to: the rules of OpenSSL 3, else what a later one adds."""
        try:
            objections = strict_objections(path)
        except ValueError:  # an extension of an authority that only OpenSSL can read
            objections = ()
        refused = None if objections else _verified(self._strict, sent)
        return (refused.words,) if isinstance(refused, _Objection) else objections

    def _distrust(self, objection: _Objection, leaf: x509.Certificate) -> CertificateFault:
        if objection.number == _SELF_SIGNED_LEAF or _signs_itself(leaf):
            return CertificateFault(code=Code.CERT_SELF_SIGNED, said="it is signed by itself")
        issuer = name_of(objection.about.issuer)
        if objection.number in _ISSUER_MISSING:
            return self._orphan(objection.about, issuer)
        if objection.number == _SELF_SIGNED_IN_CHAIN:
            said = f"the chain ends at {issuer}, which is not trusted"
            return CertificateFault(code=Code.CERT_UNTRUSTED_ISSUER, said=said)
        about = f": {name_of(objection.about.subject)}" if objection.depth else ""
        words = _PLAIN_WORDS.get(objection.number, f"its chain is not accepted, {objection.words}")
        return _unaccepted(f"{words}{about}")

    def _orphan(self, orphan: x509.Certificate, issuer: str) -> CertificateFault:
        """What it means that the issuer of `orphan` is neither sent nor trusted.

        That one exists if the certificate says where it can be had (AIA, RFC 5280 section
        4.2.2.1), and most likely if it belongs to somebody who has trusted roots.
        """
        missing = f"the certificate of its issuer {issuer} was not sent"
        if _has_issuer_address(orphan):
            said = f"{missing}; the certificate says where it can be had (AIA)"
            return CertificateFault(code=Code.CERT_INCOMPLETE_CHAIN, said=said)
        known = _organisations(orphan.issuer).keys() & self._trusted_organisations
        if known:
            organisation = _organisations(orphan.issuer)[min(known)]
            said = f"{missing}; {organisation} has trusted roots"
            return CertificateFault(code=Code.CERT_INCOMPLETE_CHAIN, said=said, inferred=True)
        said = f"its issuer {issuer} is neither sent nor trusted"
        return CertificateFault(code=Code.CERT_UNTRUSTED_ISSUER, said=said)

    @cached_property
    def _trusted_organisations(self) -> frozenset[str]:
        """Read from certifi where the system keeps its anchors in a folder: they are the same."""
        files = [Path(self._file or certifi.where()), *([self._extra] if self._extra else [])]
        anchors = (anchor for file in files for anchor in load_pem(file.read_bytes()))
        return frozenset().union(*(_organisations(anchor.subject) for anchor in anchors))

    def _store(self, flags: int) -> crypto.X509Store:
        store = crypto.X509Store()
        store.set_flags(flags)
        store.load_locations(self._file, self._folder)
        if self._extra is not None:
            try:
                store.load_locations(self._extra)
            except crypto.Error as error:
                raise ValueError(f"{self._extra} holds no certificate in PEM form") from error
        return store


def _system_anchors() -> tuple[str, str | None, str | None]:
    """The name of the system's store, its file and its folder."""
    paths = ssl.get_default_verify_paths()
    if paths.cafile:
        return "system", paths.cafile, None
    if paths.capath and any(Path(paths.capath).iterdir()):
        return "system", None, paths.capath
    return f"certifi {certifi.__version__}", certifi.where(), None


def _verified(store: crypto.X509Store, sent: Sequence[crypto.X509]) -> _Path | _Objection:
    """The path from the server's own certificate to an anchor, both included, or what hinders."""
    try:
        path = crypto.X509StoreContext(store, sent[0], sent[1:]).get_verified_chain()
    except crypto.X509StoreContextError as error:
        number, depth, words = error.errors
        return _Objection(number, depth, words, _read(error.certificate))
    return tuple(map(_read, path))


def _read(certificate: crypto.X509) -> x509.Certificate:
    return load_der(crypto.dump_certificate(crypto.FILETYPE_ASN1, certificate))


def _signs_itself(leaf: x509.Certificate) -> bool:
    """Whether a certificate is signed with its own key, whatever its identifiers say."""
    try:
        leaf.verify_directly_issued_by(leaf)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _purpose_objection(path: _Path) -> str | None:
    try:
        return purpose_objection(path)
    except ValueError:  # an extension of an authority that only OpenSSL can read
        return None


def _unaccepted(objection: str) -> CertificateFault:
    """A chain that is complete, with issuers that are known, and refused all the same."""
    return CertificateFault(code=Code.CERT_UNTRUSTED_ISSUER, said=objection, objection=objection)


def _outdated(authorities: Iterable[x509.Certificate], now: datetime) -> Iterator[CertificateFault]:
    """The certificates of issuers that are over or have not begun."""
    for one in authorities:
        name, start, end = name_of(one.subject), one.not_valid_before_utc, one.not_valid_after_utc
        if now > end:
            said = f"the certificate of its issuer {name} expired on {end:%F}"
            yield CertificateFault(code=Code.CERT_EXPIRED, said=said, when=end, about=name)
        elif now < start:
            said = f"the certificate of its issuer {name} is not valid before {start:%F}"
            yield CertificateFault(code=Code.CERT_NOT_YET_VALID, said=said, when=start, about=name)


def _has_issuer_address(certificate: x509.Certificate) -> bool:
    """Whether it says where its issuer's certificate lies, for everybody to fetch.

    A directory address (ldap:) is how a company's own authority writes it down for its own.
    """
    access = extension_of(certificate, x509.AuthorityInformationAccess)
    return access is not None and any(
        description.access_method == AuthorityInformationAccessOID.CA_ISSUERS
        and str(description.access_location.value).lower().startswith(("http:", "https:"))
        for description in access.value
    )


def _organisations(name: x509.Name) -> dict[str, str]:
    """The organisations in `name`, by a form in which letter case and punctuation do not count."""
    attributes = name.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    spelt = (str(attribute.value)[:_MAX_TEXT] for attribute in attributes)
    return {"".join(filter(str.isalnum, one.casefold())): one for one in spelt}
