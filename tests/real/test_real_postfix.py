"""The command line against a real Postfix: what it says must be what other programs find.

`.ci/run` starts the server and sets REAL_MAIL_*; without these the tests are skipped, visibly.
"""

import asyncio
import json
import os
import socket
import ssl
import subprocess
import sys
import time
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import aiosmtplib
import pytest

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(
        "REAL_MAIL_STARTTLS_PORT" not in os.environ,
        reason="needs a real Postfix, REAL_MAIL_* say where; `bash .ci/run` starts one",
    ),
]

ROOT = Path(__file__).parent.parent.parent
PATIENCE = 60


def port(name: str) -> int:
    """The port of one of the services that `.ci/mail-servers` started."""
    return int(os.environ[f"REAL_MAIL_{name}_PORT"])


def mailmedic(*words: str, given: str = "", **other: str) -> subprocess.CompletedProcess[str]:
    """Runs the command line in a process of its own, as a person would.

    `other` settings win; an empty one is not set at all.
    """
    known = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
    settings = {
        "MAILMEDIC_ALLOW_NETS": "127.0.0.0/8,::1/128",
        "MAILMEDIC_ALLOW_PORTS": "1024-65535",
        "MAILMEDIC_SUBMISSION_PORTS": f"{port('STARTTLS')}:starttls,{port('TLS')}:tls",
        "MAILMEDIC_CA_FILE": os.environ["REAL_MAIL_CA_FILE"],
    }
    return subprocess.run(
        [sys.executable, "-m", "bot", *words],
        cwd=ROOT,
        env={name: value for name, value in (known | settings | other).items() if value},
        input=given,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def check(target: str, *words: str, **other: str) -> tuple[dict[str, Any], int]:
    """The document and the exit code of `mailmedic check TARGET --json`."""
    ran = mailmedic("check", target, *words, "--json", **other)
    assert ran.stdout, ran.stderr
    document: dict[str, Any] = json.loads(ran.stdout)
    return document, ran.returncode


def codes(document: dict[str, Any]) -> set[str]:
    """The codes among the findings."""
    return {finding["code"] for finding in document["findings"]}


def statuses(document: dict[str, Any], stage: str) -> set[str]:
    """How a stage ended, over all attempts."""
    return {row["status"] for row in document["stages"] if row["name"] == stage}


async def send(host: str, number: int, security: str, patience: float = 15) -> str:
    """Signs in and sends one message, as a mail program with these settings would."""
    message = EmailMessage()
    message["From"] = os.environ["REAL_MAIL_USER"]
    message["To"] = "anyone@example.test"
    message["Subject"] = "a message of the tests"
    message.set_content("It is thrown away by the server that takes it.")
    client = aiosmtplib.SMTP(
        hostname=host,
        port=number,
        use_tls=security == "tls",
        start_tls=security == "starttls",
        tls_context=ssl.create_default_context(cafile=os.environ["REAL_MAIL_CA_FILE"]),
        timeout=patience,
    )
    try:
        async with client:
            await client.login(os.environ["REAL_MAIL_USER"], os.environ["REAL_MAIL_PASSWORD"])
            _, said = await client.send_message(message)
    finally:
        client.close()  # a connection that failed half-way is left open by the library
        await asyncio.sleep(0.1)
    return said


def server_log() -> str:
    """What Postfix has written, once it has stopped writing."""
    log = Path(os.environ["REAL_MAIL_LOG"])
    said = ""
    for _ in range(20):
        time.sleep(0.3)
        before, said = said, log.read_text("utf-8")
        if before == said:
            break
    return said


def hear(number: int) -> bytes:
    """The first bytes that a service sends by itself."""
    with socket.create_connection(("127.0.0.1", number), 10) as connection:
        return connection.recv(100)


@pytest.mark.parametrize(("name", "security"), [("STARTTLS", "starttls"), ("TLS", "tls")])
def test_a_healthy_server_is_called_healthy(name: str, security: str) -> None:
    """Right port, right security, certificate of a trusted authority: ok, and exit code 0."""
    document, exit_code = check(f"127.0.0.1:{port(name)}", "--security", security)

    assert (document["verdict"]["code"], exit_code) == ("ok", 0), document
    assert document["target"]["security"] == security
    assert document["suggested"] is None
    assert statuses(document, "certificate") == {"ok"}
    auth = next(row for row in document["stages"] if row["name"] == "auth")
    assert {"PLAIN", "LOGIN"} <= set(auth["detail"]["after_tls"])


@pytest.mark.parametrize(("name", "security"), [("STARTTLS", "starttls"), ("TLS", "tls")])
def test_the_security_is_found_where_none_is_stated(name: str, security: str) -> None:
    """On a port that says nothing by its number, auto finds out how the server encrypts."""
    document, exit_code = check(f"127.0.0.1:{port(name)}")

    assert (document["verdict"]["code"], exit_code) == ("ok", 0), document
    assert document["target"]["security"] == security


@pytest.mark.parametrize(
    ("name", "stated", "works"), [("STARTTLS", "tls", "starttls"), ("TLS", "starttls", "tls")]
)
def test_mixed_up_security_is_named_and_the_suggestion_works(
    name: str, stated: str, works: str
) -> None:
    """The other mode is suggested on the same port, and an independent client gets in with it."""
    document, exit_code = check(f"127.0.0.1:{port(name)}", "--security", stated)

    assert (document["verdict"]["code"], exit_code) == ("settings.wrong_security", 1), document
    assert document["suggested"] == {"host": "127.0.0.1", "port": port(name), "security": works}
    said = asyncio.run(send("127.0.0.1", port(name), document["suggested"]["security"]))
    assert "queued" in said


@pytest.mark.parametrize(("name", "stated"), [("STARTTLS", "tls"), ("TLS", "starttls")])
def test_the_stated_security_fails_for_others_too(name: str, stated: str) -> None:
    """What was called wrong security gets an independent client nowhere either."""
    with pytest.raises((aiosmtplib.SMTPException, ssl.SSLError, OSError)):
        asyncio.run(send("127.0.0.1", port(name), stated, patience=3))


def test_an_authority_that_nobody_trusts() -> None:
    """Without our extra trust anchor the same healthy server has an untrusted issuer."""
    document, exit_code = check(f"127.0.0.1:{port('STARTTLS')}", MAILMEDIC_CA_FILE="")

    assert (document["verdict"]["code"], exit_code) == ("cert.untrusted_issuer", 1), document
    assert "cert.self_signed" not in codes(document)
    assert "cert.name_mismatch" not in codes(document)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("SELF_SIGNED", "cert.self_signed"),
        ("EXPIRED", "cert.expired"),
        ("OTHER_NAME", "cert.name_mismatch"),
    ],
)
def test_what_is_wrong_with_a_certificate(name: str, code: str) -> None:
    """Each certificate has one fault, and that one is the verdict."""
    document, exit_code = check(f"127.0.0.1:{port(name)}", "--security", "starttls")

    assert (document["verdict"]["code"], exit_code) == (code, 1), document
    assert {found for found in codes(document) if found.startswith("cert.")} == {code}
    assert statuses(document, "tls") == {"ok"}


def test_a_server_without_encryption() -> None:
    """STARTTLS is stated and the server does not offer it."""
    document, exit_code = check(f"127.0.0.1:{port('PLAIN')}", "--security", "starttls")

    assert exit_code == 1, document
    assert "starttls.not_offered" in codes(document)


def test_nobody_listens() -> None:
    """A port where no server is refuses at once; where nothing else works, that is the verdict."""
    closed = port("CLOSED")
    document, exit_code = check(
        f"127.0.0.1:{closed}", MAILMEDIC_SUBMISSION_PORTS=f"{closed}:starttls"
    )

    assert (document["verdict"]["code"], exit_code) == ("tcp.refused", 1), document
    assert document["suggested"] is None


def test_nobody_listens_but_next_door_works() -> None:
    """Beside a refused port a working one is suggested, and an independent client gets in there."""
    document, exit_code = check(f"127.0.0.1:{port('CLOSED')}")

    assert (document["verdict"]["code"], exit_code) == ("settings.wrong_port", 1), document
    suggested = document["suggested"]
    said = asyncio.run(send(suggested["host"], suggested["port"], suggested["security"]))
    assert "queued" in said


def test_a_guarded_server_is_waited_for() -> None:
    """Postscreen holds its 220 back and bars who talks SMTP before it; we do not."""
    assert hear(port("POSTSCREEN")).startswith(b"220-")

    document, _ = check(f"127.0.0.1:{port('POSTSCREEN')}", "--security", "starttls")

    assert "ok" in statuses(document, "greeting"), document
    assert "ok" in statuses(document, "ehlo")
    early = [line for line in server_log().splitlines() if "PREGREET" in line]
    assert [line for line in early if "EHLO" in line or "QUIT" in line] == []


def test_a_name_with_two_addresses() -> None:
    """`localhost` is looked at on each of its addresses, and the certificate holds its name."""
    if os.environ["REAL_MAIL_FAMILIES"] != "all":
        pytest.skip("this machine has no IPv6 on loopback")

    document, exit_code = check(f"localhost:{port('STARTTLS')}", "--security", "starttls")

    assert (document["verdict"]["code"], exit_code) == ("ok", 0), document


def test_many_targets_keep_their_order() -> None:
    """`check -` answers line by line, in the order of the input."""
    lines = f"127.0.0.1:{port('TLS')} tls\n\n127.0.0.1:{port('CLOSED')}\n127.0.0.1:70000\n"
    ran = mailmedic("check", "-", "--json", given=lines)
    documents = [json.loads(line) for line in ran.stdout.splitlines()]

    assert [document["verdict"]["code"] for document in documents][::2] == [
        "ok",
        "policy.port_not_allowed",
    ]
    assert len(documents) == 3
    assert ran.returncode == 2


def test_the_server_was_left_politely() -> None:
    """A healthy check says QUIT, and never signs in or hands over mail."""
    before = len(server_log())

    check(f"127.0.0.1:{port('STARTTLS')}", "--security", "starttls")

    said = server_log()[before:]
    sessions = [line for line in said.splitlines() if " disconnect from " in line]
    assert sessions
    assert all("quit=1" in line for line in sessions), said
    assert "auth=" not in said
    assert "mail=" not in said
