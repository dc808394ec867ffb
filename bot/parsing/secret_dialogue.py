r"""What a client sends to sign in, as logs show it: SASL in base64, IMAP LOGIN, POP3 PASS.

```
AUTH PLAIN AGJvYgBodW50ZXIy
334 UGFzc3dvcmQ6                 "Password:", after which the client's next line is the password
CLIENT -> SERVER: aHVudGVyMg==
a1 LOGIN bob hunter2
```
"""

import re
from base64 import b64decode
from binascii import Error as NotBase64Error
from collections.abc import Iterator

from bot.parsing.secret_spans import SecretSpan, is_placeholder, is_word_of_prose

__all__ = ["find_dialogue_secrets"]

_AUTH = re.compile(
    r"\bAUTH(?:ENTICATE)?[ \t]+(PLAIN|LOGIN|XOAUTH2|OAUTHBEARER|NTLM|CRAM-MD5)[ \t]+\"?"
    r"([A-Za-z0-9+/=_-]{4,4000})(?:[ \t]+([A-Za-z0-9+/]{4,400}={0,2}))?",
    re.IGNORECASE,
)
_MECHANISM = re.compile(r"[A-Z]+(?:[A-Z0-9_-]*)=?")
_BASIC = re.compile(r"\b(?:Basic|Bearer)[ \t]+([A-Za-z0-9+/=._~-]{8,4000})")
# PLAIN begins with an empty name and NUL, XOAUTH2 with "user=": both show in base64.
_SASL = re.compile(
    r"(?<![\w+/=])(?:A[A-P][A-Za-z0-9+/]{6,1000}={0,2}|dXNlcj[A-Za-z0-9+/]{10,4000}={0,2})"
)
_CHALLENGE = re.compile(r"\b334[ -](?:b?')?([A-Za-z0-9+/]{0,400}={0,2})")
_TOKEN = re.compile(r"(?<![A-Za-z0-9+/=])[A-Za-z0-9+/]{4,1000}={0,2}(?![A-Za-z0-9+/=])")
_SERVER_LINE = re.compile(
    r"[^\w<]{0,8}(?:.{0,40}\b334\b|reply|got|received|recv|server ?->|server ?:|s:|<-|<<)",
    re.IGNORECASE,
)
_REPLY_LINE = re.compile(r"(?:^|[\s:>])[245]\d\d[ -]")
_IMAP = re.compile(
    r"(?:^|\n)[^\S\n]{0,8}(?:[A-Z]{1,2}:[^\S\n]?)?(?:[A-Za-z]{0,8}\d{1,6}|[A-Za-z.])[^\S\n]{1,4}LOGIN"
    r"[^\S\n]{1,4}\"?([^\s\"]{1,256})\"?[^\S\n]{1,4}\"?([^\s\"]{1,256})\"?"
)
_POP = re.compile(r"(?:^|\n|[:>]\s)[^\S\n]{0,8}PASS[^\S\n]{1,4}([^\s]{1,256})(?=[^\S\n]*(?:\n|$))")
_PLAIN_NULS = 2  # RFC 4616 section 2: name NUL name NUL password
_LOOK_AHEAD = 4  # lines after a challenge among which the answer stands, log noise included


def find_dialogue_secrets(text: str) -> Iterator[SecretSpan]:
    """The secrets in `text` that a client sent to a server."""
    for auth in _AUTH.finditer(text):
        yield from _after_auth(auth)
    for challenge in _CHALLENGE.finditer(text):
        yield from _after_challenge(text, challenge)
    for sasl in _SASL.finditer(text):
        words = _decoded(sasl[0])
        if words.count("\0") >= _PLAIN_NULS or "\x01auth=" in words:
            yield SecretSpan(sasl.start(), sasl.end(), "password")
    yield from _commands(text)


def _commands(text: str) -> Iterator[SecretSpan]:
    """What stands in clear behind IMAP's LOGIN, POP3's PASS and HTTP's Authorization."""
    for pattern, group in ((_IMAP, 2), (_POP, 1), (_BASIC, 1)):
        for line in pattern.finditer(text):
            word = line[group]
            in_prose = is_word_of_prose(word) or (pattern is _BASIC and word.isalpha())
            if not is_placeholder(word) and not in_prose:
                yield SecretSpan(line.start(group), line.end(group), "password")


def _after_auth(auth: re.Match[str]) -> Iterator[SecretSpan]:
    """The initial response. That of LOGIN is the user's name, and the password stands behind it."""
    if auth[1].upper() == "LOGIN":
        if auth[3] and not _MECHANISM.fullmatch(auth[3]) and _decoded(auth[2]):
            yield SecretSpan(auth.start(3), auth.end(3), "password")
    elif not _MECHANISM.fullmatch(auth[2]) and not auth[2].islower():
        yield SecretSpan(auth.start(2), auth.end(2), "password")


def _after_challenge(text: str, challenge: re.Match[str]) -> Iterator[SecretSpan]:
    """The client's answer to a 334, unless the server asked for the user's name."""
    asked = _decoded(challenge[1]).lower().strip("\0")
    if "user" in asked or "name" in asked:
        return
    start = challenge.end()
    for _ in range(_LOOK_AHEAD):
        end = text.find("\n", start)
        line = text[start : end if end >= 0 else start + 4000]
        if line.strip(" '\\rn\t\"):;,") and not _SERVER_LINE.match(line):
            if not _REPLY_LINE.search(line):
                yield from _answer(line, start)
            return
        if end < 0:
            return
        start = end + 1


def _answer(line: str, offset: int) -> Iterator[SecretSpan]:
    """The last base64 word of a line; prefixes such as `CLIENT -> SERVER:` are none."""
    for token in reversed(list(_TOKEN.finditer(line))):
        if _decoded(token[0]) or token[0].endswith("="):
            yield SecretSpan(offset + token.start(), offset + token.end(), "password")
            return


def _decoded(token: str) -> str:
    """What `token` is base64 of; empty where it is none, or none that a person would type."""
    if len(token) % 4:
        return ""
    try:
        words = b64decode(token, validate=True).decode()
    except (NotBase64Error, UnicodeDecodeError):
        return ""
    return words if all(sign.isprintable() or sign in "\0\x01" for sign in words) else ""
