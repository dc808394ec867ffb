"""Passwords before an @: `smtp://bob:hunter2@mail.example.net`, `--user bob:hunter2`."""

import re
from collections.abc import Iterator

from bot.parsing.secret_spans import SecretSpan, is_placeholder, is_random

__all__ = ["find_url_secrets"]

# What follows :// up to a blank or a quote; a password may hold / and @, so the last @ counts.
_AUTHORITY = re.compile(r"://([^\s<>\"'`|]{3,2000})")
_PORT_AND_PATH = re.compile(r"\d{1,5}(?:[/?#].*)?", re.DOTALL)
_PAIR = re.compile(
    r"(?<![^\s\"'=,;(<])([A-Za-z0-9][^\s:@/<>\"'=]{1,63}):([^\s:@<>\"'`|]{4,128})@(?=[\w\[])"
)
_OPTION = re.compile(
    r"(?<!\S)(?:-u|--user|--login|-U)[ =]+[\"']?([^\s:\"']{1,128}):([^\s\"']{1,256})"
)
# What stands before a colon and an address without being a user name: `To:bob@example.net`.
_LABEL_WORDS = (
    "to from cc bcc mail email e-mail mailto user username login sender recipient rcpt account"
    " address konto benutzer absender empfänger von an de para pour reply-to return-path by for at"
)
_LABELS = frozenset(_LABEL_WORDS.split())


def find_url_secrets(text: str) -> Iterator[SecretSpan]:
    """The passwords in `text` that stand between a user name and an @ or behind `--user name:`."""
    for authority in _AUTHORITY.finditer(text):
        userinfo, at, _ = authority[1].rpartition("@")
        name, colon, password = userinfo.partition(":")
        if (
            at
            and colon
            and password
            and not _is_port(name, password)
            and not is_placeholder(password)
        ):
            start = authority.start(1) + len(name) + 1
            yield SecretSpan(start, start + len(password), "password")
    for pair in _PAIR.finditer(text):
        if pair[1].lower() not in _LABELS and is_random(pair[2]) and not is_placeholder(pair[2]):
            yield SecretSpan(pair.start(2), pair.end(2), "password")
    for option in _OPTION.finditer(text):
        if not is_placeholder(option[2]):
            yield SecretSpan(option.start(2), option.end(2), "password")


def _is_port(name: str, password: str) -> bool:
    """Whether `host:8080/path` was read as name and password because an @ comes later."""
    return "." in name and bool(_PORT_AND_PATH.fullmatch(password)) and "/" in password
