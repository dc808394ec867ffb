"""The whole stand-in: what people do, what goes wrong, and what is to be seen."""

import json
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from standin.deliveries import Delivery
from standin.demands import Demands
from standin.journal import Call, NeverCameError
from standin.people import People
from standin.views import View
from standin.workspace import Ephemeral, Message

__all__ = ["StandIn"]


class StandIn(People, Demands):
    """A Slack workspace with one app, for an unmodified slack_sdk or slack_bolt."""

    def add_user(self, name: str) -> str:
        """A new person's id."""
        return self._workspace.add_user(name)

    def open_dm(self, user: str) -> str:
        """The id of the direct messages between that person and the bot."""
        return self._workspace.open_dm(user)

    def add_channel(
        self,
        name: str,
        *,
        members: Sequence[str] = (),
        with_bot: bool = True,
        private: bool = False,
    ) -> str:
        """A new channel's id."""
        return self._workspace.add_channel(name, members, with_bot=with_bot, private=private)

    def archive(self, channel: str) -> None:
        """Makes a channel read-only."""
        self._workspace.channels[channel].is_archived = True

    def remove_bot(self, channel: str) -> None:
        """Throws the bot out of a channel."""
        self._workspace.channels[channel].members.discard(self.bot_user)

    def messages(self, channel: str, thread_ts: str | None = None) -> list[Message]:
        """What people see now: all of a channel with its threads, or one thread, in order."""
        return self._workspace.messages(channel, thread_ts)

    def ephemerals(self, user: str) -> list[Ephemeral]:
        """What only that person sees."""
        return [
            message
            for message in self._workspace.ephemerals
            if message.user == user and not message.deleted
        ]

    def status(self, channel: str, thread_ts: str) -> str | None:
        """The status of the app in a thread ("is checking ...")."""
        return self._platform.statuses.get((channel, thread_ts))

    @property
    def views(self) -> list[View]:
        """Every modal, the closed ones too."""
        return self._views.all

    @property
    def calls(self) -> list[Call]:
        """Every call of the Web API."""
        return self._journal.calls

    @property
    def deliveries(self) -> list[Delivery]:
        """Every envelope."""
        return self._deliveries.all

    @property
    def violations(self) -> list[str]:
        """Every breach of a rule by the app."""
        return self._journal.violations

    @property
    def sockets(self) -> list[int]:
        """The numbers of the open sockets."""
        return [socket.number for socket in self._sockets.open]

    def until(
        self, predicate: Callable[[], object], timeout: float = 10
    ) -> Coroutine[Any, Any, None]:
        """Waits until `predicate` holds; it is asked again whenever anything changes here.

        What the app keeps to itself is no change here: wait for what Slack can see.
        """
        return self._until(predicate, timeout)

    async def _until(self, predicate: Callable[[], object], within: float) -> None:
        try:
            await self._journal.until(predicate, within)
        except TimeoutError:
            raise NeverCameError(f"not within {within} s\n{self.dump()}") from None

    def connected(self, n: int = 1, timeout: float = 10) -> Coroutine[Any, Any, None]:
        """Waits until so many sockets are open and greeted."""
        return self._until(lambda: len(self._sockets.open) >= n, timeout)

    def idle(self, timeout: float = 10) -> Coroutine[Any, Any, None]:
        """Waits until no envelope is open: each is acknowledged, overdue or lost with its socket.

        The app may still be at work on what it acknowledged.
        """
        return self._until(lambda: all(one.settled.is_set() for one in self.deliveries), timeout)

    def dump(self) -> str:
        """Everything, for a person who reads a failed test."""
        return "\n".join(
            [
                "messages:",
                *(
                    f"  {one.channel} {one.ts} in {one.thread_ts} {one.user}: {one.text!r}"
                    f"{' (deleted)' if one.deleted else ''} {one.edits} edits"
                    for one in self._workspace.everything
                ),
                "ephemerals:",
                *(f"  {one.user} {one.source}: {one.text!r}" for one in self._workspace.ephemerals),
                "calls:",
                *(
                    f"  {one.method} {json.dumps(one.arguments)[:300]}"
                    f" -> {one.status} {json.dumps(one.answer)[:200]}"
                    for one in self.calls
                ),
                "deliveries:",
                *(
                    f"  {one.type} {one.payload.get('event', one.payload).get('type')}"
                    f" attempt {one.attempt} sent {one.sent_at} acked {one.acked_at}"
                    for one in self.deliveries
                ),
                "violations:",
                *(f"  {one}" for one in self.violations),
            ]
        )
