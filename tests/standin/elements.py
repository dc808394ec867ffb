"""The elements and composition objects of Block Kit, with their limits.

docs.slack.dev/reference/block-kit/block-elements and .../composition-objects, page by page; the
names of the pages stand at each check.
"""

from collections.abc import Mapping

from standin.schema import (
    Check,
    Report,
    anything,
    boolean,
    by_type,
    items,
    number,
    object_of,
    one_of,
    string,
)

__all__ = ["ACTION", "CONTEXT", "IDENTIFIER", "INPUT", "SECTION", "mrkdwn_or_plain", "plain_text"]

IDENTIFIER = string(255)


def plain_text(most: int) -> Check:
    """composition-objects/text-object, where only plain_text is allowed."""
    return by_type({"plain_text": _text(most, {"emoji": boolean})})


def mrkdwn_or_plain(most: int) -> Check:
    """composition-objects/text-object."""
    return by_type(
        {
            "plain_text": _text(most, {"emoji": boolean}),
            "mrkdwn": _text(most, {"verbatim": boolean}),
        }
    )


def _text(most: int, optional: Mapping[str, Check]) -> Check:
    return object_of({"type": anything, "text": string(most)}, optional)


# composition-objects/confirmation-dialog-object
_CONFIRM = object_of(
    {
        "title": plain_text(100),
        "text": mrkdwn_or_plain(300),
        "confirm": plain_text(30),
        "deny": plain_text(30),
    },
    {"style": one_of("primary", "danger")},
)


def _option(text: Check, extra: Mapping[str, Check] | None = None) -> Check:
    """composition-objects/option-object: value 150 by the page, 75 by @slack/types."""
    return object_of(
        {"text": text, "value": string(150, doubtful=75)},
        {"description": mrkdwn_or_plain(75), **(extra or {})},
    )


_PLAIN_OPTION = _option(plain_text(75))
_MARKED_OPTION = _option(mrkdwn_or_plain(75))
_MENU_OPTION = _option(plain_text(75), {"url": string(3000)})

# composition-objects/option-group-object
_GROUP = object_of({"label": plain_text(75), "options": items(_PLAIN_OPTION, 100)})

# composition-objects/dispatch-action-configuration
_DISPATCH = object_of(
    {"trigger_actions_on": items(one_of("on_enter_pressed", "on_character_entered"), 2)}
)

_COMMON: dict[str, Check] = {
    "action_id": IDENTIFIER,
    "confirm": _CONFIRM,
    "focus_on_load": boolean,
}
_KIND: dict[str, Check] = {"type": anything}

# block-elements/button-element
_BUTTON = object_of(
    _KIND | {"text": plain_text(75)},
    {
        "action_id": IDENTIFIER,
        "url": string(3000),
        "value": string(2000),
        "style": one_of("primary", "danger"),
        "confirm": _CONFIRM,
        "accessibility_label": string(75),
    },
)

# block-elements/image-element
IMAGE = object_of(
    _KIND | {"alt_text": string(2000)}, {"image_url": string(3000), "slack_file": anything}
)


def _select(extra: Mapping[str, Check]) -> Check:
    """block-elements/select-menu-element and multi-select-menu-element, static options."""
    shape = object_of(
        _KIND,
        _COMMON
        | {
            "placeholder": plain_text(150),
            "options": items(_PLAIN_OPTION, 100),
            "option_groups": items(_GROUP, 100),
            **extra,
        },
    )

    def check(value: object, where: str, report: Report) -> None:
        shape(value, where, report)
        if isinstance(value, dict) and ("options" in value) == ("option_groups" in value):
            report.refuse("must define either `options` or `option_groups`", where)

    return check


_STATIC_SELECT = _select({"initial_option": _PLAIN_OPTION})
_MULTI_SELECT = _select(
    {"initial_options": items(_PLAIN_OPTION, 100), "max_selected_items": number(1)}
)

# block-elements/overflow-menu-element
_OVERFLOW = object_of(
    _KIND | {"options": items(_MENU_OPTION, 5)}, {"action_id": IDENTIFIER, "confirm": _CONFIRM}
)

# block-elements/radio-button-group-element
_RADIO = object_of(
    _KIND | {"options": items(_MARKED_OPTION, 10)}, _COMMON | {"initial_option": _MARKED_OPTION}
)

# block-elements/checkboxes-element
_CHECKBOXES = object_of(
    _KIND | {"options": items(_MARKED_OPTION, 10)},
    _COMMON | {"initial_options": items(_MARKED_OPTION, 10)},
)

# block-elements/plain-text-input-element
_PLAIN_TEXT_INPUT = object_of(
    _KIND,
    {
        "action_id": IDENTIFIER,
        "initial_value": string(3000, least=0),
        "multiline": boolean,
        "min_length": number(0, 3000),
        "max_length": number(1, 3000),
        "dispatch_action_config": _DISPATCH,
        "focus_on_load": boolean,
        "placeholder": plain_text(150),
    },
)

_INTERACTIVE: dict[str, Check] = {
    "button": _BUTTON,
    "static_select": _STATIC_SELECT,
    "overflow": _OVERFLOW,
    "radio_buttons": _RADIO,
    "checkboxes": _CHECKBOXES,
}

ACTION = by_type(_INTERACTIVE)  # blocks/actions-block
SECTION = by_type(_INTERACTIVE | {"multi_static_select": _MULTI_SELECT, "image": IMAGE})
INPUT = by_type(  # blocks/input-block
    {
        "plain_text_input": _PLAIN_TEXT_INPUT,
        "static_select": _STATIC_SELECT,
        "multi_static_select": _MULTI_SELECT,
        "radio_buttons": _RADIO,
        "checkboxes": _CHECKBOXES,
    }
)
CONTEXT = by_type(  # blocks/context-block; no limit for its text is written down but this works
    {
        "image": IMAGE,
        "plain_text": _text(3000, {"emoji": boolean}),
        "mrkdwn": _text(3000, {"verbatim": boolean}),
    }
)
