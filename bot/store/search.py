"""The search: best match first among the newest 10,000 matches, at any size of the history.

Ranking with bm25 counts in how many cases of an index each word occurs, which takes as long as
the word is common. Two things keep that short. Where the newest matches all lie in `texts_recent`,
that small index ranks them. Elsewhere the words that a fifth of the recent cases hold are asked
for but do not weigh: bm25 gives them next to no weight anyway.
"""

import json
import sqlite3
from collections.abc import Sequence
from typing import Final

from bot.model.history import CaseSummary, SearchPage
from bot.store.database import Connection
from bot.store.rows import summary_in
from bot.store.words import excerpt, terms_of

__all__ = ["search_cases"]

_RANKED: Final = 10_000  # matches; what is older is not ranked and not shown
_COUNTED: Final = 1_000  # up to here the total is exact
_LONGEST_PAGE: Final = 1_000
_FARTHEST: Final = 1_000_000_000
_SAMPLE: Final = 5_000  # of the newest cases tell how common a word is
_COMMON: Final = 1_000  # of these hold a word that is common

_NEWEST = """
SELECT count(*) AS found, min(id) AS oldest, json_group_array(id) AS ids FROM (
  SELECT rowid AS id FROM texts_index WHERE texts_index MATCH ? ORDER BY rowid DESC LIMIT ?
)
"""
_RANK_RECENT = """
SELECT rowid AS id FROM texts_recent WHERE texts_recent MATCH ? AND rowid >= ?
ORDER BY rank, rowid DESC LIMIT ? OFFSET ?
"""
_RANK_ALL = """
SELECT rowid AS id FROM texts_index WHERE texts_index MATCH ? AND rowid >= ?
ORDER BY rank, rowid DESC LIMIT ? OFFSET ?
"""
# The plus keeps SQLite from asking the index once for each id.
_RANK_TELLING = """
SELECT rowid AS id FROM texts_index
WHERE texts_index MATCH :telling AND rowid >= :oldest AND +rowid IN (
  SELECT value FROM json_each(:ids)
)
ORDER BY rank, rowid DESC LIMIT :limit OFFSET :offset
"""
_HOW_COMMON = """
SELECT count(*) AS cases FROM (
  SELECT 1 FROM texts_recent WHERE texts_recent MATCH ? AND rowid > ? LIMIT ?
)
"""
_FOUND = """
SELECT id, opened, state, outcome, verdict, host, port, provider, cases.summary AS summary,
  asked_by, words, note, (SELECT helped FROM resolutions AS r WHERE r.case_id = id) AS helped
FROM cases JOIN texts ON texts.case_id = id
WHERE id IN (SELECT value FROM json_each(?))
"""
_LATEST = """
SELECT id, opened, state, outcome, verdict, host, port, provider, summary, asked_by,
  (SELECT helped FROM resolutions AS r WHERE r.case_id = id) AS helped
FROM cases ORDER BY id DESC LIMIT ? OFFSET ?
"""


def search_cases(connection: Connection, words: str, *, limit: int, offset: int) -> SearchPage:
    """The page of cases that hold all the words; without words, of the newest cases.

    A limit is at most 1,000. Words of which nothing can be looked for, such as `???`, find nothing.
    """
    limit = min(max(limit, 0), _LONGEST_PAGE)
    offset = min(max(offset, 0), _FARTHEST)
    if not words.strip("\0 \t\r\n"):
        return _newest(connection, limit, offset)
    terms = terms_of(words)
    if not terms:
        return SearchPage(total=0, more=False, cases=())
    newest = connection.first(_NEWEST, (" ".join(terms), _RANKED))
    assert newest is not None
    if not newest["found"]:
        return SearchPage(total=0, more=False, cases=())
    ids = _ranked(connection, terms, newest, (limit, offset))
    return _page(newest["found"], _summaries(connection, ids, words))


def _newest(connection: Connection, limit: int, offset: int) -> SearchPage:
    row = connection.first(
        "SELECT count(*) AS found FROM (SELECT 1 FROM cases LIMIT ?)", (_COUNTED + 1,)
    )
    rows = connection.all(_LATEST, (limit, offset))
    cases = tuple(summary_in(case, helped=case["helped"]) for case in rows)
    return _page(row["found"] if row else 0, cases)


def _page(found: int, cases: tuple[CaseSummary, ...]) -> SearchPage:
    return SearchPage(total=min(found, _COUNTED), more=found > _COUNTED, cases=cases)


def _ranked(
    connection: Connection, terms: Sequence[str], newest: sqlite3.Row, page: tuple[int, int]
) -> list[int]:
    match, oldest = " ".join(terms), newest["oldest"]
    first, last = _recent(connection)
    if oldest >= first:
        return _ids(connection.all(_RANK_RECENT, (match, oldest, *page)))
    telling = [term for term in terms if not _is_common(connection, term, last)]
    if len(telling) in {0, len(terms)}:
        return _ids(connection.all(_RANK_ALL, (match, oldest, *page)))
    limit, offset = page
    asked = {"telling": " ".join(telling), "oldest": oldest, "ids": newest["ids"]}
    rows = connection.all(_RANK_TELLING, {**asked, "limit": limit, "offset": offset})
    return _ids(rows)


def _ids(rows: Sequence[sqlite3.Row]) -> list[int]:
    return [row["id"] for row in rows]


def _recent(connection: Connection) -> tuple[int, int]:
    """The first and the last case of `texts_recent`."""
    first = connection.first("SELECT rowid AS id FROM texts_recent ORDER BY rowid LIMIT 1")
    last = connection.first("SELECT rowid AS id FROM texts_recent ORDER BY rowid DESC LIMIT 1")
    if first is None or last is None:
        return _FARTHEST, _FARTHEST
    return first["id"], last["id"]


def _is_common(connection: Connection, term: str, last: int) -> bool:
    row = connection.first(_HOW_COMMON, (term, last - _SAMPLE, _COMMON))
    return row is not None and row["cases"] == _COMMON


def _summaries(connection: Connection, ids: list[int], words: str) -> tuple[CaseSummary, ...]:
    found = {row["id"]: row for row in connection.all(_FOUND, (json.dumps(ids),))}
    return tuple(
        summary_in(found[number], _matched(found[number], words), found[number]["helped"])
        for number in ids
    )


def _matched(row: sqlite3.Row, words: str) -> str:
    return excerpt("\n".join(filter(None, (row["words"] or row["summary"], row["note"]))), words)
