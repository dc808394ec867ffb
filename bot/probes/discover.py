"""What a domain says about its mail servers: SRV records (RFC 6186, RFC 8314) and MX.

Names in the answers are as hostile as any other text: only what could be the name of a host goes
on, and no more of it than anybody needs. Looking these names up is another step, with its guard.
"""

import asyncio
import re
import time
from dataclasses import dataclass
from datetime import timedelta

import dns.asyncresolver
import dns.exception
import dns.name
import dns.rdatatype
import dns.resolver

from bot.model.codes import Code
from bot.model.evidence import Exchanges, Services
from bot.probes.dns import absolute, is_literal, resolver_of
from bot.probes.dnsfaults import fault_of_dns
from bot.probes.faults import Fault, StageError

__all__ = ["SERVICES", "Found", "records_of"]

SERVICES = (
    "_submissions._tcp",
    "_submission._tcp",
    "_imaps._tcp",
    "_imap._tcp",
    "_pop3s._tcp",
    "_pop3._tcp",
)

# There is more to do in the same deadline: the servers that are found are looked at after this.
_MAX_WAIT = timedelta(seconds=6)
# Some name servers never answer a question for SRV; MX they all know.
_GRACE = timedelta(seconds=2)

_MAX_HOSTS = 4  # of one service; a program tries them in order and gives up earlier than that
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_MAX_SHOWN = 80
_NULL_MX = "null MX: the domain takes in no mail (RFC 7505)"

Resolvers = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The answer to one question: what was found, or why nothing was; `took` is its time."""

    finding: Services | Exchanges
    took: timedelta
    fault: Fault | None = None


async def records_of(domain: str, resolvers: Resolvers, deadline: timedelta) -> tuple[Found, ...]:
    """The answers for `domain`: each of `SERVICES`, then MX. Raises StageError without resolver.

    An address literal has no records. That a domain has no such record is an answer. It is no
    fault of a service that the domain does not exist, since MX says so.
    """
    if is_literal(domain):
        return ()
    resolver = resolver_of(resolvers)
    lifetime = min(_MAX_WAIT, deadline / 3)
    exchanges = asyncio.create_task(_exchanges(resolver, domain, lifetime))
    services = [
        asyncio.create_task(_services(resolver, service, domain, lifetime)) for service in SERVICES
    ]
    try:
        await asyncio.wait({exchanges})
        await asyncio.wait(services, timeout=min(_GRACE, lifetime / 2).total_seconds())
        found = [
            task.result() if task.done() else _late(service, lifetime)
            for service, task in zip(SERVICES, services, strict=True)
        ]
        return (*found, exchanges.result())
    finally:
        for task in (exchanges, *services):
            task.cancel()
        await asyncio.gather(exchanges, *services, return_exceptions=True)


def _late(service: str, waited: timedelta) -> Found:
    fault = Fault(code=Code.DNS_TIMEOUT, said="no answer from the name server", silent=True)
    return Found(finding=Services(service=service, servers=()), fault=fault, took=waited)


async def _services(
    resolver: dns.asyncresolver.Resolver, service: str, domain: str, lifetime: timedelta
) -> Found:
    start = time.perf_counter()
    nothing = Services(service=service, servers=())
    try:
        answer = await _answer(resolver, f"{service}.{domain}", "SRV", lifetime)
    except StageError as error:
        absent = error.fault.code in {
            Code.DNS_NXDOMAIN,
            Code.DNS_NO_ADDRESS,
            Code.DNS_INVALID_NAME,
        }
        fault = None if absent else error.fault
        return Found(finding=nothing, fault=fault, took=_since(start))
    records = sorted(answer, key=lambda one: (one.priority, -one.weight, one.target))
    named = [record for record in records if record.target != dns.name.root]
    servers = ((_host(record.target), record.port) for record in named)
    usable = tuple((host, port) for host, port in servers if host is not None and port)
    finding = Services(service=service, servers=usable[:_MAX_HOSTS], is_refused=not named)
    return Found(finding=finding, took=_since(start))


async def _exchanges(
    resolver: dns.asyncresolver.Resolver, domain: str, lifetime: timedelta
) -> Found:
    start = time.perf_counter()
    nothing = Exchanges(hosts=())
    try:
        answer = await _answer(resolver, domain, "MX", lifetime)
    except StageError as error:
        fault = error.fault if error.fault.code is not Code.DNS_NO_ADDRESS else None
        return Found(finding=nothing, fault=fault, took=_since(start))
    records = sorted(answer, key=lambda one: (one.preference, one.exchange))
    hosts = tuple(host for one in records if (host := _host(one.exchange)) is not None)
    if hosts:
        return Found(finding=Exchanges(hosts=hosts[:_MAX_HOSTS]), took=_since(start))
    is_null = all(one.exchange == dns.name.root for one in records)
    said = _NULL_MX if is_null else _no_host(records[0].exchange)
    fault = Fault(code=Code.DNS_NO_ADDRESS, said=said)
    return Found(finding=Exchanges(hosts=(), is_refused=is_null), fault=fault, took=_since(start))


async def _answer(
    resolver: dns.asyncresolver.Resolver, name: str, kind: str, lifetime: timedelta
) -> dns.resolver.Answer:
    """The records of that kind; StageError with the `dns.*` code where there are none."""
    question = absolute(name)
    seconds = lifetime.total_seconds()
    try:
        return await resolver.resolve(question, kind, lifetime=seconds, search=False)
    except dns.exception.DNSException as error:
        raise StageError(fault_of_dns(error, kind)) from error


def _host(name: dns.name.Name) -> str | None:
    """The name as the prober may look it up; None for what is no host name.

    RFC 1123 section 2.1: letters, digits and hyphens, and the last label is no number, since that
    would be an address in one of its many spellings.
    """
    text = name.to_text(omit_final_dot=True).lower()
    labels = text.split(".")
    last = labels[-1]
    if last.isdecimal() or last.startswith("0x"):
        return None
    return text if all(_LABEL.fullmatch(label) for label in labels) else None


def _no_host(name: dns.name.Name) -> str:
    text = name.to_text(omit_final_dot=True)[:_MAX_SHOWN]
    return f"MX names {text}, which is not the name of a host (RFC 5321 section 5.1)"


def _since(start: float) -> timedelta:
    return timedelta(seconds=time.perf_counter() - start)
