"""The composition root: the only module that names concrete adapters."""

import asyncio
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.config import ConfigError, Settings
from bot.desk.allowance import Allowance
from bot.desk.checks import Checks
from bot.desk.clock import SystemClock
from bot.desk.office import Office
from bot.desk.ports import Casebook
from bot.desk.run import CheckLimits
from bot.knowledge.schema import Knowledge
from bot.model.codes import Severity
from bot.model.target import Security
from bot.probes.guard import Guard
from bot.probes.prober import NetworkProber, ProberSettings
from bot.upkeep.errors import KnowledgeError
from bot.upkeep.lint import check_knowledge
from bot.upkeep.loader import find_knowledge, load_knowledge

__all__ = ["App", "build"]


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """Everything that a command may need; what touches disk or network is opened on demand."""

    settings: Settings
    knowledge: Knowledge
    clock: SystemClock

    def checks(self) -> Checks:
        """The way to look at servers, with a prober of its own."""
        settings = self.settings
        limits = CheckLimits(deadline=settings.timeout, alternatives=settings.submission_ports)
        prober = NetworkProber(
            ProberSettings(
                allow_nets=settings.allow_nets,
                allow_ports=settings.allow_ports + _named(settings.submission_ports),
                resolvers=settings.resolvers,
                ca_file=settings.ca_file,
                ehlo_name=_ehlo_name(),
            )
        )
        return Checks(prober, self.clock, limits)

    async def open_casebook(self) -> Casebook:
        """The store, opened. Raises StoreError where the file cannot be used."""
        from bot.store.casebook import SqliteCasebook
        from bot.store.database import database_path

        return await SqliteCasebook.open(database_path(self.settings.database))

    async def serve_slack(self, ready: Callable[[], None]) -> None:
        """Serves Slack until SIGTERM or SIGINT. Raises StoreError and RefusedError."""
        from bot.store.claim import Claim
        from bot.store.database import database_path
        from bot.transports.slack.serving import Slack, serve

        settings = self.settings
        slack = Slack(
            bot_token=settings.slack_bot_token,
            app_token=settings.slack_app_token,
            api_url=settings.slack_api_url,
        )
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        allowance = Allowance(settings.checks_per_hour)
        office = replace(await self.open_office(), allowance=allowance)
        await asyncio.to_thread(office.checks.prepare)
        claim = Claim(database_path(settings.database))
        try:
            await serve(slack, office, claim, stop, ready)
        finally:
            claim.release()
            await office.casebook.close()

    async def open_office(self) -> Office:
        """What a desk works with; its casebook is to be closed at the end."""
        return Office(
            casebook=await self.open_casebook(),
            checks=self.checks(),
            clock=self.clock,
            knowledge=self.knowledge,
        )


def build(settings: Settings) -> App:
    """The application for these settings.

    Raises ConfigError or KnowledgeError with one clear line.
    """
    try:
        Guard(allow_nets=settings.allow_nets, allow_ports=settings.allow_ports)
    except ValueError as error:
        raise ConfigError("MAILMEDIC_ALLOW_NETS", str(error), "name your own networks") from error
    clock = SystemClock()
    knowledge = load_knowledge(find_knowledge(settings.knowledge))
    for fault in check_knowledge(knowledge, clock.now().date()):
        if fault.severity is Severity.PROBLEM:  # half a tree would fail in somebody's chat
            raise KnowledgeError("", fault.key, fault.problem, fault.cure)
    return App(settings=settings, knowledge=knowledge, clock=clock)


def _named(ports: tuple[tuple[int, Security], ...]) -> tuple[range, ...]:
    """A port that the operator names as an alternative may be looked at, whatever it is."""
    return tuple(range(port, port + 1) for port, _ in ports)


def _ehlo_name() -> str:
    """This machine's full name if it has one; without it the prober sends an address literal.

    `gethostname` asks no resolver, unlike `getfqdn`, which tells strangers' resolvers our name.
    """
    name = socket.gethostname()
    return name if "." in name.strip(".") else ""
