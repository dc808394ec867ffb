"""Addresses that are nobody's mail server, from the registries, and IPv4 in IPv6 clothes.

Written down apart from the guard, so that a slip there is not repeated here.
"""

from collections.abc import Callable, Iterator
from ipaddress import IPv4Address, IPv6Address, ip_network

__all__ = ["EMBEDDINGS", "METADATA", "SPECIAL_IPV4", "SPECIAL_IPV6", "edges"]

# IANA IPv4 Special-Purpose Address Registry; multicast; what clouds use inside.
SPECIAL_IPV4 = {
    "0.0.0.0/8": "this network",
    "10.0.0.0/8": "private",
    "100.64.0.0/10": "shared",
    "127.0.0.0/8": "loopback",
    "169.254.0.0/16": "link-local",
    "172.16.0.0/12": "private",
    "192.0.0.0/24": "protocol assignments",
    "192.0.2.0/24": "documentation",
    "192.88.99.0/24": "6to4 relays",
    "192.168.0.0/16": "private",
    "198.18.0.0/15": "benchmarking",
    "198.51.100.0/24": "documentation",
    "203.0.113.0/24": "documentation",
    "224.0.0.0/4": "multicast",
    "240.0.0.0/4": "reserved",
    "168.63.129.16/32": "a cloud's own",
}

# IANA IPv6 Special-Purpose Address Registry; multicast; what was never given out.
SPECIAL_IPV6 = {
    "::/128": "unspecified",
    "::1/128": "loopback",
    "::ffff:0:0:0/96": "translated",
    "64:ff9b::/96": "translation",
    "64:ff9b:1::/48": "local translation",
    "100::/64": "discard",
    "100:0:0:1::/64": "dummy",
    "200::/7": "never given out",
    "2001::/32": "Teredo",
    "2001:2::/48": "benchmarking",
    "2001:10::/28": "deprecated",
    "2001:20::/28": "no addresses",
    "2001:db8::/32": "documentation",
    "2002::/16": "6to4",
    "3fff::/20": "documentation",
    "4000::/2": "never given out",
    "5f00::/16": "segment routing",
    "8000::/1": "never given out, multicast",
    "fc00::/7": "unique local",
    "fe80::/10": "link-local",
    "fec0::/10": "site-local",
    "ff00::/8": "multicast",
}

METADATA = (
    "169.254.169.254",
    "169.254.169.253",
    "169.254.170.2",
    "169.254.170.23",
    "168.63.129.16",
    "100.100.100.200",
    "192.0.0.192",
    "fd00:ec2::254",
    "fd00:ec2::23",
    "fd20:ce::254",
    "fe80::a9fe:a9fe",
)


def _within(prefix: str, number: int) -> str:
    return str(IPv6Address(int(IPv6Address(prefix)) | number))


def _over_48_bits(address: IPv4Address) -> str:
    """RFC 6052 section 2.2: behind a prefix of 48 bits the octet in the middle is left out."""
    number = int(address)
    return _within("64:ff9b:1::", (number >> 16) << 64 | (number & 0xFFFF) << 40)


# RFC 4291, 2765, 6052, 8215, 3056, 4380 (server in clear, client with its bits turned), 5214.
EMBEDDINGS: dict[str, Callable[[IPv4Address], str]] = {
    "mapped": lambda address: _within("::ffff:0:0", int(address)),
    "mapped, with dots": lambda address: f"::FFFF:{address}",
    "compatible": lambda address: _within("::", int(address)),
    "translated": lambda address: _within("::ffff:0:0:0", int(address)),
    "NAT64": lambda address: _within("64:ff9b::", int(address)),
    "NAT64, with dots": lambda address: f"64:ff9b::{address}",
    "local NAT64": lambda address: _within("64:ff9b:1:ffff::", int(address)),
    "local NAT64, 48 bits": _over_48_bits,
    "6to4": lambda address: _within("2002::1", int(address) << 80),
    "Teredo server": lambda address: _within("2001::", int(address) << 64),
    "Teredo client": lambda address: _within("2001:0:909:909::", int(address) ^ 0xFFFFFFFF),
    "ISATAP": lambda address: _within("2600:1::5efe:0:0", int(address)),
    "ISATAP, global": lambda address: _within("2600:1::200:5efe:0:0", int(address)),
    "ISATAP, link-local": lambda address: _within("fe80::5efe:0:0", int(address)),
}


def edges(*blocks: str) -> Iterator[str]:
    """The first and the last address of each block."""
    for block in blocks:
        network = ip_network(block)
        yield from dict.fromkeys((str(network[0]), str(network[-1])))
