"""`mailmedic serve` as a process in the stand-in for Slack: started, killed, started again."""

import asyncio
import json
import signal
import threading
from asyncio.subprocess import Process
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cli_process import Mailmedic
from servers.faultserver import Connection
from standin import Call, Delivery, StandIn

from bot.model.case import Session, ThreadKey
from bot.store.casebook import SqliteCasebook
from bot.transports.slack.places import thread_key

__all__ = ["Gate", "Ledger", "Serving", "posted", "thread_of"]

_TEAM = "T0STANDIN"
_LOOK = 0.03  # seconds between two looks at the file, which tells nobody that it changed


def thread_of(channel: str, ts: str) -> ThreadKey:
    """The desk's key of a thread."""
    return thread_key(_TEAM, channel, ts)


def posted(slack: StandIn) -> list[Call]:
    """Every message that was posted, whether the bot learnt of that or not."""
    return [
        call for call in slack.calls if call.method == "chat.postMessage" and call.answer.get("ok")
    ]


@dataclass(frozen=True, slots=True)
class Gate:
    """A step of a mail server's script: nothing happens until the test opens it."""

    opened: threading.Event = field(default_factory=threading.Event)

    def __call__(self, connection: Connection) -> None:
        """Waits."""
        while not (self.opened.wait(0.02) or connection.stopped.is_set()):
            continue


class Serving:
    """One process. It may be started again after its end."""

    def __init__(self, mailmedic: Mailmedic, slack: StandIn, **settings: str) -> None:
        self._command = mailmedic.command("serve")
        self._home = mailmedic.home
        self._slack = slack
        self._environment = {
            **mailmedic.environment(),
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
            "SLACK_API_URL": slack.api_url,
            **settings,
        }
        self._process: Process | None = None
        self._log = mailmedic.home / f"serve-{id(self)}.log"

    @property
    def is_running(self) -> bool:
        """Whether the process has not ended."""
        return self._process is not None and self._process.returncode is None

    @property
    def log(self) -> str:
        """All that the processes wrote to stdout and stderr."""
        return self._log.read_text("utf-8") if self._log.exists() else ""

    @property
    def records(self) -> list[dict[str, Any]]:
        """The records of the log; what is no record is left out."""
        lines = [line for line in self.log.splitlines() if line.startswith("{")]
        return [json.loads(line) for line in lines]

    async def launch(self) -> None:
        """Starts the process and waits for nothing."""
        assert not self.is_running
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._command, cwd=self._home, env=self._environment, stdout=log, stderr=log
            )

    async def start(self) -> int:
        """Starts it; returns the number of its socket when Slack can reach it."""
        before = set(self._slack.sockets)
        await self.launch()
        await self._slack.until(lambda: set(self._slack.sockets) - before, timeout=20)
        return max(self._slack.sockets)

    async def logged(self, words: str) -> None:
        """Returns when those words stand in the log, which tells nobody that it grew."""
        async with asyncio.timeout(20):
            while True:
                if words in self.log:
                    return
                await asyncio.sleep(_LOOK)

    async def kill(self) -> None:
        """`kill -9`; returns when it is gone."""
        process = self._process
        if process is not None and process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    def terminate(self) -> None:
        """Asks it to end."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)

    async def ended(self, within: float = 25) -> int:
        """Its exit code."""
        assert self._process is not None
        return await asyncio.wait_for(self._process.wait(), within)


class Ledger:
    """What is in the database file, by the store's own words.

    It is opened for each look: a process that was killed must find the file as it left it.
    """

    def __init__(self, slack: StandIn, path: Path) -> None:
        self._slack = slack
        self.path = path

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[SqliteCasebook]:
        """The casebook, for one look."""
        casebook = await SqliteCasebook.open(self.path)
        try:
            yield casebook
        finally:
            await casebook.close()

    async def session(self, channel: str, ts: str) -> Session | None:
        """Where the case of a thread stands."""
        async with self.opened() as casebook:
            return await casebook.session(thread_of(channel, ts))

    async def until(self, holds: Callable[[Session], object], channel: str, ts: str) -> Session:
        """The session of a thread, as soon as that holds for it."""
        async with asyncio.timeout(15), self.opened() as casebook:
            while True:
                session = await casebook.session(thread_of(channel, ts))
                if session is not None and holds(session):
                    return session
                await asyncio.sleep(_LOOK)

    async def quiet(self, within: float = 30) -> None:
        """Returns when Slack has delivered everything and the bot has nothing left to do."""
        left: object = None
        try:
            async with asyncio.timeout(within):
                while True:
                    left = [*_undelivered(self._slack), *await self._left()]
                    if not left:
                        return
                    await asyncio.sleep(_LOOK)
        except TimeoutError:
            raise AssertionError(f"never quiet: {left}\n{self._slack.dump()}") from None

    async def _left(self) -> list[object]:
        async with self.opened() as casebook:
            return [  # in the order in which one leads to the next, so that none slips by
                *await casebook.unhandled(),
                *await casebook.checking(),
                *await casebook.waiting(),
            ]


def _undelivered(slack: StandIn) -> list[str]:
    """The deliveries that are on their way, and those that will come again."""
    tries = Counter((_name(one), one.attempt) for one in slack.deliveries)
    lost = Counter(
        (_name(one), one.attempt + 1)
        for one in slack.deliveries
        if _is_lost(one) and one.type == "events_api" and one.attempt < 3
    )
    under_way = [one for one in slack.deliveries if one.acked_at is None and not _is_lost(one)]
    return [
        *(f"{one.type} {_name(one)}" for one in under_way),
        *(
            f"{name} again"
            for (name, attempt), times in lost.items()
            if times > tries[name, attempt]
        ),
    ]


def _name(one: Delivery) -> str:
    return str(one.payload.get("event_id") or one.envelope_id)


def _is_lost(one: Delivery) -> bool:
    return one.acked_at is None and one.sent_at is not None and one.is_overdue
