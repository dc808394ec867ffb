"""Which addresses and ports may be dialled at all.

People type the names of servers, so without a guard the bot would look around in our own network
for whoever asks. The judgement is made on the *parsed* address, after resolution and again when
it is dialled: patterns on the text of an address were the common hole of the past years, and
`ipaddress.is_global` is wrong on a quarter of the cases that matter (facts/reliability.md 1.2).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from bot.model.target import MAIL_PORTS

__all__ = ["Guard", "IPAddress", "IPNetwork"]

IPAddress = IPv4Address | IPv6Address
IPNetwork = IPv4Network | IPv6Network


def _networks(*texts: str) -> tuple[IPNetwork, ...]:
    return tuple(ip_network(text) for text in texts)


# Special-purpose IPv4 (IANA registry, RFC 6890), multicast and reserved space, Azure WireServer.
_SPECIAL_IPV4 = _networks(
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/3",
    "168.63.129.16/32",
)

# Only 2000::/3 is given out as global unicast (RFC 4291); these parts of it are something else.
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_SPECIAL_IPV6 = _networks("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")

# An IPv6 address in here carries an IPv4 address that some gateway may dial for us: mapped,
# translated (RFC 2765, RFC 6052, RFC 8215), Teredo, 6to4. No allow-list opens them.
_TRANSLATION = _networks(
    "::ffff:0:0/96",
    "::ffff:0:0:0/96",
    "64:ff9b::/96",
    "64:ff9b:1::/48",
    "2001::/32",
    "2002::/16",
)
_COMPATIBLE = IPv6Network("::/96")  # RFC 4291 section 2.5.5.1; holds ::1, which is no translation
_LOOPBACK = IPv6Network("::1/128")
# Behind any prefix: an interface of ISATAP, whose last half is IPv4 (RFC 5214 section 6.1).
_ISATAP = frozenset({0x0000_5EFE, 0x0200_5EFE})
_PORTS = range(1, 65536)  # RFC 6335 section 6; 0 is reserved

# Clouds hand out credentials at these to whoever asks from inside; no mail server lives there.
_NEVER = _networks(
    "0.0.0.0/8",
    "168.63.129.16/32",
    "169.254.169.254/32",
    "169.254.169.253/32",
    "169.254.170.2/32",
    "169.254.170.23/32",
    "169.254.0.23/32",
    "169.254.42.42/32",
    "100.100.100.200/32",
    "192.0.0.192/32",
    "::/128",
    "fd00:ec2::23/128",
    "fd00:ec2::253/128",
    "fd00:ec2::254/128",
    "fd00:42::42/128",
    "fd20:ce::254/128",
    "fe80::a9fe:a9fe/128",
)


def _inside(address: IPAddress, networks: tuple[IPNetwork, ...]) -> bool:
    return any(address in network for network in networks)  # other family: never inside


def _is_public(address: IPAddress) -> bool:
    if isinstance(address, IPv4Address):
        return not _inside(address, _SPECIAL_IPV4)
    return address in _GLOBAL_UNICAST and not _inside(address, _SPECIAL_IPV6)


def _stands_for_ipv4(address: IPAddress) -> bool:
    if isinstance(address, IPv4Address):
        return False
    if _inside(address, _TRANSLATION) or (address in _COMPATIBLE and address not in _LOOPBACK):
        return True
    return int(address) >> 32 & 0xFFFF_FFFF in _ISATAP


def _translates(network: IPNetwork) -> bool:
    if isinstance(network, IPv4Network) or network == _LOOPBACK:
        return False
    prefixes = (*_TRANSLATION, _COMPATIBLE)
    return any(isinstance(p, IPv6Network) and network.subnet_of(p) for p in prefixes)


@dataclass(frozen=True, slots=True)
class Guard:
    """Public addresses and the eight mail ports, plus what the operator allows.

    `allow_nets` opens networks that are not public; addresses of cloud metadata and translation
    prefixes stay closed whatever it says. Raises ValueError, one line, for an entry that would
    open everything or cannot mean what was wanted.
    """

    allow_nets: tuple[IPNetwork, ...] = ()
    allow_ports: tuple[range, ...] = ()

    def __post_init__(self) -> None:
        for complaint in self._complaints():
            raise ValueError(complaint)

    def _complaints(self) -> Iterator[str]:
        for network in self.allow_nets:
            if network.prefixlen == 0:
                yield f"{network} would allow every address; name the networks that are meant"
            if _translates(network):
                yield f"{network} lies in a translation prefix; name the IPv4 network itself"
        for ports in self.allow_ports:
            if not ports or min(ports) not in _PORTS or max(ports) not in _PORTS:
                yield f"ports {ports.start}-{ports.stop - 1} are not within 1-65535"

    def refuses_address(self, text: str) -> str | None:
        """Why the address literal `text` must not be dialled; None if it may be."""
        try:
            address = ip_address(text)
        except ValueError:
            return f"{text!r} is not an address"
        if isinstance(address, IPv6Address):
            if address.scope_id is not None:
                return f"{text} has a zone and is meaningful on this machine only"
            address = address.ipv4_mapped or address
        return self._judge(address)

    def _judge(self, address: IPAddress) -> str | None:
        if _inside(address, _NEVER):
            return f"{address} is never a mail server"
        if _stands_for_ipv4(address):
            return f"{address} stands for an IPv4 address behind a gateway"
        if _is_public(address) or _inside(address, self.allow_nets):
            return None
        return f"{address} is not a public address, and its network is not allowed here"

    def refuses_port(self, port: int) -> str | None:
        """Why `port` must not be dialled; None if it may be."""
        if port in MAIL_PORTS or any(port in ports for ports in self.allow_ports):
            return None
        return f"{port} is not a mail port, and it is not allowed here"
