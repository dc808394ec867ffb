"""The command line against a real Postfix: what it says must be what other programs find.

`.ci/run` starts the servers; without them the tests are skipped.
"""

import asyncio
import json
import ssl
import time

import aiosmtplib
import pytest
from real.maillab import Lab, codes, has_ipv6, needs, send, statuses

pytestmark = needs("postfix")


def server_log(lab: Lab) -> str:
    """What Postfix has written, once it has stopped writing."""
    said = ""
    for _ in range(20):
        time.sleep(0.3)
        before, said = said, (lab.folder / "postfix" / "log").read_text("utf-8")
        if before == said:
            break
    return said


@pytest.mark.parametrize(("port", "security"), [(587, "starttls"), (465, "tls")])
def test_a_healthy_server_is_called_healthy(lab: Lab, port: int, security: str) -> None:
    """Right port, right security, certificate of a trusted authority: ok, on all addresses."""
    document, verdict = lab.check(f"mail:{port}", "--security", security)

    assert verdict == ("ok", 0), document
    assert document["target"]["security"] == security
    assert document["suggested"] is None
    assert statuses(document, "certificate") == {"ok"}
    dialled = {row["address"] for row in document["stages"] if row["name"] == "auth"}
    assert dialled == ({"127.0.0.1", "::1"} if has_ipv6() else {"127.0.0.1"})
    auth = next(row for row in document["stages"] if row["name"] == "auth")
    assert {"PLAIN", "LOGIN"} <= set(auth["detail"]["after_tls"])
    assert auth["detail"]["before_tls"] == []


@pytest.mark.parametrize(
    ("target", "port", "security"),
    [
        ("mail:587", 587, "starttls"),
        ("mail:465", 465, "tls"),
        ("mail", 587, "starttls"),
        ("only-465", 465, "tls"),
        ("[::1]:587", 587, "starttls"),
        ("127.0.0.1:465", 465, "tls"),
        ("new-tls:587", 587, "starttls"),
        ("swapped:587", 587, "tls"),
        ("swapped:465", 465, "starttls"),
        ("crowded:587", 587, "starttls"),  # we come in on one connection
        ("exhausted:587", 587, "starttls"),
        ("refusing-later:587", 587, "starttls"),  # nobody is told before there is a message
    ],
)
def test_what_works_is_found_without_being_told(
    lab: Lab, target: str, port: int, security: str
) -> None:
    """Auto finds the port and how the server encrypts; nothing is suggested."""
    if "::" in target and not has_ipv6():
        pytest.skip("this machine has no IPv6 on loopback")
    document, verdict = lab.check(target)

    assert verdict == ("ok", 0), document
    assert (document["target"]["port"], document["target"]["security"]) == (port, security)
    assert document["suggested"] is None


@pytest.mark.parametrize("target", ["mail:25", "relay:25", "relay"])
def test_the_port_for_relaying_offers_no_sign_in(lab: Lab, target: str) -> None:
    """On port 25 that is worth a word, and exit code 0."""
    document, verdict = lab.check(target)

    assert verdict == ("auth.not_offered", 0), document
    assert document["verdict"]["severity"] == "warning"
    assert (document["target"]["port"], document["target"]["security"]) == (25, "starttls")
    assert "ok" in statuses(document, "certificate")


@pytest.mark.parametrize(
    ("target", "stated", "works"),
    [
        ("mail:587", "tls", "starttls"),
        ("mail:465", "starttls", "tls"),
        ("mail:587", "none", "starttls"),
        ("swapped:587", "starttls", "tls"),
        ("swapped:465", "tls", "starttls"),
    ],
)
def test_mixed_up_security_is_named_and_the_suggestion_works(
    lab: Lab, target: str, stated: str, works: str
) -> None:
    """The other mode is suggested on the same port, and an independent client gets in with it."""
    host, port = target.split(":")
    document, verdict = lab.check(target, "--security", stated)

    assert verdict == ("settings.wrong_security", 1), document
    expected = {"host": f"{host}.example.test", "port": int(port), "security": works}
    assert document["suggested"] == expected
    assert "queued" in asyncio.run(send(lab, host, int(port), works))


@pytest.mark.parametrize(("port", "stated"), [(587, "tls"), (465, "starttls")])
def test_the_stated_security_fails_for_others_too(lab: Lab, port: int, stated: str) -> None:
    """What was called wrong security gets an independent client nowhere either."""
    with pytest.raises((aiosmtplib.SMTPException, ssl.SSLError, OSError)):
        asyncio.run(send(lab, "mail", port, stated, patience=2))


@pytest.mark.parametrize(
    ("target", "words", "expected"),
    [
        ("expired:587", (), {"cert.expired"}),
        ("expired:465", (), {"cert.expired"}),
        ("wrong-name:587", (), {"cert.name_mismatch"}),
        ("self-signed:587", (), {"cert.self_signed"}),
        ("incomplete:587", (), {"cert.incomplete_chain"}),
        ("no-auth:587", (), {"auth.not_offered"}),
        ("old-tls:587", (), {"tls.version_too_old"}),
        ("client-cert:587", (), {"tls.client_certificate_required"}),
        ("client-cert:465", (), {"tls.client_certificate_required"}),
        ("no-key:587", (), {"tls.handshake_failed"}),
        ("no-key:465", (), {"tls.handshake_failed"}),
        ("no-dovecot:587", (), {"session.closed"}),
        ("refusing:587", (), {"greeting.rejected"}),
        ("refusing:25", (), {"greeting.rejected"}),
        ("plain:587", (), {"starttls.not_offered", "auth.cleartext"}),
        ("plain:587", ("--security", "starttls"), {"starttls.not_offered", "auth.cleartext"}),
        ("relay:587", (), {"tcp.refused"}),
    ],
)
def test_what_is_wrong_is_named(
    lab: Lab, target: str, words: tuple[str, ...], expected: set[str]
) -> None:
    """One thing is wrong, that one is the verdict, and no other setting of the host works."""
    document, (verdict, exit_code) = lab.check(target, *words)

    assert exit_code == 1, document
    assert verdict in expected, document
    assert document["verdict"]["severity"] == "problem"
    assert codes(document) == expected
    assert document["suggested"] is None


@pytest.mark.parametrize(
    ("host", "openssl_code"),
    [("expired", 10), ("self-signed", 18), ("incomplete", 20), ("wrong-name", 62)],
)
def test_others_refuse_the_certificate_as_well(lab: Lab, host: str, openssl_code: int) -> None:
    """An independent client that checks certificates has the same objection, by its number."""
    with pytest.raises(ssl.SSLCertVerificationError) as caught:
        asyncio.run(send(lab, host, 587, "starttls"))

    assert caught.value.verify_code == openssl_code


@pytest.mark.parametrize(
    ("target", "words", "code"),
    [
        ("expired:25", (), "cert.expired"),
        ("in-clear:587", (), "auth.cleartext"),
        ("plain:587", ("--security", "none"), "auth.cleartext"),
        ("oauth:587", (), "auth.oauth_only"),
    ],
)
def test_what_is_worth_a_word_is_a_warning(
    lab: Lab, target: str, words: tuple[str, ...], code: str
) -> None:
    """Mail goes out, so the exit code is 0."""
    document, verdict = lab.check(target, *words)

    assert verdict == (code, 0), document
    assert document["verdict"]["severity"] == "warning"


@pytest.mark.parametrize(
    ("target", "code", "port", "security"),
    [
        ("mail:2525", "settings.wrong_port", 587, "starttls"),
        ("only-465:587", "settings.wrong_port", 465, "tls"),
        ("no-starttls:587", "starttls.not_offered", 465, "tls"),
    ],
)
def test_a_port_that_works_is_suggested(
    lab: Lab, target: str, code: str, port: int, security: str
) -> None:
    """Beside a port that does not work one that does, and an independent client gets in there."""
    document, verdict = lab.check(target)
    host, _, _ = target.partition(":")

    assert verdict == (code, 1), document
    expected = {"host": f"{host}.example.test", "port": port, "security": security}
    assert document["suggested"] == expected
    assert "queued" in asyncio.run(send(lab, host, port, security))


def test_an_authority_that_nobody_trusts(lab: Lab) -> None:
    """Without our extra trust anchor the same healthy server has an untrusted issuer."""
    anchor = lab.mailmedic.settings.pop("MAILMEDIC_CA_FILE")
    try:
        document, verdict = lab.check("mail:587")
    finally:
        lab.mailmedic.settings["MAILMEDIC_CA_FILE"] = anchor

    assert verdict == ("cert.untrusted_issuer", 1), document
    assert {code for code in codes(document) if code.startswith("cert.")} == {verdict[0]}


def test_a_full_house_is_busy(lab: Lab) -> None:
    """Who has as many connections as are allowed hears 421; the server's words are shown."""
    with lab.visitor("crowded", 587):
        document, verdict = lab.check("crowded:587")

    assert verdict == ("greeting.busy", 1), document
    assert "too many connections" in document["verdict"]["summary"]


def test_a_server_whose_processes_are_all_taken_is_silent(lab: Lab) -> None:
    """The kernel accepts the connection, and nobody comes to greet."""
    patience = lab.mailmedic.settings["MAILMEDIC_TIMEOUT"]
    lab.mailmedic.settings["MAILMEDIC_TIMEOUT"] = "4"
    try:
        with lab.visitor("exhausted", 587):
            document, verdict = lab.check("exhausted:587")
    finally:
        lab.mailmedic.settings["MAILMEDIC_TIMEOUT"] = patience

    assert verdict == ("greeting.none", 1), document
    assert statuses(document, "tcp") >= {"ok"}


def test_a_guarded_server_is_waited_for(lab: Lab) -> None:
    """Postscreen holds its 220 back and bars who talks SMTP before it; we do not."""
    document, _ = lab.check("guarded:25")

    assert "ok" in statuses(document, "greeting"), document
    assert "ok" in statuses(document, "ehlo")
    early = [line for line in server_log(lab).splitlines() if "PREGREET" in line]
    assert [line for line in early if "EHLO" in line or "QUIT" in line] == []


def test_many_targets_keep_their_order(lab: Lab) -> None:
    """`check -` answers line by line, in the order of the input."""
    hosts = ("mail.example.test:465 tls", "", "expired.example.test:587", "mail.example.test:70000")
    ran = lab.mailmedic("check", "-", "--json", typed="\n".join(hosts) + "\n")
    documents = [json.loads(line) for line in ran.out.splitlines()]

    assert [document["verdict"]["code"] for document in documents] == [
        "ok",
        "cert.expired",
        "policy.port_not_allowed",
    ]
    assert ran.code == 2


def test_the_server_was_left_politely(lab: Lab) -> None:
    """A healthy check says QUIT, and never signs in or hands over mail."""
    before = len(server_log(lab))

    lab.check("mail:587")

    said = server_log(lab)[before:]
    sessions = [line for line in said.splitlines() if " disconnect from " in line]
    assert sessions
    assert all("quit=1" in line for line in sessions), said
    assert "auth=" not in said
    assert "mail=" not in said
