"""Undoes what Slack and word processors do to a text, so that it reads as it was typed.

```
<http://smtp.example.net|smtp.example.net>:587   smtp.example.net:587
<mailto:rosa@example.net|rosa@example.net>       rosa@example.net
<@U024BE7LH>, <#C01|help>, <!here>               (nothing)
it&#39;s &lt;rosa@example.net&gt;                it's <rosa@example.net>
&amp;lt; (somebody showed markup)                &lt;
```
"""

import re

__all__ = ["undo_markup"]

# Slack wraps a link in `<target|label>`; a target never holds a bracket, a bar or a blank.
_LINK = re.compile(
    r"<([a-z][a-z0-9+.-]{1,15}:[^\s<>|]{1,2000})(?:\|([^<>|]{1,2000}))?>", re.IGNORECASE
)
_MENTION = re.compile(r"<[@#!][^\s<>|]{1,80}(?:\|[^<>|]{0,200})?>")
_SCHEME = re.compile(r"(?:mailto:|[a-z][a-z0-9+.-]{1,15}://)", re.IGNORECASE)
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#39;", "'"), ("&nbsp;", " "))
_PLAIN = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b", "'"),  # curly quotes
        **dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb", '"'),
        "\u00a0": " ",
        "\u202f": " ",
        "\u00ad": None,  # soft hyphen, zero-width characters, byte order mark: seen by no one
        "\u200b": None,
        "\u200c": None,
        "\u200d": None,
        "\u2060": None,
        "\ufeff": None,
        "\r": "\n",
        "\x00": " ",
        "`": " ",
    }
)


def undo_markup(text: str) -> str:
    """`text` without Slack's markup, code fences, entities, curly quotes and unseen characters."""
    if "<" in text:
        text = _MENTION.sub(" ", _LINK.sub(_unwrapped, text))
    if "&" in text:
        for entity, character in _ENTITIES:
            text = text.replace(entity, character)
        text = text.replace("&amp;", "&")  # last, so that `&amp;lt;` stays what it says
    return text.translate(_PLAIN)


def _unwrapped(link: re.Match[str]) -> str:
    """What stands for a link: its own words, or nothing a host could be read from.

    A label that names another place than the link leads to was not typed like that, and neither
    of the two is trusted.
    """
    target, label = link[1], link[2]
    bare = _SCHEME.sub("", target, count=1).rstrip("/")
    if label is None or _SCHEME.sub("", label, count=1).rstrip("/").lower() == bare.lower():
        return bare
    return " " if "." in label or "@" in label else label
