"""Turns are kept whole; cases are read back as they were told."""

import sqlite3
from dataclasses import replace
from datetime import timedelta
from operator import methodcaller
from pathlib import Path
from typing import Any

import pytest
from factories import (
    NOON,
    THREAD,
    a_diagnosis,
    a_full_session,
    a_letter,
    a_resolution,
    a_session,
    a_turn,
)

from bot.desk.errors import CaseNotFoundError, StaleTurnError, StoreError
from bot.model.case import CaseId, CaseKind, Outcome, Session, State, ThreadKey
from bot.model.codes import Code
from bot.model.history import CaseEvent
from bot.store.casebook import SqliteCasebook
from bot.store.database import Database


def later(session: Session, **changes: Any) -> Session:
    """The session one revision on."""
    return replace(session, revision=session.revision + 1, **changes)


async def test_cases_are_numbered_from_one(casebook: SqliteCasebook) -> None:
    """The ids of cases are small numbers in the order of opening."""
    kept = [await casebook.keep(a_turn()) for _ in range(3)]

    assert [session.case for session in kept] == ["1", "2", "3"]


async def test_a_case_goes_on_under_its_id(casebook: SqliteCasebook) -> None:
    """A turn with a case id changes that case and opens none."""
    kept = await casebook.keep(a_turn())
    again = await casebook.keep(a_turn(later(kept, state=State.ASKING)))

    assert again.case == kept.case == "1"
    assert (await casebook.session_of(CaseId("1"))).state is State.ASKING
    assert (await casebook.statistics()).cases == 1


async def test_a_session_is_read_without_its_mail_address(
    casebook: SqliteCasebook, path: Path
) -> None:
    """What comes back is what was kept; the local part of the address is nowhere in the file."""
    kept = await casebook.keep(a_turn(a_full_session()))
    assert kept.complaint is not None
    session = await casebook.session(THREAD)
    await casebook.close()

    assert session == replace(kept, complaint=replace(kept.complaint, address=None))
    assert not any(b"anna" in file.read_bytes() for file in path.parent.iterdir())


async def test_a_thread_has_the_session_of_its_newest_case(casebook: SqliteCasebook) -> None:
    """A later turn of an older case does not bring the older case back into the talk."""
    old = await casebook.keep(a_turn())
    new = await casebook.keep(a_turn(replace(a_session(), state=State.ASKING)))
    await casebook.keep(a_turn(later(old), at=NOON + timedelta(days=1)))

    session = await casebook.session(THREAD)
    assert session is not None
    assert session.case == new.case == "2"
    assert await casebook.session(ThreadKey("elsewhere")) is None


@pytest.mark.parametrize(
    "case", ["2", "0", "-1", "01", "one", "", "1.0", "\u0661", "9" * 40, "1\ud800"]
)
async def test_an_unknown_case_is_not_found(casebook: SqliteCasebook, case: str) -> None:
    """A number that no case has, and what is no number, are the same mistake."""
    await casebook.keep(a_turn())

    with pytest.raises(CaseNotFoundError):
        await casebook.session_of(CaseId(case))
    with pytest.raises(CaseNotFoundError):
        await casebook.show(CaseId(case))
    with pytest.raises(CaseNotFoundError):
        await casebook.keep(a_turn(replace(a_session(), case=CaseId(case))))


@pytest.mark.parametrize("revision", [0, 1, 2])
async def test_a_stale_turn_changes_nothing(casebook: SqliteCasebook, revision: int) -> None:
    """A second answer to the same question is refused, with its letters and its counters."""
    kept = await casebook.keep(a_turn())
    await casebook.keep(a_turn(later(kept, node="a/b")))
    before = (await casebook.show(CaseId("1")), await casebook.statistics())
    stale = replace(kept, revision=revision, diagnosis=a_diagnosis(), node="c/d")

    with pytest.raises(StaleTurnError, match="has moved on to revision 2"):
        await casebook.keep(a_turn(stale, letters=(a_letter(),), given=("x",), words="new"))
    assert (await casebook.show(CaseId("1")), await casebook.statistics()) == before
    assert await casebook.waiting() == ()


async def test_a_case_is_shown_whole(casebook: SqliteCasebook) -> None:
    """The file of a case has its summary, path, advice, resolution and events in order."""
    events = tuple(CaseEvent(at=NOON, kind=kind, data='{"n": 1}') for kind in ("said", "checked"))
    kept = await casebook.keep(a_turn(events=events[:1], given=("b", "a")))
    session = replace(a_full_session(), case=kept.case, revision=2)
    await casebook.keep(a_turn(session, events=events[1:] * 2, given=("c", "a"), summary="expired"))

    shown = await casebook.show(CaseId("1"))

    assert shown.summary.summary == "expired"
    assert (shown.summary.host, shown.summary.port) == ("mail.example.test", 587)
    assert shown.summary.verdict is Code.CERT_EXPIRED
    assert (shown.summary.state, shown.summary.outcome) == (State.CLOSED, Outcome.FIXED)
    assert (shown.client, shown.summary.provider) == ("outlook", "example")
    assert shown.path == session.path
    assert shown.advice == ("b", "a", "c")
    assert shown.resolution == a_resolution()
    assert shown.events == (*events, events[1])
    assert shown.closed == NOON


async def test_before_a_verdict_the_server_is_that_of_the_complaint(
    casebook: SqliteCasebook,
) -> None:
    """Host and port come from what was said until something was checked."""
    await casebook.keep(a_turn())
    await casebook.keep(a_turn(replace(a_session(), diagnosis=a_diagnosis(host=None))))
    await casebook.keep(a_turn(Session(thread=THREAD)))

    cases = (await casebook.search("", limit=9, offset=0)).cases
    assert [case.host for case in cases] == [None, "mail.example.test", "mail.example.test"]
    assert [case.verdict for case in cases] == [None, Code.CERT_EXPIRED, None]


async def test_a_later_resolution_replaces_the_earlier(casebook: SqliteCasebook) -> None:
    """A helper who knows better has the last word."""
    kept = await casebook.keep(a_turn(a_full_session(), resolution=a_resolution()))
    better = a_resolution(Outcome.WORKAROUND, NOON + timedelta(days=1))
    await casebook.keep(a_turn(later(kept), resolution=better))
    await casebook.keep(a_turn(replace(kept, revision=9)))

    shown = await casebook.show(CaseId("1"))
    assert shown.resolution == better
    assert shown.summary.outcome is Outcome.WORKAROUND


async def test_a_case_that_is_opened_again_has_no_outcome(casebook: SqliteCasebook) -> None:
    """Outcome, resolution and time of closing go, and come back with the next closing."""
    kept = await casebook.keep(a_turn(a_full_session(), resolution=a_resolution()))
    again = later(kept, state=State.ASKING, resolution=None)
    await casebook.keep(a_turn(again))
    shown = await casebook.show(CaseId("1"))
    closing = later(again, state=State.CLOSED, resolution=a_resolution(Outcome.ABANDONED))
    await casebook.keep(a_turn(closing, at=NOON + timedelta(hours=1)))
    closed = await casebook.show(CaseId("1"))

    assert (shown.summary.outcome, shown.closed, shown.resolution) == (None, None, None)
    assert closed.summary.outcome is Outcome.ABANDONED
    assert closed.closed == NOON + timedelta(hours=1)


async def test_sessions_are_due_at_their_time(casebook: SqliteCasebook) -> None:
    """The earliest is first; a case that is closed is never due."""
    for hours in (3, 1, 2, 5):
        await casebook.keep(a_turn(replace(a_session(), due=NOON + timedelta(hours=hours))))
    await casebook.keep(a_turn(a_full_session()))
    await casebook.keep(a_turn())

    due = await casebook.due(NOON + timedelta(hours=3))
    assert [session.case for session in due] == ["2", "3", "1"]
    assert await casebook.due(NOON) == ()


async def test_a_check_by_command_is_a_closed_case(casebook: SqliteCasebook) -> None:
    """A case of kind check is closed without an outcome."""
    session = replace(a_session(), state=State.CLOSED, diagnosis=a_diagnosis(Code.OK))
    await casebook.keep(a_turn(session, kind=CaseKind.CHECK))

    shown = await casebook.show(CaseId("1"))
    assert (shown.summary.outcome, shown.resolution, shown.closed) == (None, None, NOON)


async def test_events_can_only_be_added(path: Path) -> None:
    """The file itself refuses to change or delete an event, except of a case being erased."""
    database = await Database.open(path)
    await SqliteCasebook(database).keep(a_turn(events=(CaseEvent(at=NOON, kind="said"),) * 2))

    for statement in ("UPDATE events SET kind = 'x'", "DELETE FROM events"):
        with pytest.raises(StoreError, match="append-only"):
            await database.write(methodcaller("run", statement))
    await database.write(lambda one: one.run("INSERT INTO erasing VALUES (1)"))
    gone = await database.write(lambda one: one.run("DELETE FROM events").rowcount)
    await database.close()

    assert gone == 2


async def test_any_text_can_be_kept(casebook: SqliteCasebook) -> None:
    """Half characters, NUL and a long text are stored; what is no character is replaced."""
    odd = 'x\ud800\0\x1b"); DROP TABLE cases;--' + "\U0001f600" * 20_000
    event = CaseEvent(at=NOON, kind="said", data=odd)
    session = replace(a_session(), node=odd)
    await casebook.keep(a_turn(session, summary=odd, words=odd, by=odd, events=(event,)))

    shown = await casebook.show(CaseId("1"))
    assert shown.events[0].data == odd.replace("\ud800", "\ufffd")
    assert (await casebook.session_of(CaseId("1"))).node == odd.replace("\ud800", "\ufffd")


async def test_a_damaged_session_is_told_with_its_case(
    casebook: SqliteCasebook, path: Path
) -> None:
    """What cannot be read is named, and other cases are not touched by it."""
    await casebook.keep(a_turn())
    await casebook.keep(a_turn(a_session(ThreadKey("other"))))
    other = sqlite3.connect(path)
    other.execute("UPDATE cases SET session = '{}' WHERE id = 1")
    other.commit()
    other.close()

    with pytest.raises(StoreError, match="Case 1 cannot be read"):
        await casebook.session_of(CaseId("1"))
    assert await casebook.session(ThreadKey("other")) is not None
