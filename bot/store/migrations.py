"""The migrations, append-only and recorded in the file itself.

A migration that has been released is never edited: a change is a new function at the end of
`_STEPS`, whatever its name.
"""

import sqlite3
from pathlib import Path

from sqlite_utils import Database, Migrations

from bot.desk.errors import StoreError
from bot.store.schema import CASES, COUNTERS, DELIVERY, MAIL, TEXTS, WATCHES

__all__ = ["migrate", "refuse_foreign"]


def m001_cases(database: Database) -> None:
    """Cases, their append-only events, resolutions and the advice they were given."""
    database.executescript(CASES)


def m002_mail(database: Database) -> None:
    """The inbox of events and the outbox of letters."""
    database.executescript(MAIL)


def m003_texts(database: Database) -> None:
    """What cases can be found by, and the full-text indexes over it."""
    database.executescript(TEXTS)


def m004_counters(database: Database) -> None:
    """The counters that statistics are read from."""
    database.executescript(COUNTERS)


def m005_watches(database: Database) -> None:
    """Servers that somebody waits for, and the leases of those who look after them."""
    database.executescript(WATCHES)


def m006_delivery(database: Database) -> None:
    """What a delivery that survives a crash needs to know of each letter and event."""
    database.executescript(DELIVERY)


_STEPS = (m001_cases, m002_mail, m003_texts, m004_counters, m005_watches, m006_delivery)

_migrations = Migrations("mailmedic")
for _step in _STEPS:
    _migrations()(_step)


def migrate(connection: sqlite3.Connection) -> None:
    """Applies what is missing, inside the transaction that the caller has opened.

    All or nothing, so that two programs that start at once on a new file do not meet half-way.
    """
    _migrations.apply(_plain(connection))


def refuse_foreign(connection: sqlite3.Connection, path: Path) -> None:
    """Raises StoreError where the file is newer than this program or no casebook; only reads."""
    database = _plain(connection)
    applied = {migration.name for migration in _migrations.applied(database)}
    if applied - {step.__name__ for step in _STEPS}:
        raise StoreError(
            f"The database {path} was written by a newer version of Mailmedic; "
            "update this program, or name another file in MAILMEDIC_DB."
        )
    if not applied and set(database.table_names()) - {Migrations.migrations_table}:
        raise StoreError(
            f"The database {path} belongs to another program; name another file in MAILMEDIC_DB."
        )


def _plain(connection: sqlite3.Connection) -> Database:
    # Plug-ins of whoever else uses sqlite-utils on this machine have no business in here.
    return Database(connection, execute_plugins=False)
