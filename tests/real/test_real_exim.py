"""The command line against a real Exim, whose TLS is GnuTLS."""

import asyncio

import pytest
from real.maillab import Lab, codes, needs, send, statuses

pytestmark = needs("exim")


@pytest.mark.parametrize(("port", "security"), [(587, "starttls"), (465, "tls")])
def test_a_healthy_server_is_called_healthy(lab: Lab, port: int, security: str) -> None:
    """Called ok, and an independent client gets in."""
    document, verdict = lab.check(f"exim:{port}")

    assert verdict == ("ok", 0), document
    assert document["target"]["security"] == security
    assert "OK id=" in asyncio.run(send(lab, "exim", port, security))


@pytest.mark.parametrize(
    ("port", "stated", "works"), [(587, "tls", "starttls"), (465, "starttls", "tls")]
)
def test_mixed_up_security_is_named(lab: Lab, port: int, stated: str, works: str) -> None:
    """The other mode is suggested on the same port."""
    document, verdict = lab.check(f"exim:{port}", "--security", stated)

    assert verdict == ("settings.wrong_security", 1), document
    expected = {"host": "exim.example.test", "port": port, "security": works}
    assert document["suggested"] == expected


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("exim-expired:587", {"cert.expired"}),
        ("exim-no-auth:587", {"auth.not_offered"}),
        ("exim-no-key:587", {"starttls.refused"}),
        ("exim-refusing:587", {"greeting.rejected"}),
        ("exim-refusing:465", {"greeting.rejected"}),
        ("exim-deferring:587", {"greeting.busy"}),
        ("exim-ntlm:587", {"auth.unsupported_mechanisms"}),
    ],
)
def test_what_is_wrong_is_named(lab: Lab, target: str, expected: set[str]) -> None:
    """One thing is wrong on all ports, and that one is the verdict."""
    document, (verdict, exit_code) = lab.check(target)

    assert ({verdict}, exit_code) == (expected, 1), document
    assert codes(document) == expected
    assert document["suggested"] is None


def test_encryption_that_is_switched_off_on_one_port(lab: Lab) -> None:
    """Sign-in in the clear on 587 is named, and 465 suggested."""
    document, verdict = lab.check("exim-plain:587")

    assert verdict == ("starttls.not_offered", 1), document
    assert codes(document) == {"starttls.not_offered", "auth.cleartext"}
    assert document["target"]["security"] == "none"
    assert (document["suggested"]["port"], document["suggested"]["security"]) == (465, "tls")


def test_the_port_for_relaying_offers_no_sign_in(lab: Lab) -> None:
    """On port 25 that is worth a word, and exit code 0."""
    document, verdict = lab.check("exim:25")

    assert verdict == ("auth.not_offered", 0), document
    assert document["verdict"]["severity"] == "warning"


def test_a_full_house_is_busy(lab: Lab) -> None:
    """Who has as many connections as are allowed hears 421."""
    with lab.visitor("exim-crowded", 587):
        document, verdict = lab.check("exim-crowded:587")

    assert verdict == ("greeting.busy", 1), document


@pytest.mark.parametrize("port", [587, 465])
def test_a_slow_greeting_is_waited_for(lab: Lab, port: int) -> None:
    """Exim bars who talks before its greeting: what is tried meanwhile must not be taken for it."""
    document, verdict = lab.check(f"exim-slow:{port}")

    assert verdict == ("ok", 0), document
    assert codes(document) == {"ok"}
    assert "ok" in statuses(document, "greeting")
