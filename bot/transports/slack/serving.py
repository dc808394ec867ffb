"""The bot in Slack from its start to its end.

Start: who are we, take up what was left, connect. End, at SIGTERM or SIGINT: take nothing more in,
let running checks and letters end within the grace, say of the rest that it was interrupted.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, TypeVar

from slack_sdk.web.async_client import AsyncWebClient

from bot.desk.desk import Desk
from bot.desk.incoming import COMMAND
from bot.desk.office import Office
from bot.desk.ports import Received
from bot.desk.reception import Reception
from bot.transports.slack.acknowledging import Acknowledgements
from bot.transports.slack.answering import Answerer
from bot.transports.slack.calling import (
    open_answering_session,
    open_client,
    open_session,
)
from bot.transports.slack.commands import Commands
from bot.transports.slack.connection import Connection, identified
from bot.transports.slack.listeners import Desks, build_app
from bot.transports.slack.placing import Placer
from bot.transports.slack.presses import Presses
from bot.transports.slack.progress import ProgressBoard
from bot.transports.slack.shortcuts import Shortcuts
from bot.transports.slack.speaker import SlackSpeaker
from bot.transports.slack.translating import Bot

__all__ = ["Claiming", "Slack", "serve"]

T = TypeVar("T")

_GRACE = timedelta(seconds=20)  # most hosts kill what has not ended 30 s after SIGTERM
_LAST_WORDS = timedelta(seconds=3)
_log = logging.getLogger(__name__)


class Claiming(Protocol):
    """The right to take up what an interrupted process left."""

    async def wait(self) -> None:
        """Returns when it is ours."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Slack:
    """How Slack is reached."""

    bot_token: str
    app_token: str
    api_url: str


async def serve(
    slack: Slack, office: Office, claim: Claiming, stop: asyncio.Event, ready: Callable[[], None]
) -> None:
    """Serves until `stop` is set; `ready` is called when Slack can reach us.

    Raises RefusedError for a token that Slack refuses.
    """
    async with open_session() as session, open_answering_session() as answering:
        client = open_client(slack.bot_token, slack.api_url, session)
        found = asyncio.create_task(identified(client))
        if not await _before(stop, found):
            return
        service = _Service(office, client, Answerer(answering), found.result())
        connection = Connection(service.app, slack.app_token, client, service.acknowledgements)
        taking_up = asyncio.create_task(service.recover(claim))
        try:
            if await _before(stop, asyncio.create_task(connection.open())):
                ready()
                await stop.wait()
        finally:
            await connection.close()
            taking_up.cancel()
            await service.stop()


class _Service:
    """All parts of a running bot."""

    def __init__(self, office: Office, client: AsyncWebClient, answerer: Answerer, me: Bot) -> None:
        texts = office.knowledge.texts
        self._board = ProgressBoard(client, texts)
        desk = Desk(office, SlackSpeaker(client, texts, self._board))
        self._placer = Placer(client, texts, me)
        self._reception = Reception(desk, office.casebook, office.clock, self._taken_up)
        self.acknowledgements = Acknowledgements()
        self._commands = Commands(office, answerer, self.acknowledgements)
        desks = Desks(
            reception=self._reception,
            presses=Presses(self._reception, self._board, answerer, texts, me),
            shortcuts=Shortcuts(self._reception, self._placer, client, texts),
            commands=self._commands,
        )
        self.app = build_app(client, me, desks)
        self._reception.open()

    async def recover(self, claim: Claiming) -> None:
        """Takes up what was left, as soon as no other process works at it."""
        await claim.wait()
        await self._reception.recover()

    async def _taken_up(self, received: Received) -> Received:
        """What the process before us had acknowledged and not yet placed, or not answered."""
        if received.kind == COMMAND:
            await self._commands.apologize(received)
            return received
        return await self._placer.placed_again(received)

    async def stop(self) -> None:
        """Ends what can be ended in time; the rest says so."""
        _log.info("stopping")
        within = _GRACE - _LAST_WORDS
        await asyncio.gather(self._commands.stop(within / 2), self._reception.stop(within))
        await self._board.close(_LAST_WORDS)


async def _before(stop: asyncio.Event, work: asyncio.Task[T]) -> bool:
    """Whether the work ended before we were to stop; what it raised is raised here."""
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({work, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if work.done():
        work.result()
        return True
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    return False
