"""What Slack does to our messages: told to wait, broken off, slow, refused. Each arrives once."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing

import pytest
from cli_process import Mailmedic
from servers.faultserver import Hold, ServeScript
from slack_process import posted
from slack_promises import keeps_its_promises
from slack_scene import Scene, scene
from standin import Call

BROKEN = "can't send email, Outlook says 0x800CCC0E, server 127.0.0.1 port 2999"  # nobody listens
POST, EDIT = "chat.postMessage", "chat.update"


@pytest.fixture
async def stage(mailmedic: Mailmedic) -> AsyncIterator[Scene]:
    """A bot that serves."""
    async with scene(mailmedic) as it:
        await it.bot.start()
        yield it


def calls(it: Scene, method: str, status: int | None = 200) -> list[Call]:
    """The calls of a method that were answered so."""
    return [call for call in it.slack.calls if (call.method, call.status) == (method, status)]


def failures(it: Scene) -> list[tuple[str, str]]:
    """The thread and the reason of every letter that was given up."""
    with closing(sqlite3.connect(f"file:{it.ledger.path}?mode=ro", uri=True)) as file:
        return list(file.execute("SELECT thread, because FROM outbox WHERE state = 'failed'"))


async def is_answered_once(it: Scene, channel: str, ts: str) -> None:
    """The letter that says that a server is looked at, then the verdict, and no more of them."""
    await it.offer(channel, ts, "still_broken")
    await it.ledger.quiet()
    first, verdict = it.said(channel, ts)
    assert "having a look" in first.text
    assert "refuses connections" in verdict.text
    await keeps_its_promises(it)


async def test_told_to_wait(stage: Scene) -> None:
    """After a 429 nothing is posted until the time is over; then all of it, in its order."""
    stage.slack.limit(POST, retry_after=2)
    others = [stage.slack.add_user(f"user{number}") for number in range(3)]
    threads = [(stage.dm, await stage.slack.says(stage.anna, stage.dm, BROKEN))]
    for user in others:
        dm = stage.slack.open_dm(user)
        threads.append((dm, await stage.slack.says(user, dm, BROKEN)))

    for channel, ts in threads:
        await is_answered_once(stage, channel, ts)
    refused = calls(stage, POST, 429)
    assert posted(stage.slack)[0].at - refused[-1].at >= 2


async def test_told_to_wait_again_and_again(stage: Scene) -> None:
    """A letter survives one 429 after the other."""
    for _ in range(3):
        stage.slack.limit(POST, retry_after=1)
    ts = await stage.slack.says(stage.anna, stage.dm, BROKEN)

    await is_answered_once(stage, stage.dm, ts)
    assert len(calls(stage, POST, 429)) == 3


@pytest.mark.parametrize("after_effect", [False, True])
async def test_fault_of_slack(stage: Scene, *, after_effect: bool) -> None:
    """A 5xx says nothing about whether it was posted; it is looked for first."""
    stage.slack.fail(POST, status=503, after_effect=after_effect)
    ts = await stage.slack.says(stage.anna, stage.dm, BROKEN)

    await is_answered_once(stage, stage.dm, ts)


@pytest.mark.parametrize("after_effect", [False, True])
async def test_broken_connection(stage: Scene, *, after_effect: bool) -> None:
    """A connection that breaks says nothing about it either."""
    stage.slack.cut(POST, after_effect=after_effect)
    stage.slack.cut(POST, after_effect=after_effect)
    ts = await stage.slack.says(stage.anna, stage.dm, BROKEN)

    await is_answered_once(stage, stage.dm, ts)


async def test_slow_answers(stage: Scene) -> None:
    """However long Slack takes for an answer, it is waited for, and acknowledged meanwhile."""
    for seconds in (2.9, 3.1, 4.5):
        stage.slack.slow(POST, seconds)
    threads = []
    for number in range(3):
        user = stage.slack.add_user(f"user{number}")
        dm = stage.slack.open_dm(user)
        threads.append((dm, await stage.slack.says(user, dm, BROKEN)))
    await stage.slack.until(lambda: len(calls(stage, POST, None)) == 3)
    ts = await stage.slack.says(stage.anna, stage.dm, BROKEN)

    for channel, thread in ((stage.dm, ts), *threads):
        await is_answered_once(stage, channel, thread)
    assert len(posted(stage.slack)) == 8


@pytest.mark.parametrize("loss", ["is_archived", "not_in_channel"])
async def test_nowhere_to_say_it(stage: Scene, fault_server: ServeScript, loss: str) -> None:
    """A letter that can never be delivered is given up, and the others go on."""
    server = fault_server([Hold()])
    broken = BROKEN.replace("2999", str(server.port))
    mention = f"<@{stage.slack.bot_user}> {broken}"
    lost = await stage.slack.says(stage.anna, stage.help, mention)
    await stage.answers(stage.help, lost)
    if loss == "is_archived":
        stage.slack.archive(stage.help)
    else:
        stage.slack.remove_bot(stage.help)

    ts = await stage.slack.says(stage.anna, stage.dm, BROKEN)
    await is_answered_once(stage, stage.dm, ts)
    assert len(stage.said(stage.help, lost)) == 1
    assert failures(stage) == [(f"slack:T0STANDIN:{stage.help}:{lost}", loss)]


@pytest.mark.parametrize("trouble", ["error", "500", "cut", "slow", "429"])
async def test_progress_that_cannot_be_shown(stage: Scene, trouble: str) -> None:
    """The verdict waits for no edit, and is hurt by none."""
    slack = stage.slack
    match trouble:
        case "error":
            slack.answer(EDIT, error="edit_window_closed", times=50)
        case "500":
            slack.fail(EDIT, times=50)
        case "cut":
            slack.cut(EDIT, times=50)
        case "slow":
            slack.slow(EDIT, 30, times=50)
        case _:
            slack.limit(EDIT, retry_after=30)
    ts = await slack.says(stage.anna, stage.dm, BROKEN)

    await is_answered_once(stage, stage.dm, ts)
    await slack.until(lambda: any(call.method == EDIT for call in slack.calls))
    await stage.chooses(stage.anna, stage.dm, ts, "still_broken")
    await stage.answers(stage.dm, ts, 3)


async def test_many_checks_at_once(mailmedic: Mailmedic, fault_server: ServeScript) -> None:
    """Forty checks show their progress and Slack never has to refuse an edit."""
    server = fault_server([Hold()])
    broken = BROKEN.replace("2999", str(server.port))
    async with scene(mailmedic, strict_rates=True) as it:
        await it.bot.start()
        people = [it.slack.add_user(f"user{number}") for number in range(40)]
        threads = [
            (dm, await it.slack.says(user, dm, broken)) for user, dm in _with_dms(it, people)
        ]

        await asyncio.gather(*(it.offer(dm, ts, "still_broken") for dm, ts in threads))
        await it.ledger.quiet()
        await keeps_its_promises(it)
        assert calls(it, EDIT)
        assert calls(it, EDIT, 429) == []
        assert calls(it, POST, 429) == []


async def test_many_complaints_in_one_channel(mailmedic: Mailmedic) -> None:
    """Slack takes about one message a second in a channel; all of them arrive, in order."""
    async with scene(mailmedic, strict_rates=True) as it:
        await it.bot.start()
        mention = f"<@{it.slack.bot_user}> {BROKEN}"
        # A post may be on its way already when Slack refuses the one before it.
        with it.slack.tolerating("chat.postMessage called while rate limited"):
            threads = [await it.slack.says(it.anna, it.help, mention) for _ in range(6)]
            for ts in threads:
                await is_answered_once(it, it.help, ts)
        assert len(posted(it.slack)) == 12
        posts = [call for call in it.slack.calls if call.method == POST]
        refusals = [call for call in posts if call.status == 429]
        early = [one for one in posts for no in refusals if 0.2 < one.at - no.at < 0.95]
        assert early == []


def _with_dms(it: Scene, people: list[str]) -> list[tuple[str, str]]:
    return [(user, it.slack.open_dm(user)) for user in people]
