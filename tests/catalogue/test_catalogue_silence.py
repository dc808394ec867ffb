"""Silence told apart: slow, encrypted, dead, blocked, and a web server that waits to be asked."""

import asyncio
import http.server
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from catalogue_bench import Document, checked, codes, rows, verdict
from catalogue_rows import TLS, Bench, Row
from servers.faultserver import Close, Connection, FaultServer, Hold, Send, Step
from servers.scripts import BANNER, SILENT, smtp_starttls, smtp_tls

from bot.diagnosis.plan import Alternative
from bot.model.target import Security

START, IMPLICIT, NONE = Security.STARTTLS, Security.TLS, Security.NONE
LONG_ENOUGH = timedelta(seconds=1.6)  # the other mode is tried after one second of silence


def silent(
    name: str, *steps: Step, verdict: str, also: tuple[str, ...] = (), stated: Security | None
) -> Row:
    """A server that accepts the connection, and what it does then, whoever asks."""
    return Row(
        name=f"{name}, {stated}",
        scripts=(steps,),
        verdict=verdict,
        also=also,
        security=stated,
        deadline=LONG_ENOUGH,
    )


DEAD = [
    *(
        silent("dead backend", Hold(), verdict="greeting.none", stated=stated)
        for stated in (None, START, NONE)
    ),
    silent("dead backend", Hold(), verdict="tls.handshake_failed", stated=IMPLICIT),
    silent("dead within TLS", TLS, Hold(), verdict="greeting.none", stated=None),
    silent("dead within TLS", TLS, Hold(), verdict="greeting.none", stated=IMPLICIT),
    silent("closes within TLS", TLS, Close(), verdict="greeting.closed", stated=None),
    silent("closes within TLS", TLS, Close(), verdict="greeting.closed", stated=IMPLICIT),
    silent("closes", Close(), verdict="greeting.closed", stated=None),
    silent("closes", Close(), verdict="greeting.closed", stated=START),
    silent("closes", Close(), verdict="tls.handshake_failed", stated=IMPLICIT),
]


async def test_a_server_that_has_nothing_to_say(bench: Bench) -> None:
    """Accepted and mute, or hung up on: with TLS on it or without."""
    await asyncio.gather(*(bench.play(row) for row in DEAD))


async def test_a_server_that_hangs_up_after_a_while(bench: Bench) -> None:
    """A proxy that has looked for its back end in vain is no silent one."""
    given_up = threading.Event()

    def wait(_: Connection) -> None:
        given_up.wait()

    def give_up(_: Connection) -> None:
        given_up.set()

    row = Row(name="late", scripts=((wait, Close()), (give_up,)), verdict="greeting.closed")

    await bench.play(row)


async def test_a_delayed_greeting_is_no_wrong_security(bench: Bench) -> None:
    """Being asked for TLS meanwhile does not hurry it; once it has come, all is well."""
    asked = threading.Event()

    def wait(_: Connection) -> None:
        asked.wait()

    def tell(_: Connection) -> None:
        asked.set()

    slow = (wait, *smtp_starttls(bench.context))
    refusing = (tell, Send(BANNER), Hold())
    row = Row(name="slow", scripts=(slow, refusing), verdict="ok", security=START, learned=START)

    _, server = await bench.play(row)

    assert server.connections == 2


class Web(http.server.BaseHTTPRequestHandler):
    """A web server; it speaks when it is spoken to."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Says nothing of it."""


@contextmanager
def web_server(context: ssl.SSLContext | None = None) -> Iterator[int]:
    """Runs a real web server; yields its port."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Web) as server:
        server.daemon_threads = True
        server.block_on_close = False
        server.handle_error = lambda *_: None  # type: ignore[method-assign]
        if context is not None:
            server.socket = context.wrap_socket(
                server.socket, server_side=True, do_handshake_on_connect=False
            )
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("stated", [None, START, NONE, IMPLICIT])
async def test_a_web_server_that_waits_to_be_asked(bench: Bench, stated: Security | None) -> None:
    """It answers our ClientHello in its own words, and those give it away."""
    with web_server() as port:
        found = await asked_at(bench, port, stated=stated)

    assert verdict(found) == "greeting.not_smtp"
    assert found["suggested"] is None


@pytest.mark.parametrize("stated", [None, IMPLICIT])
async def test_a_web_server_behind_tls(bench: Bench, stated: Security | None) -> None:
    """Within TLS it is mute until we say goodbye; its answer to that is the web's."""
    with web_server(bench.context) as port:
        found = await asked_at(bench, port, stated=stated)

    assert verdict(found) == "greeting.not_smtp"
    assert rows(found, "tls", "ok")


async def asked_at(
    bench: Bench,
    port: int,
    *,
    stated: Security | None = None,
    alternatives: tuple[Alternative, ...] = ((1, START),),
) -> Document:
    """The document on a port of 127.0.0.1."""
    return await checked(
        f"127.0.0.1:{port}",
        security=stated,
        knowledge=bench.knowledge,
        ca_file=bench.ca_file,
        alternatives=alternatives,
        deadline=LONG_ENOUGH,
    )


BESIDE: list[tuple[tuple[Step, ...] | None, Security | None, str]] = [
    (SILENT, None, "network.port_blocked"),
    (SILENT, START, "network.port_blocked"),
    (SILENT, NONE, "network.port_blocked"),
    (SILENT, IMPLICIT, "network.port_blocked"),
    (None, None, "settings.wrong_port"),
    (None, IMPLICIT, "settings.wrong_port"),
    ((Send(b"554 no\r\n"), Hold()), None, "greeting.rejected"),
    ((Send(b"SSH-2.0-x\r\n"), Hold()), None, "greeting.not_smtp"),
    ((Send(b"* OK imap\r\n"), Hold()), None, "settings.incoming_for_outgoing"),
    ((Close(),), None, "greeting.closed"),
]


@pytest.mark.parametrize("other", [START, IMPLICIT])
async def test_another_port_of_the_server_works(bench: Bench, other: Security) -> None:
    """Silent is blocked, refused is the wrong port, what answers is what it says; one is tried."""
    script = smtp_tls(bench.context) if other is IMPLICIT else smtp_starttls(bench.context)
    found = await asyncio.gather(
        *(_beside(bench, other, script, *given) for given in BESIDE), return_exceptions=True
    )

    assert found == [None] * len(BESIDE)


async def _beside(
    bench: Bench,
    other: Security,
    script: tuple[Step, ...],
    stated: tuple[Step, ...] | None,
    security: Security | None,
    expected: str,
) -> None:
    working = bench.server(script)
    port = _closed_port() if stated is None else bench.server(stated).port

    found = await asked_at(bench, port, stated=security, alternatives=((working.port, other),))

    assert (stated, verdict(found)) == (stated, expected)
    assert expected in codes(found)
    assert found["exit"] == 1
    assert found["suggested"] == {"host": "127.0.0.1", "port": working.port, "security": other}
    assert working.wait_until_idle()
    assert [said[-1] for said in working.said] == [b"QUIT"]  # seen in this run, to its end


def _closed_port() -> int:
    with FaultServer(SILENT) as server:
        return server.port
