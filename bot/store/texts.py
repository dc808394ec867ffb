"""What cases can be found by, and the two indexes over it, which are written here alone."""

from functools import partial
from typing import Final

from bot.store.database import Connection, Database, clean
from bot.store.words import names_in

__all__ = ["purge_indexes", "write_texts"]

# Ranking within the newest cases reads this small index only; `search` says why.
_RECENT: Final = 50_000

# Pages of an index to merge at once: a few milliseconds, since inbox commits wait behind.
_PAGES: Final = 64
_MERGES: Final = (
    "INSERT INTO texts_index (texts_index, rank) VALUES ('merge', ?)",
    "INSERT INTO texts_recent (texts_recent, rank) VALUES ('merge', ?)",
)


def write_texts(connection: Connection, number: int, texts: tuple[str, str, str]) -> None:
    """Makes a case findable by its summary, words and note, in place of what it was found by.

    Empty words leave those that are stored. Most turns change no text and cost one look-up.
    """
    # The tokenizer takes a NUL for a letter and would glue two words together.
    summary, words, note = (clean(text).replace("\0", " ") for text in texts)
    stored = connection.first(
        "SELECT summary, words, note, names FROM texts WHERE case_id = ?", (number,)
    )
    if stored is not None:
        words = words or stored["words"]
        if tuple(stored)[:3] == (summary, words, note):
            return
        _take_out(connection, number, tuple(stored))
    row = (number, summary, words, note, names_in(f"{summary} {words} {note}"))
    connection.run(
        "INSERT INTO texts (case_id, summary, words, note, names) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (case_id) DO UPDATE SET summary = excluded.summary, "
        "words = excluded.words, note = excluded.note, names = excluded.names",
        row,
    )
    connection.run(
        "INSERT INTO texts_index (rowid, summary, words, note, names) VALUES (?, ?, ?, ?, ?)", row
    )
    if stored is None:
        _add_recent(connection, row)
    else:
        _change_recent(connection, row)


def _take_out(connection: Connection, number: int, stored: tuple[str, ...]) -> None:
    # The index keeps no text of its own: it must be told word for word what it is to forget.
    connection.run(
        "INSERT INTO texts_index (texts_index, rowid, summary, words, note, names) "
        "VALUES ('delete', ?, ?, ?, ?, ?)",
        (number, *stored),
    )


def _add_recent(connection: Connection, row: tuple[int, str, str, str, str]) -> None:
    connection.run(
        "INSERT INTO texts_recent (rowid, summary, words, note, names) VALUES (?, ?, ?, ?, ?)", row
    )
    connection.run("DELETE FROM texts_recent WHERE rowid <= ?", (row[0] - _RECENT,))


def _change_recent(connection: Connection, row: tuple[int, str, str, str, str]) -> None:
    # An older case is not there, and must not come back: the index has to be without gaps.
    connection.run(
        "UPDATE texts_recent SET summary = ?, words = ?, note = ?, names = ? WHERE rowid = ?",
        (*row[1:], row[0]),
    )


async def purge_indexes(database: Database) -> None:
    """Lets the indexes forget the words of texts that are gone.

    FTS5 keeps a word that was taken out, marked as gone, until what it is stored in is merged.
    """
    for merge in _MERGES:
        pages = -_PAGES  # a negative number at first: all of the index is to be merged
        while await database.write(partial(_merge, merge=merge, pages=pages)):
            pages = _PAGES


def _merge(connection: Connection, *, merge: str, pages: int) -> bool:
    """Merges a part of an index; False once there was nothing left to do (sqlite.org/fts5.html)."""
    before = connection.raw.total_changes
    connection.run(merge, (pages,))
    return connection.raw.total_changes - before > 1
