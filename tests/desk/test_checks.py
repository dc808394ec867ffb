"""The planning loop over a real prober and real sockets."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from ssl import SSLContext

import pytest
from servers.faultserver import Connection, ServeScript
from servers.scripts import IMAP, SILENT, smtp_starttls, smtp_tls

from bot.desk.checks import Checks
from bot.desk.clock import SystemClock
from bot.desk.run import CheckLimits
from bot.diagnosis.judge import diagnose
from bot.diagnosis.situation import Known
from bot.knowledge.schema import Knowledge
from bot.model.codes import Code
from bot.model.diagnosis import Diagnosis
from bot.model.evidence import Attempt, Evidence, Role, Seen, Stage, StageEvent
from bot.model.target import Protocol, Security, Setting, Target
from bot.probes.prober import NetworkProber

HOST = "localhost"
V4 = "127.0.0.1"


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port of loopback where nothing listens, held so that nobody else takes it."""
    with socket.socket() as held:
        held.bind((V4, 0))
        yield held.getsockname()[1]


def checks(
    prober: NetworkProber, *alternatives: tuple[int, Security], seconds: float = 3
) -> Checks:
    """Checks that try these ports beside the stated one."""
    limits = CheckLimits(
        deadline=timedelta(seconds=seconds),
        alternatives=alternatives or ((1, Security.STARTTLS),),
    )
    return Checks(prober, SystemClock(), limits)


def judged(target: Target, seen: Evidence, knowledge: Knowledge) -> Diagnosis:
    """The diagnosis of a check."""
    return diagnose(Known(target=target, evidence=seen), knowledge)


async def test_healthy_server_is_dialled_once(
    fault_server: ServeScript, good_context: SSLContext, prober: NetworkProber, knowledge: Knowledge
) -> None:
    """A healthy server costs one connection, and each of its stages is told as it ends."""
    server = fault_server(smtp_starttls(good_context))
    told: list[StageEvent] = []
    target = Target(host=V4, port=server.port, security=Security.STARTTLS)
    seen = await checks(prober).run(target, told.append)

    assert Code.OK is judged(target, seen, knowledge).verdict.code
    assert server.connections == 1
    assert seen.observations == tuple(event.observation for event in told)


async def test_starttls_stated_on_a_tls_port(
    fault_server: ServeScript, good_context: SSLContext, prober: NetworkProber, knowledge: Knowledge
) -> None:
    """A port that wants TLS first and was stated with STARTTLS: wrong security, TLS suggested."""
    server = fault_server(SILENT, smtp_tls(good_context))
    target = Target(host=V4, port=server.port, security=Security.STARTTLS)
    seen = await checks(prober).run(target)
    found = judged(target, seen, knowledge)

    assert Code.SETTINGS_WRONG_SECURITY is found.verdict.code
    assert Setting(host=V4, port=server.port, security=Security.TLS) == found.suggested
    assert seen.took < timedelta(seconds=3)


async def test_tls_stated_on_a_starttls_port(
    fault_server: ServeScript, good_context: SSLContext, prober: NetworkProber, knowledge: Knowledge
) -> None:
    """TLS stated where the server greets in plain text: wrong security, STARTTLS suggested."""
    server = fault_server(smtp_starttls(good_context))
    target = Target(host=V4, port=server.port, security=Security.TLS)
    found = judged(target, await checks(prober).run(target), knowledge)

    assert Code.SETTINGS_WRONG_SECURITY is found.verdict.code
    assert Setting(host=V4, port=server.port, security=Security.STARTTLS) == found.suggested


async def test_refused_port_beside_a_working_one(
    fault_server: ServeScript,
    good_context: SSLContext,
    prober: NetworkProber,
    knowledge: Knowledge,
    closed_port: int,
) -> None:
    """A refused port beside one that works is the wrong port."""
    other = fault_server(smtp_starttls(good_context))
    target = Target(host=V4, port=closed_port)
    found = judged(
        target,
        await checks(prober, (other.port, Security.STARTTLS)).run(target),
        knowledge,
    )

    assert Code.SETTINGS_WRONG_PORT is found.verdict.code
    assert Setting(host=V4, port=other.port, security=Security.STARTTLS) == found.suggested


async def test_mute_port_beside_a_working_one(
    fault_server: ServeScript, good_context: SSLContext, prober: NetworkProber, knowledge: Knowledge
) -> None:
    """A stated port that stays silent to the end beside one that works is blocked."""
    mute, other = fault_server(SILENT), fault_server(smtp_tls(good_context))
    target = Target(host=V4, port=mute.port, security=Security.STARTTLS)
    seen = await checks(prober, (other.port, Security.TLS), seconds=2).run(target)

    assert Code.NETWORK_PORT_BLOCKED is judged(target, seen, knowledge).verdict.code


async def test_mute_server_ends_with_the_deadline(
    fault_server: ServeScript, prober: NetworkProber, knowledge: Knowledge
) -> None:
    """Nothing outlives the deadline, and silence is called silence."""
    server = fault_server(SILENT)
    target = Target(host=V4, port=server.port, security=Security.STARTTLS)
    seen = await checks(prober, seconds=1.5).run(target)

    assert seen.took < timedelta(seconds=2.5)
    assert Code.GREETING_NONE is judged(target, seen, knowledge).verdict.code


async def test_imap_port_given_for_sending(
    fault_server: ServeScript, prober: NetworkProber, knowledge: Knowledge
) -> None:
    """A fetching server on the stated port is named as such."""
    server = fault_server(IMAP)
    target = Target(host=V4, port=server.port, protocol=Protocol.SMTP)
    found = judged(target, await checks(prober).run(target), knowledge)

    assert Code.SETTINGS_INCOMING_FOR_OUTGOING is found.verdict.code


async def test_no_more_than_three_connections_to_one_address(
    fault_server: ServeScript, prober: NetworkProber
) -> None:
    """However many ports are to be tried, one address has three open connections at most."""
    mute = [fault_server(SILENT) for _ in range(5)]
    running: set[Attempt | None] = set()
    most = 0

    def watch(event: StageEvent) -> None:
        nonlocal most
        seen = event.observation
        if isinstance(seen, Seen) and seen.stage is Stage.TCP:
            running.add(seen.attempt)
        elif seen.stage is Stage.AUTH:  # an attempt's last word
            running.discard(seen.attempt)
        most = max(most, len(running))

    target = Target(host=V4, port=mute[0].port, security=Security.STARTTLS)
    others = tuple((server.port, Security.STARTTLS) for server in mute[1:])
    await checks(prober, *others, seconds=1.8).run(target, watch)

    assert most == 3


async def test_refused_address_is_never_dialled(
    prober: NetworkProber, knowledge: Knowledge, no_internet: list[str]
) -> None:
    """A private address is refused by policy before any packet is sent."""
    target = Target(host="10.0.0.1", port=587)
    seen = await checks(prober).run(target)

    assert Code.POLICY_ADDRESS_NOT_ALLOWED is judged(target, seen, knowledge).verdict.code
    assert seen.attempts() == ()
    assert no_internet == []


async def test_cancelling_a_check_closes_its_connections(
    fault_server: ServeScript, prober: NetworkProber
) -> None:
    """A check that is cancelled leaves no connection behind."""
    server = fault_server(SILENT)
    target = Target(host=V4, port=server.port, security=Security.STARTTLS)
    connected = asyncio.Event()

    def watch(event: StageEvent) -> None:
        if event.observation.attempt is not None:
            connected.set()

    task = asyncio.create_task(checks(prober, seconds=30).run(target, watch))
    await connected.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    assert await asyncio.to_thread(server.wait_until_idle)


async def test_both_families_of_localhost_are_looked_at(
    fault_server: ServeScript, good_context: SSLContext, prober: NetworkProber, knowledge: Knowledge
) -> None:
    """One dead address beside a good one is partial, with the dead one named."""
    server = fault_server(smtp_starttls(good_context))
    target = Target(host=HOST, port=server.port)
    seen = await checks(prober).run(target)
    found = judged(target, seen, knowledge)

    assert {V4, "::1"} == {
        attempt.address for attempt in seen.attempts() if attempt.role is Role.STATED
    }
    assert Code.TCP_PARTIAL is found.verdict.code
    assert found.details["failed_addresses"] == "::1"


async def test_slow_server_is_not_kept_waiting_for_what_was_tried_beside_it(
    fault_server: ServeScript, good_context: SSLContext, prober: NetworkProber, knowledge: Knowledge
) -> None:
    """Once the stated port works, the handshake tried meanwhile is left, and was no failure."""
    greets = threading.Event()

    def wait(_: Connection) -> None:
        greets.wait(10)

    server = fault_server((wait, *smtp_starttls(good_context)), SILENT)
    target = Target(host=V4, port=server.port, security=Security.STARTTLS)

    looking = asyncio.create_task(checks(prober, seconds=20).run(target))
    await asyncio.to_thread(server.wait_for_connections, 2)
    greets.set()
    seen = await looking

    assert Code.OK is judged(target, seen, knowledge).verdict.code
    failed = {one.attempt.role for one in seen.failures() if one.attempt is not None}
    assert Role.OTHER_MODE not in failed
    assert seen.took < timedelta(seconds=10)
