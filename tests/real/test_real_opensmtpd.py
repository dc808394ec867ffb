"""The command line against a real OpenSMTPD.

That of Debian 12 fails at every TLS handshake, since OpenSSL 3 does not let it keep its key in a
process of its own (OpenSMTPD issues 1171 and 1239). Whether it does is found out independently;
where it does, that is what must be said.
"""

import asyncio
import socket
import ssl

import aiosmtplib
import pytest
from real.maillab import Lab, codes, needs, send

pytestmark = needs("opensmtpd")


def encrypts(lab: Lab) -> bool:
    """Whether a TLS handshake on port 465 comes to its end for another program."""
    try:
        with (
            socket.create_connection((lab.address("opensmtpd"), 465), 10) as plain,
            lab.trust().wrap_socket(plain, server_hostname="opensmtpd.example.test") as session,
        ):
            return session.recv(100).startswith(b"220")
    except ssl.SSLError:
        return False


@pytest.mark.parametrize(("port", "security"), [(587, "starttls"), (465, "tls")])
def test_it_works_for_us_as_it_does_for_others(lab: Lab, port: int, security: str) -> None:
    """Called ok where an independent client gets in, else a failing handshake."""
    document, verdict = lab.check(f"opensmtpd:{port}")

    if encrypts(lab):
        assert verdict == ("ok", 0), document
        assert "delivery" in asyncio.run(send(lab, "opensmtpd", port, security))
    else:
        assert verdict == ("tls.handshake_failed", 1), document
        with pytest.raises((aiosmtplib.SMTPException, ssl.SSLError)):
            asyncio.run(send(lab, "opensmtpd", port, security))
    assert document["target"]["security"] == security


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("opensmtpd-expired:587", "cert.expired"),
        ("opensmtpd-no-auth:587", "auth.not_offered"),
        ("opensmtpd-client-cert:587", "tls.client_certificate_required"),
    ],
)
def test_what_is_wrong_within_encryption_is_named(lab: Lab, target: str, code: str) -> None:
    """One thing is wrong, behind a handshake that has to work first."""
    document, verdict = lab.check(target)

    assert verdict == (code if encrypts(lab) else "tls.handshake_failed", 1), document


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("opensmtpd-plain:587", {"starttls.not_offered", "auth.not_offered"}),
        ("opensmtpd-refusing:587", {"greeting.rejected"}),
        ("opensmtpd-busy:587", {"greeting.busy"}),
    ],
)
def test_what_is_wrong_in_the_clear_is_named(lab: Lab, target: str, expected: set[str]) -> None:
    """No encryption, a refusal and a full house are told apart."""
    document, (verdict, exit_code) = lab.check(target)

    assert exit_code == 1
    assert verdict in expected, document
    assert codes(document) == expected
