"""Whether a name in a certificate is the name of a host (RFC 6125 section 6.4)."""

from ipaddress import ip_address

__all__ = ["matches"]

_MIN_WILDCARD_LABELS = 3  # `*.com` would match half the world; OpenSSL refuses it too


def matches(name: str, host: str) -> bool:
    """Whether `name`, which may start with a wildcard label, stands for `host`.

    `*.example.com` stands for `a.example.com`, neither for `example.com` nor `a.b.example.com`,
    and a part of a label (`f*.example.com`) is no wildcard.
    """
    address = _address(host)
    if address is not None:
        return _address(name) == address
    pattern = name.lower().removesuffix(".").split(".")
    labels = host.lower().removesuffix(".").split(".")
    if pattern == labels:
        return True
    is_wildcard = pattern[0] == "*" and len(pattern) >= _MIN_WILDCARD_LABELS
    return is_wildcard and pattern[1:] == labels[1:] and bool(labels[0])


def _address(text: str) -> object:
    try:
        return ip_address(text)
    except ValueError:
        return None
