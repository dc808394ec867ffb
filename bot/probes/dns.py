"""The addresses of a name, as a mail program would get them.

A and AAAA are asked for side by side, since one of them failing is a finding of its own. Names are
absolute: no search list, and the hosts file of this machine is not read.
"""

import asyncio
import copy
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address

import dns.asyncresolver
import dns.exception
import dns.message
import dns.name
import dns.nameserver
import dns.resolver

from bot.model.codes import Code
from bot.model.evidence import Addresses
from bot.probes.dnsfaults import fault_of_dns
from bot.probes.faults import Fault, StageError

__all__ = ["absolute", "addresses_of", "is_literal", "known_addresses", "resolver_of", "within_cap"]

Resolvers = tuple[tuple[str, int], ...]

# A resolver that works hard answers within 5 s; waiting longer takes the time from everything else.
_MAX_WAIT = timedelta(seconds=8)
# Once one family has answered, the other has had its chance; a mail program goes on much earlier.
_GRACE = timedelta(seconds=2)
# A lost packet is made up for within that grace; seconds from one asking to the next.
_ASK_AGAIN = (1.0, 2.0)
_LEAST = 0.05  # seconds for a name server, when time is nearly over
_EDNS_PAYLOAD = 1232  # what passes everywhere unfragmented (DNS flag day 2020)

MAX_ADDRESSES = 16  # of one name; the largest providers publish 8 for each family
_FAMILIES = ("AAAA", "A")  # RFC 6724 prefers IPv6, and so do the mail programs

# Where both look-ups failed: what says most about the name goes first.
_WORST_FIRST = (Code.DNS_NXDOMAIN, Code.DNS_SERVFAIL, Code.DNS_TIMEOUT, Code.DNS_NO_ADDRESS)


_MAX_ALIASES = 16  # names in a chain; dnspython and most resolvers draw the line there, too

_ENDLESS = Fault(code=Code.DNS_SERVFAIL, said="CNAME chain too long")
_TOO_LATE = Fault(code=Code.DNS_TIMEOUT, said="no answer from the name server")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """What the look-up of one family gave."""

    family: str
    addresses: tuple[str, ...] = ()
    fault: Fault | None = None


def is_literal(host: str) -> bool:
    """Whether `host` is an address already."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def known_addresses(host: str) -> tuple[str, ...] | None:
    """The addresses of a host that needs no look-up; None for a name."""
    if host == "localhost":  # RFC 6761 section 6.3
        return ("127.0.0.1", "::1")
    return (host,) if is_literal(host) else None


def within_cap(addresses: Sequence[str]) -> tuple[str, ...]:
    """The first addresses of each family, at most `MAX_ADDRESSES` in all."""
    if len(addresses) <= MAX_ADDRESSES:
        return tuple(addresses)
    ipv6 = [address for address in addresses if ":" in address]
    ipv4 = [address for address in addresses if ":" not in address]
    half = MAX_ADDRESSES // 2
    kept = max(half, MAX_ADDRESSES - len(ipv4))
    chosen = ipv6[:kept]
    return tuple(chosen + ipv4[: MAX_ADDRESSES - len(chosen)])


async def addresses_of(host: str, resolvers: Resolvers, deadline: timedelta) -> Addresses:
    """All addresses of `host`, IPv6 first. Raises StageError with the `dns.*` code.

    `resolvers` are (address, port) of name servers; none: the system's. `failures` of the result
    are the families that gave an error and no plain "there are none".
    """
    known = known_addresses(host)
    if known is not None:
        return Addresses(addresses=known)
    lifetime = min(_MAX_WAIT, deadline * 0.9)  # so that the reason comes before the deadline does
    answers = await _both(resolver_of(resolvers), absolute(host), lifetime)
    found = tuple(dict.fromkeys(address for answer in answers for address in answer.addresses))
    faults = [(answer.family, answer.fault) for answer in answers if answer.fault]
    if not found:
        worst = min((fault for _, fault in faults), key=lambda f: _WORST_FIRST.index(f.code))
        raise StageError(worst)
    failures = tuple((f, why.code) for f, why in faults if why.code is not Code.DNS_NO_ADDRESS)
    return Addresses(addresses=found, failures=failures)


def absolute(host: str) -> dns.name.Name:
    """`host` as a question that no search list touches. Raises StageError for what is no name."""
    try:
        return dns.name.from_text(host, origin=dns.name.root)
    except dns.exception.DNSException as error:
        said = f"{host!r} cannot be asked for: {error}"
        raise StageError(Fault(code=Code.DNS_INVALID_NAME, said=said)) from error


def resolver_of(resolvers: Resolvers) -> dns.asyncresolver.Resolver:
    """A resolver for these name servers, the system's without. Raises StageError without any.

    Read anew for each look-up: a laptop changes its network, and reading takes 0.1 ms.
    """
    try:
        resolver = dns.asyncresolver.Resolver(configure=not resolvers)
    except dns.resolver.NoResolverConfiguration as error:
        said = "no name server is configured on this machine"
        raise StageError(Fault(code=Code.DNS_TIMEOUT, said=said, from_here=True)) from error
    if resolvers:
        resolver.nameservers = [dns.nameserver.Do53Nameserver(*server) for server in resolvers]
    resolver.use_edns(0, 0, _EDNS_PAYLOAD)  # without it no extended error (RFC 8914) is sent
    return resolver


async def _both(
    resolver: dns.asyncresolver.Resolver, name: dns.name.Name, lifetime: timedelta
) -> list[_Answer]:
    """What each family's look-up gave; the slower one gets little more time than the faster."""
    tasks = {
        family: asyncio.create_task(_look_up(resolver, name, family, lifetime))
        for family in _FAMILIES
    }
    try:
        done, _ = await asyncio.wait(tasks.values(), return_when=asyncio.FIRST_COMPLETED)
        is_settled = any(_settles(task.result()) for task in done)
        patience = min(_GRACE, lifetime / 2) if is_settled else lifetime
        await asyncio.wait(tasks.values(), timeout=patience.total_seconds())
        return [
            task.result() if task.done() else _Answer(family=family, fault=_TOO_LATE)
            for family, task in tasks.items()
        ]
    finally:
        for task in tasks.values():
            task.cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)


def _settles(answer: _Answer) -> bool:
    """Whether the other family cannot change what is known: addresses, or no such name at all."""
    missing = answer.fault is not None and answer.fault.code is Code.DNS_NXDOMAIN
    return bool(answer.addresses) or missing


async def _ask(
    resolver: dns.asyncresolver.Resolver, name: dns.name.Name, family: str, lifetime: float
) -> dns.resolver.Answer:
    """The answer to one question, asked again after a while while the first asking still counts.

    A try of dnspython's own forgets the one before, so a name server that takes two seconds would
    never be heard. Each asking begins with another of the name servers.
    """
    asking: list[asyncio.Task[dns.resolver.Answer]] = []
    left = lifetime
    try:
        for turn, pause in enumerate((*_ASK_AGAIN, None)):
            each = _turned(resolver, turn, left)
            look_up = each.resolve(name, family, lifetime=max(left, 0.0), search=False)
            asking.append(asyncio.create_task(look_up))
            patience = pause if pause is not None and pause < left else None
            done, _ = await asyncio.wait(
                asking, timeout=patience, return_when=asyncio.FIRST_COMPLETED
            )
            if done or patience is None:
                break
            left -= patience
        return await next(iter(done))
    finally:
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)


def _turned(
    resolver: dns.asyncresolver.Resolver, turn: int, patience: float
) -> dns.asyncresolver.Resolver:
    """The resolver with its name servers in another order, and patience for each."""
    turned = copy.copy(resolver)
    servers = list(resolver.nameservers)
    first = turn % len(servers)
    turned.nameservers = servers[first:] + servers[:first]
    turned.timeout = max(patience, _LEAST)
    return turned


async def _look_up(
    resolver: dns.asyncresolver.Resolver, name: dns.name.Name, family: str, lifetime: timedelta
) -> _Answer:
    """The answer of one family. An alias that the name server does not follow is followed here.

    A resolver follows aliases itself (RFC 1034 section 5.2.2); the small ones in routers may not.
    """
    loop = asyncio.get_running_loop()
    until = loop.time() + lifetime.total_seconds()
    asked: list[dns.name.Name] = []
    try:
        while len(asked) < _MAX_ALIASES and name not in asked:
            asked.append(name)
            left = max(0.0, until - loop.time())
            try:
                answer = await _ask(resolver, name, family, left)
            except dns.resolver.NoAnswer as error:
                alias = error.kwargs["response"].resolve_chaining().canonical_name
                if alias == name:
                    raise
                name = alias
            else:
                return _Answer(family=family, addresses=tuple(record.address for record in answer))
    except dns.exception.DNSException as error:
        return _Answer(family=family, fault=fault_of_dns(error, family))
    return _Answer(family=family, fault=_ENDLESS)
