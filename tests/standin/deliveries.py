"""Envelopes on their way to the app: sent, acknowledged, late, lost, sent again.

docs.slack.dev/apis/events-api/using-socket-mode (envelopes and acknowledgement) and
docs.slack.dev/apis/events-api ("Error handling": three seconds, three retries - nearly at once,
after one minute, after five minutes).
"""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from standin.journal import Journal, Json

__all__ = ["Deliveries", "Delivery", "Line", "Timing"]

RETRIES = 3


@dataclass(frozen=True, slots=True)
class Timing:
    """How long the app may take to acknowledge, and when an event comes again; in seconds."""

    deadline: float = 3.0
    retry_delays: Sequence[float] = (0.0, 60.0, 300.0)


class Line(Protocol):
    """A socket, as far as a delivery needs one."""

    @property
    def number(self) -> int:
        """Its number, in the order of opening."""
        ...

    @property
    def is_frozen(self) -> bool:
        """Whether nothing goes through it, unnoticed."""
        ...

    async def send(self, text: Json) -> None:
        """Writes one envelope."""
        ...


@dataclass(eq=False)
class Delivery:
    """One envelope; a second try is a delivery of its own."""

    type: str  # events_api, slash_commands or interactive
    payload: Json
    takes_answer: bool
    envelope_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    attempt: int = 0
    sent_at: float | None = None
    acked_at: float | None = None
    ack: Json | None = None  # the payload of the acknowledgement
    socket: int | None = None  # the number of the socket that it went to
    is_overdue: bool = False
    expect_late: bool = False
    loses_ack: bool = False
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    line: Line | None = None
    timer: asyncio.TimerHandle | None = None

    @property
    def is_open(self) -> bool:
        """Whether its acknowledgement may still come in time."""
        return self.sent_at is not None and self.acked_at is None and not self.is_overdue

    def envelope(self) -> Json:
        """What goes over the wire."""
        said: Json = {
            "envelope_id": self.envelope_id,
            "type": self.type,
            "payload": self.payload,
            "accepts_response_payload": self.takes_answer,
        }
        if self.type == "events_api":
            said["retry_attempt"] = self.attempt
            said["retry_reason"] = "timeout" if self.attempt else ""
        return said


class Deliveries:
    """Sends each envelope to one socket and follows what becomes of it."""

    def __init__(
        self,
        journal: Journal,
        timing: Timing,
        a_line: Callable[[int | None], Awaitable[Line]],
    ) -> None:
        self._journal = journal
        self._timing = timing
        self._a_line = a_line
        self._tasks: set[asyncio.Task[None]] = set()
        self._held: list[Delivery] | None = None
        self.all: list[Delivery] = []
        self.duplicate = 1
        self.pause = 0.0
        self.lost_acks = 0

    def deliver(self, delivery: Delivery, socket: int | None = None) -> Delivery:
        """Sends it soon, or keeps it while deliveries are held."""
        self.all.append(delivery)
        if self._held is None:
            self.later(self._send(delivery, socket))
        else:
            self._held.append(delivery)
        self._journal.changed()
        return delivery

    def event(self, payload: Json) -> None:
        """Sends an event, as often as the test wants each event to come."""
        for _ in range(self.duplicate):
            self.deliver(Delivery("events_api", payload, takes_answer=False))

    def again(self, delivery: Delivery, socket: int | None = None) -> Delivery:
        """The same payload in a new envelope."""
        attempt = delivery.attempt + 1 if delivery.type == "events_api" else 0
        return self.deliver(
            Delivery(delivery.type, delivery.payload, delivery.takes_answer, attempt=attempt),
            socket,
        )

    @property
    def is_holding(self) -> bool:
        """Whether deliveries are kept back."""
        return self._held is not None

    def hold(self) -> None:
        """Keeps everything back from now on."""
        self._held = [] if self._held is None else self._held

    async def release(self, order: Sequence[int] | str | None = None) -> None:
        """Sends what was kept, in the order of arrival, "reversed", or that of the positions."""
        held, self._held = self._held or [], None
        if order == "reversed":
            held.reverse()
        elif order is not None and not isinstance(order, str):
            held = [held[position] for position in order]
        for delivery in held:
            await self._send(delivery, None)

    def later(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs something in the background until the stand-in closes."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Sends nothing more."""
        for delivery in self.all:
            if delivery.timer is not None:
                delivery.timer.cancel()
            delivery.settled.set()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def acknowledged(self, said: Json) -> None:
        """Takes an acknowledgement, whichever socket brought it."""
        found = [one for one in self.all if one.envelope_id == said.get("envelope_id")]
        if not found or found[0].sent_at is None:
            self._journal.breach(f"acknowledged an unknown envelope: {said}")
            return
        delivery = found[0]
        if delivery.loses_ack:
            return
        if delivery.acked_at is not None:
            self._journal.breach(f"acknowledged twice: {name_of(delivery)}")
        if said.get("payload") and not delivery.takes_answer:
            self._journal.breach(f"answer in an ack that takes none: {name_of(delivery)}")
        delivery.acked_at = self._journal.clock()
        delivery.ack = said.get("payload")
        self._settle(delivery)

    def line_lost(self, line: Line) -> None:
        """A socket has gone: what it owed an acknowledgement for comes again, if an event."""
        for delivery in [one for one in self.all if one.line is line and one.is_open]:
            delivery.is_overdue = True
            self._settle(delivery)
            self._retry(delivery)

    async def _send(self, delivery: Delivery, socket: int | None) -> None:
        if self.pause:
            await asyncio.sleep(self.pause)
        if self.lost_acks:
            self.lost_acks -= 1
            delivery.loses_ack = True
        while not await self._sent(delivery, await self._a_line(socket)):
            pass  # that socket has broken; it will not be offered again
        if delivery.is_open:
            loop = asyncio.get_running_loop()
            delivery.timer = loop.call_later(self._timing.deadline, self._overdue, delivery)
        self._journal.changed()

    async def _sent(self, delivery: Delivery, line: Line) -> bool:
        """Whether the envelope has gone into that socket."""
        delivery.line, delivery.socket = line, line.number
        delivery.sent_at = self._journal.clock()
        if line.is_frozen:  # what goes into a half-open connection is lost, and nobody knows
            delivery.loses_ack = True
            return True
        try:
            await line.send(delivery.envelope())
        except ConnectionError:
            delivery.sent_at = None
            return False
        return True

    def _overdue(self, delivery: Delivery) -> None:
        if not delivery.is_open:
            return
        delivery.is_overdue = True
        frozen = delivery.line is not None and delivery.line.is_frozen
        if not (delivery.expect_late or delivery.loses_ack or frozen):
            self._journal.breach(
                f"late ack: none within {self._timing.deadline} s for {name_of(delivery)}"
            )
        self._settle(delivery)
        self._retry(delivery)

    def _settle(self, delivery: Delivery) -> None:
        if delivery.timer is not None:
            delivery.timer.cancel()
        delivery.settled.set()
        self._journal.changed()

    def _retry(self, delivery: Delivery) -> None:
        if delivery.type == "events_api" and delivery.attempt < RETRIES:
            self.later(self._retry_after(self._timing.retry_delays[delivery.attempt], delivery))

    async def _retry_after(self, seconds: float, delivery: Delivery) -> None:
        await asyncio.sleep(seconds)
        self.again(delivery)


def name_of(delivery: Delivery) -> str:
    """Says which delivery, for people."""
    payload = delivery.payload
    kind = payload.get("event", payload).get("type") or payload.get("command")
    return f"{delivery.type} {kind} {delivery.envelope_id} attempt {delivery.attempt}"
