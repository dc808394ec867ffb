"""Whether a chain, as sent, leads to an anchor that is trusted; decided offline.

OpenSSL stops at the first objection and looks at dates last but one, so one question is not
enough: the chain is judged as of now, and where a date is in the way, once more without dates.
The OpenSSL that pyOpenSSL brings gives the same verdict under every Python.
"""

import ssl
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import certifi
from cryptography import x509
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID
from OpenSSL import crypto

from bot.model.codes import Code
from bot.model.evidence import CertificateFault

__all__ = ["TrustStore", "load_der", "load_pem"]

# <openssl/x509_vfy.h>; pyOpenSSL gives the numbers and has no names for them.
_NO_CHECK_TIME = 0x200000
_NOT_YET_VALID, _EXPIRED = 9, 10
_SELF_SIGNED_LEAF, _SELF_SIGNED_IN_CHAIN = 18, 19
_ISSUER_MISSING = frozenset({2, 20, 21})
_DATES = {_NOT_YET_VALID: Code.CERT_NOT_YET_VALID, _EXPIRED: Code.CERT_EXPIRED}

# An anchor is an anchor, also where it is an intermediate: Python 3.13 and browsers do the same.
_NOW = crypto.X509StoreFlags.PARTIAL_CHAIN
_TIMELESS = _NOW | _NO_CHECK_TIME
_STRICT = _TIMELESS | crypto.X509StoreFlags.X509_STRICT


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


_MAX_TEXT = 200  # characters of a name that are quoted


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

    def faults(self, chain: Sequence[x509.Certificate]) -> tuple[CertificateFault, ...]:
        """What is wrong with the trust in `chain` (the server's own certificate first).

        Dates of the server's own certificate are not looked at; those of its issuers are.
        """
        sent = [crypto.X509.from_cryptography(certificate) for certificate in chain]
        objection = _first_objection(self._now, sent)
        found: list[CertificateFault] = []
        if objection and objection.number in _DATES:
            if objection.depth:
                found.append(_outdated_issuer(objection))
            objection = _first_objection(self._timeless, sent)
        if objection:
            return (self._distrust(objection), *found)
        strict = _first_objection(self._strict, sent)
        if strict:
            said = f"strict programs refuse it: {strict.words}"
            found.append(CertificateFault(code=Code.CERT_STRICT_REJECTED, said=said))
        return tuple(found)

    def _distrust(self, objection: _Objection) -> CertificateFault:
        if objection.number == _SELF_SIGNED_LEAF:
            return CertificateFault(code=Code.CERT_SELF_SIGNED, said="it is signed by itself")
        issuer = _name(objection.about.issuer)
        if objection.number in _ISSUER_MISSING:
            known = self._known_to_exist(objection.about)
            if known:
                said = f"the certificate of its issuer {issuer} was not sent; {known}"
                return CertificateFault(code=Code.CERT_INCOMPLETE_CHAIN, said=said)
            said = f"its issuer {issuer} is neither sent nor trusted"
        elif objection.number == _SELF_SIGNED_IN_CHAIN:
            said = f"the chain ends at {issuer}, which is not trusted"
        else:
            said = f"the chain is not accepted: {objection.words}"
        return CertificateFault(code=Code.CERT_UNTRUSTED_ISSUER, said=said)

    def _known_to_exist(self, orphan: x509.Certificate) -> str | None:
        """How we know that the issuer of `orphan` exists and only was not sent; None if not."""
        if _has_issuer_address(orphan):
            return "the certificate says where it can be had (AIA)"
        organisations = _organisations(orphan.issuer) & self._trusted_organisations
        if organisations:
            return f"{min(organisations)} has trusted roots"
        return None

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


def _first_objection(store: crypto.X509Store, sent: Sequence[crypto.X509]) -> _Objection | None:
    try:
        crypto.X509StoreContext(store, sent[0], sent[1:]).verify_certificate()
    except crypto.X509StoreContextError as error:
        number, depth, words = error.errors
        about = load_der(crypto.dump_certificate(crypto.FILETYPE_ASN1, error.certificate))
        return _Objection(number, depth, words, about)
    return None


def _outdated_issuer(objection: _Objection) -> CertificateFault:
    code = _DATES[objection.number]
    about = objection.about
    when = about.not_valid_after_utc if code is Code.CERT_EXPIRED else about.not_valid_before_utc
    verb = "expired on" if code is Code.CERT_EXPIRED else "is not valid before"
    return CertificateFault(code=code, said=f"its issuer {_name(about.subject)} {verb} {when:%F}")


def _has_issuer_address(certificate: x509.Certificate) -> bool:
    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess)
    except x509.ExtensionNotFound:
        return False
    wanted = AuthorityInformationAccessOID.CA_ISSUERS
    return any(description.access_method == wanted for description in access.value)


def _organisations(name: x509.Name) -> frozenset[str]:
    attributes = name.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    return frozenset(str(attribute.value) for attribute in attributes)


def _name(name: x509.Name) -> str:
    return name.rfc4514_string()[:_MAX_TEXT] or "without a name"
