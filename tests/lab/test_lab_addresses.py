"""Names with several addresses, some of which cannot be reached."""

import pytest

from lab.conftest import RunLab
from lab.expect import Case, check
from lab.scene import Answer, Lab, Machine, Scene, drop

GOOD = {587: "starttls", 465: "tls"}
UNREACHED = frozenset({"tcp.partial"})


def machine(state: str, family: int) -> Machine:
    """A machine in one of these states, or one that our own routes do not lead to."""
    kind = "icmpv6" if family == 6 else "icmp"
    opening = "tcp flags & (syn | ack) == syn"
    states = {
        "good": Machine(ports=GOOD, family=family),
        "refuses": Machine(family=family),
        "silent": Machine(ports=GOOD, rules=drop(25, 465, 587, 2525), family=family),
        "silent 587": Machine(ports=GOOD, rules=drop(587), family=family),
        "rejects": Machine(
            rules=(f"{opening} reject with {kind} admin-prohibited",), family=family
        ),
        "mute": Machine(ports=dict.fromkeys(GOOD, "silent"), family=family),
    }
    return states.get(state) or Machine(family=family, way=state)


def named(*states: str, target: str = "{host}:587") -> Scene:
    """A name with machines like `4 good` or `6 silent`."""
    machines = (machine(state.partition(" ")[2], int(state[0])) for state in states)
    return Scene(machines=tuple(machines), target=target)


PARTIAL, BLOCKED, WRONG_PORT = "tcp.partial", "network.port_blocked", "settings.wrong_port"
CASES = {
    "both families": Case(scene=named("4 good", "6 good"), verdict="ok", absent=UNREACHED),
    "IPv6 alone": Case(scene=named("6 good"), verdict="ok"),
    "IPv6 alone, as an address": Case(scene=named("6 good", target="[{v6}]:587"), verdict="ok"),
    "IPv6 alone, as an address without port": Case(
        scene=named("6 good", target="{v6}"), verdict="ok", port=587
    ),
    "IPv6 alone, 587 is silent": Case(
        scene=named("6 silent 587", target="[{v6}]:587"), verdict=BLOCKED, suggested="465 tls"
    ),
    "IPv6 silent, IPv4 good": Case(scene=named("6 silent", "4 good"), verdict=PARTIAL),
    "IPv6 good, IPv4 silent": Case(scene=named("6 good", "4 silent"), verdict=PARTIAL),
    "IPv6 refuses, IPv4 good": Case(scene=named("6 refuses", "4 good"), verdict=PARTIAL),
    "IPv6 good, IPv4 refuses": Case(scene=named("6 good", "4 refuses"), verdict=PARTIAL),
    "IPv6 rejected, IPv4 good": Case(scene=named("6 rejects", "4 good"), verdict=PARTIAL),
    "IPv6 good, IPv4 rejected": Case(scene=named("6 good", "4 rejects"), verdict=PARTIAL),
    "IPv4 has a route to nowhere, IPv6 good": Case(
        scene=named("4 nowhere", "6 good"), verdict=PARTIAL
    ),
    "no IPv6 route of ours, IPv4 good": Case(
        scene=named("6 none", "4 good"), verdict="ok", absent=UNREACHED
    ),
    "IPv6 forbidden by our own routes, IPv4 good": Case(
        scene=named("6 prohibit", "4 good"), verdict="ok", absent=UNREACHED
    ),
    "IPv4 swallowed by our own routes, IPv6 good": Case(
        scene=named("4 blackhole", "6 good"), verdict="ok", absent=UNREACHED
    ),
    "no IPv6 route of ours, IPv4 refuses": Case(
        scene=named("6 none", "4 refuses"), verdict="tcp.refused"
    ),
    "no IPv6 route of ours, IPv4 silent": Case(
        scene=named("6 none", "4 silent"), verdict="tcp.timeout"
    ),
    "one of three silent": Case(
        scene=named("4 good", "4 silent", "4 good"), verdict=PARTIAL, findings=UNREACHED
    ),
    "one of three refuses": Case(scene=named("4 refuses", "4 good", "4 good"), verdict=PARTIAL),
    "two of three dead, for different reasons": Case(
        scene=named("4 refuses", "4 silent", "4 good"), verdict=PARTIAL
    ),
    "one of two mute": Case(scene=named("4 mute", "4 good"), verdict=PARTIAL),
    "one of two silent, no port": Case(
        scene=named("4 silent", "4 good", target="{host}"), verdict=PARTIAL, port=587
    ),
    "IPv6 silent, IPv4 good, no port": Case(
        scene=named("6 silent", "4 good", target="{host}"), verdict=PARTIAL, port=587
    ),
    "all silent": Case(scene=named("4 silent", "6 silent"), verdict="tcp.timeout"),
    "all refuse": Case(scene=named("4 refuses", "6 refuses"), verdict="tcp.refused"),
    "587 silent on both": Case(
        scene=named("4 silent 587", "6 silent 587"), verdict=BLOCKED, suggested="465 tls"
    ),
    "587 silent on one, all silent on the other": Case(
        scene=named("4 silent 587", "6 silent"), verdict=BLOCKED, suggested="465 tls"
    ),
    "587 silent on one": Case(
        scene=named("4 silent 587", "6 good"), verdict=PARTIAL, findings=UNREACHED
    ),
}


@pytest.fixture(scope="module")
def answers(run_lab: RunLab) -> dict[str, Answer]:
    """The answers to all scenes of this file, from one namespace."""
    scenes = tuple(case.scene for case in CASES.values())
    return dict(zip(CASES, run_lab(Lab(scenes=scenes, settings={"TIMEOUT": "5"})), strict=True))


@pytest.mark.parametrize("name", CASES)
def test_each_address_counts(name: str, answers: dict[str, Answer]) -> None:
    """A dead address beside a good one is worth a warning, and our own missing route is not."""
    check(CASES[name], answers[name])


@pytest.mark.parametrize("name", CASES)
def test_each_address_has_its_rows(name: str, answers: dict[str, Answer]) -> None:
    """Every address of a name is looked at on the stated port, whatever the others say."""
    scene = CASES[name].scene
    addresses = set(scene.addresses(list(CASES).index(name)))
    stages = answers[name].document["stages"]
    tried = {one["address"] for one in stages if one["name"] == "tcp" and one["port"] == 587}

    assert tried == addresses
