"""What one attempt amounts to: its facts in order, and whether it can be used.

An attempt that came as far as its sign-in offers has ended. It *works* when nothing that was seen
on the way is a problem; warnings do not stop mail.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from bot.model.codes import RELAY_PORT, Code, Severity, severity_of
from bot.model.evidence import (
    Attempt,
    Certificate,
    Evidence,
    Failed,
    Finding,
    Greeting,
    Observation,
    Offer,
    Role,
    Seen,
    SignInOffer,
    Skipped,
    Stage,
)
from bot.model.target import Protocol, Security

__all__ = ["SLOW_GREETING", "Fact", "Reading", "read", "readings"]

# Mail programs begin to give up at about this wait (facts: 5 s to 15 s); the contract fixes it.
SLOW_GREETING = timedelta(seconds=5)

# These carry the password or the token itself.
_READABLE_MECHANISMS = frozenset({"PLAIN", "LOGIN", "XOAUTH2", "OAUTHBEARER"})
_LADDER = tuple(Stage)
# TLS from the start comes, and fails, before a word is said.
_TLS_FIRST = (
    Stage.DISCOVER,
    Stage.DNS,
    Stage.TCP,
    Stage.TLS,
    Stage.CERTIFICATE,
    Stage.GREETING,
    Stage.EHLO,
    Stage.STARTTLS,
    Stage.AUTH,
    Stage.SEND,
)


T = TypeVar("T", bound=Finding)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A code that an observation stands for, with the words that came with it."""

    code: Code
    said: str
    observation: Observation
    inferred: bool = False  # concluded from names, and not shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """An attempt with its observations, read."""

    attempt: Attempt
    observations: tuple[Observation, ...]
    facts: tuple[Fact, ...]

    @property
    def ended(self) -> bool:
        """Whether every stage has been reported."""
        return any(seen.stage is Stage.AUTH for seen in self.observations)

    @property
    def problems(self) -> tuple[Fact, ...]:
        """The facts that stop mail, earliest stage first."""
        port = self.attempt.port
        return tuple(
            fact for fact in self.facts if severity_of(fact.code, port) is Severity.PROBLEM
        )

    @property
    def works(self) -> bool:
        """Whether mail could be handed in this way."""
        answered = isinstance(self.at(Stage.AUTH), Seen | Failed)
        return answered and not self.problems

    @property
    def fits(self) -> bool:
        """Whether it works, and would also by what a mail program asks of any port but 25."""
        return self.works and all(
            severity_of(fact.code) is not Severity.PROBLEM for fact in self.facts
        )

    @property
    def reach(self) -> int:
        """How far it came: the number of the last stage that was seen, -1 for none."""
        seen = (_LADDER.index(o.stage) for o in self.observations if isinstance(o, Seen))
        return max(seen, default=-1)

    def at(self, stage: Stage) -> Observation | None:
        """The observation of a stage that ran, else that it was skipped, else None."""
        rows = [seen for seen in self.observations if seen.stage is stage]
        ran = [seen for seen in rows if not isinstance(seen, Skipped)]
        return next(iter(ran or rows), None)

    def connected(self) -> bool:
        """Whether the TCP handshake was completed."""
        return isinstance(self.at(Stage.TCP), Seen)

    def from_here(self) -> bool:
        """Whether it failed for a reason of this machine's own network."""
        return any(isinstance(seen, Failed) and seen.from_here for seen in self.observations)

    def found(self, kind: type[T]) -> T | None:
        """The first finding of that kind, of a stage that went well or failed; None without one."""
        ran = (seen for seen in self.observations if not isinstance(seen, Skipped))
        return next((seen.finding for seen in ran if isinstance(seen.finding, kind)), None)

    @property
    def offers_encryption(self) -> bool:
        """Whether the first list has STARTTLS, which POP3 calls STLS (RFC 2595 section 4)."""
        offer = self.found(Offer)
        return offer is not None and (offer.names("STARTTLS") or offer.names("STLS"))


def readings(evidence: Evidence, *roles: Role) -> tuple[Reading, ...]:
    """The attempts of `roles` (all, if none is named), read, in the order of their start."""
    wanted = roles or tuple(Role)
    return tuple(
        read(attempt, evidence.of(attempt))
        for attempt in evidence.attempts()
        if attempt.role in wanted
    )


def read(attempt: Attempt, observations: tuple[Observation, ...]) -> Reading:
    """The attempt with every fact that its observations stand for, earliest stage first."""
    order = _TLS_FIRST if attempt.security is Security.TLS else _LADDER
    in_order = sorted(observations, key=lambda seen: order.index(seen.stage))
    ran = [seen for seen in in_order if not isinstance(seen, Skipped)]
    facts = tuple(fact for seen in ran for fact in _facts(attempt, seen))
    if any(_is_foreign(attempt, seen) for seen in ran):  # slow at what nobody asked it for
        facts = tuple(fact for fact in facts if fact.code is not Code.GREETING_SLOW)
    return Reading(attempt=attempt, observations=tuple(in_order), facts=facts)


def _facts(attempt: Attempt, observation: Seen | Failed) -> Iterator[Fact]:
    if isinstance(observation, Failed) and not isinstance(observation.finding, Certificate):
        yield Fact(code=observation.code, said=observation.said, observation=observation)
    match observation.finding:
        case Certificate(faults=faults):
            for fault in faults:
                yield Fact(
                    code=fault.code,
                    said=fault.said,
                    observation=observation,
                    inferred=fault.inferred,
                )
        case Offer() as offer:
            yield from _helo_alone(attempt, offer, observation)
        case Greeting() as greeting if observation.stage is Stage.TLS:
            yield from _answered_in_words(attempt, greeting, observation)
        case Greeting(text=text) if _was_slow(observation):
            yield Fact(code=Code.GREETING_SLOW, said=text, observation=observation)
        case SignInOffer() as offer if _in_the_clear(attempt, offer):
            offered = " ".join(offer.before_tls)
            yield Fact(code=Code.AUTH_CLEARTEXT, said=offered, observation=observation)


def _is_foreign(attempt: Attempt, observation: Seen | Failed) -> bool:
    """Whether somebody answered in another protocol than was asked for."""
    spoken = observation.finding
    return isinstance(spoken, Greeting) and spoken.protocol != attempt.protocol


def _was_slow(observation: Seen | Failed) -> bool:
    return observation.stage is Stage.GREETING and observation.took > SLOW_GREETING


def _helo_alone(attempt: Attempt, offer: Offer, observation: Observation) -> Iterator[Fact]:
    """Between servers HELO is enough; nobody can encrypt or sign in without EHLO."""
    if offer.refused and attempt.port != RELAY_PORT:
        yield Fact(code=Code.EHLO_REJECTED, said=offer.refused, observation=observation)


def _answered_in_words(
    attempt: Attempt, greeting: Greeting, observation: Observation
) -> Iterator[Fact]:
    """A handshake that was answered by a server of another protocol: what that says of the port."""
    if greeting.protocol not in {attempt.protocol, Protocol.SMTP, "text"}:
        yield Fact(code=Code.GREETING_NOT_SMTP, said=greeting.text, observation=observation)


def _in_the_clear(attempt: Attempt, offer: SignInOffer) -> bool:
    """Whether somebody would sign in unencrypted (RFC 4954 section 4 forbids offering that).

    Who asks for no encryption does so with whatever is offered; else what counts is what gives the
    password or token away.
    """
    if attempt.security is Security.NONE:
        return bool(offer.before_tls)
    if attempt.protocol is not Protocol.SMTP:
        return False
    return bool(_READABLE_MECHANISMS & set(offer.before_tls))
