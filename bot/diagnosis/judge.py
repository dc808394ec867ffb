"""The verdict: rules turn what was seen and said into causes, the most specific proven one first.

What was seen live goes before what was said: a server that fails the check is the cause whatever
the error text suggests. Where the check finds nothing, the quoted error, the answers and the
symptom speak, in that order of weight. Where nothing speaks, the honest verdict is `unknown`.
"""

from collections.abc import Iterator
from dataclasses import replace

from bot.diagnosis.findings import details_of, notes_of
from bot.diagnosis.hearsay import is_live, said_causes
from bot.diagnosis.interception import notes_on_interception
from bot.diagnosis.match import holding
from bot.diagnosis.offers import notes_on_offers
from bot.diagnosis.provider_join import sign_in_details
from bot.diagnosis.readings import Fact
from bot.diagnosis.situation import (
    Known,
    Live,
    Situation,
    default_security,
    situation_of,
    warnings_of,
)
from bot.knowledge.directory import directory_of
from bot.knowledge.schema import Knowledge, Rule
from bot.model.codes import RELAY_PORT, Code, group_of
from bot.model.diagnosis import Cause, CheckedTarget, Diagnosis, Note
from bot.model.evidence import Seen, Skipped, Stage, TlsSession
from bot.model.target import Protocol, Security, Setting, Target, implied_by

__all__ = ["diagnose", "is_blind"]

_DIRECT = 0.95  # the wire itself said so; the rest is doubt about the vantage
_INFERRED = 0.7  # a conclusion from names
_SUBMISSION_PORT = 587  # RFC 6409; what a target without a port stands for until one works
_BARE = "live:direct"  # the rule of facts that no rule interprets
_DOUBT = 0.3  # of what may be our own blindness

# What a stage that went well speaks against, by group or code.
_RULED_OUT_BY = {
    Stage.DNS: ("dns",),
    Stage.TCP: ("tcp",),
    Stage.GREETING: ("greeting",),
    Stage.TLS: ("tls", "starttls", "settings.wrong_security"),
    Stage.CERTIFICATE: ("cert",),
    Stage.AUTH: ("auth.not_offered", "auth.unsupported_mechanisms", "settings.wrong_port"),
}


def diagnose(known: Known, knowledge: Knowledge) -> Diagnosis:
    """The diagnosis of whatever is known; causes that were advised on in vain are left out."""
    situation = situation_of(known)
    live = situation.live
    beside = _beside(known.target, live, knowledge)
    situation = replace(situation, beside=frozenset(note.code for note in beside))
    held = holding(knowledge.rules, situation)
    said = said_causes(knowledge, situation, held)
    seen = _seen(held, situation)
    blind = is_blind(situation, knowledge)
    causes = _causes(situation, known.tried, seen, said, blind=blind)
    suggested = _suggested(known.target, live)
    return Diagnosis(
        target=_checked_target(known.target, live),
        causes=causes,
        notes=notes_of(causes[0].code, live, beside),
        ruled_out=_ruled_out(situation, said, causes),
        missing=_missing(live),
        suggested=suggested,
        works=live is not None and live.works,
        details={
            **details_of(causes[0].code, known.target, live, suggested),
            **(sign_in_details(known.target.host, knowledge) if known.target is not None else {}),
            **next((note.details for note in beside if note.code is causes[0].code), {}),
        },
    )


def _causes(
    situation: Situation,
    tried: tuple[Code, ...],
    seen: list[Cause],
    said: list[Cause],
    *,
    blind: bool,
) -> tuple[Cause, ...]:
    against = _contradicted(situation.live)
    said = [
        cause for cause in said if cause.code not in tried and not _is_among(cause.code, against)
    ]
    hints = [cause for cause in seen if cause.rule.startswith("warning:")]
    proven = [cause for cause in seen if cause not in hints and cause.code not in tried]
    if situation.complaint is not None and blind:
        # What was said is all there is to go by.
        ranked = sorted([*said, *map(_doubted, proven)], key=lambda cause: -cause.confidence)
    else:
        ranked = [*proven, *_between(situation, tried), *said, *hints]
    unique = {cause.code: cause for cause in reversed(ranked)}
    ordered = tuple(dict.fromkeys(unique[cause.code] for cause in ranked))
    return ordered or (_nothing(situation),)


def is_blind(situation: Situation, knowledge: Knowledge) -> bool:
    """Whether a check saw nothing of the server, for a reason that lies with us.

    Policy forbade it, this machine's own network or resolver failed, or a name that the directory
    knows to exist could not be looked up.
    """
    live, target = situation.live, situation.target
    if live is None or target is None:
        return False
    known = target.host in directory_of(knowledge).servers
    return any(
        known or failed.from_here or group_of(failed.code) == "policy" for failed in live.before
    )


def _between(situation: Situation, tried: tuple[Code, ...]) -> tuple[Cause, ...]:
    """Something on the way, where a failure was seen as well and that turns out not to be it."""
    code, live = Code.NETWORK_INTERCEPTED, situation.live
    if live is None or not live.problems or code in tried or code not in situation.beside:
        return ()
    proof = tuple(dict.fromkeys(fact.observation for fact in live.problems))
    return (Cause(code=code, confidence=_INFERRED, rule="live:between", because=proof),)


def _doubted(cause: Cause) -> Cause:
    """A bare fact of our own blindness; what a rule makes of it together with words stands."""
    if cause.rule != _BARE:
        return cause
    return replace(cause, confidence=min(cause.confidence, _DOUBT))


def _beside(target: Target | None, live: Live | None, knowledge: Knowledge) -> tuple[Note, ...]:
    if target is None or live is None or live.base is None:
        return ()
    host = live.base.attempt.host or target.host
    offers = notes_on_offers(host, live.base, knowledge)
    return (*offers, *notes_on_interception(host, live.base, knowledge))


def _nothing(situation: Situation) -> Cause:
    """The verdict where nothing speaks for a cause."""
    if situation.live is not None and situation.live.works:
        base = situation.live.base
        proof = tuple(seen for seen in base.observations if isinstance(seen, Seen)) if base else ()
        return Cause(code=Code.OK, confidence=_DIRECT, rule="live:works", because=proof)
    return Cause(code=Code.UNKNOWN, confidence=0.0, rule="nothing")


def _seen(held: tuple[Rule, ...], situation: Situation) -> list[Cause]:
    """The causes that the live check speaks for: interpreted facts, bare facts, warnings.

    `held` are all rules that hold for `situation`.
    """
    live = situation.live
    if live is None:
        return []
    problems = live.problems
    proof = tuple(dict.fromkeys(fact.observation for fact in problems))
    causes = [
        Cause(code=rule.cause, confidence=rule.confidence, rule=rule.id, because=proof)
        for rule in held
        if is_live(rule)
    ]
    causes += [
        Cause(code=fact.code, confidence=_sureness(fact), rule=_BARE, because=(fact.observation,))
        for fact in problems
    ]
    return causes + list(_warnings(live))


def _warnings(live: Live) -> Iterator[Cause]:
    for dead in live.dead if live.works else ():
        yield Cause(
            code=Code.TCP_PARTIAL,
            confidence=_DIRECT,
            rule="warning:partial",
            because=tuple(fact.observation for fact in dead.problems),
        )
    if live.works and live.base is not None:
        for fact in warnings_of(live.base):
            yield Cause(
                code=fact.code,
                confidence=_sureness(fact),
                rule="warning:direct",
                because=(fact.observation,),
            )


def _sureness(fact: Fact) -> float:
    return _INFERRED if fact.inferred else _DIRECT


def _suggested(target: Target | None, live: Live | None) -> Setting | None:
    """The best setting that was tried in this check and works; on the stated host if it can be.

    Port 25 is none to be advised: servers hand mail on to each other there, and many ways to it
    are blocked. To who has chosen it, it is named where it takes a sign-in and nothing else works.
    """
    if target is None or live is None or live.works:
        return None
    working = live.other_mode + live.other_port + live.other_host
    advisable = [one.attempt for one in working if one.attempt.port != RELAY_PORT]
    fitting = [one.attempt for one in live.other_mode if one.fits]
    for attempt in (*advisable, *fitting):
        if attempt.security is not None:
            host = attempt.host or target.host
            return Setting(host=host, port=attempt.port, security=attempt.security)
    return None


def _checked_target(target: Target | None, live: Live | None) -> CheckedTarget | None:
    if target is None or live is None:
        return None
    tried = live.base.attempt.port if live.base is not None else None
    port = target.port or tried or _SUBMISSION_PORT
    implied = implied_by(port)
    spoken = implied[0] if implied is not None else Protocol.SMTP
    return CheckedTarget(
        host=target.host,
        port=port,
        security=_security(target, live, port),
        protocol=target.protocol or spoken,
        stated=target.stated,
    )


def _security(target: Target, live: Live, port: int) -> Security:
    """As stated; else what works; `none` only where the server offers nothing else."""
    if target.security is not None:
        return target.security
    base = live.base
    if base is None:
        return default_security(port)
    if base.found(TlsSession) is not None:
        return base.attempt.security or Security.STARTTLS
    answered = base.at(Stage.EHLO)
    if isinstance(answered, Seen) and not base.offers_encryption:
        return Security.NONE
    return default_security(port)


def _missing(live: Live | None) -> tuple[tuple[Stage, str], ...]:
    if live is None or live.base is None:
        return ()
    skipped = (seen for seen in live.base.observations if isinstance(seen, Skipped))
    return tuple((seen.stage, seen.because) for seen in skipped)


def _ruled_out(
    situation: Situation, said: list[Cause], causes: tuple[Cause, ...]
) -> tuple[Code, ...]:
    """Causes that the text speaks for and the check speaks against."""
    against = _contradicted(situation.live)
    suspected = dict.fromkeys(cause.code for cause in said)
    chosen = causes[0].code
    return tuple(code for code in suspected if code is not chosen and _is_among(code, against))


def _contradicted(live: Live | None) -> frozenset[str]:
    """Groups and codes that cannot hold, since the stage they are about went well."""
    if live is None or live.base is None:
        return frozenset()
    against: set[str] = set()
    for stage, names in _RULED_OUT_BY.items():
        went_well = isinstance(live.base.at(stage), Seen)
        if went_well or (stage is Stage.DNS and not live.before):
            against.update(names)
    return frozenset(against)


def _is_among(code: Code, names: frozenset[str]) -> bool:
    return code in names or group_of(code) in names
