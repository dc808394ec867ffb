"""A quick check: a target in, a report out; nothing is stored and nobody is asked anything."""

from dataclasses import dataclass

from bot.desk.checks import Checks
from bot.desk.ports import Listener
from bot.diagnosis.advise import Asker, advise
from bot.diagnosis.judge import diagnose
from bot.diagnosis.situation import Known
from bot.knowledge.directory import directory_of
from bot.knowledge.schema import Knowledge, Provider, ProviderServer
from bot.model.codes import Code
from bot.model.diagnosis import Advice, Diagnosis
from bot.model.evidence import Evidence
from bot.model.target import Mailbox, Protocol, Target, Unusable

__all__ = [
    "CheckReport",
    "ProviderSettings",
    "advice_on_refusal",
    "inquire",
    "verdict_of",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSettings:
    """The settings of a mail address, and which of them this run has tried and found to work."""

    provider: Provider
    checked: ProviderServer | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """A check with all that is to be said about it."""

    diagnosis: Diagnosis
    evidence: Evidence
    advice: tuple[Advice, ...]
    settings: ProviderSettings | None = None


async def inquire(
    asked: Target | Mailbox, checks: Checks, knowledge: Knowledge, listener: Listener
) -> CheckReport:
    """The report on a server, or on the outgoing server of a mail address."""
    if isinstance(asked, Target):
        return await _about_server(asked, checks, knowledge, listener)
    return await _about_mailbox(asked, checks, knowledge, listener)


async def _about_server(
    target: Target, checks: Checks, knowledge: Knowledge, listener: Listener
) -> CheckReport:
    evidence = await checks.run(target, listener)
    diagnosis = diagnose(Known(target=target, evidence=evidence), knowledge)
    return CheckReport(
        diagnosis=diagnosis, evidence=evidence, advice=_advice_on(diagnosis, knowledge)
    )


async def _about_mailbox(
    mailbox: Mailbox, checks: Checks, knowledge: Knowledge, listener: Listener
) -> CheckReport:
    provider = directory_of(knowledge).by_domain(mailbox.domain)
    if provider is None:
        return await _about_unknown_domain(mailbox, checks, knowledge, listener)
    # No port was stated, so the first of the provider's own that works is the answer.
    best = provider.outgoing[0]
    own = [server for server in provider.outgoing if server.host == best.host]
    alternatives = tuple((server.port, server.security) for server in own)
    target = Target(host=best.host, protocol=Protocol.SMTP, stated=mailbox.stated)
    evidence = await checks.run(target, listener, alternatives)
    diagnosis = diagnose(Known(target=target, evidence=evidence, provider=provider.id), knowledge)
    port = diagnosis.target.port if diagnosis.target is not None else None
    checked = next((server for server in own if diagnosis.works and server.port == port), None)
    return CheckReport(
        diagnosis=diagnosis,
        evidence=evidence,
        advice=_advice_on(diagnosis, knowledge, provider.id),
        settings=ProviderSettings(provider=provider, checked=checked),
    )


async def _about_unknown_domain(
    mailbox: Mailbox, checks: Checks, knowledge: Knowledge, listener: Listener
) -> CheckReport:
    """A domain that the directory does not have: its name is looked up, nothing is guessed."""
    evidence = await checks.look_up(mailbox.domain, listener)
    target = Target(host=mailbox.domain, stated=mailbox.stated)
    # A domain of mail need not have an address of its own; only the lack of the name says much.
    mail_only = any(failed.code is Code.DNS_NO_ADDRESS for failed in evidence.failures())
    judged = Evidence() if mail_only else evidence
    diagnosis = diagnose(Known(target=target, evidence=judged), knowledge)
    return CheckReport(
        diagnosis=diagnosis, evidence=evidence, advice=_advice_on(diagnosis, knowledge)
    )


def _advice_on(
    diagnosis: Diagnosis, knowledge: Knowledge, provider: str | None = None
) -> tuple[Advice, ...]:
    """Advice on the verdict for somebody whose mail program is not known; none if all is well."""
    if diagnosis.verdict.code is Code.OK:
        return ()
    details: dict[str, str] = {}  # a host that was not found to work is never told to be entered
    chosen = diagnosis.suggested
    if chosen is not None:
        security = knowledge.texts[f"security.{chosen.security}"]
        details = {"host": chosen.host, "port": str(chosen.port), "security": security}
    return advise(diagnosis.verdict.code, Asker(provider=provider, details=details), knowledge)


def advice_on_refusal(refused: Unusable, knowledge: Knowledge) -> tuple[Advice, ...]:
    """Advice on a target that is not looked at."""
    return advise(refused.code, Asker(), knowledge)


def verdict_of(report: CheckReport) -> tuple[Code, int | None]:
    """The verdict's code, and the port that decides how severe it is."""
    target = report.diagnosis.target
    return report.diagnosis.verdict.code, target.port if target is not None else None
