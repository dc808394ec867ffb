"""Secrets that are known by their shape alone: vendors' keys, private keys, app passwords.

```
xoxb-12345-abcdef          SG.abcdefgh.ijklmnop        key-3ax6xnjp29jd6fds4gc373sgvjxteol0
-----BEGIN PRIVATE KEY-----        abcd efgh ijkl mnop (Google)        abcd-efgh-ijkl-mnop (Apple)
```
"""

import re
from collections.abc import Iterator

from bot.parsing.secret_spans import SecretSpan, is_placeholder

__all__ = ["find_shaped_secrets"]

# Prefixes as in the public rules of secret scanners. Every repetition is bounded, and each
# alternative begins with fixed letters, so that no place is read more than once or twice.
_KEYS = re.compile(
    r"""(?<![A-Za-z0-9_])(?:
      (?:xoxe\.)?xox[a-z]-[\w-]{8,400}          # Slack tokens
    | xapp-\d-[\w-]{8,400}
    | hooks\.slack\.com/(?:services|workflows|triggers)/[\w/-]{6,300}
    | SG\.[\w-]{8,100}(?:\.[\w.-]{4,200})?      # SendGrid
    | key-[0-9a-zA-Z]{20,64}                    # Mailgun
    | [0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8}      # Mailgun
    | [0-9a-f]{32}-us\d{1,2}                    # Mailchimp
    | md-[\w-]{20,64}                           # Mandrill
    | x(?:keysib|smtpsib)-[\w-]{8,300}          # Brevo
    | (?:AKIA|ASIA)[0-9A-Z]{12,40}              # Amazon access key
    | ya29\.[\w-]{10,400} | GOCSPX-[\w-]{10,100} | AIza[\w-]{30,60}     # Google
    | gh[pousr]_\w{20,300} | glpat-[\w-]{16,60} | sk-[\w-]{20,300}
    | re_[A-Za-z0-9]{6,40}_\w{8,60}             # Resend
    | eyJ[\w-]{8,3000}\.[\w-]{8,4000}(?:\.[\w-]{1,2000})?               # JSON Web Token
    )""",
    re.VERBOSE,
)
# The SMTP password of Amazon SES is 33 bytes in base64. A fingerprint has padding or a prefix.
_FORTY_FOUR = re.compile(r"(?<![A-Za-z0-9+/=:])[A-Za-z0-9+/]{44}(?![A-Za-z0-9+/=])")
_GROUPS = re.compile(
    r"(?<![A-Za-z])(?<![A-Za-z]-)[a-z]{4}([ \u00a0-])[a-z]{4}\1[a-z]{4}\1[a-z]{4}"
    r"(?![A-Za-z])(?!-[A-Za-z])",
    re.IGNORECASE,
)
_APP_PASSWORD = re.compile(
    r"\bapp\b|pass|\bpw|kennwort|contrase|senha|clave|wachtwoord", re.IGNORECASE
)
_NEAR = 60  # characters before four groups in which an app password would be announced
_VOWELS = frozenset("aeiouy")
_ODD = re.compile(  # four consonants, three vowels, and pairs that begin or end few words
    r"[bcdfghjklmnpqrstvwxz]{4}|[aeiou]{3}|q[^u]|[jvxz][bcdfghjklmnpqrstvwxz]"
    r"|[bcdfghjkmpqvwxz][jqvxz]|^[lmnr][bcdfghjklmnpqrstvwxz]|^[bcdfgkpt][bcdfgkpt]"
    r"|[hjkquvw]$|[aeiou]{2}$"
)
_UNLIKELY = 2  # of four words of prose, hardly ever two look like this
_KEY_BEGINS = "-----BEGIN "
_KEY_ENDS = "-----END "
_LONGEST_HEADER = 80


def find_shaped_secrets(text: str) -> Iterator[SecretSpan]:
    """The keys, tokens, private keys and app passwords in `text`."""
    yield from _private_keys(text)
    for key in _KEYS.finditer(text):
        if not is_placeholder(key[0].partition("-")[2] or key[0]):
            yield SecretSpan(key.start(), key.end(), "key")
    for key in _FORTY_FOUR.finditer(text):
        if _is_mixed(key[0]):
            yield SecretSpan(key.start(), key.end(), "key")
    for groups in _GROUPS.finditer(text):
        if _is_app_password(text, groups):
            yield SecretSpan(groups.start(), groups.end(), "password")


def _private_keys(text: str) -> Iterator[SecretSpan]:
    """PEM blocks whose header says PRIVATE KEY; one without an end goes to the end of the text."""
    start = text.find(_KEY_BEGINS)
    while start >= 0:
        end = start + len(_KEY_BEGINS)
        if "PRIVATE KEY" in text[start : start + _LONGEST_HEADER]:
            foot = text.find(_KEY_ENDS, end)
            close = text.find("-----", foot + len(_KEY_ENDS)) if foot >= 0 else -1
            end = close + len("-----") if close >= 0 else len(text)
            yield SecretSpan(start, end, "private key")
        start = text.find(_KEY_BEGINS, end)


def _is_mixed(value: str) -> bool:
    return (
        any(sign.isupper() for sign in value)
        and any(sign.islower() for sign in value)
        and any(sign.isdigit() for sign in value)
    )


def _is_app_password(text: str, groups: re.Match[str]) -> bool:
    """Whether four groups of four letters are one: announced as such, or too odd for prose."""
    words = groups[0].lower().split(groups[1])
    if len(set(words)) == 1:
        return False  # xxxx xxxx xxxx xxxx
    before = text[max(0, groups.start() - _NEAR) : groups.start()]
    odd = sum(_is_odd(word) for word in words)
    if groups[1] == "-":
        return odd >= 1 or bool(_APP_PASSWORD.search(before))
    return odd >= (1 if _APP_PASSWORD.search(before) else _UNLIKELY)


def _is_odd(word: str) -> bool:
    """Whether four letters look drawn by lot, going by what vowels and consonants they have."""
    return not _VOWELS.intersection(word) or bool(_ODD.search(word))
