"""How a text says that the connection is encrypted: the lexicon's words, weighed by the port.

`STARTTLS on 587` · `SSL/TLS` · `secure: true` · `Secure (SSL): No` · not `SSL certificate error`
"""

import re
from collections.abc import Iterable, Sequence

from bot.model.target import Security, implied_by
from bot.parsing.ports import FoundPort
from bot.parsing.vocabulary import Vocabulary
from bot.parsing.words import Found, Word

__all__ = ["stated_security"]

# Words that follow where an error is told and no setting.
_ERROR = re.compile(
    r"_[a-z]|[\s_-]{0,2}(?:cert\w*|zertifi\w*|routines|errors?|handshake|librar\w+|problem\w*"
    r"|connect_?|exception|version|failure|negotiation|alert|not available|packet|failed"
    r"|could not|v?3_|read|write|connection error|fehler)",
    re.IGNORECASE,
)
_EITHER = "tls"  # says TLS from the start or STARTTLS, by the port (RFC 8314 section 3)
_NEAR = 32  # characters between a port and the security that is meant for it


def stated_security(
    text: str,
    words: Sequence[Word],
    vocabulary: Vocabulary,
    ports: Sequence[FoundPort],
    port: int | None,
) -> tuple[Security, str] | None:
    """The mode that is set, and the words that say so; None if none or several are named."""
    found = _longest(vocabulary.security.find(words))
    said = [each for each in found if not _ERROR.match(text, words[each.last - 1].end)]
    if not said:
        return None
    modes = {_mode(each, port) for each in said}
    if len(modes) > 1:
        said = _nearest(said, words, [each for each in ports if each.port == port])
        modes = {_mode(each, port) for each in said}
    if len(modes) != 1:
        return None
    start, end = words[said[0].first].start, words[said[0].last - 1].end
    return modes.pop(), text[start:end]


def _longest(
    found: Iterable[Found[tuple[Security, str]]],
) -> list[Found[tuple[Security, str]]]:
    """Of words within words the longest, in order: `ssl tls` and neither half of it."""
    kept: list[Found[tuple[Security, str]]] = []
    for each in sorted(found, key=lambda one: (one.first, -one.last)):
        if not kept or each.first >= kept[-1].last:
            kept.append(each)
    return kept


def _mode(found: Found[tuple[Security, str]], port: int | None) -> Security:
    mode, said = found.payload
    implied = implied_by(port) if port is not None else None
    return implied[1] if said == _EITHER and implied else mode


def _nearest(
    said: list[Found[tuple[Security, str]]], words: Sequence[Word], ports: Sequence[FoundPort]
) -> list[Found[tuple[Security, str]]]:
    """Of several modes the one that stands beside the port in question, if one does."""
    near = [
        (abs(words[each.first].start - port.start), each)
        for each in said
        for port in ports
        if abs(words[each.first].start - port.start) <= _NEAR
    ]
    return [min(near, key=lambda pair: pair[0])[1]] if near else said
