"""Trigger ids and response addresses of the stand-in: how often, how long, what for."""

from collections.abc import AsyncIterator

import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient
from standin import StandIn
from standin.sample import MODAL, App, Clock


@pytest.fixture
def clock() -> Clock:
    """The clock of `slack`."""
    return Clock()


@pytest.fixture
async def slack(clock: Clock) -> AsyncIterator[StandIn]:
    """A stand-in whose app broke no rule that the test does not name."""
    async with StandIn(clock=clock) as standin:
        yield standin
        assert standin.violations == []


@pytest.fixture
async def app(slack: StandIn) -> AsyncIterator[App]:
    """The app, connected."""
    app = App(slack)
    handler = AsyncSocketModeHandler(app.app, slack.app_token)
    await handler.connect_async()  # type: ignore[no-untyped-call]
    await slack.connected()
    yield app
    await slack.idle()
    await handler.close_async()  # type: ignore[no-untyped-call]


@pytest.fixture
def anna(slack: StandIn) -> str:
    """A person."""
    return slack.add_user("anna")


@pytest.fixture
def dm(slack: StandIn, anna: str) -> str:
    """Direct messages between the bot and anna."""
    return slack.open_dm(anna)


@pytest.fixture
async def answer(app: App, slack: StandIn, anna: str, dm: str) -> str:
    """The ts of the message with the buttons."""
    await slack.says(anna, dm, "my mail does not go out")
    await slack.until(lambda: len(slack.messages(dm)) == 2)
    assert app.bodies == []
    return slack.messages(dm)[1].ts


async def opened(slack: StandIn, trigger_id: str) -> str:
    """Slack's error for opening a modal with that trigger_id, or nothing."""
    client = AsyncWebClient(slack.bot_token, base_url=slack.api_url)
    try:
        await client.views_open(trigger_id=trigger_id, view=MODAL)
    except SlackApiError as error:
        return str(error.response["error"])
    return ""


@pytest.mark.usefixtures("app")
async def test_a_trigger_is_good_once_and_for_three_seconds(
    slack: StandIn, anna: str, dm: str, clock: Clock
) -> None:
    """trigger_id: one use, three seconds, and only one that Slack gave."""
    first = (await slack.command(anna, dm, "/mailmedic")).payload["trigger_id"]
    second = (await slack.command(anna, dm, "/mailmedic")).payload["trigger_id"]
    clock.now += 3

    answers = [await opened(slack, first), await opened(slack, first)]
    clock.now += 0.1
    answers += [await opened(slack, second), await opened(slack, "1.2.3")]

    wrong = ["exchanged_trigger_id", "expired_trigger_id", "invalid_trigger_id"]
    assert answers == ["", *wrong]
    assert slack.violations == [f"views.open: {error}" for error in wrong]
    slack.violations.clear()


@pytest.mark.usefixtures("app")
async def test_a_response_address_is_good_five_times(slack: StandIn, anna: str, dm: str) -> None:
    """response_url: five answers, ephemeral unless in_channel; the sixth is refused."""
    delivery = await slack.command(anna, dm, "/mailmedic")
    hook = AsyncWebhookClient(delivery.payload["response_url"])

    for number in range(4):
        assert (await hook.send(text=str(number))).status_code == 200
    assert (await hook.send(text="to all", response_type="in_channel")).status_code == 200
    refused = await hook.send(text="more")

    assert (refused.status_code, "used_url" in refused.body) == (404, True)
    assert [one.text for one in slack.ephemerals(anna)] == ["usage", "0", "1", "2", "3"]
    assert [one.text for one in slack.messages(dm)] == ["to all"]
    assert slack.violations == ["response_url: used_url"]
    slack.violations.clear()


@pytest.mark.usefixtures("app")
async def test_a_response_address_ends_after_half_an_hour(
    slack: StandIn, anna: str, dm: str, clock: Clock
) -> None:
    """response_url: 30 minutes."""
    delivery = await slack.command(anna, dm, "/mailmedic")
    hook = AsyncWebhookClient(delivery.payload["response_url"])
    clock.now += 30 * 60 + 1

    assert (await hook.send(text="x")).status_code == 404
    assert slack.violations == ["response_url: expired_url"]
    slack.violations.clear()


async def test_a_response_may_replace_or_delete_the_message(
    slack: StandIn, anna: str, dm: str, answer: str
) -> None:
    """replace_original changes the message with the button, delete_original takes it away."""
    address = (await slack.clicks(anna, dm, answer, "go")).payload["response_url"]
    hook = AsyncWebhookClient(address)

    await hook.send(text="done", replace_original=True)
    message = slack.messages(dm)[1]
    assert (message.text, message.blocks, message.edits) == ("done", [], 1)
    await hook.send(delete_original=True)

    assert message.deleted
    assert len(slack.messages(dm)) == 1


async def test_wrong_responses_are_violations(
    slack: StandIn, anna: str, dm: str, answer: str
) -> None:
    """An unclear answer to a button, a thread that would be replaced, and bad blocks."""
    address = (await slack.clicks(anna, dm, answer, "go")).payload["response_url"]
    hook = AsyncWebhookClient(address)

    await hook.send(text="x")
    await hook.send_dict({"text": "x", "thread_ts": "1.2"})
    await hook.send_dict({"text": "x", "delete_original": True})
    bad = {"text": "x", "replace_original": False, "blocks": [{"type": "poster"}]}
    await hook.send_dict(bad)

    assert len(slack.violations) == 5
    assert "unsupported type: poster" in slack.violations[-1]
    slack.violations.clear()


@pytest.mark.usefixtures("app")
async def test_a_respond_of_bolt_reaches_the_person(slack: StandIn, anna: str, dm: str) -> None:
    """Bolt's `respond` posts to the response address."""
    await slack.command(anna, dm, "/mailmedic", "later")
    await slack.until(lambda: slack.ephemerals(anna))

    assert [one.source for one in slack.ephemerals(anna)] == ["response_url"]
