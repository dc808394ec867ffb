"""The server that was probably meant, for a name that may be a slip of the finger.

Only a suspicion, taken from the provider directory: the check looks whether the stated name fails
and whether the server that is meant works, and the rules judge by that.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from bot.knowledge.directory import directory_of
from bot.knowledge.schema import Knowledge, Provider, ProviderServer
from bot.model.codes import RELAY_PORT
from bot.model.target import MAIL_PORTS, Protocol, Security, Setting, Target, implied_by

__all__ = ["Likely", "Suspicion", "nobody", "suspicion_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Likely:
    """A setting that was probably meant.

    `is_slip`: the stated name is that of a server with letters swapped, so it is suspect even where
    it leads somewhere. Otherwise it is suspect only where it leads nowhere: `smtp.mail.com` is a
    letter away from `smtp.gmail.com` and a server of its own, and `mail.gmail.com` may be one that
    nobody told us of.
    """

    setting: Setting
    protocol: Protocol
    is_slip: bool


# The settings that were probably meant. Comparing names takes time that a healthy server's check
# need not cost, so they are worked out when somebody asks.
Suspicion = Callable[[], tuple[Likely, ...]]


def nobody() -> tuple[Likely, ...]:
    """The suspicion that nobody else was meant."""
    return ()


def suspicion_of(target: Target, knowledge: Knowledge) -> Suspicion:
    """The settings that were probably meant by `target`, best first; none for a name that is known.

    The stated port and security come first, then the provider's own.
    """
    return cache(lambda: _likely_settings(target, knowledge))


def _likely_settings(target: Target, knowledge: Knowledge) -> tuple[Likely, ...]:
    directory = directory_of(knowledge)
    meant = directory.meant_by(target.host)
    if meant is None:
        return ()
    servers = _fitting(target, meant.provider)
    named = [server for server in servers if server.host in meant.hosts] or servers
    own = [server for server in named if server.host == named[0].host]
    is_slip = meant.is_slip
    return tuple(
        Likely(setting=setting, protocol=protocol, is_slip=is_slip)
        for setting, protocol in dict.fromkeys(_settings(target, own))
    )


def _fitting(target: Target, provider: Provider) -> list[ProviderServer]:
    """The provider's servers for what is to be done: send, or fetch by that protocol."""
    implied = implied_by(target.port) if target.port is not None else None
    protocol = target.protocol or (implied[0] if implied is not None else Protocol.SMTP)
    servers = (*provider.outgoing, *provider.incoming)
    return [server for server in servers if server.protocol == protocol]


def _settings(target: Target, own: list[ProviderServer]) -> Iterator[tuple[Setting, Protocol]]:
    ports = {server.port: server.security for server in own}
    port = target.port
    if own and port is not None and port != RELAY_PORT and port in {*MAIL_PORTS, *ports}:
        implied = implied_by(port)
        usual = ports.get(port) or (implied[1] if implied is not None else Security.STARTTLS)
        stated = Setting(host=own[0].host, port=port, security=target.security or usual)
        yield stated, Protocol(own[0].protocol)
    for server in own:
        setting = Setting(host=server.host, port=server.port, security=server.security)
        yield setting, Protocol(server.protocol)
