"""Everything a rule may ask about, gathered once: what was seen live, said and answered."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.diagnosis.elsewhere import addresses_in
from bot.diagnosis.plan import usable_ports
from bot.diagnosis.readings import Fact, Reading, readings
from bot.diagnosis.voices import is_mismatched, is_mute, is_silent
from bot.model.case import Answer
from bot.model.codes import RELAY_PORT, Code, Severity, severity_of
from bot.model.complaint import Complaint
from bot.model.evidence import Evidence, Failed, Greeting, Observation, Role, TlsSession
from bot.model.target import Security, Target, implied_by

__all__ = [
    "Known",
    "Live",
    "Situation",
    "default_security",
    "situation_of",
    "warnings_of",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Whatever is known when a diagnosis is asked for; all of it may be missing.

    `tried` causes were advised on in vain.
    """

    target: Target | None = None
    evidence: Evidence | None = None
    complaint: Complaint | None = None
    answers: tuple[Answer, ...] = ()
    provider: str | None = None
    tried: tuple[Code, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """The live check, read. `base` is the attempt that stands for the stated port.

    `before` are failures before any connection (policy, DNS). `other_mode`, `other_port` and
    `other_host` are working alternatives, best first; `meant` is the name that was probably meant.
    """

    before: tuple[Failed, ...] = ()
    looked_up: tuple[Observation, ...] = ()
    base: Reading | None = None
    stated: tuple[Reading, ...] = ()
    others: tuple[Reading, ...] = ()
    other_mode: tuple[Reading, ...] = ()
    other_port: tuple[Reading, ...] = ()
    other_host: tuple[Reading, ...] = ()
    meant: str | None = None

    @property
    def problems(self) -> tuple[Fact, ...]:
        """What stops mail on the stated port, earliest stage first."""
        if self.before:
            return tuple(
                Fact(code=failed.code, said=failed.said, observation=failed)
                for failed in self.before
            )
        return self.base.problems if self.base is not None else ()

    @property
    def works(self) -> bool:
        """Whether mail could be handed in as stated."""
        return not self.before and self.base is not None and self.base.works

    @property
    def unfinished(self) -> bool:
        """Whether the check ended without an answer either way."""
        return not self.works and not self.problems

    @property
    def dead(self) -> tuple[Reading, ...]:
        """Addresses that fail where another works or came further; our own network aside."""
        base = self.base
        if base is None or base.attempt.role is not Role.STATED:
            return ()
        return tuple(
            reading
            for reading in self.stated
            if reading.problems
            and not reading.from_here()
            and (base.works or (reading.reach < base.reach and not reading.connected()))
        )

    @property
    def further(self) -> tuple[Reading, ...]:
        """Other attempts that fail, but came further than the one that stands for the port."""
        reach = self.base.reach if self.base is not None else -1
        others = (reading for reading in self.others if reading is not self.base)
        return tuple(one for one in others if one.problems and one.reach > reach)


def _live(target: Target, evidence: Evidence) -> Live:
    """The evidence of one check, read against its target."""
    before = tuple(seen for seen in evidence.failures() if seen.attempt is None)
    order = addresses_in(evidence, None)  # as mail programs take them, not as they answered
    stated = tuple(
        sorted(readings(evidence, Role.STATED), key=lambda one: order.index(one.attempt.address))
    )
    modes = readings(evidence, Role.OTHER_MODE)
    ports = readings(evidence, Role.OTHER_PORT)
    candidates = stated
    if target.security is None:  # whichever mode works is the one that was meant
        candidates += tuple(one for one in modes if one.works or one.problems)
    if target.port is None and not any(reading.works for reading in candidates):
        candidates += _preferred(target, stated, ports, evidence)
    base = max(candidates, key=_weight, default=None)
    return Live(
        before=before,
        looked_up=evidence.of(None),
        base=base,
        stated=stated,
        others=modes + ports,
        other_mode=tuple(one for one in modes if one.works and one.found(TlsSession) is not None),
        other_port=usable_ports(evidence, Role.OTHER_PORT),
        other_host=_best_first(target, usable_ports(evidence, Role.OTHER_HOST)),
        meant=next((one.host for one in evidence.attempts() if one.host is not None), None),
    )


def _preferred(
    target: Target, stated: tuple[Reading, ...], ports: tuple[Reading, ...], evidence: Evidence
) -> tuple[Reading, ...]:
    """The attempts that work at the preferred one of the ports where any does.

    Much is forgiven to port 25, where servers meet. It stands for the target only where no port
    for mail programs has answered, or else their faults would be hidden by it.
    """
    meant = [one for one in ports if target.security in {None, one.attempt.security}]
    working = [reading for reading in meant if reading.fits]
    if not working and not any(_answers_programs(one) for one in stated + ports):
        working = [reading for reading in meant if reading.works]
    best = min((evidence.rank(reading.attempt.port) for reading in working), default=None)
    return tuple(one for one in working if evidence.rank(one.attempt.port) == best)


def _answers_programs(reading: Reading) -> bool:
    return reading.attempt.port != RELAY_PORT and reading.connected()


def _best_first(target: Target, working: tuple[Reading, ...]) -> tuple[Reading, ...]:
    """The stated port before others; else in the order in which they were tried."""
    return tuple(sorted(working, key=lambda reading: reading.attempt.port != target.port))


def _weight(reading: Reading) -> tuple[bool, bool, bool, int, bool]:
    """A working attempt stands for the port before a failing one.

    Among failing ones it is one in the mode that the server speaks, then the one that came
    furthest: its fault is nearest to the goal. Where no security was stated, the other mode of the
    port is such an attempt like any other.
    """
    stated = reading.attempt.role is Role.STATED
    suits = not is_mismatched(reading)
    return (reading.works, not reading.from_here(), suits, reading.reach, stated)


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What is known when a cause is looked for. `target` or `live` None: nothing was checked."""

    target: Target | None = None
    live: Live | None = None
    complaint: Complaint | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    provider: str | None = None
    beside: frozenset[Code] = frozenset()  # what was concluded, beside the facts of the wire

    @property
    def stated_codes(self) -> tuple[str, ...]:
        """The first failure of the stated port, or `none`; nothing where nothing was checked."""
        if self.live is None or self.live.unfinished:
            return ()
        problems = self.live.problems
        return (problems[0].code,) if problems else ("none",)

    @property
    def silent(self) -> bool:
        """Whether the stated port was waited for in vain, and said nothing in the other mode."""
        if self.live is None or self.live.base is None or self.live.before:
            return False
        base = self.live.base
        modes = (one for one in self.live.others if one.attempt.role is Role.OTHER_MODE)
        same = [one for one in modes if one.attempt.address == base.attempt.address]
        return is_silent(base) and all(is_mute(one) for one in same)

    @property
    def notes(self) -> frozenset[Code]:
        """Every fact that was seen on the stated port, and who answers there if asked otherwise."""
        if self.live is None or self.live.base is None:
            return frozenset()
        modes = (one for one in self.live.others if one.attempt.role is Role.OTHER_MODE)
        foreign = (fact.code for one in modes for fact in one.facts)
        own = frozenset(fact.code for fact in self.live.base.facts)
        return own | self.beside | ({Code.GREETING_NOT_SMTP} & frozenset(foreign))

    @property
    def security(self) -> frozenset[str]:
        """The stated security, `any_stated` with it, or `auto`."""
        stated = self.target.security if self.target is not None else None
        return frozenset({stated, "any_stated"}) if stated is not None else frozenset({"auto"})

    @property
    def port(self) -> int | None:
        """The port as stated."""
        return self.target.port if self.target is not None else None

    @property
    def speaks(self) -> str | None:
        """The protocol that answered on the stated port, perhaps only when asked another way."""
        if self.live is None or self.live.base is None:
            return None
        modes = (one for one in self.live.others if one.attempt.role is Role.OTHER_MODE)
        said = (one.found(Greeting) for one in (self.live.base, *modes))
        return next((greeting.protocol for greeting in said if greeting is not None), None)


def situation_of(known: Known) -> Situation:
    """What is known, gathered for the rules."""
    live = None
    if known.target is not None and known.evidence is not None:
        live = _live(known.target, known.evidence)
    said = known.complaint.provider if known.complaint is not None else None
    return Situation(
        target=known.target,
        live=live,
        complaint=known.complaint,
        answers={answer.question: answer.choice for answer in known.answers},
        provider=known.provider or said,
    )


def warnings_of(reading: Reading) -> tuple[Fact, ...]:
    """The facts of an attempt that are worth a word and stop nothing."""
    port = reading.attempt.port
    return tuple(fact for fact in reading.facts if severity_of(fact.code, port) is Severity.WARNING)


def default_security(port: int) -> Security:
    """What a port is meant for where nothing was learned."""
    implied = implied_by(port)
    return implied[1] if implied else Security.STARTTLS
