"""Port 25, where servers talk to servers: what is a fault elsewhere is worth a warning there."""

import pytest

from lab.conftest import RunLab
from lab.expect import Case, check
from lab.scene import Answer, Lab, one

NO_TLS, NO_SIGN_IN, CLEAR = "starttls.not_offered", "auth.not_offered", "auth.cleartext"
WRONG_SECURITY = "settings.wrong_security"


def both(name: str, service: str, verdict: str, *findings: str) -> dict[str, Case]:
    """The same server on 25 and on 587, which differ in severity and exit code alone."""
    return {
        f"{name} on {port}": Case(
            scene=one({port: service}, f"{{host}}:{port}"),
            verdict=verdict,
            findings=frozenset(findings),
            port=port,
        )
        for port in (25, 587)
    }


CASES = {
    **both("no extensions", "bare", NO_TLS, NO_SIGN_IN),
    **both("sign-in in the clear", "plain", NO_TLS, CLEAR),
    **both("no sign-in", "relay", NO_SIGN_IN),
    "HELO alone on 25": Case(
        scene=one({25: "helo"}, "{host}:25"),
        verdict=NO_TLS,
        findings=frozenset({NO_SIGN_IN}),
        absent=frozenset({"ehlo.rejected"}),
        security="none",
    ),
    "HELO alone on 587": Case(
        scene=one({587: "helo"}, "{host}:587"),
        verdict="ehlo.rejected",
        findings=frozenset({NO_SIGN_IN, NO_TLS}),
        security="none",
    ),
    **both("masked on the way", "masked", NO_TLS, "network.intercepted"),
    "nothing encrypted is wanted on 25": Case(
        scene=one({25: "plain"}, "{host}:25", security="none"), verdict=CLEAR
    ),
    "TLS stated on 25": Case(
        scene=one({25: "relay"}, "{host}:25", security="tls"),
        verdict=WRONG_SECURITY,
    ),
    "STARTTLS stated on 25, which is TLS": Case(
        scene=one({25: "tls"}, "{host}:25", security="starttls"),
        suggested="25 tls",
        verdict=WRONG_SECURITY,
    ),
    "465 is mute, 587 works": Case(
        scene=one({465: "silent", 587: "starttls"}, "{host}:465"),
        verdict="network.port_blocked",
        suggested="587 starttls",
        findings=frozenset({"tls.handshake_failed"}),
    ),
}


WARNINGS = {
    "no extensions on 25",
    "sign-in in the clear on 25",
    "no sign-in on 25",
    "HELO alone on 25",
    "masked on the way on 25",
    "nothing encrypted is wanted on 25",
}


@pytest.fixture(scope="module")
def answers(run_lab: RunLab) -> dict[str, Answer]:
    """The answers to all scenes of this file, from one namespace."""
    scenes = tuple(case.scene for case in CASES.values())
    return dict(zip(CASES, run_lab(Lab(scenes=scenes, settings={"TIMEOUT": "4"})), strict=True))


@pytest.mark.parametrize("name", CASES)
def test_port_25_is_another_matter(name: str, answers: dict[str, Answer]) -> None:
    """Warnings and exit 0 on port 25, problems and exit 1 on 587, by the contract."""
    check(CASES[name], answers[name])
    wanted = "warning" if name in WARNINGS else "problem"
    assert answers[name].document["verdict"]["severity"] == wanted
