"""The `stages` of a check's document: one row per address, port and attempt."""

from collections.abc import Iterator
from datetime import timedelta

from bot.model.evidence import (
    Addresses,
    Certificate,
    Exchanges,
    Failed,
    Finding,
    Greeting,
    Observation,
    Offer,
    Services,
    SignInOffer,
    Skipped,
    Stage,
    StartTls,
    TlsSession,
)
from bot.model.foreign import printable

__all__ = ["milliseconds", "stage_row"]

_STATUS = {Failed: "failed", Skipped: "skipped"}


def stage_row(seen: Observation) -> dict[str, object]:
    """One row of `stages`: a stage of an attempt, with what was seen."""
    attempt = seen.attempt
    return {
        "name": seen.stage,
        "address": (attempt.address or None) if attempt is not None else None,
        "port": (attempt.port or None) if attempt is not None else None,
        "status": _STATUS.get(type(seen), "ok"),
        "ms": 0.0 if isinstance(seen, Skipped) else milliseconds(seen.took),
        "detail": _detail(seen),
    }


def _detail(seen: Observation) -> dict[str, object]:
    if isinstance(seen, Skipped):
        return {"because": seen.because}
    detail: dict[str, object] = {}
    if isinstance(seen, Failed):
        detail |= {"code": seen.code, "said": seen.said}
    if seen.attempt is not None:
        detail["role"] = seen.attempt.role
        if seen.attempt.host is not None:
            detail["host"] = seen.attempt.host
    found = dict(_of_finding(seen.finding))
    # The code of a reply is that of the greeting alone; elsewhere `code` says what went wrong.
    told = detail | found if seen.stage is Stage.GREETING else found | detail
    return {name: _clean(value) for name, value in told.items()}


def _clean(value: object) -> object:
    """A server's words without what could act on a terminal."""
    if isinstance(value, str):
        return printable(value)
    return [_clean(one) for one in value] if isinstance(value, list) else value


def _of_finding(finding: Finding | None) -> Iterator[tuple[str, object]]:
    match finding:
        case Addresses(addresses=addresses, failures=failures):
            yield "addresses", list(addresses)
            if failures:
                yield "failures", dict(failures)
        case Certificate():
            yield from _of_certificate(finding)
        case Services(service=service, servers=servers, is_refused=is_refused):
            yield "service", service
            yield "servers", [f"{host}:{port}" for host, port in servers]
            yield "refused", is_refused
        case Exchanges(hosts=hosts, is_refused=is_refused):
            yield from (("service", "MX"), ("servers", list(hosts)), ("refused", is_refused))
        case SignInOffer(before_tls=before, after_tls=after):
            yield from (("before_tls", list(before)), ("after_tls", list(after)))
        case _:
            yield from _of_dialogue(finding)


def _of_dialogue(finding: Finding | None) -> Iterator[tuple[str, object]]:
    match finding:
        case Greeting(code=code, text=text, protocol=protocol):
            yield from (("code", code), ("text", text), ("protocol", protocol))
        case Offer(extensions=extensions, verb=verb):
            yield "extensions", [" ".join(filter(None, pair)) for pair in extensions]
            yield "verb", verb
        case StartTls(text=text):
            yield "text", text
        case TlsSession(version=version, cipher=cipher):
            yield from (("version", version), ("cipher", cipher))


def _of_certificate(certificate: Certificate) -> Iterator[tuple[str, object]]:
    yield "names", list(certificate.names)
    yield "not_before", certificate.not_before.isoformat()
    yield "not_after", certificate.not_after.isoformat()
    yield "issuer", certificate.issuer
    yield "faults", [fault.code for fault in certificate.faults]
    yield "chain_length", certificate.chain_length
    yield "trust_store", certificate.trust_store


def milliseconds(took: timedelta) -> float:
    """A length of time as the documents have it."""
    return round(took.total_seconds() * 1000, 2)
