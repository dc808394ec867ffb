"""The handshake: what breaks it, and how the reasons are told apart."""

import ssl
from datetime import timedelta
from pathlib import Path

import pytest
from servers.faultserver import (
    Close,
    Connection,
    Expect,
    Hold,
    Reset,
    Send,
    ServeScript,
    StartTls,
    Step,
)
from servers.pki import Authority, Identity
from servers.scripts import BANNER, SILENT, ehlo_reply, smtp_plain, smtp_starttls, smtp_tls
from servers.vantage import attempt_at, look

from bot.model.codes import Code
from bot.model.evidence import Stage, TlsSession
from bot.model.target import Security
from bot.probes.prober import NetworkProber

SHORT = timedelta(seconds=0.4)
MODES = [Security.STARTTLS, Security.TLS]


def script_for(context: ssl.SSLContext, security: Security) -> tuple[Step, ...]:
    """A server with `context`, in either mode."""
    return smtp_tls(context) if security is Security.TLS else smtp_starttls(context)


@pytest.fixture
def context(good_identity: Identity, tmp_path: Path) -> ssl.SSLContext:
    """A context that a test may spoil."""
    return good_identity.context(tmp_path)


@pytest.mark.parametrize("security", MODES)
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_current_versions_are_agreed_on(
    prober: NetworkProber,
    fault_server: ServeScript,
    context: ssl.SSLContext,
    security: Security,
    version: ssl.TLSVersion,
) -> None:
    """A server that speaks only 1.2, or only 1.3, is fine."""
    context.minimum_version = context.maximum_version = version

    view = await look(prober, attempt_at(fault_server(script_for(context, security)), security))

    session = view.seen(Stage.TLS, TlsSession)
    assert session.version == version.name.replace("_", ".")
    assert session.cipher
    assert not view.codes


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize("security", MODES)
async def test_a_server_that_knows_old_versions_only(
    prober: NetworkProber,
    fault_server: ServeScript,
    context: ssl.SSLContext,
    security: Security,
) -> None:
    """TLS 1.1 is the server's best: mail programs of today refuse, and so do we."""
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")

    view = await look(prober, attempt_at(fault_server(script_for(context, security)), security))

    assert view.failed(Stage.TLS).code is Code.TLS_VERSION_TOO_OLD
    assert view.skipped(Stage.CERTIFICATE) == view.skipped(Stage.AUTH) == "tls failed"


async def test_no_shared_cipher(
    prober: NetworkProber, fault_server: ServeScript, context: ssl.SSLContext
) -> None:
    """The server's alert is the same as for a missing certificate, the moment is not."""
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE-ECDSA-CAMELLIA256-SHA384:@SECLEVEL=0")

    view = await look(prober, attempt_at(fault_server(smtp_tls(context)), Security.TLS))

    assert view.failed(Stage.TLS).code is Code.TLS_HANDSHAKE_FAILED


@pytest.mark.parametrize("security", MODES)
async def test_a_client_certificate_is_demanded_in_tls_1_2(
    prober: NetworkProber,
    fault_server: ServeScript,
    context: ssl.SSLContext,
    ca_file: Path,
    security: Security,
) -> None:
    """TLS 1.2 breaks the handshake off after the ciphers were agreed on."""
    context.load_verify_locations(ca_file)
    context.verify_mode = ssl.CERT_REQUIRED
    context.maximum_version = ssl.TLSVersion.TLSv1_2

    view = await look(prober, attempt_at(fault_server(script_for(context, security)), security))

    assert view.codes == {Stage.TLS: Code.TLS_CLIENT_CERTIFICATE_REQUIRED}


@pytest.mark.parametrize("security", MODES)
async def test_a_client_certificate_is_demanded_in_tls_1_3(
    prober: NetworkProber,
    fault_server: ServeScript,
    context: ssl.SSLContext,
    ca_file: Path,
    security: Security,
) -> None:
    """TLS 1.3 says so only after the handshake: it fails the first thing that is read then."""
    context.load_verify_locations(ca_file)
    context.verify_mode = ssl.CERT_REQUIRED

    view = await look(prober, attempt_at(fault_server(script_for(context, security)), security))

    stage = Stage.GREETING if security is Security.TLS else Stage.AUTH
    assert view.codes == {stage: Code.TLS_CLIENT_CERTIFICATE_REQUIRED}


@pytest.mark.parametrize("security", MODES)
async def test_a_client_certificate_is_demanded_in_words(
    prober: NetworkProber, fault_server: ServeScript, context: ssl.SSLContext, security: Security
) -> None:
    """Postfix ends the handshake well, and refuses the first command or greets with a refusal."""
    refusal = Send(b"421 4.7.1 mail.example.test Error: No client certificate presented\r\n")
    up_to_tls, up_to_ehlo = 1, 7
    within = up_to_tls if security is Security.TLS else up_to_ehlo
    script: tuple[Step, ...] = (*script_for(context, security)[:within], refusal)

    view = await look(prober, attempt_at(fault_server(script), security))

    stage = Stage.GREETING if security is Security.TLS else Stage.AUTH
    assert view.codes == {stage: Code.TLS_CLIENT_CERTIFICATE_REQUIRED}


async def test_plain_text_where_tls_was_expected(
    prober: NetworkProber, fault_server: ServeScript
) -> None:
    """STARTTLS on 465: the words that came in place of a handshake are quoted."""
    server = fault_server(smtp_plain())

    failed = (await look(prober, attempt_at(server, Security.TLS))).failed(Stage.TLS)

    assert failed.code is Code.TLS_HANDSHAKE_FAILED
    assert "plain text" in failed.said
    assert "220 mail.example.test" in failed.said


STARTED = (
    Send(BANNER),
    Expect("EHLO"),
    ehlo_reply("STARTTLS"),
    Expect("STARTTLS"),
    Send(b"220 go\r\n"),
)


@pytest.mark.parametrize(
    "step", [Hold(), Close(), Reset(), Send(b"hm?\r\n"), Send(b"\x16\x03junk")]
)
async def test_anything_but_a_handshake_after_the_220(
    prober: NetworkProber, fault_server: ServeScript, step: Step
) -> None:
    """Silence, a close, plain text, garbage: the handshake failed, and why is said."""

    def await_hello(connection: Connection) -> None:
        """Waits for the ClientHello, so that nothing is taken for an injection."""
        connection.socket.recv(1)

    server = fault_server((*STARTED, await_hello, step, Hold()))

    view = await look(prober, attempt_at(server), deadline=SHORT)

    assert view.codes == {Stage.TLS: Code.TLS_HANDSHAKE_FAILED}
    assert view.failed(Stage.TLS).said


@pytest.mark.parametrize("script", [SILENT, (Close(),), (Reset(),)])
async def test_nobody_answers_the_handshake(
    prober: NetworkProber, fault_server: ServeScript, script: tuple[Step, ...]
) -> None:
    """On a port for TLS, a silent or closing server fails the handshake."""
    view = await look(prober, attempt_at(fault_server(script), Security.TLS), deadline=SHORT)

    assert view.codes == {Stage.TLS: Code.TLS_HANDSHAKE_FAILED}


async def test_an_endless_handshake_is_cut_off(
    prober: NetworkProber, fault_server: ServeScript
) -> None:
    """Handshake records without end cost a bounded number of bytes."""
    record = b"\x16\x03\x03\x40\x00" + b"\x0b\x7f\xff\xff" + b"\0" * 0x3FFC
    server = fault_server((Send(record), Send(b"\x16\x03\x03\x40\x00" + b"\0" * 0x4000), Hold()))

    view = await look(prober, attempt_at(server, Security.TLS), deadline=SHORT)

    assert view.codes == {Stage.TLS: Code.TLS_HANDSHAKE_FAILED}


@pytest.mark.parametrize(
    ("host", "sent"), [("mail.example.test", "mail.example.test"), ("127.0.0.1", None)]
)
async def test_the_name_asked_for_is_sent_along(
    prober: NetworkProber,
    fault_server: ServeScript,
    context: ssl.SSLContext,
    host: str,
    sent: str | None,
) -> None:
    """Servers with several certificates choose by SNI; an address is no name (RFC 6066)."""
    names: list[str | None] = []

    def remember(_: ssl.SSLSocket | ssl.SSLObject, name: str | None, __: ssl.SSLContext) -> None:
        names.append(name)

    context.sni_callback = remember
    server = fault_server(smtp_tls(context))

    view = await look(prober, attempt_at(server, Security.TLS), host=host)

    assert not view.codes
    assert names == [sent]


async def test_the_certificate_shown_depends_on_the_name(
    prober: NetworkProber,
    fault_server: ServeScript,
    context: ssl.SSLContext,
    other_ca: Authority,
    tmp_path: Path,
) -> None:
    """What is judged is the certificate for the name that was asked for."""
    default = other_ca.leaf().context(tmp_path)

    def choose(tls: ssl.SSLSocket | ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
        if name == "mail.example.test":
            tls.context = context

    default.sni_callback = choose
    server = fault_server((StartTls(default), *smtp_tls(context)[1:]))

    assert not (await look(prober, attempt_at(server, Security.TLS))).codes
    other = await look(prober, attempt_at(server, Security.TLS), host="localhost")
    assert other.failed(Stage.CERTIFICATE).code is Code.CERT_UNTRUSTED_ISSUER
