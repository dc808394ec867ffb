"""What a process leaves behind when it ends, and what the next one makes of it."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from ssl import SSLContext

import pytest
from factories import a_letter, a_received, a_session, a_turn
from servers.faultserver import FaultServer, ServeScript
from servers.scripts import HTTP, SILENT, smtp_starttls
from voices import OpenDesk, Voice

from bot.conversation.events import RunCheck
from bot.conversation.timing import FIRST_REMINDER
from bot.desk import post as post_module
from bot.desk.checks import Checks
from bot.desk.clock import SystemClock
from bot.desk.desk import Desk
from bot.desk.errands import Errand, Errands
from bot.desk.incoming import Incoming
from bot.desk.office import Office
from bot.desk.ports import Ending, Received
from bot.desk.run import CheckLimits
from bot.knowledge.schema import Knowledge
from bot.model.case import State, ThreadKey
from bot.model.evidence import Evidence
from bot.model.reply import Tone
from bot.model.target import Security, Target
from bot.probes.prober import NetworkProber
from bot.store.casebook import SqliteCasebook

THREAD = ThreadKey("C1/1")
OTHER = ThreadKey("C2/2")


def says(text: str, event_id: str = "e1", thread: ThreadKey = THREAD) -> Incoming:
    """Words."""
    return Incoming(event_id=event_id, thread=thread, by="ana", text=text)


def about(server: FaultServer) -> str:
    """A complaint about a server."""
    return f"can't send email, server 127.0.0.1 port {server.port} with STARTTLS times out"


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits that a test can afford."""
    monkeypatch.setattr(post_module, "_SETTLING", timedelta(milliseconds=20))


async def interrupted(desk: Desk, voice: Voice, server: FaultServer) -> None:
    """Has a server looked at, and stops the desk in the middle, with time for letters alone."""
    await desk.hear(says(about(server)))
    await voice.saw.wait()
    await desk.stop(timedelta(milliseconds=400))
    voice.progressed.clear()
    voice.over.clear()


async def test_stop_says_at_the_letter_that_its_check_is_interrupted(
    desk: Desk, voice: Voice, fault_server: ServeScript
) -> None:
    """A check that does not end in time is cut off, its message says so, the case still waits."""
    server = fault_server(SILENT)
    await desk.hear(says(about(server)))
    await voice.saw.wait()
    await desk.stop(timedelta(milliseconds=20))
    session = await desk.session(THREAD)

    assert [(letter.key, cut) for letter, cut in voice.over] == [("e1/0", Ending.INTERRUPTED)]
    assert voice.over[0][0].reply.tone is Tone.WORKING
    assert session is not None
    assert session.state is State.CHECKING
    assert await asyncio.to_thread(server.wait_until_idle)


async def test_stop_lets_a_check_end_that_does_so_in_time(
    desk: Desk,
    casebook: SqliteCasebook,
    voice: Voice,
    fault_server: ServeScript,
    good_context: SSLContext,
) -> None:
    """Its verdict is stored and said, and nothing is called interrupted."""
    server = fault_server(smtp_starttls(good_context))
    await desk.hear(says(about(server)))
    await desk.stop(timedelta(seconds=60))
    session = await desk.session(THREAD)

    assert [cut for _, cut in voice.over] == [Ending.DONE]
    assert session is not None
    assert session.state is not State.CHECKING
    assert len(voice.said) == 2
    assert await casebook.waiting() == ()


async def test_interrupted_check_is_run_again_in_silence(
    desk: Desk,
    open_desk: OpenDesk,
    casebook: SqliteCasebook,
    voice: Voice,
    fault_server: ServeScript,
    good_context: SSLContext,
) -> None:
    """The next process says nothing new: progress, its end and the verdict come as if nothing was.

    Progress arrives at the very message of the check that was interrupted.
    """
    server = fault_server(SILENT, smtp_starttls(good_context))
    await interrupted(desk, voice, server)
    before = list(voice.keys)
    next_desk = open_desk(casebook)
    await next_desk.recover()
    await next_desk.settle(THREAD)
    session = await next_desk.session(THREAD)

    assert before == ["e1/0"]
    assert voice.keys == ["e1/0", "checked:1:1/0"]
    shown = {(letter.key, letter.reference) for letter, _ in voice.progressed}
    assert shown == {("e1/0", "ref:e1/0")}
    assert [(letter.key, cut) for letter, cut in voice.over] == [("e1/0", Ending.DONE)]
    assert session is not None
    assert session.state in {State.ADVISED, State.ASKING}


async def test_check_whose_message_was_still_on_its_way_keeps_its_message(
    desk: Desk,
    open_desk: OpenDesk,
    casebook: SqliteCasebook,
    voice: Voice,
    fault_server: ServeScript,
    good_context: SSLContext,
) -> None:
    """Where the message had not gone out it goes out now, and shows the progress."""
    server = fault_server(SILENT, smtp_starttls(good_context))
    voice.closed[THREAD] = asyncio.Event()
    await interrupted(desk, voice, server)
    del voice.closed[THREAD]
    await open_desk(casebook).recover()
    await open_desk.opened[-1].settle(THREAD)

    assert voice.keys == ["e1/0", "checked:1:1/0"]
    assert {letter.key for letter, _ in voice.progressed} == {"e1/0"}
    assert [letter.key for letter, _ in voice.over] == ["e1/0"]


async def test_words_in_between_do_not_hide_the_message_of_a_check(
    desk: Desk,
    open_desk: OpenDesk,
    casebook: SqliteCasebook,
    voice: Voice,
    fault_server: ServeScript,
    good_context: SSLContext,
) -> None:
    """The message of the check is found though something else was said since."""
    server = fault_server(SILENT, smtp_starttls(good_context))
    await desk.hear(says(about(server)))
    await voice.saw.wait()
    await desk.hear(says("I use Outlook", "e2"))
    await desk.stop(timedelta(milliseconds=50))
    voice.progressed.clear()
    await open_desk(casebook).recover()
    await open_desk.opened[-1].settle(THREAD)

    assert {letter.key for letter, _ in voice.progressed} == {"e1/0"}
    assert [(letter.key, cut) for letter, cut in voice.over] == [
        ("e1/0", Ending.INTERRUPTED),
        ("e1/0", Ending.DONE),
    ]


async def test_letters_and_events_that_were_left_are_taken_up(
    open_desk: OpenDesk, casebook: SqliteCasebook, voice: Voice, clock: SystemClock
) -> None:
    """Letters go first, what may have gone out is looked for, and events get their turn."""
    desk = open_desk(casebook)
    left = [a_letter("a/0", THREAD), a_letter("b/0", THREAD), a_letter("c/0", OTHER)]
    await casebook.done("nobody", clock.now(), left)
    await casebook.sending("a/0", clock.now() - timedelta(hours=1))
    voice.said.append(left[0])
    await desk.receive(says("I can't send mail", "d"))
    next_desk = open_desk(casebook)
    await next_desk.recover()
    await next_desk.settle(THREAD)
    await next_desk.settle(OTHER)

    assert sorted(voice.keys) == ["a/0", "b/0", "c/0", "d/0"]
    assert [key for key in voice.keys if key != "c/0"] == ["a/0", "b/0", "d/0"]
    assert voice.looked_for == ["a/0"]
    assert await casebook.unhandled() == ()
    assert await casebook.waiting() == ()


async def test_recovery_where_all_is_done_says_nothing(
    desk: Desk,
    open_desk: OpenDesk,
    casebook: SqliteCasebook,
    voice: Voice,
    fault_server: ServeScript,
    good_context: SSLContext,
) -> None:
    """A start after a proper end repeats neither words nor checks."""
    server = fault_server(smtp_starttls(good_context))
    await desk.hear(says(about(server)))
    await desk.hear(says("hello", "e2", OTHER))
    await desk.stop(timedelta(seconds=60))
    said, looked = list(voice.keys), server.connections
    next_desk = open_desk(casebook)
    await next_desk.recover()
    await next_desk.recover()
    await next_desk.settle(THREAD)

    assert voice.keys == said
    assert server.connections == looked


async def test_event_that_was_left_may_make_the_check_needless(
    desk: Desk,
    open_desk: OpenDesk,
    casebook: SqliteCasebook,
    voice: Voice,
    fault_server: ServeScript,
) -> None:
    """Who asked for a person in the last moment gets one, and no server is looked at for them."""
    server = fault_server(SILENT)
    await interrupted(desk, voice, server)
    await desk.receive(Incoming(event_id="e2", thread=THREAD, by="ana", option="human"))
    looked = server.connections
    next_desk = open_desk(casebook)
    await next_desk.recover()
    await next_desk.settle(THREAD)
    session = await next_desk.session(THREAD)

    assert session is not None
    assert session.state is State.HANDED_OVER
    assert voice.keys == ["e1/0", "e2/0"]
    assert server.connections == looked


async def test_recovery_leaves_alone_what_this_process_works_at(
    desk: Desk, casebook: SqliteCasebook, voice: Voice, fault_server: ServeScript
) -> None:
    """Beside a recovery, what has just been received, said or sent out is not taken up twice."""
    server = fault_server(SILENT)
    await desk.hear(says(about(server)))
    voice.closed[OTHER] = asyncio.Event()
    received = await desk.receive(says("I can't send mail", "e2", OTHER))
    assert received is not None
    await desk.recover()
    await desk.handle(received)
    await desk.recover()
    voice.closed[OTHER].set()
    await desk.settle(OTHER)
    await desk.stop()

    assert sorted(voice.keys) == ["e1/0", "e2/0"]
    assert voice.tried.count("e2/0") == 1
    assert [letter.key for letter, _ in voice.over] == ["e1/0"]
    assert await casebook.unhandled() == ()


async def test_recovery_hands_its_events_to_who_attends(
    open_desk: OpenDesk, casebook: SqliteCasebook, clock: SystemClock
) -> None:
    """The caller decides what becomes of an event, so that one that fails stops no other."""
    await casebook.receive(a_received("e1"))
    await casebook.receive(a_received("e2"))
    attended = []

    async def attend(received: Received) -> None:
        attended.append(received.event_id)
        await casebook.done(received.event_id, clock.now())

    await open_desk(casebook).recover(attend)

    assert attended == ["e1", "e2"]


async def test_thread_is_resumed_without_saying_anything_twice(
    desk: Desk,
    open_desk: OpenDesk,
    casebook: SqliteCasebook,
    voice: Voice,
    knowledge: Knowledge,
) -> None:
    """Letters that waited, events that waited, and where the case stands, each of them once."""
    voice.closed[THREAD] = asyncio.Event()
    await desk.hear(says("I can't send mail"))
    await desk.receive(says("I use Thunderbird", "e2"))
    await desk.receive(says("I can't send mail either", "e3", OTHER))
    await desk.stop()
    del voice.closed[THREAD]
    next_desk = open_desk(casebook)
    await next_desk.resume(THREAD)
    await next_desk.settle(THREAD)
    waiting = await casebook.unhandled()

    assert voice.keys == ["e1/0", "e2/0", "resumed:1:2/0"]
    assert knowledge.texts["reply.our_fault"] not in voice.words
    assert [received.event_id for received in waiting] == ["e3"]


async def test_silent_person_is_reminded_by_the_clock(
    desk: Desk, clock: SystemClock, voice: Voice, knowledge: Knowledge
) -> None:
    """A timer goes off once, for the threads that it is asked about."""
    await desk.hear(says("I can't send mail"))
    await desk.hear(says("I can't send mail", "e2", OTHER))
    await desk.tick()
    clock.advance(FIRST_REMINDER + timedelta(minutes=1))
    await desk.tick(OTHER)
    await desk.tick(OTHER)
    await desk.settle(OTHER)
    reminded = [letter.thread for letter in voice.said[2:]]

    assert reminded == [OTHER]
    assert voice.said[-1].reply.paragraphs[0] == knowledge.texts["reply.reminder"]


async def test_thread_without_a_case_has_nothing_to_resume(desk: Desk, voice: Voice) -> None:
    """Nothing is said where nothing was."""
    await desk.resume(THREAD)
    await desk.settle(THREAD)

    assert voice.said == []


async def test_check_of_a_case_that_is_over_reports_to_nobody(
    desk: Desk, casebook: SqliteCasebook, voice: Voice, fault_server: ServeScript
) -> None:
    """What is seen for a case whose thread has another one by now changes neither."""
    server = fault_server(SILENT)
    await desk.hear(says(about(server)))
    await voice.saw.wait()
    other = replace(a_session(THREAD), state=State.ASKING)
    stored = await casebook.keep(a_turn(other))
    server.stop()  # which ends the check
    await desk.settle(THREAD)
    session = await casebook.session(THREAD)

    assert session is not None
    assert (session.case, session.revision) == (stored.case, stored.revision) == ("2", 1)
    assert voice.keys == ["e1/0"]


async def test_stop_catches_the_check_that_another_one_leads_to(
    voice: Voice,
    prober: NetworkProber,
    clock: SystemClock,
    casebook: SqliteCasebook,
    knowledge: Knowledge,
    fault_server: ServeScript,
) -> None:
    """A check that ends in time may send out the next one, which is cut off like any other."""
    limits = CheckLimits(deadline=timedelta(seconds=30), alternatives=((1, Security.STARTTLS),))
    servers = [fault_server(script) for script in (HTTP, SILENT)]
    first, second = (
        Errand(
            thread=THREAD,
            case=None,
            check=RunCheck(target=Target(host="127.0.0.1", port=server.port), number=number),
            letter=a_letter(f"{number}", THREAD) if number else None,
        )
        for number, server in enumerate(servers)
    )

    async def report(errand: Errand, _: Evidence) -> None:
        if errand is first:
            errands.start(second)

    checks = Checks(prober, clock, limits)
    office = Office(casebook=casebook, checks=checks, clock=clock, knowledge=knowledge)
    errands = Errands(office, voice, report)
    errands.start(first)
    await errands.stop(timedelta(seconds=1))

    assert [(letter.key, cut) for letter, cut in voice.over] == [("1", Ending.INTERRUPTED)]
    assert not errands.is_out(THREAD)
    await errands.stop(timedelta(seconds=60))


async def test_check_that_nobody_waits_for_is_called_off(
    desk: Desk, voice: Voice, fault_server: ServeScript
) -> None:
    """Who asks for a person ends the check: its letter says so and its sockets are closed."""
    server = fault_server(SILENT)
    await desk.hear(says(about(server)))
    await voice.saw.wait()
    await desk.hear(Incoming(event_id="e2", thread=THREAD, by="ana", option="human"))
    await desk.settle(THREAD)

    assert [ending for _, ending in voice.over] == [Ending.NEEDLESS]
    assert len(voice.said) == 2


async def test_corrected_server_calls_off_the_check_of_the_first(
    desk: Desk, voice: Voice, fault_server: ServeScript, good_context: SSLContext
) -> None:
    """One check runs for a case: the one of the server that was meant."""
    first, second = fault_server(SILENT), fault_server(smtp_starttls(good_context))
    await desk.hear(says(about(first)))
    await voice.saw.wait()
    edit = Incoming(
        event_id="e1:edit:1", thread=THREAD, by="ana", text=about(second), before=about(first)
    )
    await desk.hear(edit)
    await desk.settle(THREAD)

    assert [ending for _, ending in voice.over] == [Ending.NEEDLESS, Ending.DONE]
    assert str(second.port) in voice.words


class LateAnswer(SqliteCasebook):
    """A store that has an event on the disk, and says so once the inbox was read."""

    stored: asyncio.Event
    was_read: asyncio.Event

    async def receive(self, received: Received) -> bool:
        """Stores, and answers late."""
        is_new = await super().receive(received)
        self.stored.set()
        await self.was_read.wait()
        return is_new

    async def unhandled(self) -> Sequence[Received]:
        """Reads what is stored; the answer of the other leaves after this one."""
        await self.stored.wait()
        rows = await super().unhandled()
        asyncio.get_running_loop().call_soon(self.was_read.set)
        return rows


async def test_event_that_is_arriving_is_not_taken_for_left_over(
    open_desk: OpenDesk, path: Path
) -> None:
    """Recovery that reads the inbox in the middle of an arrival leaves the new event alone."""
    book = await LateAnswer.open(path)
    assert isinstance(book, LateAnswer)
    book.stored, book.was_read = asyncio.Event(), asyncio.Event()
    desk = open_desk(book)
    taken_up: list[str] = []

    async def note(received: Received) -> None:
        taken_up.append(received.event_id)

    arrived, _ = await asyncio.gather(desk.receive(says("hello")), desk.recover(note))
    await desk.stop()
    await book.close()

    assert arrived is not None
    assert taken_up == []
