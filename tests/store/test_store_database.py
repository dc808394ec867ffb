"""The file: how it is named, opened, guarded, and what is said when it cannot be used."""

import asyncio
import os
import sqlite3
import stat
from pathlib import Path

import pytest
from factories import a_session, a_turn

from bot.desk.errors import StoreError
from bot.store import database as database_module
from bot.store.casebook import SqliteCasebook
from bot.store.database import Connection, Database, clean, database_path
from bot.store.faults import explain

DIARY = b"Dear diary, " * 1000


def content_of(path: Path) -> bytes:
    """The bytes of the file."""
    return path.read_bytes()


def fill(path: Path, content: bytes | bytearray) -> None:
    """Makes `content` the whole of the file."""
    path.write_bytes(content)


def names_beside(path: Path) -> list[str]:
    """What the folder of the file holds."""
    return sorted(file.name for file in path.parent.iterdir())


def forbid_writing(path: Path) -> None:
    """Takes away the right to write the file."""
    path.chmod(0o444)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("./mailmedic.db", "mailmedic.db"),
        ("/srv/mailmedic.db", "/srv/mailmedic.db"),
        ("sqlite:///cases.db", "cases.db"),
        ("sqlite:////srv/cases.db", "/srv/cases.db"),
        (" with space.db ", "with space.db"),
        ("~/cases.db", str(Path.home() / "cases.db")),
    ],
)
def test_a_setting_names_a_file(text: str, path: str) -> None:
    """A path and an sqlite address both name a file."""
    assert database_path(text) == Path(path)


@pytest.mark.parametrize("text", ["", " ", "sqlite:///", "postgres://db/x", ":memory:", "a\0b"])
def test_a_setting_that_names_no_file_is_refused(text: str) -> None:
    """Other engines and no name at all are refused with an example of what to write."""
    with pytest.raises(StoreError, match="write a path such as"):
        database_path(text)


async def test_a_connection_is_set_up_for_safety(path: Path) -> None:
    """The writer syncs at each commit, checks references and erases what it deletes."""
    database = await Database.open(path)

    def pragmas(connection: Connection) -> dict[str, object]:
        names = ("journal_mode", "synchronous", "foreign_keys", "trusted_schema", "secure_delete")
        return {name: connection.raw.execute(f"PRAGMA {name}").fetchone()[0] for name in names}

    found = await database.write(pragmas)
    await database.close()

    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "trusted_schema": 0,
        "secure_delete": 1,
    }


async def test_readers_cannot_write(path: Path) -> None:
    """A read that tries to change something fails and changes nothing."""
    database = await Database.open(path)

    with pytest.raises(StoreError, match="may not be written"):
        await database.read(lambda connection: connection.run("DELETE FROM counters"))
    await database.close()


async def test_work_that_fails_leaves_nothing_behind(path: Path) -> None:
    """A write is kept whole or not at all, and the next one works."""
    database = await Database.open(path)

    def half(connection: Connection) -> None:
        connection.run("INSERT INTO leases VALUES ('a', 'b', 'c')")
        raise LookupError

    with pytest.raises(LookupError):
        await database.write(half)
    await database.write(lambda one: one.run("INSERT INTO leases VALUES ('x', 'y', 'z')"))
    names = await database.read(
        lambda one: [row["name"] for row in one.all("SELECT * FROM leases")]
    )
    await database.close()

    assert names == ["x"]


async def test_many_at_once_wait_for_each_other(path: Path) -> None:
    """A hundred writes and reads from one event loop all come through."""
    casebook = await SqliteCasebook.open(path)
    kept = await asyncio.gather(*(casebook.keep(a_turn()) for _ in range(50)))
    assert kept[0].case is not None
    read = await asyncio.gather(*(casebook.session_of(one.case) for one in kept if one.case))
    await casebook.close()

    assert {one.case for one in read} == {str(number) for number in range(1, 51)}


async def test_what_was_kept_is_there_after_opening_again(path: Path) -> None:
    """Closing folds the log into one file, and opening finds everything."""
    casebook = await SqliteCasebook.open(path)
    kept = await casebook.keep(a_turn())
    await casebook.close()
    beside = names_beside(path)
    casebook = await SqliteCasebook.open(path)
    assert kept.case is not None
    again = await casebook.session_of(kept.case)
    await casebook.close()

    assert beside == ["cases.db"]
    assert again.revision == a_session().revision


async def test_two_programs_may_open_a_new_file_at_once(path: Path) -> None:
    """Whoever comes second finds the tables of the first."""
    first, second = await asyncio.gather(SqliteCasebook.open(path), SqliteCasebook.open(path))
    kept = [await first.keep(a_turn()), await second.keep(a_turn())]
    await first.close()
    await second.close()

    assert [session.case for session in kept] == ["1", "2"]


async def test_closing_twice_is_closing_once(casebook: SqliteCasebook) -> None:
    """A second close does nothing, and a closed casebook says so."""
    await casebook.close()
    await casebook.close()

    with pytest.raises(StoreError, match="is closed"):
        await casebook.statistics()


async def test_a_missing_folder_is_named_as_the_reason(tmp_path: Path) -> None:
    """The error says that the folder must exist."""
    with pytest.raises(StoreError, match="the folder must exist"):
        await SqliteCasebook.open(tmp_path / "nowhere" / "cases.db")


async def test_a_folder_is_no_file(tmp_path: Path) -> None:
    """The error says that the path must name a file."""
    with pytest.raises(StoreError, match="must name a file"):
        await SqliteCasebook.open(tmp_path)


async def test_a_file_that_is_no_database_is_left_alone(path: Path) -> None:
    """Somebody's text file is refused and stays as it is."""
    fill(path, DIARY)

    with pytest.raises(StoreError, match="is not a database"):
        await SqliteCasebook.open(path)
    assert content_of(path) == DIARY


async def test_the_database_of_another_program_is_left_alone(path: Path) -> None:
    """A database with other tables is refused and stays as it is."""
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE recipes (name TEXT)")
    other.close()
    before = content_of(path)

    with pytest.raises(StoreError, match="belongs to another program"):
        await SqliteCasebook.open(path)
    assert content_of(path) == before


async def test_a_database_of_a_newer_version_is_left_alone(path: Path) -> None:
    """An unknown migration is refused before anything is written."""
    await (await SqliteCasebook.open(path)).close()
    newer = sqlite3.connect(path)
    newer.execute(
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) "
        "VALUES ('mailmedic', 'm999_later', '')"
    )
    newer.commit()
    newer.close()
    before = content_of(path)

    with pytest.raises(StoreError, match="newer version"):
        await SqliteCasebook.open(path)
    assert content_of(path) == before
    assert names_beside(path) == ["cases.db"]


async def test_a_damaged_file_is_told_at_the_start(path: Path) -> None:
    """A page of noise in the middle is found before the first case is taken."""
    casebook = await SqliteCasebook.open(path)
    for _ in range(30):
        await casebook.keep(a_turn(words="many words " * 200))
    await casebook.close()
    content = bytearray(content_of(path))
    content[4096 * 30 : 4096 * 40] = b"\xa5" * 4096 * 10
    fill(path, content)

    with pytest.raises(StoreError, match="restore a backup"):
        await SqliteCasebook.open(path)


async def test_a_locked_file_names_the_other_program(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the wait the error says that another program holds the file."""
    monkeypatch.setattr(database_module, "_BUSY_TIMEOUT_S", 0.05)
    casebook = await SqliteCasebook.open(path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(StoreError, match="another program has kept it locked"):
        await casebook.keep(a_turn())
    other.execute("ROLLBACK")
    other.close()
    kept = await casebook.keep(a_turn())
    await casebook.close()

    assert kept.case == "1"


async def test_a_full_disk_loses_nothing_that_was_kept(path: Path) -> None:
    """The turn that does not fit is refused with the cure; what was there is still read."""
    database = await Database.open(path)
    casebook = SqliteCasebook(database)
    await casebook.keep(a_turn())
    assert database._writer is not None
    pages = database._writer.raw.execute("PRAGMA page_count").fetchone()[0]
    database._writer.raw.execute(f"PRAGMA max_page_count = {pages}").fetchone()

    with pytest.raises(StoreError, match="the disk is full; free some space"):
        await casebook.keep(a_turn(words="word " * 100_000))
    page = await casebook.search("", limit=10, offset=0)
    await casebook.close()

    assert [case.id for case in page.cases] == ["1"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
async def test_a_read_only_file_names_the_permissions(path: Path) -> None:
    """The error says who needs write access."""
    await (await SqliteCasebook.open(path)).close()
    forbid_writing(path)

    with pytest.raises(StoreError, match="write access"):
        await SqliteCasebook.open(path)


@pytest.mark.parametrize(
    ("code", "cure"),
    [
        (sqlite3.SQLITE_READONLY, "write access"),
        (sqlite3.SQLITE_IOERR | (12 << 8), "disk did not read or write"),
        (sqlite3.SQLITE_FULL, "free some space"),
        (sqlite3.SQLITE_CORRUPT, "restore a backup"),
        (sqlite3.SQLITE_ERROR, "SQLite says: no such thing"),
    ],
)
def test_every_error_is_one_line_with_a_cure(code: int, cure: str) -> None:
    """SQLite's number decides the sentence, extended numbers too."""
    error = sqlite3.OperationalError("no such\n thing")
    error.sqlite_errorcode = code

    said = str(explain(error, Path("cases.db")))

    assert cure in said
    assert said.startswith("The database cases.db ")
    assert "\n" not in said


def test_text_that_is_no_unicode_is_replaced() -> None:
    """Lone halves of surrogate pairs are replaced, whole pairs joined, the rest is kept."""
    assert clean("a\ud800b") == "a\ufffdb"
    assert clean("\ud83d\ude00") == "\U0001f600"
    assert clean("grüße\0") == "grüße\0"


def test_password_in_a_database_address_is_not_shown() -> None:
    """An address of another engine is refused without its password."""
    with pytest.raises(StoreError, match="postgres://…") as raised:
        database_path("postgres://bot:geheim@db.example/cases")

    assert "geheim" not in str(raised.value)


def mode_of(path: Path) -> int:
    """Who may do what with a file."""
    return stat.S_IMODE(path.stat().st_mode)


async def test_new_database_is_its_owners_alone(path: Path) -> None:
    """What people wrote can be read by nobody else on the machine."""
    await (await SqliteCasebook.open(path)).close()

    assert mode_of(path) == 0o600
