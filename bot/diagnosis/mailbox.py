"""Where the mail of an address goes out: what the domain says, what is known, what is usual.

In this order: the provider directory, SRV records (RFC 6186, RFC 8314), the provider behind the
MX, and the names that servers usually have.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from ipaddress import ip_address

from bot.diagnosis.elsewhere import look_up_of
from bot.diagnosis.plan import Alternative
from bot.diagnosis.readings import Reading, readings
from bot.knowledge.directory import directory_of
from bot.knowledge.schema import Knowledge, Provider, ProviderServer
from bot.model.codes import RELAY_PORT, Code, group_of
from bot.model.evidence import (
    Attempt,
    Evidence,
    Exchanges,
    Greeting,
    Observation,
    Role,
    Services,
    SignInOffer,
    Skipped,
    Stage,
)
from bot.model.target import Protocol, Security

__all__ = [
    "Look",
    "MailSettings",
    "Place",
    "Source",
    "answers",
    "of_another",
    "places_in",
    "places_of",
    "settings_of",
    "why_nothing",
]

_USUAL = ("smtp.{domain}", "mail.{domain}", "{domain}")
_SENDING = {"_submissions._tcp": Security.TLS, "_submission._tcp": Security.STARTTLS}
_FETCHING = {
    "_imaps._tcp": (Protocol.IMAP, Security.TLS),
    "_imap._tcp": (Protocol.IMAP, Security.STARTTLS),
    "_pop3s._tcp": (Protocol.POP3, Security.TLS),
    "_pop3._tcp": (Protocol.POP3, Security.STARTTLS),
}
_PASSWORD = frozenset({"PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256"})
_OAUTH = frozenset({"XOAUTH2", "OAUTHBEARER"})
# A name that does not exist says more than one that could not be asked for.
_TELLING = (Code.DNS_NXDOMAIN, Code.DNS_SERVFAIL, Code.DNS_TIMEOUT, Code.DNS_NO_ADDRESS)


class Source(StrEnum):
    """How the settings of a mail address became known."""

    DIRECTORY = "directory"
    SRV = "srv"
    MX = "mx"
    GUESS = "guess"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A server that may take in the mail of an address, with the ports to try, best first."""

    host: str
    ports: tuple[Alternative, ...]
    source: Source
    provider: Provider | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A place that was looked at, and what was seen there."""

    place: Place
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSettings:
    """The settings of a mail address; `checked` are those that this run has found to work."""

    provider: str | None
    source: Source
    outgoing: tuple[ProviderServer, ...]
    incoming: tuple[ProviderServer, ...]
    checked: frozenset[ProviderServer]


def places_of(provider: Provider, source: Source) -> tuple[Place, ...]:
    """The provider's own servers for sending, best first."""
    servers = ((one.host, (one.port, one.security)) for one in provider.outgoing)
    return _places(servers, source, provider)


def places_in(
    domain: str, found: Evidence, knowledge: Knowledge, alternatives: tuple[Alternative, ...]
) -> tuple[Place, ...]:
    """Where the mail of a domain may go out, by what DNS says about it; none where it says not.

    `alternatives` are the ports that are usual for handing mail in.
    """
    if _is_literal(domain):
        return tuple(_usual(domain, alternatives))[-1:]
    named = [
        (host, (port, _SENDING[services.service]))
        for services in _findings(found, Services)
        if services.service in _SENDING
        for host, port in services.servers
    ]
    if named:
        return _places(named, Source.SRV)
    exchanges = _exchanges(found)
    directory = directory_of(knowledge)
    providers = (directory.by_mx(host) for host in exchanges.hosts)
    provider = next((one for one in providers if one is not None and one.outgoing), None)
    if provider is not None:
        return places_of(provider, Source.MX)
    if exchanges.is_refused or _mx_fault(found) in {Code.DNS_NXDOMAIN, Code.DNS_TIMEOUT}:
        return ()
    return tuple(_usual(domain, alternatives, exchanges.hosts[:2]))


def _is_literal(domain: str) -> bool:
    try:
        ip_address(domain)
    except ValueError:
        return False
    return True


def _usual(
    domain: str, alternatives: tuple[Alternative, ...], exchanges: tuple[str, ...] = ()
) -> Iterator[Place]:
    """The usual names, then the hosts that take mail in; encryption from the start goes first.

    RFC 8314 section 3: that is what programs should prefer.
    """
    fit = [one for one in alternatives if one[0] != RELAY_PORT] or list(alternatives)
    ports = tuple(sorted(fit, key=lambda one: one[1] is not Security.TLS))
    usual = [name.format(domain=domain) for name in _USUAL]
    for host in usual:
        yield Place(host=host, ports=ports, source=Source.GUESS)
    for host in exchanges:
        if host not in usual:
            yield Place(host=host, ports=ports, source=Source.MX)


def _places(
    servers: Iterable[tuple[str, Alternative]], source: Source, provider: Provider | None = None
) -> tuple[Place, ...]:
    ports: dict[str, list[Alternative]] = {}
    for host, port in servers:
        ports.setdefault(host, []).append(port)
    return tuple(
        Place(host=host, ports=tuple(dict.fromkeys(tried)), source=source, provider=provider)
        for host, tried in ports.items()
    )


def answers(look: Look) -> bool:
    """Whether a mail server for sending answers there, whatever it may have to say."""
    greetings = (reading.found(Greeting) for reading in readings(look.evidence))
    return any(greeting is not None and greeting.protocol == "smtp" for greeting in greetings)


def settings_of(best: Look, looks: tuple[Look, ...], found: Evidence) -> MailSettings:
    """The settings that `best` stands for, and which of them work."""
    place = best.place
    provider = place.provider
    working = {
        (look.place.host, reading.attempt.port, reading.attempt.security): reading
        for look in looks
        for reading in readings(look.evidence)
        if reading.works
    }
    outgoing = provider.outgoing if provider is not None else ()
    if not outgoing:
        outgoing = tuple(_outgoing(place, looks, working))
    checked = (one for one in outgoing if (one.host, one.port, one.security) in working)
    return MailSettings(
        provider=provider.id if provider is not None else None,
        source=place.source,
        outgoing=outgoing,
        incoming=provider.incoming if provider is not None else tuple(_incoming(found)),
        checked=frozenset(checked),
    )


_Working = dict[tuple[str, int, Security | None], Reading]


def _outgoing(best: Place, looks: tuple[Look, ...], working: _Working) -> Iterator[ProviderServer]:
    """What SRV names, all of it; of what was guessed only what works, else the best place."""
    is_guess = best.source is not Source.SRV
    places = [best] if is_guess else [look.place for look in looks]
    for place in places:
        works = any(host == place.host for host, *_ in working)
        for port, security in place.ports:
            reading = working.get((place.host, port, security))
            if reading is not None or not (is_guess and works):
                yield ProviderServer(
                    host=place.host, port=port, security=security, auth=_sign_in(reading)
                )


def _sign_in(reading: Reading | None) -> tuple[str, ...]:
    """The ways to sign in, as providers name theirs; nothing where nobody has looked."""
    offer = reading.found(SignInOffer) if reading is not None else None
    offered = set(offer.after_tls or offer.before_tls) if offer is not None else set()
    ways = (("password", _PASSWORD), ("oauth2", _OAUTH))
    return tuple(way for way, mechanisms in ways if offered & mechanisms)


def _incoming(found: Evidence) -> Iterator[ProviderServer]:
    for services in _findings(found, Services):
        if services.service not in _FETCHING:
            continue
        protocol, security = _FETCHING[services.service]
        for host, port in services.servers:
            yield ProviderServer(
                host=host, port=port, security=security, auth=(), protocol=protocol
            )


def of_another(look: Look) -> tuple[Observation, ...]:
    """What was seen at a place beside the one that was chosen, marked as such."""
    host = look.place.host

    def elsewhere(attempt: Attempt | None) -> Attempt:
        if attempt is None:
            return look_up_of(host)
        return replace(attempt, role=Role.OTHER_HOST, host=attempt.host or host)

    return tuple(
        replace(seen, attempt=elsewhere(seen.attempt)) for seen in look.evidence.observations
    )


def why_nothing(domain: str, found: Evidence, looks: tuple[Look, ...]) -> tuple[Observation, ...]:
    """What DNS or policy says against a domain whose mail goes out nowhere; () if nothing does."""
    before = {
        look.place.host: failed
        for look in looks
        for failed in look.evidence.failures()
        if failed.attempt is None
    }
    forbidden = [failed for failed in before.values() if group_of(failed.code) == "policy"]
    if forbidden:
        return (forbidden[0],)
    mx = [
        replace(seen, stage=Stage.DNS)
        for seen in found.failures()
        if isinstance(seen.finding, Exchanges | None)
    ]
    if mx:
        return (mx[0],)
    hosts = _exchanges(found).hosts or (domain,)  # RFC 5321 section 5.1: without MX the domain
    failed = [before[host] for host in hosts if host in before]
    if not failed or len(failed) < len([host for host in hosts if _was_seen(host, looks)]):
        return ()
    worst = min(failed, key=lambda one: _TELLING.index(one.code))
    is_its_own = hosts == (domain,)
    if not is_its_own and worst.code is Code.DNS_NXDOMAIN:  # the domain is there, its server not
        said = f"its mail server {hosts[0]} does not exist"
        worst = replace(worst, code=Code.DNS_NO_ADDRESS, said=said)
    return (worst,)


def _was_seen(host: str, looks: tuple[Look, ...]) -> bool:
    return any(look.place.host == host for look in looks)


def _findings(found: Evidence, kind: type[Services]) -> Iterator[Services]:
    for seen in found.observations:
        if not isinstance(seen, Skipped) and isinstance(seen.finding, kind):
            yield seen.finding


def _exchanges(found: Evidence) -> Exchanges:
    ran = (seen for seen in found.observations if not isinstance(seen, Skipped))
    named = (seen.finding for seen in ran if isinstance(seen.finding, Exchanges))
    return next(named, Exchanges(hosts=()))


def _mx_fault(found: Evidence) -> Code | None:
    faults = (seen for seen in found.failures() if isinstance(seen.finding, Exchanges | None))
    return next((seen.code for seen in faults), None)
