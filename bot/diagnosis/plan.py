"""What to look at next: the stated port first, more only once it hesitates or fails.

`plan` is asked again after every observation and at `Plan.look_again`; it never repeats an
attempt that the evidence or `started` already has. Ways on that it knows:

1. Every address of the stated port, at once.
2. The same port encrypted the other way: a silent port gets a TLS ClientHello (that tells
   implicit TLS from a slow greeting), a port that fails TLS is greeted in plain text.
3. The other submission ports of the host, on one address of each family.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address

from bot.diagnosis.readings import Reading, read, readings
from bot.model.codes import Code
from bot.model.evidence import Addresses, Attempt, Evidence, Greeting, Role, Seen, TlsSession
from bot.model.target import MAIL_PORTS, Protocol, Security, Target, implied_by

__all__ = ["HESITATION", "Alternative", "Plan", "first_port", "plan", "usable_ports"]

Alternative = tuple[int, Security]

# A healthy server greets in one round trip; a person sees a second as a wait.
HESITATION = timedelta(seconds=1)
# Where no port was stated, an earlier candidate that has not even connected by now is silent
# enough to go with a later one that works: three times the hesitation, and SYN retries at 1 s.
_PATIENCE_FOR_CANDIDATES = timedelta(seconds=3)

_RELAY_PORT = 25
# Nothing that another port or mode could change: the machine itself presents the certificate.
_NOT_WORTH_ALTERNATIVES = frozenset(code for code in Code if code.startswith("cert."))


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Attempts to start now, whether enough is known, and when to ask again at the latest."""

    start: tuple[Attempt, ...] = ()
    enough: bool = False
    look_again: timedelta | None = None


def plan(
    target: Target,
    evidence: Evidence,
    elapsed: timedelta,
    *,
    started: Collection[Attempt] = (),
    alternatives: tuple[Alternative, ...],
) -> Plan:
    """The next attempts, given what was seen and started so far and the time since the start."""
    addresses = _addresses(evidence)
    alternatives = candidates(target, alternatives)
    stated = _stated(target, addresses, alternatives)
    known = {attempt: read(attempt, evidence.of(attempt)) for attempt in started}
    if _enough(target, known, elapsed):
        return Plan(enough=True)
    wanted = [*stated]
    troubled = [known[attempt] for attempt in stated if attempt in known]
    troubled = [reading for reading in troubled if _in_trouble(target, reading, elapsed)]
    if troubled and not any(known[attempt].works for attempt in stated if attempt in known):
        wanted += _other_modes(target, troubled)
        wanted += _other_ports(target, addresses, alternatives)
    start = tuple(attempt for attempt in dict.fromkeys(wanted) if attempt not in known)
    return Plan(start=start, look_again=_next_look(elapsed))


def candidates(target: Target, submission: tuple[Alternative, ...]) -> tuple[Alternative, ...]:
    """The ports that come into question: those of submission, or the two that fetch mail."""
    if target.protocol in {None, Protocol.SMTP}:
        return submission
    return tuple(
        (port, security)
        for port, (protocol, security) in sorted(MAIL_PORTS.items(), reverse=True)
        if protocol is target.protocol
    )


def first_port(target: Target, alternatives: tuple[Alternative, ...]) -> int:
    """The port that stands for the target: its own, else the first that is tried.

    A stated security without a port prefers the ports that are meant for it.
    """
    if target.port is not None:
        return target.port
    fitting = (port for port, security in alternatives if security is target.security)
    return next(fitting, alternatives[0][0])


def _addresses(evidence: Evidence) -> tuple[str, ...]:
    for seen in evidence.of(None):
        if isinstance(seen, Seen) and isinstance(seen.finding, Addresses):
            return seen.finding.addresses
    return ()


def _stated(
    target: Target, addresses: tuple[str, ...], alternatives: tuple[Alternative, ...]
) -> tuple[Attempt, ...]:
    port = first_port(target, alternatives)
    protocol, security = implied_by(port) or (Protocol.SMTP, None)
    return tuple(
        Attempt(
            role=Role.STATED,
            address=address,
            port=port,
            protocol=target.protocol or protocol,
            security=target.security or security,
        )
        for address in addresses
    )


def _in_trouble(target: Target, reading: Reading, elapsed: timedelta) -> bool:
    """Whether more is to be looked at. Where no port was stated any fault sends to the next."""
    pointless = _NOT_WORTH_ALTERNATIVES if target.port is not None else frozenset[Code]()
    if any(fact.code not in pointless for fact in reading.problems):
        return True
    return not reading.ended and reading.found(Greeting) is None and elapsed >= HESITATION


def _other_modes(target: Target, troubled: list[Reading]) -> Iterator[Attempt]:
    for reading in troubled:
        mode = _other_mode(reading)
        if mode is None or not reading.connected():
            continue
        attempt = reading.attempt
        yield Attempt(
            role=Role.OTHER_MODE,
            address=attempt.address,
            port=attempt.port,
            protocol=target.protocol or attempt.protocol,
            security=mode,
        )


def _other_mode(reading: Reading) -> Security | None:
    """The other way to encrypt that the facts leave possible, None if they leave none."""
    if reading.attempt.security is Security.TLS:
        return Security.STARTTLS if reading.found(TlsSession) is None else None
    greeting = reading.found(Greeting)
    if greeting is None:
        return Security.TLS
    wants_tls_first = reading.attempt.security is Security.NONE and reading.offers("STARTTLS")
    return Security.STARTTLS if wants_tls_first else None


def _other_ports(
    target: Target, addresses: tuple[str, ...], alternatives: tuple[Alternative, ...]
) -> Iterator[Attempt]:
    if target.protocol not in {None, Protocol.SMTP} and target.port is not None:
        return
    taken = first_port(target, alternatives)
    for port, security in alternatives:
        if port == taken:
            continue
        for address in _one_of_each_family(addresses):
            yield Attempt(
                role=Role.OTHER_PORT,
                address=address,
                port=port,
                protocol=target.protocol or Protocol.SMTP,
                security=security,
            )


def _one_of_each_family(addresses: tuple[str, ...]) -> tuple[str, ...]:
    families: dict[int, str] = {}
    for address in addresses:
        families.setdefault(ip_address(address).version, address)
    return tuple(families.values())


def _enough(target: Target, known: dict[Attempt, Reading], elapsed: timedelta) -> bool:
    """Whether what still runs could not change the verdict."""
    ended = [reading for reading in known.values() if reading.ended]
    working = [reading for reading in ended if reading.works]
    if any(_explains_silence(reading) for reading in ended):
        return True
    if target.port is not None or elapsed < _PATIENCE_FOR_CANDIDATES:
        return False
    waiting = [reading for reading in known.values() if not reading.ended]
    return bool(working) and not any(reading.connected() for reading in waiting)


def _explains_silence(reading: Reading) -> bool:
    """Whether the other mode of the port works, or spoke TLS where a plain client hears nothing."""
    attempt = reading.attempt
    if attempt.role is not Role.OTHER_MODE:
        return False
    spoke = attempt.security is Security.TLS and not reading.mismatched()
    return reading.works or spoke


def _next_look(elapsed: timedelta) -> timedelta | None:
    looks = (HESITATION, _PATIENCE_FOR_CANDIDATES)
    return next((look for look in looks if look > elapsed), None)


def usable_ports(evidence: Evidence, *roles: Role) -> tuple[Reading, ...]:
    """The attempts of `roles` that work and may be advised: never port 25, never in the clear."""
    return tuple(
        reading
        for reading in readings(evidence, *roles)
        if reading.works
        and reading.attempt.port != _RELAY_PORT
        and reading.found(TlsSession) is not None
    )
