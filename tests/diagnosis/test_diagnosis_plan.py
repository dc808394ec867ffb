"""What is looked at next."""

from dataclasses import replace
from datetime import timedelta

import pytest
from scenes import (
    ADDRESS,
    HOST,
    a_certificate,
    an_attempt,
    connected,
    evidence,
    failed,
    healthy,
    looked_up,
    mute,
    name_failed,
    refused,
    silent,
    stopped_at,
)

from bot.diagnosis.likely import Likely
from bot.diagnosis.plan import Ways, plan
from bot.model.codes import Code
from bot.model.evidence import Attempt, Evidence, Greeting, Observation, Role, Stage
from bot.model.target import Protocol, Security, Setting, Target

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
    return plan(
        target, seen, timedelta(seconds=seconds), started=started, ways=Ways(alternatives=PORTS)
    ).start


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


@pytest.mark.parametrize("protocol", ["smtp", "text"])
def test_failed_handshake_brings_a_plain_greeting(protocol: str) -> None:
    """A port that answers TLS in words is greeted in plain text."""
    attempt = an_attempt(465, Security.TLS)
    words = Greeting(code=None, text="220 mail", protocol=protocol)
    broken = failed(attempt, Stage.TLS, Code.TLS_HANDSHAKE_FAILED, words)
    wanted = starts(
        evidence(connected(attempt), broken), attempt, target=Target(host=HOST, port=465)
    )

    assert Security.STARTTLS is wanted[0].security
    assert Role.OTHER_MODE is wanted[0].role


def test_a_handshake_that_is_broken_off_brings_no_plain_greeting() -> None:
    """Who answers in TLS, with an alert for instance, would wait for TLS till the end of time."""
    attempt = an_attempt(465, Security.TLS)
    seen = evidence(stopped_at(attempt, Stage.TLS, Code.TLS_HANDSHAKE_FAILED, connected(attempt)))
    wanted = starts(seen, attempt, target=Target(host=HOST, port=465))

    assert Role.OTHER_MODE not in {one.role for one in wanted}


def test_working_other_mode_ends_the_check() -> None:
    """Once TLS on the silent port works, its silence is explained and nobody waits on."""
    other = an_attempt(587, Security.TLS, Role.OTHER_MODE)
    seen = evidence(connected(an_attempt()), healthy(other))
    step = plan(
        STATED,
        seen,
        timedelta(seconds=1.2),
        started=(an_attempt(), other),
        ways=Ways(alternatives=PORTS),
    )

    assert step.enough


def test_certificate_fault_brings_the_other_ports() -> None:
    """Another port may show another certificate, and then people can send meanwhile."""
    seen = evidence(stopped_at(an_attempt(), Stage.CERTIFICATE, Code.CERT_EXPIRED))

    assert {one.role for one in starts(seen, an_attempt())} == {Role.OTHER_PORT}


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
        ways=Ways(alternatives=PORTS),
    )

    assert step.enough


def test_mute_port_is_not_dialled_twice() -> None:
    """An attempt that was made is never made again."""
    seen = evidence(mute(an_attempt()))
    first = starts(seen, an_attempt(), seconds=2)

    assert starts(seen, an_attempt(), *first, seconds=3) == ()


OTHER = "smtp.other.example"
LIKELY = (
    Likely(
        setting=Setting(host=OTHER, port=587, security=Security.STARTTLS),
        protocol=Protocol.SMTP,
        is_slip=True,
    ),
)


def elsewhere(
    seen: Evidence,
    *started: Attempt,
    likely: tuple[Likely, ...] = LIKELY,
    target: Target = STATED,
    seconds: float = 0.1,
) -> tuple[Attempt, ...]:
    """The attempts at other hosts that the plan starts now."""
    step = plan(
        target,
        seen,
        timedelta(seconds=seconds),
        started=started,
        ways=Ways(alternatives=PORTS, likely=lambda: likely),
    )
    return tuple(attempt for attempt in step.start if attempt.role is Role.OTHER_HOST)


@pytest.mark.parametrize(
    "seen",
    [
        (name_failed(Code.DNS_NXDOMAIN),),
        (name_failed(Code.DNS_NO_ADDRESS),),
        refused(an_attempt()),
        silent(an_attempt()),
        healthy(an_attempt(), certificate=a_certificate(Code.CERT_NAME_MISMATCH)),
    ],
)
def test_dead_or_foreign_name_brings_the_one_that_was_meant(seen: tuple[Observation, ...]) -> None:
    """Its look-up comes first; the attempt follows once there is an address."""
    started = (an_attempt(),) if len(seen) > 1 else ()
    (look_up,) = elsewhere(evidence(seen), *started)
    found = replace(looked_up("192.0.2.77"), attempt=look_up)
    (attempt,) = elsewhere(evidence(seen, found), *started, look_up)

    assert (look_up.is_look_up, look_up.host) == (True, OTHER)
    assert (attempt.host, attempt.address, attempt.port) == (OTHER, "192.0.2.77", 587)


@pytest.mark.parametrize(
    "seen",
    [
        healthy(an_attempt()),
        mute(an_attempt()),
        stopped_at(an_attempt(), Stage.GREETING, Code.GREETING_BUSY, connected(an_attempt())),
        healthy(an_attempt(), certificate=a_certificate(Code.CERT_EXPIRED)),
    ],
)
def test_server_that_answers_to_its_name_is_not_doubted(seen: tuple[Observation, ...]) -> None:
    """Whatever else is wrong with it: it may have the name that it has."""
    assert elsewhere(evidence(seen), an_attempt(), seconds=5) == ()


def test_name_in_the_domain_of_a_provider_is_doubted_only_if_it_leads_nowhere() -> None:
    """Nobody told us of the server, and yet it may be there and be out of order."""
    likely = (replace(LIKELY[0], is_slip=False),)
    gone = evidence(name_failed(Code.DNS_NXDOMAIN))

    assert elsewhere(evidence(refused(an_attempt())), an_attempt(), likely=likely) == ()
    assert len(elsewhere(gone, likely=likely)) == 1


def test_dead_address_waits_for_the_others() -> None:
    """What one address refuses another may grant: nothing else is tried before that is known."""
    one, two = an_attempt(), an_attempt(address="192.0.2.11")
    both = looked_up("192.0.2.10", "192.0.2.11")

    assert starts(evidence(both, refused(one)), one, two) == ()
    assert len(starts(evidence(both, refused(one), refused(two)), one, two)) == 3


def test_other_ports_are_tried_at_the_next_address_if_one_is_dead() -> None:
    """An address where no port answers says nothing about the others of its family."""
    one, two = an_attempt(), an_attempt(address="192.0.2.11")
    seen = evidence(looked_up("192.0.2.10", "192.0.2.11"), refused(one), refused(two))
    first = starts(seen, one, two)
    second = starts(seen.plus(*(o for a in first for o in refused(a))), one, two, *first)

    assert {attempt.address for attempt in first} == {"192.0.2.10"}
    assert {attempt.address for attempt in second} == {"192.0.2.11"}


def test_slow_look_up_is_no_hesitation_of_the_server() -> None:
    """The second within which a server is to greet begins when its address is known."""
    slow = replace(looked_up(), took=timedelta(seconds=4))
    attempt = an_attempt()

    assert starts(evidence(slow, connected(attempt)), attempt, seconds=4.5) == ()
    assert starts(evidence(slow, connected(attempt)), attempt, seconds=5.1)
