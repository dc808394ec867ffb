"""SIGTERM at bad moments: what can be ended is, the rest says so and goes on at the next start."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from cli_process import Mailmedic
from servers.faultserver import FaultServer, Hold, Send, ServeScript
from slack_process import Gate, posted
from slack_promises import keeps_its_promises, press_all
from slack_scene import Scene, scene

BROKEN = "can't send email, Outlook says 0x800CCC0E, server 127.0.0.1 port 2999"  # nobody listens
SERVICE_OVER = Send(b"421 mail.example.test out of service\r\n")
INTERRUPTED = "I was interrupted"
GRACE = 20.0  # seconds; most hosts kill after thirty


@pytest.fixture
async def stage(mailmedic: Mailmedic) -> AsyncIterator[Scene]:
    """A bot that serves, and that looks at a server as long as it takes."""
    mailmedic.settings["MAILMEDIC_TIMEOUT"] = "60"
    async with scene(mailmedic) as it:
        await it.bot.start()
        yield it


async def asks_at(it: Scene, server: FaultServer) -> str:
    """Anna's complaint about a server of ours, once that is being looked at."""
    ts = await it.slack.says(it.anna, it.dm, BROKEN.replace("2999", str(server.port)))
    await it.answers(it.dm, ts)
    await asyncio.to_thread(server.wait_for_connections, 1)
    return ts


async def stops(it: Scene) -> None:
    """The bot ends within its grace, as it should."""
    it.bot.terminate()
    assert await it.bot.ended(GRACE) == 0
    assert "Traceback" not in it.bot.log


async def test_short_check_ends_before_the_bot(stage: Scene, fault_server: ServeScript) -> None:
    """A check that is nearly done brings its verdict before the bot goes."""
    gate = Gate()
    ts = await asks_at(stage, fault_server([gate, SERVICE_OVER]))
    stage.bot.terminate()
    await stage.slack.until(lambda: not stage.slack.sockets)  # it takes nothing more in
    gate.opened.set()

    assert await stage.bot.ended(GRACE) == 0
    verdict = stage.said(stage.dm, ts)[-1]
    assert "421" in verdict.text
    await keeps_its_promises(stage)
    await stage.bot.start()
    await press_all(stage, await keeps_its_promises(stage))


async def test_long_checks_are_taken_up_again(
    mailmedic: Mailmedic, stage: Scene, fault_server: ServeScript
) -> None:
    """Who waits for a check reads that it was interrupted, and then reads one verdict."""
    server = fault_server([Hold()])
    ts = await asks_at(stage, server)
    command = f"check 127.0.0.1:{server.port}"
    await stage.slack.command(stage.anna, stage.help, "/mailmedic", command)
    await stops(stage)

    (progress,) = stage.said(stage.dm, ts)
    assert INTERRUPTED in progress.text
    told = stage.slack.ephemerals(stage.anna)[-1]
    assert "being restarted in the middle of your check" in told.text

    mailmedic.settings["MAILMEDIC_TIMEOUT"] = "1"
    later = stage.another_bot()
    await later.start()
    await stage.ledger.quiet()
    await press_all(stage, await keeps_its_promises(stage))
    progress, verdict, *_ = stage.said(stage.dm, ts)
    assert "says nothing" in verdict.text
    await stage.slack.until(lambda: INTERRUPTED not in stage.said(stage.dm, ts)[0].text)
    assert stage.slack.ephemerals(stage.anna)[-1] is told


@pytest.mark.long
async def test_interrupted_again_and_again(stage: Scene, fault_server: ServeScript) -> None:
    """Two stops in the middle of one check leave one message that says so, and one verdict."""
    gate = Gate()
    server = fault_server([Hold()], [Hold()], [gate, SERVICE_OVER])
    ts = await asks_at(stage, server)
    await stops(stage)
    await stage.bot.start()
    await asyncio.to_thread(server.wait_for_connections, 2)
    await stops(stage)
    gate.opened.set()
    await stage.bot.start()

    await stage.ledger.quiet()
    await press_all(stage, await keeps_its_promises(stage))
    assert INTERRUPTED not in "".join(one.text for one in stage.said(stage.dm, ts))


async def test_letters_that_wait_a_moment(stage: Scene) -> None:
    """A 429 that passes within the grace is waited for."""
    stage.slack.limit("chat.postMessage", retry_after=2)
    ts = await stage.slack.says(stage.anna, stage.dm, BROKEN)
    await stage.slack.until(lambda: stage.slack.calls[-1].status == 429)
    await stops(stage)

    assert stage.said(stage.dm, ts)
    await stage.bot.start()
    await stage.ledger.quiet()
    await press_all(stage, await keeps_its_promises(stage))


@pytest.mark.long
async def test_letters_that_wait_for_long(stage: Scene) -> None:
    """A 429 that does not is left to the next start, and each letter goes out once."""
    stage.slack.limit("chat.postMessage", retry_after=25)
    ts = await stage.slack.says(stage.anna, stage.dm, BROKEN)
    await stage.slack.until(lambda: stage.slack.calls[-1].status == 429)
    await stops(stage)
    assert posted(stage.slack) == []

    with stage.slack.tolerating("while rate limited"):  # a new process cannot know
        await stage.bot.start()
        await stage.ledger.quiet()
    await press_all(stage, await keeps_its_promises(stage))
    assert len(stage.said(stage.dm, ts)) > 2


async def test_upgrade(stage: Scene, fault_server: ServeScript) -> None:
    """The new process serves while the old one ends its checks; nobody is asked or told twice."""
    gate = Gate()
    ts = await asks_at(stage, fault_server([gate, SERVICE_OVER]))
    new = stage.another_bot()
    await new.start()
    stage.bot.terminate()
    await stage.slack.until(lambda: len(stage.slack.sockets) == 1)
    meanwhile = await stage.slack.says(stage.anna, stage.dm, BROKEN)
    await stage.offer(stage.dm, meanwhile, "still_broken")
    gate.opened.set()
    assert await stage.bot.ended(GRACE) == 0

    assert len(stage.said(stage.dm, ts)) == 2
    await stage.ledger.quiet()
    await press_all(stage, await keeps_its_promises(stage))


@pytest.mark.long
async def test_upgrade_in_a_long_check(stage: Scene, fault_server: ServeScript) -> None:
    """A check that the old process had to leave is taken up by the new one at once."""
    gate = Gate()
    server = fault_server([Hold()], [gate, SERVICE_OVER])
    ts = await asks_at(stage, server)
    await stage.another_bot().start()
    await stops(stage)
    await asyncio.to_thread(server.wait_for_connections, 2)
    gate.opened.set()

    await stage.offer(stage.dm, ts, "still_broken")
    await stage.ledger.quiet()
    await press_all(stage, await keeps_its_promises(stage))
    assert INTERRUPTED not in "".join(one.text for one in stage.said(stage.dm, ts))


async def test_while_everybody_talks(stage: Scene) -> None:
    """A stop under load loses nothing: what was not acknowledged comes to the next process."""
    people = [stage.slack.add_user(f"user{number}") for number in range(30)]
    for user in people:
        await stage.slack.says(user, stage.slack.open_dm(user), BROKEN)
    await stage.slack.until(lambda: any(one.acked_at for one in stage.slack.deliveries))
    await stops(stage)

    await stage.bot.start()
    await stage.ledger.quiet()
    await press_all(stage, await keeps_its_promises(stage))


async def test_before_slack_has_answered(mailmedic: Mailmedic) -> None:
    """A bot that still waits for Slack ends at once."""
    async with scene(mailmedic) as it:
        it.slack.fail("auth.test", status=503, times=99)
        await it.bot.launch()
        await it.bot.logged("Slack cannot be reached")
        await stops(it)
