"""What is looked at next."""

from datetime import timedelta

from scenes import (
    ADDRESS,
    HOST,
    an_attempt,
    connected,
    evidence,
    healthy,
    looked_up,
    mute,
    refused,
    stopped_at,
)

from bot.diagnosis.plan import plan
from bot.model.codes import Code
from bot.model.evidence import Attempt, Evidence, Role, Stage
from bot.model.target import Protocol, Security, Target

PORTS = (
    (587, Security.STARTTLS),
    (465, Security.TLS),
    (2525, Security.STARTTLS),
    (25, Security.STARTTLS),
)
STATED = Target(host=HOST, port=587)


def starts(
    seen: Evidence, *started: Attempt, target: Target = STATED, seconds: float = 0.1
) -> tuple[Attempt, ...]:
    """The attempts that the plan starts now."""
    return plan(target, seen, timedelta(seconds=seconds), started=started, alternatives=PORTS).start


def test_stated_port_comes_first_and_alone() -> None:
    """At the beginning only what was stated is looked at, on every address."""
    wanted = starts(evidence(looked_up("2001:db8::1", "192.0.2.1")))

    assert [attempt.port for attempt in wanted] == [587, 587]
    assert {Role.STATED} == {attempt.role for attempt in wanted}


def test_healthy_server_costs_nothing_more() -> None:
    """After the stated port worked nothing else is dialled."""
    assert starts(evidence(healthy(an_attempt())), an_attempt(), seconds=2) == ()


def test_refused_port_brings_the_other_ports() -> None:
    """A refused port is followed by the other submission ports, in order."""
    wanted = starts(evidence(refused(an_attempt())), an_attempt())

    assert [attempt.port for attempt in wanted] == [465, 2525, 25]


def test_silent_greeting_brings_tls_on_the_same_port_first() -> None:
    """After a second of silence the port is sent a ClientHello, before other ports are tried."""
    wanted = starts(evidence(connected(an_attempt())), an_attempt(), seconds=1.1)

    assert (
        wanted[0].role,
        wanted[0].port,
        wanted[0].security,
    ) == (Role.OTHER_MODE, 587, Security.TLS)


def test_no_second_connection_before_it_hesitates() -> None:
    """Within the first second a connected port is simply waited for."""
    assert starts(evidence(connected(an_attempt())), an_attempt(), seconds=0.5) == ()


def test_failed_handshake_brings_a_plain_greeting() -> None:
    """A port that fails TLS is greeted in plain text."""
    attempt = an_attempt(465, Security.TLS)
    seen = evidence(stopped_at(attempt, Stage.TLS, Code.TLS_HANDSHAKE_FAILED, connected(attempt)))
    wanted = starts(seen, attempt, target=Target(host=HOST, port=465))

    assert Security.STARTTLS is wanted[0].security
    assert Role.OTHER_MODE is wanted[0].role


def test_working_other_mode_ends_the_check() -> None:
    """Once TLS on the silent port works, its silence is explained and nobody waits on."""
    other = an_attempt(587, Security.TLS, Role.OTHER_MODE)
    seen = evidence(connected(an_attempt()), healthy(other))
    step = plan(
        STATED,
        seen,
        timedelta(seconds=1.2),
        started=(an_attempt(), other),
        alternatives=PORTS,
    )

    assert step.enough


def test_certificate_fault_brings_no_other_port() -> None:
    """A certificate is the machine's own; another port would show the same."""
    seen = evidence(stopped_at(an_attempt(), Stage.CERTIFICATE, Code.CERT_EXPIRED))

    assert starts(seen, an_attempt()) == ()


def test_stated_security_without_port_prefers_its_port() -> None:
    """Who states TLS and no port means 465."""
    wanted = starts(evidence(looked_up()), target=Target(host=HOST, security=Security.TLS))

    assert wanted[0].port == 465


def test_imap_target_gets_no_submission_ports() -> None:
    """A check of IMAP stays with IMAP."""
    target = Target(host=HOST, port=993, protocol=Protocol.IMAP)
    attempt = Attempt(
        role=Role.STATED,
        address=ADDRESS,
        port=993,
        protocol=Protocol.IMAP,
        security=Security.TLS,
    )

    assert starts(evidence(refused(attempt)), attempt, target=target) == ()


def test_without_port_a_working_candidate_ends_the_wait() -> None:
    """A candidate that works is taken once earlier ones have stayed silent long enough."""
    target = Target(host=HOST)
    other = an_attempt(465, Security.TLS, Role.OTHER_PORT)
    step = plan(
        target,
        evidence(healthy(other)),
        timedelta(seconds=3.1),
        started=(an_attempt(), other),
        alternatives=PORTS,
    )

    assert step.enough


def test_mute_port_is_not_dialled_twice() -> None:
    """An attempt that was made is never made again."""
    seen = evidence(mute(an_attempt()))
    first = starts(seen, an_attempt(), seconds=2)

    assert starts(seen, an_attempt(), *first, seconds=3) == ()
