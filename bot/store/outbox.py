"""The outbox: letters to deliver, each of them once."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime

from bot.desk.codec import dump_reply, load_reply, read_time, write_time
from bot.desk.errors import StoreError
from bot.desk.ports import Letter
from bot.model.case import ThreadKey
from bot.model.reply import Tone
from bot.store.database import Connection, Database

__all__ = ["SqliteOutbox", "add_letter"]


class SqliteOutbox:
    """Letters to deliver; every change is on the disk when it returns."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def waiting(self, thread: ThreadKey | None = None) -> Sequence[Letter]:
        """Letters that are not sent yet, oldest first; of one thread where it is given."""
        return await self._database.read(lambda connection: _waiting(connection, thread))

    async def sending(self, key: str, at: datetime) -> None:
        """Marks the letter as on its way and counts the attempt; one that is sent stays sent."""
        await self._database.write(
            lambda connection: connection.run(
                "UPDATE outbox SET state = 'sending', attempts = attempts + 1, tried = ? "
                "WHERE key = ? AND state IN ('pending', 'sending')",
                (write_time(at), key),
            )
        )

    async def sent(self, key: str, reference: str, at: datetime) -> None:
        """Marks the letter as delivered; `reference` is what the transport knows it by."""
        await self._database.write(
            lambda connection: connection.run(
                "UPDATE outbox SET state = 'sent', reference = ?, ended = ? WHERE key = ?",
                (reference, write_time(at), key),
            )
        )

    async def failed(self, key: str, because: str, at: datetime) -> None:
        """Marks the letter as one that will never be delivered; one that is sent stays sent."""
        await self._database.write(
            lambda connection: connection.run(
                "UPDATE outbox SET state = 'failed', because = ?, ended = ? "
                "WHERE key = ? AND state IN ('pending', 'sending')",
                (because, write_time(at), key),
            )
        )

    async def newest(self, thread: ThreadKey, tone: Tone | None = None) -> Letter | None:
        """The letter that was delivered last in a thread, of that tone if one is given, or None."""
        return await self._database.read(lambda connection: _newest(connection, thread, tone))


def add_letter(connection: Connection, letter: Letter, at: datetime, *, case: int | None) -> None:
    """Puts a letter into the outbox; one whose key is there already changes nothing."""
    connection.run(
        "INSERT INTO outbox (key, case_id, thread, payload, revision, state, attempts, created, "
        "reference, ended) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING",
        (
            letter.key,
            case,
            letter.thread,
            dump_reply(letter.reply),
            letter.revision,
            letter.state,
            letter.attempts,
            write_time(at),
            letter.reference,
            write_time(at) if letter.state == "sent" else None,
        ),
    )


def _waiting(connection: Connection, thread: ThreadKey | None) -> tuple[Letter, ...]:
    rows = connection.all(
        "SELECT * FROM outbox WHERE state IN ('pending', 'sending') "
        "AND thread = coalesce(?, thread) ORDER BY id",
        (thread,),
    )
    return tuple(map(_letter, rows))


def _newest(connection: Connection, thread: ThreadKey, tone: Tone | None) -> Letter | None:
    row = connection.first(
        "SELECT * FROM outbox WHERE thread = ?1 AND state = 'sent' "
        "AND (?2 IS NULL OR json_extract(payload, '$.tone') = ?2) ORDER BY id DESC LIMIT 1",
        (thread, tone.value if tone is not None else None),
    )
    return None if row is None else _letter(row)


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
        revision=row["revision"],
        state=row["state"],
        reference=row["reference"],
        attempts=row["attempts"],
        tried=read_time(row["tried"]) if row["tried"] else None,
    )
