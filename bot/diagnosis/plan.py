"""What to look at next: the stated port first, more only once it hesitates or fails.

`plan` is asked again after every observation and at `Plan.look_again`; it never repeats an
attempt that the evidence or `started` already has. Ways on that it knows:

1. Every address of the stated port, at once.
2. The same port encrypted the other way: a silent port gets a TLS ClientHello (that tells
   implicit TLS from a slow greeting), a port that fails TLS is greeted in plain text.
3. The other submission ports of the host, on one address of each family.
4. The server that was probably meant, where the name looks like a slip (`elsewhere`).
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.diagnosis.elsewhere import addresses_in, one_of_each_family, other_hosts
from bot.diagnosis.likely import Suspicion, nobody
from bot.diagnosis.readings import Reading, read, readings
from bot.diagnosis.voices import is_mismatched, spoke_tls
from bot.model.codes import CERTIFICATE_CODES, RELAY_PORT, Code
from bot.model.evidence import Attempt, Evidence, Greeting, Role, Skipped, Stage, TlsSession
from bot.model.target import MAIL_PORTS, Protocol, Security, Target, implied_by

__all__ = [
    "HESITATION",
    "Alternative",
    "Plan",
    "Ways",
    "candidates",
    "first_port",
    "plan",
    "usable_ports",
]

Alternative = tuple[int, Security]

# A healthy server greets in one round trip; a person sees a second as a wait.
HESITATION = timedelta(seconds=1)
# Once something works, whoever has not answered by now is silent enough to go without: three
# times the hesitation, and a lost SYN is repeated after 1 s.
_PATIENCE_FOR_CANDIDATES = timedelta(seconds=3)
# Once the stated port has failed for certain, others have this long to be a way out. A port for
# mail programs has no reason to delay its greeting (postscreen is for port 25 alone).
_PATIENCE_FOR_THE_REST = timedelta(seconds=6)

# A server that has greeted and is not through by now has most likely fallen silent.
_PATIENCE_IN_A_TALK = timedelta(seconds=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """What else may be tried: other ports, and the servers that were probably meant."""

    alternatives: tuple[Alternative, ...] = ()
    likely: Suspicion = nobody


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
    ways: Ways,
) -> Plan:
    """The next attempts, given what was seen and started so far and the time since the start."""
    addresses = addresses_in(evidence, None)
    alternatives = candidates(target, ways.alternatives)
    stated = _stated(target, addresses, alternatives)
    known = {attempt: read(attempt, evidence.of(attempt)) for attempt in started}
    began = _look_up_time(evidence)  # nobody can be slow to answer before their address is known
    waited = elapsed - began
    if _enough(target, known, waited):
        return Plan(enough=True)
    wanted = [*stated]
    met = [known[attempt] for attempt in stated if attempt in known]
    if not any(reading.works for reading in met):
        if met and all(_in_trouble(reading, waited) for reading in met):
            wanted += _other_modes(target, met)
            ports = tuple(_other_ports(target, addresses, alternatives, known))
            wanted += ports
            begun = [known[port] for port in ports if port in known]
            wanted += _second_tries(target, begun, waited)
        hesitates = waited >= HESITATION
        wanted += other_hosts(ways.likely, evidence, met, known, hesitates=hesitates)
    start = tuple(attempt for attempt in dict.fromkeys(wanted) if attempt not in known)
    return Plan(start=start, look_again=_next_look(began, waited))


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


def _stated(
    target: Target, addresses: tuple[str, ...], alternatives: tuple[Alternative, ...]
) -> tuple[Attempt, ...]:
    port = first_port(target, alternatives)
    protocol, security = implied_by(port) or (Protocol.SMTP, None)
    if target.port is None:
        security = dict(alternatives)[port]
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


def _in_trouble(reading: Reading, waited: timedelta) -> bool:
    """Whether more is to be looked at: something is wrong, or nobody has answered in time."""
    if reading.problems:
        return True
    patience = HESITATION if reading.found(Greeting) is None else _PATIENCE_IN_A_TALK
    return not reading.ended and waited >= patience


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
        is_foreign = any(fact.code is Code.GREETING_NOT_SMTP for fact in reading.facts)
        return None if is_foreign or spoke_tls(reading) else Security.STARTTLS
    greeting = reading.found(Greeting)
    if greeting is None:
        return Security.TLS
    wants_tls_first = reading.attempt.security is Security.NONE and reading.offers_encryption
    return Security.STARTTLS if wants_tls_first else None


def _other_ports(
    target: Target,
    addresses: tuple[str, ...],
    alternatives: tuple[Alternative, ...],
    known: Mapping[Attempt, Reading],
) -> Iterator[Attempt]:
    if target.protocol not in {None, Protocol.SMTP} and target.port is not None:
        return
    taken = first_port(target, alternatives)
    for port, security in alternatives:
        if port == taken:
            continue
        attempts = (
            Attempt(
                role=Role.OTHER_PORT,
                address=address,
                port=port,
                protocol=target.protocol or Protocol.SMTP,
                security=security,
            )
            for address in addresses
        )
        yield from one_of_each_family(attempts, known)


def _second_tries(target: Target, begun: list[Reading], waited: timedelta) -> Iterator[Attempt]:
    """The other mode of candidate ports that were met as the wrong kind of client is.

    Only where nothing was stated that would speak for one mode, and no candidate works.
    """
    is_open = target.port is None and target.security is None
    if not is_open or any(reading.works for reading in begun):
        return
    troubled = [reading for reading in begun if _in_trouble(reading, waited)]
    wrong = [reading for reading in troubled if not reading.problems or is_mismatched(reading)]
    for attempt in _other_modes(target, wrong):
        yield replace(attempt, role=Role.OTHER_PORT)


def _enough(target: Target, known: dict[Attempt, Reading], waited: timedelta) -> bool:
    """Whether what still runs could not change the verdict."""
    ended = [reading for reading in known.values() if reading.ended]
    if _works_as_stated(known):
        return True
    explaining = [reading for reading in ended if _explains_silence(reading)]
    # Port 25 cannot be advised, so those that can be are heard as well.
    is_relay = all(reading.attempt.port == RELAY_PORT for reading in explaining)
    if explaining and not (is_relay and _any_port_waits(known, waited)):
        return True
    if waited < _PATIENCE_FOR_CANDIDATES:
        return False
    others = [reading for reading in ended if reading.attempt.role is not Role.STATED]
    has_way_out = any(reading.fits for reading in others)
    if target.port is None and has_way_out:
        return True
    stated = [one for attempt, one in known.items() if attempt.role is Role.STATED]
    if not all(one.ended for one in stated):
        return False
    is_certain = has_way_out or (bool(stated) and all(map(_lacks_trust_alone, stated)))
    return is_certain or waited >= _PATIENCE_FOR_THE_REST


def _any_port_waits(known: dict[Attempt, Reading], waited: timedelta) -> bool:
    ports = [one for attempt, one in known.items() if attempt.role is Role.OTHER_PORT]
    return waited < _PATIENCE_FOR_CANDIDATES and not all(one.ended for one in ports)


def _lacks_trust_alone(reading: Reading) -> bool:
    """Whether nothing but the certificate is wrong, which is mostly the same on every port."""
    return all(fact.code in CERTIFICATE_CODES for fact in reading.problems)


def _works_as_stated(known: dict[Attempt, Reading]) -> bool:
    """Whether every address of the stated port has answered, and one of them works."""
    stated = [one for attempt, one in known.items() if attempt.role is Role.STATED]
    return any(one.works for one in stated) and all(one.ended for one in stated)


def _explains_silence(reading: Reading) -> bool:
    """Whether the other mode of the port works, or spoke TLS where a plain client hears nothing.

    Or it made another service speak, which waits to be asked.
    """
    attempt = reading.attempt
    if attempt.role is not Role.OTHER_MODE:
        return False
    spoke = attempt.security is Security.TLS and not is_mismatched(reading)
    is_foreign = any(fact.code is Code.GREETING_NOT_SMTP for fact in reading.facts)
    return reading.works or spoke or is_foreign


def _next_look(began: timedelta, waited: timedelta) -> timedelta | None:
    looks = (HESITATION, _PATIENCE_FOR_CANDIDATES, _PATIENCE_FOR_THE_REST)
    return next((began + look for look in looks if look > waited), None)


def _look_up_time(evidence: Evidence) -> timedelta:
    """How long the look-up of the stated name took."""
    ran = (seen for seen in evidence.of(None) if not isinstance(seen, Skipped))
    return sum((seen.took for seen in ran if seen.stage is Stage.DNS), timedelta())


def usable_ports(evidence: Evidence, *roles: Role) -> tuple[Reading, ...]:
    """The attempts of `roles` that work and may be advised: never port 25, never in the clear.

    The preferred port comes first, whichever answered first.
    """
    usable = (
        reading
        for reading in readings(evidence, *roles)
        if reading.works
        and reading.attempt.port != RELAY_PORT
        and reading.found(TlsSession) is not None
    )
    return tuple(sorted(usable, key=lambda reading: evidence.rank(reading.attempt.port)))
