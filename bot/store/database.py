"""The database file: one thread that owns the writing connection, a few that read beside it."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TypeVar

from bot.desk.errors import StoreError
from bot.store.faults import explain
from bot.store.migrations import migrate, refuse_foreign

__all__ = ["Connection", "Database", "clean", "database_path"]

_Kept = TypeVar("_Kept")

_URL = "sqlite:///"
_READERS = 3
_BUSY_TIMEOUT_S = 5.0

# quick_check reads the whole file: a fifth of a second for this much, too slow for a start beyond.
_QUICK_CHECK_UP_TO_BYTES = 64 * 1024 * 1024


def database_path(text: str) -> Path:
    """The file that a setting names: a path, or `sqlite:///path`; StoreError for anything else.

    As usual with such addresses, `sqlite:///cases.db` is relative and `sqlite:////srv/cases.db` is
    absolute.
    """
    path = text.strip().removeprefix(_URL)
    if not path or path == ":memory:" or "://" in path or "\0" in path:
        shown = f"{text.partition('://')[0]}://…" if "://" in text else text  # no password of it
        raise StoreError(
            f"{shown!r} names no database file; write a path such as ./mailmedic.db or "
            "sqlite:///mailmedic.db (MAILMEDIC_DB)."
        )
    return Path(path).expanduser()


def clean(text: str) -> str:
    """The text as UTF-8 can carry it: halves of surrogate pairs become U+FFFD."""
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class Connection:
    """A connection that takes any text; used by one thread at a time."""

    def __init__(self, raw: sqlite3.Connection) -> None:
        self.raw = raw
        raw.row_factory = sqlite3.Row

    def run(self, sql: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> sqlite3.Cursor:
        """The cursor of one statement; `values` fill its `?` or `:name`."""
        if isinstance(values, Mapping):
            return self.raw.execute(sql, {name: _storable(value) for name, value in values.items()})
        return self.raw.execute(sql, tuple(_storable(value) for value in values))

    def first(self, sql: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> sqlite3.Row | None:
        """The first row, or None where there is none."""
        row: sqlite3.Row | None = self.run(sql, values).fetchone()
        return row

    def all(self, sql: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> list[sqlite3.Row]:
        """All rows."""
        return self.run(sql, values).fetchall()

    @contextmanager
    def transaction(self, begin: str) -> Iterator[None]:
        """Keeps everything of the block or nothing of it; `begin` is the opening statement."""
        self.raw.execute(begin)
        try:
            yield
            self.raw.execute("COMMIT")
        finally:
            # Some errors, a full disk among them, have rolled back already.
            if self.raw.in_transaction:
                self.raw.execute("ROLLBACK")


class Database:
    """One SQLite file that is open; `open` it and `close` it. Everything it raises is StoreError.

    Work is handed over as a function of the connection and runs in the database's own threads.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._closed = False
        self._writing = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store-write")
        self._reading = ThreadPoolExecutor(_READERS, thread_name_prefix="store-read")
        self._writer: Connection | None = None
        self._idle: SimpleQueue[Connection] = SimpleQueue()

    @classmethod
    async def open(cls, path: Path) -> "Database":
        """The database at `path`, created or brought up to date where needed."""
        database = cls(path)
        try:
            await database._submit(database._writing, database._open_all)
        except BaseException:
            await database.close()
            raise
        return database

    async def write(self, work: Callable[[Connection], _Kept]) -> _Kept:
        """What `work` returns, once all it wrote is on the disk; if it raises, nothing is kept."""
        return await self._submit(self._writing, lambda: self._write(work))

    async def read(self, work: Callable[[Connection], _Kept]) -> _Kept:
        """What `work` returns; all that it reads is of one moment."""
        return await self._submit(self._reading, lambda: self._read(work))

    async def fold(self) -> None:
        """Folds the write-ahead log into the file, so that nothing erased lingers in it."""
        await self._submit(self._writing, self._fold)

    async def close(self) -> None:
        """Waits for the work under way and closes the file; a second call does nothing."""
        if self._closed:
            return
        self._closed = True
        await asyncio.to_thread(self._reading.shutdown)
        # The writer goes last: whoever is last folds the write-ahead log into the file.
        while not self._idle.empty():
            self._idle.get().raw.close()
        await asyncio.get_running_loop().run_in_executor(self._writing, self._close_writer)
        self._writing.shutdown()

    async def _submit(self, executor: ThreadPoolExecutor, work: Callable[[], _Kept]) -> _Kept:
        if self._closed:
            raise StoreError(f"The database {self.path} is closed; start the bot again.")
        try:
            return await asyncio.get_running_loop().run_in_executor(executor, work)
        except sqlite3.Error as error:
            raise explain(error, self.path) from error

    def _write(self, work: Callable[[Connection], _Kept]) -> _Kept:
        assert self._writer is not None
        # IMMEDIATE waits for its turn; a read that turns into a write would fail at once.
        with self._writer.transaction("BEGIN IMMEDIATE"):
            return work(self._writer)

    def _read(self, work: Callable[[Connection], _Kept]) -> _Kept:
        reader = self._idle.get()
        try:
            with reader.transaction("BEGIN"):
                return work(reader)
        finally:
            self._idle.put(reader)

    def _open_all(self) -> None:
        _create_private(self.path)
        self._writer = _connect(str(self.path))
        _prepare(self._writer, self.path)
        for _ in range(_READERS):
            reader = _connect(f"{self.path.absolute().as_uri()}?mode=ro", uri=True)
            self._idle.put(reader)
            reader.run("PRAGMA trusted_schema = OFF")
            reader.run("PRAGMA query_only = ON")

    def _fold(self) -> None:
        assert self._writer is not None
        self._writer.run("PRAGMA wal_checkpoint(TRUNCATE)")

    def _close_writer(self) -> None:
        if self._writer is not None:
            self._writer.raw.close()
            self._writer = None


def _create_private(path: Path) -> None:
    """A new file is its owner's alone: it holds what people wrote."""
    with contextlib.suppress(OSError):  # what is wrong with the place is said when it is opened
        path.touch(mode=0o600, exist_ok=False)


def _storable(value: object) -> object:
    return clean(value) if isinstance(value, str) else value


def _connect(name: str, *, uri: bool = False) -> Connection:
    # No implicit transactions: each one is opened by `Connection.transaction`. Threads are
    # switched by `Database` alone, which hands a connection to one at a time.
    raw = sqlite3.connect(
        name, timeout=_BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False, uri=uri
    )
    return Connection(raw)


def _prepare(writer: Connection, path: Path) -> None:
    refuse_foreign(writer.raw, path)  # before anything is written to the file
    writer.run("PRAGMA trusted_schema = OFF")
    writer.run("PRAGMA secure_delete = ON")  # what is erased must not linger in free pages
    writer.run("PRAGMA journal_mode = WAL")
    # An acknowledged turn must outlive a power cut as well, not only a crash of the bot.
    writer.run("PRAGMA synchronous = FULL")
    writer.run("PRAGMA foreign_keys = ON")
    if path.stat().st_size <= _QUICK_CHECK_UP_TO_BYTES:
        _require_sound(writer, path)
    with writer.transaction("BEGIN IMMEDIATE"):
        migrate(writer.raw)


def _require_sound(writer: Connection, path: Path) -> None:
    row = writer.first("PRAGMA quick_check(1)")
    if row is None or row[0] != "ok":
        raise StoreError(
            f"The database {path} is damaged; restore a backup with `mailmedic restore FILE`."
        )
