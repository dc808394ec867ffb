"""A store that takes nothing in, or hangs: the talk goes on in memory, and says so."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from ssl import SSLContext

import pytest
from servers.faultserver import FaultServer, ServeScript
from servers.scripts import SILENT, smtp_starttls
from voices import OpenDesk, Voice

from bot.desk import desk as desk_module
from bot.desk.desk import Desk
from bot.desk.errors import StoreError
from bot.desk.incoming import Incoming
from bot.desk.ports import Letter, Received, Turn, Withdrawal
from bot.knowledge.schema import Knowledge
from bot.model.case import Session, State, ThreadKey
from bot.store import database as database_module
from bot.store.casebook import SqliteCasebook
from bot.store.database import Database

THREAD = ThreadKey("C1/1")


class CrampedCasebook(SqliteCasebook):
    """A store whose disk is full for as long as a test wants it to be."""

    full = True

    def _require_room(self, what: object) -> None:
        if self.full:
            raise StoreError(f"no room for {what}")

    async def receive(self, received: Received) -> bool:
        """Takes it in where there is room."""
        self._require_room(received)
        return await super().receive(received)

    async def done(self, event_id: str, at: datetime, letters: Sequence[Letter] = ()) -> None:
        """Takes it in where there is room."""
        self._require_room(event_id)
        await super().done(event_id, at, letters)

    async def keep(self, turn: Turn) -> Session:
        """Takes it in where there is room."""
        self._require_room(turn)
        return await super().keep(turn)

    async def withdraw(self, withdrawal: Withdrawal) -> None:
        """Takes it in where there is room."""
        self._require_room(withdrawal)
        await super().withdraw(withdrawal)


@pytest.fixture
async def cramped(tmp_path: Path) -> AsyncIterator[CrampedCasebook]:
    """A store that is full."""
    book = CrampedCasebook(await Database.open(tmp_path / "full.db"))
    yield book
    await book.close()


def says(text: str, event_id: str = "e1", thread: ThreadKey = THREAD) -> Incoming:
    """Words."""
    return Incoming(event_id=event_id, thread=thread, by="ana", text=text)


def about(server: FaultServer) -> str:
    """A complaint about a server."""
    return f"can't send email, server 127.0.0.1 port {server.port} with STARTTLS times out"


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Another program holds the file for writing."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


async def test_talk_goes_on_in_memory_and_is_stored_once_there_is_room(
    open_desk: OpenDesk, cramped: CrampedCasebook, voice: Voice, knowledge: Knowledge
) -> None:
    """The person is told once; with room again the case gets its number, its words and its log."""
    desk = open_desk(cramped)
    await desk.hear(says("I can't send mail"))
    await desk.hear(says("I use Thunderbird", "e2"))
    unsaved = await desk.session(THREAD)
    cramped.full = False
    await desk.hear(says("on port 465", "e3"))
    await desk.stop(timedelta(seconds=30))
    stored = await cramped.session(THREAD)

    assert voice.words.count(knowledge.texts["reply.not_remembered"]) == 1
    assert len(set(voice.keys)) == len(voice.keys)
    assert unsaved is not None
    assert unsaved.case == "unsaved"
    assert stored is not None
    assert stored.case == "1"
    assert stored.complaint is not None
    assert stored.complaint.client == "thunderbird"
    assert stored.complaint.port == 465


async def test_second_time_without_room_is_said_again(
    open_desk: OpenDesk, cramped: CrampedCasebook, voice: Voice, knowledge: Knowledge
) -> None:
    """Who was stored in between is told anew that it is not so any more."""
    desk = open_desk(cramped)
    for number, full in enumerate((True, False, True)):
        cramped.full = full
        await desk.hear(says(f"I can't send mail, port {465 + number}", f"e{number}"))
    await desk.settle(THREAD)

    assert voice.words.count(knowledge.texts["reply.not_remembered"]) == 2


@pytest.mark.parametrize("words_between", [False, True])
async def test_check_of_a_case_without_a_number_reports(
    open_desk: OpenDesk,
    cramped: CrampedCasebook,
    voice: Voice,
    fault_server: ServeScript,
    good_context: SSLContext,
    *,
    words_between: bool,
) -> None:
    """A case that gets its number while its server is looked at gets the verdict all the same."""
    server = fault_server(smtp_starttls(good_context))
    desk = open_desk(cramped)
    await desk.hear(says(about(server)))
    cramped.full = False
    if words_between:
        await desk.hear(says("I use Outlook", "e2"))
    await desk.settle(THREAD)
    session = await desk.session(THREAD)

    assert session is not None
    assert session.case == "1"
    assert session.state in {State.ASKING, State.ADVISED}
    assert f"checked:{THREAD}:1/0" in voice.keys


async def test_small_talk_and_repeats_without_room(
    open_desk: OpenDesk, cramped: CrampedCasebook, voice: Voice, knowledge: Knowledge
) -> None:
    """A greeting is answered, with no word about memory, and its redelivery changes nothing."""
    desk = open_desk(cramped)
    for _ in range(3):
        await desk.hear(says("hello"))
    await desk.settle(THREAD)

    assert voice.keys == ["e1/0"]
    assert knowledge.texts["reply.not_remembered"] not in voice.words


async def test_button_that_changes_nothing_without_room(
    open_desk: OpenDesk, cramped: CrampedCasebook, voice: Voice, knowledge: Knowledge
) -> None:
    """A stale button of a stored case leaves the case as it is, in memory too."""
    desk = open_desk(cramped)
    cramped.full = False
    await desk.hear(says("I can't send mail"))
    cramped.full = True
    await desk.hear(Incoming(event_id="e2", thread=THREAD, by="ana", option="changed"))
    await desk.settle(THREAD)

    assert voice.keys == ["e1/0", "e2/0"]
    assert knowledge.texts["reply.stale_option"] in voice.words
    assert await desk.session(THREAD) == await cramped.session(THREAD)


async def test_apology_goes_out_with_and_without_room(
    open_desk: OpenDesk, cramped: CrampedCasebook, voice: Voice, knowledge: Knowledge
) -> None:
    """It stands in place of the turn that failed: with room the event is done with."""
    desk = open_desk(cramped)
    cramped.full = False
    received = await desk.receive(says("I can't send mail"))
    assert received is not None
    cramped.full = True
    await desk.apologize(received)
    left = await cramped.unhandled()
    cramped.full = False
    await desk.apologize(replace(received, event_id="e9"))
    await desk.apologize(received)
    await desk.settle(THREAD)
    newest = await cramped.newest(THREAD)

    assert [event.event_id for event in left] == ["e1"]
    assert voice.keys == ["e1/sorry", "e9/sorry"]
    assert voice.words.count(knowledge.texts["reply.our_fault"]) == 2
    assert newest is not None
    assert newest.key == "e9/sorry"


async def test_deletion_without_room_is_made_up_for_at_the_next_start(
    open_desk: OpenDesk, cramped: CrampedCasebook
) -> None:
    """The text of a message that was deleted goes as soon as the store can be written."""
    desk = open_desk(cramped)
    cramped.full = False
    await desk.hear(says("I can't send mail about zebras"))
    gone = Incoming(event_id="e1:gone", thread=THREAD, by="ana", withdraws="e1")
    received = await desk.receive(gone)
    assert received is not None
    cramped.full = True
    await desk.handle(received)
    kept = (await cramped.search("zebras", limit=1, offset=0)).total
    cramped.full = False
    await open_desk(cramped).recover()
    left = (await cramped.search("zebras", limit=1, offset=0)).total

    assert (kept, left) == (1, 0)
    assert await cramped.unhandled() == ()


async def test_store_that_hangs_does_not_delay_the_acknowledgement(
    open_desk: OpenDesk,
    voice: Voice,
    knowledge: Knowledge,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After the wait the event is in memory alone, is heard, and a redelivery changes nothing."""
    monkeypatch.setattr(database_module, "_BUSY_TIMEOUT_S", 0.4)
    monkeypatch.setattr(desk_module, "_INBOX_WAIT", 0.05)
    path = tmp_path / "locked.db"
    book = await SqliteCasebook.open(path)
    desk = open_desk(book)
    loop = asyncio.get_running_loop()
    with locked(path):
        began = loop.time()
        received = await desk.receive(says("I can't send mail"))
        took = loop.time() - began
        again = await desk.receive(says("I can't send mail"))
        assert received is not None
        await desk.handle(received)
        await desk.hear(says("I use Thunderbird", "e2"))
    await desk.hear(says("on port 465", "e3"))
    await desk.stop(timedelta(seconds=30))
    stored = await book.session(THREAD)
    await book.close()

    assert took < 0.3
    assert again is None
    assert voice.words.count(knowledge.texts["reply.not_remembered"]) == 1
    assert stored is not None
    assert stored.case == "1"


async def test_only_one_of_many_deliveries_is_received(
    desk: Desk, casebook: SqliteCasebook
) -> None:
    """However many arrive at once, one of them is told to go on."""
    received = await asyncio.gather(*(desk.receive(says("I can't send mail")) for _ in range(20)))

    assert len([one for one in received if one is not None]) == 1
    assert len(await casebook.unhandled()) == 1


async def test_small_talk_without_a_case_goes_through_the_outbox(
    desk: Desk, casebook: SqliteCasebook, voice: Voice
) -> None:
    """A greeting opens no case; its answer is stored, sent and marked as sent all the same."""
    voice.closed[THREAD] = asyncio.Event()
    await desk.hear(says("hello"))
    waiting = [letter.key for letter in await casebook.waiting(THREAD)]
    voice.closed[THREAD].set()
    await desk.settle(THREAD)
    newest = await casebook.newest(THREAD)

    assert waiting == ["e1/0"]
    assert newest is not None
    assert newest.reference == "ref:e1/0"
    assert await casebook.session(THREAD) is None
    assert await casebook.unhandled() == ()
    assert not await casebook.knows(THREAD)


async def test_command_has_no_turn(desk: Desk, casebook: SqliteCasebook, voice: Voice) -> None:
    """A command is remembered, so that it is answered once, and says nothing in a thread."""
    command = Incoming(event_id="e1", thread=THREAD, by="ana", command="help")
    await desk.hear(command)
    again = await desk.receive(command)
    await desk.settle(THREAD)

    assert again is None
    assert voice.said == []
    assert await casebook.unhandled() == ()


async def test_two_processes_take_turns(
    open_desk: OpenDesk, casebook: SqliteCasebook, voice: Voice
) -> None:
    """Turns of one case in two processes at once are all taken, one on top of the other."""
    one, two = open_desk(casebook), open_desk(casebook)
    await one.hear(says("I can't send mail"))
    told = (one.hear(says("I use Thunderbird", "e2")), two.hear(says("on port 465", "e3")))
    await asyncio.gather(*told)
    await one.settle(THREAD)
    await two.settle(THREAD)
    session = await casebook.session(THREAD)

    assert session is not None
    assert session.complaint is not None
    assert session.complaint.client == "thunderbird"
    assert session.complaint.port == 465
    assert len(set(voice.keys)) == len(voice.keys)


async def test_check_of_a_server_that_was_taken_back_is_dropped(
    desk: Desk, casebook: SqliteCasebook, voice: Voice, fault_server: ServeScript
) -> None:
    """An edit without the server asks for it, and what the check still sees changes nothing."""
    server = fault_server(SILENT)
    before = about(server)
    await desk.hear(says(before))
    await voice.saw.wait()
    edit = replace(says("can't send email", "e1:2"), before=before)
    await desk.hear(edit)
    asking = await desk.session(THREAD)
    server.stop()  # which ends the check
    await desk.settle(THREAD)

    assert asking is not None
    assert asking.state is State.ASKING
    assert await desk.session(THREAD) == asking
    assert await casebook.unhandled() == ()
