"""The prober as the desk uses it: policy, deadlines, cancelling, and our own mistakes."""

import asyncio
import logging
import ssl
import time
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest
from servers.faultserver import Expect, Hold, Send, ServeScript
from servers.healthy import HealthyServer
from servers.scripts import BANNER, SILENT, smtp_starttls, smtp_tls
from servers.vantage import HOST, PATIENT, attempt_at, look, loopback_settings

from bot.desk.ports import Prober
from bot.model.codes import Code
from bot.model.evidence import Failed, Observation, Seen, SignInOffer, Skipped, Stage, TlsSession
from bot.model.target import Protocol, Security, Target
from bot.probes.prober import NetworkProber, ProberSettings
from bot.probes.stages import LADDER


def test_the_port_is_kept(prober: NetworkProber) -> None:
    """What the desk asks for is what this prober does; mypy compares the signatures."""
    port: Prober = prober

    assert port is prober


@pytest.mark.parametrize("is_implicit", [False, True])
async def test_a_real_server_is_found_healthy(
    prober: NetworkProber, good_context: ssl.SSLContext, *, is_implicit: bool
) -> None:
    """A server that we did not write (aiosmtpd) agrees with our scripts."""
    security = Security.TLS if is_implicit else Security.STARTTLS
    async with HealthyServer(good_context, is_implicit=is_implicit) as server:
        view = await look(prober, attempt_at(server.port, security))

    assert not view.codes
    assert view.seen(Stage.TLS, TlsSession).version == "TLSv1.3"
    assert set(view.seen(Stage.AUTH, SignInOffer).after_tls) == {"LOGIN", "PLAIN"}


@pytest.mark.parametrize(
    ("host", "port", "code"),
    [
        (HOST, 22, Code.POLICY_PORT_NOT_ALLOWED),
        (HOST, 8080, Code.POLICY_PORT_NOT_ALLOWED),
        ("127.0.0.1", 25, Code.POLICY_ADDRESS_NOT_ALLOWED),
        ("::1", None, Code.POLICY_ADDRESS_NOT_ALLOWED),
        ("169.254.169.254", 587, Code.POLICY_ADDRESS_NOT_ALLOWED),
        ("localhost", 587, Code.POLICY_ADDRESS_NOT_ALLOWED),
        ("10.0.0.1", 22, Code.POLICY_PORT_NOT_ALLOWED),
        (HOST, None, None),
        (HOST, 2525, None),
        ("8.8.8.8", 465, None),
    ],
)
def test_policy_refuses_before_any_packet(host: str, port: int | None, code: Code | None) -> None:
    """Ports and literal addresses need no look-up to be refused."""
    refused = NetworkProber(ProberSettings()).may_check(Target(host=host, port=port))

    assert (refused.code if isinstance(refused, Failed) else None) is code
    if isinstance(refused, Failed):
        assert refused.attempt is None
        assert refused.said


async def test_what_the_guard_refuses_is_never_dialled(fault_server: ServeScript) -> None:
    """Whoever forgot to ask: the attempt itself asks again."""
    server = fault_server(SILENT)
    no_address = NetworkProber(ProberSettings(allow_ports=(range(1024, 65536),)))
    no_port = NetworkProber(ProberSettings(allow_nets=(ip_network("127.0.0.0/8"),)))

    address = await look(no_address, attempt_at(server))
    port = await look(no_port, attempt_at(server))

    assert address.codes == {Stage.TCP: Code.POLICY_ADDRESS_NOT_ALLOWED}
    assert port.codes == {Stage.TCP: Code.POLICY_PORT_NOT_ALLOWED}
    assert port.skipped(Stage.AUTH) == "tcp failed"
    assert server.connections == 0


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS, Security.NONE, None])
async def test_every_stage_is_reported_once(
    prober: NetworkProber, fault_server: ServeScript, security: Security | None
) -> None:
    """Whatever happens, each stage of the ladder has one observation of this attempt."""
    attempt = attempt_at(fault_server((Send(BANNER), Expect("EHLO"))), security)

    view = await look(prober, attempt)

    assert sorted(seen.stage for seen in view.observations) == sorted(LADDER)
    assert {seen.attempt for seen in view.observations} == {attempt}


async def test_stages_are_reported_as_they_end(
    prober: NetworkProber, fault_server: ServeScript
) -> None:
    """Progress is shown while the rest still runs, with time in UTC and how long it took."""
    server = fault_server((Send(BANNER), Expect("EHLO"), Hold()))
    greeted = asyncio.Event()
    reported: list[Observation] = []

    def report(observation: Observation) -> None:
        reported.append(observation)
        if observation.stage is Stage.GREETING:
            greeted.set()

    task = asyncio.create_task(prober.attempt(HOST, attempt_at(server), PATIENT, report))
    await asyncio.wait_for(greeted.wait(), 5)

    assert not task.done()
    for seen in reported:
        assert isinstance(seen, Seen)
        assert timedelta() <= seen.took < timedelta(seconds=5)
        assert timedelta() <= datetime.now(UTC) - seen.at < timedelta(seconds=5)
        assert seen.at.utcoffset() == timedelta()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_cancelling_closes_the_socket_at_once(
    prober: NetworkProber, fault_server: ServeScript, good_context: ssl.SSLContext
) -> None:
    """Before, in and after TLS: the server sees the end, and no task is left."""
    scripts = (SILENT, smtp_tls(good_context)[:3], smtp_starttls(good_context)[:5])
    for script, security in zip(
        scripts, (Security.STARTTLS, Security.TLS, Security.STARTTLS), strict=True
    ):
        server = fault_server((*script, Hold()))
        before_end = len(LADDER) - 1
        reported: list[Observation] = []
        task = asyncio.create_task(
            prober.attempt(HOST, attempt_at(server, security), PATIENT, reported.append)
        )
        await asyncio.to_thread(server.wait_for_connections, 1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

        assert await asyncio.to_thread(server.wait_until_idle)
        assert len(reported) < before_end
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_the_deadline_bounds_everything(
    prober: NetworkProber, fault_server: ServeScript, good_context: ssl.SSLContext
) -> None:
    """Stages share one deadline; the one that is running when it comes fails for it."""
    server = fault_server((*smtp_starttls(good_context)[:6], Expect("EHLO"), Hold()))
    start = time.perf_counter()

    view = await look(prober, attempt_at(server), deadline=timedelta(seconds=0.5))

    assert view.codes == {Stage.AUTH: Code.SESSION_TIMEOUT}
    assert 0.4 < time.perf_counter() - start < 2
    assert server.wait_until_idle()


async def test_a_mistake_of_ours_is_no_finding_about_them(
    prober: NetworkProber,
    fault_server: ServeScript,
    good_context: ssl.SSLContext,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is logged with its traceback, and the stages it took away are skipped, not failed."""

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("bot.probes.ladder.inspect", broken)
    server = fault_server(smtp_starttls(good_context))

    with caplog.at_level(logging.ERROR):
        view = await look(prober, attempt_at(server))

    assert not view.codes
    assert view.skipped(Stage.CERTIFICATE) == view.skipped(Stage.AUTH)
    assert "ours" in view.skipped(Stage.AUTH)
    assert "ZeroDivisionError" in caplog.text
    assert server.wait_until_idle()


async def test_a_look_up_that_breaks_off_is_no_finding_either(
    prober: NetworkProber, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The same for names."""

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("bot.probes.prober.addresses_of", broken)

    (observation,) = await prober.resolve(HOST, PATIENT)

    assert isinstance(observation, Skipped)
    assert "ZeroDivisionError" in caplog.text


async def test_many_servers_at_once(fault_server: ServeScript, prober: NetworkProber) -> None:
    """Two hundred silent servers are waited for side by side."""
    server = fault_server(SILENT)
    start = time.perf_counter()

    views = await asyncio.gather(
        *(look(prober, attempt_at(server), deadline=timedelta(seconds=1.5)) for _ in range(200))
    )

    assert {view.failed(Stage.GREETING).code for view in views} == {Code.GREETING_NONE}
    assert time.perf_counter() - start < 3


async def test_a_healthy_check_costs_little_of_our_own_time(
    prober: NetworkProber, fault_server: ServeScript, good_context: ssl.SSLContext
) -> None:
    """Once everything is built, one check stays well below what 200 at once could bear."""
    prober.prepare()
    server = fault_server(smtp_starttls(good_context))
    await look(prober, attempt_at(server))
    rounds = 10

    start = time.thread_time()
    for _ in range(rounds):
        await look(prober, attempt_at(server))
    spent = (time.thread_time() - start) / rounds

    assert spent < 0.02  # the budget is 6 ms, measured by the benchmarks on a quiet machine


async def test_the_ehlo_name_must_be_one() -> None:
    """Settings are checked once, in the constructor."""
    with pytest.raises(ValueError, match="every address"):
        NetworkProber(ProberSettings(allow_nets=(ip_network("0.0.0.0/0"),)))
    assert (
        NetworkProber(loopback_settings()).may_check(
            Target(host="127.0.0.1", port=2000, protocol=Protocol.SMTP)
        )
        is None
    )
