"""What people do in their Slack client, and what Slack then sends to the app.

docs.slack.dev/reference/interaction-payloads (block_actions, shortcuts, view payloads) and
docs.slack.dev/interactivity/implementing-slash-commands.
"""

from collections.abc import Mapping

from standin.bench import Bench
from standin.deliveries import Delivery
from standin.inputs import filled, pressed, state_of
from standin.journal import ImpossibleError, Json
from standin.views import View
from standin.webapi import RefusedError
from standin.workspace import Ephemeral, Message

__all__ = ["People"]

_NO_VALUES: Mapping[str, object] = {}


class People(Bench):
    """The actions of people. Interactions wait until the app has acknowledged, or is too late."""

    async def says(
        self, user: str, channel: str, text: str, *, thread_ts: str | None = None
    ) -> str:
        """Posts a message; `text` as Slack delivers it (`standin.typed` makes it so)."""
        message = self._workspace.said(user, channel, text, thread_ts)
        self._platform.posted(message)
        return message.ts

    async def edits(self, channel: str, ts: str, text: str) -> None:
        """The author edits a message."""
        self._platform.edited(self._message(channel, ts), {"text": text})

    async def deletes(self, channel: str, ts: str) -> None:
        """The author deletes a message."""
        self._platform.deleted(self._message(channel, ts))

    async def clicks(
        self,
        user: str,
        channel: str,
        message_ts: str,
        action_id: str,
        values: Mapping[str, object] | None = None,
        *,
        expect_late: bool = False,
        socket: int | None = None,
    ) -> Delivery:
        """Presses a button, or chooses `values[action_id]`; other values fill inputs in."""
        place = self._workspace.channel_of(user, channel)
        source = self._visible(user, channel, message_ts)
        action = pressed(source.blocks, action_id, values or _NO_VALUES, self._workspace.new_ts())
        container: Json = {
            "type": "message",
            "message_ts": message_ts,
            "channel_id": channel,
            "is_ephemeral": isinstance(source, Ephemeral),
        }
        if source.thread_ts:
            container["thread_ts"] = source.thread_ts
        payload = self._interaction("block_actions", user) | {
            "container": container,
            "channel": {"id": channel, "name": place.name},
            "state": {"values": state_of(source.blocks, values or _NO_VALUES)},
            "response_url": self._response_url(
                "actions", self._addresses.issue(user, channel, source)
            ),
            "actions": [action],
        }
        if isinstance(source, Message):
            payload["message"] = self._payloads.message(source)
        return await self._interactive(payload, late=expect_late, socket=socket)

    async def command(
        self,
        user: str,
        channel: str,
        command: str,
        text: str = "",
        *,
        expect_late: bool = False,
        socket: int | None = None,
    ) -> Delivery:
        """Uses a slash command; they do not exist in threads."""
        if command not in self._platform.allowed.commands:
            raise ImpossibleError(f"the manifest has no command {command}")
        place = self._workspace.channel_of(user, channel)
        payload = self._payloads.command(self._workspace.user(user), place, command, text) | {
            "response_url": self._response_url(
                "commands", self._addresses.issue(user, channel, None)
            ),
            "trigger_id": self._triggers.issue(user),
        }
        delivery = Delivery("slash_commands", payload, takes_answer=True, expect_late=expect_late)
        await self._settled(delivery, socket)
        self._responses.acknowledged(user, channel, delivery.ack)
        return delivery

    async def shortcut(
        self, user: str, channel: str, message_ts: str, callback_id: str
    ) -> Delivery:
        """Uses a message shortcut (interactivity/implementing-shortcuts)."""
        if callback_id not in self._platform.allowed.shortcuts:
            raise ImpossibleError(f"the manifest has no message shortcut {callback_id}")
        place = self._workspace.channel_of(user, channel)
        source = self._message(channel, message_ts)
        payload = self._interaction("message_action", user) | {
            "callback_id": callback_id,
            "channel": {"id": channel, "name": place.name},
            "message_ts": message_ts,
            "message": self._payloads.message(source),
            "action_ts": self._workspace.new_ts(),
            "response_url": self._response_url(
                "actions", self._addresses.issue(user, channel, source)
            ),
        }
        return await self._interactive(payload)

    async def submits(
        self, user: str, view_id: str, values: Mapping[str, object] | None = None
    ) -> Delivery:
        """Submits a modal; `values` by action_id."""
        view = self._open_view(user, view_id)
        state = filled(view.content["blocks"], values or _NO_VALUES)
        payload = self._interaction("view_submission", user) | {
            "view": self._views.show(view, state),
            "response_urls": [],
        }
        delivery = await self._interactive(payload, takes_answer=True)
        if delivery.acked_at is not None:
            self._after_submission(view, delivery.ack or {})
        return delivery

    async def closes(self, user: str, view_id: str) -> Delivery | None:
        """Closes a modal; the app hears of it only if it wants to (`notify_on_close`)."""
        view = self._open_view(user, view_id)
        view.is_open = False
        self._journal.changed()
        if not view.content.get("notify_on_close"):
            return None
        payload = self._interaction("view_closed", user) | {
            "view": self._views.show(view),
            "is_cleared": False,
        }
        del payload["trigger_id"]
        return await self._interactive(payload)

    def _message(self, channel: str, ts: str) -> Message:
        message = self._workspace.find(channel, ts)
        if message is None:
            raise ImpossibleError(f"no message {ts} in {channel}")
        return message

    def _visible(self, user: str, channel: str, ts: str) -> Message | Ephemeral:
        for shown in self._workspace.ephemerals:
            if (shown.user, shown.channel, shown.ts, shown.deleted) == (user, channel, ts, False):
                return shown
        return self._message(channel, ts)

    def _open_view(self, user: str, view_id: str) -> View:
        stack = self._views.stack(user)
        if not stack or stack[-1].id != view_id:
            raise ImpossibleError(f"the modal {view_id} is not in front of {user}")
        return stack[-1]

    def _interaction(self, kind: str, user: str) -> Json:
        payload = self._payloads.interaction(kind, self._workspace.user(user))
        return payload | {"trigger_id": self._triggers.issue(user)}

    async def _interactive(
        self,
        payload: Json,
        *,
        takes_answer: bool = False,
        late: bool = False,
        socket: int | None = None,
    ) -> Delivery:
        delivery = Delivery("interactive", payload, takes_answer=takes_answer, expect_late=late)
        await self._settled(delivery, socket)
        return delivery

    async def _settled(self, delivery: Delivery, socket: int | None) -> None:
        if not self._deliveries.is_holding:
            self._deliveries.deliver(delivery, socket)
            await delivery.settled.wait()
        else:
            self._deliveries.deliver(delivery, socket)

    def _after_submission(self, view: View, said: Json) -> None:
        """docs.slack.dev/surfaces/modals: `response_action` errors, update, push or clear."""
        action = said.get("response_action")
        try:
            if action == "errors":
                self._refuse(view, said.get("errors"))
            elif action == "update":
                self._views.change(view, self._outgoing.view(said.get("view")))
            elif action == "push":
                self._views.put(view.user, self._outgoing.view(said.get("view")))
            elif action == "clear":
                for one in self._views.stack(view.user):
                    one.is_open = False
            elif action is None:
                view.is_open = False
            else:
                self._journal.breach(f"view_submission: unknown response_action {action}")
        except RefusedError as refused:
            self._journal.breach(f"view_submission: {refused.error} {refused.more}")
        self._journal.changed()

    def _refuse(self, view: View, errors: object) -> None:
        names = {block["block_id"] for block in view.content["blocks"] if block["type"] == "input"}
        if not isinstance(errors, dict) or not errors or set(errors) - names:
            self._journal.breach(f"view_submission: errors are keyed by block_id: {errors}")
            return
        view.errors = errors
