"""The inbox: events received, each of them once."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from bot.desk.codec import read_time, write_time
from bot.desk.ports import Letter, Received, Withdrawal
from bot.model.case import ThreadKey
from bot.store.database import Connection, Database
from bot.store.outbox import add_letter
from bot.store.texts import purge_indexes
from bot.store.withdrawals import withdraw

__all__ = ["SqliteInbox", "mark_handled"]

# Slack redelivers within the hour; after a week an event id has nothing left to guard against.
_KEEP_EVENTS: Final = timedelta(days=7)

# Inbox commits wait behind a long write: a few hundred rows take a millisecond or two.
_AT_ONCE: Final = 500


class SqliteInbox:
    """Events received; every change is on the disk when it returns."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def receive(self, received: Received) -> bool:
        """Stores the event; False if its id is there already."""
        return await self._database.write(lambda connection: _receive(connection, received))

    async def unhandled(self) -> Sequence[Received]:
        """Events that were received and whose turn never ended, oldest first."""
        return await self._database.read(_unhandled)

    async def done(self, event_id: str, at: datetime, letters: Sequence[Letter] = ()) -> None:
        """Marks an event that changed no case as done with, and stores what is said about it.

        An unknown id changes nothing of the inbox.
        """

        def write(connection: Connection) -> None:
            mark_handled(connection, event_id, at)
            for letter in letters:
                add_letter(connection, letter, at, case=None)

        await self._database.write(write)

    async def knows(self, thread: ThreadKey) -> bool:
        """Whether a thread has a case, or an event that will open one."""
        sql = (
            "SELECT EXISTS (SELECT 1 FROM cases WHERE thread = ?1) "
            "OR EXISTS (SELECT 1 FROM inbox WHERE handled IS NULL AND thread = ?1)"
        )
        return await self._database.read(lambda connection: _is_true(connection, sql, thread))

    async def has(self, event_id: str) -> bool:
        """Whether an event is there, handled or not."""
        sql = "SELECT EXISTS (SELECT 1 FROM inbox WHERE event_id = ?)"
        return await self._database.read(lambda connection: _is_true(connection, sql, event_id))

    async def withdraw(self, withdrawal: Withdrawal) -> None:
        """Drops the text of a message from inbox, case, log and search, and marks it as done."""

        def write(connection: Connection) -> None:
            withdraw(connection, withdrawal)
            mark_handled(connection, withdrawal.handled, withdrawal.at)

        await self._database.write(write)
        await purge_indexes(self._database)
        await self._database.fold()

    async def tidy(self, at: datetime) -> int:
        """Deletes events that no redelivery can repeat any more; returns their number."""
        return await self._database.write(lambda connection: _tidy(connection, at))


def mark_handled(connection: Connection, event_id: str, at: datetime) -> None:
    """Marks an inbox event as done with, inside the transaction that is open."""
    connection.run(
        "UPDATE inbox SET handled = ?, payload = iif(kind = 'command', '{}', payload) "
        "WHERE event_id = ? AND handled IS NULL",
        (write_time(at), event_id),
    )


def _is_true(connection: Connection, sql: str, value: str) -> bool:
    row = connection.first(sql, (value,))
    return row is not None and bool(row[0])


def _receive(connection: Connection, received: Received) -> bool:
    cursor = connection.run(
        "INSERT INTO inbox (event_id, thread, kind, payload, received, expires) "
        "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (event_id) DO NOTHING",
        (
            received.event_id,
            received.thread,
            received.kind,
            received.payload,
            write_time(received.at),
            write_time(received.at + _KEEP_EVENTS),
        ),
    )
    return cursor.rowcount == 1


def _unhandled(connection: Connection) -> tuple[Received, ...]:
    rows = connection.all("SELECT * FROM inbox WHERE handled IS NULL ORDER BY id")
    return tuple(
        Received(
            event_id=row["event_id"],
            thread=ThreadKey(row["thread"]),
            kind=row["kind"],
            payload=row["payload"],
            at=read_time(row["received"]),
        )
        for row in rows
    )


def _tidy(connection: Connection, at: datetime) -> int:
    return connection.run(
        "DELETE FROM inbox WHERE id IN (SELECT id FROM inbox WHERE expires <= ? "
        "AND handled IS NOT NULL LIMIT ?)",
        (write_time(at), _AT_ONCE),
    ).rowcount
