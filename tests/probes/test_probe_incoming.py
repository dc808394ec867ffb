"""IMAP and POP3: the same ladder with other words on it."""

import ssl

import pytest
from servers.faultserver import Expect, Flood, Hold, Send, ServeScript, Step
from servers.faultserver import StartTls as Encrypt
from servers.scripts import BANNER, HTTP, IMAP, POP3, imap_starttls, pop3_starttls
from servers.vantage import attempt_at, look

from bot.model.codes import Code
from bot.model.evidence import Greeting, Offer, SignInOffer, Stage, StartTls
from bot.model.target import Protocol, Security
from bot.probes.prober import NetworkProber

PROTOCOLS = [Protocol.IMAP, Protocol.POP3]

GREETED = {Protocol.IMAP: Send(b"* OK ready\r\n"), Protocol.POP3: Send(b"+OK ready\r\n")}
ASKED = {Protocol.IMAP: Expect("a CAPABILITY"), Protocol.POP3: Expect("CAPA")}
STARTED = {Protocol.IMAP: Expect("a STARTTLS"), Protocol.POP3: Expect("STLS")}
OFFERED = {
    Protocol.IMAP: Send(b"* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\r\na OK done\r\n"),
    Protocol.POP3: Send(b"+OK\r\nSTLS\r\n.\r\n"),
}


async def test_imap_is_climbed_to_the_top(
    prober: NetworkProber, fault_server: ServeScript, good_context: ssl.SSLContext
) -> None:
    """Greeting, CAPABILITY, STARTTLS, and what can be used to sign in behind it."""
    server = fault_server(imap_starttls(good_context))

    view = await look(prober, attempt_at(server, Security.STARTTLS, Protocol.IMAP))

    assert not view.codes
    greeting = view.seen(Stage.GREETING, Greeting)
    assert (greeting.code, greeting.protocol) == (None, "imap")
    offer = view.seen(Stage.EHLO, Offer)
    assert offer.verb == "CAPABILITY"
    assert offer.names("LOGINDISABLED")
    assert view.seen(Stage.STARTTLS, StartTls).text == "OK begin"
    assert view.seen(Stage.AUTH, SignInOffer) == SignInOffer(
        before_tls=(), after_tls=("PLAIN", "LOGIN"), encrypted=True
    )
    assert server.wait_until_idle()
    assert server.said[0][-1] == b"a LOGOUT"


async def test_pop3_is_climbed_to_the_top(
    prober: NetworkProber, fault_server: ServeScript, good_context: ssl.SSLContext
) -> None:
    """Greeting, CAPA, STLS, and what can be used to sign in behind it."""
    server = fault_server(pop3_starttls(good_context))

    view = await look(prober, attempt_at(server, Security.STARTTLS, Protocol.POP3))

    assert not view.codes
    assert view.seen(Stage.GREETING, Greeting).protocol == "pop3"
    assert view.seen(Stage.EHLO, Offer).names("STLS")
    assert view.seen(Stage.AUTH, SignInOffer) == SignInOffer(
        before_tls=("USER",), after_tls=("PLAIN", "USER"), encrypted=True
    )
    assert server.wait_until_idle()
    assert server.said[0][-1] == b"QUIT"


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_tls_from_the_start(
    prober: NetworkProber,
    fault_server: ServeScript,
    good_context: ssl.SSLContext,
    protocol: Protocol,
) -> None:
    """993 and 995: encrypted before a word is said."""
    server = fault_server(
        (Encrypt(good_context), GREETED[protocol], ASKED[protocol], OFFERED[protocol], Hold())
    )

    view = await look(prober, attempt_at(server, Security.TLS, protocol))

    assert view.seen(Stage.GREETING, Greeting).protocol == protocol
    assert view.codes == {Stage.AUTH: Code.AUTH_NOT_OFFERED}


@pytest.mark.parametrize(
    ("protocol", "greeting", "code"),
    [
        (Protocol.IMAP, b"* BYE overloaded\r\n", Code.GREETING_REJECTED),
        (Protocol.POP3, b"-ERR locked\r\n", Code.GREETING_REJECTED),
        (Protocol.IMAP, b"hello\r\n", Code.GREETING_MALFORMED),
        (Protocol.POP3, b"hello\r\n", Code.GREETING_MALFORMED),
        (Protocol.IMAP, BANNER, Code.GREETING_MALFORMED),
    ],
)
async def test_greetings_that_are_none(
    prober: NetworkProber,
    fault_server: ServeScript,
    protocol: Protocol,
    greeting: bytes,
    code: Code,
) -> None:
    """Refusals keep their words; SMTP and gibberish are no greeting of these protocols."""
    server = fault_server((Send(greeting), Hold()))

    failed = (await look(prober, attempt_at(server, None, protocol))).failed(Stage.GREETING)

    assert failed.code is code
    assert greeting.decode().strip()[-6:] in failed.said


@pytest.mark.parametrize(
    ("protocol", "script", "spoken"),
    [(Protocol.IMAP, POP3, "pop3"), (Protocol.POP3, IMAP, "imap"), (Protocol.IMAP, HTTP, "http")],
)
async def test_another_protocol_is_named_here_too(
    prober: NetworkProber,
    fault_server: ServeScript,
    protocol: Protocol,
    script: tuple[Step, ...],
    spoken: str,
) -> None:
    """The finding says what answers."""
    failed = (await look(prober, attempt_at(fault_server(script), None, protocol))).failed(
        Stage.GREETING
    )

    assert failed.code is Code.GREETING_NOT_SMTP
    assert isinstance(failed.finding, Greeting)
    assert failed.finding.protocol == spoken


async def test_preauth_is_a_greeting(prober: NetworkProber, fault_server: ServeScript) -> None:
    """A server that knows us already still answers (RFC 9051 section 7.1.4)."""
    server = fault_server((Send(b"* PREAUTH hi\r\n"), ASKED[Protocol.IMAP], Send(b"a BAD ?\r\n")))

    view = await look(prober, attempt_at(server, Security.NONE, Protocol.IMAP))

    assert view.seen(Stage.GREETING, Greeting).text == "PREAUTH hi"
    assert view.codes == {Stage.EHLO: Code.EHLO_REJECTED}


async def test_pop3_without_capa_has_user_and_pass(
    prober: NetworkProber, fault_server: ServeScript
) -> None:
    """CAPA is younger than POP3: no STLS, and the one way to sign in that always was."""
    server = fault_server(
        (GREETED[Protocol.POP3], Expect("CAPA"), Send(b"-ERR unknown\r\n"), Expect("QUIT"))
    )

    view = await look(prober, attempt_at(server, Security.STARTTLS, Protocol.POP3))

    assert view.codes == {Stage.STARTTLS: Code.STARTTLS_NOT_OFFERED}
    assert view.seen(Stage.AUTH, SignInOffer).before_tls == ("USER",)


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_refused_and_injected_starttls(
    prober: NetworkProber, fault_server: ServeScript, protocol: Protocol
) -> None:
    """The same two facts as in SMTP."""
    begun = (GREETED[protocol], ASKED[protocol], OFFERED[protocol], STARTED[protocol])
    no, yes = (b"a NO\r\n", b"a OK\r\n") if protocol is Protocol.IMAP else (b"-ERR\r\n", b"+OK\r\n")
    refusing = fault_server((*begun, Send(no), Hold()))
    injecting = fault_server((*begun, Send(yes + b"* extra\r\n"), Hold()))

    refused = await look(prober, attempt_at(refusing, Security.STARTTLS, protocol))
    injected = await look(prober, attempt_at(injecting, Security.STARTTLS, protocol))

    assert refused.failed(Stage.STARTTLS).code is Code.STARTTLS_REFUSED
    assert injected.codes == {Stage.STARTTLS: Code.STARTTLS_INJECTED}


@pytest.mark.parametrize(
    ("protocol", "answer"),
    [
        (Protocol.IMAP, Flood(b"* CAPABILITY X\r\n")),
        (Protocol.IMAP, Send(b"what?\r\n")),
        (Protocol.POP3, Flood(b"+OK\r\n")),
        (Protocol.POP3, Send(b"what?\r\n")),
    ],
)
async def test_garbled_answers(
    prober: NetworkProber, fault_server: ServeScript, protocol: Protocol, answer: Step
) -> None:
    """Endless and unreadable lists of capabilities end the session."""
    script = (GREETED[protocol], ASKED[protocol], answer, Hold())

    view = await look(prober, attempt_at(fault_server(script), None, protocol))

    assert view.codes == {Stage.EHLO: Code.SESSION_MALFORMED}
