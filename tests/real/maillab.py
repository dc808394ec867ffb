"""The real mail servers that `.ci/mail-servers` runs, and the command line among them.

Each host of `.ci/mail/hosts` is a mail server with real ports; a name server of the tests answers
with their addresses. Without these servers (REAL_MAIL_SERVERS is unset) the tests are skipped.
"""

import asyncio
import os
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import aiosmtplib
import pytest
from cli_process import Document, Mailmedic
from servers.dnsserver import DnsServer

__all__ = ["Lab", "Verdict", "codes", "has_ipv6", "lab_of", "needs", "send", "statuses"]

DOMAIN = "example.test"
_HOSTS = Path(__file__).parents[2] / ".ci" / "mail" / "hosts"

Verdict = tuple[str, int]  # the code, and the exit code that goes with it


def needs(server: str) -> list[pytest.MarkDecorator]:
    """The marks of tests that need `server`: they are left out, and skipped where it is not."""
    missing = server not in os.environ.get("REAL_MAIL_SERVERS", "").split()
    reason = f"needs a real {server}; `bash .ci/run` starts one"
    return [pytest.mark.real, pytest.mark.skipif(missing, reason=reason)]


@dataclass(frozen=True, slots=True)
class Lab:
    """Runs `mailmedic` where the real servers are."""

    mailmedic: Mailmedic
    folder: Path

    def check(self, target: str, *words: str) -> tuple[Document, Verdict]:
        """The document of `mailmedic check TARGET --json`, its verdict and the exit code.

        A target without a domain is one of the hosts: `expired:587`.
        """
        stated = target if "." in target or "]" in target else _in_domain(target)
        answer = self.mailmedic("check", stated, *words, "--json")
        assert answer.out, answer.err
        document = answer.document
        return document, (document["verdict"]["code"], answer.code)

    def address(self, host: str) -> str:
        """The IPv4 address of one of the hosts."""
        return _addresses()[f"{host}.{DOMAIN}"]["A"][0]

    @contextmanager
    def visitor(self, host: str, port: int) -> Iterator[socket.socket]:
        """Somebody else, who has come in and stays for as long as the context lasts."""
        with socket.create_connection((self.address(host), port), 10) as held:
            assert held.recv(100).startswith(b"220")
            yield held

    def trust(self) -> ssl.SSLContext:
        """A client's TLS context that trusts the lab's authority."""
        return ssl.create_default_context(cafile=str(self.folder / "tls" / "ca.pem"))


def _in_domain(target: str) -> str:
    host, colon, port = target.partition(":")
    return f"{host}.{DOMAIN}{colon}{port}"


def _addresses() -> dict[str, dict[str, list[str]]]:
    zone: dict[str, dict[str, list[str]]] = {}
    for line in _HOSTS.read_text("utf-8").splitlines():
        words = line.partition("#")[0].split()
        if not words:
            continue
        address, name = words
        kind = "AAAA" if ":" in address else "A"
        if kind == "A" or has_ipv6():
            zone.setdefault(name, {}).setdefault(kind, []).append(address)
    return zone


def has_ipv6() -> bool:
    """Whether the lab's loopback has an IPv6 address."""
    return os.environ.get("REAL_MAIL_FAMILIES") == "all"


@contextmanager
def lab_of(home: Path) -> Iterator[Lab]:
    """The lab; what `mailmedic` stores goes into `home`."""
    folder = Path(os.environ["REAL_MAIL_DIR"])
    with DnsServer(_addresses()) as names:
        settings = {
            "MAILMEDIC_CA_FILE": str(folder / "tls" / "ca.pem"),
            "MAILMEDIC_DNS": f"127.0.0.1:{names.port}",
            "MAILMEDIC_SUBMISSION_PORTS": "587:starttls,465:tls,2525:starttls,25:starttls",
            "MAILMEDIC_TIMEOUT": "15",
        }
        yield Lab(Mailmedic(home, settings), folder)


def codes(document: Document) -> set[str]:
    """The codes among the findings."""
    return {finding["code"] for finding in document["findings"]}


def statuses(document: Document, stage: str) -> set[str]:
    """How a stage ended, over all attempts."""
    return {row["status"] for row in document["stages"] if row["name"] == stage}


async def send(lab: Lab, host: str, port: int, security: str, patience: float = 15) -> str:
    """Signs in and sends one message, as a mail program with these settings would.

    Returns what the server said to it.
    """
    user = os.environ["REAL_MAIL_USER"]
    message = f"From: {user}\r\nTo: anyone@{DOMAIN}\r\nSubject: a test\r\n\r\nIt goes nowhere.\r\n"
    client = aiosmtplib.SMTP(
        hostname=f"{host}.{DOMAIN}",
        sock=socket.create_connection((lab.address(host), port), 10),
        use_tls=security == "tls",
        start_tls=security == "starttls",
        tls_context=lab.trust(),
        timeout=patience,
    )
    try:
        await client.connect()
        await client.login(user, os.environ["REAL_MAIL_PASSWORD"])
        _, said = await client.sendmail(user, f"anyone@{DOMAIN}", message)
        await client.quit()
    finally:
        client.close()  # a connection that failed half-way is left open by the library
        await asyncio.sleep(0.1)  # and is closed in the background
    return said
