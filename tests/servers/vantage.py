"""Looks at a server of ours through the prober, and sorts what was seen by stage."""

from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import TypeVar

from bot.model.codes import Code
from bot.model.evidence import Attempt, Failed, Finding, Observation, Role, Seen, Skipped, Stage
from bot.model.target import Protocol, Security
from bot.probes.prober import NetworkProber, ProberSettings
from servers.faultserver import FaultServer

__all__ = ["HOST", "View", "attempt_at", "look", "loopback_settings"]

HOST = "mail.example.test"
PATIENT = timedelta(seconds=10)  # longer than any healthy script takes, on a slow machine too

SomeFinding = TypeVar("SomeFinding", bound=Finding)


@dataclass(frozen=True, slots=True)
class View:
    """What one attempt has shown, in the order of its reports."""

    observations: tuple[Observation, ...]

    def at(self, stage: Stage) -> Observation:
        """The one observation of `stage`."""
        (found,) = (seen for seen in self.observations if seen.stage is stage)
        return found

    def seen(self, stage: Stage, kind: type[SomeFinding]) -> SomeFinding:
        """What was found at `stage`, which went as it should."""
        observation = self.at(stage)
        assert isinstance(observation, Seen), observation
        assert isinstance(observation.finding, kind)
        return observation.finding

    def failed(self, stage: Stage) -> Failed:
        """The failure of `stage`."""
        observation = self.at(stage)
        assert isinstance(observation, Failed), observation
        return observation

    def skipped(self, stage: Stage) -> str:
        """Why `stage` did not run."""
        observation = self.at(stage)
        assert isinstance(observation, Skipped), observation
        return observation.because

    @property
    def codes(self) -> dict[Stage, Code]:
        """The stages that failed, with their codes."""
        return {one.stage: one.code for one in self.observations if isinstance(one, Failed)}


def loopback_settings(
    *,
    ca_file: Path | None = None,
    resolvers: tuple[tuple[str, int], ...] = (),
    ehlo_name: str = "checker.example.test",
) -> ProberSettings:
    """Settings under which servers on loopback may be looked at."""
    return ProberSettings(
        allow_nets=(ip_network("127.0.0.0/8"), ip_network("::1/128")),
        allow_ports=(range(1024, 65536),),
        resolvers=resolvers,
        ca_file=ca_file,
        ehlo_name=ehlo_name,
    )


def attempt_at(
    server: FaultServer | int,
    security: Security | None = Security.STARTTLS,
    protocol: Protocol = Protocol.SMTP,
) -> Attempt:
    """An attempt at `server`, or at a port of 127.0.0.1."""
    address, port = ("127.0.0.1", server) if isinstance(server, int) else server.address
    return Attempt(
        role=Role.STATED, address=address, port=port, protocol=protocol, security=security
    )


async def look(
    prober: NetworkProber, attempt: Attempt, *, host: str = HOST, deadline: timedelta = PATIENT
) -> View:
    """One attempt, whole."""
    reported: list[Observation] = []
    await prober.attempt(host, attempt, deadline, reported.append)
    return View(tuple(reported))
