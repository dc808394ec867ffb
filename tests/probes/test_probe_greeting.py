"""The first line: everything that may come in place of `220`, and what never comes."""

from datetime import timedelta

import pytest
from servers.faultserver import Close, Drip, Expect, Flood, Hold, Reset, Send, ServeScript, Step
from servers.scripts import HTTP, IMAP, POP3, SILENT, SSH, ehlo_reply
from servers.vantage import attempt_at, look

from bot.model.codes import Code
from bot.model.evidence import Greeting, Stage
from bot.model.target import Security
from bot.probes.prober import NetworkProber

SHORT = timedelta(seconds=0.3)
AFTERWARDS = (Stage.EHLO, Stage.STARTTLS, Stage.TLS, Stage.CERTIFICATE, Stage.AUTH)


@pytest.mark.parametrize(
    ("banner", "text"),
    [
        (b"220 mx.example.test ESMTP\r\n", "mx.example.test ESMTP"),
        (b"220 mx.example.test ESMTP\n", "mx.example.test ESMTP"),
        (b"220\r\n", ""),
        (b"220 \r\n", ""),
        (b"220-one\r\n220-two\r\n220 three\r\n", "one\ntwo\nthree"),
        (b"220-\r\n220\r\n", "\n"),
        (b"220 M\xc3\xbcnchen \xff\xfe\x00!\r\n", "München \ufffd\ufffd\ufffd!"),
        (b"220 FTP is not what this is\r\n", "FTP is not what this is"),
    ],
)
async def test_a_greeting_is_kept_as_it_came(
    prober: NetworkProber, fault_server: ServeScript, banner: bytes, text: str
) -> None:
    """220 in all its legal forms, and some that are tolerated; what is no UTF-8 is replaced."""
    server = fault_server((Send(banner), Expect("EHLO"), ehlo_reply(), Expect("QUIT")))

    view = await look(prober, attempt_at(server, Security.NONE))

    assert view.seen(Stage.GREETING, Greeting) == Greeting(code=220, text=text, protocol="smtp")


@pytest.mark.parametrize(
    ("banner", "code"),
    [
        (b"421 4.7.0 too many connections\r\n", Code.GREETING_BUSY),
        (b"450 4.3.2 try later\r\n", Code.GREETING_BUSY),
        (b"451 local error\r\n", Code.GREETING_BUSY),
        (b"521 does not accept mail\r\n", Code.GREETING_REJECTED),
        (b"554-no\r\n554 5.7.1 blocked\r\n", Code.GREETING_REJECTED),
        (b"250 hello\r\n", Code.GREETING_MALFORMED),
        (b"354 go\r\n", Code.GREETING_MALFORMED),
    ],
)
async def test_a_refusing_greeting_keeps_its_words(
    prober: NetworkProber, fault_server: ServeScript, banner: bytes, code: Code
) -> None:
    """For now means busy; the words are kept, and QUIT is said all the same where it is SMTP."""
    server = fault_server((Send(banner), Expect("QUIT")))

    failed = (view := await look(prober, attempt_at(server))).failed(Stage.GREETING)

    assert failed.code is code
    assert isinstance(failed.finding, Greeting)
    assert failed.finding.code == int(banner[:3])
    assert str(failed.finding.code) in failed.said
    assert {view.skipped(stage) for stage in AFTERWARDS} == {"greeting failed"}
    assert server.wait_until_idle()
    assert server.said[0] == ([] if code is Code.GREETING_MALFORMED else [b"QUIT"])


@pytest.mark.parametrize(
    ("script", "protocol"),
    [
        (HTTP, "http"),
        ((Send(b"<html><body>hello</body></html>\n"),), "http"),
        (SSH, "ssh"),
        (IMAP, "imap"),
        ((Send(b"* BYE too busy\r\n"), Hold()), "imap"),
        (POP3, "pop3"),
        ((Send(b"-ERR locked\r\n"), Hold()), "pop3"),
        ((Send(b"\x15\x03\x01\x00\x02\x02\x28"), Hold()), "tls"),
        ((Send(b"J\x00\x00\x00\x0a8.0.36\x00\x0b\x00\x00"), Hold()), "mysql"),
        ((Send(b"SSH-2.0-x"), Close()), "ssh"),
    ],
)
async def test_another_protocol_is_named(
    prober: NetworkProber, fault_server: ServeScript, script: tuple[Step, ...], protocol: str
) -> None:
    """What answers is recognised at once, without waiting for a line that never ends."""
    server = fault_server(script)

    failed = (await look(prober, attempt_at(server))).failed(Stage.GREETING)

    assert failed.code is Code.GREETING_NOT_SMTP
    assert isinstance(failed.finding, Greeting)
    assert (failed.finding.code, failed.finding.protocol) == (None, protocol)
    assert failed.took < timedelta(seconds=5)
    assert protocol.upper() in failed.said


@pytest.mark.parametrize("last", [("530 Please login with USER and PASS.",) * 2, ("500 ?",) * 2])
async def test_an_ftp_server_is_found_out_by_its_answers(
    prober: NetworkProber, fault_server: ServeScript, last: tuple[str, str]
) -> None:
    """FTP greets with 220 as SMTP does; refusing EHLO and HELO gives it away."""
    ehlo, helo = (Send(f"{line}\r\n".encode()) for line in last)
    server = fault_server((Send(b"220 (vsFTPd 3.0.5)\r\n"), Expect("EHLO"), ehlo, Expect(), helo))

    view = await look(prober, attempt_at(server))

    assert view.seen(Stage.GREETING, Greeting).code == 220
    failed = view.failed(Stage.EHLO)
    assert failed.code is Code.GREETING_NOT_SMTP
    assert failed.finding == Greeting(code=220, text="(vsFTPd 3.0.5)", protocol="ftp")


@pytest.mark.parametrize(
    "banner",
    [
        b"hello\r\n",
        b"\r\n",
        b"2200 four digits\r\n",
        b"220xfoo\r\n",
        b"+22 sign\r\n",
        b"2_2 underscore\r\n",
        b" 220 space first\r\n",
        b"120 too low\r\n",
        b"620 too high\r\n",
        b"\xef\xbc\x92\xef\xbc\x92\xef\xbc\x90 full width\r\n",
        b"220-one\r\n250 two\r\n",
        b"220-one\r\nfoo\r\n",
        b"220\x00hidden\r\n",
        b"220 " + b"x" * 9000 + b"\r\n",
    ],
)
async def test_a_broken_greeting_is_called_so(
    prober: NetworkProber, fault_server: ServeScript, banner: bytes
) -> None:
    """What int() would take for a code is none, and one reply has one code."""
    server = fault_server((Send(banner), Hold()))

    failed = (await look(prober, attempt_at(server))).failed(Stage.GREETING)

    assert failed.code is Code.GREETING_MALFORMED
    assert "\0" not in failed.said
    assert len(failed.said) < 500


@pytest.mark.parametrize("flood", [b"x", b"220-again\r\n"])
async def test_a_flood_is_cut_off(
    prober: NetworkProber, fault_server: ServeScript, flood: bytes
) -> None:
    """A line or a reply without end costs neither memory nor time."""
    server = fault_server((Flood(flood),))

    failed = (await look(prober, attempt_at(server))).failed(Stage.GREETING)

    assert failed.code is Code.GREETING_MALFORMED
    assert failed.took < timedelta(seconds=5)
    assert server.wait_until_idle()


@pytest.mark.parametrize("end", [(Close(),), (Reset(),), (Send(b"220 cut"), Close())])
async def test_a_server_that_hangs_up_is_told_from_a_silent_one(
    prober: NetworkProber, fault_server: ServeScript, end: tuple[Step, ...]
) -> None:
    """FIN, RST and a line cut short: the connection was made and nothing was said on it."""
    failed = (await look(prober, attempt_at(fault_server(end)))).failed(Stage.GREETING)

    assert failed.code is Code.GREETING_CLOSED


async def test_silence_lasts_until_the_deadline(
    prober: NetworkProber, fault_server: ServeScript
) -> None:
    """Nothing is sent before the server has spoken, and the words say how long it was waited."""
    server = fault_server(SILENT)

    failed = (await look(prober, attempt_at(server), deadline=SHORT)).failed(Stage.GREETING)

    assert failed.code is Code.GREETING_NONE
    assert failed.said == "no first line within 0.3 s"
    assert server.wait_until_idle()
    assert server.said == [[]]


async def test_a_drip_gains_no_time(prober: NetworkProber, fault_server: ServeScript) -> None:
    """A byte now and then does not start the clock anew."""
    server = fault_server((Drip(b"220 " + b"x" * 5000),))

    failed = (await look(prober, attempt_at(server), deadline=SHORT)).failed(Stage.GREETING)

    assert failed.code is Code.GREETING_NONE
    assert failed.took < timedelta(seconds=1)


async def test_a_second_banner_does_not_shift_the_replies(
    prober: NetworkProber, fault_server: ServeScript
) -> None:
    """Two replies at once: the second would be taken for the answer to EHLO."""
    server = fault_server((Send(b"220 one\r\n220 two\r\n"), Hold()))

    view = await look(prober, attempt_at(server))

    assert view.failed(Stage.EHLO).code is Code.SESSION_MALFORMED
