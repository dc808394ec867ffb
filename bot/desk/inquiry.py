"""A quick check: a target in, a report out; nothing is stored and nobody is asked anything."""

from dataclasses import dataclass

from bot.desk.checks import Checks
from bot.desk.ports import Listener
from bot.desk.search import Searched, searched
from bot.diagnosis.advise import Asker, advise
from bot.diagnosis.judge import diagnose
from bot.diagnosis.likely import suspicion_of
from bot.diagnosis.mailbox import MailSettings
from bot.diagnosis.plan import Ways
from bot.diagnosis.situation import Known
from bot.knowledge.schema import Knowledge
from bot.model.codes import Code
from bot.model.diagnosis import Advice, Diagnosis
from bot.model.evidence import Evidence
from bot.model.target import Mailbox, Target, Unusable

__all__ = [
    "CheckReport",
    "advice_on_refusal",
    "inquire",
    "verdict_of",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """A check with all that is to be said about it."""

    diagnosis: Diagnosis
    evidence: Evidence
    advice: tuple[Advice, ...]
    settings: MailSettings | None = None


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
    ways = Ways(likely=suspicion_of(target, knowledge))
    evidence = await checks.run(target, listener, ways)
    diagnosis = diagnose(Known(target=target, evidence=evidence), knowledge)
    return CheckReport(
        diagnosis=diagnosis, evidence=evidence, advice=_advice_on(diagnosis, knowledge)
    )


async def _about_mailbox(
    mailbox: Mailbox, checks: Checks, knowledge: Knowledge, listener: Listener
) -> CheckReport:
    found: Searched = await searched(mailbox, checks, knowledge, listener)
    return CheckReport(
        diagnosis=found.diagnosis,
        evidence=found.evidence,
        advice=_advice_on(found.diagnosis, knowledge, found.provider),
        settings=found.settings,
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
