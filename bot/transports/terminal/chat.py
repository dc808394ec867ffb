"""One conversation in one process: what the person does goes to the desk, replies come back."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.desk.clock import SystemClock
from bot.desk.desk import Desk
from bot.desk.incoming import Incoming
from bot.desk.ports import Ending, Letter
from bot.model.case import Session, ThreadKey
from bot.model.evidence import StageEvent
from bot.model.plain import plain
from bot.model.reply import Reply

__all__ = ["Conversation", "Mailslot", "answer_document", "new_thread"]


def new_thread() -> ThreadKey:
    """A thread of its own for each process."""
    return ThreadKey(f"terminal:{uuid.uuid4()}")


class Mailslot:
    """A `Speaker` that keeps what is said until the transport takes it."""

    def __init__(self) -> None:
        self._said: list[Reply] = []

    async def say(self, letter: Letter) -> str:
        """Keeps the reply."""
        self.put(letter.reply)
        return letter.key

    async def find(self, letter: Letter) -> str | None:
        """Nothing: what an earlier process said is on no screen of ours."""

    def put(self, reply: Reply) -> None:
        """Keeps what the terminal itself has to say."""
        self._said.append(reply)

    def progress(self, letter: Letter, event: StageEvent) -> None:
        """Progress has no place in a line of JSON."""

    def progress_over(self, letter: Letter, ending: Ending, /) -> None:
        """Nor has its end."""

    def take(self) -> tuple[Reply, ...]:
        """What was said since it was last taken."""
        said, self._said = tuple(self._said), []
        return said


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """One thread at a desk, as one person in front of it."""

    desk: Desk
    clock: SystemClock
    thread: ThreadKey
    user: str

    async def say(self, text: str) -> None:
        """Says something; returns after all that follows from it, a check included."""
        await self._hear(replace(self._incoming(), text=text))

    async def choose(self, option: str) -> None:
        """Presses a button."""
        await self._hear(replace(self._incoming(), option=option))

    async def fill(self, values: Mapping[str, str]) -> None:
        """Fills in fields."""
        await self._hear(replace(self._incoming(), values=dict(values)))

    async def wait(self, by: timedelta) -> None:
        """Lets time pass without sleeping."""
        self.clock.advance(by)
        await self.desk.tick(self.thread)
        await self.desk.settle(self.thread)

    async def resume(self) -> None:
        """Goes on with an interrupted case."""
        await self.desk.resume(self.thread)
        await self.desk.settle(self.thread)

    def _incoming(self) -> Incoming:
        return Incoming(event_id=f"terminal:{uuid.uuid4()}", thread=self.thread, by=self.user)

    async def _hear(self, incoming: Incoming) -> None:
        await self.desk.hear(incoming)
        await self.desk.settle(self.thread)

    async def session(self) -> Session | None:
        """Where the thread stands; None before the first complaint."""
        return await self.desk.session(self.thread)


def answer_document(said: tuple[Reply, ...], session: Session | None) -> dict[str, object]:
    """What was said, and where the case stands: one line of the contract."""
    return {
        "messages": [_message(reply) for reply in said],
        "case": _case(session) if session is not None else None,
    }


def _message(reply: Reply) -> dict[str, object]:
    return {
        "text": plain(reply),
        "options": [{"id": option.id, "label": option.label} for option in reply.options],
        "fields": [
            {"id": blank.id, "label": blank.label, "kind": blank.kind} for blank in reply.fields
        ],
        "advice": [advice.id for advice in reply.advice],
    }


def _case(session: Session) -> dict[str, object]:
    verdict = session.diagnosis.verdict.code if session.diagnosis is not None else None
    return {
        "id": session.case,
        "state": session.state,
        "node": session.node,
        "verdict": verdict,
    }
