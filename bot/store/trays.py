"""The inbox of events and the outbox of letters."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from bot.desk.codec import load_reply, read_time, write_time
from bot.desk.ports import Letter, Received, StoreError
from bot.model.case import ThreadKey
from bot.store.database import Connection, Database

__all__ = ["SqliteTrays"]

# Slack redelivers within the hour; after a week an event id has nothing left to guard against.
_KEEP_EVENTS: Final = timedelta(days=7)


class SqliteTrays:
    """Events received and letters to deliver; every change is on the disk when it returns."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def receive(self, received: Received) -> bool:
        """Stores the event; False if its id is there already."""
        return await self._database.write(lambda connection: _receive(connection, received))

    async def unhandled(self) -> Sequence[Received]:
        """Events that were received and whose turn never ended, oldest first."""
        return await self._database.read(_unhandled)

    async def handled(self, event_id: str, at: datetime) -> None:
        """Marks an event that changed no case as done with; an unknown id changes nothing."""
        await self._database.write(
            lambda connection: connection.run(
                "UPDATE inbox SET handled = ? WHERE event_id = ? AND handled IS NULL",
                (write_time(at), event_id),
            )
        )

    async def waiting(self, thread: ThreadKey | None = None) -> Sequence[Letter]:
        """Letters that are not sent yet, oldest first; of one thread where it is given."""
        return await self._database.read(lambda connection: _waiting(connection, thread))

    async def sending(self, key: str) -> None:
        """Marks the letter as on its way and counts the attempt; one that is sent stays sent."""
        await self._database.write(
            lambda connection: connection.run(
                "UPDATE outbox SET state = 'sending', attempts = attempts + 1 "
                "WHERE key = ? AND state <> 'sent'",
                (key,),
            )
        )

    async def sent(self, key: str, reference: str, at: datetime) -> None:
        """Marks the letter as delivered; `reference` is what the transport knows it by."""
        await self._database.write(
            lambda connection: connection.run(
                "UPDATE outbox SET state = 'sent', reference = ?, sent = ? WHERE key = ?",
                (reference, write_time(at), key),
            )
        )


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


def _waiting(connection: Connection, thread: ThreadKey | None) -> tuple[Letter, ...]:
    if thread is None:
        rows = connection.all("SELECT * FROM outbox WHERE state <> 'sent' ORDER BY id")
    else:
        rows = connection.all(
            "SELECT * FROM outbox WHERE state <> 'sent' AND thread = ? ORDER BY id", (thread,)
        )
    return tuple(map(_letter, rows))


def _letter(row: sqlite3.Row) -> Letter:
    try:
        reply = load_reply(row["payload"])
    except ValueError as error:
        raise StoreError(
            f"The letter {row['key']} cannot be read ({error}); restore a backup with "
            "`mailmedic restore FILE`, or update this program."
        ) from error
    return Letter(
        key=row["key"],
        thread=ThreadKey(row["thread"]),
        reply=reply,
        state=row["state"],
        reference=row["reference"],
        attempts=row["attempts"],
    )
