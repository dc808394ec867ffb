"""The stand-in's Web API, driven by slack_sdk as it is."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from standin import StandIn
from standin.sample import QUIET, error_of


@pytest.fixture
async def slack() -> AsyncIterator[StandIn]:
    """A stand-in whose app broke no rule that the test does not name."""
    async with StandIn() as standin:
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


async def test_a_post_answers_with_the_message_of_the_bot(
    slack: StandIn, client: AsyncWebClient, dm: str
) -> None:
    """chat.postMessage gives ts and message; people see it with its text."""
    said = await client.chat_postMessage(channel=dm, text="hello", **QUIET)

    assert said["message"]["bot_id"] == (await client.auth_test())["bot_id"]
    assert said["message"]["bot_profile"]["name"]
    assert [(one.ts, one.text, one.bot) for one in slack.messages(dm)] == [
        (said["ts"], "hello", True)
    ]


async def test_a_thread_is_read_parent_first_and_in_pages(
    slack: StandIn, client: AsyncWebClient, dm: str
) -> None:
    """conversations.replies gives the parent first and honours limit and cursor."""
    parent = (await client.chat_postMessage(channel=dm, text="0", **QUIET))["ts"]
    for number in range(1, 5):
        await client.chat_postMessage(channel=dm, text=str(number), thread_ts=parent, **QUIET)

    texts: list[str] = []
    cursor: str | None = None
    while cursor != "":
        page = await client.conversations_replies(channel=dm, ts=parent, limit=2, cursor=cursor)
        texts += [one["text"] for one in page["messages"]]
        cursor = (page.get("response_metadata") or {}).get("next_cursor", "")

    assert texts == ["0", "1", "2", "3", "4"]
    assert [one.text for one in slack.messages(dm, parent)] == texts


async def test_a_deleted_parent_leaves_a_tombstone_while_it_has_answers(
    client: AsyncWebClient, dm: str
) -> None:
    """conversations.replies of a deleted parent begins with what Slack leaves of it."""
    parent = (await client.chat_postMessage(channel=dm, text="0", **QUIET))["ts"]
    await client.chat_postMessage(channel=dm, text="1", thread_ts=parent, **QUIET)
    await client.chat_delete(channel=dm, ts=parent)

    said = await client.conversations_replies(channel=dm, ts=parent)

    assert [one.get("subtype") for one in said["messages"]] == ["tombstone", None]


async def test_the_history_is_newest_first_without_answers(client: AsyncWebClient, dm: str) -> None:
    """conversations.history leaves the threads out and honours oldest."""
    first = (await client.chat_postMessage(channel=dm, text="1", **QUIET))["ts"]
    await client.chat_postMessage(channel=dm, text="in thread", thread_ts=first, **QUIET)
    await client.chat_postMessage(channel=dm, text="2", **QUIET)

    every = await client.conversations_history(channel=dm)
    newer = await client.conversations_history(channel=dm, oldest=first)

    assert [one["text"] for one in every["messages"]] == ["2", "1"]
    assert [one["text"] for one in newer["messages"]] == ["2"]


async def test_metadata_comes_only_when_asked_for(client: AsyncWebClient, dm: str) -> None:
    """conversations.replies leaves metadata out unless include_all_metadata is given."""
    metadata = {"event_type": "case", "event_payload": {"revision": 3}}
    ts = (await client.chat_postMessage(channel=dm, text="x", metadata=metadata, **QUIET))["ts"]

    plain = await client.conversations_replies(channel=dm, ts=ts)
    full = await client.conversations_replies(channel=dm, ts=ts, include_all_metadata=True)

    assert "metadata" not in plain["messages"][0]
    assert full["messages"][0]["metadata"] == metadata


async def test_an_update_drops_blocks_and_keeps_metadata(
    slack: StandIn, client: AsyncWebClient, dm: str
) -> None:
    """chat.update with text alone takes the blocks away and leaves the metadata."""
    ts = (
        await client.chat_postMessage(
            channel=dm,
            text="x",
            blocks=[{"type": "divider"}],
            metadata={"event_type": "case", "event_payload": {}},
            **QUIET,
        )
    )["ts"]

    await client.chat_update(channel=dm, ts=ts, text="y")

    message = slack.messages(dm)[0]
    assert (message.text, message.blocks, message.edits) == ("y", [], 1)
    assert message.metadata == {"event_type": "case", "event_payload": {}}


async def test_a_post_to_a_person_opens_the_direct_messages(
    slack: StandIn, client: AsyncWebClient
) -> None:
    """chat.postMessage to a user id posts into the direct messages with them."""
    bert = slack.add_user("bert")

    said = await client.chat_postMessage(channel=bert, text="hello", **QUIET)

    assert said["channel"] == slack.open_dm(bert)


async def test_ordinary_errors_have_the_names_that_slack_gives_them(
    slack: StandIn, client: AsyncWebClient, dm: str
) -> None:
    """What can happen to any app is answered and is no violation."""
    anna = slack.add_user("anna")
    public = slack.add_channel("public", members=[anna], with_bot=False)
    private = slack.add_channel("private", members=[anna], with_bot=False, private=True)
    old = slack.add_channel("old")
    slack.archive(old)

    async def post(channel: str) -> str:
        return await error_of(client.chat_postMessage(channel=channel, text="x", **QUIET))

    assert await post("C404") == "channel_not_found"
    assert await post(public) == "not_in_channel"
    assert await post(private) == "channel_not_found"
    assert await post(old) == "is_archived"
    assert await error_of(client.chat_update(channel=dm, ts="1.2", text="x")) == "message_not_found"
    assert await error_of(client.conversations_replies(channel=dm, ts="1.2")) == "thread_not_found"
    assert await error_of(client.chat_delete(channel=dm, ts="1.2")) == "message_not_found"


async def test_mistakes_of_the_app_are_violations(
    slack: StandIn, client: AsyncWebClient, dm: str
) -> None:
    """What only a wrong call can cause is answered as Slack does, and recorded."""
    parent = (await client.chat_postMessage(channel=dm, text="x", **QUIET))["ts"]
    calls = {
        "no_text": client.api_call("chat.postMessage", json={"channel": dm}),
        "invalid_blocks_format": client.chat_postMessage(channel=dm, text="x", blocks="{", **QUIET),
        "invalid_metadata_format": client.chat_postMessage(
            channel=dm, text="x", metadata={"event_type": "x"}, **QUIET
        ),
        "msg_too_long": client.chat_update(channel=dm, ts=parent, text="x" * 4001),
        "msg_blocks_too_long": client.chat_postMessage(
            channel=dm, text="x", blocks=[section("x" * 2700)] * 5, **QUIET
        ),
        "unknown_method": client.api_call("chat.shout"),
        "missing_scope": client.users_info(user="U1"),
        "invalid_arguments": client.api_call("chat.postMessage", json={"text": "x"}),
    }

    for error, call in calls.items():
        assert await error_of(call) == error

    assert len(slack.violations) == len(calls)
    slack.violations.clear()


def section(text: str) -> dict[str, object]:
    """A section with that text."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


async def test_a_missing_scope_is_named(slack: StandIn, client: AsyncWebClient) -> None:
    """missing_scope says what is needed and what there is."""
    with slack.tolerating("missing_scope"), pytest.raises(SlackApiError) as raised:
        await client.reactions_add(channel="C1", name="eyes", timestamp="1.2")

    assert raised.value.response["needed"] == "reactions:write"
    assert "chat:write" in raised.value.response["provided"].split(",")


async def test_tokens_must_be_right(slack: StandIn) -> None:
    """No token, a wrong one and one of the wrong kind have three different answers."""
    with slack.tolerating("auth", "token"):
        for token, error in (
            (None, "not_authed"),
            ("xoxb-wrong", "invalid_auth"),
            (slack.app_token, "not_allowed_token_type"),
        ):
            client = AsyncWebClient(token, base_url=slack.api_url)
            assert await error_of(client.auth_test()) == error
        bot = AsyncWebClient(slack.bot_token, base_url=slack.api_url)
        assert await error_of(bot.api_call("apps.connections.open")) == "not_allowed_token_type"


async def test_arguments_may_come_in_a_form_with_json_inside(slack: StandIn, dm: str) -> None:
    """A form with blocks as a JSON string, and the token as an argument, is as good as JSON."""
    form = {
        "token": slack.bot_token,
        "channel": dm,
        "text": "x",
        "blocks": '[{"type": "divider"}]',
        "unfurl_links": "false",
        "unfurl_media": "0",
    }
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{slack.api_url}chat.postMessage", data=form) as answer,
    ):
        assert (await answer.json())["ok"]

    assert slack.messages(dm)[0].blocks[0]["type"] == "divider"
    assert slack.calls[-1].arguments["blocks"] == [{"type": "divider"}]
    assert "token" not in slack.calls[-1].arguments


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"text": "<!channel> look"}, "unescaped mention <!channel"),
        ({"text": "ask <@U123>"}, "unescaped mention <@U"),
        ({"text": "ok", "blocks": [section("<!subteam^S1> x")]}, "unescaped mention <!subteam^"),
        ({"blocks": [section("x")]}, "no text fallback"),
        ({"text": "x" * 4001}, "4001 characters"),
        ({"text": "x", "unfurl_media": True}, "unfurl_media is not false"),
        ({"text": "x", "parse": "full"}, "parse=full"),
        ({"text": "x", "link_names": True}, "link_names"),
    ],
)
async def test_bad_manners_are_violations_that_slack_lets_pass(
    slack: StandIn, client: AsyncWebClient, dm: str, arguments: dict[str, object], words: str
) -> None:
    """What Slack takes and people would not like is posted, and recorded."""
    await client.api_call("chat.postMessage", json={"channel": dm, **QUIET, **arguments})

    assert len(slack.messages(dm)) == 1
    assert [words in one for one in slack.violations] == [True]
    slack.violations.clear()


async def test_escaped_words_are_no_mention(
    slack: StandIn, client: AsyncWebClient, dm: str
) -> None:
    """The same words escaped, or in plain_text, wake nobody and are right."""
    header = {"type": "header", "text": {"type": "plain_text", "text": "<!channel>"}}
    await client.chat_postMessage(channel=dm, text="&lt;!channel&gt;", blocks=[header], **QUIET)

    assert slack.violations == []


async def test_a_status_goes_with_the_next_answer(
    slack: StandIn, client: AsyncWebClient, dm: str
) -> None:
    """assistant.threads.setStatus shows until the bot answers in that thread."""
    ts = (await client.chat_postMessage(channel=dm, text="x", **QUIET))["ts"]

    await client.assistant_threads_setStatus(channel_id=dm, thread_ts=ts, status="is checking ...")
    shown = slack.status(dm, ts)
    await client.chat_postMessage(channel=dm, text="done", thread_ts=ts, **QUIET)

    assert (shown, slack.status(dm, ts)) == ("is checking ...", None)


async def test_what_is_no_json_and_no_method_is_recorded(slack: StandIn) -> None:
    """A body that is no JSON object is refused; an address that Slack does not have is 404."""
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {slack.bot_token}"}
    async with aiohttp.ClientSession(headers=headers) as session:
        async with session.post(f"{slack.api_url}api.test", data="[1") as answer:
            assert (await answer.json())["error"] == "invalid_json"
        async with session.get(f"{slack.api_url}../oauth") as answer:
            assert answer.status == 404

    assert slack.violations == ["api.test: invalid_json", "GET /oauth: 404"]
    slack.violations.clear()


async def test_an_answers_ts_is_no_thread(slack: StandIn, client: AsyncWebClient, dm: str) -> None:
    """To answer an answer goes to its parent's thread and is recorded; an unknown ts is refused."""
    parent = (await client.chat_postMessage(channel=dm, text="0", **QUIET))["ts"]
    answer = await client.chat_postMessage(channel=dm, text="1", thread_ts=parent, **QUIET)

    await client.chat_postMessage(channel=dm, text="2", thread_ts=answer["ts"], **QUIET)
    unknown = client.chat_postMessage(channel=dm, text="3", thread_ts="1.2", **QUIET)
    assert await error_of(unknown) == "thread_not_found"

    assert [one.text for one in slack.messages(dm, parent)] == ["0", "1", "2"]
    assert len(slack.violations) == 2
    slack.violations.clear()


async def test_permalinks_and_direct_messages(
    slack: StandIn, client: AsyncWebClient, dm: str
) -> None:
    """chat.getPermalink names channel, message and thread."""
    parent = (await client.chat_postMessage(channel=dm, text="0", **QUIET))["ts"]
    ts = (await client.chat_postMessage(channel=dm, text="1", thread_ts=parent, **QUIET))["ts"]

    link = await client.chat_getPermalink(channel=dm, message_ts=ts)

    digits = ts.replace(".", "")
    assert link["permalink"].endswith(f"/{dm}/p{digits}?thread_ts={parent}&cid={dm}")
    assert slack.violations == []
