"""One row of the catalogue: what a server does, and everything that a check of it must say."""

import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from catalogue_bench import PATIENT, Document, checked, codes, verdict
from servers.faultserver import FaultServer, ServeScript, StartTls, Step

from bot.knowledge.schema import Knowledge
from bot.model.target import Protocol, Security

__all__ = ["TLS", "Bench", "Row", "assert_clean", "by_name", "texts_of"]

# Stands in a script for a handshake with the good certificate, which is made with the tests.
TLS = StartTls(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))

# The contract's warnings on a port that is not 25; all other codes but `ok` are problems.
_WARNINGS = frozenset(
    {
        "tcp.partial",
        "greeting.slow",
        "cert.weak",
        "cert.expiring_soon",
        "cert.strict_rejected",
        "auth.oauth_only",
        "auth.cleartext",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A server on a port of its own, and the verdict; `also` are all further findings.

    `scripts` are those of the first connection, the second and so on; the last one stays.
    `suggested` is the security that is suggested for the same port. `learned` is
    `target.security`.
    """

    name: str
    scripts: tuple[tuple[Step, ...], ...]
    verdict: str
    also: tuple[str, ...] = ()
    security: Security | None = None
    protocol: Protocol | None = None
    suggested: Security | None = None
    learned: Security | None = None
    said: str = ""  # words that the verdict's finding quotes
    deadline: timedelta = PATIENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Plays rows against servers of a test."""

    serve: ServeScript
    knowledge: Knowledge
    context: ssl.SSLContext
    ca_file: Path

    def server(self, *scripts: Sequence[Step]) -> FaultServer:
        """A server that plays `scripts`, with the good certificate wherever they say `TLS`."""
        good = StartTls(self.context)
        return self.serve(*([good if step is TLS else step for step in one] for one in scripts))

    async def play(self, row: Row) -> tuple[Document, FaultServer]:
        """Checks the row's server, asserts what the row says, and returns both."""
        server = self.server(*row.scripts)
        found = await checked(
            f"127.0.0.1:{server.port}",
            security=row.security,
            protocol=row.protocol,
            knowledge=self.knowledge,
            ca_file=self.ca_file,
            deadline=row.deadline,
        )
        _assert_row(row, found, server)
        return found, server


def _assert_row(row: Row, found: Document, server: FaultServer) -> None:
    seen = (row.name, verdict(found), sorted(codes(found)))
    wanted = (row.name, row.verdict, sorted({row.verdict, *row.also}))
    assert seen == wanted, f"{seen}, not {wanted}"
    severity = "warning" if row.verdict in _WARNINGS else "problem"
    severity = "ok" if row.verdict == "ok" else severity
    assert found["verdict"]["severity"] == severity
    assert found["exit"] == (1 if severity == "problem" else 0)
    setting = row.suggested and {
        "host": "127.0.0.1",
        "port": server.port,
        "security": row.suggested,
    }
    assert found["suggested"] == setting, (row.name, found["suggested"])
    if row.learned is not None:
        assert found["target"]["security"] == row.learned, row.name
    own = found["findings"][0]
    assert own["code"] == row.verdict
    assert row.said in own["evidence"].get("said", "")
    assert server.connections <= 3, row.name
    assert_clean(found)


def assert_clean(found: Document) -> None:
    """Nothing in a document can act on a screen, but for the line breaks of several lines."""
    for text in texts_of(found):
        assert text.replace("\n", "").isprintable(), repr(text)
        assert len(text) <= 2_100


def texts_of(value: object) -> Iterator[str]:
    """All texts in a document, its keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield key
            yield from texts_of(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts_of(one)


def by_name(rows: Sequence[Row]) -> pytest.MarkDecorator:
    """Makes a test of each row."""
    return pytest.mark.parametrize("row", rows, ids=[row.name for row in rows])
