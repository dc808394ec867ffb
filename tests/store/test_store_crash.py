"""What was acknowledged survives kill -9 at any moment."""

import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

from bot.store.casebook import SqliteCasebook

# The moments of death, in seconds after the first acknowledgement.
_MOMENTS = (0.0, 0.003, 0.005, 0.008, 0.013, 0.021, 0.03, 0.05, 0.07, 0.09, 0.12, 0.15)
_WRITER = Path(__file__).with_name("crash_writer.py")


def acknowledged_before_death(path: Path, tag: str, seconds: float) -> list[tuple[int, int, str]]:
    """The turns that a writer acknowledged until it was killed `seconds` after the first one."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, str(_WRITER), str(path), tag]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as writer:
        assert writer.stdout is not None
        lines = [writer.stdout.readline()]
        timer = threading.Timer(seconds, writer.kill)
        timer.start()
        lines += writer.stdout.readlines()
        timer.join()
    # A line that the kill has cut is no acknowledgement.
    whole = (line.split() for line in lines if line.endswith("\n"))
    return [(int(case), int(revision), event_id) for case, revision, event_id in whole]


def require_sound(path: Path) -> None:
    """Fails where SQLite finds a fault in the file, its references or its index."""
    connection = sqlite3.connect(path)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        connection.execute(
            "INSERT INTO texts_index (texts_index, rank) VALUES ('integrity-check', 1)"
        )
        # Everything of a turn is there, or nothing: as many events as revisions, a letter each.
        torn = connection.execute(
            "SELECT id FROM cases WHERE revision <> "
            "(SELECT count(*) FROM events WHERE case_id = id) OR 1 <> "
            "(SELECT count(*) FROM outbox WHERE case_id = cases.id)"
        )
        assert torn.fetchall() == []
        counted = connection.execute("SELECT count FROM counters WHERE dimension = 'cases'")
        cases = connection.execute("SELECT count(*) FROM cases")
        assert counted.fetchone() == cases.fetchone()
    finally:
        connection.close()


async def test_no_acknowledged_turn_is_lost(path: Path) -> None:
    """A dozen writers die in mid-stream; each turn they acknowledged is there, whole."""
    acknowledged: list[tuple[int, int, str]] = []
    for number, moment in enumerate(_MOMENTS):
        acknowledged += acknowledged_before_death(path, f"r{number}", moment)
        require_sound(path)
    casebook = await SqliteCasebook.open(path)
    waiting = {event.event_id for event in await casebook.unhandled()}
    await casebook.close()
    connection = sqlite3.connect(path)
    revisions = dict(connection.execute("SELECT id, revision FROM cases").fetchall())
    connection.close()

    assert len(acknowledged) > len(_MOMENTS)
    lost = [
        (case, revision) for case, revision, _ in acknowledged if revisions.get(case, 0) < revision
    ]
    assert lost == []
    assert not waiting & {event_id for _, _, event_id in acknowledged}
