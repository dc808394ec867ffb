"""The facts beside the verdict, and the numbers and names that fill its sentence."""

from collections.abc import Iterable, Iterator, Mapping

from bot.diagnosis.about import about_fact
from bot.diagnosis.certificates import about_certificate
from bot.diagnosis.partial import about_dead, about_failing, failing_beside
from bot.diagnosis.readings import Fact, Reading
from bot.diagnosis.situation import Live, default_security, warnings_of
from bot.model.codes import Code, Severity, severity_of
from bot.model.diagnosis import Note
from bot.model.evidence import (
    Addresses,
    Certificate,
    Greeting,
    Seen,
    SignInOffer,
    TlsSession,
)
from bot.model.foreign import one_line
from bot.model.target import Setting, Target

__all__ = ["details_of", "notes_of"]


def notes_of(verdict: Code, live: Live | None, beside: Iterable[Note] = ()) -> tuple[Note, ...]:
    """The verdict's own code and every other fact worth knowing, `beside` too, each once."""
    port = live.base.attempt.port if live is not None and live.base is not None else None
    found: dict[Code, Note] = {}
    seen = _live_notes(live, port) if live is not None else ()
    for note in (*seen, *beside):
        found.setdefault(note.code, note)
    own = found.pop(verdict, Note(code=verdict, severity=severity_of(verdict, port)))
    return (own, *found.values())


def _live_notes(live: Live, port: int | None) -> Iterator[Note]:
    base_facts = live.base.facts if live.base is not None else ()
    failing = about_failing(live)
    for fact in (*live.problems, *base_facts):
        severity = severity_of(fact.code, port)
        yield Note(
            code=fact.code, severity=severity, details={**about_fact(fact, live.base), **failing}
        )
    if live.dead:
        yield Note(code=Code.TCP_PARTIAL, severity=Severity.WARNING, details=about_dead(live))
    for dead in live.dead:
        for fact in dead.problems if dead.connected() else ():
            yield Note(
                code=fact.code,
                severity=severity_of(fact.code, port),
                details={"address": dead.attempt.address, **about_fact(fact, dead)},
            )
    for beside, fact in failing_beside(live):
        yield Note(
            code=fact.code,
            severity=severity_of(fact.code, port),
            details={"address": beside.attempt.address, **about_fact(fact, beside)},
        )
    for other in live.further:
        for fact in other.problems:
            yield Note(
                code=fact.code,
                severity=severity_of(fact.code, other.attempt.port),
                details={"port": str(other.attempt.port), **about_fact(fact, other)},
            )
    yield from _family_notes(live)


def _family_notes(live: Live) -> Iterator[Note]:
    """A look-up that failed for one family only: worth a word, whatever it stops elsewhere."""
    for seen in live.looked_up:
        if isinstance(seen, Seen) and isinstance(seen.finding, Addresses):
            for family, code in seen.finding.failures:
                said = f"the look-up of {family} records failed"
                yield Note(code=code, severity=Severity.WARNING, details={"said": said})


def details_of(
    verdict: Code, target: Target | None, live: Live | None, suggested: Setting | None
) -> Mapping[str, str]:
    """What is known to fill the verdict's sentence; a name that is absent is not known."""
    if target is None:
        return {}
    details = {"host": target.host}
    if target.port is not None:
        details["port"] = str(target.port)
    if live is not None:
        details |= _about_base(verdict, live)
        details |= about_dead(live) if verdict is Code.TCP_PARTIAL else {}
        if live.meant is not None and not live.other_host:
            details["meant_host"] = live.meant
    if suggested is not None:
        if suggested.host != target.host:
            details["working_host"] = suggested.host
        details["working_port"] = str(suggested.port)
        details["working_security"] = suggested.security
    return details


def _about_base(verdict: Code, live: Live) -> dict[str, str]:
    base = live.base
    if base is None:
        return about_fact(live.problems[0]) if live.before else {}
    attempt = base.attempt
    details = {
        "port": str(attempt.port),
        "security": attempt.security or default_security(attempt.port),
        "address": attempt.address,
    }
    fact = _fact_behind(verdict, base)
    if verdict is Code.NETWORK_PORT_BLOCKED and fact and fact.code is Code.TCP_UNREACHABLE:
        details["closed_way"] = one_line(fact.said)
    greeting, session = base.found(Greeting), base.found(TlsSession)
    if greeting is not None:
        details["protocol"] = greeting.protocol.upper()
    if session is not None:
        details["version"] = session.version
    sign_in = base.found(SignInOffer)
    if sign_in is not None:
        details["mechanisms"] = one_line(" ".join(sign_in.after_tls or sign_in.before_tls))
    certificate = base.found(Certificate)
    if certificate is not None:
        details |= about_certificate(certificate)
    return details | (about_fact(fact, base) if fact is not None else {})


def _fact_behind(verdict: Code, base: Reading) -> Fact | None:
    """The fact that the verdict is about: its own, else the first that stops mail."""
    own = [fact for fact in base.facts if fact.code is verdict]
    return next(iter([*own, *base.problems, *warnings_of(base)]), None)
