"""The casebook that lives in one SQLite file."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from bot.desk.codec import read_time, write_time
from bot.desk.errors import CaseNotFoundError
from bot.desk.ports import Turn
from bot.model.case import CaseId, Session, ThreadKey
from bot.model.history import CaseEvent, CaseFile, SearchPage, Statistics
from bot.store.database import Connection, Database
from bot.store.inbox import SqliteInbox
from bot.store.outbox import SqliteOutbox
from bot.store.rows import number_of, session_in, summary_in
from bot.store.search import search_cases
from bot.store.statistics import read_statistics
from bot.store.turns import keep_turn, resolution_of

__all__ = ["SqliteCasebook"]


class SqliteCasebook(SqliteInbox, SqliteOutbox):
    """Cases and their history in one file; a `Casebook` of `bot.desk.ports`.

    Everything that goes wrong with the file comes as StoreError, which says the cure.
    """

    @classmethod
    async def open(cls, path: Path) -> "SqliteCasebook":
        """The casebook in the file at `path`, created or brought up to date where needed."""
        return cls(await Database.open(path))

    async def keep(self, turn: Turn) -> Session:
        """Stores the turn in one transaction; returns the session with its case id.

        An empty `summary`, `words` or `knowledge_version` leaves what is stored. Raises
        StaleTurnError where a turn of that revision or a later one is stored already, and
        CaseNotFoundError for a case that does not exist; then nothing has changed.
        """
        return await self._database.write(lambda connection: keep_turn(connection, turn))

    async def session(self, thread: ThreadKey) -> Session | None:
        """The session of the newest case of a thread, closed or not; None if it has none."""
        return await self._database.read(lambda connection: _session(connection, thread))

    async def session_of(self, case: CaseId) -> Session:
        """The session of a case; CaseNotFoundError if there is none."""
        return await self._database.read(lambda connection: _session_of(connection, case))

    async def checking(self) -> Sequence[Session]:
        """The sessions that wait for a check, oldest first."""
        return await self._database.read(_checking)

    async def due(self, at: datetime) -> Sequence[Session]:
        """The sessions of open cases whose time has come, earliest first."""
        return await self._database.read(lambda connection: _due(connection, at))

    async def search(self, words: str, *, limit: int, offset: int) -> SearchPage:
        """Cases that hold all the words, best match first among the newest 10,000 matches.

        No words: the newest cases. Any text is a legal query.
        """
        return await self._database.read(
            lambda connection: search_cases(connection, words, limit=limit, offset=offset)
        )

    async def show(self, case: CaseId) -> CaseFile:
        """A case, whole; CaseNotFoundError if there is none."""
        return await self._database.read(lambda connection: _show(connection, case))

    async def statistics(self) -> Statistics:
        """Counts over all cases, from counters; `read_statistics` defines each of them."""
        return await self._database.read(read_statistics)

    async def close(self) -> None:
        """Ends the work under way and closes the file; a second call does nothing."""
        await self._database.close()


def _session(connection: Connection, thread: ThreadKey) -> Session | None:
    row = connection.first(
        "SELECT id, session FROM cases WHERE thread = ? ORDER BY id DESC LIMIT 1", (thread,)
    )
    return None if row is None else session_in(row)


def _session_of(connection: Connection, case: CaseId) -> Session:
    row = connection.first("SELECT id, session FROM cases WHERE id = ?", (number_of(case),))
    if row is None:
        raise CaseNotFoundError(case)
    return session_in(row)


def _checking(connection: Connection) -> tuple[Session, ...]:
    rows = connection.all("SELECT id, session FROM cases WHERE state = 'checking' ORDER BY id")
    return tuple(map(session_in, rows))


def _due(connection: Connection, at: datetime) -> tuple[Session, ...]:
    rows = connection.all(
        "SELECT id, session FROM cases WHERE due <= ? ORDER BY due, id", (write_time(at),)
    )
    return tuple(map(session_in, rows))


def _show(connection: Connection, case: CaseId) -> CaseFile:
    row = connection.first("SELECT * FROM cases WHERE id = ?", (number_of(case),))
    if row is None:
        raise CaseNotFoundError(case)
    number = (row["id"],)
    given = connection.all(
        "SELECT advice FROM advice_given WHERE case_id = ? ORDER BY position", number
    )
    events = connection.all(
        "SELECT at, kind, data, source FROM events WHERE case_id = ? ORDER BY seq", number
    )
    return CaseFile(
        summary=summary_in(row),
        closed=read_time(row["closed"]) if row["closed"] else None,
        client=row["client"],
        path=session_in(row).path,
        advice=tuple(entry["advice"] for entry in given),
        resolution=resolution_of(connection, row["id"]),
        events=tuple(
            CaseEvent(
                at=read_time(event["at"]),
                kind=event["kind"],
                data=event["data"],
                source=event["source"],
            )
            for event in events
        ),
        session=row["session"],
    )
