"""How the stand-in's sockets begin and end, and what a client of the SDK makes of it."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.web.async_client import AsyncWebClient
from standin import StandIn
from standin.sample import Listener, all_acknowledged, connected

SOON = 0.05  # seconds: the deadline of the tests that want it to pass


@pytest.fixture
async def slack() -> AsyncIterator[StandIn]:
    """A stand-in whose app broke no rule that the test does not name; retries come at once."""
    async with StandIn(ack_deadline=SOON, retry_delays=(0.0, 0.0, 0.0)) as standin:
        yield standin
        assert standin.violations == []


@pytest.fixture
def listener() -> Listener:
    """An app."""
    return Listener()


@pytest.fixture
def anna(slack: StandIn) -> str:
    """A person."""
    return slack.add_user("anna")


@pytest.fixture
def dm(slack: StandIn, anna: str) -> str:
    """Direct messages between the bot and anna."""
    return slack.open_dm(anna)


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
async def test_the_client_reconnects_when_asked_to(
    slack: StandIn, listener: Listener, anna: str, dm: str, reason: str
) -> None:
    """After `disconnect` the SDK opens a new connection, and deliveries go through that."""
    async with connected(slack, listener):
        old = slack.sockets
        await slack.disconnect(reason)
        await slack.until(lambda: slack.sockets and slack.sockets != old)
        await slack.says(anna, dm, "x")
        await slack.until(lambda: slack.deliveries and all_acknowledged(slack))

    assert [delivery.socket for delivery in slack.deliveries] != old


async def test_what_a_dropped_socket_owed_comes_again(
    slack: StandIn, listener: Listener, anna: str, dm: str
) -> None:
    """An event whose socket broke before its ack comes through the next one, as a retry."""
    listener.acks = False
    async with connected(slack, listener, ping_interval=0.1):
        await slack.says(anna, dm, "x")
        await slack.until(lambda: slack.deliveries[0].sent_at)
        await slack.drop_sockets()
        listener.acks = True
        await slack.until(lambda: slack.deliveries[-1].acked_at)

    assert [delivery.attempt for delivery in slack.deliveries] == [0, 1]


async def test_a_frozen_socket_is_noticed_by_its_silence(listener: Listener) -> None:
    """A half-open socket swallows what is sent; the client misses the pong and reconnects."""
    async with (
        StandIn(ack_deadline=0.5, retry_delays=(0.0, 0.0, 0.0)) as slack,
        connected(slack, listener, ping_interval=0.1),
    ):
        anna = slack.add_user("anna")
        old = slack.sockets
        slack.freeze_sockets()
        await slack.says(anna, slack.open_dm(anna), "swallowed")
        await slack.until(lambda: set(slack.sockets) - set(old))
        slack.thaw()
        await slack.until(lambda: slack.deliveries[-1].acked_at)

        assert slack.violations == []

    assert [said.retry_attempt for said in listener.came] == [1]


async def test_refused_connections_are_tried_again(slack: StandIn) -> None:
    """The client comes again after a refused upgrade."""
    web = AsyncWebClient(base_url=slack.api_url)
    client = SocketModeClient(slack.app_token, web_client=web, ping_interval=0.01)
    client.wss_uri = await client.issue_new_wss_url()
    slack.refuse_connections(1)

    connecting = asyncio.create_task(client.connect())  # type: ignore[no-untyped-call]
    await slack.connected()

    await connecting
    await client.close()  # type: ignore[no-untyped-call]


async def test_the_eleventh_socket_is_sent_away(slack: StandIn) -> None:
    """An app has at most ten sockets; one more is told too_many_websockets."""
    web = AsyncWebClient(slack.app_token, base_url=slack.api_url)
    async with aiohttp.ClientSession() as session:
        opened = []
        for _ in range(11):
            address = (await web.apps_connections_open(app_token=slack.app_token))["url"]
            opened.append(await session.ws_connect(address))
        greetings = [await ws.receive_json() for ws in opened]
        for ws in opened:
            await ws.close()

    assert [said["type"] for said in greetings] == ["hello"] * 10 + ["disconnect"]
    assert [said["num_connections"] for said in greetings[:10]] == list(range(1, 11))
    assert greetings[10]["reason"] == "too_many_websockets"
    assert slack.violations == ["more than 10 sockets"]
    slack.violations.clear()


async def test_a_ticket_opens_one_connection(slack: StandIn) -> None:
    """The address of apps.connections.open works once."""
    web = AsyncWebClient(slack.app_token, base_url=slack.api_url)
    address = (await web.apps_connections_open(app_token=slack.app_token))["url"]
    async with aiohttp.ClientSession() as session:
        first = await session.ws_connect(address)
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(address)
        await first.close()


async def test_wrong_acks_are_violations(slack: StandIn, anna: str, dm: str) -> None:
    """An unknown envelope, a second ack and an answer where none is taken are recorded."""
    web = AsyncWebClient(slack.app_token, base_url=slack.api_url)
    address = (await web.apps_connections_open(app_token=slack.app_token))["url"]
    async with aiohttp.ClientSession() as session, session.ws_connect(address) as ws:
        await ws.receive_json()
        await slack.says(anna, dm, "x")
        envelope = (await ws.receive_json())["envelope_id"]
        for said in (
            {"envelope_id": "unknown"},
            {"envelope_id": envelope, "payload": {"text": "x"}},
            {"envelope_id": envelope},
            {"type": "chatter"},
        ):
            await ws.send_json(said)
        await slack.until(lambda: len(slack.violations) == 4)

    assert [words.split(":")[0] for words in slack.violations] == [
        "acknowledged an unknown envelope",
        "answer in an ack that takes none",
        "acknowledged twice",
        "a message over the socket that is no ack",
    ]
    slack.violations.clear()
