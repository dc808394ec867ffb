"""A message after one of its buttons was pressed: who chose what, and no way to choose again."""

from collections.abc import Iterator, Mapping, Sequence
from string import Formatter
from typing import Any

from slack_sdk.models.blocks import RichTextElement, RichTextElementParts

from bot.conversation.replies import HUMAN
from bot.model.foreign import printable
from bot.transports.slack.blocks import section_block, words
from bot.transports.slack.ids import choose_id
from bot.transports.slack.limits import (
    ELLIPSIS,
    LONGEST_LABEL,
    MOST_BLOCKS,
    Json,
    message_text,
    shortened,
)
from bot.transports.slack.rendering import Message

__all__ = ["chosen"]

_CONTROLS = frozenset({"actions", "input"})
_MARK = "✓"


def chosen(
    message: Mapping[str, Any], action_id: str, *, who: str, texts: Mapping[str, str]
) -> Message:
    """`message`, as Slack sends it with a press, after `action_id` was pressed by `who`.

    A person can still be asked for. That button loses its revision: the press has just begun
    another turn, and asking for a person is right in any of them.
    """
    blocks: Sequence[Json] = message.get("blocks") or ()
    buttons = list(_buttons(blocks))
    label = next((_label(one) for one in buttons if one.get("action_id") == action_id), ELLIPSIS)
    kept = [block for block in blocks if block.get("type") not in _CONTROLS][:MOST_BLOCKS]
    kept.append(section_block(*_told(texts["slack.chosen"], who, label)))
    kept += [{"type": "actions", "elements": [one]} for one in _human(buttons, action_id)]
    text = f"{_unescaped(str(message.get('text') or ''))}\n{_MARK} {label}"
    return Message(text=message_text(text), blocks=tuple(kept))


def _buttons(blocks: Sequence[Json]) -> Iterator[Json]:
    for block in blocks:
        if block.get("type") == "actions":
            yield from block.get("elements", ())


def _human(buttons: Sequence[Json], pressed: str) -> list[Json]:
    """The button that asks for a person, unless it was the one pressed."""
    human = choose_id(HUMAN)
    if pressed == human:
        return []
    wanted = [button for button in buttons if button.get("action_id") == human][:1]
    return [{name: button[name] for name in button if name != "value"} for button in wanted]


def _label(button: Json) -> str:
    shown = printable(str(button.get("text", {}).get("text", "")), keep="").strip()
    return shortened(shown, LONGEST_LABEL) or ELLIPSIS


def _told(template: str, who: str, label: str) -> Iterator[RichTextElement]:
    """The sentence with a mention in it, which Slack shows as the person's name."""
    for before, name, _, _ in Formatter().parse(template):
        if before:
            yield words(before)
        if name == "who":
            yield RichTextElementParts.User(user_id=who)
        elif name == "label":
            yield words(label)


def _unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
