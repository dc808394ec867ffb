"""`mailmedic serve` in a Slack that others made: it takes what we say for what Slack's clients say.

`.ci/run` fetches local-slack and runs these tests where nobody can reach it; without it they are
skipped, visibly. What is known of it: each event goes to every connection of the app, it never
sends an event again, it forgets the metadata of messages, it checks neither blocks nor tokens, an
answer to a command without `response_type` is public, and the fields of a message stay empty.
"""

import os
import signal
import ssl
import threading
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import pytest
from cli_process import Mailmedic
from real.localslack import PATIENCE, Json, LocalSlack, Program, is_cut_off
from servers import scripts
from servers.faultserver import Connection, FaultServer, ServeScript

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(
        "REAL_LOCAL_SLACK" not in os.environ,
        reason="needs local-slack, REAL_LOCAL_SLACK names it; `bash .ci/run` fetches it",
    ),
    pytest.mark.skipif(
        not is_cut_off(),
        reason="local-slack listens on all interfaces; `bash .ci/run` makes a network namespace",
    ),
]

ACKNOWLEDGE = 3_000  # milliseconds


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """A step of a mail server that waits until the test lets it go on."""

    released: threading.Event = field(default_factory=threading.Event)

    def __call__(self, _: Connection) -> None:
        """Waits."""
        self.released.wait(PATIENCE)


class Serve(Protocol):
    """What the fixture `serve` gives: a bot that is connected, and stops at the block's end."""

    def __call__(self, by: signal.Signals = ...) -> AbstractAsyncContextManager[Program]:
        """The block in which the bot serves; `by` ends it."""
        ...


@pytest.fixture
async def slack(tmp_path: Path) -> AsyncIterator[LocalSlack]:
    """A workspace; at the end all was acknowledged in time, understood, and said once."""
    async with LocalSlack.running(os.environ["REAL_LOCAL_SLACK"], tmp_path) as workspace:
        yield workspace
        log = await workspace.log()
        assert unacknowledged(log) == []
        assert [one for one in log if one["direction"] == "internal"] == []
        assert posted_twice(log) == []
        assert [call for call in calls(log, "chat.") if not call["text"]] == []


@pytest.fixture
def serve(slack: LocalSlack, mailmedic: Mailmedic) -> Serve:
    """Starts `mailmedic serve` as a process of its own."""
    mailmedic.settings |= {**slack.settings, "MAILMEDIC_TIMEOUT": "10"}

    @asynccontextmanager
    async def serving(by: signal.Signals = signal.SIGTERM) -> AsyncIterator[Program]:
        async with Program.running(
            mailmedic.command("serve"), mailmedic.home, mailmedic.environment()
        ) as bot:
            await bot.line("in Slack")
            yield bot
            code, said = await bot.ends(by)
        assert code == (0 if by is signal.SIGTERM else -by), said
        assert "Traceback" not in said
        assert '"level": "error"' not in said

    return serving


@pytest.fixture
def mail_server(fault_server: ServeScript, good_context: ssl.SSLContext) -> FaultServer:
    """A mail server that encrypts from the start."""
    return fault_server(scripts.smtp_tls(good_context))


def unacknowledged(log: list[Json]) -> list[str]:
    """The events that the bot did not acknowledge as soon as Slack asks for."""
    sent = [one for one in log if one["summary"].startswith("envelope ")]
    acknowledged = [one for one in log if one["kind"] == "ack"]
    assert len(sent) == len(acknowledged)
    pairs = zip(sent, acknowledged, strict=True)
    return [event["summary"] for event, ack in pairs if ack["time"] - event["time"] > ACKNOWLEDGE]


def calls(log: list[Json], method: str) -> list[dict[str, Any]]:
    """The arguments of the bot's calls of methods that begin like this."""
    asked = [one for one in log if one["kind"] == "web_api"]
    return [one["detail"] for one in asked if one["summary"].startswith(method)]


def posted_twice(log: list[Json]) -> list[str]:
    """The letters that were posted more than once."""
    posted = calls(log, "chat.postMessage")
    keys = Counter(call["metadata"]["event_payload"]["key"] for call in posted)
    return [key for key, times in keys.items() if times > 1]


def complaint(server: FaultServer) -> str:
    """A complaint about a server with the other security stated."""
    return f"can't send email, Outlook times out. server 127.0.0.1 port {server.port} with STARTTLS"


async def test_a_conversation_from_the_complaint_to_the_end(
    slack: LocalSlack, serve: Serve, fault_server: ServeScript, good_context: ssl.SSLContext
) -> None:
    """A check is shown while it runs, its verdict follows, a button repeats it, words close it."""
    held = Held()
    server = fault_server((held, *scripts.smtp_tls(good_context)))

    async with serve():
        thread = await slack.says(complaint(server))
        looking = await slack.answer(thread, f"I am having a look at 127.0.0.1, port {server.port}")
        shown = await slack.answer(thread, "connecting")
        held.released.set()
        verdict = await slack.answer(thread, "encryption SSL/TLS")
        await slack.presses(thread, verdict, "I changed it, look again")
        await slack.answer(thread, "the server works with these settings")
        await slack.says("it works now", thread)
        await slack.answer(thread, "closed case 1")

    assert shown["ts"] == looking["ts"]
    assert "Use these settings: server 127.0.0.1" in verdict["text"]
    said = [one["text"] for one in await slack.said(thread)]
    assert len(said) == 5
    assert ["The answer is below" in one for one in said] == [True, False, True, False, False]
    assert "✓ I changed it, look again" in said[1]


async def test_an_edited_complaint_is_read_again_and_a_button_answers(
    slack: LocalSlack, serve: Serve
) -> None:
    """An edit is a correction; the question that it leads to takes a press for its answer."""
    async with serve():
        thread = await slack.says("can't send emial")
        await slack.answer(thread, "Which mail service")
        await slack.edits(thread, "mails stay in the outbox, no error, outlook")
        await slack.answer(thread, "I have read your correction")
        question = await slack.answer(thread, "Do you see one of these?")
        await slack.presses(thread, question, "It says Offline or Disconnected")
        await slack.answer(thread, "Work Offline")
        await slack.says("yes, it went out!", thread)
        await slack.answer(thread, "closed case 1")

    pressed = [one for one in await slack.said(thread) if one["ts"] == question["ts"]]
    assert "✓ It says Offline or Disconnected" in pressed[0]["text"]


async def test_a_mention_is_answered_once_in_its_thread(slack: LocalSlack, serve: Serve) -> None:
    """The two events of a mention are one complaint; in its thread no mention is needed."""
    async with serve():
        other = await slack.says("lunch at noon?", slack.channel)
        thread = await slack.says(
            f"{slack.mention} mails stay in the outbox, no error, outlook", slack.channel
        )
        await slack.answer(thread, "Do you see one of these?")
        await slack.says("it says working offline at the bottom", thread)
        await slack.answer(thread, "Work Offline")

    assert await slack.said(other) == []
    assert len(await slack.said(thread)) == 2


async def test_commands_are_answered(
    slack: LocalSlack, serve: Serve, mail_server: FaultServer
) -> None:
    """Help comes with the acknowledgement; a check and the history come to the one who asked."""
    async with serve():
        await slack.commands("help")
        await slack.told("/mailmedic check smtp.example.com:587")
        await slack.commands(f"check 127.0.0.1:{mail_server.port}")
        checked = await slack.told(f"127.0.0.1 works on port {mail_server.port} with SSL/TLS")
        await slack.commands("history")
        history = await slack.told("The newest cases")

    assert f"127.0.0.1:{mail_server.port}" in history["text"]
    assert checked["ephemeral_to"] == history["ephemeral_to"] == "U0RITA"


async def test_two_bots_on_one_store_say_everything_once(
    slack: LocalSlack, serve: Serve, mail_server: FaultServer
) -> None:
    """Every event comes to both of them, as one that is sent again may: one of them answers."""
    async with serve(), serve():
        thread = await slack.says(complaint(mail_server))
        await slack.answer(thread, "encryption SSL/TLS")
        await slack.says("it works now", thread)
        await slack.answer(thread, "closed case 1")

    assert len(await slack.said(thread)) == 3


async def test_a_check_goes_on_after_the_bot_was_killed(
    slack: LocalSlack, serve: Serve, fault_server: ServeScript, good_context: ssl.SSLContext
) -> None:
    """The next process takes the check up, and gives its verdict in the same thread, once."""
    held = Held()
    server = fault_server((held, *scripts.smtp_tls(good_context)))

    async with serve(signal.SIGKILL):
        thread = await slack.says(complaint(server))
        await slack.answer(thread, "connecting")
    held.released.set()
    async with serve():
        await slack.answer(thread, "encryption SSL/TLS")

    assert len(await slack.said(thread)) == 2


async def test_a_running_check_ends_before_the_bot_does(
    slack: LocalSlack, serve: Serve, fault_server: ServeScript, good_context: ssl.SSLContext
) -> None:
    """After SIGTERM the verdict is still given; then the bot ends with exit code 0."""
    held = Held()
    server = fault_server((held, *scripts.smtp_tls(good_context)))

    async with serve() as bot:
        thread = await slack.says(complaint(server))
        await slack.answer(thread, "connecting")
        bot.sends(signal.SIGTERM)
        await bot.line("stopping")
        held.released.set()

    _, verdict = await slack.said(thread)
    assert "encryption SSL/TLS" in verdict["text"]
