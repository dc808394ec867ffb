"""A message that its writer deleted: its words are nowhere any more, what was learnt stays."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from ssl import SSLContext

import pytest
from servers.faultserver import FaultServer, ServeScript
from servers.scripts import smtp_starttls
from voices import Voice

from bot.desk.desk import Desk
from bot.desk.incoming import Incoming
from bot.desk.turns import replayed
from bot.knowledge.schema import Knowledge
from bot.model.case import CaseId, State, ThreadKey
from bot.store.casebook import SqliteCasebook

THREAD = ThreadKey("C1/1")
OTHER = ThreadKey("C2/2")
CANARY = "zqxwombat"


def says(text: str, event_id: str = "m1", thread: ThreadKey = THREAD) -> Incoming:
    """Words."""
    return Incoming(event_id=event_id, thread=thread, by="ana", text=text)


def deletes(message: str, event_id: str = "gone", thread: ThreadKey = THREAD) -> Incoming:
    """The deletion of a message."""
    return Incoming(event_id=event_id, thread=thread, by="ana", withdraws=message)


def complaint_with_a_canary(server: FaultServer) -> str:
    """A complaint about a server, with facts, a quoted reply and a word that nobody else uses."""
    return (
        f"can't send email since the {CANARY} came,\nserver 127.0.0.1 port {server.port} with "
        f"STARTTLS says 535 5.7.8 {CANARY} denied, Outlook"
    )


def traces(folder: Path) -> list[str]:
    """The files that hold the canary, in any spelling of its letters."""
    return sorted(
        file.name for file in folder.iterdir() if CANARY[3:].encode() in file.read_bytes().lower()
    )


async def traces_of_a_closed_store(casebook: SqliteCasebook, path: Path) -> list[str]:
    """The files that hold the canary, open and after the store was closed."""
    found = await asyncio.to_thread(traces, path.parent)
    await casebook.close()
    return found + await asyncio.to_thread(traces, path.parent)


async def test_words_of_a_deleted_message_are_nowhere(
    desk: Desk,
    casebook: SqliteCasebook,
    path: Path,
    fault_server: ServeScript,
    good_context: SSLContext,
) -> None:
    """Inbox, case, log, search and the bytes of the file know them no more."""
    server = fault_server(smtp_starttls(good_context))
    await desk.hear(says(complaint_with_a_canary(server)))
    await desk.settle(THREAD)
    found = (await casebook.search(CANARY, limit=9, offset=0)).total
    before = await asyncio.to_thread(traces, path.parent)
    await desk.hear(deletes("m1"))
    shown = await casebook.show(CaseId("1"))
    left = (await casebook.search(CANARY, limit=9, offset=0)).total

    assert (found, left) == (1, 0)
    assert before
    assert CANARY not in shown.session
    assert CANARY not in shown.summary.summary
    assert not any(CANARY in event.data for event in shown.events)
    assert await casebook.unhandled() == ()
    assert await traces_of_a_closed_store(casebook, path) == []


async def test_facts_and_other_messages_of_the_case_stay(
    desk: Desk,
    casebook: SqliteCasebook,
    voice: Voice,
    fault_server: ServeScript,
    good_context: SSLContext,
) -> None:
    """The case goes on with the server, the codes and what was said in other messages."""
    server = fault_server(smtp_starttls(good_context))
    await desk.hear(says(complaint_with_a_canary(server)))
    await desk.settle(THREAD)
    await desk.hear(says("my Thunderbird shows it too", "m2"))
    await desk.settle(THREAD)
    said = len(voice.said)
    await desk.hear(deletes("m1"))
    await desk.settle(THREAD)
    session = await desk.session(THREAD)
    shown = await casebook.show(CaseId("1"))

    assert session is not None
    assert session.complaint is not None
    assert session.complaint.text == "…\nmy Thunderbird shows it too"
    assert (session.complaint.host, session.complaint.port) == ("127.0.0.1", server.port)
    assert session.complaint.codes == ("535", "5.7.8")
    assert session.complaint.client == "thunderbird"
    assert shown.summary.summary == "… my Thunderbird shows it too"
    assert (await casebook.search("thunderbird shows", limit=9, offset=0)).total == 1
    assert (await casebook.search("127.0.0.1", limit=9, offset=0)).total == 1
    assert len(voice.said) == said
    await desk.hear(Incoming(event_id="b1", thread=THREAD, by="ana", option="human"))
    handed = await desk.session(THREAD)
    assert handed is not None
    assert handed.state is State.HANDED_OVER


async def test_only_the_message_that_was_deleted_goes(
    desk: Desk, casebook: SqliteCasebook, path: Path
) -> None:
    """A follow-up is taken out, the complaint and short words inside of it are left whole."""
    complaint = "I cannot send mail, and no one knows why"
    await desk.hear(says(complaint))
    await desk.hear(says("no", "m2"))
    await desk.hear(says(f"port 465 for the {CANARY}", "m3"))
    await desk.hear(deletes("m2", "d2"))
    await desk.hear(deletes("m3", "d3"))
    session = await desk.session(THREAD)

    assert session is not None
    assert session.complaint is not None
    assert session.complaint.text.replace("\n…", "") == complaint
    assert session.complaint.port == 465
    assert (await casebook.search("knows why", limit=9, offset=0)).total == 1
    assert await traces_of_a_closed_store(casebook, path) == []


@pytest.mark.parametrize("longer_first", [True, False])
@pytest.mark.parametrize("gap", [" ", "\n"])
async def test_edits_of_a_message_go_with_it(
    desk: Desk, casebook: SqliteCasebook, path: Path, *, longer_first: bool, gap: str
) -> None:
    """Each version of the text goes, also where one holds the other; a later message stays."""
    texts = ("I can't send mail, port 465", f"I can't send mail, port 465{gap}for the {CANARY}")
    first, second = reversed(texts) if longer_first else texts
    await desk.hear(says(first))
    await desk.hear(replace(says(second, "m1:5"), before=first))
    await desk.hear(replace(says(f"{second}{gap}{CANARY}", "m1:6"), before=second))
    await desk.hear(says("I use Outlook", "m10"))
    await desk.hear(deletes("m1"))
    session = await desk.session(THREAD)

    assert session is not None
    assert session.complaint is not None
    assert session.complaint.text == "…\nI use Outlook"
    assert session.complaint.port == 465
    assert await traces_of_a_closed_store(casebook, path) == []


async def test_case_that_was_opened_again_forgets_as_well(
    desk: Desk, casebook: SqliteCasebook, path: Path
) -> None:
    """The second case of a thread holds the words of the first one; they go from both."""
    await desk.hear(says(f"I can't send mail, port 465 for the {CANARY}"))
    await desk.hear(says("it works now", "m2"))
    await desk.hear(says("it still does not work", "m3"))
    second = await desk.session(THREAD)
    assert second is not None
    assert second.complaint is not None
    assert second.case == "2"
    assert CANARY in second.complaint.text
    await desk.hear(deletes("m1"))
    session = await desk.session(THREAD)

    assert session is not None
    assert session.complaint is not None
    assert session.complaint.text == "…\nit still does not work"
    assert await traces_of_a_closed_store(casebook, path) == []


async def test_deletion_that_overtakes_its_message(
    desk: Desk, casebook: SqliteCasebook, voice: Voice, path: Path
) -> None:
    """A message that arrives after its deletion changes nothing and is stored nowhere."""
    await desk.hear(deletes("m1"))
    await desk.hear(says(f"I can't send mail, port 465 for the {CANARY}"))
    await desk.settle(THREAD)

    assert voice.said == []
    assert await casebook.session(THREAD) is None
    assert await casebook.unhandled() == ()
    assert not await casebook.knows(THREAD)
    assert await traces_of_a_closed_store(casebook, path) == []


async def test_deletion_of_an_event_that_waits_makes_it_done(
    desk: Desk, casebook: SqliteCasebook, path: Path
) -> None:
    """A message whose turn never came gets none once it is deleted."""
    await desk.receive(says(f"I can't send mail, port 465 for the {CANARY}"))
    await desk.hear(deletes("m1"))

    assert await casebook.unhandled() == ()
    assert await traces_of_a_closed_store(casebook, path) == []


async def test_deletion_of_small_talk_or_of_nothing_changes_no_case(
    desk: Desk, casebook: SqliteCasebook, voice: Voice, path: Path
) -> None:
    """Words that opened no case go from the inbox; what nobody knows is passed over."""
    await desk.hear(says("I can't send mail", "x1", OTHER))
    await desk.hear(says(f"hello {CANARY}"))
    await desk.hear(deletes("m1"))
    await desk.hear(deletes("m1"))
    await desk.hear(deletes("never", "d3", OTHER))
    await desk.settle(THREAD)
    await desk.settle(OTHER)
    other = await casebook.session(OTHER)

    assert voice.keys == ["x1/0", "m1/0"]
    assert other is not None
    assert other.complaint is not None
    assert other.complaint.text == "I can't send mail"
    assert await traces_of_a_closed_store(casebook, path) == []


async def test_many_cases_keep_what_is_theirs(
    desk: Desk, casebook: SqliteCasebook, path: Path
) -> None:
    """A deletion in one thread leaves the words of all others findable."""
    for number in range(30):
        thread = ThreadKey(f"C9/{number}")
        await desk.hear(says(f"I can't send mail, word{number}", f"w{number}", thread))
    await desk.hear(says(f"I can't send mail, {CANARY}"))
    await desk.hear(deletes("m1"))
    found = [
        (await casebook.search(f"word{number}", limit=9, offset=0)).total for number in range(30)
    ]

    assert found == [1] * 30
    assert await traces_of_a_closed_store(casebook, path) == []


async def test_case_can_be_replayed_without_the_words(
    desk: Desk,
    casebook: SqliteCasebook,
    knowledge: Knowledge,
    fault_server: ServeScript,
    good_context: SSLContext,
) -> None:
    """The log still leads to where the case stands: it keeps what was read, not what was said."""
    server = fault_server(smtp_starttls(good_context))
    text = complaint_with_a_canary(server)
    await desk.hear(says(text))
    await desk.settle(THREAD)
    edited = f"{text} please"
    await desk.hear(replace(says(edited, "m1:5"), before=text))
    await desk.hear(deletes("m1"))
    await desk.hear(Incoming(event_id="b1", thread=THREAD, by="ana", option="human"))
    stored = await desk.session(THREAD)
    again = replayed(await casebook.show(CaseId("1")), THREAD, knowledge)

    assert stored is not None
    assert (again.state, again.node, again.path) == (stored.state, stored.node, stored.path)
    assert (again.offered, again.checks) == (stored.offered, stored.checks)
    assert again.diagnosis == stored.diagnosis
    assert again.complaint is not None
    assert stored.complaint is not None
    assert again.complaint.text == stored.complaint.text == "…"
    assert again.complaint.port == stored.complaint.port == server.port


async def test_log_keeps_its_order_and_its_other_entries(
    desk: Desk, casebook: SqliteCasebook
) -> None:
    """An event that loses its text stays in its place, with the state it led to."""
    await desk.hear(says(f"I can't send mail, {CANARY}"))
    await desk.hear(says("I use Outlook", "m2"))
    before = (await casebook.show(CaseId("1"))).events
    await desk.hear(deletes("m1"))
    after = (await casebook.show(CaseId("1"))).events
    first = json.loads(after[0].data)

    assert [event.source for event in after] == ["m1", "m2"]
    assert [event.at for event in after] == [event.at for event in before]
    assert after[1] == before[1]
    assert (first["text"], first["state"]) == ("…", "asking")
