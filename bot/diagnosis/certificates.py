"""What fills the sentences about a certificate: names, dates and days of the fault in question."""

from datetime import datetime

from bot.model.codes import Code
from bot.model.evidence import Certificate, CertificateFault

__all__ = ["about_certificate", "about_fault"]

_SHOWN_NAMES = 5  # in a sentence; a certificate may list thousands


def about_certificate(certificate: Certificate) -> dict[str, str]:
    """Whom it is for and who vouches for it."""
    details = {"names": ", ".join(certificate.names[:_SHOWN_NAMES]) or "no name"}
    more = len(certificate.names[_SHOWN_NAMES:]) + certificate.omitted
    if more:
        details["more"] = str(more)
    issuer = certificate.issuer_name or certificate.issuer
    return {**details, "issuer": issuer} if issuer else details


def about_fault(certificate: Certificate, code: Code, at: datetime) -> dict[str, str]:
    """Date, days and names of the first fault of that code, as seen `at`; empty if there is none.

    `days` counts whole days: till a date that is ahead, or since one that is past.
    """
    fault = next((fault for fault in certificate.faults if fault.code is code), None)
    if fault is None:
        return {}
    named = {"authority": fault.about, "objection": fault.objection}
    details = {name: text for name, text in named.items() if text}
    when = fault.when or _own_date(certificate, fault)
    if when is None:
        return details
    return {**details, "date": when.date().isoformat(), "days": str(abs(when - at).days)}


def _own_date(certificate: Certificate, fault: CertificateFault) -> datetime | None:
    """The date that a fault turns on where it does not say so: what older versions have stored."""
    if fault.code in {Code.CERT_EXPIRED, Code.CERT_EXPIRING_SOON}:
        return certificate.not_after
    return certificate.not_before if fault.code is Code.CERT_NOT_YET_VALID else None
