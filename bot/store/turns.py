"""One turn of a conversation, stored as a whole inside the transaction that is open."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace

from bot.desk.codec import read_time, write_time
from bot.desk.errors import CaseNotFoundError, StaleTurnError
from bot.desk.ports import Turn
from bot.model.case import CaseId, Outcome, Resolution, Session, State
from bot.model.codes import Code
from bot.store.counters import Dimension, Tally, add_to_counters, tally
from bot.store.database import Connection
from bot.store.inbox import mark_handled
from bot.store.outbox import add_letter
from bot.store.rows import CaseRow, case_row, number_of, read_row
from bot.store.texts import write_texts

__all__ = ["keep_turn", "resolution_of"]

_WRITE_CASE = """
INSERT INTO cases (
  id, thread, kind, opened, updated, closed, state, node, outcome, verdict, host, port, provider,
  client, security, summary, questions, seconds_to_verdict, handed_over, asked_by, session,
  revision, knowledge_version, due
) VALUES (
  :id, :thread, :kind, :opened, :updated, :closed, :state, :node, :outcome, :verdict, :host, :port,
  :provider, :client, :security, :summary, :questions, :seconds_to_verdict, :handed_over,
  :asked_by, :session, :revision, :knowledge_version, :due
) ON CONFLICT (id) DO UPDATE SET
  thread = :thread, updated = :updated, closed = :closed, state = :state, node = :node,
  outcome = :outcome, verdict = :verdict, host = :host, port = :port, provider = :provider,
  client = :client, security = :security, summary = :summary, questions = :questions,
  seconds_to_verdict = :seconds_to_verdict, handed_over = :handed_over, session = :session,
  revision = :revision, knowledge_version = :knowledge_version, due = :due
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stored:
    """A case as it was before the turn."""

    row: CaseRow
    resolution: Resolution | None


def keep_turn(connection: Connection, turn: Turn) -> Session:
    """Stores all that `turn` changes and returns its session with the case id.

    Raises CaseNotFoundError for a case that does not exist and StaleTurnError where a turn of the
    same or a later revision is stored.
    """
    _require_seen(connection, turn)
    before = _stored(connection, turn.session)
    number = before.row.id if before else _next_number(connection)
    session = replace(turn.session, case=CaseId(str(number)))
    resolution = _resolution_after(turn, before)
    row = case_row(turn, session, before.row if before else None, resolution)
    connection.run(_WRITE_CASE, asdict(row))
    _write_resolution(connection, number, resolution)
    write_texts(
        connection, number, (row.summary, turn.words, resolution.note if resolution else "")
    )
    _append_events(connection, number, turn)
    for letter in turn.letters:
        add_letter(connection, letter, turn.at, case=number)
    given = _add_advice(connection, number, turn)
    if turn.handled is not None:
        mark_handled(connection, turn.handled, turn.at)
    add_to_counters(connection, _changes(before, row, resolution, given))
    return session


def resolution_of(connection: Connection, number: int) -> Resolution | None:
    """The resolution of a case, None while it has none."""
    row = connection.first("SELECT * FROM resolutions WHERE case_id = ?", (number,))
    if row is None:
        return None
    return Resolution(
        outcome=Outcome(row["outcome"]),
        actual_cause=Code(row["actual_cause"]) if row["actual_cause"] else None,
        note=row["note"],
        by=row["by"],
        at=read_time(row["at"]),
        helped=tuple(json.loads(row["helped"])),
    )


def _stored(connection: Connection, session: Session) -> _Stored | None:
    if session.case is None:
        return None
    number = number_of(session.case)
    row = connection.first("SELECT * FROM cases WHERE id = ?", (number,))
    if row is None:
        raise CaseNotFoundError(session.case)
    if row["revision"] >= session.revision:
        raise StaleTurnError(
            f"Case {session.case} has moved on to revision {row['revision']}; this turn of "
            f"revision {session.revision} was not stored. Load the case and try again."
        )
    return _Stored(row=read_row(row), resolution=resolution_of(connection, row["id"]))


def _require_seen(connection: Connection, turn: Turn) -> None:
    """Raises StaleTurnError where a turn is to open a case beside one that it has not seen.

    Another process took up the same thread at the same moment.
    """
    if turn.saw is None or turn.session.case is not None:
        return
    row = connection.first(
        "SELECT revision FROM cases WHERE thread = ? ORDER BY id DESC LIMIT 1",
        (turn.session.thread,),
    )
    if row is not None and row["revision"] > turn.saw:
        raise StaleTurnError(
            f"The thread has a case of revision {row['revision']}, and this turn saw revision "
            f"{turn.saw}; it was not stored. Load the case and try again."
        )


def _next_number(connection: Connection) -> int:
    row = connection.first("SELECT seq FROM sqlite_sequence WHERE name = 'cases'")
    return 1 if row is None else int(row["seq"]) + 1


def _resolution_after(turn: Turn, before: _Stored | None) -> Resolution | None:
    if turn.resolution is not None:
        return turn.resolution
    if turn.session.resolution is None and turn.session.state is not State.CLOSED:
        return None  # opened again
    known = (turn.session.resolution, before.resolution if before else None)
    return max((one for one in known if one), key=lambda one: one.at, default=None)


def _write_resolution(connection: Connection, number: int, resolution: Resolution | None) -> None:
    if resolution is None:
        connection.run("DELETE FROM resolutions WHERE case_id = ?", (number,))
        return
    connection.run(
        "INSERT OR REPLACE INTO resolutions (case_id, outcome, actual_cause, note, by, at, helped) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            number,
            resolution.outcome.value,
            resolution.actual_cause.value if resolution.actual_cause else None,
            resolution.note,
            resolution.by,
            write_time(resolution.at),
            json.dumps(resolution.helped, ensure_ascii=False),
        ),
    )


def _append_events(connection: Connection, number: int, turn: Turn) -> None:
    row = connection.first(
        "SELECT coalesce(max(seq), 0) AS seq FROM events WHERE case_id = ?", (number,)
    )
    last = row["seq"] if row else 0
    for seq, event in enumerate(turn.events, start=last + 1):
        connection.run(
            "INSERT INTO events (case_id, seq, at, kind, data, source) VALUES (?, ?, ?, ?, ?, ?)",
            (number, seq, write_time(event.at), event.kind, event.data, event.source),
        )


def _add_advice(connection: Connection, number: int, turn: Turn) -> tuple[str, ...]:
    return tuple(
        advice
        for position, advice in enumerate(turn.given)
        if connection.run(
            "INSERT INTO advice_given (case_id, position, advice, at) "
            "SELECT :case, :place + (SELECT count(*) FROM advice_given WHERE case_id = :case), "
            ":advice, :at WHERE true ON CONFLICT (case_id, advice) DO NOTHING",
            {"case": number, "place": position, "advice": advice, "at": write_time(turn.at)},
        ).rowcount
    )


def _changes(
    before: _Stored | None,
    row: CaseRow,
    resolution: Resolution | None,
    given: Iterable[str],
) -> Tally:
    changes = tally(row, resolution.helped if resolution else ())
    changes.update(Counter((Dimension.GIVEN.value, advice) for advice in given))
    if before is not None:
        helped = before.resolution.helped if before.resolution else ()
        changes.subtract(tally(before.row, helped))
    return changes
