"""Where a secret stands, and what only looks like one."""

import re
from typing import NamedTuple

from bot.parsing.secret_decoys import PLACEHOLDERS, PROSE

__all__ = ["SecretSpan", "is_placeholder", "is_random", "is_word_of_prose"]

_MASK = frozenset("*•●·.xX-_#?…█ ")
_SIGNS = frozenset("!@#$%^&*+=~_§€£")
_SHORTEST_RANDOM = 4
_PARTIALLY_MASKED = re.compile(r"\w{0,3}[*•●█…]{2,}\w{0,3}|\w{1,3}\.{3,}")
# Stands where a value will be put in: <password>, [removed], {{pw}}, ${PW}, %s, $PW, :password
_SLOT = re.compile(
    r"[<\[{].*|\$\{.*|\$\(.*|%[\w({].*|\$[A-Za-z_]+|:[a-z_]+|@\w+@|\w+\(.*", re.DOTALL
)
# Code that fetches the secret from where it is kept: process.env.PASS, config["pw"], $this->pw
_CODE = re.compile(
    r"\$?(?:[\w$]+(?:\.|::|->))*(?:env|environ|getenv|config|settings|secrets?|self|this|process|args"
    r"|vars?|vault|params?|options|opts|credentials|request|form)\b[\w.\[(\"'>:-]{2,}.*",
    re.DOTALL,
)
_PARTICIPLE = ("ed", "ing", "ly", "able", "less", "iert", "tion")


class SecretSpan(NamedTuple):
    """A secret from `start` to `end`; `kind` says what it was, as in `[password removed]`."""

    start: int
    end: int
    kind: str


def is_placeholder(value: str) -> bool:
    """Whether `value` holds a secret's place: `*****`, `<password>`, `${PW}`, `yourpassword`."""
    bare = value.strip("\"'()").lower()
    return (
        not bare
        or set(bare) <= _MASK
        or bare in PLACEHOLDERS
        or bool(_PARTIALLY_MASKED.fullmatch(bare))
        or bool(_SLOT.fullmatch(value))
        or bool(_CODE.fullmatch(value))
    )


def is_word_of_prose(word: str) -> bool:
    """Whether `word` goes on with a sentence: `password is wrong`, `password: I don't know`."""
    bare = word.strip(".,;:!?'\"()-…").lower().replace("'", "")
    return bare in PROSE or (bare.isalpha() and bare.endswith(_PARTICIPLE)) or not bare


def is_random(value: str) -> bool:
    """Whether no language spells a word like `value`: letters among digits or signs."""
    inner = value.strip(".,;:?'\"()[]")
    if len(inner) < _SHORTEST_RANDOM:
        return False
    letters = any(sign.isalpha() for sign in inner)
    digits = any(sign.isdigit() for sign in inner)
    signs = any(sign in _SIGNS for sign in inner)
    return letters and (digits or signs)
