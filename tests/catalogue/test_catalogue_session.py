"""The catalogue, *EHLO* and *STARTTLS*: what happens between the greeting and encryption."""

from datetime import timedelta

import pytest
from catalogue_rows import TLS, Bench, Row, by_name
from servers.faultserver import Close, Connection, Expect, Hold, Reset, Send, Step
from servers.scripts import AUTH, BANNER, ehlo_reply, smtp_plain

from bot.model.target import Security

SHORT = timedelta(seconds=0.5)
EHLO = Expect("EHLO")
QUIT = Expect("QUIT")


def asked(*steps: Step) -> tuple[Step, ...]:
    """A server that has greeted as it should and was sent EHLO."""
    return (Send(BANNER), EHLO, *steps)


def raw(*lines: str) -> Send:
    """Lines as they are."""
    return Send("".join(f"{line}\r\n" for line in lines).encode())


def encrypted(*after: str, before: Step | None = None, offers: Step | None = None) -> Row:
    """A server whose EHLO replies are given, before and after TLS; all else is well."""
    first = before or ehlo_reply("STARTTLS")
    second = offers or ehlo_reply(*(after or (AUTH,)))
    steps = (first, Expect("STARTTLS"), raw("220 go"), TLS, EHLO, second, QUIT)
    return Row(name="encrypted", scripts=(asked(*steps),), verdict="ok")


REFUSED_EHLO = [
    Row(
        name=reply,
        scripts=(asked(raw(reply), Expect(), raw(reply), QUIT),),
        verdict="ehlo.rejected",
        said=reply,
    )
    for reply in (
        "500 5.5.1 command unrecognized",
        "502 5.5.1 not implemented",
        "501 5.5.4 invalid domain name",
        "503 5.5.1 bad sequence",
        "504 5.5.2 need fully-qualified hostname",
        "550 5.7.1 need FQDN",
        "554 5.7.1 go away",
        "421 4.7.0 closing",
        "450 4.7.1 try later",
        "535 5.7.8 whatever",
    )
]


@by_name(REFUSED_EHLO)
async def test_ehlo_is_refused(bench: Bench, row: Row) -> None:
    """The server's own words are the evidence, whether HELO is refused after it or not tried."""
    await bench.play(row)


@pytest.mark.parametrize("code", [501, 503, 504, 550, 554])
async def test_a_name_that_is_refused_is_not_offered_again(bench: Bench, code: int) -> None:
    """HELO is for servers that do not know EHLO (RFC 5321 section 3.2), not to get round a no."""
    steps = asked(raw(f"{code} no"), Expect("HELO"), raw("250 hello"), QUIT)

    _, server = await bench.play(Row(name="no", scripts=(steps,), verdict="ehlo.rejected"))

    assert not any(line.startswith(b"HELO") for said in server.said for line in said)


@pytest.mark.parametrize("code", [500, 502])
async def test_a_server_that_knows_helo_alone(bench: Bench, code: int) -> None:
    """The refusal of EHLO comes first; that nothing is encrypted or signed in follows from it."""
    steps = asked(raw(f"{code} unknown"), Expect("HELO"), raw("250 hello"), QUIT)
    row = Row(
        name="helo",
        scripts=(steps,),
        verdict="ehlo.rejected",
        also=("auth.not_offered", "starttls.not_offered"),
        learned=Security.NONE,
    )

    found, _ = await bench.play(row)

    refusal = next(one for one in found["findings"] if one["code"] == "ehlo.rejected")
    assert refusal["evidence"]["said"] == f"{code} unknown"


OFFERS = {
    "lower case": ("ehlo", raw("250-x", "250-size 5", "250 starttls"), ehlo_reply("auth plain")),
    "old AUTH=": ("ehlo", ehlo_reply("STARTTLS"), ehlo_reply("AUTH=PLAIN LOGIN")),
    "both spellings": ("", ehlo_reply("STARTTLS"), ehlo_reply("AUTH PLAIN", "AUTH=PLAIN")),
    "SIZE": ("", ehlo_reply("SIZE 10240000", "STARTTLS"), ehlo_reply("SIZE 0", AUTH)),
    "LIMITS": ("", ehlo_reply("LIMITS RCPTMAX=20 MAILMAX=1", "STARTTLS"), ehlo_reply(AUTH)),
    "bare LF": ("", Send(b"250-x\n250 STARTTLS\n"), Send(b"250-x\n250 AUTH PLAIN\n")),
    "no domain": ("", raw("250-", "250 STARTTLS"), raw("250-", "250 AUTH PLAIN")),
    "STARTTLS again": ("", ehlo_reply("STARTTLS"), ehlo_reply("STARTTLS", AUTH)),
    "100 keywords": (
        "",
        ehlo_reply(*(f"X-A{i}" for i in range(100)), "STARTTLS"),
        ehlo_reply(AUTH),
    ),
    "500 bytes": ("", ehlo_reply(f"X-LONG {'y' * 500}", "STARTTLS"), ehlo_reply(AUTH)),
}


@pytest.mark.parametrize("name", OFFERS)
async def test_an_unusual_reply_to_ehlo_is_ok(bench: Bench, name: str) -> None:
    """What is legal, old or only odd does no harm."""
    _, before, after = OFFERS[name]

    await bench.play(encrypted(before=before, offers=after))


def broken(name: str, verdict: str, *steps: Step, said: str = "") -> Row:
    """A talk that breaks down after EHLO was sent."""
    return Row(name=name, scripts=(asked(*steps),), verdict=verdict, said=said, deadline=SHORT)


BREAKS = [
    broken("closed", "session.closed", Close()),
    broken("reset", "session.closed", Reset()),
    broken("closed in a line", "session.closed", Send(b"250-mail"), Close(), said="250-mail"),
    broken("closed in a reply", "session.closed", raw("250-mail"), Close()),
    broken("silent", "session.timeout", Hold()),
    broken("silent in a reply", "session.timeout", raw("250-mail"), Hold()),
    broken("mixed codes", "session.malformed", raw("250-mail", "550 no"), Hold()),
    broken("mixed codes that end well", "session.malformed", raw("550-no", "250 yes"), Hold()),
    broken("no code", "session.malformed", raw("STARTTLS"), Hold()),
    broken("four digits", "session.malformed", raw("2500 mail"), Hold()),
    broken("another code of success", "session.malformed", raw("220 mail"), Hold()),
    broken("a code between", "session.malformed", raw("354 go"), Hold()),
    broken("too many lines", "session.malformed", raw(*["250-x"] * 200), Hold()),
    broken("two replies", "session.malformed", raw("250 mail", "250 STARTTLS"), Hold()),
    broken("STARTTLS: closed", "session.closed", ehlo_reply("STARTTLS"), Expect(), Close()),
    broken("STARTTLS: reset", "session.closed", ehlo_reply("STARTTLS"), Expect(), Reset()),
    broken("STARTTLS: silent", "session.timeout", ehlo_reply("STARTTLS"), Expect(), Hold()),
    broken("STARTTLS: words", "session.malformed", ehlo_reply("STARTTLS"), Expect(), raw("ok")),
    broken("STARTTLS: 250", "session.malformed", ehlo_reply("STARTTLS"), Expect(), raw("250 ok")),
    broken("STARTTLS: 354", "session.malformed", ehlo_reply("STARTTLS"), Expect(), raw("354 go")),
    broken(
        "STARTTLS: mixed codes",
        "session.malformed",
        ehlo_reply("STARTTLS"),
        Expect(),
        raw("454-no", "220 yes"),
    ),
]


@by_name(BREAKS)
async def test_the_talk_breaks_down(bench: Bench, row: Row) -> None:
    """Closed, silent and garbled are three things, and none is the server's refusal."""
    await bench.play(row)


REAL = (ehlo_reply("STARTTLS"), Hold())
DOUBLED = {
    "220": (Send(BANNER + b"220 mail two\r\n"), EHLO, *REAL),
    "250": (Send(BANNER + b"250 mail two\r\n"), EHLO, *REAL),
    "220, later": (Send(BANNER), EHLO, Send(b"220 mail two\r\n"), *REAL),
    "250, later": (Send(BANNER), EHLO, Send(b"250 mail two\r\n250-x\r\n250 STARTTLS\r\n"), Hold()),
}


@pytest.mark.parametrize("script", DOUBLED.values(), ids=list(DOUBLED))
async def test_a_doubled_banner_shifts_no_reply(bench: Bench, script: tuple[Step, ...]) -> None:
    """The line too many is never taken for the answer to the next command."""
    await bench.play(Row(name="doubled", scripts=(script,), verdict="session.malformed"))


NOT_OFFERED = [
    Row(
        name="no extensions",
        scripts=(smtp_plain(),),
        verdict="starttls.not_offered",
        also=("auth.not_offered",),
        learned=Security.NONE,
    ),
    Row(
        name="sign-in in the clear",
        scripts=(smtp_plain("SIZE 10", AUTH),),
        verdict="starttls.not_offered",
        also=("auth.cleartext",),
        learned=Security.NONE,
    ),
    Row(
        name="stated starttls",
        scripts=(smtp_plain(AUTH),),
        verdict="starttls.not_offered",
        also=("auth.cleartext",),
        security=Security.STARTTLS,
        learned=Security.STARTTLS,
    ),
    Row(
        name="only on the second connection",
        scripts=(smtp_plain(), encrypted().scripts[0]),
        verdict="starttls.not_offered",
        also=("auth.not_offered",),
    ),
]


@by_name(NOT_OFFERED)
async def test_starttls_is_not_offered(bench: Bench, row: Row) -> None:
    """Said as it is; what may be signed in with is told as well, and nothing in the clear."""
    await bench.play(row)


MASKED = {
    "the keyword": (BANNER, "XXXXXXXA"),
    "the keyword, all of it": (BANNER, "XXXXXXXX"),
    "the keyword in lower case": (BANNER, "xxxxxxxa"),
    "the banner": (b"220 **********************0*******2****\r\n", "SIZE 10"),
    "both": (b"220 " + b"*" * 40 + b"\r\n", "XXXXXXXA"),
}


@pytest.mark.parametrize("name", MASKED)
async def test_starttls_is_masked_on_the_way(bench: Bench, name: str) -> None:
    """A firewall that overwrites the offer: not offered, and somebody in between is to blame."""
    banner, keyword = MASKED[name]
    script = (Send(banner), EHLO, ehlo_reply("PIPELINING", keyword, "HELP"), QUIT)
    row = Row(
        name=name,
        scripts=(script,),
        verdict="starttls.not_offered",
        also=("auth.not_offered", "network.intercepted"),
    )

    await bench.play(row)


@pytest.mark.parametrize("keyword", ["XXXXXXXB", "XCLIENT NAME ADDR", "X-EXPS GSSAPI NTLM"])
async def test_odd_keywords_beside_starttls_are_no_interception(bench: Bench, keyword: str) -> None:
    """Whatever was overwritten, encryption was not."""
    await bench.play(encrypted(before=ehlo_reply("STARTTLS", keyword)))


def hello(connection: Connection) -> None:
    """Waits for the ClientHello, so that what follows cannot be taken for an injection."""
    connection.socket.recv(1)


def upgraded(name: str, verdict: str, *steps: Step, also: tuple[str, ...] = ()) -> Row:
    """A server that was sent STARTTLS."""
    script = asked(ehlo_reply("STARTTLS"), Expect("STARTTLS"), *steps)
    return Row(name=name, scripts=(script,), verdict=verdict, also=also, deadline=SHORT)


GO = raw("220 2.0.0 go ahead")
UPGRADES = [
    upgraded("454", "starttls.refused", raw("454 4.7.0 TLS not available"), QUIT),
    upgraded("421", "starttls.refused", raw("421 4.7.0 no"), Close()),
    upgraded("501", "starttls.refused", raw("501 5.5.4 no parameters"), QUIT),
    upgraded("502", "starttls.refused", raw("502 5.5.1 not implemented"), QUIT),
    upgraded("554", "starttls.refused", raw("554-5.7.3 no", "554 5.7.3 key missing"), QUIT),
    upgraded("closed", "tls.handshake_failed", GO, hello, Close()),
    upgraded("closed at once", "tls.handshake_failed", GO, Close()),
    upgraded("reset", "tls.handshake_failed", GO, hello, Reset()),
    upgraded("silent", "tls.handshake_failed", GO, Hold()),
    upgraded("plain text", "tls.handshake_failed", GO, hello, raw("500 what?"), Hold()),
    upgraded("lines", "tls.handshake_failed", raw("220-go", "220 ahead"), Hold()),
    upgraded("injected", "starttls.injected", raw("220 go", "250 AUTH PLAIN"), Hold()),
    upgraded("injected, cut", "starttls.injected", Send(b"220 go\r\n2"), Hold()),
    upgraded("injected, a reply to EHLO", "starttls.injected", raw("220 go", "250-x", "250 y")),
]


@by_name(UPGRADES)
async def test_starttls_goes_wrong(bench: Bench, row: Row) -> None:
    """Refused, broken off and slipped into are told apart."""
    await bench.play(row)
