"""The catalogue, *AUTH* up to the offers: what can be signed in with, before and after TLS."""

from pathlib import Path

import pytest
from catalogue_bench import Document, checked, codes, finding, verdict
from catalogue_rows import TLS, Bench, Row, by_name
from servers.dnsserver import ServeZone
from servers.faultserver import Expect, Send, Step
from servers.pki import Authority, Wish
from servers.scripts import BANNER, ehlo_reply, smtp_plain, smtp_starttls, smtp_tls

from bot.model.target import Security

MANY = "AUTH " + " ".join(f"X-MECHANISM-{number}" for number in range(60))


def offering(
    name: str,
    verdict: str,
    *also: str,
    before: tuple[str, ...] = (),
    after: tuple[str, ...] = (),
) -> Row:
    """A server with STARTTLS and these lines in its EHLO replies."""
    steps: tuple[Step, ...] = (
        Send(BANNER),
        Expect("EHLO"),
        ehlo_reply("STARTTLS", *before),
        Expect("STARTTLS"),
        Send(b"220 go\r\n"),
        TLS,
        Expect("EHLO"),
        ehlo_reply(*after),
        Expect("QUIT"),
    )
    return Row(name=name, scripts=(steps,), verdict=verdict, also=also)


CLEAR, OAUTH, NONE = "auth.cleartext", "auth.oauth_only", "auth.not_offered"
UNSUPPORTED = "auth.unsupported_mechanisms"
OFFERS = [
    offering("nowhere", NONE),
    offering("after TLS", "ok", after=("AUTH PLAIN LOGIN",)),
    offering("before and after", CLEAR, before=("AUTH PLAIN",), after=("AUTH PLAIN",)),
    offering("lost after TLS", NONE, CLEAR, before=("AUTH PLAIN LOGIN",)),
    offering("no mechanism", NONE, after=("AUTH",)),
    offering("no mechanism, space", NONE, after=("AUTH ",)),
    offering("OAuth only", OAUTH, after=("AUTH XOAUTH2",)),
    offering("OAuth of the standard only", OAUTH, after=("AUTH OAUTHBEARER",)),
    offering("OAuth and domain login", OAUTH, after=("AUTH NTLM XOAUTH2 GSSAPI",)),
    offering(
        "OAuth, in the clear too", OAUTH, CLEAR, before=("AUTH XOAUTH2",), after=("AUTH XOAUTH2",)
    ),
    offering("OAuth and password", "ok", after=("AUTH XOAUTH2 LOGIN",)),
    offering(
        "password lost, OAuth left", OAUTH, CLEAR, before=("AUTH LOGIN",), after=("AUTH XOAUTH2",)
    ),
    offering("domain login only", UNSUPPORTED, after=("AUTH NTLM GSSAPI",)),
    offering(
        "domain login before, password after", "ok", before=("AUTH NTLM",), after=("AUTH LOGIN",)
    ),
    offering("negotiate", UNSUPPORTED, after=("AUTH GSS-SPNEGO KERBEROS_V4",)),
    offering("certificate only", UNSUPPORTED, after=("AUTH EXTERNAL",)),
    offering("CRAM-MD5 only", "ok", after=("AUTH CRAM-MD5",)),
    offering(
        "CRAM-MD5 before and after", "ok", before=("AUTH CRAM-MD5",), after=("AUTH CRAM-MD5",)
    ),
    offering("SCRAM only", "ok", after=("AUTH SCRAM-SHA-256",)),
    offering("SCRAM bound to TLS", "ok", after=("AUTH SCRAM-SHA-256-PLUS SCRAM-SHA-1",)),
    offering("old syntax", "ok", after=("AUTH=PLAIN LOGIN",)),
    offering("old syntax, OAuth", OAUTH, after=("AUTH=XOAUTH2",)),
    offering("old syntax in the clear", CLEAR, before=("AUTH=LOGIN",), after=("AUTH LOGIN",)),
    offering("lower case", "ok", after=("auth plain login",)),
    offering("the same line twice", "ok", after=("AUTH PLAIN", "AUTH PLAIN")),
    offering("two lines", "ok", after=("AUTH NTLM", "AUTH PLAIN")),
    offering("60 others", UNSUPPORTED, after=(MANY,)),
    offering("60 others and a password", "ok", after=(f"{MANY} PLAIN",)),
]


@by_name(OFFERS)
async def test_offers_before_and_after_tls(bench: Bench, row: Row) -> None:
    """What counts is what is left within TLS; what was offered in the clear is told beside it."""
    await bench.play(row)


@pytest.mark.parametrize(
    ("listed", "verdict"),
    [("AUTH PLAIN", "ok"), ("AUTH XOAUTH2", OAUTH), ("AUTH NTLM", UNSUPPORTED), ("SIZE 1", NONE)],
)
async def test_offers_with_tls_from_the_start(bench: Bench, listed: str, verdict: str) -> None:
    """The same, where nothing was ever said in the clear."""
    script = smtp_tls(bench.context, listed)

    await bench.play(Row(name=listed, scripts=(script,), verdict=verdict, security=Security.TLS))


@pytest.mark.parametrize(
    ("listed", "verdict", "also"),
    [
        ("AUTH PLAIN", CLEAR, ()),
        ("AUTH XOAUTH2", OAUTH, (CLEAR,)),
        ("AUTH NTLM", UNSUPPORTED, (CLEAR,)),
        ("SIZE 1", NONE, ()),
    ],
)
async def test_offers_where_no_encryption_is_wanted(
    bench: Bench, listed: str, verdict: str, also: tuple[str, ...]
) -> None:
    """Stated `none`: a sign-in that works goes over the wire for all to read."""
    row = Row(
        name=listed,
        scripts=(smtp_plain(listed),),
        verdict=verdict,
        also=also,
        security=Security.NONE,
        learned=Security.NONE,
    )

    await bench.play(row)


async def test_the_offers_are_in_the_document(bench: Bench) -> None:
    """Each list as it was, in upper case; none that was made in the clear passes for the other."""
    row = offering("both", CLEAR, before=("AUTH login",), after=("AUTH plain xoauth2",))

    found, _ = await bench.play(row)

    detail = next(one["detail"] for one in found["stages"] if one["name"] == "auth")
    assert detail["before_tls"] == ["LOGIN"]
    assert detail["after_tls"] == ["PLAIN", "XOAUTH2"]


@pytest.fixture
def at_provider(bench: Bench, ca: Authority, zone: ServeZone, tmp_path: Path) -> "AtProvider":
    """Servers that bear a provider's name."""
    return AtProvider(bench, ca, zone, tmp_path)


class AtProvider:
    """Asks at a provider's own host, which is a server of ours here."""

    def __init__(self, bench: Bench, ca: Authority, zone: ServeZone, folder: Path) -> None:
        self._bench, self._ca, self._zone, self._folder = bench, ca, zone, folder

    async def __call__(self, host: str, *after: str) -> Document:
        """The document on `host`, which offers `after` within TLS."""
        context = self._ca.leaf(Wish(names=(host,))).context(self._folder)
        server = self._bench.serve(smtp_starttls(context, after=after))
        names = self._zone({host: {"A": ["127.0.0.1"]}})
        return await checked(
            f"{host}:{server.port}",
            knowledge=self._bench.knowledge,
            ca_file=self._bench.ca_file,
            resolvers=(("127.0.0.1", names.port),),
        )


async def test_a_provider_that_takes_no_password(at_provider: AtProvider) -> None:
    """The list names LOGIN, and yet no password is taken there: known, and worth a warning."""
    found = await at_provider("smtp-mail.outlook.com", "AUTH LOGIN XOAUTH2")

    assert verdict(found) == "ok"
    assert codes(found) == {"ok", OAUTH}
    known = finding(found, OAUTH)
    assert known["severity"] == "warning"
    assert known["evidence"]["provider"] == "Outlook.com"
    assert found["exit"] == 0


@pytest.mark.parametrize("host", ["smtp.gmail.com", "smtp.mail.yahoo.com", "smtp.office365.com"])
async def test_a_healthy_provider_is_ok(at_provider: AtProvider, host: str) -> None:
    """What an account may need (an app password, say) is no fault of the server."""
    found = await at_provider(host, "AUTH LOGIN PLAIN XOAUTH2")

    assert verdict(found) == "ok"
    assert codes(found) == {"ok"}


async def test_a_provider_says_it_once(at_provider: AtProvider) -> None:
    """What the server itself says is the verdict, with nothing to add."""
    found = await at_provider("smtp-mail.outlook.com", "AUTH XOAUTH2")

    assert verdict(found) == OAUTH
    assert codes(found) == {OAUTH}
