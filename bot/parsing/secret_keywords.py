"""The words that announce a secret: "password", `SMTP_PASS`, "mot de passe", "api key".

They are looked for in lower case and begin with plain letters, which lets the search skip ahead:
of a long log hardly a line speaks of passwords.
"""

import re
from typing import NamedTuple

__all__ = ["Keyword", "in_lower_case", "next_keyword"]

_KEYWORD = re.compile(
    r"(?:(?P<password>pass?w(?:or[dt]|oord|r?d)|passphrase|passcode|kennwort|wachtwoord"
    r"|passw?rod|passowrd|contrase[nñ]a|palavra-passe|mots?[ ]de[ ]passe|has[łl]o|парол[ьюя]"
    r"|[şs]ifre(?:m|si|niz)?|parolam?|l[öo]senord(?:et)?|パスワード|密[码碼]|비밀번호)"
    r"|(?P<key>api[ _-]?key|secret[ _-]?(?:access[ _-]?)?key|client[ _-]?secret"
    r"|(?:access|auth|refresh|bearer|server|smtp|bot|api)[ _-]?token)"
    r"|(?P<short>pass|pswd|pwd|pw|psw|mdp|senha|clave)|(?P<word>token|secret))s?"
)
# `smtppass` and `userpw` are settings; "bypass" and "compass" are other words.
_SETTINGS = ("smtp", "mail", "auth", "user")


class Keyword(NamedTuple):
    """Where a word stands, and whether it announces a key, which is never a plain word."""

    start: int
    end: int
    is_key: bool


def in_lower_case(text: str) -> str:
    """`text` in lower case with every letter in its old place."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(sign if len(sign.lower()) != 1 else sign.lower() for sign in text)


def next_keyword(lower: str, at: int) -> Keyword | None:
    """The first word from `at` on that announces a secret, in a text in lower case."""
    while found := _KEYWORD.search(lower, at):
        at = found.end()
        alone = found["short"] or found["word"]
        if not alone or _stands_alone(lower, found.start(), found.start() + len(alone)):
            is_key = bool(found["key"] or found["word"])
            return Keyword(found.start(), found.end(), is_key)
    return None


def _stands_alone(lower: str, start: int, end: int) -> bool:
    """Whether a short word is no part of a longer one."""
    if lower[end : end + 1].isalpha():
        return False
    return not lower[max(0, start - 1) : start].isalpha() or lower.endswith(_SETTINGS, 0, start)
