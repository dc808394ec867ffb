"""The guard, on every kind of address that somebody has got past some other guard with."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lab.special import EMBEDDINGS, METADATA, SPECIAL_IPV4, SPECIAL_IPV6, edges

from bot.probes.guard import Guard, IPAddress, IPNetwork

PUBLIC = [
    "8.8.8.8",
    "1.1.1.1",
    "9.9.9.9",
    "11.0.0.1",
    "100.63.255.255",
    "100.128.0.1",
    "126.255.255.255",
    "128.0.0.1",
    "168.63.129.15",
    "168.63.129.17",
    "169.253.255.255",
    "169.255.0.1",
    "172.15.255.255",
    "172.32.0.1",
    "192.0.1.1",
    "192.0.3.1",
    "192.88.98.1",
    "192.167.255.255",
    "192.169.0.1",
    "198.17.255.255",
    "198.20.0.1",
    "198.51.99.1",
    "203.0.112.1",
    "223.255.255.255",
    "2600::1",
    "2001:4860:4860::8888",
    "2001:200::1",
    "2a00:1450:4001::1a",
    "2003::1",
    "3ffe::1",
    "::ffff:8.8.8.8",
]

NOT_PUBLIC = [
    # this network, private, shared, loopback, link-local
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "127.1.2.3",
    "127.255.255.255",
    "169.254.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.0.1",
    # protocol assignments, documentation, 6to4 relays, benchmarks
    "192.0.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    # multicast, reserved, broadcast, clouds
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "168.63.129.16",
    "100.100.100.200",
    # IPv6: unspecified, loopback, local, multicast, site-local, discard, outside 2000::/3
    "::",
    "::1",
    "fe80::1",
    "fe80::a9fe:a9fe",
    "fec0::1",
    "fc00::1",
    "fd00::1",
    "fd00:ec2::254",
    "ff02::1",
    "ff0e::1",
    "100::1",
    "200::1",
    "4000::1",
    "5f00::1",
    "e000::1",
    # IPv6 that carries IPv4: mapped, compatible, translated, NAT64, 6to4, Teredo
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "::FFFF:10.0.0.1",
    "0:0:0:0:0:ffff:169.254.169.254",
    "::ffff:0:127.0.0.1",
    "::127.0.0.1",
    "::8.8.8.8",
    "64:ff9b::7f00:1",
    "64:ff9b::8.8.8.8",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2002:a00:1::1",
    "2001::1",
    "2001:0:7f00:1::1",
    # IPv6 special parts of 2000::/3
    "2001:db8::1",
    "2001:10::1",
    "2001:20::1",
    "3fff::1",
    # zones, and what is no address at all
    "fe80::1%eth0",
    "2600::1%eth0",
    "::1%1",
    "127.1",
    "2130706433",
    "0x7f.1",
    "010.0.0.1",
    "8.8.8.8 ",
    "[2600::1]",
    "\uff18.8.8.8",
    "localhost",
    "",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_may_be_dialled(address: str) -> None:
    """Neighbours of special blocks are public like all others."""
    assert Guard().refuses_address(address) is None


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_anything_else_is_refused_with_words(address: str) -> None:
    """Whatever is not plainly public is refused, and it is said why."""
    assert Guard().refuses_address(address)


def within(*blocks: str) -> st.SearchStrategy[IPAddress]:
    """Any address of these blocks."""
    networks = [ip_network(block) for block in blocks]
    return st.sampled_from(networks).flatmap(
        lambda network: st.integers(int(network[0]), int(network[-1])).map(type(network[0]))
    )


ANY_ADDRESS = st.one_of(
    st.integers(0, 2**32 - 1).map(IPv4Address),
    st.integers(0, 2**128 - 1).map(IPv6Address),
    within("2000::/3", "::/8", "64:ff9b::/32", "fc00::/6", "2001::/16", "192.0.0.0/8"),
)


@pytest.mark.parametrize("address", [*edges(*SPECIAL_IPV4, *SPECIAL_IPV6)])
def test_the_edges_of_special_blocks_are_refused(address: str) -> None:
    """First and last address of every block of the registries."""
    assert Guard().refuses_address(address)


@given(address=within(*SPECIAL_IPV4, *SPECIAL_IPV6))
def test_nothing_of_a_special_block_is_dialled(address: IPAddress) -> None:
    """Not its edges alone."""
    assert Guard().refuses_address(str(address))


@given(
    address=st.integers(0, 2**32 - 1).map(IPv4Address) | within(*SPECIAL_IPV4),
    form=st.sampled_from(sorted(EMBEDDINGS)),
)
def test_ipv4_in_ipv6_is_never_less_closed(address: IPAddress, form: str) -> None:
    """A forbidden IPv4 address stays so in every IPv6 form; most forms are closed altogether."""
    assert isinstance(address, IPv4Address)
    hidden = EMBEDDINGS[form](address)
    is_refused = Guard().refuses_address(hidden) is not None

    if form.startswith("mapped"):
        assert is_refused == (Guard().refuses_address(str(address)) is not None)
    else:
        assert is_refused


@given(address=ANY_ADDRESS)
def test_what_python_knows_to_be_special_is_refused(address: IPAddress) -> None:
    """We never dial what the standard library calls private, local, reserved or multicast."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    plain = mapped or address  # some versions call all mapped ones reserved
    if (
        plain.is_private
        or plain.is_multicast
        or plain.is_reserved
        or plain.is_loopback
        or plain.is_link_local
        or plain.is_unspecified
    ):
        assert Guard().refuses_address(str(address))


@given(address=ANY_ADDRESS)
def test_a_judgement_does_not_depend_on_the_spelling(address: IPAddress) -> None:
    """Short, long, in capitals: the parsed address is judged."""
    guard = Guard()
    judged = guard.refuses_address(str(address)) is None

    assert (guard.refuses_address(address.exploded.upper()) is None) == judged
    assert ip_address(address.exploded) == address


@given(text=st.text(st.characters(categories=("Nd", "No", "Po", "L")), max_size=30))
def test_what_is_no_address_to_python_is_none_to_us(text: str) -> None:
    """Digits of other scripts and the spellings of C are refused, not guessed at."""
    try:
        ip_address(text)
    except ValueError:
        assert Guard().refuses_address(text)


@pytest.mark.parametrize(
    ("network", "inside", "outside"),
    [
        ("127.0.0.0/8", "127.0.0.1", "10.0.0.1"),
        ("10.20.0.0/16", "10.20.255.1", "10.21.0.1"),
        ("10.20.0.0/16", "::ffff:10.20.0.1", "::ffff:10.21.0.1"),
        ("100.64.0.0/10", "100.64.0.1", "127.0.0.1"),
        ("::1/128", "::1", "::2"),
        ("fd00::/8", "fd00::25", "fc00::25"),
        ("2001:db8::/32", "2001:db8::1", "3fff::1"),
    ],
)
def test_an_allowed_network_opens_itself_and_nothing_else(
    network: str, inside: str, outside: str
) -> None:
    """The operator's entry is exact."""
    guard = Guard(allow_nets=(ip_network(network),))

    assert guard.refuses_address(inside) is None
    assert guard.refuses_address(outside)


WIDE = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/1",
        "128.0.0.0/1",
        "168.0.0.0/8",
        "169.254.0.0/16",
        "100.64.0.0/10",
        "192.0.0.0/24",
        "fc00::/7",
        "fe80::/10",
        "::/1",
        "2000::/3",
    )
)


@pytest.mark.parametrize("address", [*METADATA, "::ffff:169.254.169.254"])
def test_metadata_stays_refused_whatever_is_allowed(address: str) -> None:
    """Clouds keep credentials there; no allow-list opens them."""
    assert Guard(allow_nets=WIDE).refuses_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001:0:1::1",
        "::127.0.0.1",
        "::ffff:0:7f00:1",
        "fd00::5efe:a00:1",
        "fe80::200:5efe:808:808",
        "::",
        "0.0.0.0",
    ],
)
def test_translation_stays_refused_whatever_is_allowed(address: str) -> None:
    """An address that a gateway turns into another one cannot be judged."""
    assert Guard(allow_nets=WIDE).refuses_address(address)


@pytest.mark.parametrize(
    "network",
    [
        "0.0.0.0/0",
        "::/0",
        "64:ff9b::/96",
        "64:ff9b::7f00:0/112",
        "2002:7f00::/24",
        "2001::/32",
        "::ffff:0:0/96",
        "::ffff:10.0.0.0/104",
        "::127.0.0.0/104",
        "64:ff9b:1::/48",
    ],
)
def test_entries_that_cannot_be_meant_stop_the_start(network: str) -> None:
    """Everything, or an IPv4 network in IPv6 clothes: one clear line says so."""
    entry: IPNetwork = ip_network(network)

    with pytest.raises(ValueError, match="name the") as raised:
        Guard(allow_nets=(entry,))

    assert "\n" not in str(raised.value)


def test_the_eight_mail_ports_are_open_and_others_are_not() -> None:
    """Submission, relay, IMAP and POP3; no web, shell, database or mail port of another kind."""
    guard = Guard()

    assert all(
        guard.refuses_port(port) is None for port in (25, 465, 587, 2525, 110, 143, 993, 995)
    )
    assert all(guard.refuses_port(port) for port in (0, 22, 24, 26, 80, 443, 2526, 5432, 65536, -1))


def test_allowed_ports_are_ranges() -> None:
    """A range of the settings opens its ends and nothing beside them."""
    guard = Guard(allow_ports=(range(2526, 2527), range(10_000, 65_536)))

    assert [guard.refuses_port(port) is None for port in (2526, 2527, 9_999, 10_000, 65_535)] == [
        True,
        False,
        False,
        True,
        True,
    ]


@pytest.mark.parametrize("ports", [range(1), range(1, 65_537), range(5, 5)])
def test_port_ranges_that_cannot_be_meant_stop_the_start(ports: range) -> None:
    """Ports are 1 to 65535."""
    with pytest.raises(ValueError, match="not within 1-65535"):
        Guard(allow_ports=(ports,))
