"""What Slack sends, acknowledged, translated and handed over; nothing else.

Bolt acknowledges an event before it runs the listener, so that a crash in between would lose it. A
middleware, which runs before that, puts every event on the disk first. What the disk does not take
within a second is held in memory; after an exception nothing is acknowledged, so it comes again.
"""

import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.desk.incoming import Incoming
from bot.desk.ports import Received
from bot.desk.reception import Reception
from bot.transports.slack.commands import Commands, asked_for, command_of
from bot.transports.slack.ids import SLASH_COMMAND, TROUBLESHOOT_MESSAGE
from bot.transports.slack.presses import Presses
from bot.transports.slack.shortcuts import Shortcuts
from bot.transports.slack.strays import Strays
from bot.transports.slack.translating import (
    Bot,
    Heard,
    deleted_id,
    heard_in_event,
    heard_in_press,
    heard_in_shortcut,
)

__all__ = ["ACTIONS", "COMMANDS", "EVENTS", "SHORTCUTS", "Desks", "build_app"]

# What manifest.yml subscribes to and offers; a test holds the two against each other.
EVENTS = ("app_mention", "message")
COMMANDS = (SLASH_COMMAND,)
SHORTCUTS = (TROUBLESHOOT_MESSAGE,)
ACTIONS = re.compile(r"desk:(?:choose|fill|field)\b")

_RECEIVED = "received"  # the keys in Bolt's context
_SINCE = "since"

Body = Mapping[str, Any]
Ack = Callable[..., Awaitable[Any]]
Next = Callable[[], Awaitable[Any]]
Context = dict[str, Any]
Listener = Callable[..., Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desks:
    """Where each kind of thing that Slack sends is taken."""

    reception: Reception
    presses: Presses
    shortcuts: Shortcuts
    commands: Commands


def build_app(client: AsyncWebClient, me: Bot, desks: Desks) -> AsyncApp:
    """The Bolt app with its middleware and listeners."""

    async def authorize(**_: object) -> AuthorizeResult:
        # Known since the start: asking Slack again would take a part of the three seconds.
        return AuthorizeResult(
            enterprise_id=None,
            team_id=me.team,
            bot_token=client.token,
            bot_id=me.bot_id,
            bot_user_id=me.user,
        )

    # Below an error Bolt has to say that it takes no notice of SLACK_BOT_TOKEN, at every start.
    logger = logging.getLogger(f"{__name__}.library")
    logger.setLevel(logging.ERROR)
    app = AsyncApp(name="mailmedic", client=client, authorize=authorize, logger=logger)
    strays = Strays()
    app.middleware(_inbox(desks, me, strays))
    _register(app, desks, strays)
    return app


def _inbox(desks: Desks, me: Bot, strays: Strays) -> Callable[..., Awaitable[Any]]:
    async def store_first(body: Body, context: Context, next_: Next) -> None:
        heard = _heard(body, me)
        incoming = await _wanted(heard, desks.reception)
        if heard is not None and incoming is not None:
            context[_RECEIVED] = await desks.reception.receive(incoming)
            context[_SINCE] = heard.ts
            if heard.overtaken is not None:
                await _forestall(heard.overtaken, desks.reception)
        elif heard is not None and heard.ts:
            strays.add(heard.incoming, heard.ts)
        await next_()

    return store_first


def _heard(body: Body, me: Bot) -> Heard | None:
    if "event" in body:
        return heard_in_event(body["event"], me)
    if "command" in body:
        return command_of(body, me)
    if body.get("type") == "block_actions":
        return heard_in_press(body, me)
    if body.get("type") == "message_action":
        return heard_in_shortcut(body, me)
    return None


async def _wanted(heard: Heard | None, reception: Reception) -> Incoming | None:
    """What is for us: addressed to us, or said in the thread of a case."""
    if heard is None:
        return None
    incoming = heard.incoming
    if heard.overtaken is not None:
        message = heard.overtaken.event_id
        if await reception.has(deleted_id(message)):
            return None  # the edit was overtaken by the deletion
        if not await reception.has(message):
            return incoming if heard.addressed else None
    if incoming.withdraws is not None:
        known = heard.addressed or await reception.has(incoming.withdraws)
        return incoming if known else None
    if heard.addressed or await reception.knows(incoming.thread):
        return incoming
    return None


async def _forestall(overtaken: Incoming, reception: Reception) -> None:
    """Has a message that its edit may have overtaken come as a repeat from now on."""
    late = await reception.receive(overtaken)
    if late is not None:
        await reception.attend(late)


def _received(context: Mapping[str, Any]) -> Received | None:
    received = context.get(_RECEIVED)
    return received if isinstance(received, Received) else None


def _register(app: AsyncApp, desks: Desks, strays: Strays) -> None:
    for event in EVENTS:
        app.event(event)(_on_event(desks, strays))
    for command in COMMANDS:
        app.command(command)(_on_command(desks))
    for shortcut in SHORTCUTS:
        app.message_shortcut(shortcut)(_on_shortcut(desks))
    app.action(ACTIONS)(_on_press(desks))


def _on_event(desks: Desks, strays: Strays) -> Listener:
    async def on_event(context: Context) -> None:
        received = _received(context)
        if received is None:
            return
        await desks.reception.attend(received)
        for overtook in strays.take(received.thread, str(context.get(_SINCE) or "")):
            late = await desks.reception.receive(overtook)
            if late is not None:
                await desks.reception.attend(late)

    return on_event


def _on_press(desks: Desks) -> Listener:
    async def on_press(ack: Ack, body: Body, context: Context) -> None:
        await ack()
        await desks.presses.take(body, _received(context))

    return on_press


def _on_shortcut(desks: Desks) -> Listener:
    async def on_shortcut(ack: Ack, body: Body, context: Context) -> None:
        await ack()
        await desks.shortcuts.take(body, _received(context))

    return on_shortcut


def _on_command(desks: Desks) -> Listener:
    async def on_command(ack: Ack, body: Body, context: Context) -> None:
        asked = asked_for(str(body.get("text") or ""))
        await ack(**desks.commands.first_words(asked))
        received = _received(context)
        if received is not None:
            await desks.commands.take(asked, body, received)

    return on_command
