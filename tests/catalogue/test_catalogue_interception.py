"""What answers in the server's place: antivirus, filters, portals, redirected providers."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from catalogue_bench import Document, checked, codes, finding, verdict
from servers.dnsserver import ServeZone
from servers.faultserver import Send, ServeScript, Step
from servers.pki import Authority, Identity, Wish, expired, self_signed
from servers.scripts import ehlo_reply, smtp_starttls

from bot.knowledge.schema import Knowledge
from bot.model.target import Security

HOST = "mail.example.test"
GMAIL = "smtp.gmail.com"
INTERCEPTED = "network.intercepted"

PRODUCTS = {
    "Avast Web/Mail Shield Root": "Avast",
    "avast! Web/Mail Shield Root": "Avast",
    "AVG Web/Mail Shield Root": "AVG",
    "Norton Web/Mail Shield Root": "Norton",
    "Kaspersky Anti-Virus Personal Root Certificate": "Kaspersky",
    "ESET SSL Filter CA": "ESET",
    "Bitdefender Personal CA.Net-Defender": "Bitdefender",
    "McAfee Web Gateway": "McAfee or Skyhigh",
    "Symantec Web Gateway": "Norton or Symantec",
    "Sophos_CA_A1B2C3": "Sophos",
    "FortiGate CA": "Fortinet FortiGate",
    "Zscaler Intermediate Root CA (zscalertwo.net)": "Zscaler",
    "ca.example.goskope.com": "Netskope",
    "Cisco Umbrella Root CA": "Cisco Umbrella or Secure Web Appliance",
    "SonicWall Firewall DPI-SSL": "SonicWall",
    "Fireware HTTPS Proxy (SN 1234) CA": "WatchGuard",
    "Blue Coat SG Series": "Blue Coat ProxySG",
    "Forcepoint Cloud CA": "Forcepoint",
    "IWSS.TREND": "Trend Micro",
    "Gateway CA - Cloudflare Managed G1 d4cab1": "Cloudflare Gateway",
    "mitmproxy": "mitmproxy",
    "DO_NOT_TRUST_FiddlerRoot": "Fiddler",
    "Charles Proxy CA (24 Nov 2026, desk)": "Charles",
    "PortSwigger CA": "Burp Suite",
}
ORDINARY = (
    "Example Trust Root",
    "DigiCert Global Root G2",
    "Checkpointe Systems CA",
    "Avastone Mail CA",
    "Fiddlers Green Root",
    "Cisco Company CA",
    "Company Internal CA 2",
)

Check = Callable[..., Awaitable[Document]]


@pytest.fixture
def check(
    fault_server: ServeScript,
    zone: ServeZone,
    knowledge: Knowledge,
    ca_file: Path,
    tmp_path: Path,
) -> Check:
    """Checks a host whose server shows an identity, or plays a script."""

    async def run(
        shown: Identity | tuple[Step, ...], host: str = HOST, anchors: Path = ca_file
    ) -> Document:
        script = smtp_starttls(shown.context(tmp_path)) if isinstance(shown, Identity) else shown
        server = fault_server(script)
        names = zone({host: {"A": ["127.0.0.1"]}})
        return await checked(
            f"{host}:{server.port}",
            security=Security.STARTTLS,
            knowledge=knowledge,
            ca_file=anchors,
            resolvers=(names.address,),
        )

    return run


@pytest.mark.parametrize(("issuer", "product"), PRODUCTS.items(), ids=list(PRODUCTS))
async def test_who_opens_connections_is_known_by_the_issuer(
    check: Check, issuer: str, product: str
) -> None:
    """The fault of the certificate is the verdict; the finding names the product and its words."""
    between = Authority.root("Somebody", Wish(common_name=issuer))

    found = await check(between.leaf(sends=(0,)))

    assert verdict(found) == "cert.untrusted_issuer"
    assert codes(found) == {"cert.untrusted_issuer", INTERCEPTED}
    own = finding(found, INTERCEPTED)
    assert own["severity"] == "problem"
    assert own["evidence"]["product"] == product
    assert own["evidence"]["said"] == issuer
    assert f"is made by {product}" in own["summary"]
    assert issuer in own["summary"]


@pytest.mark.parametrize("issuer", ORDINARY)
async def test_a_private_authority_is_no_interception(check: Check, issuer: str) -> None:
    """A company's own authority, and names that only resemble those of products."""
    company = Authority.root("Company", Wish(common_name=issuer))

    found = await check(company.leaf(sends=(0,)))

    assert codes(found) == {"cert.untrusted_issuer"}


async def test_a_product_that_signs_for_itself(check: Check) -> None:
    """The self-signed certificate of a filter, with further faults."""
    found = await check(self_signed(expired(Wish(names=(), organisation="Fortinet Ltd."))))

    assert verdict(found) == "cert.self_signed"
    assert codes(found) == {"cert.self_signed", "cert.expired", "cert.name_mismatch", INTERCEPTED}


async def test_a_mail_server_of_the_same_maker(check: Check) -> None:
    """A mail gateway with the certificate that it left the factory with is what it says it is."""
    factory = Wish(organisation="Fortinet", common_name="FortiMail")

    assert codes(await check(self_signed(factory))) == {"cert.self_signed"}


async def test_an_interceptor_that_is_trusted_here(check: Check, tmp_path: Path) -> None:
    """Where its root is among the anchors all works: worth knowing, and no more."""
    between = Authority.root("Zscaler Inc.", Wish(common_name="Zscaler Root CA"))

    found = await check(between.leaf(sends=(0,)), anchors=between.file(tmp_path))

    assert (verdict(found), found["exit"]) == ("ok", 0)
    assert codes(found) == {"ok", INTERCEPTED}
    assert finding(found, INTERCEPTED)["severity"] == "warning"


async def test_an_authority_that_bore_the_name(check: Check, tmp_path: Path) -> None:
    """Symantec's roots were everybody's once: trusted, they are an authority like any other."""
    once = Authority.root("Symantec Corporation")

    assert codes(await check(once.leaf(), anchors=once.file(tmp_path))) == {"ok"}
    assert INTERCEPTED in codes(await check(once.leaf()))


@pytest.mark.parametrize(
    ("wish", "verdict_code", "sign"),
    [
        (Wish(names=(GMAIL,)), "cert.untrusted_issuer", "issuer"),
        (Wish(names=("server1.hoster.test",)), "cert.untrusted_issuer", "issuer"),
    ],
)
async def test_a_provider_with_somebody_elses_issuer(
    check: Check, other_ca: Authority, wish: Wish, verdict_code: str, sign: str
) -> None:
    """Everybody trusts the authorities of the large providers; another one is not theirs."""
    found = await check(other_ca.leaf(wish), GMAIL)

    assert verdict(found) == verdict_code
    own = finding(found, INTERCEPTED)
    assert own["evidence"] == {"provider": "Gmail", "sign": sign, "said": "Nobody Trust Root"}
    assert "does not seem to be Gmail" in own["summary"]


async def test_a_provider_that_signs_for_itself(check: Check) -> None:
    """No provider does."""
    assert INTERCEPTED in codes(await check(self_signed(Wish(names=(GMAIL,))), GMAIL))


async def test_a_provider_that_is_redirected(check: Check, ca: Authority) -> None:
    """A hoster's server answers for it, with a certificate that is good for the hoster's name."""
    found = await check(ca.leaf(Wish(names=("*.hoster.test", "hoster.test"))), GMAIL)

    assert verdict(found) == "cert.name_mismatch"
    assert codes(found) == {"cert.name_mismatch", INTERCEPTED}
    own = finding(found, INTERCEPTED)["evidence"]
    assert own == {"provider": "Gmail", "sign": "names", "said": "*.hoster.test, hoster.test"}


async def test_a_provider_that_is_redirected_without_encryption(check: Check) -> None:
    """The greeting names another host, and no certificate proves anything."""
    banner = b"220-server1.hoster.test ESMTP Exim 4.96\r\n220 no spam\r\n"

    found = await check((Send(banner), ehlo_reply("AUTH PLAIN LOGIN")), GMAIL)

    assert verdict(found) != INTERCEPTED
    own = finding(found, INTERCEPTED)["evidence"]
    assert own["sign"] == "greeting"
    assert own["said"].startswith("server1.hoster.test ESMTP Exim")


@pytest.mark.parametrize(
    "wish",
    [
        Wish(names=(GMAIL,)),
        expired(Wish(names=(GMAIL,))),
        Wish(names=("*.gmail.com",)),
        Wish(names=("imap.gmail.com", "mx.google.com")),
    ],
)
async def test_a_provider_that_is_itself(check: Check, ca: Authority, wish: Wish) -> None:
    """Proven by its certificate, whatever the greeting says; its own mistakes are its own."""
    assert INTERCEPTED not in codes(await check(ca.leaf(wish), GMAIL))


async def test_a_host_in_the_domain_of_a_customer(check: Check) -> None:
    """Addresses there are with a provider, and the machine is not."""
    found = await check(self_signed(Wish(names=("mail.nyu.edu",))), "mail.nyu.edu")

    assert codes(found) == {"cert.self_signed"}
