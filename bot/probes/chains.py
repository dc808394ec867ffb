"""What the certificates of a chain may be used for, and what strict programs dislike in them.

OpenSSL looks at purposes only where a purpose is set, which pyOpenSSL cannot do, and its strict
rules come and go with its releases: 3.x, on which Python 3.13 runs, refuses a basicConstraints that
is not critical, 4.x takes it. So both are looked at here, in the words of RFC 5280.
"""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

__all__ = ["extension_of", "name_of", "path_of", "purpose_objection", "strict_objections"]

_PURPOSES = {
    oid: name
    for name, oid in vars(ExtendedKeyUsageOID).items()
    if isinstance(oid, ObjectIdentifier)
}
_SERVER = frozenset(
    {
        ExtendedKeyUsageOID.SERVER_AUTH,
        ObjectIdentifier("2.16.840.1.113730.4.1"),  # Netscape's and Microsoft's own, from before
        ObjectIdentifier("1.3.6.1.4.1.311.10.3.3"),  # there was a common one; OpenSSL takes them
    }
)
_MAX_TEXT = 200  # characters of a name that are quoted
_SHOWN = 5  # purposes that are quoted

SomeExtension = TypeVar("SomeExtension", bound=x509.ExtensionType)


def name_of(name: x509.Name) -> str:
    """What a person calls the bearer of `name`: its common name, else its organisation."""
    for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME, NameOID.ORGANIZATIONAL_UNIT_NAME):
        for attribute in name.get_attributes_for_oid(oid):
            if attribute.value:
                return str(attribute.value)[:_MAX_TEXT]
    return name.rfc4514_string()[:_MAX_TEXT] or "somebody without a name"


def path_of(chain: Sequence[x509.Certificate]) -> tuple[x509.Certificate, ...]:
    """The server's own certificate and those of `chain` that lead up from it, by their names.

    Where two would do, such as an old certificate of an authority and the renewed one, it is the
    one that ends later. What leads nowhere is left out.
    """
    path = [chain[0]]
    while path[-1].issuer != path[-1].subject:
        above = [one for one in chain if one.subject == path[-1].issuer and one not in path]
        if not above:
            break
        path.append(max(above, key=lambda one: one.not_valid_after_utc))
    return tuple(path)


def extension_of(
    certificate: x509.Certificate, kind: type[SomeExtension]
) -> x509.Extension[SomeExtension] | None:
    """The extension of that kind; None without one. ValueError if extensions cannot be read."""
    try:
        return certificate.extensions.get_extension_for_class(kind)
    except x509.ExtensionNotFound:
        return None


def purpose_objection(path: Sequence[x509.Certificate]) -> str | None:
    """Why `path` cannot speak for a server although somebody vouches for it; None if it can.

    RFC 5280 sections 4.2.1.3 and 4.2.1.12 as OpenSSL reads them: also an authority that lists
    purposes must list this one, and "any purpose" does not stand for it.
    """
    for certificate in path:
        purposes = extension_of(certificate, x509.ExtendedKeyUsage)
        if purposes is not None and not _SERVER.intersection(purposes.value):
            listed = ", ".join(map(_purpose, list(purposes.value)[:_SHOWN]))
            return f"{_whose(certificate, path)} is not meant for servers but for {listed}"
    usage = extension_of(path[0], x509.KeyUsage)
    if usage is not None and not _allows_tls(usage.value):
        return "its key may not be used for encryption (keyUsage)"
    return None


def strict_objections(path: Sequence[x509.Certificate]) -> tuple[str, ...]:
    """What programs that go by RFC 5280 to the letter have against `path`, its anchor last.

    Everything that OpenSSL 3 refuses under X509_STRICT, which Python sets from 3.13 on. An anchor
    alone is not looked at: who trusts a certificate itself asks no further.
    """
    if len(path) == 1:
        return ()
    found: dict[str, None] = {}
    for place, certificate in enumerate(path):
        whose = _whose(certificate, path)
        for what in _oddities(certificate, signs=place > 0, is_last=place + 1 == len(path)):
            found[f"{whose} {what}"] = None
    return tuple(found)


def _purpose(oid: ObjectIdentifier) -> str:
    return _PURPOSES.get(oid, oid.dotted_string[:_MAX_TEXT]).lower().replace("_", " ")


def _allows_tls(usage: x509.KeyUsage) -> bool:
    return usage.digital_signature or usage.key_encipherment or usage.key_agreement


def _whose(certificate: x509.Certificate, path: Sequence[x509.Certificate]) -> str:
    if certificate is path[0]:
        return "it"
    return f"the certificate of {name_of(certificate.subject)}"


def _oddities(certificate: x509.Certificate, *, signs: bool, is_last: bool) -> Iterator[str]:
    """What is odd about one certificate of a path, which `signs` another or is the server's."""
    constraints = extension_of(certificate, x509.BasicConstraints)
    is_authority = constraints is not None and constraints.value.ca
    yield from _role_oddities(certificate, constraints, signs=signs)
    yield from _name_oddities(certificate, is_authority=is_authority)
    if certificate.version is x509.Version.v3:
        yield from _key_oddities(certificate, is_authority=is_authority, is_last=is_last)


def _role_oddities(
    certificate: x509.Certificate,
    constraints: x509.Extension[x509.BasicConstraints] | None,
    *,
    signs: bool,
) -> Iterator[str]:
    """Sections 4.2.1.3 and 4.2.1.9: who signs certificates must say so, critically."""
    usage = extension_of(certificate, x509.KeyUsage)
    if constraints is not None and constraints.value.ca:
        if not constraints.critical:
            yield "has a basicConstraints that is not critical"
        if usage is None:
            yield "has no keyUsage"
    elif signs:
        yield "is not marked as an authority (basicConstraints)"
    elif usage is not None and usage.value.key_cert_sign:
        yield "may sign certificates (keyUsage) without being an authority"


def _name_oddities(certificate: x509.Certificate, *, is_authority: bool) -> Iterator[str]:
    """Sections 4.1.2.4, 4.1.2.6 and 4.2.1.6: everybody has a name."""
    names = extension_of(certificate, x509.SubjectAlternativeName)
    if not certificate.issuer.rdns:
        yield "has an issuer without a name"
    if names is not None and not list(names.value):
        yield "has an empty subjectAltName"
    if not certificate.subject.rdns:
        if is_authority or names is None:
            yield "has an empty subject"
        elif not names.critical:
            yield "has an empty subject and a subjectAltName that is not critical"


def _key_oddities(
    certificate: x509.Certificate, *, is_authority: bool, is_last: bool
) -> Iterator[str]:
    """Sections 4.2.1.1 and 4.2.1.2: keys are told apart by their identifiers."""
    above = extension_of(certificate, x509.AuthorityKeyIdentifier)
    own = extension_of(certificate, x509.SubjectKeyIdentifier)
    if not is_last and (above is None or above.value.key_identifier is None):
        yield "has no authorityKeyIdentifier"
    if is_authority and own is None:
        yield "has no subjectKeyIdentifier"
    for extension, called in ((above, "authorityKeyIdentifier"), (own, "subjectKeyIdentifier")):
        if extension is not None and extension.critical:
            yield f"has a critical {called}"
