"""The stand-in's judgement of blocks: n passes, n + 1 does not, in the words of Slack."""

from collections.abc import Callable
from typing import Any

import pytest
from standin.blockkit import judge_blocks, judge_view

Json = dict[str, Any]
Build = Callable[[int], list[Json]]


def plain(text: str) -> Json:
    """A plain_text object."""
    return {"type": "plain_text", "text": text}


def marked(text: str) -> Json:
    """A mrkdwn object."""
    return {"type": "mrkdwn", "text": text}


def x(length: int) -> str:
    """So many characters."""
    return "x" * length


def button(number: int = 0, **more: object) -> Json:
    """A button with an action_id of its own."""
    return {"type": "button", "text": plain("Go"), "action_id": f"go{number}", **more}


def actions(*elements: Json) -> list[Json]:
    """One actions block."""
    return [{"type": "actions", "elements": list(elements)}]


def option(number: int = 0, **more: object) -> Json:
    """An option."""
    return {"text": plain("x"), "value": f"v{number}", **more}


def select(**more: object) -> Json:
    """A menu."""
    return {"type": "static_select", "action_id": "s", "options": [option()], **more}


def section(**more: object) -> list[Json]:
    """One section."""
    return [{"type": "section", **more}]


def confirm(**more: object) -> Json:
    """A confirmation."""
    usual = {"title": plain("x"), "text": plain("x"), "confirm": plain("x"), "deny": plain("x")}
    return usual | more


def field(**more: object) -> list[Json]:
    """One input block."""
    element = {"type": "plain_text_input", "action_id": "i"}
    return [{"type": "input", "label": plain("x"), "element": element, **more}]


def options(count: int) -> list[Json]:
    """So many options."""
    return [option(number) for number in range(count)]


LIMITS: dict[str, tuple[int, Build]] = {
    "blocks": (50, lambda n: [{"type": "divider"}] * n),
    "block_id": (255, lambda n: [{"type": "divider", "block_id": x(n)}]),
    "header": (150, lambda n: [{"type": "header", "text": plain(x(n))}]),
    "section text": (3000, lambda n: section(text=marked(x(n)))),
    "section fields": (10, lambda n: section(fields=[marked("x")] * n)),
    "section field": (2000, lambda n: section(fields=[marked(x(n))])),
    "actions": (25, lambda n: actions(*(button(number) for number in range(n)))),
    "action_id": (255, lambda n: actions(button(action_id=x(n)))),
    "button text": (75, lambda n: actions(button(text=plain(x(n))))),
    "button value": (2000, lambda n: actions(button(value=x(n)))),
    "button url": (3000, lambda n: actions(button(url=x(n)))),
    "button label": (75, lambda n: actions(button(accessibility_label=x(n)))),
    "confirm title": (100, lambda n: actions(button(confirm=confirm(title=plain(x(n)))))),
    "confirm text": (300, lambda n: actions(button(confirm=confirm(text=plain(x(n)))))),
    "confirm button": (30, lambda n: actions(button(confirm=confirm(deny=plain(x(n)))))),
    "context": (10, lambda n: [{"type": "context", "elements": [marked("x")] * n}]),
    "options": (100, lambda n: actions(select(options=options(n)))),
    "option text": (75, lambda n: actions(select(options=[option(text=plain(x(n)))]))),
    "option note": (75, lambda n: actions(select(options=[option(description=plain(x(n)))]))),
    "placeholder": (150, lambda n: actions(select(placeholder=plain(x(n))))),
    "overflow": (5, lambda n: section(text=marked("x"), accessory=menu("overflow", n))),
    "radio": (10, lambda n: actions(menu("radio_buttons", n))),
    "checkboxes": (10, lambda n: actions(menu("checkboxes", n))),
    "image address": (3000, lambda n: [image(image_url=x(n))]),
    "image words": (2000, lambda n: [image(alt_text=x(n))]),
    "image title": (2000, lambda n: [image(title=plain(x(n)))]),
    "markdown": (12_000, lambda n: [{"type": "markdown", "text": x(n)}]),
    "input label": (2000, lambda n: field(label=plain(x(n)))),
    "input hint": (2000, lambda n: field(hint=plain(x(n)))),
    "max_length": (3000, lambda n: field(element=text_input(max_length=n))),
    "list indent": (8, lambda n: rich({"type": "rich_text_list", "indent": n, **BULLETS})),
}
BULLETS: Json = {"style": "bullet", "elements": [{"type": "rich_text_section", "elements": []}]}


def menu(kind: str, count: int) -> Json:
    """An element with options."""
    return {"type": kind, "action_id": "m", "options": options(count)}


def image(**more: object) -> Json:
    """An image block."""
    return {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "x", **more}


def text_input(**more: object) -> Json:
    """A text input."""
    return {"type": "plain_text_input", "action_id": "i", **more}


def rich(*elements: Json) -> list[Json]:
    """A rich_text block."""
    return [{"type": "rich_text", "elements": list(elements)}]


@pytest.mark.parametrize("name", LIMITS)
def test_a_limit_is_met_at_n_and_broken_at_one_more(name: str) -> None:
    """Each limit of Block Kit lets n pass and refuses n + 1."""
    most, build = LIMITS[name]

    assert judge_blocks(build(most)).errors == []
    assert judge_blocks(build(most + 1)).errors != []


VIEW_LIMITS: dict[str, tuple[int, Callable[[int], Json]]] = {
    "title": (24, lambda n: view(title=plain(x(n)))),
    "submit": (24, lambda n: view(submit=plain(x(n)))),
    "close": (24, lambda n: view(close=plain(x(n)))),
    "blocks": (100, lambda n: view(blocks=[{"type": "divider"}] * n)),
    "private_metadata": (3000, lambda n: view(private_metadata=x(n))),
    "callback_id": (255, lambda n: view(callback_id=x(n))),
}


def view(**more: object) -> Json:
    """A modal."""
    return {"type": "modal", "title": plain("x"), "blocks": [], **more}


@pytest.mark.parametrize("name", VIEW_LIMITS)
def test_a_limit_of_modals_is_met_at_n_and_broken_at_one_more(name: str) -> None:
    """Each limit of a modal lets n pass and refuses n + 1."""
    most, build = VIEW_LIMITS[name]

    assert judge_view(build(most)).errors == []
    assert judge_view(build(most + 1)).errors != []


TAKEN = "already exists for another element"
DEEP = "/elements/0/elements/0"
LOUD: Json = {"type": "text", "text": "x", "style": {"loud": True}}
WRONG: dict[str, tuple[list[Json], str]] = {
    "unknown block": (
        [{"type": "poster"}],
        "unsupported type: poster [json-pointer:/blocks/0/type]",
    ),
    "no type": ([{}], "missing required field: type [json-pointer:/blocks/0]"),
    "unknown property": (
        [{"type": "divider", "colour": "red"}],
        "invalid additional property: colour [json-pointer:/blocks/0]",
    ),
    "empty text": (
        section(text=marked("")),
        "must be more than 0 characters [json-pointer:/blocks/0/text/text]",
    ),
    "neither text nor fields": (
        section(),
        "must define either `text` or `fields` [json-pointer:/blocks/0]",
    ),
    "long button": (
        [{"type": "divider"}, *actions(button(), button(1, text=plain(x(76))))],
        "must be less than 76 characters [json-pointer:/blocks/1/elements/1/text/text]",
    ),
    "marked button": (
        actions(button(text=marked("x"))),
        "unsupported type: mrkdwn [json-pointer:/blocks/0/elements/0/text/type]",
    ),
    "unknown style": (
        actions(button(style="warning")),
        "must be a valid enum value [json-pointer:/blocks/0/elements/0/style]",
    ),
    "no blocks": (
        [{"type": "actions", "elements": []}],
        "no less than 1 items allowed [json-pointer:/blocks/0/elements]",
    ),
    "block_id twice": (
        [{"type": "divider", "block_id": "a"}, {"type": "divider", "block_id": "a"}],
        "`block_id` a already exists [json-pointer:/blocks/1/block_id]",
    ),
    "action_id twice": (
        [*section(text=marked("x")), *actions(button(), button())],
        f"`action_id` go0 {TAKEN} [json-pointer:/blocks/1/elements/1/action_id]",
    ),
    "unknown rich text": (
        rich({"type": "rich_text_section", "elements": [{"type": "shout"}]}),
        "unsupported type: shout [json-pointer:/blocks/0/elements/0/elements/0/type]",
    ),
    "unknown rich style": (
        rich({"type": "rich_text_section", "elements": [LOUD]}),
        f"invalid additional property: loud [json-pointer:/blocks/0{DEEP}/style]",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_is_named_with_its_place(name: str) -> None:
    """A refusal says what and where, as Slack says it."""
    blocks, words = WRONG[name]

    assert words in judge_blocks(blocks).errors


def test_doubts_are_no_refusals() -> None:
    """The same action_id in two blocks, and a long option value, pass with a doubt."""
    twice = judge_blocks([*actions(button()), *actions(button())])
    long = judge_blocks(actions(select(options=[option(value=x(76))])))

    assert (len(twice.doubts), twice.errors) == (1, [])
    assert (len(long.doubts), long.errors) == (1, [])


def test_everything_that_rich_text_has_is_known() -> None:
    """All elements of rich_text pass, nested as Slack nests them."""
    words = {"type": "text", "text": "x", "style": {"bold": True, "code": True}}
    link = {"type": "link", "url": "https://example.com", "text": "x"}
    rest = [
        {"type": "emoji", "name": "eyes"},
        {"type": "user", "user_id": "U1"},
        {"type": "channel", "channel_id": "C1"},
        {"type": "date", "timestamp": 1, "format": "{date}", "fallback": "x"},
    ]
    part = {"type": "rich_text_section", "elements": [words, link, *rest]}
    blocks = rich(
        part,
        {"type": "rich_text_list", "style": "ordered", "offset": 3, "elements": [part]},
        {"type": "rich_text_preformatted", "border": 0, "elements": [words]},
        {"type": "rich_text_quote", "elements": [words]},
    )

    assert judge_blocks(blocks).errors == []


def test_a_modal_with_an_input_needs_a_submit() -> None:
    """An input without a submit button is refused."""
    assert judge_view(view(blocks=field())).errors == [
        "missing required field: submit [json-pointer:/view]"
    ]
    assert judge_view(view(blocks=field(), submit=plain("x"))).errors == []
