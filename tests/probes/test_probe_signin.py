"""The offer to sign in: who can use it."""

import ssl

import pytest
from servers.faultserver import ServeScript
from servers.scripts import smtp_plain, smtp_starttls, smtp_tls
from servers.vantage import attempt_at, look

from bot.model.codes import Code
from bot.model.evidence import Failed, SignInOffer, Stage
from bot.model.target import Security
from bot.probes.prober import NetworkProber

Offers = tuple[tuple[str, ...], tuple[str, ...]]


@pytest.mark.parametrize(
    ("offers", "code"),
    [
        (((), ("AUTH PLAIN LOGIN",)), None),
        (((), ("AUTH CRAM-MD5",)), None),
        (((), ("AUTH SCRAM-SHA-256 GSSAPI",)), None),
        (((), ("AUTH LOGIN XOAUTH2",)), None),
        ((("AUTH PLAIN",), ("SIZE",)), Code.AUTH_NOT_OFFERED),
        (((), ("SIZE",)), Code.AUTH_NOT_OFFERED),
        (((), ("AUTH",)), Code.AUTH_NOT_OFFERED),
        (((), ("AUTH XOAUTH2",)), Code.AUTH_OAUTH_ONLY),
        ((("AUTH PLAIN",), ("AUTH OAUTHBEARER XOAUTH2 NTLM",)), Code.AUTH_OAUTH_ONLY),
        (((), ("AUTH NTLM GSSAPI",)), Code.AUTH_UNSUPPORTED_MECHANISMS),
        (((), ("AUTH EXTERNAL ANONYMOUS",)), Code.AUTH_UNSUPPORTED_MECHANISMS),
    ],
)
async def test_what_the_offers_before_and_after_tls_mean(
    prober: NetworkProber,
    fault_server: ServeScript,
    good_context: ssl.SSLContext,
    offers: Offers,
    code: Code | None,
) -> None:
    """What counts is what is left once the connection is encrypted."""
    before, after = offers
    server = fault_server(smtp_starttls(good_context, before=before, after=after))

    view = await look(prober, attempt_at(server))

    assert view.codes == ({Stage.AUTH: code} if code else {})


async def test_the_offer_is_kept_when_it_is_of_no_use(
    prober: NetworkProber, fault_server: ServeScript, good_context: ssl.SSLContext
) -> None:
    """Mechanisms in upper case, those before TLS apart from those after it."""
    script = smtp_starttls(good_context, before=("AUTH ntlm",), after=("AUTH xoauth2",))

    failed = (await look(prober, attempt_at(fault_server(script)))).failed(Stage.AUTH)

    assert failed.finding == SignInOffer(
        before_tls=("NTLM",), after_tls=("XOAUTH2",), encrypted=True
    )
    assert failed.said == "only XOAUTH2"


@pytest.mark.parametrize("security", [Security.TLS, Security.NONE])
async def test_the_other_modes_are_judged_alike(
    prober: NetworkProber,
    fault_server: ServeScript,
    good_context: ssl.SSLContext,
    security: Security,
) -> None:
    """TLS from the start offers after it, no encryption before it."""
    tls, plain = smtp_tls(good_context, "AUTH XOAUTH2"), smtp_plain("AUTH XOAUTH2")
    server = fault_server(tls if security is Security.TLS else plain)

    failed = (await look(prober, attempt_at(server, security))).at(Stage.AUTH)

    assert isinstance(failed, Failed)
    assert failed.code is Code.AUTH_OAUTH_ONLY
    assert isinstance(failed.finding, SignInOffer)
    assert failed.finding.encrypted is (security is Security.TLS)
