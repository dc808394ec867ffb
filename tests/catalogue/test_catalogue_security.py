"""The catalogue, *TLS*, and the two ways to encrypt taken for each other on one port."""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from catalogue_rows import TLS, Bench, Row, by_name
from servers.faultserver import (
    Close,
    Connection,
    Expect,
    Flood,
    Hold,
    Reset,
    Send,
    StartTls,
    Step,
)
from servers.pki import Authority, Identity, Wish
from servers.scripts import AUTH, BANNER, HTTP, IMAP, POP3, SSH, ehlo_reply, smtp_plain

from bot.model.target import Security

SHORT = timedelta(seconds=0.5)
OLD, TLS12, TLS13 = ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
QUIT = Expect("QUIT")


def starttls_server(encrypt: Step = TLS, *before: str, after: str = AUTH) -> tuple[Step, ...]:
    """A server that encrypts when asked; `before` are its offers in the clear."""
    return (
        Send(BANNER),
        Expect("EHLO"),
        ehlo_reply("STARTTLS", *before),
        Expect("STARTTLS"),
        Send(b"220 go ahead\r\n"),
        encrypt,
        Expect("EHLO"),
        ehlo_reply(after),
        QUIT,
    )


def tls_server(encrypt: Step = TLS) -> tuple[Step, ...]:
    """A server that encrypts from the start."""
    return (encrypt, Send(BANNER), Expect("EHLO"), ehlo_reply(AUTH), QUIT)


SERVERS = {Security.STARTTLS: starttls_server, Security.TLS: tls_server}
MODES = list(SERVERS)

Spoil = Callable[[ssl.SSLContext], None]


def old_only(context: ssl.SSLContext) -> None:
    """TLS 1.0 and 1.1."""
    context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, OLD
    context.set_ciphers("ALL:@SECLEVEL=0")


def only(version: ssl.TLSVersion) -> Spoil:
    """One version alone."""

    def spoil(context: ssl.SSLContext) -> None:
        context.minimum_version = context.maximum_version = version

    return spoil


def no_shared_cipher(context: ssl.SSLContext) -> None:
    """A cipher that no client of today offers."""
    context.maximum_version = TLS12
    context.set_ciphers("ECDHE-ECDSA-CAMELLIA256-SHA384:@SECLEVEL=0")


def wants_client_certificate(version: ssl.TLSVersion) -> Spoil:
    """Lets in whom it knows, in either of the two ways to say so."""

    def spoil(context: ssl.SSLContext) -> None:
        context.maximum_version = version
        context.load_default_certs()
        context.verify_mode = ssl.CERT_REQUIRED

    return spoil


def likes_a_client_certificate(context: ssl.SSLContext) -> None:
    """Asks for a certificate, and goes on without one."""
    context.load_default_certs()
    context.verify_mode = ssl.CERT_OPTIONAL


def speaks_http_alpn(context: ssl.SSLContext) -> None:
    """Has ideas about protocols that no mail program asks for (RFC 7301)."""
    context.set_alpn_protocols(["smtp", "http/1.1"])


HANDSHAKES: dict[str, tuple[Spoil, str]] = {
    "old only": (old_only, "tls.version_too_old"),
    "1.2 only": (only(TLS12), "ok"),
    "1.3 only": (only(TLS13), "ok"),
    "no shared cipher": (no_shared_cipher, "tls.handshake_failed"),
    "client certificate, 1.2": (wants_client_certificate(TLS12), "tls.client_certificate_required"),
    "client certificate, 1.3": (wants_client_certificate(TLS13), "tls.client_certificate_required"),
    "client certificate liked": (likes_a_client_certificate, "ok"),
    "ALPN": (speaks_http_alpn, "ok"),
}


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", HANDSHAKES)
async def test_what_becomes_of_a_handshake(
    bench: Bench, good_identity: Identity, tmp_path: Path, name: str, mode: Security
) -> None:
    """Versions, ciphers and client certificates, in either mode."""
    spoil, verdict = HANDSHAKES[name]
    context = good_identity.context(tmp_path)
    spoil(context)
    script = SERVERS[mode](StartTls(context))

    await bench.play(Row(name=name, scripts=(script,), verdict=verdict, security=mode))


@pytest.mark.parametrize("mode", MODES)
async def test_a_key_that_is_too_small_is_a_weakness(
    bench: Bench, ca: Authority, tmp_path: Path, mode: Security
) -> None:
    """RSA with 1024 bits: the server shows it, we read it, and say that it is weak."""
    identity = ca.leaf(Wish(names=("127.0.0.1",), rsa_bits=1024))
    file = tmp_path / "small.pem"
    file.write_bytes(identity.pem())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.load_cert_chain(file)
    script = SERVERS[mode](StartTls(context))

    await bench.play(Row(name="small", scripts=(script,), verdict="cert.weak", security=mode))


def hello(connection: Connection) -> None:
    """Waits for the ClientHello."""
    connection.socket.recv(1)


def half_an_answer(connection: Connection) -> None:
    """The start of a handshake record, and no more."""
    hello(connection)
    connection.socket.sendall(b"\x16\x03\x03\x40\x00\x02")


BEFORE_TLS = {Security.STARTTLS: starttls_server()[:5], Security.TLS: ()}
NO_HANDSHAKE: dict[str, tuple[Step, ...]] = {
    "silent": (hello, Hold()),
    "half an answer": (half_an_answer, Hold()),
    "closed": (hello, Close()),
    "reset": (hello, Reset()),
    "closed half way": (half_an_answer, Close()),
    "alert": (hello, Send(b"\x15\x03\x03\0\x02\x02\x50"), Hold()),
    "garbage": (hello, Send(b"\x16\x03\x03\0\x05junk!"), Hold()),
    "endless records": (
        hello,
        Flood(b"\x16\x03\x03\x40\x00" + b"\x0b\x7f\xff\xff" + b"\0" * 16380),
    ),
    "plain text": (hello, Send(b"hm?\r\n"), Hold()),
}


async def test_no_handshake_comes_about(bench: Bench) -> None:
    """Whatever a server does in place of shaking hands, the verdict is that, in either mode."""
    rows = [
        Row(
            name=f"{name}, {mode}",
            scripts=((*BEFORE_TLS[mode], *steps),),
            verdict="tls.handshake_failed",
            security=mode,
            deadline=SHORT,
        )
        for name, steps in NO_HANDSHAKE.items()
        for mode in MODES
    ]

    await asyncio.gather(*(bench.play(row) for row in rows))


async def test_the_certificate_is_that_for_the_name(
    bench: Bench, good_identity: Identity, other_ca: Authority, tmp_path: Path
) -> None:
    """An address is no name to ask for, so the default certificate is the one that is judged."""
    default = other_ca.leaf(Wish(names=("127.0.0.1",))).context(tmp_path)
    named = good_identity.context(tmp_path)

    def choose(tls: ssl.SSLSocket | ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
        if name is not None:
            tls.context = named

    default.sni_callback = choose
    script = tls_server(StartTls(default))
    row = Row(name="sni", scripts=(script,), verdict="cert.untrusted_issuer", security=Security.TLS)

    await bench.play(row)


def row(
    name: str,
    script: tuple[Step, ...],
    verdict: str,
    *also: str,
    stated: Security | None = None,
    suggested: Security | None = None,
    learned: Security | None = None,
) -> Row:
    """A port that is met with a stated security; the learned one is that, if nothing else."""
    return Row(
        name=name,
        scripts=(script,),
        verdict=verdict,
        also=also,
        security=stated,
        suggested=suggested,
        learned=learned or stated,
        deadline=timedelta(seconds=5),
    )


NONE, START, IMPLICIT = Security.NONE, Security.STARTTLS, Security.TLS
WRONG = "settings.wrong_security"
PAIRS = [
    row("starttls as stated", starttls_server(), "ok", stated=START),
    row("tls as stated", tls_server(), "ok", stated=IMPLICIT),
    row("starttls found", starttls_server(), "ok", learned=START),
    row("tls found", tls_server(), "ok", learned=IMPLICIT),
    row("starttls for tls", tls_server(), WRONG, "greeting.none", stated=START, suggested=IMPLICIT),
    row("none for tls", tls_server(), WRONG, "greeting.none", stated=NONE, suggested=IMPLICIT),
    row(
        "tls for starttls",
        starttls_server(),
        WRONG,
        "tls.handshake_failed",
        stated=IMPLICIT,
        suggested=START,
    ),
    row(
        "none for starttls",
        starttls_server(),
        WRONG,
        "auth.not_offered",
        stated=NONE,
        suggested=START,
    ),
    row("none for both", starttls_server(TLS, AUTH), "auth.cleartext", stated=NONE),
    row("none for none", smtp_plain(AUTH), "auth.cleartext", stated=NONE),
    row("none for none, hashed", smtp_plain("AUTH CRAM-MD5"), "auth.cleartext", stated=NONE),
    row("none, no sign-in", smtp_plain(), "auth.not_offered", stated=NONE),
    row(
        "tls for none",
        smtp_plain(AUTH),
        "tls.handshake_failed",
        "starttls.not_offered",
        stated=IMPLICIT,
    ),
    row(
        "starttls for none",
        smtp_plain(AUTH),
        "starttls.not_offered",
        "auth.cleartext",
        stated=START,
    ),
]


async def test_wrong_pairs_on_one_port(bench: Bench) -> None:
    """What is stated is judged, what works is suggested, and nothing in the clear ever is."""
    await asyncio.gather(*(bench.play(pair) for pair in PAIRS))


@by_name([pair for pair in PAIRS if pair.suggested is START])
async def test_what_is_suggested_was_tried_in_this_run(bench: Bench, row: Row) -> None:
    """The server has seen a whole session in the mode that is suggested, to its farewell."""
    _, server = await bench.play(row)

    assert server.wait_until_idle()
    assert any(said[:2] == [b"EHLO [127.0.0.1]", b"STARTTLS"] for said in map(named, server.said))
    assert any(said[-1:] == [b"QUIT"] for said in server.said)


def named(said: list[bytes]) -> list[bytes]:
    """The lines of a client, whatever it calls itself."""
    return [b"EHLO [127.0.0.1]" if line.startswith(b"EHLO ") else line for line in said]


FETCHING = "settings.incoming_for_outgoing"
OTHERS = [
    row("imap in the clear", IMAP, FETCHING, "greeting.not_smtp", stated=NONE),
    row(
        "pop3 for tls", POP3, FETCHING, "tls.handshake_failed", "greeting.not_smtp", stated=IMPLICIT
    ),
    row("imap in tls", (TLS, *IMAP), FETCHING, "greeting.not_smtp", stated=IMPLICIT),
    row("imap in tls, auto", (TLS, *IMAP), FETCHING, "greeting.not_smtp"),
    row(
        "pop3 in tls, starttls",
        (TLS, *POP3),
        FETCHING,
        "greeting.none",
        "greeting.not_smtp",
        stated=START,
    ),
    row("ssh", SSH, "greeting.not_smtp", stated=START),
    row("ssh for tls", SSH, "greeting.not_smtp", "tls.handshake_failed", stated=IMPLICIT),
    row("http in tls", (TLS, *HTTP), "greeting.not_smtp", stated=IMPLICIT),
]


async def test_no_server_for_sending_on_the_port(bench: Bench) -> None:
    """IMAP, POP3, SSH and the web are recognised through the wrong mode as well."""
    await asyncio.gather(*(bench.play(other) for other in OTHERS))


BAD_LEAF = ("cert.untrusted_issuer",)


async def test_another_service_with_a_bad_certificate(
    bench: Bench, other_ca: Authority, tmp_path: Path
) -> None:
    """Where no mail server answers, its certificate is beside the point."""
    bad = StartTls(other_ca.leaf(Wish(names=("127.0.0.1",))).context(tmp_path))
    rows = [
        row("imap", (bad, *IMAP), FETCHING, "greeting.not_smtp", *BAD_LEAF, stated=IMPLICIT),
        row("http", (bad, *HTTP), "greeting.not_smtp", *BAD_LEAF, stated=IMPLICIT),
    ]

    await asyncio.gather(*(bench.play(other) for other in rows))


async def test_the_earliest_stage_is_that_of_the_connection(
    bench: Bench, other_ca: Authority, tmp_path: Path
) -> None:
    """With TLS from the start the certificate comes before the greeting, with STARTTLS after."""
    bad = StartTls(other_ca.leaf(Wish(names=("127.0.0.1",))).context(tmp_path))
    script = (bad, Send(b"554 go away\r\n"), QUIT)
    found = row("tls", script, *BAD_LEAF, "greeting.rejected", stated=IMPLICIT)

    await bench.play(found)
    await bench.play(replace(found, security=None, learned=IMPLICIT))
