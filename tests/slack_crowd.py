"""People who complain at random, all at once, while the bot dies and comes back."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from slack_scene import Scene, actions
from standin import Message

from bot.conversation.replies import HUMAN
from bot.transports.slack.ids import choose_id

__all__ = ["Crowd"]

_PATIENCE = 20.0  # seconds that somebody waits for an answer, over a restart

Habit = Callable[["_Person"], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class _Person:
    """Somebody, where they write, and the servers that they have trouble with."""

    scene: Scene
    dice: random.Random
    user: str
    dm: str
    ports: tuple[int, ...]

    def complaint(self) -> str:
        """Words that name a server of ours."""
        port = self.dice.choice(self.ports)
        return f"can't send email, Outlook says 0x800CCC0E, server 127.0.0.1 port {port}"

    async def writes(self, text: str) -> str:
        """A complaint as a direct message; its timestamp."""
        return await self.scene.slack.says(self.user, self.dm, text)

    async def presses(self, channel: str, ts: str, *, wanted: str | None = None) -> Message:
        """Presses a button of the last message as soon as it has some; the message."""
        slack = self.scene.slack
        found: list[tuple[Message, str]] = []

        def there() -> bool:
            found[:] = [
                (message, action)
                for message in self.scene.said(channel, ts)[-1:]
                for action in actions(message)
                if ":choose:" in action and wanted in {None, action}
            ]
            return bool(found)

        await slack.until(there, timeout=_PATIENCE)
        message, action = self.dice.choice(found)
        await slack.clicks(self.user, channel, message.ts, action)
        return message


async def _complains(person: _Person) -> None:
    ts = await person.writes(person.complaint())
    await person.presses(person.dm, ts, wanted=choose_id("still_broken"))


async def _double_clicks(person: _Person) -> None:
    ts = await person.writes(person.complaint())
    action = choose_id("still_broken")
    message = await person.scene.offer(person.dm, ts, "still_broken")
    clicks = (
        person.scene.slack.clicks(person.user, person.dm, message.ts, action) for _ in range(2)
    )
    await asyncio.gather(*clicks)


async def _asks_for_a_person(person: _Person) -> None:
    ts = await person.writes(person.complaint())
    await person.presses(person.dm, ts, wanted=choose_id(HUMAN))


async def _corrects(person: _Person) -> None:
    ts = await person.writes(person.complaint())
    await asyncio.sleep(person.dice.random() * 0.2)
    await person.scene.slack.edits(person.dm, ts, person.complaint())


async def _withdraws(person: _Person) -> None:
    ts = await person.writes(person.complaint())
    await asyncio.sleep(person.dice.random() * 0.2)
    await person.scene.slack.deletes(person.dm, ts)


async def _mentions(person: _Person) -> None:
    scene, channel = person.scene, person.scene.help
    text = f"<@{scene.slack.bot_user}> my mail does not go out, {person.user} here"
    ts = await scene.slack.says(person.user, channel, text)
    await person.presses(channel, ts)
    follow_up = person.complaint()
    await scene.slack.says(person.user, channel, follow_up, thread_ts=ts)


async def _is_in_a_hurry(person: _Person) -> None:
    ts = await person.writes("my mail does not go out")
    await person.scene.slack.says(person.user, person.dm, person.complaint(), thread_ts=ts)


_HABITS: tuple[Habit, ...] = (
    _complains,
    _double_clicks,
    _asks_for_a_person,
    _corrects,
    _withdraws,
    _mentions,
    _is_in_a_hurry,
)


class Crowd:
    """Everybody. What they do and when the bot dies follows from the dice."""

    def __init__(self, scene: Scene, dice: random.Random, ports: tuple[int, ...]) -> None:
        self._scene = scene
        self._dice = dice
        self._ports = ports

    async def one_round(self) -> None:
        """Some people talk, the bot dies in between and is started; all have said their part."""
        slack = self._scene.slack
        slack.duplicate = self._dice.choice((1, 1, 1, 2, 3))
        self._trouble()
        talking = [asyncio.create_task(self._talks()) for _ in range(self._dice.randint(3, 7))]
        dying = asyncio.create_task(self._dies())
        await asyncio.gather(dying, *talking)
        slack.duplicate = 1

    async def _talks(self) -> None:
        slack, dice = self._scene.slack, self._dice
        await asyncio.sleep(dice.random() * 0.3)
        user = slack.add_user("somebody")
        slack._workspace.channels[self._scene.help].members.add(user)
        person = _Person(self._scene, dice, user, slack.open_dm(user), self._ports)
        await dice.choice(_HABITS)(person)
        if dice.random() < 0.3:
            again = dice.choice(slack.deliveries)
            if again.sent_at is not None:
                await slack.redeliver(again)

    def _trouble(self) -> None:
        """Something that stretches a moment, so that death may come in the middle of it."""
        slack, dice = self._scene.slack, self._dice
        method = dice.choice(("chat.postMessage", "chat.postMessage", "chat.update"))
        match dice.randrange(6):
            case 0:
                slack.slow(method, dice.random() * 0.8)
            case 1:
                slack.cut(method, after_effect=dice.random() < 0.7)
            case 2:
                slack.fail(method, after_effect=dice.random() < 0.7)
            case _:
                pass

    async def _dies(self) -> None:
        for _ in range(self._dice.choice((1, 1, 1, 2, 3))):
            await self._moment()
            await self._scene.bot.kill()
            if self._dice.random() < 0.3:  # and in the middle of the next start
                await self._scene.bot.launch()
                await asyncio.sleep(self._dice.uniform(0.2, 1.0))
                await self._scene.bot.kill()
            await self._scene.bot.start()

    async def _moment(self) -> None:
        slack, dice = self._scene.slack, self._dice
        number = dice.randint(1, 12)
        posts = _count_calls(self._scene, "chat.postMessage") + number
        updates = _count_calls(self._scene, "chat.update") + number
        acks = _count_acks(self._scene) + number
        moments: tuple[Callable[[], bool], ...] = (
            lambda: _count_calls(self._scene, "chat.postMessage") >= posts,
            lambda: _count_calls(self._scene, "chat.update") >= updates,
            lambda: _count_acks(self._scene) >= acks,
        )
        choice = dice.randrange(4)
        patience = 0.6 if choice < len(moments) else dice.random() * 0.8
        try:
            holds = moments[choice] if choice < len(moments) else lambda: False
            await slack._journal.until(holds, patience)
        except TimeoutError:
            return


def _count_calls(scene: Scene, method: str) -> int:
    return sum(one.method == method for one in scene.slack.calls)


def _count_acks(scene: Scene) -> int:
    return sum(one.acked_at is not None for one in scene.slack.deliveries)
