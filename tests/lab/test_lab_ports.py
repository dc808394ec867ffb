"""Real mail ports: which of them work, which are refused or silent, and what follows from it."""

import pytest

from lab.conftest import RunLab
from lab.expect import Case, check
from lab.scene import Answer, Lab, drop, one

FULL = {25: "relay", 465: "tls", 587: "starttls"}
INCOMING = {110: "pop3", 143: "imap", 993: "imap-tls", 995: "pop3-tls"}


def late(port: int) -> tuple[str, ...]:
    """Every second request for a connection is lost, the first one too; it comes again."""
    return (f"tcp dport {port} tcp flags & (syn | ack) == syn numgen inc mod 2 == 0 drop",)


ALL = (25, 465, 587, 2525)
BLOCKED, WRONG_PORT = "network.port_blocked", "settings.wrong_port"
WRONG_SECURITY, INCOMING_PORT = "settings.wrong_security", "settings.incoming_for_outgoing"

NO_PORT = {
    "all work": Case(scene=one(FULL), verdict="ok", port=587, security="starttls"),
    "587 is silent": Case(scene=one(FULL, rules=drop(587)), verdict="ok", port=465, security="tls"),
    "587 is refused": Case(scene=one({465: "tls"}), verdict="ok", port=465, security="tls"),
    "587 and 465 are silent": Case(
        scene=one({2525: "starttls"}, rules=drop(587, 465)),
        verdict="ok",
        port=2525,
        security="starttls",
    ),
    "silent servers behind 587 and 465, 2525 works": Case(
        scene=one({587: "silent", 465: "silent", 2525: "starttls"}), verdict="ok", port=2525
    ),
    "25 alone works": Case(
        scene=one({25: "relay"}, rules=drop(587)), verdict="auth.not_offered", port=25
    ),
    "25 alone works, with sign-in": Case(scene=one({25: "starttls"}), verdict="ok", port=25),
    "all are silent": Case(scene=one({}, rules=drop(*ALL)), verdict="tcp.timeout", port=587),
    "all are refused": Case(scene=one({}), verdict="tcp.refused", port=587),
    "587 is refused, the others are silent": Case(
        scene=one({}, rules=drop(25, 465, 2525)), verdict="tcp.refused", port=587
    ),
    "TLS on 587 alone": Case(scene=one({587: "tls"}), verdict="ok", port=587, security="tls"),
    "STARTTLS on 465 alone": Case(
        scene=one({465: "starttls"}), verdict="ok", port=465, security="starttls"
    ),
    "TLS on 2525 alone": Case(scene=one({2525: "tls"}), verdict="ok", port=2525, security="tls"),
    "587 is refused, 465 answers last": Case(
        scene=one({465: "tls", 2525: "starttls", 25: "starttls"}, rules=late(465)),
        verdict="ok",
        port=465,
        security="tls",
    ),
    "TLS is stated": Case(scene=one(FULL, security="tls"), verdict="ok", port=465, security="tls"),
    "TLS is stated, STARTTLS on 587 alone": Case(
        scene=one({587: "starttls"}, security="tls"),
        verdict=WRONG_PORT,
        suggested="587 starttls",
        port=465,
        security="tls",
    ),
    "STARTTLS is stated, TLS on 465 alone": Case(
        scene=one({465: "tls"}, security="starttls"),
        verdict=WRONG_PORT,
        suggested="465 tls",
        port=587,
        security="starttls",
    ),
    "a self-signed certificate on all": Case(
        scene=one({587: "self-signed", 465: "self-signed-tls", 25: "self-signed"}),
        verdict="cert.self_signed",
        port=587,
    ),
    "a self-signed certificate on 587, and 25 for servers": Case(
        scene=one({587: "self-signed", 25: "relay"}), verdict="cert.self_signed", port=587
    ),
    "a self-signed certificate on 25 alone": Case(
        scene=one({25: "self-signed-relay"}), verdict="cert.self_signed", port=25
    ),
    "IMAP is asked for": Case(
        scene=one(INCOMING, protocol="imap"), verdict="ok", port=993, security="tls"
    ),
    "POP3 is asked for, 995 is silent": Case(
        scene=one(INCOMING, protocol="pop3", rules=drop(995)),
        verdict="ok",
        port=110,
        security="starttls",
    ),
}

STATED = {
    "25 is silent, 587 works": Case(
        scene=one(FULL, "{host}:25", rules=drop(25)),
        verdict=BLOCKED,
        suggested="587 starttls",
        findings=frozenset({"tcp.timeout"}),
        said="within 1.",
    ),
    "25 is silent, 465 alone works": Case(
        scene=one({465: "tls"}, "{host}:25", rules=drop(25)), verdict=BLOCKED, suggested="465 tls"
    ),
    "465 is silent, 587 works": Case(
        scene=one(FULL, "{host}:465", rules=drop(465)), verdict=BLOCKED, suggested="587 starttls"
    ),
    "587 is silent, 465 works": Case(
        scene=one(FULL, "{host} 587", rules=drop(587)), verdict=BLOCKED, suggested="465 tls"
    ),
    "587 is refused, 465 works": Case(
        scene=one({465: "tls", 25: "relay"}, "{host}:587"),
        verdict=WRONG_PORT,
        suggested="465 tls",
        findings=frozenset({"tcp.refused"}),
    ),
    "465 is refused, 587 works": Case(
        scene=one({587: "starttls"}, "{host}:465", security="tls"),
        verdict=WRONG_PORT,
        suggested="587 starttls",
    ),
    "587 is refused, 465 answers last": Case(
        scene=one({465: "tls", 2525: "starttls"}, "{host}:587", rules=late(465)),
        verdict=WRONG_PORT,
        suggested="465 tls",
    ),
    "25 is refused, 2525 works": Case(
        scene=one({2525: "starttls"}, "{host}:25"), verdict=WRONG_PORT, suggested="2525 starttls"
    ),
    "587 is refused, 25 alone works": Case(
        scene=one({25: "relay"}, "{host}:587"), verdict="tcp.refused", port=587
    ),
    "587 is silent, 25 alone works": Case(
        scene=one({25: "relay"}, "{host}:587", rules=drop(587)), verdict="tcp.timeout"
    ),
    "587 is silent, the others are refused": Case(
        scene=one({}, "{host}:587", rules=drop(587)), verdict="tcp.timeout"
    ),
    "all are silent": Case(scene=one({}, "{host}:25", rules=drop(*ALL)), verdict="tcp.timeout"),
    "all are refused": Case(scene=one({}, "{v4}:465"), verdict="tcp.refused"),
    "an address in place of a name": Case(scene=one(FULL, "{v4}:465"), verdict="ok"),
    "587 works, the rest does not matter": Case(
        scene=one({587: "starttls"}, "{host}:587", rules=drop(25, 465, 2525)), verdict="ok"
    ),
    "a silent server behind 25, 587 works": Case(
        scene=one({25: "silent", 587: "starttls"}, "{host}:25"),
        verdict=BLOCKED,
        suggested="587 starttls",
        findings=frozenset({"greeting.none"}),
    ),
    "silent servers behind 25 and 587, 465 works": Case(
        scene=one({25: "silent", 587: "silent", 465: "tls"}, "{host}:25"),
        verdict=BLOCKED,
        suggested="465 tls",
    ),
    "silent servers behind 587 and 465, 2525 works": Case(
        scene=one({587: "silent", 465: "silent", 2525: "starttls"}, "{host}:587"),
        verdict=BLOCKED,
        suggested="2525 starttls",
    ),
    "silent servers behind 465 and 587, 2525 works": Case(
        scene=one({587: "silent", 465: "silent", 2525: "starttls"}, "{host}:465"),
        verdict=BLOCKED,
        suggested="2525 starttls",
    ),
    "587 and 465 are silent, 2525 works": Case(
        scene=one({2525: "starttls"}, "{host}:587", rules=drop(587, 465, 25)),
        verdict=BLOCKED,
        suggested="2525 starttls",
    ),
    "a silent server behind 465, 587 works": Case(
        scene=one({465: "silent", 587: "starttls"}, "{host}:465"),
        verdict=BLOCKED,
        suggested="587 starttls",
    ),
    "a silent server behind 465, nothing works": Case(
        scene=one({465: "silent"}, "{host}:465"), verdict="tls.handshake_failed"
    ),
    "a silent server behind 587, TLS stated": Case(
        scene=one({587: "silent", 465: "tls"}, "{host}:587", security="tls"),
        verdict=BLOCKED,
        suggested="465 tls",
    ),
    "a web server behind 25, 587 works": Case(
        scene=one({25: "http", 587: "starttls"}, "{host}:25"),
        verdict="greeting.not_smtp",
        suggested="587 starttls",
    ),
    "465 hangs up in the handshake, 587 works": Case(
        scene=one({465: "hangs-up", 587: "starttls"}, "{host}:465"),
        verdict="tls.handshake_failed",
        suggested="587 starttls",
        absent=frozenset({BLOCKED}),
    ),
    "465 resets the handshake, 587 works": Case(
        scene=one({465: "resets", 587: "starttls"}, "{host}:465"),
        verdict="tls.handshake_failed",
        suggested="587 starttls",
        absent=frozenset({BLOCKED}),
    ),
    "587 has a self-signed certificate, 465 a good one": Case(
        scene=one({587: "self-signed", 465: "tls"}, "{host}:587"),
        verdict="cert.self_signed",
        suggested="465 tls",
    ),
    "TLS stated on 25, which wants STARTTLS, and 465 works": Case(
        scene=one({25: "starttls", 465: "tls"}, "{host}:25", security="tls"),
        verdict=WRONG_SECURITY,
        suggested="465 tls",
    ),
    "TLS stated on 25, which wants STARTTLS and takes a sign-in": Case(
        scene=one({25: "starttls"}, "{host}:25", security="tls"),
        verdict=WRONG_SECURITY,
        suggested="25 starttls",
    ),
    "25 works and offers no sign-in": Case(
        scene=one(FULL, "{host}:25"), verdict="auth.not_offered"
    ),
}

# Silence beside the answer, which must not be waited for till the deadline.
BESIDE = {
    "587 is refused, a silent server behind 25, 465 works": Case(
        scene=one({465: "tls", 25: "silent"}), verdict="ok", port=465
    ),
    "a silent server behind 587, 465 and 25 work": Case(
        scene=one({587: "silent", 465: "tls", 25: "relay"}), verdict="ok", port=465
    ),
    "25 is refused, a silent server behind 587, 465 works": Case(
        scene=one({587: "silent", 465: "tls"}, "{host}:25"),
        verdict=WRONG_PORT,
        suggested="465 tls",
    ),
    "25 is refused, a silent server behind 587": Case(
        scene=one({587: "silent"}, "{host}:25"), verdict="tcp.refused"
    ),
    "587 refuses STARTTLS, a silent server behind 465": Case(
        scene=one({587: "refuses-tls", 465: "silent"}, "{host}:587"),
        verdict="starttls.refused",
    ),
    "465 hangs up in the handshake": Case(
        scene=one({465: "hangs-up"}, "{host}:465"), verdict="tls.handshake_failed"
    ),
}

MODES = {
    "TLS on 587, nothing stated": Case(
        scene=one({587: "tls"}, "{host}:587"), verdict="ok", security="tls"
    ),
    "STARTTLS on 465, nothing stated": Case(
        scene=one({465: "starttls"}, "{host}:465"), verdict="ok", security="starttls"
    ),
    "TLS on 587, STARTTLS stated": Case(
        scene=one({587: "tls"}, "{host}:587", security="starttls"),
        verdict=WRONG_SECURITY,
        suggested="587 tls",
        security="starttls",
    ),
    "STARTTLS on 465, TLS stated": Case(
        scene=one({465: "starttls"}, "{host}:465", security="tls"),
        verdict=WRONG_SECURITY,
        suggested="465 starttls",
        security="tls",
    ),
    "STARTTLS on 587, TLS stated": Case(
        scene=one(FULL, "{host}:587", security="tls"),
        verdict=WRONG_SECURITY,
        suggested="587 starttls",
    ),
    "TLS on 465, STARTTLS stated": Case(
        scene=one(FULL, "{host}:465", security="starttls"),
        verdict=WRONG_SECURITY,
        suggested="465 tls",
    ),
    "TLS on 465, no encryption stated": Case(
        scene=one(FULL, "{host}:465", security="none"), verdict=WRONG_SECURITY, suggested="465 tls"
    ),
    "STARTTLS on 587, no encryption stated": Case(
        scene=one(FULL, "{host}:587", security="none"),
        verdict=WRONG_SECURITY,
        suggested="587 starttls",
    ),
    "no encryption on 587, none stated": Case(
        scene=one({587: "plain"}, "{host}:587", security="none"), verdict="auth.cleartext"
    ),
    "TLS stated, 587 is silent, 465 works": Case(
        scene=one(FULL, "{host}:587", security="tls", rules=drop(587)),
        verdict=BLOCKED,
        suggested="465 tls",
    ),
    "no encryption stated, 465 is refused, 587 works": Case(
        scene=one({587: "starttls"}, "{host}:465", security="none"),
        verdict=WRONG_PORT,
        suggested="587 starttls",
    ),
}

FETCHING = {
    "993 is checked as IMAP": Case(scene=one(INCOMING, "{host}:993"), verdict="ok", security="tls"),
    "143 is checked as IMAP": Case(
        scene=one(INCOMING, "{host}:143"), verdict="ok", security="starttls"
    ),
    "995 is checked as POP3": Case(scene=one(INCOMING, "{host}:995"), verdict="ok", security="tls"),
    "110 is checked as POP3": Case(
        scene=one(INCOMING, "{host}:110"), verdict="ok", security="starttls"
    ),
    "993 for sending": Case(
        scene=one(INCOMING | FULL, "{host}:993", protocol="smtp"),
        verdict=INCOMING_PORT,
        suggested="587 starttls",
        findings=frozenset({"greeting.not_smtp"}),
    ),
    "143 for sending, 587 is silent": Case(
        scene=one(INCOMING | FULL, "{host}:143", protocol="smtp", rules=drop(587)),
        verdict=INCOMING_PORT,
        suggested="465 tls",
        findings=frozenset({"greeting.not_smtp"}),
    ),
    "995 for sending": Case(
        scene=one(INCOMING | FULL, "{host}:995", protocol="smtp"),
        verdict=INCOMING_PORT,
        suggested="587 starttls",
        findings=frozenset({"greeting.not_smtp"}),
    ),
    "110 for sending, no other port works": Case(
        scene=one(INCOMING, "{host}:110", protocol="smtp"),
        verdict=INCOMING_PORT,
        findings=frozenset({"greeting.not_smtp"}),
    ),
    "IMAP on 587": Case(
        scene=one({587: "imap", 465: "tls"}, "{host}:587"),
        verdict=INCOMING_PORT,
        suggested="465 tls",
        findings=frozenset({"greeting.not_smtp"}),
    ),
    "993 is silent, 587 works": Case(
        scene=one(FULL, "{host}:993", rules=drop(993)), verdict=BLOCKED, suggested="587 starttls"
    ),
    "993 for fetching alone is silent": Case(
        scene=one(FULL, "{host}:993", protocol="imap", rules=drop(993)), verdict="tcp.timeout"
    ),
    "993 for fetching alone is refused": Case(
        scene=one(FULL, "{host}:993", protocol="imap"), verdict="tcp.refused"
    ),
}

CASES = {
    f"{title}: {name}": case
    for title, cases in (
        ("no port", NO_PORT),
        ("stated", STATED),
        ("modes", MODES),
        ("fetching", FETCHING),
    )
    for name, case in cases.items()
}


@pytest.fixture(scope="module")
def answers(run_lab: RunLab) -> dict[str, Answer]:
    """The answers to all scenes of this file, from one namespace."""
    scenes = tuple(case.scene for case in CASES.values())
    return dict(zip(CASES, run_lab(Lab(scenes=scenes, settings={"TIMEOUT": "5"})), strict=True))


@pytest.mark.parametrize("name", CASES)
def test_the_ports_of_a_server(name: str, answers: dict[str, Answer]) -> None:
    """Refused, silent, swapped and mixed-up ports: the cause by the contract, and what works."""
    check(CASES[name], answers[name])


def test_silence_beside_the_answer_is_not_waited_for(run_lab: RunLab) -> None:
    """What cannot change the verdict any more does not hold it up till the deadline of 25 s."""
    scenes = tuple(case.scene for case in BESIDE.values())
    answers = run_lab(Lab(scenes=scenes, settings={"TIMEOUT": "25"}))
    for case, answer in zip(BESIDE.values(), answers, strict=True):
        check(case, answer)
    elapsed = [answer.document["elapsed_ms"] for answer in answers]

    assert max(elapsed) < 15_000, dict(zip(BESIDE, elapsed, strict=True))
