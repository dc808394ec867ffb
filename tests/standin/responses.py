"""Answers to interactions: in the acknowledgement, or later to the response address.

docs.slack.dev/interactivity/handling-user-interaction ("Message responses") and
docs.slack.dev/interactivity/implementing-slash-commands ("Responding to commands").
"""

import json

from aiohttp import web

from standin.chat import Chat
from standin.journal import Journal, Json
from standin.outgoing import Outgoing
from standin.platform import Platform
from standin.triggers import ResponseUrl, ResponseUrls
from standin.webapi import RefusedError
from standin.workspace import Ephemeral, Message

__all__ = ["Responses"]


class Responses:
    """Puts such answers where people see them."""

    def __init__(
        self, platform: Platform, chat: Chat, outgoing: Outgoing, addresses: ResponseUrls
    ) -> None:
        self._platform = platform
        self._journal: Journal = platform.journal
        self._chat = chat
        self._outgoing = outgoing
        self._addresses = addresses

    async def handle(self, request: web.Request) -> web.Response:
        """Takes one POST to a response address."""
        error, address = self._addresses.use(request.match_info["word"])
        if error or address is None:
            self._journal.breach(f"response_url: {error}")
            return web.json_response({"ok": False, "error": error}, status=404)
        try:
            said = json.loads(await request.text())
        except ValueError:
            said = None
        if not isinstance(said, dict):
            self._journal.breach("response_url: the body is no JSON object")
            return web.json_response({"ok": False, "error": "invalid_payload"}, status=400)
        try:
            self._respond(address, said)
        except RefusedError as refused:
            self._journal.breach(f"response_url: {refused.error} {json.dumps(refused.more)}")
            return web.json_response({"ok": False, "error": refused.error, **refused.more})
        return web.Response(text="ok")

    def acknowledged(self, user: str, channel: str, said: Json | None) -> None:
        """Takes the payload of a command's acknowledgement; an empty one says nothing."""
        if not said:
            return
        try:
            self._say(ResponseUrl(user, channel, 0.0, None), said, "command")
        except RefusedError as refused:
            self._journal.breach(f"ack: {refused.error} {json.dumps(refused.more)}")

    def _respond(self, address: ResponseUrl, said: Json) -> None:
        if said.get("delete_original"):
            if set(said) != {"delete_original"}:
                self._journal.breach("response_url: delete_original must stand alone")
            self._delete(address.source)
        elif said.get("replace_original") and self._is_ours(address.source):
            text, blocks = self._outgoing.message("response_url", said)
            self._replace(address.source, text, blocks)
        else:
            self._check_place(address, said)
            self._say(address, said, "response_url")

    def _check_place(self, address: ResponseUrl, said: Json) -> None:
        if said.get("thread_ts") and said.get("replace_original") is not False:
            self._journal.breach("response_url: thread_ts needs replace_original false")
        if "replace_original" not in said and self._is_ours(address.source):
            self._journal.breach("response_url: say whether a button's message is to be replaced")

    @staticmethod
    def _is_ours(source: Message | Ephemeral | None) -> bool:
        """Whether the interaction came from a message that the app may change."""
        return isinstance(source, Ephemeral) or (source is not None and source.bot)

    def _say(self, address: ResponseUrl, said: Json, source: str) -> None:
        """A new message: for everybody when it says so, else for the one person."""
        text, blocks = self._outgoing.message(source, said)
        if said.get("response_type") not in {None, "ephemeral", "in_channel"}:
            self._journal.breach(f"{source}: unknown response_type {said['response_type']}")
        if said.get("response_type") == "in_channel":
            channel = self._platform.workspace.channels[address.channel]
            message = self._chat.place(channel, text, blocks, said.get("thread_ts"))
            self._platform.posted(message)
        else:
            shown = self._chat.show(address.user, address.channel, text, blocks, source)
            shown.thread_ts = said.get("thread_ts")

    def _replace(self, source: Message | Ephemeral | None, text: str, blocks: list[Json]) -> None:
        blocks = self._platform.workspace.with_ids(blocks)
        if isinstance(source, Message):
            self._platform.edited(source, {"text": text, "blocks": blocks})
        elif source is not None:
            source.text, source.blocks = text, blocks
            self._journal.changed()

    def _delete(self, source: Message | Ephemeral | None) -> None:
        if isinstance(source, Message) and source.bot and not source.deleted:
            self._platform.deleted(source)
        elif isinstance(source, Ephemeral):
            source.deleted = True
            self._journal.changed()
