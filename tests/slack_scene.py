"""A workspace with people in it, and the bot as a process: the stage of the durability tests."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from cli_process import Mailmedic
from slack_process import Ledger, Serving
from standin import Delivery, Message, StandIn

from bot.transports.slack.ids import choose_id

__all__ = ["Scene", "actions", "scene"]

_MANIFEST = Path(__file__).parents[1] / "manifest.yml"
_SOON = (0.0, 0.2, 0.5)  # seconds before each redelivery; Slack takes minutes


@dataclass(slots=True)
class Scene:
    """Who and what is there."""

    slack: StandIn
    bot: Serving
    ledger: Ledger
    mailmedic: Mailmedic
    anna: str
    dm: str
    help: str
    more: list[Serving] = field(default_factory=list)

    def another_bot(self, **settings: str) -> Serving:
        """One more process on the same database."""
        self.more.append(Serving(self.mailmedic, self.slack, **settings))
        return self.more[-1]

    def said(self, channel: str, ts: str) -> list[Message]:
        """What the bot posted in a thread, oldest first."""
        return [one for one in self.slack.messages(channel, ts) if one.bot]

    async def answers(
        self, channel: str, ts: str, number: int = 1, within: float = 20
    ) -> list[Message]:
        """What the bot posted in a thread, once it is so many messages."""
        await self.slack.until(lambda: len(self.said(channel, ts)) >= number, within)
        return self.said(channel, ts)

    async def offer(self, channel: str, ts: str, option: str) -> Message:
        """The newest message of a thread that offers an option, once there is one."""
        await self.slack.until(lambda: self.offering(channel, ts, option), timeout=20)
        return self.offering(channel, ts, option)[-1]

    def offering(self, channel: str, ts: str, option: str) -> list[Message]:
        """The messages of a thread that offer an option."""
        return [one for one in self.said(channel, ts) if choose_id(option) in actions(one)]

    async def chooses(self, user: str, channel: str, ts: str, option: str) -> Delivery:
        """Presses the newest button of that option in a thread, once there is one."""
        message = await self.offer(channel, ts, option)
        return await self.slack.clicks(user, channel, message.ts, choose_id(option))

    async def acknowledged(self, text: str) -> None:
        """Returns when the delivery of a message with those words has been acknowledged."""
        await self.slack.until(
            lambda: any(
                one.acked_at is not None and text in str(one.payload.get("event", {}).get("text"))
                for one in self.slack.deliveries
            )
        )


def actions(message: Message) -> list[str]:
    """The ids of the buttons under a message."""
    rows = [block["elements"] for block in message.blocks if block["type"] == "actions"]
    return [str(button["action_id"]) for row in rows for button in row]


@asynccontextmanager
async def scene(
    mailmedic: Mailmedic, *, retry_delays: Sequence[float] = _SOON, **options: Any
) -> AsyncIterator[Scene]:
    """The stage, and nobody on it yet; at its end no rule of Slack's may have been broken."""
    manifest = yaml.safe_load(_MANIFEST.read_text("utf-8"))
    async with StandIn(manifest=manifest, retry_delays=retry_delays, **options) as slack:
        anna = slack.add_user("anna")
        set_up = Scene(
            slack=slack,
            bot=Serving(mailmedic, slack),
            ledger=Ledger(slack, mailmedic.home / "cases.db"),
            mailmedic=mailmedic,
            anna=anna,
            dm=slack.open_dm(anna),
            help=slack.add_channel("help", members=[anna]),
        )
        try:
            yield set_up
        finally:
            for bot in (set_up.bot, *set_up.more):
                await bot.kill()
        # An edit wakes nobody: whoever pressed a button is named in it as a person.
        broken = [one for one in slack.violations if not one.startswith("chat.update: unescaped")]
        assert broken == []
