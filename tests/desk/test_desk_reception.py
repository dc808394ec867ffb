"""The desk as a service: what fails harms nobody else, and the daily round goes on."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from factories import NOON, a_letter, a_received
from voices import OpenDesk, Voice

from bot.conversation.timing import FIRST_REMINDER
from bot.desk import reception as reception_module
from bot.desk.clock import SystemClock
from bot.desk.desk import Desk
from bot.desk.errors import StoreError
from bot.desk.incoming import Incoming
from bot.desk.ports import Received
from bot.desk.reception import Reception
from bot.knowledge.schema import Knowledge
from bot.model.case import ThreadKey
from bot.store.casebook import SqliteCasebook

THREAD = ThreadKey("C1/1")


async def where_it_was(received: Received) -> Received:
    """Every event is answered where it was heard."""
    return received


@pytest.fixture
async def reception(
    desk: Desk, casebook: SqliteCasebook, clock: SystemClock
) -> AsyncIterator[Reception]:
    """A reception in front of the desk."""
    made = Reception(desk, casebook, clock, where_it_was)
    yield made
    await made.stop(timedelta(seconds=5))


def says(text: str, event_id: str = "e1", thread: ThreadKey = THREAD) -> Incoming:
    """Words."""
    return Incoming(event_id=event_id, thread=thread, by="ana", text=text)


async def test_what_is_received_is_attended_to(
    reception: Reception, casebook: SqliteCasebook, voice: Voice
) -> None:
    """An event gets its turn once, and its thread and id are known from its receipt on."""
    received = await reception.receive(says("I can't send mail"))
    again = await reception.receive(says("I can't send mail"))
    assert received is not None
    known = (await reception.knows(THREAD), await reception.has("e1"), await reception.has("e2"))
    await reception.attend(received)
    await reception.stop(timedelta(seconds=5))
    session = await reception.session(THREAD)

    assert again is None
    assert known == (True, True, False)
    assert session is not None
    assert voice.keys == ["e1/0"]
    assert await casebook.unhandled() == ()


async def test_turn_that_fails_is_apologized_for(
    reception: Reception, casebook: SqliteCasebook, voice: Voice, knowledge: Knowledge
) -> None:
    """An event that nobody can read leaves an apology, is done with, and stops no other."""
    await casebook.receive(a_received("bad", THREAD))
    await casebook.done("nobody", NOON, [a_letter("left/0", THREAD)])
    await casebook.receive(a_received("worse", THREAD))
    received = await reception.receive(says("I can't send mail"))
    assert received is not None
    await asyncio.gather(reception.recover(), reception.attend(received))
    await reception.stop(timedelta(seconds=5))

    assert sorted(voice.keys) == ["bad/sorry", "e1/0", "left/0", "worse/sorry"]
    assert knowledge.texts["reply.our_fault"] in voice.words
    assert await casebook.unhandled() == ()


class UnreadableCasebook(SqliteCasebook):
    """A store that can be written and not be read."""

    async def waiting(self, thread: ThreadKey | None = None) -> tuple[()]:
        """Refuses."""
        raise StoreError(f"the letters of {thread} cannot be read")


async def test_recovery_that_fails_leaves_the_bot_at_work(
    open_desk: OpenDesk, casebook: SqliteCasebook, clock: SystemClock, voice: Voice
) -> None:
    """Who writes is answered though what was left cannot be taken up."""
    book = UnreadableCasebook(casebook._database)
    reception = Reception(open_desk(book), book, clock, where_it_was)
    await reception.recover()
    received = await reception.receive(says("I can't send mail"))
    assert received is not None
    await reception.attend(received)
    await reception.stop(timedelta(seconds=5))

    assert voice.keys == ["e1/0"]


class TidyCasebook(SqliteCasebook):
    """A store that tells when there was nothing left to tidy."""

    is_tidy: asyncio.Event

    async def tidy(self, at: datetime) -> int:
        """Tidies as ever."""
        gone = await super().tidy(at)
        if not gone:
            self.is_tidy.set()
        return gone


async def test_daily_round_reminds_and_tidies(
    open_desk: OpenDesk,
    casebook: SqliteCasebook,
    clock: SystemClock,
    voice: Voice,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A silent person is reminded, and events of long ago go, again and again."""
    monkeypatch.setattr(reception_module, "_TICK", 0.01)
    monkeypatch.setattr(reception_module, "_TIDY", 0.01)
    book = TidyCasebook(casebook._database)
    book.is_tidy = asyncio.Event()
    desk = open_desk(book)
    reception = Reception(desk, book, clock, where_it_was)
    await desk.hear(says("I can't send mail"))
    await desk.settle(THREAD)
    voice.was_tried.clear()
    reception.open()
    await book.is_tidy.wait()
    there = await book.has("e1")
    clock.advance(FIRST_REMINDER + timedelta(days=10))
    async with asyncio.timeout(10):
        await voice.was_tried.wait()
        for _ in range(2):  # the round that is under way may have begun before
            book.is_tidy.clear()
            await book.is_tidy.wait()
    await reception.stop(timedelta(seconds=5))

    assert there
    assert voice.keys[:2] == ["e1/0", "due:1:1/0"]
    assert not await book.has("e1")
