"""What goes wrong with the stand-in's Web API when a test wants it to."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient
from standin import StandIn
from standin.sample import QUIET, Clock, error_of


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
def client(slack: StandIn) -> AsyncWebClient:
    """A client with the bot's token."""
    return AsyncWebClient(slack.bot_token, base_url=slack.api_url)


@pytest.fixture
def dm(slack: StandIn) -> str:
    """Direct messages between the bot and anna."""
    return slack.open_dm(slack.add_user("anna"))


async def test_a_limited_method_says_when_to_come_again(
    slack: StandIn, client: AsyncWebClient, clock: Clock, dm: str
) -> None:
    """429 carries Retry-After; calling earlier is a violation and gets 429 again."""
    slack.limit("chat.postMessage", retry_after=30)

    async def post() -> SlackApiError | None:
        try:
            await client.chat_postMessage(channel=dm, text="x", **QUIET)
        except SlackApiError as error:
            return error
        return None

    refused = await post()
    assert refused is not None
    assert (refused.response.status_code, refused.response["error"]) == (429, "ratelimited")
    assert refused.response.headers["Retry-After"] == "30"

    clock.now += 10
    early = await post()
    assert early is not None
    assert early.response.headers["Retry-After"] == "20"
    assert slack.violations == ["chat.postMessage called while rate limited"]
    slack.violations.clear()

    clock.now += 20
    assert await post() is None


async def test_the_sdk_comes_again_by_itself_when_told_to(dm: str, slack: StandIn) -> None:
    """AsyncRateLimitErrorRetryHandler waits as long as Retry-After says."""
    slack.limit("chat.postMessage", retry_after=0)
    client = AsyncWebClient(
        slack.bot_token,
        base_url=slack.api_url,
        retry_handlers=[AsyncRateLimitErrorRetryHandler(max_retry_count=1)],
    )

    await client.chat_postMessage(channel=dm, text="x", **QUIET)

    assert [call.status for call in slack.calls] == [429, 200]


async def test_strict_rates_are_those_of_the_documents(clock: Clock) -> None:
    """With strict_rates a channel takes five messages at once, then one in a second."""
    async with StandIn(clock=clock, strict_rates=True) as slack:
        client = AsyncWebClient(slack.bot_token, base_url=slack.api_url)
        one, other = slack.add_channel("one"), slack.add_channel("other")
        for _ in range(5):
            await client.chat_postMessage(channel=one, text="x", **QUIET)

        assert (
            await error_of(client.chat_postMessage(channel=one, text="x", **QUIET)) == "ratelimited"
        )
        await client.chat_postMessage(channel=other, text="x", **QUIET)
        clock.now += 1
        await client.chat_postMessage(channel=one, text="x", **QUIET)
        assert slack.violations == []


async def test_an_answer_can_be_lost_after_the_effect(
    slack: StandIn, client: AsyncWebClient, dm: str
) -> None:
    """`cut` closes the connection with the message posted; `fail` before has no effect."""
    slack.cut("chat.postMessage")
    slack.fail("chat.postMessage", status=503)
    slack.fail("chat.postMessage", after_effect=True)

    client.retry_handlers = []
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel=dm, text="cut", **QUIET)
    for text in ("before", "after"):
        with pytest.raises(SlackApiError):
            await client.chat_postMessage(channel=dm, text=text, **QUIET)

    assert [message.text for message in slack.messages(dm)] == ["cut", "after"]
    assert [call.status for call in slack.calls] == [None, 503, 500]


async def test_errors_and_delays_come_on_demand(
    slack: StandIn, client: AsyncWebClient, dm: str
) -> None:
    """`answer` gives an error of Slack's without a violation; `slow` a late answer."""
    slack.answer("chat.postMessage", error="channel_not_found")
    slack.slow("chat.postMessage", 0.01)

    refused = await error_of(client.chat_postMessage(channel=dm, text="x", **QUIET))
    await client.chat_postMessage(channel=dm, text="x", **QUIET)

    assert refused == "channel_not_found"
    assert len(slack.messages(dm)) == 1
