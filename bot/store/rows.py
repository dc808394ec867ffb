"""A case as a row of its table, derived from a turn; and rows as the values that are read back."""

import json
import sqlite3
from dataclasses import dataclass, fields
from datetime import datetime

from bot.desk.codec import dump_session, load_session, read_time, write_time
from bot.desk.errors import StoreError
from bot.desk.ports import Turn
from bot.model.case import CaseId, Outcome, Resolution, Session, State
from bot.model.codes import Code
from bot.model.history import CaseSummary

__all__ = ["CaseRow", "case_row", "number_of", "read_row", "session_in", "summary_in"]

_MOST_DIGITS = 18  # SQLite's integers end at 9.2e18


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """The columns of `cases`, as they are stored."""

    id: int
    thread: str
    kind: str
    opened: str
    updated: str
    closed: str | None
    state: str
    node: str | None
    outcome: str | None
    verdict: str | None
    host: str | None
    port: int | None
    provider: str | None
    client: str | None
    security: str | None
    summary: str
    questions: int
    seconds_to_verdict: float | None
    handed_over: int
    asked_by: str
    session: str
    revision: int
    knowledge_version: str
    due: str | None


_COLUMNS = tuple(column.name for column in fields(CaseRow))


def number_of(case: str) -> int | None:
    """The number that a case id stands for; None if no case can have that id."""
    if not (case.isascii() and case.isdigit()) or len(case) > _MOST_DIGITS:
        return None
    number = int(case)
    return number if str(number) == case else None


def read_row(row: sqlite3.Row) -> CaseRow:
    """The row of a `SELECT *` on `cases`."""
    return CaseRow(**{column: row[column] for column in _COLUMNS})


def session_in(row: sqlite3.Row) -> Session:
    """The session of a row that has `id` and `session`; StoreError where it is damaged."""
    try:
        return load_session(row["session"])
    except ValueError as error:
        raise StoreError(
            f"Case {row['id']} cannot be read ({error}); restore a backup with "
            "`mailmedic restore FILE`, or update this program."
        ) from error


def summary_in(row: sqlite3.Row, matched: str = "", helped: str | None = None) -> CaseSummary:
    """The line of a list for a row of `cases`; `helped` is the JSON of its resolution."""
    return CaseSummary(
        id=CaseId(str(row["id"])),
        opened=read_time(row["opened"]),
        state=State(row["state"]),
        outcome=Outcome(row["outcome"]) if row["outcome"] else None,
        verdict=Code(row["verdict"]) if row["verdict"] else None,
        host=row["host"],
        port=row["port"],
        provider=row["provider"],
        summary=row["summary"],
        matched=matched,
        by=row["asked_by"],
        helped=tuple(json.loads(helped or "[]")),
    )


def case_row(
    turn: Turn, session: Session, before: CaseRow | None, resolution: Resolution | None
) -> CaseRow:
    """The row of `session` after `turn`; what does not change is taken from `before`."""
    assert session.case is not None
    complaint = session.complaint
    host, port, security = _server(session)
    return CaseRow(
        id=int(session.case),
        thread=session.thread,
        kind=before.kind if before else turn.kind.value,
        opened=before.opened if before else write_time(session.opened or turn.at),
        updated=write_time(turn.at),
        closed=_closed(turn, before),
        state=session.state.value,
        node=session.node,
        outcome=resolution.outcome.value if resolution else None,
        verdict=session.diagnosis.verdict.code.value if session.diagnosis else None,
        host=host,
        port=port,
        provider=complaint.provider if complaint else None,
        client=complaint.client if complaint else None,
        security=security,
        summary=turn.summary or (before.summary if before else ""),
        questions=session.asked,
        seconds_to_verdict=_seconds_to_verdict(session, turn.at),
        handed_over=int(
            _is_handed_over(session, resolution) or bool(before and before.handed_over)
        ),
        asked_by=before.asked_by if before else turn.by,
        session=dump_session(session),
        revision=session.revision,
        knowledge_version=turn.knowledge_version or (before.knowledge_version if before else ""),
        due=None if session.due is None or _is_closed(session) else write_time(session.due),
    )


def _server(session: Session) -> tuple[str | None, int | None, str | None]:
    target = session.diagnosis.target if session.diagnosis else None
    complaint = session.complaint
    if target is not None and target.host is not None:
        return target.host, target.port, target.security.value
    if complaint is None:
        return None, None, None
    security = complaint.security.value if complaint.security else None
    return complaint.host, complaint.port, security


def _is_closed(session: Session) -> bool:
    return session.state is State.CLOSED


def _is_handed_over(session: Session, resolution: Resolution | None) -> bool:
    escalated = resolution is not None and resolution.outcome is Outcome.ESCALATED
    return escalated or session.state is State.HANDED_OVER


def _closed(turn: Turn, before: CaseRow | None) -> str | None:
    if not _is_closed(turn.session):
        return None
    if before is not None and before.closed is not None:
        return before.closed
    return write_time(turn.at)


def _seconds_to_verdict(session: Session, at: datetime) -> float | None:
    if session.verdict_at is None:
        return None
    return max(0.0, (session.verdict_at - (session.opened or at)).total_seconds())
