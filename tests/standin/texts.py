"""Slack's text format: what a client makes of typed words, and what a bot must not write.

docs.slack.dev/messaging/formatting-message-text
"""

import re
from collections.abc import Iterator

from standin.journal import Json

__all__ = ["rich_text", "text_breaches", "typed"]

_ADDRESS = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
_HOST = r"(?:https?://)?(?:[a-z0-9-]+\.)+(?:com|net|org|example|test|de|io)(?::\d+)?(?:/\S*)?"
_LINKED = re.compile(rf"(?P<address>{_ADDRESS})|(?P<host>\b{_HOST})", re.IGNORECASE)
_MARKUP = re.compile(r"<([^<>]+)>")

# Mentions that wake people up; in a bot's text they come from words that it did not escape.
_LOUD = re.compile(r"<(?:!channel|!here|!everyone|!subteam\^|@[UW])")
_RECOMMENDED = 4_000  # docs.slack.dev/reference/methods/chat.postMessage, "Truncating content"


def typed(words: str) -> str:
    """The text that Slack delivers when somebody types `words`: escaped, addresses as links."""
    escaped = words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _LINKED.sub(_link, escaped)


def _link(found: re.Match[str]) -> str:
    what = found.group()
    if found["address"]:
        return f"<mailto:{what}|{what}>"
    return f"<{what}>" if what.startswith("http") else f"<http://{what}|{what}>"


def rich_text(text: str) -> Json:
    """The rich_text block that Slack puts next to the text of a person's message."""
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": list(_parts(text))}],
    }


def _parts(text: str) -> Iterator[Json]:
    position = 0
    for found in _MARKUP.finditer(text):
        if found.start() > position:
            yield _words(text[position : found.start()])
        yield _entity(found.group(1))
        position = found.end()
    if position < len(text) or not text:
        yield _words(text[position:])


def _words(text: str) -> Json:
    plain = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return {"type": "text", "text": plain}


def _entity(inside: str) -> Json:
    target, _, label = inside.partition("|")
    if target.startswith("@"):
        return {"type": "user", "user_id": target[1:]}
    if target.startswith("#"):
        return {"type": "channel", "channel_id": target[1:]}
    if target.startswith("!"):
        return {"type": "broadcast", "range": target[1:]}
    return {"type": "link", "url": target} | ({"text": label} if label else {})


def text_breaches(text: str | None, blocks: list[Json]) -> Iterator[str]:
    """What Slack would swallow and people would not like.

    A text next to blocks is what notifications and screen readers use
    (docs.slack.dev/messaging, "accessibility").
    """
    if blocks and not text:
        yield "no text fallback next to blocks"
    if text and len(text) > _RECOMMENDED:
        yield f"text fallback of {len(text)} characters; more than {_RECOMMENDED} get truncated"
    for words in (text or "", *_marked_up(blocks)):
        for found in _LOUD.finditer(words):
            yield f"unescaped mention {found.group()} in {words[:80]!r}"


def _marked_up(value: object) -> Iterator[str]:
    """Every text in blocks that Slack reads as markup; plain_text is none."""
    if isinstance(value, list):
        for item in value:
            yield from _marked_up(item)
    elif isinstance(value, dict):
        if value.get("type") in {"mrkdwn", "markdown"}:
            yield str(value.get("text"))
        elif value.get("type") == "broadcast":
            yield f"<!{value.get('range')}>"
        elif value.get("type") == "usergroup":  # a `user` is one person, named on purpose
            yield "<!subteam^>"
        for item in value.values():
            yield from _marked_up(item)
