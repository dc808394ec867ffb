"""From the greeting to STARTTLS: refusals, silence, broken replies and injected bytes."""

import ssl
from datetime import timedelta
from pathlib import Path

import pytest
from servers.faultserver import Close, Expect, Hold, Reset, Send, ServeScript, Step
from servers.pki import Identity
from servers.scripts import BANNER, ehlo_reply, smtp_plain, smtp_starttls, smtp_tls
from servers.vantage import attempt_at, look, loopback_settings

from bot.model.codes import Code
from bot.model.evidence import Offer, SignInOffer, Stage, StartTls, TlsSession
from bot.model.target import Security
from bot.probes.prober import NetworkProber

SHORT = timedelta(seconds=0.4)


def after_ehlo(*steps: Step, offers: tuple[str, ...] = ("STARTTLS",)) -> tuple[Step, ...]:
    """A script that goes on after a healthy EHLO."""
    return (Send(BANNER), Expect("EHLO"), ehlo_reply(*offers), *steps)


async def test_the_extensions_are_read(prober: NetworkProber, fault_server: ServeScript) -> None:
    """Keywords in upper case with their words; AUTH in its old spelling too, once."""
    offers = ("size 1000", "8BITMIME", "AUTH=LOGIN plain", "AUTH PLAIN XOAUTH2", "XXXXXXXA")
    server = fault_server(smtp_plain(*offers))

    offer = (await look(prober, attempt_at(server))).seen(Stage.EHLO, Offer)

    assert offer.verb == "EHLO"
    assert dict(offer.extensions) == {
        "SIZE": "1000",
        "8BITMIME": "",
        "AUTH": "LOGIN PLAIN XOAUTH2",
        "XXXXXXXA": "",
    }


async def test_ehlo_says_who_we_are(fault_server: ServeScript) -> None:
    """A name that is one, and an address literal where there is none (RFC 5321 section 4.1.3)."""
    server = fault_server(smtp_plain())
    server6 = fault_server(smtp_plain(), host="::1")

    await look(NetworkProber(loopback_settings(ehlo_name="c.example.test")), attempt_at(server))
    await look(NetworkProber(loopback_settings(ehlo_name="laptop")), attempt_at(server))
    await look(NetworkProber(loopback_settings(ehlo_name="")), attempt_at(server6))

    assert server.wait_until_idle()
    assert [said[0] for said in server.said] == [b"EHLO c.example.test", b"EHLO [127.0.0.1]"]
    assert server6.said[0][0] == b"EHLO [IPv6:::1]"


@pytest.mark.parametrize(
    ("refusal", "said"), [(b"500 ?\r\n", "500 ?"), (b"502-a\r\n502 b\r\n", "502 a b")]
)
async def test_helo_is_tried_where_ehlo_is_unknown(
    prober: NetworkProber, fault_server: ServeScript, refusal: bytes, said: str
) -> None:
    """An old server: no extensions, so neither STARTTLS nor a way to sign in."""
    server = fault_server(
        (Send(BANNER), Expect("EHLO"), Send(refusal), Expect("HELO"), Send(b"250 hi\r\n"), Hold())
    )

    view = await look(prober, attempt_at(server))

    assert view.seen(Stage.EHLO, Offer) == Offer(extensions=(), verb="HELO", refused=said)
    assert view.codes == {
        Stage.STARTTLS: Code.STARTTLS_NOT_OFFERED,
        Stage.AUTH: Code.AUTH_NOT_OFFERED,
    }


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ((Send(b"500 what?\r\n"), Expect("HELO"), Send(b"550 no\r\n")), "500 what?"),
        ((Send(b"502 what?\r\n"), Expect("HELO"), Close()), "502 what?"),
        ((Send(b"550 need FQDN\r\n"), Expect("QUIT")), "550 need FQDN"),
        ((Send(b"554 go away\r\n"), Close()), "554 go away"),
        ((Send(b"421 later\r\n"), Hold()), "421 later"),
    ],
)
async def test_a_refused_ehlo_keeps_its_first_words(
    prober: NetworkProber, fault_server: ServeScript, steps: tuple[Step, ...], said: str
) -> None:
    """The answer to EHLO is what explains, not the one to the HELO after it."""
    server = fault_server((Send(BANNER), Expect("EHLO"), *steps))

    failed = (await look(prober, attempt_at(server))).failed(Stage.EHLO)

    assert (failed.code, failed.said) == (Code.EHLO_REJECTED, said)


BREAKS: list[tuple[Step, Code]] = [
    (Close(), Code.SESSION_CLOSED),
    (Reset(), Code.SESSION_CLOSED),
    (Hold(), Code.SESSION_TIMEOUT),
    (Send(b"hello?\r\n"), Code.SESSION_MALFORMED),
    (Send(b"250-a\r\n550 b\r\n"), Code.SESSION_MALFORMED),
    (Send(b"220 again\r\n"), Code.SESSION_MALFORMED),
    (Send(b"250-x\r\n" * 200), Code.SESSION_MALFORMED),
]


@pytest.mark.parametrize(("step", "code"), BREAKS)
async def test_a_break_after_the_greeting_has_its_own_codes(
    prober: NetworkProber, fault_server: ServeScript, step: Step, code: Code
) -> None:
    """Closed, silent and garbled are three things."""
    server = fault_server((Send(BANNER), Expect("EHLO"), step, Hold()))

    view = await look(prober, attempt_at(server), deadline=SHORT)

    assert view.codes == {Stage.EHLO: code}


@pytest.mark.parametrize(("step", "code"), BREAKS[:4])
async def test_a_break_in_answer_to_starttls(
    prober: NetworkProber, fault_server: ServeScript, step: Step, code: Code
) -> None:
    """The same codes, at the stage where it happens; what follows is skipped."""
    server = fault_server(after_ehlo(Expect("STARTTLS"), step, Hold()))

    view = await look(prober, attempt_at(server), deadline=SHORT)

    assert view.codes == {Stage.STARTTLS: code}
    assert view.skipped(Stage.AUTH) == "starttls failed"


@pytest.mark.parametrize("reply", [b"454 4.7.0 TLS not available\r\n", b"502 5.5.1 no\r\n"])
async def test_starttls_refused(
    prober: NetworkProber, fault_server: ServeScript, reply: bytes
) -> None:
    """Offered and refused: what is offered unencrypted is still told, and no more is made of it."""
    script = (Expect("STARTTLS"), Send(reply), Expect("QUIT"))
    silent, talking = (
        fault_server(after_ehlo(*script)),
        fault_server(after_ehlo(*script, offers=("STARTTLS", "AUTH PLAIN"))),
    )

    one, other = [await look(prober, attempt_at(server)) for server in (silent, talking)]

    assert one.codes == other.codes == {Stage.STARTTLS: Code.STARTTLS_REFUSED}
    assert one.failed(Stage.STARTTLS).said == reply.decode().strip()
    assert one.skipped(Stage.AUTH) == one.skipped(Stage.TLS) == "starttls failed"
    assert other.seen(Stage.AUTH, SignInOffer).before_tls == ("PLAIN",)


@pytest.mark.parametrize("security", [Security.STARTTLS, None])
async def test_starttls_not_offered(
    prober: NetworkProber, fault_server: ServeScript, security: Security | None
) -> None:
    """The fact is told, STARTTLS is not tried, and the offer to sign in is read all the same."""
    server = fault_server(smtp_plain("AUTH PLAIN LOGIN"))

    view = await look(prober, attempt_at(server, security))

    assert view.codes == {Stage.STARTTLS: Code.STARTTLS_NOT_OFFERED}
    assert view.skipped(Stage.TLS) == view.skipped(Stage.CERTIFICATE) == "starttls failed"
    assert view.seen(Stage.AUTH, SignInOffer) == SignInOffer(
        before_tls=("PLAIN", "LOGIN"), after_tls=(), encrypted=False
    )
    assert server.wait_until_idle()
    assert server.said[0] == [b"EHLO checker.example.test", b"QUIT"]


async def test_bytes_behind_the_220_are_an_injection(
    prober: NetworkProber, fault_server: ServeScript
) -> None:
    """Whoever sits in between must not get words into the encrypted part."""
    injected = b"220 go ahead\r\n250 AUTH PLAIN\r\n"
    server = fault_server(after_ehlo(Expect("STARTTLS"), Send(injected), Hold()))

    failed = (await look(prober, attempt_at(server))).failed(Stage.STARTTLS)

    assert failed.code is Code.STARTTLS_INJECTED
    assert "250 AUTH PLAIN" in failed.said


@pytest.mark.parametrize("security", [Security.STARTTLS, None])
async def test_a_healthy_session_is_climbed_to_the_top(
    prober: NetworkProber,
    fault_server: ServeScript,
    good_context: ssl.SSLContext,
    security: Security | None,
) -> None:
    """Every stage is seen once, in order; STARTTLS is used where nothing was stated."""
    server = fault_server(smtp_starttls(good_context))

    view = await look(prober, attempt_at(server, security))

    assert [seen.stage for seen in view.observations] == [
        Stage.TCP,
        Stage.GREETING,
        Stage.EHLO,
        Stage.STARTTLS,
        Stage.TLS,
        Stage.CERTIFICATE,
        Stage.AUTH,
    ]
    assert not view.codes
    assert view.seen(Stage.STARTTLS, StartTls).text == "2.0.0 go ahead"
    assert view.seen(Stage.TLS, TlsSession).version == "TLSv1.3"
    assert view.seen(Stage.AUTH, SignInOffer) == SignInOffer(
        before_tls=(), after_tls=("PLAIN", "LOGIN"), encrypted=True
    )
    assert server.wait_until_idle()
    assert [line.split()[0] for line in server.said[0]] == [b"EHLO", b"STARTTLS", b"EHLO", b"QUIT"]


async def test_tls_from_the_start_skips_starttls(
    prober: NetworkProber, fault_server: ServeScript, good_context: ssl.SSLContext
) -> None:
    """On 465 the handshake comes first and everything after it is encrypted."""
    server = fault_server(smtp_tls(good_context))

    view = await look(prober, attempt_at(server, Security.TLS))

    assert not view.codes
    assert view.skipped(Stage.STARTTLS) == "encrypted from the start"
    assert view.seen(Stage.AUTH, SignInOffer) == SignInOffer(
        before_tls=(), after_tls=("PLAIN", "LOGIN"), encrypted=True
    )


async def test_no_encryption_means_that_none_is_tried(
    prober: NetworkProber, fault_server: ServeScript
) -> None:
    """STARTTLS is offered and left alone."""
    server = fault_server(after_ehlo(Expect("QUIT"), offers=("STARTTLS", "AUTH LOGIN")))

    view = await look(prober, attempt_at(server, Security.NONE))

    assert not view.codes
    assert view.skipped(Stage.STARTTLS) == view.skipped(Stage.TLS) == "no encryption was asked for"
    assert view.seen(Stage.AUTH, SignInOffer).before_tls == ("LOGIN",)


async def test_a_break_after_the_handshake_fails_the_offer(
    prober: NetworkProber,
    fault_server: ServeScript,
    good_identity: Identity,
    tmp_path: Path,
) -> None:
    """The second EHLO belongs to the sign-in offer, which cannot be told then."""
    whole = smtp_starttls(good_identity.context(tmp_path))
    closing = fault_server((*whole[:6], Expect("EHLO"), Close()))
    refusing = fault_server((*whole[:6], Expect("EHLO"), Send(b"421 enough\r\n")))

    assert (await look(prober, attempt_at(closing))).codes == {Stage.AUTH: Code.SESSION_CLOSED}
    assert (await look(prober, attempt_at(refusing))).codes == {Stage.AUTH: Code.EHLO_REJECTED}
