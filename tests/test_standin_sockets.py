"""What comes over the stand-in's sockets: to whom, in which order, and when again."""

import asyncio
from collections.abc import AsyncIterator

import pytest
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


async def test_a_message_comes_as_an_event(
    slack: StandIn, listener: Listener, anna: str, dm: str
) -> None:
    """A direct message is one event with the shape that Slack gives it."""
    async with connected(slack, listener):
        ts = await slack.says(anna, dm, "my mail &amp; <mailto:a@b.example|a@b.example>")
        await slack.until(lambda: slack.deliveries and all_acknowledged(slack))

    event = listener.events()[0]
    assert (event["type"], event["channel_type"], event["ts"]) == ("message", "im", ts)
    assert [part["type"] for part in event["blocks"][0]["elements"][0]["elements"]] == [
        "text",
        "link",
    ]
    around = listener.came[0].payload
    assert around["type"] == "event_callback"
    assert around["authorizations"][0]["is_bot"] is True
    assert listener.came[0].accepts_response_payload is False


async def test_a_mention_is_two_events(slack: StandIn, listener: Listener, anna: str) -> None:
    """A message that names the bot is a message and an app_mention: one ts, two event_ids."""
    channel = slack.add_channel("help", members=[anna])
    async with connected(slack, listener):
        await slack.says(anna, channel, f"<@{slack.bot_user}> help")
        await slack.until(lambda: len(slack.deliveries) == 2 and all_acknowledged(slack))

    assert {event["type"] for event in listener.events()} == {"message", "app_mention"}
    assert len({event["ts"] for event in listener.events()}) == 1
    assert len({said.payload["event_id"] for said in listener.came}) == 2


async def test_edits_and_deletions_are_hidden_messages(
    slack: StandIn, listener: Listener, anna: str, dm: str
) -> None:
    """message_changed has both states, message_deleted the last one."""
    async with connected(slack, listener):
        ts = await slack.says(anna, dm, "old")
        await slack.edits(dm, ts, "new")
        await slack.deletes(dm, ts)
        await slack.until(lambda: len(slack.deliveries) == 3 and all_acknowledged(slack))

    changed, deleted = listener.events()[1:]
    assert (changed["subtype"], changed["hidden"]) == ("message_changed", True)
    assert (changed["message"]["text"], changed["previous_message"]["text"]) == ("new", "old")
    assert changed["message"]["edited"]["user"] == anna
    assert (deleted["subtype"], deleted["deleted_ts"]) == ("message_deleted", ts)


async def test_the_bot_hears_itself(slack: StandIn, listener: Listener, dm: str) -> None:
    """The bot's own posts and updates come back to it, marked with its bot_id."""
    web = AsyncWebClient(slack.bot_token, base_url=slack.api_url)
    async with connected(slack, listener):
        said = await web.chat_postMessage(
            channel=dm, text="x", unfurl_links=False, unfurl_media=False
        )
        await web.chat_update(channel=dm, ts=said["ts"], text="y")
        await slack.until(lambda: len(slack.deliveries) == 2 and all_acknowledged(slack))

    posted, changed = listener.events()
    assert posted["bot_id"] == changed["message"]["bot_id"]


async def test_nothing_comes_that_was_not_asked_for(listener: Listener) -> None:
    """No event without subscription, without scope, or from a channel without the bot."""
    manifest = {
        "settings": {"event_subscriptions": {"bot_events": ["message.im", "message.channels"]}},
        "oauth_config": {"scopes": {"bot": ["im:history", "groups:history"]}},
    }
    async with StandIn(manifest=manifest) as slack, connected(slack, listener):
        anna = slack.add_user("anna")
        await slack.says(anna, slack.add_channel("one", members=[anna]), f"<@{slack.bot_user}>")
        await slack.says(anna, slack.add_channel("two", members=[anna], private=True), "x")
        foreign = slack.add_channel("three", members=[anna], with_bot=False)
        await slack.says(anna, foreign, "x")
        await slack.says(anna, slack.open_dm(anna), "the only one")
        await slack.until(lambda: slack.deliveries and all_acknowledged(slack))

    assert [event["text"] for event in listener.events()] == ["the only one"]


async def test_an_envelope_goes_to_one_of_the_sockets(slack: StandIn, anna: str, dm: str) -> None:
    """With two sockets each envelope comes once, and both sockets get some."""
    one, two = Listener(), Listener()
    async with connected(slack, one), connected(slack, two):
        for number in range(4):
            await slack.says(anna, dm, str(number))
        await slack.until(lambda: len(slack.deliveries) == 4 and all_acknowledged(slack))

    assert (len(one.came), len(two.came)) == (2, 2)


async def test_what_finds_no_socket_waits(
    slack: StandIn, listener: Listener, anna: str, dm: str
) -> None:
    """A message said while nobody is connected comes with the connection."""
    await slack.says(anna, dm, "early")
    async with connected(slack, listener):
        await slack.until(lambda: all_acknowledged(slack))

    assert [event["text"] for event in listener.events()] == ["early"]


async def test_an_event_without_ack_comes_three_times_more(
    slack: StandIn, listener: Listener, anna: str, dm: str
) -> None:
    """Each retry has a new envelope_id, the same event_id and its number; late acks are told."""
    listener.acks = False
    async with connected(slack, listener):
        await slack.says(anna, dm, "x")
        await slack.until(lambda: len(slack.violations) == 4)

    assert [said.retry_attempt for said in listener.came] == [0, 1, 2, 3]
    assert [said.retry_reason for said in listener.came[1:]] == ["timeout"] * 3
    assert len({said.envelope_id for said in listener.came}) == 4
    assert len({said.payload["event_id"] for said in listener.came}) == 1
    assert all(words.startswith("late ack") for words in slack.violations)
    slack.violations.clear()


async def test_a_lost_ack_is_not_the_apps_fault(
    slack: StandIn, listener: Listener, anna: str, dm: str
) -> None:
    """An ack that Slack loses makes the event come again, and is no violation."""
    slack.lose_acks(1)
    async with connected(slack, listener):
        await slack.says(anna, dm, "x")
        await slack.until(lambda: len(slack.deliveries) == 2 and slack.deliveries[1].acked_at)

    assert [said.retry_attempt for said in listener.came] == [0, 1]


async def test_lateness_can_be_tolerated(
    slack: StandIn, listener: Listener, anna: str, dm: str
) -> None:
    """`tolerating` and `expect_late` keep a late ack out of the violations."""
    listener.acks = False
    async with connected(slack, listener):
        delivery = await slack.command(anna, dm, "/mailmedic", "help", expect_late=True)
        with slack.tolerating("late ack"):
            await slack.command(anna, dm, "/mailmedic", "help")

    assert (delivery.acked_at, delivery.is_overdue) == (None, True)
    assert len(listener.came) == 2  # commands do not come again by themselves


async def test_every_event_can_come_twice(
    slack: StandIn, listener: Listener, anna: str, dm: str
) -> None:
    """With `duplicate` the same event_id comes in several envelopes."""
    slack.duplicate = 3
    async with connected(slack, listener):
        await slack.says(anna, dm, "x")
        await slack.until(lambda: len(slack.deliveries) == 3 and all_acknowledged(slack))

    assert len({said.payload["event_id"] for said in listener.came}) == 1
    assert len({said.envelope_id for said in listener.came}) == 3


@pytest.mark.parametrize(
    ("order", "heard"),
    [(None, "abc"), ("reversed", "cba"), ((1, 2, 0), "bca")],
)
async def test_deliveries_can_be_held_and_reordered(
    slack: StandIn,
    listener: Listener,
    anna: str,
    dm: str,
    order: str | tuple[int, ...] | None,
    heard: str,
) -> None:
    """Held deliveries come on release, in the order that the test wants."""
    async with connected(slack, listener):
        slack.hold()
        for letter in "abc":
            await slack.says(anna, dm, letter)
        nothing_yet = list(listener.came)
        await slack.release(order)
        await slack.until(lambda: all_acknowledged(slack))

    assert nothing_yet == []
    assert "".join(event["text"] for event in listener.events()) == heard


async def test_a_delivery_can_be_sent_again_to_a_chosen_socket(
    slack: StandIn, anna: str, dm: str
) -> None:
    """`redeliver` sends the same payload in a new envelope, many at once, where told."""
    one, two = Listener(), Listener()
    async with connected(slack, one), connected(slack, two):
        first = await slack.command(anna, dm, "/mailmedic", "help", socket=slack.sockets[0])
        await asyncio.gather(*(slack.redeliver(first, socket=slack.sockets[1]) for _ in range(3)))

    assert (len(one.came), len(two.came)) == (1, 3)
    assert {said.payload["trigger_id"] for said in two.came} == {first.payload["trigger_id"]}
