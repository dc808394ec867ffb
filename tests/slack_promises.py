"""What the bot promises after any crash, looked up in Slack and in its own file."""

import sqlite3
from collections import Counter
from collections.abc import Collection, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from slack_process import posted, thread_of
from slack_scene import Scene, actions
from standin import Message

from bot.conversation.replies import HUMAN
from bot.model.case import State
from bot.transports.slack.ids import choose_id

__all__ = ["LiveButton", "Thread", "keeps_its_promises", "press_all"]

_STALE = "That button belongs to an earlier"


@dataclass(frozen=True, slots=True)
class Thread:
    """A complaint that Slack was told is taken."""

    user: str
    channel: str
    ts: str


@dataclass(frozen=True, slots=True)
class LiveButton:
    """A button that must still do something."""

    thread: Thread
    message_ts: str
    action_id: str


async def keeps_its_promises(scene: Scene) -> list[LiveButton]:
    """Fails where a promise is broken; returns a button of every case that is open."""
    assert _twice(_key_of(message) for message in _of_bot(scene)) == {}
    repeated = _repeated_texts(scene)
    assert repeated == {}, repeated
    assert _threads_with_two_cases(scene) == []
    buttons: list[LiveButton] = []
    async with scene.ledger.opened() as casebook:
        assert list(await casebook.waiting()) == []
        assert list(await casebook.unhandled()) == []
        for thread in _complaints(scene):
            session = await casebook.session(thread_of(thread.channel, thread.ts))
            assert session is not None, f"no case of {thread}"
            assert session.opened is not None, f"no case of {thread}"
            assert scene.said(thread.channel, thread.ts), f"nothing was said in {thread}"
            if session.state is not State.CLOSED:
                buttons.append(_live_button(scene, thread))
    return buttons


async def press_all(scene: Scene, buttons: Collection[LiveButton]) -> None:
    """Presses every button; each of them is answered, and not as one that is stale."""
    for button in buttons:
        thread = button.thread
        before = len(scene.said(thread.channel, thread.ts))
        await scene.slack.clicks(thread.user, thread.channel, button.message_ts, button.action_id)
        said = await scene.answers(thread.channel, thread.ts, before + 1)
        assert not said[before].text.startswith(_STALE), button
    await scene.ledger.quiet()


def _of_bot(scene: Scene) -> list[Message]:
    channels = {call.answer["channel"] for call in posted(scene.slack)}
    return [one for name in channels for one in scene.slack.messages(name) if one.bot]


def _key_of(message: Message) -> str:
    return str((message.metadata or {}).get("event_payload", {}).get("key", message.ts))


def _twice(values: object) -> dict[object, int]:
    assert hasattr(values, "__iter__")
    return {value: number for value, number in Counter(values).items() if number > 1}


def _repeated_texts(scene: Scene) -> dict[object, int]:
    """Texts that stand in a thread more often than its people gave a reason for."""
    said = Counter(
        (call.answer["channel"], call.arguments.get("thread_ts"), call.arguments["text"])
        for call in posted(scene.slack)
    )
    pressed = Counter(
        (one.payload["channel"]["id"], one.payload["message"].get("thread_ts"))
        for one in scene.slack.deliveries
        if one.type == "interactive" and "actions" in one.payload
    )
    # A further message or a correction may be answered by what a check saw a moment ago.
    events = {
        one.payload["event_id"]: one.payload["event"]
        for one in scene.slack.deliveries
        if "event" in one.payload
    }
    written = Counter((str(one.get("channel")), _thread_in(one)) for one in events.values())
    return {
        (channel, ts, text): number
        for (channel, ts, text), number in said.items()
        if number > 1 + pressed[channel, ts] + max(0, written[str(channel), str(ts)] - 1)
    }


def _thread_in(event: Mapping[str, Any]) -> str:
    """The thread that a message, or the message that was changed, belongs to."""
    message = event.get("message") or event
    return str(message.get("thread_ts") or message.get("ts"))


def _complaints(scene: Scene) -> list[Thread]:
    """The messages that begin a thread, were acknowledged, and that nobody deleted."""
    found = {
        Thread(event["user"], event["channel"], event["ts"])
        for one in scene.slack.deliveries
        if one.acked_at is not None
        for event in (one.payload.get("event", {}),)
        if not {"subtype", "thread_ts", "bot_id"} & event.keys() and _is_addressed(event)
    }
    there = {
        (one.channel, one.ts)
        for name in {t.channel for t in found}
        for one in scene.slack.messages(name)
    }
    return sorted((one for one in found if (one.channel, one.ts) in there), key=lambda t: t.ts)


def _is_addressed(event: dict[str, object]) -> bool:
    return event.get("type") == "app_mention" or event.get("channel_type") == "im"


def _live_button(scene: Scene, thread: Thread) -> LiveButton:
    """A button of the last message: an answer if one is asked for, else a person."""
    last = scene.said(thread.channel, thread.ts)[-1]
    offered = actions(last)
    assert offered, f"no button under the last message of {thread}: {last.text!r}"
    others = [one for one in offered if one != choose_id(HUMAN) and "choose" in one]
    return LiveButton(thread, last.ts, (others or offered)[0])


def _threads_with_two_cases(scene: Scene) -> list[str]:
    with closing(sqlite3.connect(f"file:{scene.ledger.path}?mode=ro", uri=True)) as file:
        sql = "SELECT thread FROM cases GROUP BY thread HAVING count(*) > 1"
        return [row[0] for row in file.execute(sql)]
