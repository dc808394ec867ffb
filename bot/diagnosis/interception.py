"""Whether something on the way answers in the server's place, and what gave it away.

Two signs: a certificate that a known antivirus, filter or portal has made, and a provider's own
host that shows what cannot be that provider's. It is never more than a further finding: the fault
of the certificate stands, and where its issuer is trusted all is well.
"""

import re
from collections.abc import Iterator

from bot.diagnosis.readings import Reading
from bot.knowledge.directory import Directory, directory_of
from bot.knowledge.schema import Interceptor, Knowledge, Provider
from bot.model.codes import Code, Severity, severity_of
from bot.model.diagnosis import Note
from bot.model.evidence import Certificate, Greeting

__all__ = ["notes_on_interception"]

_WORD = re.compile(r"[a-z0-9]+")
_HOST = re.compile(r"(?=.{4,253}(?:\s|$))[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}(?=\s|$)")
_SHOWN_NAMES = 5
_DISTRUST = frozenset({Code.CERT_SELF_SIGNED, Code.CERT_UNTRUSTED_ISSUER})


def notes_on_interception(host: str, base: Reading, knowledge: Knowledge) -> Iterator[Note]:
    """What speaks for something in between, in an attempt at `host`; one note at most."""
    certificate = base.found(Certificate)
    details = _product_details(certificate, knowledge) if certificate is not None else None
    details = details or _impostor_details(host, base, certificate, knowledge)
    if details is None:
        return
    severity = severity_of(Code.NETWORK_INTERCEPTED, base.attempt.port)
    if certificate is not None and not _faults(certificate):
        severity = Severity.WARNING  # it is trusted here, and mail goes out
    yield Note(code=Code.NETWORK_INTERCEPTED, severity=severity, details=details)


def _faults(certificate: Certificate) -> frozenset[Code]:
    """Why the certificate does not prove who shows it; dates do not matter for that.

    A chain that is complete and refused for a limit of its own has issuers that are known.
    """
    return frozenset(
        fault.code
        for fault in certificate.faults
        if fault.code is Code.CERT_NAME_MISMATCH
        or (fault.code in _DISTRUST and not fault.objection)
    )


def _product_details(certificate: Certificate, knowledge: Knowledge) -> dict[str, str] | None:
    """The product whose words stand in the name of somebody who vouches."""
    distrusted = bool(_faults(certificate) & _DISTRUST)
    plain = [(name, f" {_plain(name)} ") for name in certificate.authorities]
    for product in knowledge.interceptors:
        if product.untrusted_only and not distrusted:
            continue
        if any(f" {words} " in text for words in product.unless for _, text in plain):
            continue
        for name, text in plain:
            if any(f" {words} " in text for words in product.issuers):
                return _named(product, name)
    return None


def _named(product: Interceptor, name: str) -> dict[str, str]:
    return {"product": product.name, "kind": product.kind, "sign": "issuer", "said": name}


def _plain(name: str) -> str:
    return " ".join(_WORD.findall(name.lower()))


def _impostor_details(
    host: str, base: Reading, certificate: Certificate | None, knowledge: Knowledge
) -> dict[str, str] | None:
    """What a provider's host shows that cannot be the provider's."""
    directory = directory_of(knowledge)
    provider = _runner(host, directory)
    if provider is None:
        return None
    if certificate is not None:
        sign = _foreign_certificate(provider, certificate, directory)
    else:
        sign = _foreign_greeting(base.found(Greeting), directory)
    return {"provider": provider.name, **sign} if sign is not None else None


def _runner(host: str, directory: Directory) -> Provider | None:
    """The provider whose own server `host` is. Hosts in a customer's domain are the customer's."""
    labels = host.lower().removesuffix(".").split(".")
    suffixes = (".".join(labels[start:]) for start in range(len(labels)))
    return next((directory.hosts[one] for one in suffixes if one in directory.hosts), None)


def _foreign_certificate(
    provider: Provider, certificate: Certificate, directory: Directory
) -> dict[str, str] | None:
    """A provider's certificates come from authorities that everybody trusts, for its own names."""
    faults = _faults(certificate)
    if faults & _DISTRUST:
        return {"sign": "issuer", "said": certificate.issuer_name or certificate.issuer}
    own = any(_belongs(name.removeprefix("*."), provider, directory) for name in certificate.names)
    if Code.CERT_NAME_MISMATCH in faults and not own:
        return {"sign": "names", "said": ", ".join(certificate.names[:_SHOWN_NAMES])}
    return None


def _foreign_greeting(greeting: Greeting | None, directory: Directory) -> dict[str, str] | None:
    """The host that a greeting names (RFC 5321 section 4.2), unless it is that of any provider.

    It counts where no certificate was shown: that one proves more.
    """
    if greeting is None or greeting.protocol != "smtp":
        return None
    found = _HOST.match(greeting.text)
    if found is None or directory.by_host(found[0]) or directory.by_mx(found[0]):
        return None
    return {"sign": "greeting", "said": greeting.text.partition("\n")[0]}


def _belongs(name: str, provider: Provider, directory: Directory) -> bool:
    return provider in (directory.by_host(name), directory.by_mx(name))
