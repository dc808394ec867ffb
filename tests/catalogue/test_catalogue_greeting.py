"""The catalogue, *Greeting*: everything that may come as the first line, and its verdict."""

from datetime import timedelta

import pytest
from catalogue_rows import TLS, Bench, Row, by_name
from servers.faultserver import Close, Connection, Drip, Expect, Flood, Hold, Send, Step
from servers.scripts import AUTH, ehlo_reply

from bot.model.target import Protocol

SHORT = timedelta(seconds=0.5)


def greeted_with(*greeting: Step) -> tuple[Step, ...]:
    """A submission server that is as it should be once it has greeted."""
    return (
        *greeting,
        Expect("EHLO"),
        ehlo_reply("STARTTLS"),
        Expect("STARTTLS"),
        Send(b"220 go ahead\r\n"),
        TLS,
        Expect("EHLO"),
        ehlo_reply(AUTH),
        Expect("QUIT"),
    )


LEGAL = {
    "single": b"220 mail.example.test ESMTP\r\n",
    "several lines": b"220-mail.example.test ESMTP\r\n220-no spam\r\n220 ready\r\n",
    "bare LF": b"220 mail.example.test ESMTP\n",
    "code alone": b"220\r\n",
    "code and hyphen alone": b"220-\r\n220\r\n",
    "600 bytes": b"220 " + b"x" * 600 + b"\r\n",
    "not ASCII": b"220 M\xc3\xbcnchen \xff\xfe\r\n",
    "another name": b"220 somebody-else.example.org ESMTP\r\n",
    "speaks of FTP": b"220 mail.example.test ESMTP, FTP is at ftp.example.test\r\n",
}


@pytest.mark.parametrize("banner", LEGAL.values(), ids=list(LEGAL))
async def test_a_legal_greeting_is_ok(bench: Bench, banner: bytes) -> None:
    """220 in all its forms, whatever the text behind it says."""
    scripts = (greeted_with(Send(banner)),)

    await bench.play(Row(name="legal", scripts=scripts, verdict="ok"))


def hung_up(name: str, banner: bytes, verdict: str, said: str = "") -> list[Row]:
    """A greeting that refuses: the server waits for QUIT, or hangs up at once."""
    return [
        Row(name=name, scripts=((Send(banner), Expect("QUIT")),), verdict=verdict, said=said),
        Row(name=f"{name}, close", scripts=((Send(banner), Close()),), verdict=verdict, said=said),
    ]


REFUSALS = [
    *hung_up("421", b"421 4.3.2 shutting down\r\n", "greeting.busy", "421 4.3.2 shutting down"),
    *hung_up("421 crowd", b"421 4.7.0 too many connections\r\n", "greeting.busy", "too many"),
    *hung_up("421 lines", b"421-a\r\n421 b\r\n", "greeting.busy", "421 a b"),
    *hung_up("450", b"450 4.3.2 try again later\r\n", "greeting.busy", "450"),
    *hung_up("451", b"451 4.3.0 local error\r\n", "greeting.busy", "451"),
    *hung_up("521", b"521 5.3.2 does not accept mail\r\n", "greeting.rejected", "521"),
    *hung_up("554", b"554 5.7.1 blocked\r\n", "greeting.rejected", "554 5.7.1 blocked"),
    *hung_up("554 lines", b"554-no\r\n554 blocked\r\n", "greeting.rejected", "554 no blocked"),
    *hung_up("550", b"550\r\n", "greeting.rejected", "550"),
]


@by_name(REFUSALS)
async def test_a_refusing_greeting(bench: Bench, row: Row) -> None:
    """What is refused for now is busy, what is refused for good is rejected; the words are kept."""
    await bench.play(row)


BROKEN = {
    "four digits": b"2200 mail.example.test\r\n",
    "two digits": b"22 mail.example.test\r\n",
    "mixed codes": b"220-one\r\n250 two\r\n",
    "mixed refusal": b"220-one\r\n554 two\r\n",
    "empty line": b"\r\n",
    "empty lines": b"\r\n\r\n220 late\r\n",
    "just words": b"hello there\r\n",
    "8192 bytes": b"220 " + b"x" * 9000 + b"\r\n",
    "250": b"250 mail.example.test\r\n",
    "334": b"334 \r\n",
    "999": b"999 mail.example.test\r\n",
    "underscore": b"2_2 mail.example.test\r\n",
    "sign": b"+22 mail.example.test\r\n",
    "space first": b" 220 mail.example.test\r\n",
    "NUL": b"\0" * 200 + b"\r\n",
}


@pytest.mark.parametrize("banner", BROKEN.values(), ids=list(BROKEN))
async def test_a_broken_greeting_is_malformed(bench: Bench, banner: bytes) -> None:
    """What looks like SMTP to nobody but int(), and what is no protocol that we know."""
    scripts = ((Send(banner), Hold()),)

    await bench.play(Row(name="broken", scripts=scripts, verdict="greeting.malformed"))


ENDLESS = [
    Row(name="line", scripts=((Flood(b"220 x"),),), verdict="greeting.malformed"),
    Row(name="reply", scripts=((Flood(b"220-x\r\n"),),), verdict="greeting.malformed"),
    Row(
        name="one byte now and then",
        scripts=((Drip(b"220 " + b"x" * 5000),),),
        verdict="greeting.none",
        said="220 x",
        deadline=SHORT,
    ),
    Row(name="cut short", scripts=((Send(b"220 cut"), Close()),), verdict="greeting.closed"),
]


@by_name(ENDLESS)
async def test_a_greeting_without_an_end(bench: Bench, row: Row) -> None:
    """No flood and no drip is waited for to its end; what came of a line is quoted."""
    await bench.play(row)


def other_service(name: str, *steps: Step, also: tuple[str, ...] = ()) -> Row:
    """A row for a server that is no mail server at all."""
    return Row(name=name, scripts=(steps,), verdict="greeting.not_smtp", also=also)


OTHERS = [
    other_service("http", Send(b"HTTP/1.1 408 Request Timeout\r\n\r\n")),
    other_service("html", Send(b"\r\n<!DOCTYPE html>\n<html>\n"), Close()),
    other_service("ssh", Send(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"), Hold()),
    other_service("ssh, cut", Send(b"SSH-2.0"), Close()),
    other_service("mysql", Send(b"J\0\0\0\x0a8.0.36\0\x0b\0\0\0"), Hold()),
    other_service("mysql, host blocked", Send(b"E\0\0\0\xffj\x04Host blocked"), Close()),
    other_service("tls alert", Send(b"\x15\x03\x01\0\x02\x02\x28"), Hold()),
    other_service("news", Send(b"200 news.example.test InterNetNews NNRP ready\r\n"), Hold()),
    other_service("news, read only", Send(b"201 NNTP server ready (no posting)\r\n"), Hold()),
    other_service("sieve", Send(b'"IMPLEMENTATION" "Dovecot Pigeonhole"\r\n'), Hold()),
    other_service("vnc", Send(b"RFB 003.008\n"), Hold()),
    other_service("telnet", Send(b"\xff\xfd\x18\xff\xfd\x20\xff\xfd\x23"), Hold()),
    other_service("rsync", Send(b"@RSYNCD: 31.0\n"), Hold()),
    other_service("irc", Send(b":irc.example.test NOTICE AUTH :*** Looking up\r\n"), Hold()),
]


@by_name(OTHERS)
async def test_another_service_is_no_smtp(bench: Bench, row: Row) -> None:
    """What is no mail server is called so, and not a broken one."""
    await bench.play(row)


def ftp(name: str, banner: str, refusal: str) -> Row:
    """An FTP server: it greets with 220 too and knows neither EHLO nor HELO."""
    refused = Send(f"{refusal}\r\n".encode())
    steps = (Send(f"{banner}\r\n".encode()), Expect("EHLO"), refused, Expect("HELO"), refused)
    return Row(name=name, scripts=((*steps, Hold()),), verdict="greeting.not_smtp")


FTP = [
    ftp("vsftpd", "220 (vsFTPd 3.0.5)", "530 Please login with USER and PASS."),
    ftp("proftpd", "220 ProFTPD Server (Debian)", "500 EHLO not understood"),
    ftp("pure-ftpd", "220-Welcome to Pure-FTPd\r\n220 ok", "530 You aren't logged in"),
    ftp("filezilla", "220-FileZilla Server 1.7\r\n220 hi", "500 Wrong command."),
    ftp("iis", "220 Microsoft FTP Service", "500 'EHLO': command not understood"),
    ftp("no name, 530", "220 Welcome", "530 Not logged in."),
    ftp("no name, 500", "220 Service ready for new user.", "500 Unknown command."),
    ftp("a name alone", "220 files.example.test ready", "500 Syntax error, unrecognized command"),
]


@by_name(FTP)
async def test_an_ftp_server_is_no_smtp(bench: Bench, row: Row) -> None:
    """220, and then neither EHLO nor HELO is a command there (RFC 959 section 5.4)."""
    await bench.play(row)


async def test_a_mail_server_that_refuses_us_is_no_ftp_server(bench: Bench) -> None:
    """Who greets as ESMTP and refuses both has rejected EHLO, though with the same codes."""
    steps = (
        Send(b"220 mail.example.test ESMTP\r\n"),
        Expect("EHLO"),
        Send(b"500 5.5.2 unknown\r\n"),
        Expect("HELO"),
        Send(b"500 5.5.2 unknown\r\n"),
        Expect("QUIT"),
    )

    await bench.play(Row(name="esmtp", scripts=(steps,), verdict="ehlo.rejected", said="500"))


INCOMING = [
    ("imap", b"* OK [CAPABILITY IMAP4rev1] ready\r\n", None),
    ("imap, bye", b"* BYE overloaded\r\n", None),
    ("imap, preauth", b"* PREAUTH hi\r\n", None),
    ("imap, stated smtp", b"* OK ready\r\n", Protocol.SMTP),
    ("pop3", b"+OK ready <1.2@mail.example.test>\r\n", None),
    ("pop3, refusing", b"-ERR locked\r\n", None),
]


@pytest.mark.parametrize(("name", "banner", "protocol"), INCOMING)
async def test_a_server_for_fetching_is_named(
    bench: Bench, name: str, banner: bytes, protocol: Protocol | None
) -> None:
    """IMAP or POP3 on a port for sending, with the fact of the wire among the findings."""
    row = Row(
        name=name,
        scripts=((Send(banner), Hold()),),
        verdict="settings.incoming_for_outgoing",
        also=("greeting.not_smtp",),
        protocol=protocol,
    )

    found, _ = await bench.play(row)

    assert name[:4].upper() in found["verdict"]["summary"]


async def test_a_slow_greeting_is_a_warning(bench: Bench) -> None:
    """More than five seconds, and then all is well: the one test that waits for them."""

    def wait(connection: Connection) -> None:
        """A pause like that of a server which lets callers wait on purpose."""
        connection.stopped.wait(5.2)

    slow = greeted_with(wait, Send(b"220 mail.example.test ESMTP\r\n"))
    row = Row(name="slow", scripts=(slow, (Hold(),)), verdict="greeting.slow")

    found, server = await bench.play(row)

    assert "5 s" in found["verdict"]["summary"]
    assert server.connections == 2  # the second asked whether it is TLS that is waited for
