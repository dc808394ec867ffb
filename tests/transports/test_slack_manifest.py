"""The manifest and the listeners, held against each other in both directions."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from slack_bot import Bot

from bot.transports.slack.listeners import COMMANDS, EVENTS, SHORTCUTS

MANIFEST: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parents[2] / "manifest.yml").read_text("utf-8")
)
FEATURES, SETTINGS = MANIFEST["features"], MANIFEST["settings"]

# docs.slack.dev/reference/events: the scope without which Slack does not deliver an event.
SCOPE_OF_EVENT = {
    "app_mention": "app_mentions:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
}
# docs.slack.dev/reference/methods: the scopes that the calls of the bot need, and its features.
OTHER_SCOPES = {"assistant:write", "chat:write", "commands", "im:write"}


def test_every_event_of_the_manifest_has_a_listener_and_the_other_way_round() -> None:
    """What is subscribed to is heard, and nothing is waited for that never comes."""
    subscribed = SETTINGS["event_subscriptions"]["bot_events"]

    assert {event.partition(".")[0] for event in subscribed} == set(EVENTS)


def test_every_command_and_shortcut_has_a_listener_and_the_other_way_round() -> None:
    """What people are offered is answered, and nothing is answered that nobody is offered."""
    shortcuts = FEATURES["shortcuts"]

    assert {one["command"] for one in FEATURES["slash_commands"]} == set(COMMANDS)
    assert {one["callback_id"] for one in shortcuts} == set(SHORTCUTS)
    assert {one["type"] for one in shortcuts} == {"message"}


def test_scopes_are_the_ones_that_are_used() -> None:
    """No scope is missing, and none is asked for that nothing needs."""
    events = SETTINGS["event_subscriptions"]["bot_events"]
    needed = {SCOPE_OF_EVENT[event] for event in events} | OTHER_SCOPES

    assert set(MANIFEST["oauth_config"]["scopes"]["bot"]) == needed


@pytest.mark.parametrize("prompt", FEATURES["agent_view"]["suggested_prompts"])
async def test_every_suggested_prompt_leads_on(bot: Bot, prompt: dict[str, str]) -> None:
    """What people are offered to say is understood: there is an answer with a way on."""
    anna = bot.slack.add_user("anna")
    direct = bot.slack.open_dm(anna)
    ts = await bot.slack.says(anna, direct, prompt["message"])
    (answer,) = await bot.answers(direct, ts)

    assert "sorry" not in answer.text.lower()
    assert answer.text
