"""One look at a server for all who ask at once or soon after."""

import asyncio
from datetime import timedelta
from ssl import SSLContext

import pytest
from servers.faultserver import Expect, FaultServer, Send, ServeScript
from servers.scripts import BANNER, SILENT, smtp_starttls

from bot.desk.checks import Checks
from bot.desk.clock import SystemClock
from bot.desk.flights import FRESH, Flights
from bot.desk.ports import Listener
from bot.desk.run import CheckLimits
from bot.diagnosis.plan import Ways
from bot.model.evidence import Evidence, StageEvent
from bot.model.target import Security, Target
from bot.probes.prober import NetworkProber

V4 = "127.0.0.1"


@pytest.fixture
def clock() -> SystemClock:
    """The time, which a test moves."""
    return SystemClock()


@pytest.fixture
def checks(prober: NetworkProber, clock: SystemClock) -> Checks:
    """Checks that try one other port, where nothing is."""
    limits = CheckLimits(deadline=timedelta(seconds=10), alternatives=((1, Security.STARTTLS),))
    return Checks(prober, clock, limits)


def target_of(server: FaultServer, stated: str = "") -> Target:
    """The server as somebody states it."""
    return Target(host=V4, port=server.port, security=Security.STARTTLS, stated=stated)


async def test_thousand_people_ask_about_one_server(
    checks: Checks, fault_server: ServeScript, good_context: SSLContext
) -> None:
    """All are answered by one connection, and everybody sees every stage."""
    server = fault_server(smtp_starttls(good_context))
    told: list[list[StageEvent]] = [[] for _ in range(1000)]
    asking = (
        checks.run(target_of(server, stated=f"in words of {number}"), heard.append)
        for number, heard in enumerate(told)
    )
    answers = await asyncio.gather(*asking)

    assert server.connections == 1
    assert len({answer.observations for answer in answers}) == 1
    assert all(tuple(one.observation for one in seen) == answers[0].observations for seen in told)


async def test_result_is_good_for_half_a_minute_and_says_how_old_it_is(
    checks: Checks, clock: SystemClock, fault_server: ServeScript, good_context: SSLContext
) -> None:
    """Who asks soon after is shown what was seen, with its age; who asks later has a new look."""
    server = fault_server(smtp_starttls(good_context))
    first = await checks.run(target_of(server))
    clock.advance(timedelta(seconds=20))
    assert checks.shares(target_of(server))
    told: list[StageEvent] = []
    second = await checks.run(target_of(server), told.append)
    assert server.connections == 1
    clock.advance(FRESH)
    assert not checks.shares(target_of(server))
    third = await checks.run(target_of(server))

    assert server.connections == 2
    assert second.observations == first.observations == tuple(one.observation for one in told)
    assert first.age == third.age == timedelta()
    assert timedelta(seconds=20) <= second.age < FRESH


async def test_other_questions_about_a_host_are_other_checks(
    checks: Checks, fault_server: ServeScript, good_context: SSLContext
) -> None:
    """Another security, or other ports to try, are looked at by themselves."""
    server = fault_server(smtp_starttls(good_context))
    target = target_of(server)
    await checks.run(target)
    await checks.run(Target(host=V4, port=server.port))
    await checks.run(target, ways=Ways(alternatives=((2, Security.STARTTLS),)))

    assert server.connections == 3


async def test_after_a_change_only_a_later_look_counts(
    checks: Checks, fault_server: ServeScript, good_context: SSLContext
) -> None:
    """A fresh result does not do for somebody who has changed something since."""
    server = fault_server(smtp_starttls(good_context))
    await checks.run(target_of(server))
    again = await checks.run(target_of(server), anew=True)

    assert server.connections == 2
    assert again.age == timedelta()


async def test_crowd_that_has_changed_something_shares_the_next_look(clock: SystemClock) -> None:
    """While one check is on its way, all who want a later one get the same, once it has ended."""
    flights = Flights(clock)
    runs: list[asyncio.Event] = []
    second_run = asyncio.Event()
    at_once = 0
    most = 0

    async def look(_: Listener) -> Evidence:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        runs.append(asyncio.Event())
        number = len(runs)
        if number == 2:
            second_run.set()
        await runs[-1].wait()
        at_once -= 1
        return Evidence(vantage=f"run {number}")

    def ignore(_: StageEvent) -> None:
        """Nobody watches."""

    first = asyncio.create_task(flights.take("server", look, ignore))
    await asyncio.sleep(0)
    later = [
        asyncio.create_task(flights.take("server", look, ignore, anew=True)) for _ in range(50)
    ]
    await asyncio.sleep(0)
    assert len(runs) == 1
    runs[0].set()
    assert (await first).vantage == "run 1"
    await second_run.wait()
    runs[1].set()

    assert {(await one).vantage for one in later} == {"run 2"}
    assert (len(runs), most) == (2, 1)


async def test_who_leaves_takes_nobody_else_along(
    checks: Checks, fault_server: ServeScript
) -> None:
    """A check goes on while somebody waits for it; without anybody its sockets are closed."""
    server = fault_server((Send(BANNER), Expect("EHLO"), *SILENT))
    greeted = asyncio.Event()
    one = asyncio.create_task(checks.run(target_of(server), lambda _: greeted.set()))
    other = asyncio.create_task(checks.run(target_of(server)))
    await greeted.wait()
    one.cancel()
    await asyncio.wait({one})
    assert not other.done()
    assert server.connections <= 1
    other.cancel()
    await asyncio.wait({other})

    assert server.wait_until_idle()
    assert not checks.shares(target_of(server))


async def test_look_that_failed_is_not_handed_out_again(clock: SystemClock) -> None:
    """A mistake of ours reaches all who wait, and nobody who asks afterwards."""
    flights = Flights(clock)
    runs = 0

    async def look(_: Listener) -> Evidence:
        nonlocal runs
        runs += 1
        if runs == 1:
            raise RuntimeError("a mistake of ours")
        return Evidence()

    def ignore(_: StageEvent) -> None:
        """Nobody watches."""

    failed = await asyncio.gather(
        *(flights.take("server", look, ignore) for _ in range(3)), return_exceptions=True
    )

    assert [type(error) for error in failed] == [RuntimeError] * 3
    assert await flights.take("server", look, ignore) == Evidence()
    assert runs == 2
