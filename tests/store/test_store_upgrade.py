"""A file that an older version wrote is brought up to date, and loses nothing on the way."""

import sqlite3
from pathlib import Path

import pytest
from factories import NOON, THREAD, a_letter, a_session, a_turn
from sqlite_utils import Database as PlainDatabase
from sqlite_utils import Migrations

from bot.desk.codec import dump_reply, dump_session, write_time
from bot.desk.errors import StoreError
from bot.model.case import CaseId
from bot.store import migrations as migrations_module
from bot.store.casebook import SqliteCasebook
from bot.store.schema import DELIVERY

STATES = ("pending", "sending", "sent")


def write_old_file(path: Path) -> None:
    """A file as the five first migrations made it, with a case and a letter in each state."""
    connection = sqlite3.connect(path)
    steps = Migrations("mailmedic")
    for step in migrations_module._STEPS[:5]:
        steps()(step)
    steps.apply(PlainDatabase(connection, execute_plugins=False))
    now = write_time(NOON)
    connection.execute(
        "INSERT INTO cases (thread, kind, opened, updated, state, summary, questions, asked_by, "
        "session, revision, knowledge_version) "
        "VALUES (?, 'complaint', ?, ?, 'checking', 'old', 0, 'U1', ?, 1, '')",
        (THREAD, now, now, dump_session(a_session())),
    )
    connection.execute(
        "INSERT INTO events (case_id, seq, at, kind, data) VALUES (1, 1, ?, 'said', '{}')", (now,)
    )
    connection.execute(
        "INSERT INTO inbox (event_id, thread, kind, payload, received, expires) "
        "VALUES ('Ev0', ?, 'text', '{}', ?, ?)",
        (THREAD, now, now),
    )
    for state in STATES:
        connection.execute(
            "INSERT INTO outbox (key, case_id, thread, payload, state, attempts, created, "
            "reference, sent) VALUES (?, 1, ?, ?, ?, ?, ?, ?, ?)",
            (
                f"{state}/0",
                THREAD,
                dump_reply(a_letter().reply),
                state,
                STATES.index(state),
                now,
                "1700.1" if state == "sent" else None,
                now if state == "sent" else None,
            ),
        )
    connection.commit()
    connection.close()


def schema_of(path: Path) -> list[tuple[str, str]]:
    """Each table, index and trigger with the text that made it; the log of migrations aside."""
    connection = sqlite3.connect(path)
    found = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE '%migration%' "
        "ORDER BY name"
    ).fetchall()
    connection.close()
    return found


async def test_letters_of_an_older_version_are_taken_over(path: Path) -> None:
    """Each letter keeps its state, its attempts and its reference, and goes on from there."""
    write_old_file(path)
    casebook = await SqliteCasebook.open(path)
    waiting = await casebook.waiting()
    newest = await casebook.newest(THREAD)
    await casebook.sending("pending/0", NOON)
    await casebook.failed("sending/0", "is_archived", NOON)
    later = await casebook.waiting()
    await casebook.close()

    assert [(one.key, one.state, one.attempts, one.tried) for one in waiting] == [
        ("pending/0", "pending", 0, None),
        ("sending/0", "sending", 1, None),
    ]
    assert newest is not None
    assert (newest.key, newest.reference, newest.attempts) == ("sent/0", "1700.1", 2)
    assert newest.reply == a_letter().reply
    assert newest.revision == 0
    assert [(one.key, one.state, one.tried) for one in later] == [("pending/0", "sending", NOON)]


async def test_case_of_an_older_version_goes_on(path: Path) -> None:
    """Its session, its log and its open event are there, and a new turn joins them."""
    write_old_file(path)
    casebook = await SqliteCasebook.open(path)
    sessions = await casebook.checking()
    events = await casebook.unhandled()
    session = await casebook.session_of(CaseId("1"))
    shown = await casebook.show(CaseId("1"))
    await casebook.keep(a_turn(a_session(), letters=(a_letter("new/0"),)))
    await casebook.close()

    assert [one.thread for one in sessions] == [THREAD]
    assert [event.event_id for event in events] == ["Ev0"]
    assert session.offered_at == 0
    assert [(event.kind, event.source) for event in shown.events] == [("said", None)]


async def test_upgraded_file_is_made_as_a_new_one(path: Path, tmp_path: Path) -> None:
    """Tables, indexes and triggers are the same, whichever way a file came to them."""
    write_old_file(path)
    new = tmp_path / "new.db"
    for file in (path, new):
        await (await SqliteCasebook.open(file)).close()

    assert schema_of(path) == schema_of(new)


async def test_upgrade_that_fails_leaves_the_file_as_it_was(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of a migration or nothing: the older program can still use the file."""
    write_old_file(path)
    before = schema_of(path)
    broken = DELIVERY + "ALTER TABLE nowhere ADD COLUMN x TEXT;"
    monkeypatch.setattr(migrations_module, "DELIVERY", broken)
    with pytest.raises(StoreError, match="no such table: nowhere"):
        await SqliteCasebook.open(path)
    monkeypatch.undo()

    assert schema_of(path) == before
    casebook = await SqliteCasebook.open(path)
    waiting = await casebook.waiting()
    await casebook.close()
    assert len(waiting) == 2
