"""The rich_text block with all that nests in it: docs.slack.dev/reference/block-kit/blocks."""

from collections.abc import Mapping

from standin.schema import (
    Check,
    anything,
    boolean,
    by_type,
    items,
    number,
    object_of,
    one_of,
    string,
)

__all__ = ["RICH_TEXT_PARTS"]

_KIND: dict[str, Check] = {"type": anything}
_TEXT_STYLE = object_of(
    {}, dict.fromkeys(("bold", "italic", "strike", "code", "underline"), boolean)
)
_MENTION_STYLE = object_of(
    {},
    dict.fromkeys(("bold", "italic", "strike", "highlight", "client_highlight", "unlink"), boolean),
)


def _part(
    required: Mapping[str, Check],
    optional: Mapping[str, Check] | None = None,
    style: Check | None = None,
) -> Check:
    return object_of({**_KIND, **required}, {"style": style or _MENTION_STYLE, **(optional or {})})


# rich-text-block, "Rich text element types"
_PARTS = by_type(
    {
        "text": _part({"text": string()}, style=_TEXT_STYLE),
        "link": _part(
            {"url": string(3000)}, {"text": string(), "unsafe": boolean}, style=_TEXT_STYLE
        ),
        "emoji": _part({"name": string()}, {"unicode": string(), "skin_tone": number(1, 6)}),
        "user": _part({"user_id": string()}),
        "usergroup": _part({"usergroup_id": string()}),
        "channel": _part({"channel_id": string()}),
        "team": _part({"team_id": string()}),
        "broadcast": _part({"range": one_of("here", "channel", "everyone")}),
        "color": _part({"value": string()}),
        "date": _part(
            {"timestamp": number(), "format": string()}, {"url": string(), "fallback": string()}
        ),
    }
)
_ELEMENTS = items(_PARTS, least=0)
_SECTION = object_of(_KIND | {"elements": _ELEMENTS})

RICH_TEXT_PARTS = by_type(
    {
        "rich_text_section": _SECTION,
        "rich_text_quote": object_of(_KIND | {"elements": _ELEMENTS}, {"border": number(0, 1)}),
        "rich_text_preformatted": object_of(
            _KIND | {"elements": _ELEMENTS}, {"border": number(0, 1), "language": string()}
        ),
        "rich_text_list": object_of(
            _KIND
            | {
                "style": one_of("bullet", "ordered"),
                "elements": items(by_type({"rich_text_section": _SECTION})),
            },
            {"indent": number(0, 8), "offset": number(), "border": number(0, 1)},
        ),
    }
)
