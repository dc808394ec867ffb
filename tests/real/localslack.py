"""local-slack 0.1.8, a Slack for one machine that others made: started, driven and looked into.

It listens on all interfaces, so it is started only where nobody can reach it. A person's doings go
through its control API, which answers once the bot has acknowledged, or after five seconds.
"""

import asyncio
import json
import signal
import sys
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from servers.loopback import raise_loopback

__all__ = ["PATIENCE", "Json", "LocalSlack", "Program", "Thread", "is_cut_off"]

Json = dict[str, Any]

PATIENCE = 15.0  # seconds; everything takes a fraction of it
_LOOK = 0.05  # seconds between two looks: the control API tells nothing by itself
_BOT, _PERSON = "U0MAILMEDIC", "U0RITA"
_TOKENS = {"botToken": "xoxb-made-up", "appToken": "xapp-made-up"}
_IPV4_ROUTES, _IPV6_ROUTES = Path("/proc/net/route"), Path("/proc/net/ipv6_route")


def is_cut_off() -> bool:
    """Whether no way leads out of this network namespace, so that none leads in either."""
    if not _IPV4_ROUTES.exists():
        return False  # not known
    devices = [line.split()[0] for line in _lines(_IPV4_ROUTES)[1:]]
    if _IPV6_ROUTES.exists():
        devices += [line.split()[-1] for line in _lines(_IPV6_ROUTES)]
    return set(devices) <= {"lo"}


def _lines(path: Path) -> list[str]:
    return path.read_text("ascii").splitlines()


class Program:
    """A running program, and all that it says."""

    def __init__(self, process: asyncio.subprocess.Process, said: asyncio.StreamReader) -> None:
        self._process = process
        self._said = said
        self.heard = ""  # of it so far
        self._ends_by: signal.Signals | None = None

    @classmethod
    @asynccontextmanager
    async def running(
        cls, command: Sequence[str], home: Path, environment: Mapping[str, str]
    ) -> AsyncIterator["Program"]:
        """A program that ends with the block, one way or the other."""
        process = await asyncio.create_subprocess_exec(
            *command, cwd=home, env=environment, stdout=PIPE, stderr=STDOUT
        )
        assert process.stdout is not None
        program = cls(process, process.stdout)
        try:
            yield program
        finally:
            if process.returncode is None:
                process.kill()
            rest, _ = await process.communicate()
            # pytest shows it if the test fails.
            sys.stdout.write(f"{command[0]} said:\n{program.heard}{rest.decode()}")

    async def line(self, words: str) -> str:
        """The next line with `words`, once it is said."""
        async with asyncio.timeout(PATIENCE):
            while raw := await self._said.readline():
                self.heard += raw.decode()
                if words in raw.decode():
                    return raw.decode()
        raise AssertionError(f"it ended without {words!r}")

    def sends(self, one: signal.Signals) -> None:
        """Sends it a signal that will end it."""
        self._ends_by = one
        self._process.send_signal(one)

    async def ends(self, by: signal.Signals) -> tuple[int, str]:
        """Its exit code, and what it said to the end; `by` is what ends it, if nothing has."""
        if self._ends_by is None:
            self.sends(by)
        async with asyncio.timeout(PATIENCE):
            rest, _ = await self._process.communicate()
        assert self._process.returncode is not None
        self.heard += rest.decode()
        return self._process.returncode, self.heard


@dataclass(frozen=True, slots=True)
class Thread:
    """A message in a channel, and all that hangs on it."""

    channel: str
    ts: str


class LocalSlack:
    """A workspace with the bot, one person, a channel of both and a direct conversation."""

    direct, channel = "D0RITA", "C0HELP"
    mention = f"<@{_BOT}>"

    def __init__(self, address: str, session: aiohttp.ClientSession) -> None:
        self._address = address
        self._session = session
        self.settings = {
            "SLACK_API_URL": f"{address}/api/",
            "SLACK_BOT_TOKEN": _TOKENS["botToken"],
            "SLACK_APP_TOKEN": _TOKENS["appToken"],
        }

    @classmethod
    @asynccontextmanager
    async def running(cls, program: str, home: Path) -> AsyncIterator["LocalSlack"]:
        """A workspace that ends with the block."""
        assert is_cut_off(), "it would be open to the network"
        raise_loopback()
        config = home / "workspace.json"
        config.write_text(json.dumps(_workspace()), "utf-8")
        options = ("--config", str(config), "--port", "0", "--base-host", "127.0.0.1")
        command = (program, *options, "--files-dir", str(home / "files"))
        async with (
            Program.running(command, home, {"HOME": str(home)}) as server,
            aiohttp.ClientSession(raise_for_status=True) as session,
        ):
            line = await server.line("Control API:")
            yield cls(line.split()[-1].removesuffix("/_control"), session)

    async def says(self, text: str, where: Thread | str = direct) -> Thread:
        """The person writes: into a channel, where a thread begins, or into a thread."""
        if isinstance(where, Thread):
            await self._does("message", channel=where.channel, text=text, thread_ts=where.ts)
            return where
        said = await self._does("message", channel=where, text=text)
        return Thread(where, said["message"]["ts"])

    async def edits(self, thread: Thread, text: str) -> None:
        """The person changes the message on which a thread hangs."""
        await self._does("edit-message", channel=thread.channel, ts=thread.ts, text=text)

    async def commands(self, text: str) -> None:
        """The person types a slash command in the channel."""
        await self._does("command", channel=self.channel, command="/mailmedic", text=text)

    async def presses(self, thread: Thread, message: Json, label: str) -> None:
        """The person presses the button with that label."""
        block, button = next(
            (block, button)
            for block in message["blocks"]
            if block["type"] == "actions"
            for button in block["elements"]
            if button["text"]["text"] == label
        )
        action = button | {"block_id": block["block_id"]}
        await self._does("interact", channel=thread.channel, messageTs=message["ts"], action=action)

    async def said(self, thread: Thread) -> list[Json]:
        """The bot's messages in a thread, as they are now, oldest first."""
        found = await self._messages(thread.channel)
        return [one for one in found if one.get("thread_ts") == thread.ts and one["user"] == _BOT]

    async def answer(self, thread: Thread, words: str) -> Json:
        """The bot's message with `words` in a thread, once it is there."""
        return await self._until(thread.channel, words, thread_ts=thread.ts)

    async def told(self, words: str) -> Json:
        """The bot's message with `words` in the channel itself, once it is there."""
        return await self._until(self.channel, words, thread_ts=None)

    async def log(self) -> list[Json]:
        """All that went to the bot and came from it, oldest first."""
        found: list[Json] = (await self._ask("GET", "log"))["log"]
        return found

    async def _until(self, channel: str, words: str, *, thread_ts: str | None) -> Json:
        found: list[Json] = []
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    found = [one for one in await self._messages(channel) if one["user"] == _BOT]
                    for one in found:
                        if one.get("thread_ts") == thread_ts and words in one["text"]:
                            return one
                    await asyncio.sleep(_LOOK)
        except TimeoutError:
            shown = "\n".join(f"{one.get('thread_ts')} {one['text']}" for one in found)
            raise AssertionError(f"the bot did not say {words!r}:\n{shown}") from None

    async def _messages(self, channel: str) -> list[Json]:
        found: list[Json] = (await self._ask("GET", f"messages/{channel}"))["messages"]
        return found

    async def _does(self, what: str, **arguments: object) -> Json:
        return await self._ask("POST", what, {"user": _PERSON, **arguments})

    async def _ask(self, method: str, path: str, body: Json | None = None) -> Json:
        url = f"{self._address}/_control/{path}"
        async with self._session.request(method, url, json=body) as response:
            answer: Json = await response.json()
        return answer


def _workspace() -> Json:
    """The workspace as local-slack's configuration."""
    members = [_PERSON, _BOT]
    return {
        "workspace": {"teamId": "T0TEAM"},
        "apps": [{"appId": "A0MAILMEDIC", "botUserId": _BOT, "botName": "mailmedic", **_TOKENS}],
        "users": [{"id": _PERSON, "name": "rita"}],
        "channels": [
            {"id": LocalSlack.channel, "name": "help", "members": members},
            {"id": LocalSlack.direct, "name": "rita", "members": members, "is_im": True},
        ],
    }
