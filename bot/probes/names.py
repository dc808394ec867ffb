"""Which names a certificate has, and whether one is the name of a host (RFC 6125 section 6.4)."""

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Self

from cryptography import x509
from cryptography.x509.oid import NameOID

from bot.probes.chains import extension_of

__all__ = ["Names", "matches"]

_MIN_WILDCARD_LABELS = 3  # `*.com` would match half the world; OpenSSL refuses it too


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What a certificate is issued for: DNS names and addresses of subjectAltName, common names."""

    dns: tuple[str, ...]
    addresses: tuple[str, ...]
    common: tuple[str, ...]

    @classmethod
    def of(cls, certificate: x509.Certificate) -> Self:
        """The names in `certificate`; ValueError if its subjectAltName cannot be read."""
        extension = extension_of(certificate, x509.SubjectAlternativeName)
        dns: list[str] = []
        addresses: list[str] = []
        if extension is not None:
            dns = extension.value.get_values_for_type(x509.DNSName)
            found = extension.value.get_values_for_type(x509.IPAddress)
            addresses = [str(address) for address in found]
        attributes = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        common = tuple(str(attribute.value) for attribute in attributes)
        return cls(dns=tuple(dns), addresses=tuple(addresses), common=common)

    @property
    def all(self) -> tuple[str, ...]:
        """All names that count, each once.

        The common name counts where no DNS name is listed: RFC 6125 section 6.4.4 allows it, and
        OpenSSL and with it most mail programs do it.
        """
        return tuple(dict.fromkeys((*(self.dns or self.common), *self.addresses)))

    def cover(self, host: str) -> bool:
        """Whether the certificate is issued for `host`, as most mail programs see it."""
        candidates = self.addresses if _address(host) is not None else self.dns or self.common
        return any(matches(name, host) for name in candidates)

    def only_common(self, host: str) -> bool:
        """Whether nothing but the common name can cover `host`."""
        return not self.dns and _address(host) is None


def matches(name: str, host: str) -> bool:
    """Whether `name`, which may start with a wildcard label, stands for `host`.

    `*.example.com` stands for `a.example.com`, neither for `example.com` nor `a.b.example.com`,
    and a part of a label (`f*.example.com`) is no wildcard. A dot at the end is the host's to drop;
    no program drops it from a certificate's name.
    """
    address = _address(host)
    if address is not None:
        return _address(name) == address
    pattern = name.lower().split(".")
    labels = host.lower().removesuffix(".").split(".")
    if pattern == labels:
        return True
    is_wildcard = pattern[0] == "*" and len(pattern) >= _MIN_WILDCARD_LABELS
    return is_wildcard and pattern[1:] == labels[1:] and bool(labels[0])


def _address(text: str) -> object:
    try:
        return ip_address(text)
    except ValueError:
        return None
