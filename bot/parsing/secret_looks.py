"""Whether a word in the middle of a sentence looks like a secret, or like a name, code or date.

`fluffy1234`, `Sunshine#77`, `P@ssw0rd` look like one; `Outlook2019`, `0x800CCC0E`, `2024-05-01`,
`srv1.example.net`, `rosa1@example.net`, `KB5034441`, `2weeks` do not.
"""

import re

from bot.parsing.secret_decoys import TECHNICAL
from bot.parsing.secret_spans import is_placeholder, is_word_of_prose

__all__ = ["bare_of", "is_plain_secret", "is_secretive", "is_strong"]

_OPENING = "\"'`([{\u201c\u201d\u201e\u00ab\u2018\u2019*_"
_CLOSING = ".,;:?)]}>\"'`\u201c\u201d\u00bb\u2018\u2019"
_SIGNS = frozenset("!#$%^&*§€£~+?")
_INNER_SIGNS = frozenset("!#$%^§€£@")  # between letters these join no words of a language
_SHORTEST = 5
_SHORTEST_WORD = 6
_KNOWN = re.compile(
    r"(?:outlook|office|exchange|windows|win|server|iphone|ipad|ios|ipados|android|macos|mac|osx"
    r"|galaxy|pixel|ubuntu|debian|fedora|rhel|centos|suse|thunderbird|firefox|chrome|edge|safari"
    r"|postfix|exim|dovecot|mail|mails|email|webmail|gmail|gmx|hotmail|yahoo|imap|pop|smtp|sha|md"
    r"|php|python|java|node|nodejs|net|base|utf|cp|iso|tls|tlsv|ssl|sslv|oauth|xoauth|ntlm|port"
    r"|ports|error|err|fehler|erreur|code|status|auth|aadsts|kb|cve|rfc|ticket|case|issue|bug"
    r"|order|inc|req|pc|laptop|desktop|printer|scanner|vpn|ipv|ip|http|https|amd|arm|version|ver"
    r"|level|step|test|user|wordpress|nextcloud|phpmailer|nodemailer|typo|joomla|drupal|magento"
    r"|synology|fritzbox|mfc|dcp|ews|eas|hmac|cram|aes|rsa|room|floor|day|week|q)"
    r"[v._#-]?\d[\d._-]{0,9}[a-z]{0,3}(?:[.-]?\d{0,6}[a-z]{0,2})"
    r"|smtp2go|1und1|1and1|1&1|k-?9[a-z]{0,5}|[omswe]-?365|exchange\d{4}|[a-z]\d{1,4}|x86[_-]64"
    r"|(?:desktop|laptop)-\w{1,16}"
)
_UNITS = re.compile(
    r"[~+#]?\d{1,7}(?:[.,:x-]\d{1,4}){0,3}[+-]?(?:fa|x|times?|mal|chars?|characters?|st|nd|rd|th|am"
    r"|pm|h|hrs?|hours?|min|mins|minutes?|s|sec|secs|seconds?|ms|d|days?|weeks?|months?|years?|yrs?"
    r"|kb|mb|gb|tb|k|m|bits?|bytes?|%|mails?|emails?|users?|people|eur|usd|er|uhr|tage|wochen|jahre"
    r"|stellig|stellige|stelliges|-?factor|-?step|fach)?"
)
_CODE = re.compile(r"0[x\u00d7][0-9a-f]+|80[04][0-9a-f]{5}|#?\d{3}[-#]{1,2}\d[\d.]*|#\d+")
_DOTTED = re.compile(r"(?:[a-z]{0,4}-?\d+(?:\.\d+)+\w{0,6}|(?:[\w-]{1,63}\.){1,9}[a-z][\w-]{1,24})")
_ADDRESS = re.compile(r"[^@]+@[\w-]+\.[\w.-]+")
_ENDPOINT = re.compile(r"[\w.-]+:\d{1,5}|\w+=\S*|:[\w+-]+:")
_LABELLED = re.compile(
    r"(?:ticket|issue|case|order|bug|error|no|nr|num|room|pr|inc|id|item|step|c|f)[#$]\d+"
)
_NO_WORD = ("/", "\\", "<", ">", "{", "|", "(", "&lt;", "&gt;", "->", "::", "\u2026")


def bare_of(word: str) -> str:
    """`word` without the quotes and the punctuation around it."""
    return word.lstrip(_OPENING).rstrip(_CLOSING)


def is_secretive(word: str) -> bool:
    """Whether no sentence has such a word: letters among digits, or a sign between letters."""
    bare = bare_of(word)
    if len(bare.rstrip("!")) < _SHORTEST or not any(sign.isalpha() for sign in bare):
        return False
    digits = any(sign.isdigit() for sign in bare)
    inner = any(sign in _INNER_SIGNS for sign in bare[1:-1].rstrip("!"))
    return (digits or inner) and not _is_known(bare)


def is_strong(word: str) -> bool:
    """Whether a word has letters, digits and a sign at once, as hardly anything but a secret."""
    bare = bare_of(word)
    signs = any(sign in _SIGNS for sign in bare)
    digits = any(sign.isdigit() for sign in bare)
    return signs and digits and is_secretive(bare)


def is_plain_secret(word: str) -> bool:
    """Whether a word of letters is no word that goes on with a sentence and names no program."""
    bare = bare_of(word)
    return (
        len(bare) >= _SHORTEST_WORD
        and bare.isalpha()
        and not is_word_of_prose(bare)
        and not is_placeholder(bare)
        and bare.lower() not in TECHNICAL
    )


def _is_known(bare: str) -> bool:
    """Whether `bare` is a program, code, date, host, address, placeholder or word of prose."""
    lower = bare.lower().rstrip("!")
    shaped = (_KNOWN, _UNITS, _CODE, _DOTTED, _ADDRESS, _ENDPOINT, _LABELLED)
    return (
        any(part in lower for part in _NO_WORD)
        or any(shape.fullmatch(lower) for shape in shaped)
        or is_placeholder(bare)
        or is_word_of_prose(bare)
    )
