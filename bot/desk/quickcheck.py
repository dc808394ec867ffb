"""A check that somebody asks for by a command: looked at once, kept as a closed case."""

import json
import logging
from datetime import datetime

from bot.desk.allowance import log_refusal
from bot.desk.errors import StoreError
from bot.desk.inquiry import CheckReport, inquire
from bot.desk.office import Office
from bot.desk.ports import Received, Turn
from bot.diagnosis.words import summary
from bot.model.case import CaseKind, Session, State
from bot.model.history import CaseEvent
from bot.model.target import Mailbox, Target

__all__ = ["quick_check"]

_log = logging.getLogger(__name__)


async def quick_check(
    asked: Target | Mailbox, received: Received, by: str, office: Office
) -> CheckReport:
    """The report on a target; the case of kind `check` is stored before it is returned.

    Raises TooManyTargetsError. A store that does not take the case costs the history a line and
    nobody their answer.
    """
    opened = office.clock.now()
    is_shared = isinstance(asked, Target) and office.checks.shares(asked)
    office.allowance.admit(by, asked, opened, is_shared=is_shared)
    report = await inquire(asked, office.checks, office.knowledge, lambda _: None)
    log_refusal(by, report.evidence)
    try:
        await office.casebook.keep(_turn(report, received, by, opened, office))
    except StoreError as error:
        _log.error("check not stored", extra={"because": error})
    return report


def _turn(
    report: CheckReport, received: Received, by: str, opened: datetime, office: Office
) -> Turn:
    now = office.clock.now()
    diagnosis, texts = report.diagnosis, office.knowledge.texts
    code = diagnosis.verdict.code
    target = diagnosis.target
    host = target.host if target is not None and target.host is not None else ""
    place = f"{host}:{target.port}" if host and target is not None and target.port else host
    seconds = round(report.evidence.took.total_seconds(), 3)
    logged = json.dumps({"state": State.CLOSED, "seconds": seconds, "verdict": code})
    session = Session(
        thread=received.thread,
        state=State.CLOSED,
        evidence=report.evidence,
        diagnosis=diagnosis,
        checks=1,
        opened=opened,
        verdict_at=now,
        revision=1,
    )
    return Turn(
        session=session,
        at=now,
        summary=f"check {place}",
        words="\n".join(filter(None, (host, code, summary(code, diagnosis.details, texts)))),
        by=by,
        kind=CaseKind.CHECK,
        events=(CaseEvent(at=now, kind="checked", data=logged, source=received.event_id),),
        handled=received.event_id,
        knowledge_version=office.knowledge.version,
    )
