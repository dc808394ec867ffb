"""Writing without blanks between words, and names in Latin letters within it.

`Gmailで送信` is taken apart to `Gmail で送信`, `smtp.example.netに` to `smtp.example.net に`.
"""

import re

__all__ = ["UNSPACED", "apart", "has_foreign_letters"]

# Kana and Chinese characters: a word may begin at any of them, so each counts as one.
UNSPACED = "\u3041-\u309f\u30a1-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f"
_ATTACHED = UNSPACED + "\u1100-\u11ff\uac00-\ud7a3"  # also Hangul, whose particles stick to names
_SEAM = re.compile(
    rf"(?<=[A-Za-z0-9])(?=[{_ATTACHED}])|(?<=[{_ATTACHED}])(?=[A-Za-z0-9])"
    r"|(?<=[A-Za-z]{4})'(?=(?:den|dan|ten|tan|de|da|te|ta|nin|in|un|ye|ya)\b)"  # Turkish cases
)
_LAST_LATIN = "\u024f"


def apart(text: str) -> str:
    """`text` with a blank between Latin letters or digits and what is attached to them."""
    return _SEAM.sub(" ", text)


def has_foreign_letters(text: str) -> bool:
    """Whether letters of a script other than Latin are in `text`."""
    return not text.isascii() and any(sign > _LAST_LATIN and sign.isalpha() for sign in text)
