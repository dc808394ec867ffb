"""Options as buttons and fields as inputs, within what Slack takes."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

from slack_sdk.models.blocks import (
    ActionsBlock,
    ButtonElement,
    InputBlock,
    InputInteractiveElement,
    PlainTextInputElement,
    PlainTextObject,
    StaticSelectElement,
)
from slack_sdk.models.blocks import Option as Choice

from bot.conversation.replies import HUMAN
from bot.model.foreign import printable
from bot.model.reply import Field, FieldKind, Option, Reply
from bot.transports.slack import ids
from bot.transports.slack.limits import (
    BUTTONS_IN_ROW,
    ELLIPSIS,
    LONGEST_LABEL,
    MOST_CHOICES,
    Json,
    evenly,
    shortened,
)

__all__ = ["control_blocks"]

T = TypeVar("T")

_PRIMARY = "fixed"  # the one answer that everybody hopes for
_MOST_BUTTONS = 250
_MOST_FIELDS = 10
# Characters of all labels of a kind, so that text keeps a room of its own.
_ALL_LABELS = 2_500  # each is there twice, for the eye and for the screen reader
_ALL_CHOICES = 1_500


def control_blocks(
    reply: Reply, *, revision: int | None, key: str, texts: Mapping[str, str]
) -> list[Json]:
    """The blocks under the text: the blanks, then all buttons, a person's help last."""
    fields = _once(reply.fields, lambda field: ids.field_id(field.id))[:_MOST_FIELDS]
    options = _ordered(reply.options)
    longest = evenly(_ALL_LABELS, len(options), LONGEST_LABEL)
    buttons = [_button(option, revision, longest) for option in options]
    if fields:
        buttons.insert(0, _fill_button(revision, texts))
    blocks = list(_inputs(fields))
    for row, start in enumerate(range(0, len(buttons), BUTTONS_IN_ROW)):
        shown = buttons[start : start + BUTTONS_IN_ROW]
        block = ActionsBlock(block_id=ids.options_block(key, row), elements=shown)
        blocks.append(block.to_dict())
    return blocks


def _ordered(options: Iterable[Option]) -> list[Option]:
    """The options, each once, as many as there may be; asking for a person is never left out."""
    once = _once(options, lambda option: ids.choose_id(option.id))
    human = [option for option in once if option.id == HUMAN]
    others = [option for option in once if option.id != HUMAN]
    return [*others[: _MOST_BUTTONS - len(human)], *human]


def _once(values: Iterable[T], name: Callable[[T], str]) -> list[T]:
    """The first value of each name: Slack refuses two controls of one id."""
    known: dict[str, T] = {}
    for value in values:
        known.setdefault(name(value), value)
    return list(known.values())


def _button(option: Option, revision: int | None, longest: int) -> ButtonElement:
    label = _label(option.label, longest)
    return ButtonElement(
        text=_plain(label),
        action_id=ids.choose_id(option.id),
        value=None if revision is None else str(revision),
        style="primary" if option.id == _PRIMARY else None,
        accessibility_label=label,
    )


def _fill_button(revision: int | None, texts: Mapping[str, str]) -> ButtonElement:
    label = _label(texts["slack.fill"], LONGEST_LABEL)
    return ButtonElement(
        text=_plain(label),
        action_id=ids.Action.FILL,
        value=None if revision is None else str(revision),
        accessibility_label=label,
    )


def _inputs(fields: list[Field]) -> Iterator[Json]:
    choices = sum(len(field.options[:MOST_CHOICES]) for field in fields)
    longest = evenly(_ALL_CHOICES, choices, LONGEST_LABEL)
    for field in fields:
        block = InputBlock(
            label=_plain(_label(field.label, LONGEST_LABEL)),
            element=_element(field, longest),
            block_id=ids.field_id(field.id),
        )
        yield block.to_dict()


def _element(field: Field, longest: int) -> InputInteractiveElement:
    """A select for a choice, unless there is nothing to choose from; else a line to write in."""
    action = ids.field_id(field.id)
    if field.kind is not FieldKind.CHOICE or not field.options:
        return PlainTextInputElement(action_id=action)
    once = _once(field.options[:MOST_CHOICES], lambda option: ids.value_of(option.id))
    choices = [
        Choice(value=ids.value_of(option.id), text=_plain(_label(option.label, longest)))
        for option in once
    ]
    return StaticSelectElement(action_id=action, options=choices)


def _label(text: str, longest: int) -> str:
    """A label in one line; Slack refuses a blank one."""
    return shortened(printable(text, keep="").strip(), longest) or ELLIPSIS


def _plain(text: str) -> PlainTextObject:
    """Letters only: `:smile:` in what somebody else wrote is no picture."""
    return PlainTextObject(text=text, emoji=False)
