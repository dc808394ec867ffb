"""The prober that the desk knows: looks names up, vets, connects, and says what it saw."""

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

from bot.model.codes import Code
from bot.model.evidence import (
    Addresses,
    Attempt,
    Connected,
    Failed,
    Observation,
    Seen,
    Skipped,
    Stage,
)
from bot.model.target import Target
from bot.probes.discover import Found, records_of
from bot.probes.dns import addresses_of, known_addresses, within_cap
from bot.probes.faults import EXPECTED, Fault, StageError, fault_of
from bot.probes.guard import Guard, IPNetwork
from bot.probes.ladder import Equipment, Ladder
from bot.probes.stages import Stages
from bot.probes.tls import handshake_context
from bot.probes.trust import TrustStore, load_pem

__all__ = ["NetworkProber", "ProberSettings"]

log = logging.getLogger(__name__)

_OUR_ERROR = "an error of ours, see the log"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProberSettings:
    """What the operator decides about looking at servers.

    `resolvers` are (address, port) of name servers; none: the system's. `ehlo_name` is a real
    FQDN of this machine; anything else makes EHLO carry an address literal.
    """

    allow_nets: tuple[IPNetwork, ...] = ()
    allow_ports: tuple[range, ...] = ()
    resolvers: tuple[tuple[str, int], ...] = ()
    ca_file: Path | None = None
    ehlo_name: str = ""


class NetworkProber:
    """Keeps the port `Prober`. Raises ValueError for settings that cannot be meant."""

    def __init__(self, settings: ProberSettings) -> None:
        self._settings = settings
        self._guard = Guard(settings.allow_nets, settings.allow_ports)
        if settings.ca_file is not None:
            _insist_on_anchors(settings.ca_file)

    @cached_property
    def _equipment(self) -> Equipment:
        """Built with the first connection, since it takes 20 ms that a refusal need not cost."""
        name = self._settings.ehlo_name
        return Equipment(
            context=handshake_context(),
            trust=TrustStore(self._settings.ca_file),
            ehlo_name=name if "." in name and name.isascii() else "",
        )

    def prepare(self) -> None:
        """Builds what all connections share, so that the first check need not wait for it."""
        _ = self._equipment

    async def resolve(self, host: str, deadline: timedelta) -> tuple[Observation, ...]:
        """The look-up of `host`: one DNS observation, Seen with Addresses or Failed.

        Every address is judged, also those beyond the number that is kept.
        """
        start = time.perf_counter()
        try:
            found = await addresses_of(host, self._settings.resolvers, deadline)
            self._insist_on_allowed(found.addresses)
        except EXPECTED as error:
            took = timedelta(seconds=time.perf_counter() - start)
            return (_failed(Stage.DNS, fault_of(Stage.DNS, error, took), took),)
        except Exception:
            log.exception("a look-up broke off")
            return (Skipped(stage=Stage.DNS, attempt=None, because=_OUR_ERROR),)
        took = timedelta(seconds=time.perf_counter() - start)
        at = datetime.now(UTC)
        return (Seen(stage=Stage.DNS, attempt=None, finding=_capped(found), at=at, took=took),)

    async def discover(self, domain: str, deadline: timedelta) -> tuple[Observation, ...]:
        """What a domain says about its mail servers: one observation for each question to DNS."""
        start = time.perf_counter()
        try:
            found = await records_of(domain, self._settings.resolvers, deadline)
        except EXPECTED as error:
            took = timedelta(seconds=time.perf_counter() - start)
            fault = fault_of(Stage.DISCOVER, error, took)
            return (_failed(Stage.DISCOVER, fault, took),)
        except Exception:
            log.exception("a search for mail servers broke off")
            return (Skipped(stage=Stage.DISCOVER, attempt=None, because=_OUR_ERROR),)
        return tuple(map(_discovered, found))

    async def attempt(
        self,
        host: str,
        attempt: Attempt,
        deadline: timedelta,
        report: Callable[[Observation], None],
    ) -> None:
        """Makes one connection and reports each stage as it ends; returns when it is closed.

        `deadline` bounds all of it, the wait for the connection a third of it. Only
        CancelledError leaves this method; by then the socket is closed.
        """
        stages = Stages(attempt, deadline, report)
        try:
            refusal = self._refusal(attempt)
            if refusal is not None:
                await stages.run(Stage.TCP, _refuse(refusal))
                stages.skip_rest("tcp failed")
                return
            await Ladder(host, attempt, self._equipment, deadline, stages).climb()
        except Exception:
            log.exception("attempt at port %d broke off", attempt.port)
            stages.skip_rest(_OUR_ERROR)

    def may_check(self, target: Target) -> Observation | None:
        """What policy refuses without a look-up (port, literal address) as Failed, else None."""
        refused = self._guard.refuses_port(target.port) if target.port is not None else None
        if refused is not None:
            fault = Fault(code=Code.POLICY_PORT_NOT_ALLOWED, said=refused)
            return _failed(Stage.TCP, fault, timedelta())
        try:
            self._insist_on_allowed(known_addresses(target.host) or ())
        except StageError as error:
            return _failed(Stage.DNS, error.fault, timedelta())
        return None

    def _insist_on_allowed(self, addresses: Iterable[str]) -> None:
        for address in addresses:
            refused = self._guard.refuses_address(address)
            if refused is not None:
                raise StageError(Fault(code=Code.POLICY_ADDRESS_NOT_ALLOWED, said=refused))

    def _refusal(self, attempt: Attempt) -> Fault | None:
        """The guard's word on what is about to be dialled, whoever vetted it before."""
        refused = self._guard.refuses_port(attempt.port)
        if refused is not None:
            return Fault(code=Code.POLICY_PORT_NOT_ALLOWED, said=refused)
        refused = self._guard.refuses_address(attempt.address)
        if refused is not None:
            return Fault(code=Code.POLICY_ADDRESS_NOT_ALLOWED, said=refused)
        return None


def _discovered(found: Found) -> Observation:
    if found.fault is not None:
        failed = _failed(Stage.DISCOVER, found.fault, found.took)
        return replace(failed, finding=found.finding)
    return Seen(
        stage=Stage.DISCOVER,
        attempt=None,
        finding=found.finding,
        at=datetime.now(UTC),
        took=found.took,
    )


async def _refuse(fault: Fault) -> Connected:
    raise StageError(fault)


def _failed(stage: Stage, fault: Fault, took: timedelta) -> Failed:
    return Failed(
        stage=stage,
        attempt=None,
        code=fault.code,
        said=fault.said,
        at=datetime.now(UTC),
        took=took,
        from_here=fault.from_here,
        silent=fault.silent,
    )


def _capped(found: Addresses) -> Addresses:
    kept = within_cap(found.addresses)
    return replace(found, addresses=kept, omitted=len(found.addresses) - len(kept))


def _insist_on_anchors(ca_file: Path) -> None:
    """Says at the start, and not in the first check, that the extra anchors cannot be read."""
    try:
        load_pem(ca_file.read_bytes())
    except (OSError, ValueError) as error:
        raise ValueError(f"the file of extra trust anchors cannot be used: {error}") from error
