"""The bot in Slack within the test's own process: real Bolt, real wire, real store and checks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from standin import Message, StandIn

from bot.desk.allowance import Allowance
from bot.desk.checks import Checks
from bot.desk.clock import SystemClock
from bot.desk.office import Office
from bot.desk.run import CheckLimits
from bot.knowledge.schema import Knowledge
from bot.model.case import Session, ThreadKey
from bot.probes.prober import NetworkProber
from bot.store.casebook import SqliteCasebook
from bot.store.claim import Claim
from bot.transports.slack.ids import choose_id
from bot.transports.slack.places import thread_key
from bot.transports.slack.serving import Slack, serve

__all__ = ["Bot", "buttons", "plain_text", "serving"]

_TEAM = "T0STANDIN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bot:
    """A bot that serves, and the Slack that it is in."""

    slack: StandIn
    office: Office

    async def session(self, channel: str, ts: str) -> Session | None:
        """Where the case of a thread stands."""
        return await self.office.casebook.session(self.thread(channel, ts))

    def thread(self, channel: str, ts: str) -> ThreadKey:
        """The desk's key of a thread."""
        return thread_key(_TEAM, channel, ts)

    def said(self, channel: str, ts: str) -> list[Message]:
        """What the bot posted in a thread, oldest first."""
        return [one for one in self.slack.messages(channel, ts) if one.bot]

    async def answers(self, channel: str, ts: str, number: int = 1) -> list[Message]:
        """What the bot posted in a thread, once it is so many messages."""
        await self.slack.until(lambda: len(self.said(channel, ts)) >= number, timeout=15)
        return self.said(channel, ts)

    async def chooses(self, user: str, channel: str, ts: str, option: str) -> None:
        """Presses the newest button of that option in a thread."""
        offering = [one for one in self.said(channel, ts) if option in buttons(one)]
        await self.slack.clicks(user, channel, offering[-1].ts, choose_id(option))


@asynccontextmanager
async def serving(
    slack: StandIn,
    database: Path,
    prober: NetworkProber,
    knowledge: Knowledge,
    *,
    checks_per_hour: int | None = None,
) -> AsyncIterator[Bot]:
    """A bot that serves until the end of the block, on a store at `database`."""
    clock = SystemClock()
    limits = CheckLimits(deadline=timedelta(seconds=5), alternatives=())
    office = Office(
        casebook=await SqliteCasebook.open(database),
        checks=Checks(prober, clock, limits),
        clock=clock,
        knowledge=knowledge,
        allowance=Allowance(checks_per_hour),
    )
    tokens = Slack(bot_token=slack.bot_token, app_token=slack.app_token, api_url=slack.api_url)
    stop, claim = asyncio.Event(), Claim(database)
    task = asyncio.create_task(serve(tokens, office, claim, stop, lambda: None))
    try:
        await slack.connected()
        yield Bot(slack=slack, office=office)
        # What is on its way when a bot stops comes again, and here nobody waits for that.
        await slack.idle()
    finally:
        stop.set()
        await task
        claim.release()
        await office.casebook.close()


def buttons(message: Message) -> list[str]:
    """The ids of the options that a message offers."""
    rows = [block["elements"] for block in message.blocks if block["type"] == "actions"]
    prefix = choose_id("x")[:-1]
    return [one["action_id"].removeprefix(prefix) for row in rows for one in row]


def plain_text(message: Message) -> str:
    """The fallback text as people read it."""
    return message.text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
