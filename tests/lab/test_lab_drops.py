"""Packets that are swallowed or sent back, at every stage, and what our own machine has to do."""

import pytest

from lab.conftest import RunLab
from lab.expect import Case, check
from lab.scene import Answer, Lab, Machine, Scene, drop, one

PORTS = (25, 465, 587, 2525)
BLOCKED = "network.port_blocked"

# Client and server share an address here, so that flags and ports tell the directions apart.
OPENING = "tcp flags & (syn | ack) == syn"
# A firewall that lets connections be made and looks into what they carry.
DATA = "tcp flags & psh == psh drop"


def rejecting(how: str, *, family: int = 4, target: str = "{host}:587") -> Scene:
    """A machine before which a firewall sends every connection back."""
    return Scene(
        machines=(Machine(family=family, rules=(f"{OPENING} reject with {how}",)),),
        target=target,
    )


def away(way: str, *, family: int = 4) -> Scene:
    """A machine that cannot be reached by any port."""
    return Scene(machines=(Machine(family=family, way=way),), target="{host}:587")


def inspected(ports: dict[int, str], target: str, *, swallowed: str) -> Scene:
    """A machine whose words are swallowed on the way, on the ports named."""
    return one(ports, target, rules=(f"tcp sport {{ {swallowed} }} {DATA}",))


REJECTED = {
    "tcp reset": Case(scene=rejecting("tcp reset"), verdict="tcp.refused"),
    "port-unreachable": Case(scene=rejecting("icmp port-unreachable"), verdict="tcp.refused"),
    "host-unreachable": Case(scene=rejecting("icmp host-unreachable"), verdict="tcp.unreachable"),
    "net-unreachable": Case(scene=rejecting("icmp net-unreachable"), verdict="tcp.unreachable"),
    "host-prohibited": Case(scene=rejecting("icmp host-prohibited"), verdict="tcp.unreachable"),
    "net-prohibited": Case(scene=rejecting("icmp net-prohibited"), verdict="tcp.unreachable"),
    "admin-prohibited": Case(scene=rejecting("icmp admin-prohibited"), verdict="tcp.unreachable"),
    "IPv6, tcp reset": Case(scene=rejecting("tcp reset", family=6), verdict="tcp.refused"),
    "IPv6, port-unreachable": Case(
        scene=rejecting("icmpv6 port-unreachable", family=6), verdict="tcp.refused"
    ),
    "IPv6, no-route": Case(scene=rejecting("icmpv6 no-route", family=6), verdict="tcp.unreachable"),
    "IPv6, addr-unreachable": Case(
        scene=rejecting("icmpv6 addr-unreachable", family=6), verdict="tcp.unreachable"
    ),
    "IPv6, admin-prohibited": Case(
        scene=rejecting("icmpv6 admin-prohibited", family=6), verdict="tcp.unreachable"
    ),
    "one port alone, another works": Case(
        scene=one(
            {465: "tls"},
            "{host}:587",
            rules=("tcp dport 587 reject with icmp admin-prohibited",),
        ),
        verdict=BLOCKED,
        suggested="465 tls",
        findings=frozenset({"tcp.unreachable"}),
    ),
    "one port alone by reset, another works": Case(
        scene=one(
            {465: "tls", 587: "starttls"},
            "{host}:587",
            rules=("tcp dport 587 reject with tcp reset",),
        ),
        verdict="settings.wrong_port",
        suggested="465 tls",
    ),
    "the stated port, nothing works": Case(
        scene=one(
            {}, "{host}:587", rules=("tcp dport 587 reject with icmp host-unreachable", *drop(465))
        ),
        verdict="tcp.unreachable",
    ),
}

OWN_FAULT = {
    f"IPv{family}, {way}": Case(
        scene=away(way, family=family),
        verdict="tcp.unreachable",
        said=f"this machine has no IPv{family} route",
    )
    for family in (4, 6)
    for way in ("none", "unreachable", "prohibit", "blackhole")
} | {"a route to nowhere": Case(scene=away("nowhere"), verdict="tcp.timeout", said="within 1.")}

AFTER_THE_HANDSHAKE = {
    "the server's words are swallowed on all ports": Case(
        scene=inspected({587: "starttls", 465: "tls"}, "{host}:587", swallowed="587, 465"),
        verdict="greeting.none",
        absent=frozenset({"tcp.timeout", BLOCKED}),
    ),
    "the server's words are swallowed on 587, 465 works": Case(
        scene=inspected({587: "starttls", 465: "tls"}, "{host}:587", swallowed="587"),
        verdict=BLOCKED,
        suggested="465 tls",
        findings=frozenset({"greeting.none"}),
        absent=frozenset({"tcp.timeout"}),
    ),
    "the server's words are swallowed on 465, nothing else works": Case(
        scene=inspected({465: "tls"}, "{host}:465", swallowed="465"), verdict="tls.handshake_failed"
    ),
    "our words are swallowed": Case(
        scene=one({587: "starttls"}, "{host}:587", rules=(f"tcp dport 587 {DATA}",)),
        verdict="session.timeout",
        findings=frozenset({"session.timeout"}),
    ),
    "every packet after the handshake": Case(
        scene=one(
            {587: "starttls"}, "{host}:587", rules=("tcp dport 587 tcp flags & syn == 0 drop",)
        ),
        verdict="greeting.none",
    ),
    "the server vanishes at once": Case(
        scene=one({587: "vanishes-at-once"}, "{host}:587"), verdict="greeting.none"
    ),
    "the server vanishes in EHLO": Case(
        scene=one({587: "vanishes-in-ehlo"}, "{host}:587"), verdict="session.timeout"
    ),
    "the server vanishes in STARTTLS": Case(
        scene=one({587: "vanishes-in-starttls"}, "{host}:587"), verdict="session.timeout"
    ),
    "the server vanishes in the TLS handshake": Case(
        scene=one({587: "vanishes-in-tls"}, "{host}:587"), verdict="tls.handshake_failed"
    ),
    "the server vanishes within TLS": Case(
        scene=one({587: "vanishes-within-tls"}, "{host}:587"), verdict="session.timeout"
    ),
    "the server vanishes in EHLO, 465 works": Case(
        scene=one({587: "vanishes-in-ehlo", 465: "tls"}, "{host}:587"),
        verdict="session.timeout",
        suggested="465 tls",
    ),
}

# A third or a quarter of all packets is lost: that takes longer, and is no fault of the settings.
LOSS = {
    "every third packet to the server is lost": Case(
        scene=one({587: "starttls"}, rules=("tcp dport 587 numgen inc mod 3 == 0 drop",)),
        verdict="ok",
    ),
    "every third packet from the server is lost": Case(
        scene=one({465: "tls"}, "{host}:465", rules=("tcp sport 465 numgen inc mod 3 == 2 drop",)),
        verdict="ok",
    ),
    "every fourth packet in both directions is lost": Case(
        scene=one({587: "starttls"}, "{host}:587", rules=("numgen inc mod 4 == 3 drop",)),
        verdict="ok",
    ),
}

CASES = {
    f"{title}: {name}": case
    for title, cases in (
        ("rejected", REJECTED),
        ("our own", OWN_FAULT),
        ("after the handshake", AFTER_THE_HANDSHAKE),
        ("loss", LOSS),
    )
    for name, case in cases.items()
}


@pytest.fixture(scope="module")
def answers(run_lab: RunLab) -> dict[str, Answer]:
    """The answers to all scenes of this file, from one namespace."""
    scenes = tuple(case.scene for case in CASES.values())
    return dict(zip(CASES, run_lab(Lab(scenes=scenes, settings={"TIMEOUT": "5"})), strict=True))


@pytest.mark.parametrize("name", CASES)
def test_packets_that_do_not_arrive(name: str, answers: dict[str, Answer]) -> None:
    """Silence and refusal on the way are told from those of the server, and from our own."""
    check(CASES[name], answers[name])


def test_no_silence_outlives_the_deadline(answers: dict[str, Answer]) -> None:
    """A third of the check is the most that one connection waits for; the check ends in time."""
    connecting = [
        stage["ms"]
        for answer in answers.values()
        for stage in answer.document["stages"]
        if stage["name"] == "tcp"
    ]

    assert max(connecting) < 2_500
    assert max(answer.document["elapsed_ms"] for answer in answers.values()) < 7_500
