"""Small apps on an unmodified slack_sdk and slack_bolt, for the stand-in's own tests."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from standin.journal import Json
from standin.standin import StandIn

__all__ = [
    "BLOCKS",
    "MODAL",
    "QUIET",
    "App",
    "Clock",
    "Listener",
    "all_acknowledged",
    "connected",
    "error_of",
]

QUIET: dict[str, Any] = {"unfurl_links": False, "unfurl_media": False}


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        """Seconds since 1970."""
        return self.now


def plain(text: str) -> Json:
    """A plain_text object."""
    return {"type": "plain_text", "text": text}


BUTTON: Json = {"type": "button", "text": plain("Go"), "action_id": "go", "value": "7"}
MENU: Json = {
    "type": "static_select",
    "action_id": "port",
    "options": [{"text": plain(value), "value": value} for value in ("465", "587")],
}
BLOCKS: list[Json] = [{"type": "actions", "block_id": "b", "elements": [BUTTON, MENU]}]
MODAL: Json = {
    "type": "modal",
    "callback_id": "details",
    "title": plain("Details"),
    "submit": plain("Send"),
    "notify_on_close": True,
    "blocks": [
        {
            "type": "input",
            "block_id": "host",
            "label": plain("Host"),
            "element": {"type": "plain_text_input", "action_id": "host"},
        }
    ],
}


class App:
    """An app with one of each; it notes the bodies that came."""

    def __init__(self, slack: StandIn) -> None:
        self.bodies: list[Json] = []
        self.view_answer: Json = {}
        self.app = AsyncApp(client=AsyncWebClient(slack.bot_token, base_url=slack.api_url))
        self.app.event("message")(self.on_message)
        self.app.action("go")(self.on_action)
        self.app.action("port")(self.on_action)
        self.app.command("/mailmedic")(self.on_command)
        self.app.shortcut("troubleshoot_message")(self.on_shortcut)
        self.app.view("details")(self.on_view)
        self.app.view_closed("details")(self.on_action)

    async def on_message(self, event: Json, client: AsyncWebClient) -> None:
        """Answers in the thread."""
        if "subtype" in event:
            return
        await client.chat_postMessage(
            channel=event["channel"],
            thread_ts=event.get("thread_ts", event["ts"]),
            text="choose",
            blocks=BLOCKS,
            unfurl_links=False,
            unfurl_media=False,
        )

    async def on_action(self, ack: AsyncAck, body: Json) -> None:
        """Notes what was pressed or closed."""
        self.bodies.append(body)
        await ack()

    async def on_command(self, ack: AsyncAck, respond: AsyncRespond, body: Json) -> None:
        """Answers in the acknowledgement, or later if asked to."""
        self.bodies.append(body)
        if body.get("text") == "later":
            await ack()
            await respond("usage")
        else:
            await ack("usage")

    async def on_shortcut(self, ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
        """Opens the modal."""
        self.bodies.append(body)
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=MODAL)

    async def on_view(self, ack: AsyncAck, body: Json) -> None:
        """Answers a submission as the test wants."""
        self.bodies.append(body)
        await ack(**self.view_answer)


class Listener:
    """An app that notes what comes, and acknowledges unless told not to."""

    def __init__(self) -> None:
        self.came: list[SocketModeRequest] = []
        self.acks = True

    async def __call__(self, client: AsyncBaseSocketModeClient, said: SocketModeRequest) -> None:
        """Takes one envelope."""
        self.came.append(said)
        if self.acks:
            await client.send_socket_mode_response(SocketModeResponse(said.envelope_id))

    def events(self) -> list[dict[str, Any]]:
        """The events that came, in that order."""
        return [said.payload["event"] for said in self.came]


@asynccontextmanager
async def connected(
    slack: StandIn, listener: Callable[..., Awaitable[None]], ping_interval: float = 5
) -> AsyncIterator[SocketModeClient]:
    """An unmodified client of the SDK, connected."""
    web = AsyncWebClient(base_url=slack.api_url)
    client = SocketModeClient(slack.app_token, web_client=web, ping_interval=ping_interval)
    client.socket_mode_request_listeners.append(listener)
    before = len(slack.sockets)
    await client.connect()  # type: ignore[no-untyped-call]
    await slack.connected(before + 1)
    try:
        yield client
    finally:
        await client.close()  # type: ignore[no-untyped-call]


def all_acknowledged(slack: StandIn) -> bool:
    """Whether every envelope has its ack."""
    return all(delivery.acked_at is not None for delivery in slack.deliveries)


async def error_of(call: object) -> str:
    """The error that Slack gives to a call."""
    with pytest.raises(SlackApiError) as raised:
        await call  # type: ignore[misc]
    return str(raised.value.response["error"])
