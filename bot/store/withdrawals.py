"""A message that its writer deleted: its words go from everywhere, what was learnt from it stays.

The host, port and codes of a case are facts that the case goes on with; the text is the writer's
own, and so are the pieces that were quoted from it.
"""

import json
import re
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from bot.desk.codec import write_time
from bot.desk.ports import Withdrawal
from bot.desk.turns import line_of
from bot.store.database import Connection
from bot.store.texts import write_texts

__all__ = ["withdraw"]

_GONE = "…"  # in place of a text; with none at all a replay would take a complaint for small talk
_QUOTING = ("replies", "because")  # what a complaint holds of its text, word for word


def withdraw(connection: Connection, withdrawal: Withdrawal) -> None:
    """Drops the text of a message, and of its edits, inside the transaction that is open.

    A deletion that overtakes its message leaves a row, so that the message changes nothing later.
    """
    message, at = withdrawal.message, write_time(withdrawal.at)
    connection.run(
        "INSERT INTO inbox (event_id, thread, kind, payload, received, handled, expires) "
        "SELECT ?1, ?2, 'text', '{}', ?3, ?3, expires FROM inbox WHERE event_id = ?4 "
        "ON CONFLICT (event_id) DO NOTHING",
        (message, withdrawal.thread, at, withdrawal.handled),
    )
    edits = f"{message}:"
    connection.run(
        "UPDATE inbox SET payload = '{}', handled = coalesce(handled, ?) "
        "WHERE (event_id = ? OR (event_id >= ? AND event_id < ?)) AND event_id <> ?",
        (at, message, edits, f"{message};", withdrawal.handled),  # a semicolon follows the colon
    )
    rows = connection.all(
        "SELECT case_id, seq, at, kind, data, source FROM events WHERE case_id IN "
        "(SELECT id FROM cases WHERE thread = ?) AND (source = ? OR substr(source, 1, ?) = ?)",
        (withdrawal.thread, message, len(edits), edits),
    )
    said = {text for row in rows for text in _withdraw_event(connection, dict(row))}
    if not said:
        return
    # A case that was opened again goes on in a second one, which holds the words of the first.
    sql = "SELECT id, summary, session FROM cases WHERE thread = ?"
    for row in connection.all(sql, (withdrawal.thread,)):
        _withdraw_case(connection, row, sorted(said, key=len, reverse=True))


def _withdraw_event(connection: Connection, row: dict[str, Any]) -> Iterable[str]:
    """The texts of an event of the log, which is written anew without them; no other is changed."""
    data = json.loads(row["data"])
    event = data.get("event", {})
    complaints = [event[name] for name in ("complaint", "before") if event.get(name)]
    said = [str(complaint["text"]) for complaint in complaints]
    for complaint in complaints:
        complaint["text"] = _GONE
        _unquote(complaint)
    if "text" in data:
        data["text"] = _GONE
    case = row["case_id"]
    connection.run("INSERT INTO erasing (case_id) VALUES (?)", (case,))
    connection.run("DELETE FROM events WHERE case_id = ? AND seq = ?", (case, row["seq"]))
    connection.run("DELETE FROM erasing WHERE case_id = ?", (case,))
    connection.run(
        "INSERT INTO events (case_id, seq, at, kind, data, source) "
        "VALUES (:case_id, :seq, :at, :kind, :data, :source)",
        {**row, "data": json.dumps(data)},
    )
    return filter(None, said)


def _unquote(complaint: dict[str, Any]) -> None:
    complaint.update({name: [] for name in _QUOTING})


def _withdraw_case(connection: Connection, row: sqlite3.Row, said: Sequence[str]) -> None:
    """Takes the texts out of the case itself and of what it can be found by."""
    case, session, summary = row["id"], json.loads(row["session"]), row["summary"]
    complaint = session.get("complaint")
    if complaint is not None:
        complaint["text"] = _without(str(complaint["text"]), said)
        _unquote(complaint)
        summary = line_of(complaint["text"])
    connection.run(
        "UPDATE cases SET summary = ?, session = ? WHERE id = ?",
        (summary, json.dumps(session, ensure_ascii=False, separators=(",", ":")), case),
    )
    found = connection.first("SELECT words, note FROM texts WHERE case_id = ?", (case,))
    if found is not None:
        # NUL is a blank in there.
        words = _without(found["words"], [text.replace("\0", " ") for text in said])
        write_texts(connection, case, (summary, words, found["note"]))


def _without(text: str, said: Iterable[str]) -> str:
    """The text without messages that were said; each stands there once, on lines of its own."""
    for one in said:
        message = re.escape(one)
        text = re.sub(rf"(?:\A|(?<=\n)){message}(?=\n|\Z)", _GONE, text, count=1)
    return text
