"""What people can do in the stand-in, with a small app on an unmodified slack_bolt."""

from collections.abc import AsyncIterator

import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_sdk.webhook.async_client import AsyncWebhookClient
from standin import ImpossibleError, NeverCameError, StandIn, typed
from standin.sample import BLOCKS, App


@pytest.fixture
async def slack() -> AsyncIterator[StandIn]:
    """A stand-in whose app broke no rule that the test does not name."""
    async with StandIn() as standin:
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


async def test_a_click_tells_everything_about_the_message(
    app: App, slack: StandIn, anna: str, dm: str, answer: str
) -> None:
    """block_actions has the button, its message, thread, person and where to answer."""
    delivery = await slack.clicks(anna, dm, answer, "go")

    body = app.bodies[0]
    assert delivery.acked_at is not None
    assert body["actions"][0]["value"] == "7"
    assert body["actions"][0]["block_id"] == "b"
    assert body["container"]["thread_ts"] == slack.messages(dm)[0].ts
    assert body["message"]["text"] == "choose"
    assert body["user"]["id"] == anna
    assert body["state"]["values"]["b"]["port"]["selected_option"] is None


async def test_a_choice_comes_with_its_option(
    app: App, slack: StandIn, anna: str, dm: str, answer: str
) -> None:
    """A menu's action has the chosen option; one that it does not offer cannot be chosen."""
    await slack.clicks(anna, dm, answer, "port", {"port": "587"})

    assert app.bodies[0]["actions"][0]["selected_option"]["value"] == "587"
    with pytest.raises(ImpossibleError, match="no option '25'"):
        await slack.clicks(anna, dm, answer, "port", {"port": "25"})


async def test_nobody_presses_what_is_not_there(
    slack: StandIn, anna: str, dm: str, answer: str
) -> None:
    """A button that is not in the message, a foreign channel and a foreign thread raise."""
    bert = slack.add_user("bert")
    with pytest.raises(ImpossibleError):
        await slack.clicks(anna, dm, answer, "stop")
    with pytest.raises(ImpossibleError):
        await slack.clicks(bert, dm, answer, "go")
    with pytest.raises(ImpossibleError):
        await slack.says(anna, dm, "x", thread_ts=answer)


@pytest.mark.usefixtures("app")
async def test_the_ack_of_a_command_is_seen_by_one_person(
    slack: StandIn, anna: str, dm: str
) -> None:
    """The text of an acknowledgement is an ephemeral message."""
    delivery = await slack.command(anna, dm, "/mailmedic", "help")

    assert delivery.ack == {"text": "usage"}
    assert [(one.text, one.source) for one in slack.ephemerals(anna)] == [("usage", "command")]
    assert len(slack.messages(dm)) == 0
    assert delivery.payload["is_enterprise_install"] == "false"


async def test_a_shortcut_opens_a_modal_that_is_submitted(
    app: App, slack: StandIn, anna: str, dm: str
) -> None:
    """message_action, views.open, view_submission: the state has what was filled in."""
    channel = slack.add_channel("help", members=[anna], with_bot=False)
    ts = await slack.says(anna, channel, "x")
    await slack.shortcut(anna, channel, ts, "troubleshoot_message")
    await slack.until(lambda: slack.views)
    view = slack.views[0]

    with pytest.raises(ImpossibleError, match="must be filled in"):
        await slack.submits(anna, view.id)
    app.view_answer = {"response_action": "errors", "errors": {"host": "no such host"}}
    await slack.submits(anna, view.id, {"host": "smtp.example.com"})
    assert (view.is_open, view.errors) == (True, {"host": "no such host"})
    app.view_answer = {}
    await slack.submits(anna, view.id, {"host": "smtp.example.com"})

    assert not view.is_open
    assert app.bodies[0]["message"]["ts"] == ts
    values = app.bodies[-1]["view"]["state"]["values"]
    assert values["host"]["host"] == {"type": "plain_text_input", "value": "smtp.example.com"}
    assert dm not in {message.channel for message in slack.messages(channel)}


async def test_only_what_the_manifest_has_can_be_used(slack: StandIn, anna: str, dm: str) -> None:
    """A command or shortcut that the manifest lacks is not offered to anybody."""
    ts = await slack.says(anna, slack.add_channel("help", members=[anna], with_bot=False), "x")

    with pytest.raises(ImpossibleError, match="no command /more"):
        await slack.command(anna, dm, "/more")
    with pytest.raises(ImpossibleError, match="no message shortcut"):
        await slack.shortcut(anna, dm, ts, "delete_everything")


async def test_closing_a_modal_is_told_when_wanted(
    app: App, slack: StandIn, anna: str, dm: str
) -> None:
    """view_closed comes for a modal with notify_on_close."""
    ts = await slack.says(anna, dm, "x")
    await slack.until(lambda: len(slack.messages(dm)) == 2)
    await slack.shortcut(anna, dm, ts, "troubleshoot_message")
    await slack.until(lambda: slack.views)

    await slack.closes(anna, slack.views[0].id)

    assert app.bodies[-1]["type"] == "view_closed"
    assert not slack.views[0].is_open


async def test_buttons_of_ephemeral_messages_can_be_pressed(
    app: App, slack: StandIn, anna: str, dm: str
) -> None:
    """A button in an ephemeral message comes without the message, marked as ephemeral."""
    delivery = await slack.command(anna, dm, "/mailmedic")
    hook = AsyncWebhookClient(delivery.payload["response_url"])
    await hook.send(text="choose", blocks=BLOCKS)

    await slack.clicks(anna, dm, slack.ephemerals(anna)[-1].ts, "go")

    body = app.bodies[-1]
    assert body["container"]["is_ephemeral"] is True
    assert "message" not in body


async def test_waiting_in_vain_shows_what_there_was(slack: StandIn, anna: str, dm: str) -> None:
    """`until` ends with everything that happened."""
    await slack.says(anna, dm, "nobody answers")

    with pytest.raises(NeverCameError, match="nobody answers"):
        await slack.until(lambda: False, timeout=0.01)


def test_typed_words_are_escaped_and_linked() -> None:
    """Slack delivers addresses as links and escapes three characters."""
    said = typed("a & b <c> anna@example.com smtp.example.com:587")

    assert said == (
        "a &amp; b &lt;c&gt; <mailto:anna@example.com|anna@example.com> "
        "<http://smtp.example.com:587|smtp.example.com:587>"
    )
