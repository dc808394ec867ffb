"""Judges blocks and views as Slack does: docs.slack.dev/reference/block-kit/blocks."""

from collections.abc import Iterator

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block

from standin.elements import (
    ACTION,
    CONTEXT,
    IDENTIFIER,
    INPUT,
    SECTION,
    mrkdwn_or_plain,
    plain_text,
)
from standin.journal import Json
from standin.richtext import RICH_TEXT_PARTS
from standin.schema import (
    Check,
    Report,
    anything,
    boolean,
    by_type,
    items,
    object_of,
    one_of,
    string,
)

__all__ = ["BLOCKS_TOO_LONG", "elements_of", "judge_blocks", "judge_view", "total_text"]

# Undocumented; measured at about 13,200 characters (github.com/slackapi/bolt-js issue 2509).
BLOCKS_TOO_LONG = 13_200
_MARKDOWN_TOTAL = 12_000  # blocks/markdown-block: "cumulative limit ... 12,000 in a payload"

_KIND: dict[str, Check] = {"type": anything}
_ID: dict[str, Check] = {"block_id": IDENTIFIER}

# blocks/section-block
_SECTION_SHAPE = object_of(
    _KIND,
    _ID
    | {
        "text": mrkdwn_or_plain(3000),
        "fields": items(mrkdwn_or_plain(2000), 10),
        "accessory": SECTION,
        "expand": boolean,
    },
)


def _section(value: object, where: str, report: Report) -> None:
    _SECTION_SHAPE(value, where, report)
    if isinstance(value, dict) and "text" not in value and "fields" not in value:
        report.refuse("must define either `text` or `fields`", where)


_COMMON_BLOCKS: dict[str, Check] = {
    "section": _section,
    "divider": object_of(_KIND, _ID),
    "header": object_of(_KIND | {"text": plain_text(150)}, _ID | {"level": anything}),
    "actions": object_of(_KIND | {"elements": items(ACTION, 25)}, _ID),
    "context": object_of(_KIND | {"elements": items(CONTEXT, 10)}, _ID),
    "image": object_of(
        _KIND | {"alt_text": string(2000)},
        _ID | {"image_url": string(3000), "slack_file": anything, "title": plain_text(2000)},
    ),
    "rich_text": object_of(_KIND | {"elements": items(RICH_TEXT_PARTS)}, _ID),
    "input": object_of(
        _KIND | {"label": plain_text(2000), "element": INPUT},
        _ID | {"hint": plain_text(2000), "optional": boolean, "dispatch_action": boolean},
    ),
}
_MESSAGE_BLOCKS = _COMMON_BLOCKS | {"markdown": object_of(_KIND | {"text": string(12_000)}, _ID)}

_FOR_MESSAGES = items(by_type(_MESSAGE_BLOCKS), 50, least=0)
# docs.slack.dev/reference/views/modal-views
_FOR_VIEWS = object_of(
    {
        "type": one_of("modal"),
        "title": plain_text(24),
        "blocks": items(by_type(_COMMON_BLOCKS), 100, least=0),
    },
    {
        "submit": plain_text(24),
        "close": plain_text(24),
        "private_metadata": string(3000, least=0),
        "callback_id": string(255, least=0),
        "external_id": string(255, least=0),
        "clear_on_close": boolean,
        "notify_on_close": boolean,
        "submit_disabled": boolean,
    },
)


def judge_blocks(blocks: object) -> Report:
    """What is wrong with the blocks of a message."""
    report = Report()
    _FOR_MESSAGES(blocks, "/blocks", report)
    if not report.errors and isinstance(blocks, list):
        _judge_ids(blocks, "/blocks", report)
        _judge_whole_message(blocks, report)
        _ask_the_sdk(blocks, report)
    return report


def judge_view(view: object) -> Report:
    """What is wrong with a modal."""
    report = Report()
    _FOR_VIEWS(view, "/view", report)
    if not report.errors and isinstance(view, dict):
        blocks = view["blocks"]
        _judge_ids(blocks, "/view/blocks", report)
        _ask_the_sdk(blocks, report)
        if any(block["type"] == "input" for block in blocks) and "submit" not in view:
            report.refuse("missing required field: submit", "/view")
    return report


def elements_of(block: Json) -> Iterator[tuple[str, Json]]:
    """The elements of a block that can have an action_id, each with its place."""
    if block["type"] == "actions":
        for index, element in enumerate(block["elements"]):
            yield f"elements/{index}", element
    for name in ("accessory", "element"):
        if isinstance(block.get(name), dict):
            yield name, block[name]


def _judge_ids(blocks: list[Json], top: str, report: Report) -> None:
    """Block ids are unique in a message; action ids in their block (reference/block-kit)."""
    seen: set[str] = set()
    for index, block in enumerate(blocks):
        name = block.get("block_id")
        if name in seen:
            report.refuse(f"`block_id` {name} already exists", f"{top}/{index}/block_id")
        seen |= {name} if name else set()
        actions: set[str] = set()
        for place, element in elements_of(block):
            action = element.get("action_id")
            if action in actions:
                where = f"{top}/{index}/{place}/action_id"
                report.refuse(f"`action_id` {action} already exists for another element", where)
            actions |= {action} if action else set()


def _judge_whole_message(blocks: list[Json], report: Report) -> None:
    written = sum(len(block["text"]) for block in blocks if block["type"] == "markdown")
    if written > _MARKDOWN_TOTAL:
        report.refuse(f"must be less than {_MARKDOWN_TOTAL + 1} characters", "/blocks")
    seen: set[str] = set()
    for index, block in enumerate(blocks):
        for place, element in elements_of(block):
            action = element.get("action_id")
            if action in seen:
                where = f"/blocks/{index}/{place}/action_id"
                report.doubt(f"action_id {action} stands twice in one message", where)
        seen |= {
            element["action_id"] for _, element in elements_of(block) if "action_id" in element
        }


def _ask_the_sdk(blocks: list[Json], report: Report) -> None:
    """A second opinion; slack_sdk knows some limits that we may have wrong."""
    try:
        for block in Block.parse_all(blocks):
            block.to_dict()
    except (SlackObjectFormationError, TypeError) as error:
        report.refuse(f"slack_sdk: {error}", "/blocks")


def total_text(value: object) -> int:
    """The characters in all texts of blocks."""
    if isinstance(value, list):
        return sum(map(total_text, value))
    if isinstance(value, dict):
        own = value.get("text")
        mine = len(own) if isinstance(own, str) else 0
        return mine + sum(total_text(item) for item in value.values() if not isinstance(item, str))
    return 0
