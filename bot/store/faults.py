"""What SQLite's errors mean to whoever runs the bot, and what cures them."""

import sqlite3
from pathlib import Path

from bot.desk.errors import StoreError

__all__ = ["explain"]

# An extended result code keeps its primary code in the low byte (sqlite.org/rescode.html).
_PRIMARY = 0xFF

_CURES = {
    sqlite3.SQLITE_FULL: "the disk is full; free some space, nothing that was stored is lost",
    sqlite3.SQLITE_READONLY: "it may not be written; give the bot's user write access to the file "
    "and to its folder",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened; the folder must exist and be writable, and the "
    "path must name a file (set MAILMEDIC_DB)",
    sqlite3.SQLITE_PERM: "access is refused; give the bot's user access to the file and its folder",
    sqlite3.SQLITE_BUSY: "another program has kept it locked; stop that program and try again",
    sqlite3.SQLITE_LOCKED: "another program has kept it locked; stop that program and try again",
    sqlite3.SQLITE_NOTADB: "it is not a database; name another file in MAILMEDIC_DB",
    sqlite3.SQLITE_CORRUPT: "it is damaged; restore a backup with `mailmedic restore FILE`",
    sqlite3.SQLITE_IOERR: "the disk did not read or write; check its free space and its health",
    sqlite3.SQLITE_TOOBIG: "the text is too long to be stored; shorten it",
}


def explain(error: sqlite3.Error, path: Path) -> StoreError:
    """The error of the store that says in one line what is wrong with `path` and the cure."""
    code = getattr(error, "sqlite_errorcode", None)
    cure = None if code is None else _CURES.get(code & _PRIMARY)
    if cure is None:
        cure = f"SQLite says: {' '.join(str(error).split())}"
    return StoreError(f"The database {path} cannot be used: {cure}.")
