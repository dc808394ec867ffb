"""The desk over a real store, a real prober and real sockets."""

import asyncio
from pathlib import Path
from ssl import SSLContext

from servers.faultserver import FaultServer, ServeScript
from servers.scripts import SILENT, smtp_starttls
from voices import OpenDesk, Voice

from bot.desk.clock import SystemClock
from bot.desk.desk import Desk
from bot.desk.errors import StoreError
from bot.desk.incoming import Incoming
from bot.desk.ports import Received, Turn
from bot.desk.turns import replayed
from bot.knowledge.schema import Knowledge
from bot.model.case import Session, State, ThreadKey
from bot.store.casebook import SqliteCasebook

THREAD = ThreadKey("t1")


class FullCasebook(SqliteCasebook):
    """A store whose disk is full: it can be read, and takes nothing in."""

    async def receive(self, received: Received) -> bool:
        """Refuses."""
        raise StoreError(f"no room for {received.event_id}")

    async def keep(self, turn: Turn) -> Session:
        """Refuses."""
        raise StoreError(f"no room for {turn.at}")


def says(text: str, event_id: str = "e1") -> Incoming:
    """Words."""
    return Incoming(event_id=event_id, thread=THREAD, by="ana", text=text)


def about(server: FaultServer) -> str:
    """A complaint about a server."""
    return f"can't send email, server 127.0.0.1 port {server.port} with STARTTLS times out"


async def test_redelivered_event_changes_nothing(desk: Desk, voice: Voice) -> None:
    """The same event four times, at once, is one event."""
    await asyncio.gather(*(desk.hear(says("I can't send mail")) for _ in range(4)))
    await desk.settle(THREAD)

    assert len(voice.said) == 1
    session = await desk.session(THREAD)
    assert session is not None
    assert session.case == "1"


async def test_thread_stays_open_while_a_check_runs(
    desk: Desk, voice: Voice, fault_server: ServeScript
) -> None:
    """Words and buttons are heard while the server is being looked at."""
    server = fault_server(SILENT)
    await desk.hear(says(about(server)))
    await voice.saw.wait()
    await desk.hear(Incoming(event_id="e2", thread=THREAD, by="ana", option="human"))
    session = await desk.session(THREAD)

    assert session is not None
    assert State.HANDED_OVER is session.state
    await desk.settle(THREAD)
    after = await desk.session(THREAD)
    assert after == session


async def test_outbox_is_empty_after_a_turn(
    desk: Desk, casebook: SqliteCasebook, fault_server: ServeScript, good_context: SSLContext
) -> None:
    """What was said is marked as sent."""
    server = fault_server(smtp_starttls(good_context))
    await desk.hear(says(about(server)))
    await desk.settle(THREAD)

    assert tuple(await casebook.waiting()) == ()
    assert tuple(await casebook.unhandled()) == ()


async def test_interrupted_desk_goes_on(
    desk: Desk,
    open_desk: OpenDesk,
    casebook: SqliteCasebook,
    voice: Voice,
    fault_server: ServeScript,
    good_context: SSLContext,
) -> None:
    """A desk that stops in the middle of a check leaves a case that another one finishes."""
    server = fault_server(SILENT, smtp_starttls(good_context))
    await desk.hear(says(about(server)))
    await voice.saw.wait()
    await desk.stop()
    next_desk = open_desk(casebook)
    await next_desk.resume(THREAD)
    await next_desk.settle(THREAD)
    session = await next_desk.session(THREAD)

    assert session is not None
    assert session.state in {State.ADVISED, State.ASKING}


async def test_event_stored_but_not_handled_is_taken_up(
    desk: Desk, casebook: SqliteCasebook, voice: Voice
) -> None:
    """An event whose process died before its turn is handled at the next start."""
    received = Received(
        event_id="e0",
        thread=THREAD,
        kind="text",
        payload='{"by": "ana", "revision": null, "secrets": [], "text": "I can\'t send mail"}',
        at=SystemClock().now(),
    )
    await casebook.receive(received)
    await desk.resume(THREAD)
    await desk.settle(THREAD)

    assert "which mail service" in voice.words.lower()
    assert sorted(set(voice.keys)) == sorted(voice.keys)


async def test_full_disk_does_not_silence_the_bot(
    open_desk: OpenDesk, knowledge: Knowledge, voice: Voice, tmp_path: Path
) -> None:
    """Without a store the talk goes on in memory, and the person is told so once."""
    book = await FullCasebook.open(tmp_path / "full.db")
    desk = open_desk(book)
    await desk.hear(says("I can't send mail"))
    await desk.hear(Incoming(event_id="e2", thread=THREAD, by="ana", option="dont_know"))
    await desk.settle(THREAD)
    await book.close()

    assert voice.words.count(knowledge.texts["reply.not_remembered"]) == 1
    assert len(voice.said) >= 3


async def test_two_threads_do_not_wait_for_each_other(
    desk: Desk, voice: Voice, fault_server: ServeScript
) -> None:
    """A check in one thread holds up no word in another."""
    server = fault_server(SILENT)
    await desk.hear(says(about(server)))
    await voice.saw.wait()
    other = Incoming(event_id="e9", thread=ThreadKey("t2"), by="ben", text="I can't send mail")
    await asyncio.wait_for(desk.hear(other), timeout=2)

    session = await desk.session(ThreadKey("t2"))
    assert session is not None
    assert State.ASKING is session.state


async def test_case_can_be_replayed_from_its_log(
    desk: Desk,
    casebook: SqliteCasebook,
    knowledge: Knowledge,
    fault_server: ServeScript,
    good_context: SSLContext,
) -> None:
    """The log alone leads to the session that is stored: nothing that mattered was left out."""
    server = fault_server(smtp_starttls(good_context))
    await desk.hear(says(about(server)))
    await desk.settle(THREAD)
    await desk.hear(says("it works now", "e2"))
    stored = await desk.session(THREAD)

    assert stored is not None
    assert stored.case is not None
    assert stored.state is State.CLOSED
    assert replayed(await casebook.show(stored.case), THREAD, knowledge) == stored
