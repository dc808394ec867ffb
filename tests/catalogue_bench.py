"""A whole check in this process: the way of `mailmedic check --json`, against servers of a test.

```
found = await checked(f"mail.example.test:{server.port}", knowledge=knowledge, ca_file=ca_file,
                      resolvers=(names.address,))
assert verdict(found) == "tcp.partial"
```
Servers listen on loopback at any port from 1024 on; a check of many ports names them as
`alternatives`. A port below 1024 needs a namespace of its own (`servers.loopback`).
"""

import json
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from servers.vantage import loopback_settings

from bot.desk.checks import Checks
from bot.desk.clock import SystemClock
from bot.desk.run import CheckLimits
from bot.diagnosis.plan import Alternative
from bot.knowledge.schema import Knowledge
from bot.model.target import Protocol, Security, Target, Unusable
from bot.parsing.target import parse_target
from bot.probes.prober import NetworkProber
from bot.transports.terminal.commands import check_json, refuse

__all__ = ["PATIENT", "Document", "checked", "checks_on", "codes", "finding", "rows", "verdict"]

Document = dict[str, Any]

PATIENT = timedelta(seconds=10)  # longer than anything that ends by itself; silence wants less

# Where a test names no alternatives there is one, at a port where nobody listens.
_NOBODY: tuple[Alternative, ...] = ((1, Security.STARTTLS),)


@lru_cache(maxsize=8)
def _prober(
    ca_file: Path | None,
    resolvers: tuple[tuple[str, int], ...],
    alternatives: tuple[Alternative, ...],
) -> NetworkProber:
    """Kept, since its trust anchors take longer to read than a check takes."""
    settings = loopback_settings(ca_file=ca_file, resolvers=resolvers)
    named = tuple(range(port, port + 1) for port, _ in alternatives)
    prober = NetworkProber(replace(settings, allow_ports=settings.allow_ports + named))
    prober.prepare()
    return prober


def checks_on(
    ca_file: Path | None,
    resolvers: tuple[tuple[str, int], ...] = (),
    alternatives: tuple[Alternative, ...] = _NOBODY,
    deadline: timedelta = PATIENT,
) -> Checks:
    """The pool of checks with a prober that may look at loopback and nothing else."""
    asked = resolvers or (("127.0.0.1", 9),)  # a name without a name server is a test's mistake
    limits = CheckLimits(deadline=deadline, alternatives=alternatives)
    return Checks(_prober(ca_file, asked, alternatives), SystemClock(), limits)


async def checked(
    target_text: str,
    *,
    security: Security | None = None,
    protocol: Protocol | None = None,
    knowledge: Knowledge,
    ca_file: Path | None,
    resolvers: tuple[tuple[str, int], ...] = (),
    alternatives: tuple[Alternative, ...] = _NOBODY,
    deadline: timedelta = PATIENT,
) -> Document:
    """The document that `mailmedic check TARGET --json` prints, with its exit code as `exit`."""
    asked = parse_target(target_text.split())
    if isinstance(asked, Target):
        asked = replace(
            asked, security=security or asked.security, protocol=protocol or asked.protocol
        )
    if isinstance(asked, Unusable):
        code, document, _ = refuse(asked, knowledge)
    else:
        checks = checks_on(ca_file, resolvers, alternatives, deadline)
        code, document, _ = await check_json(asked, checks, knowledge)
    printed: Document = json.loads(json.dumps(document))
    return printed | {"exit": code}


def verdict(document: Document) -> str:
    """The code of the verdict."""
    code: str = document["verdict"]["code"]
    return code


def codes(document: Document) -> set[str]:
    """The codes of all findings."""
    return {one["code"] for one in document["findings"]}


def finding(document: Document, code: str) -> Document:
    """The first finding of that code."""
    found: Document = next(one for one in document["findings"] if one["code"] == code)
    return found


def rows(document: Document, name: str, status: str | None = None) -> list[Document]:
    """The rows of one stage, those with `status` if it is given."""
    return [
        row
        for row in document["stages"]
        if row["name"] == name and (status is None or row["status"] == status)
    ]
