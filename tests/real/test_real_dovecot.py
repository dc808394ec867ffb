"""The command line against a real Dovecot: IMAP and POP3, for fetching and mistaken for sending."""

import imaplib

import pytest
from cli_process import Document
from real.maillab import Lab, codes, needs

pytestmark = needs("dovecot")

FETCHING = [
    (143, "imap", "starttls"),
    (993, "imap", "tls"),
    (110, "pop3", "starttls"),
    (995, "pop3", "tls"),
]


def offers(document: Document) -> tuple[list[str], list[str]]:
    """The ways to sign in before and after TLS."""
    (auth,) = (row for row in document["stages"] if row["name"] == "auth")
    return auth["detail"]["before_tls"], auth["detail"]["after_tls"]


@pytest.mark.parametrize(("port", "protocol", "security"), FETCHING)
def test_a_healthy_server_is_called_healthy(
    lab: Lab, port: int, protocol: str, security: str
) -> None:
    """The four ports for fetching are checked as what they are."""
    document, verdict = lab.check(f"fetching:{port}")

    assert verdict == ("ok", 0), document
    assert (document["target"]["protocol"], document["target"]["security"]) == (protocol, security)
    before, after = offers(document)
    assert "PLAIN" not in before
    assert "PLAIN" in after


def test_passwords_are_not_taken_before_encryption(lab: Lab) -> None:
    """Dovecot says LOGINDISABLED, and we say that nothing is offered, as another program sees."""
    document, _ = lab.check("fetching:143")
    with imaplib.IMAP4(lab.address("fetching"), timeout=10) as other:
        capabilities = other.capabilities

    assert "LOGINDISABLED" in capabilities
    assert not {"PLAIN", "LOGIN"} & set(offers(document)[0])


@pytest.mark.parametrize(("port", "protocol", "security"), FETCHING)
def test_a_server_for_fetching_named_for_sending(
    lab: Lab, port: int, protocol: str, security: str
) -> None:
    """Told to send there, the cause is named, and the port for sending beside it is suggested."""
    document, verdict = lab.check(f"mail:{port}", "--protocol", "smtp", "--security", security)

    assert verdict == ("settings.incoming_for_outgoing", 1), document
    assert "greeting.not_smtp" in codes(document)
    assert document["target"]["protocol"] == "smtp"
    assert protocol.upper() in document["verdict"]["summary"]
    expected = {"host": "mail.example.test", "port": 587, "security": "starttls"}
    assert document["suggested"] == expected


@pytest.mark.parametrize("port", [143, 995])
def test_nothing_is_suggested_where_nothing_takes_mail(lab: Lab, port: int) -> None:
    """A host for fetching alone has no port for sending."""
    document, verdict = lab.check(f"fetching:{port}", "--protocol", "smtp")

    assert verdict == ("settings.incoming_for_outgoing", 1), document
    assert document["suggested"] is None


def test_no_port_for_sending_at_all(lab: Lab) -> None:
    """Without a port the ones for sending are tried, and all of them refuse."""
    document, verdict = lab.check("fetching")

    assert verdict == ("tcp.refused", 1), document
    assert document["target"]["port"] == 587
    assert document["suggested"] is None


@pytest.mark.parametrize(
    ("target", "code", "security"),
    [
        ("expired:143", "cert.expired", "starttls"),
        ("expired:993", "cert.expired", "tls"),
        ("expired:995", "cert.expired", "tls"),
        ("plain-fetching:143", "starttls.not_offered", "none"),
        ("plain-fetching:110", "starttls.not_offered", "none"),
        ("plain-fetching:993", "tls.handshake_failed", "tls"),
    ],
)
def test_what_is_wrong_is_named(lab: Lab, target: str, code: str, security: str) -> None:
    """One setting is broken, and that is the verdict."""
    document, verdict = lab.check(target)

    assert verdict == (code, 1), document
    assert document["target"]["security"] == security
    assert document["suggested"] is None
