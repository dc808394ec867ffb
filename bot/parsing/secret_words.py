"""Secrets behind a word that announces them: `password: hunter2`, `'smtp_pass' => 'hunter2'`.

How the word and the value are joined decides how much the value must look like a secret: behind
`=` nearly everything is one, behind `is` a sentence may go on, behind a blank only what no
language spells.
"""

import re
from collections.abc import Iterator

from bot.parsing.secret_keywords import Keyword, in_lower_case, next_keyword
from bot.parsing.secret_spans import SecretSpan, is_placeholder, is_random, is_word_of_prose

__all__ = ["find_worded_secrets"]

_OPTION = re.compile(r"-{1,2}(?:xp|ap|auth-password|[a-z-]{0,20}pass(?:word|wd)?)[ =]")
# From the word to its value: `password for bob@example.net: x`, `password (new) = x`
_GAP = (
    r"(?:[ ]?[(\[][^\n()\[\]]{1,40}[)\]])?"
    r"(?:[ ](?:for|of|to|on|at|in|für|fuer|von|pour|de|du|para|da|do|di|van|voor)"
    r"[ ][^\n:=;?!]{1,60}?)?"
)
_ASSIGNED = re.compile(
    rf"[\w-]{{0,12}}[\"'\])]{{0,3}}{_GAP}[ \t]*(=>|:=|={{1,3}}|->|→|:(?!//))[ \t]*\n?[ \t]*"
)
_TAGGED = re.compile(r"[\w-]{0,20}(?:[ ][^<>\n]{0,80})?>[ \t]*(?=[^\s<])")
_IS = re.compile(
    rf"{_GAP}[ ](?:is|was|ist|war|lautet|lautete|heißt|est|c'est|es|era|é|è|är|jest|это|=)[ ]"
    r"(?:(?:now|currently|just|still|jetzt|aktuell|noch|maintenant|ahora|agora|ora|nu)[ ])?"
    r"[:]?[ ]?",
    re.IGNORECASE,
)
_TO = re.compile(
    r"(?:[ ](?:changed|set|reset|updated|geändert|gesetzt|cambiada|changé))?"
    r"[ ](?:to|auf|in|a|à|con|with)[ ]",
    re.IGNORECASE,
)
_POSSESSIVE = re.compile(
    r"\b(?:my|our|mein|unser|mon|ma|notre|mi|minha|mia|mijn)[ ](?:\w+[ ])?\Z", re.IGNORECASE
)
_BLANK = re.compile(r"[ \t]+")
_QUOTES = "\"'`\u201c\u201d\u201e\u00ab\u00bb\u2018\u2019"
_QUOTED = re.compile(rf"(?P<quote>[{_QUOTES}])(?P<value>[^{_QUOTES}\n]{{1,256}})[{_QUOTES}]")
_BARE = re.compile(r"(?P<value>[^\s<]\S{0,511})")
_WORD = re.compile(r"[^\S\n]+(\S{1,40})")
_PRODUCT = re.compile(
    r"(?:outlook|office|exchange|windows|win|iphone|ios|ipad|android|macos|imap|pop|smtp|sha|md|php"
    r"|base|utf|tls|ssl|oauth|port|error)[v.]?\d{0,4}\w{0,2}|[a-z]\d{1,3}"
    r"|\d+(?:fa|x|times?|mal|chars?|st|nd|rd|th|%|am|pm|h|min)",
    re.IGNORECASE,
)
_LOGIN = re.compile(
    r"(?:login|logins|credentials|creds|zugangsdaten|zugang|account|user(?:name)?|identifiants|acceso)"
    r"(?:[ ](?:is|are|ist|sind))?[ ]?[:=]?[ ](?P<user>[^\s/|]{2,80})"
    r"(?:[ ]?/[ ]?|[ ]\|[ ])(?P<value>\S{4,128})",
)
_CLOSING = ".,;:)]}>\"'`\u201d\u2019"
_REMOVED = " removed]"  # our own mark: what was redacted once stays as it is
_LONG_ENOUGH = 6  # letters of a password that is a plain word
_KEY_LENGTH = 8  # no key is shorter
_DIGITS = 4  # no number shorter than this is a password
_HYPHENS = 3  # correct-horse-battery-staple, not re-entered
_BEFORE = 24  # characters in which somebody says whose password it is
_FOLLOWERS = 4  # words in which a sentence shows that it is one


def find_worded_secrets(text: str) -> Iterator[SecretSpan]:
    """The values in `text` that a word such as "password" or "api key" announces."""
    lower = in_lower_case(text)
    at = 0
    while keyword := next_keyword(lower, at):
        span = _announced(text, keyword)
        if span:
            yield span
        at = span.end if span else keyword.end
    for option in _OPTION.finditer(lower):
        value = _value(text, option.end())
        if value and _is_first(text, option.start()) and _is_given(value["value"]):
            yield _span(value, "password")
    for login in _LOGIN.finditer(lower):
        value = _BARE.match(text, login.start("value"))
        if value and is_random(login["value"]) and not _is_ordinary(login["value"]):
            yield _span(value, "password")


def _is_first(text: str, start: int) -> bool:
    return start == 0 or text[start - 1].isspace()


def _is_given(words: str) -> bool:
    """Whether an option has a value of its own, and no further option behind it."""
    return not is_placeholder(words) and not words.startswith("-")


def _announced(text: str, keyword: Keyword) -> SecretSpan | None:
    """The value behind `keyword`, by the first way of joining that is there."""
    at = keyword.end
    if text.startswith(_REMOVED, at):
        return None
    value: re.Match[str] | None = None
    fits = False
    if joined := _ASSIGNED.match(text, at):
        value = _value(text, joined.end())
        fits = value is not None and _is_assigned(text, joined, value)
    elif text.startswith("<", max(0, keyword.start - 1)) and (joined := _TAGGED.match(text, at)):
        value = _value(text, joined.end())
        fits = value is not None and _is_tagged(value["value"])
    elif joined := (_IS.match(text, at) or _TO.match(text, at)):
        value = _value(text, joined.end())
        fits = value is not None and _is_told(text, keyword, value)
    elif joined := _BLANK.match(text, at):
        value = _value(text, joined.end())
        fits = value is not None and _is_random_enough(value["value"])
    if value is None or not fits or (keyword.is_key and not _is_key(value["value"])):
        return None
    return _span(value, "key" if keyword.is_key else "password")


def _is_tagged(words: str) -> bool:
    """Whether a tag that was opened is closed, with more than a placeholder in it."""
    inside, closed, _ = words.partition("</")
    return bool(closed) and not is_placeholder(inside)


def _value(text: str, at: int) -> re.Match[str] | None:
    """The quoted text or the bare word at `at`."""
    return _QUOTED.match(text, at) or _BARE.match(text, at)


def _span(value: re.Match[str], kind: str) -> SecretSpan:
    """Where the value stands; closing punctuation is not part of a bare one, `!` may be."""
    start, end = value.span("value")
    if "quote" in value.re.groupindex:
        return SecretSpan(start, end, kind)
    text = value.string
    while end < len(text) and not text[end].isspace():
        end += 1  # a value that is longer than a word may be is taken out whole all the same
    tag = text.find("</", start, end)
    end = tag if tag > start else end
    while end - start > 1 and text[end - 1] in _CLOSING:
        end -= 1
    return SecretSpan(start, end, kind)


def _is_quoted(value: re.Match[str]) -> bool:
    return "quote" in value.re.groupindex


def _is_assigned(text: str, joined: re.Match[str], value: re.Match[str]) -> bool:
    """Whether what follows `:` or `=` is a secret and no remark about one."""
    words = value["value"]
    if "\n" in joined[0] and (joined[1] != ":" or not _is_alone(text, value)):
        return False  # an empty setting; the next line is about something else
    if is_placeholder(words) or _is_ordinary(words):
        return False
    if _is_quoted(value):
        parts = words.split()
        return len(parts) == 1 or not any(is_word_of_prose(part) for part in parts)
    return joined[1] not in {":", "->", "→"} or _is_no_sentence(text, value)


def _is_ordinary(words: str) -> bool:
    """Whether `words` are a link, a short number or a word that goes on with a sentence."""
    bare = words.strip(_CLOSING)
    if bare.isdigit():
        return len(bare) < _DIGITS
    return (
        is_word_of_prose(bare)
        or bare.lower().startswith(("http:", "https:"))
        or not any(sign.isalnum() for sign in bare)
        or bool(re.fullmatch(r"\d{1,3}(?:%|x|st|nd|rd|th)", bare))
    )


def _is_alone(text: str, value: re.Match[str]) -> bool:
    """Whether `value` is all there is on its line, and no label of a next setting."""
    rest = text[value.end() : value.end() + 2].strip(" \t`\"'")
    label = value["value"].endswith(":") or "=" in value["value"] or ": " in value["value"]
    return not label and (not rest or rest[0] == "\n")


def _is_no_sentence(text: str, value: re.Match[str]) -> bool:
    """Whether a bare word behind a colon stands for itself: `pw: banana`, `pw: x7Kq port 25`."""
    words = value["value"].strip(_CLOSING)
    if is_random(words) or words.isdigit():
        return True
    if words.count("-") and words.count("-") < _HYPHENS:
        return False
    at = value.end()
    for _ in range(_FOLLOWERS):
        follower = _WORD.match(text, at)
        if not follower:
            return True
        if is_word_of_prose(follower[1]) and follower[1].strip(_CLOSING).isalpha():
            return False
        at = follower.end()
    return True


def _is_told(text: str, keyword: Keyword, value: re.Match[str]) -> bool:
    """Whether what follows `is` is a secret: odd, quoted, or the last word of `my password is`."""
    words = value["value"]
    if is_placeholder(words) or _is_ordinary(words) or "/" in words[:1]:
        return False
    bare = words.strip(_CLOSING)
    if _is_quoted(value):
        return not any(is_word_of_prose(word) for word in words.split())
    if bare.isdigit() or is_random(bare):
        return not _PRODUCT.fullmatch(bare) or any(sign in "!@#$%^&*" for sign in bare)
    ends = words != bare or not _WORD.match(text, value.end())
    owned = _POSSESSIVE.search(text[max(0, keyword.start - _BEFORE) : keyword.start])
    return bare.isalpha() and len(bare) >= _LONG_ENOUGH and ends and bool(owned)


def _is_random_enough(words: str) -> bool:
    """Whether a word that merely stands behind "password" must be one."""
    bare = words.strip(_CLOSING)
    if is_placeholder(words) or _is_ordinary(words) or _PRODUCT.fullmatch(bare):
        return False
    dotted = "." in bare and bare.replace(".", "").replace("-", "").isalnum()
    return is_random(bare) and len(bare) >= _LONG_ENOUGH and not dotted and ":" not in bare


def _is_key(words: str) -> bool:
    bare = words.strip(_CLOSING)
    return len(bare) >= _KEY_LENGTH and is_random(bare)
