"""A name or address as typed → the one spelling that may be looked up, or why there is none.

One mapping (IDNA 2008 after UTS 46), then the result is judged, and only the result is used: a
text that looks like a name to one reader and like an address to the next must reach nobody.
"""

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address

import idna

__all__ = ["BadNameError", "read_hostname"]

# RFC 1035 section 2.3.4: 255 octets on the wire are 253 characters of text, 63 for each label.
LONGEST_NAME = 253
LONGEST_LABEL = 63
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


class BadNameError(ValueError):
    """A text that is no host name; says in one line what would be right."""


def read_hostname(text: str) -> str:
    """`text` as an ASCII name in lower case without final dot, or a plain address literal.

    Raises `BadNameError`. Single labels and `localhost` are names; what may be dialled is decided
    elsewhere, after the look-up.
    """
    if len(text) > LONGEST_NAME + 1:
        raise BadNameError(f"a host name has at most {LONGEST_NAME} characters")
    literal = _literal(text)
    if literal:
        return literal
    name = _mapped(text)
    for label in name.split("."):
        _check_label(label)
    last = name.rpartition(".")[2]
    if last.isdecimal() or last.startswith("0x"):
        # RFC 1123 section 2.1: the last label of a name is never a number; resolvers that read
        # 127.1 or 0x7f.1 as an address are exactly what is kept out here.
        raise BadNameError(
            "numbers name a server only as a full address such as 192.0.2.25: "
            "write the server's name, such as smtp.example.com"
        )
    return name


def _literal(text: str) -> str | None:
    """The address that `text` is, in its shortest spelling; None if it is none."""
    try:
        if ":" not in text:
            return str(IPv4Address(text))
        if "%" in text:
            raise BadNameError("an IPv6 address may not carry a zone such as %eth0 here")
        return str(IPv6Address(text))
    except AddressValueError:
        if ":" in text:
            raise BadNameError("that is no IPv6 address: write [2001:db8::25]:587") from None
        return None


def _mapped(text: str) -> str:
    """`text` after UTS 46 and IDNA 2008, in ASCII, without a final dot."""
    if text.isascii():
        name = text.lower()
    else:
        try:
            name = idna.encode(text, uts46=True).decode("ascii").lower()
        except (idna.IDNAError, UnicodeError):
            raise BadNameError(
                "it holds characters that no host name may have: write it as smtp.example.com"
            ) from None
    return name.removesuffix(".")


def _check_label(label: str) -> None:
    if not label:
        raise BadNameError("a part of the name is empty: write it as smtp.example.com")
    if _LABEL.fullmatch(label):
        return
    if len(label) > LONGEST_LABEL:
        raise BadNameError("a part of a host name between two dots has at most 63 characters")
    raise BadNameError(
        "a host name has letters, digits, dots and inner hyphens only, as in smtp.example.com"
    )
