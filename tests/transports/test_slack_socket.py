"""Socket Mode going wrong: broken, half open, refused, doubled, out of order, too early."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest
from cli_process import Mailmedic
from servers.faultserver import Send, ServeScript
from slack_process import Gate, Serving, posted, thread_of
from slack_promises import keeps_its_promises, press_all
from slack_scene import Scene, scene

from bot.model.case import State

BROKEN = "can't send email, Outlook says 0x800CCC0E, server 127.0.0.1 port 2999"  # nobody listens
SERVICE_OVER = Send(b"421 mail.example.test out of service\r\n")


@pytest.fixture
async def stage(mailmedic: Mailmedic) -> AsyncIterator[Scene]:
    """A bot that serves."""
    async with scene(mailmedic) as it:
        await it.bot.start()
        yield it


async def goes_on(it: Scene, *threads: str) -> None:
    """Those complaints and a new one are all answered, and every promise holds."""
    later = await it.slack.says(it.anna, it.dm, BROKEN)
    for ts in (*threads, later):
        await it.answers(it.dm, ts, 2, within=45)
    await it.ledger.quiet()
    await press_all(it, await keeps_its_promises(it))


async def test_broken_without_a_word(stage: Scene) -> None:
    """A connection that is cut is noticed and opened anew."""
    await stage.slack.drop_sockets()
    ts = await stage.slack.says(stage.anna, stage.dm, BROKEN)

    await goes_on(stage, ts)


@pytest.mark.long
async def test_half_open(stage: Scene) -> None:
    """A connection through which nothing comes any more is given up for a new one."""
    first = set(stage.slack.sockets)
    stage.slack.freeze_sockets()
    ts = await stage.slack.says(stage.anna, stage.dm, BROKEN)
    await stage.slack.until(lambda: set(stage.slack.sockets) - first, timeout=60)

    await goes_on(stage, ts)


@pytest.mark.parametrize("reason", ["warning", "refresh_requested", "too_many_websockets"])
async def test_asked_to_reconnect(stage: Scene, reason: str) -> None:
    """Slack has every connection replaced from time to time; nothing is lost meanwhile."""
    before = await stage.slack.says(stage.anna, stage.dm, BROKEN)
    await stage.slack.disconnect(reason)
    ts = await stage.slack.says(stage.anna, stage.dm, BROKEN)

    await goes_on(stage, before, ts)


@pytest.mark.long
async def test_reconnecting_is_refused_at_first(stage: Scene) -> None:
    """A connection that cannot be had is tried for again."""
    stage.slack.refuse_connections(2)
    await stage.slack.drop_sockets()
    ts = await stage.slack.says(stage.anna, stage.dm, BROKEN)

    await goes_on(stage, ts)


async def test_ten_refreshes(stage: Scene) -> None:
    """However often the connection is replaced, each complaint is answered once."""
    threads = []
    for number in range(10):
        user = stage.slack.add_user(f"user{number}")
        dm = stage.slack.open_dm(user)
        threads.append((dm, await stage.slack.says(user, dm, BROKEN)))
        await stage.slack.disconnect("refresh_requested")
        await stage.slack.connected(timeout=20)

    for dm, ts in threads:
        await stage.offer(dm, ts, "still_broken")
    await stage.ledger.quiet()
    await press_all(stage, await keeps_its_promises(stage))


async def test_lost_acknowledgements(mailmedic: Mailmedic) -> None:
    """An event that comes again because our word was lost changes nothing."""
    async with scene(mailmedic, ack_deadline=1.0) as it:
        await it.bot.start()
        it.slack.lose_acks(3)
        ts = await it.slack.says(it.anna, it.dm, BROKEN)
        await it.offer(it.dm, ts, "still_broken")
        await it.slack.until(lambda: it.slack.deliveries[0].is_overdue)

        await it.ledger.quiet()
        await keeps_its_promises(it)
        assert len(it.said(it.dm, ts)) == 2


@pytest.mark.parametrize("order", ["reversed", None])
async def test_out_of_order_and_four_times_over(stage: Scene, order: str | None) -> None:
    """Slack promises no order, and may send everything again: one case for each complaint."""
    stage.slack.duplicate = 4
    stage.slack.hold()
    mention = f"<@{stage.slack.bot_user}> mail does not go out"
    in_channel = await stage.slack.says(stage.anna, stage.help, mention)
    await stage.slack.says(stage.anna, stage.help, BROKEN, thread_ts=in_channel)
    direct = await stage.slack.says(stage.anna, stage.dm, BROKEN)
    await stage.slack.edits(stage.dm, direct, BROKEN.replace("2999", "2998"))
    await stage.slack.release(order)
    stage.slack.duplicate = 1

    await stage.offer(stage.dm, direct, "still_broken")
    await stage.ledger.quiet()
    await press_all(stage, await keeps_its_promises(stage))
    assert any("2998" in one.text for one in stage.said(stage.dm, direct))


async def test_two_processes(stage: Scene) -> None:
    """An envelope may go to either process: one case, whoever hears of it."""
    other = stage.another_bot()
    second = await other.start()
    first = min(stage.slack.sockets)
    ts = await stage.slack.says(stage.anna, stage.dm, BROKEN)
    heard = stage.slack.deliveries[-1]
    await asyncio.gather(*(stage.slack.redeliver(heard, socket=one) for one in (first, second)))
    await stage.offer(stage.dm, ts, "still_broken")
    offering = stage.said(stage.dm, ts)[-1].ts
    action = "desk:choose:still_broken"
    clicks = (
        stage.slack.clicks(stage.anna, stage.dm, offering, action, socket=one)
        for one in (first, second)
    )
    await asyncio.gather(*clicks)

    await stage.ledger.quiet()
    await press_all(stage, await keeps_its_promises(stage))


async def test_one_thread_in_two_processes(stage: Scene) -> None:
    """Two messages of a thread at once, one to each process, are one case all the same."""
    other = stage.another_bot()
    await other.start()
    threads = []
    for number in range(15):
        user = stage.slack.add_user(f"user{number}")
        dm = stage.slack.open_dm(user)
        ts = await stage.slack.says(user, dm, "my mail does not go out")
        await stage.slack.says(user, dm, BROKEN, thread_ts=ts)
        threads.append((dm, ts))

    for dm, ts in threads:
        await stage.answers(dm, ts, 2)
    await stage.ledger.quiet()
    await keeps_its_promises(stage)


async def test_the_second_process_takes_over(stage: Scene, fault_server: ServeScript) -> None:
    """When the first one is killed, the second finishes its checks and letters."""
    gate = Gate()
    server = fault_server([gate, SERVICE_OVER])
    ts = await stage.slack.says(stage.anna, stage.dm, BROKEN.replace("2999", str(server.port)))
    await stage.ledger.until(lambda session: session.state is State.CHECKING, stage.dm, ts)
    await stage.answers(stage.dm, ts)
    other = stage.another_bot()
    await other.start()
    await stage.bot.kill()
    gate.opened.set()

    await stage.offer(stage.dm, ts, "still_broken")
    await stage.ledger.quiet()
    await press_all(stage, await keeps_its_promises(stage))


async def test_what_comes_again_to_the_second_process(stage: Scene) -> None:
    """Slack's next try may reach the second process before that has taken over."""
    await stage.another_bot().start()
    stage.slack.hold()
    people = [stage.slack.add_user(f"user{number}") for number in range(20)]
    for user in people:
        await stage.slack.says(user, stage.slack.open_dm(user), BROKEN)
    stage.slack.lose_acks(20)
    held = list(stage.slack.deliveries)
    await stage.slack.release()
    await stage.slack.until(lambda: all(one.sent_at for one in held))
    await stage.bot.kill()

    await stage.ledger.quiet()
    await press_all(stage, await keeps_its_promises(stage))


@asynccontextmanager
async def relay(to: str) -> AsyncIterator[tuple[str, asyncio.Event]]:
    """An address that refuses everybody until the event is set, and then leads to `to`."""
    goal = urlsplit(to)
    opened = asyncio.Event()

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            pass
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not opened.is_set():
            writer.transport.abort()
            return
        far_reader, far_writer = await asyncio.open_connection(goal.hostname, goal.port)
        await asyncio.gather(pump(reader, far_writer), pump(far_reader, writer))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}{goal.path}", opened
    finally:
        server.close()


async def test_started_before_slack_answers(mailmedic: Mailmedic) -> None:
    """A bot that cannot reach Slack says so and waits until it can."""
    async with scene(mailmedic) as it, relay(it.slack.api_url) as (address, opened):
        bot = it.another_bot(SLACK_API_URL=address)
        await bot.launch()
        ts = await it.slack.says(it.anna, it.dm, BROKEN)
        await bot.logged("Slack cannot be reached")
        it.slack.fail("auth.test", status=503)
        it.slack.fail("apps.connections.open", status=503)
        opened.set()

        await it.offer(it.dm, ts, "still_broken")
        await it.ledger.quiet()
        await keeps_its_promises(it)
        await bot.kill()


@pytest.mark.parametrize(
    ("setting", "value"),
    [("SLACK_BOT_TOKEN", "xoxb-of-another-place"), ("SLACK_APP_TOKEN", "xapp-of-another-place")],
)
async def test_wrong_token(mailmedic: Mailmedic, setting: str, value: str) -> None:
    """A token that Slack refuses ends the bot with one line that says which and what to do."""
    async with scene(mailmedic) as it:
        with it.slack.tolerating("invalid_auth"):
            bot = Serving(mailmedic, it.slack, **{setting: value})
            await bot.launch()
            assert await bot.ended() == 2
        lines = [line for line in bot.log.splitlines() if line.startswith("mailmedic: ")]
        assert len(lines) == 1
        assert setting in lines[0]
        assert "Traceback" not in bot.log
        assert value not in bot.log
        assert posted(it.slack) == []


def test_thread_keys_are_those_of_slack() -> None:
    """The tests look threads up by the name that the bot gives them."""
    assert thread_of("C1", "1.0") == "slack:T0STANDIN:C1:1.0"
