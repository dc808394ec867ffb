"""kill -9 at chosen and at random points: what was acknowledged is done, and nothing twice.

CRASH_SEED=N repeats the dice of a run; the name of the test shows them.
"""

import asyncio
import os
import random
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cli_process import Mailmedic
from servers.faultserver import Hold, Send, ServeScript
from slack_crowd import Crowd
from slack_process import Gate, posted, thread_of
from slack_promises import keeps_its_promises, press_all
from slack_scene import Scene, scene

from bot.desk.incoming import Incoming, received_of
from bot.model.case import State

SEED = int(os.environ.get("CRASH_SEED") or random.randrange(1_000_000))
ROUNDS = 10  # on one database
CLOSED_PORT = 2999  # nothing listens there
BROKEN = f"can't send email, Outlook says 0x800CCC0E, server 127.0.0.1 port {CLOSED_PORT}"
SERVICE_OVER = Send(b"421 mail.example.test out of service\r\n")


@pytest.fixture
async def stage(mailmedic: Mailmedic) -> AsyncIterator[Scene]:
    """A bot that serves."""
    async with scene(mailmedic) as it:
        await it.bot.start()
        yield it


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Nobody else can write to the file inside: whoever wants to is stopped at that very place."""
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.execute("BEGIN IMMEDIATE")
        yield


async def comes_back(it: Scene) -> None:
    """Starts the bot again; all promises hold, and hold still once every case has gone on."""
    await it.bot.start()
    await it.ledger.quiet()
    await press_all(it, await keeps_its_promises(it))
    await keeps_its_promises(it)


async def asks_at(it: Scene, port: int) -> str:
    """Anna complains about a server of ours."""
    return await it.slack.says(it.anna, it.dm, BROKEN.replace(str(CLOSED_PORT), str(port)))


async def test_killed_right_after_the_acknowledgement(stage: Scene) -> None:
    """A complaint is on the disk before it is acknowledged."""
    ts = await stage.slack.says(stage.anna, stage.dm, BROKEN)
    await stage.acknowledged("0x800CCC0E")
    await stage.bot.kill()

    await comes_back(stage)
    assert len(stage.said(stage.dm, ts)) > 2


async def test_killed_before_the_acknowledgement(stage: Scene) -> None:
    """What could not be stored is not acknowledged, and Slack's next try is taken."""
    with locked(stage.ledger.path):
        ts = await stage.slack.says(stage.anna, stage.dm, BROKEN)
        await stage.slack.until(lambda: stage.slack.deliveries[-1].sent_at)
        await asyncio.sleep(0.1)  # it stands before the lock; nothing tells that
        await stage.bot.kill()
    assert not stage.slack.deliveries[0].acked_at

    await comes_back(stage)
    assert len(stage.said(stage.dm, ts)) > 2


async def test_killed_while_a_message_is_on_its_way(stage: Scene) -> None:
    """A post that Slack carries out after our death is found, not made again."""
    stage.slack.slow("chat.postMessage", 0.4)
    await stage.slack.says(stage.anna, stage.dm, BROKEN)
    await stage.slack.until(lambda: stage.slack.calls[-1].method == "chat.postMessage")
    await stage.bot.kill()

    await comes_back(stage)


async def test_killed_after_a_message_that_it_does_not_know_of(stage: Scene) -> None:
    """A post whose answer was lost is found by its key."""
    stage.slack.cut("chat.postMessage", after_effect=True)
    await stage.slack.says(stage.anna, stage.dm, BROKEN)
    await stage.slack.until(lambda: posted(stage.slack))
    await stage.bot.kill()

    await comes_back(stage)


async def test_killed_while_the_server_is_silent(stage: Scene, fault_server: ServeScript) -> None:
    """A check that was cut off is made again, and ends in one verdict."""
    gate = Gate()
    server = fault_server([gate, SERVICE_OVER])
    ts = await asks_at(stage, server.port)
    await asyncio.to_thread(server.wait_for_connections, 1)
    await stage.bot.kill()
    gate.opened.set()

    await comes_back(stage)
    assert len([one for one in stage.said(stage.dm, ts) if "421" in one.text]) >= 1


async def test_killed_between_check_and_verdict(stage: Scene, fault_server: ServeScript) -> None:
    """What was seen and not stored is looked at once more."""
    gate = Gate()
    server = fault_server([gate, SERVICE_OVER])
    ts = await asks_at(stage, server.port)
    await stage.ledger.until(lambda session: session.state is State.CHECKING, stage.dm, ts)
    await stage.answers(stage.dm, ts)
    await asyncio.to_thread(server.wait_for_connections, 1)
    with locked(stage.ledger.path):
        gate.opened.set()
        await asyncio.to_thread(server.wait_until_idle)
        await asyncio.sleep(0.2)  # the verdict stands before the lock
        await stage.bot.kill()
    assert len(stage.said(stage.dm, ts)) == 1

    await comes_back(stage)


async def test_killed_after_a_verdict_that_it_does_not_know_of(stage: Scene) -> None:
    """A verdict whose delivery was not written down is not given twice."""
    stage.slack.slow("chat.postMessage", 0)
    stage.slack.cut("chat.postMessage", after_effect=True)
    await stage.slack.says(stage.anna, stage.dm, BROKEN)
    await stage.slack.until(lambda: len(posted(stage.slack)) == 2)
    await stage.bot.kill()

    await comes_back(stage)


async def test_killed_right_after_a_press(stage: Scene) -> None:
    """A press that was acknowledged is answered, once."""
    ts = await stage.slack.says(stage.anna, stage.dm, BROKEN)
    await stage.chooses(stage.anna, stage.dm, ts, "still_broken")
    await stage.bot.kill()
    before = len(stage.said(stage.dm, ts))

    await comes_back(stage)
    assert len(stage.said(stage.dm, ts)) > before


async def test_killed_right_after_a_correction(stage: Scene) -> None:
    """A correction that was acknowledged is heard."""
    ts = await stage.slack.says(stage.anna, stage.dm, BROKEN)
    await stage.offer(stage.dm, ts, "still_broken")
    await stage.slack.edits(stage.dm, ts, BROKEN.replace("2999", "2998"))
    await stage.slack.until(lambda: stage.slack.deliveries[-1].acked_at)
    await stage.bot.kill()

    await comes_back(stage)
    assert any("2998" in one.text for one in stage.said(stage.dm, ts))


async def test_killed_right_after_a_shortcut(stage: Scene) -> None:
    """Who asks about a message where the bot is not gets an answer in direct messages."""
    elsewhere = stage.slack.add_channel("elsewhere", members=[stage.anna], with_bot=False)
    ts = await stage.slack.says(stage.anna, elsewhere, BROKEN)
    await stage.slack.shortcut(stage.anna, elsewhere, ts, "troubleshoot_message")
    await stage.bot.kill()

    with stage.slack.tolerating("trigger_id"):
        await comes_back(stage)
    assert any("2999" in one.text for one in stage.slack.messages(stage.dm))


async def test_killed_at_every_start(stage: Scene) -> None:
    """However often it dies while it takes up what was left, all of it is done in the end."""
    await stage.bot.kill()
    people = [stage.slack.add_user(f"user{number}") for number in range(6)]
    for user in people:
        await stage.slack.says(user, stage.slack.open_dm(user), BROKEN)
    for seconds in (0.5, 0.6, 0.7):
        await stage.bot.launch()
        await asyncio.sleep(seconds)
        await stage.bot.kill()

    await comes_back(stage)


async def test_what_was_stored_comes_again_before_it_is_taken_up(mailmedic: Mailmedic) -> None:
    """Slack's next try may overtake the recovery, which must not take the event for done."""
    async with scene(mailmedic) as it:
        now = datetime.now(UTC)
        async with it.ledger.opened() as casebook:
            for number in range(30):
                user = it.slack.add_user(f"user{number}")
                dm = it.slack.open_dm(user)
                ts = await it.slack.says(user, dm, BROKEN)
                event_id, thread = f"message:T0STANDIN:{dm}:{ts}", thread_of(dm, ts)
                stored = Incoming(event_id=event_id, thread=thread, by=user, text=BROKEN)
                await casebook.receive(received_of(stored, now))

        await comes_back(it)


async def test_killed_while_told_to_wait(stage: Scene) -> None:
    """Letters that wait for Slack's 429 to pass are on the disk."""
    stage.slack.limit("chat.postMessage", retry_after=1)
    await stage.slack.says(stage.anna, stage.dm, BROKEN)
    await stage.slack.until(lambda: stage.slack.calls[-1].status == 429)
    await stage.bot.kill()

    with stage.slack.tolerating("while rate limited"):  # a new process cannot know
        await comes_back(stage)


async def test_killed_in_a_graceful_stop(stage: Scene, fault_server: ServeScript) -> None:
    """A stop that is cut short leaves no more behind than a crash does."""
    gate = Gate()
    server = fault_server([gate, SERVICE_OVER])
    await asks_at(stage, server.port)
    await asyncio.to_thread(server.wait_for_connections, 1)
    stage.bot.terminate()
    await stage.slack.until(lambda: not stage.slack.sockets)
    await stage.bot.kill()
    gate.opened.set()

    await comes_back(stage)


async def rounds(mailmedic: Mailmedic, fault_server: ServeScript, dice: str, count: int) -> None:
    """So many rounds on one database; after each of them the promises are looked at."""
    mailmedic.settings["MAILMEDIC_TIMEOUT"] = "1"
    ports = (
        CLOSED_PORT,
        fault_server([SERVICE_OVER]).port,
        fault_server([Hold()]).port,
    )
    async with scene(mailmedic) as it:
        await it.bot.start()
        crowd = Crowd(it, random.Random(dice), ports)
        for _ in range(count):
            await crowd.one_round()
            await it.ledger.quiet()
            buttons = await keeps_its_promises(it)
        await press_all(it, buttons)
        await keeps_its_promises(it)


@pytest.mark.parametrize("seed", [SEED])
async def test_random_kills(mailmedic: Mailmedic, fault_server: ServeScript, seed: int) -> None:
    """Whenever the bot dies, nothing is lost and nothing is said twice."""
    await rounds(mailmedic, fault_server, f"{seed}", 3)


@pytest.mark.long
@pytest.mark.parametrize(
    "seed",
    [pytest.param(SEED + block, id=f"block{block}-{SEED + block}") for block in range(1, 11)],
)
async def test_a_hundred_random_kills(
    mailmedic: Mailmedic, fault_server: ServeScript, seed: int
) -> None:
    """The same a hundred times, on ten databases."""
    await rounds(mailmedic, fault_server, f"{seed}", ROUNDS)
