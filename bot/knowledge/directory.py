"""Who is behind a name: the provider of an address, host or MX, and the mail program of an id."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.knowledge.memo import OncePerKnowledge
from bot.knowledge.schema import Client, Knowledge, Provider

__all__ = ["OTHER_CLIENT", "Directory", "Meant", "directory_of"]

OTHER_CLIENT = "generic"  # the client that says how it is done in general, where knowledge has one

_FURTHEST = 2  # slips of the finger in one host name; three make another name
_SHORT = 10  # in names shorter than this, two changed letters make another name as well
_TOO_SHORT = 8  # and in domains shorter than this, one does: `me.com`, `he.com`


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """The provider whose server a name probably stands for.

    `hosts` are the servers that are nearest. `is_slip`: nothing but swapped letters is between them
    and the name, so it is a slip of the finger even where it leads somewhere. A letter more or less
    may make the name of somebody else: `smtp.mail.com` is one.
    """

    provider: Provider
    hosts: tuple[str, ...] = ()
    is_slip: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """Look-ups over the providers and clients of one knowledge. All names are in lower case."""

    domains: Mapping[str, Provider]
    hosts: Mapping[str, Provider]
    mx: Mapping[str, Provider]
    names: Mapping[str, Provider]
    servers: tuple[str, ...]
    clients: Mapping[str, Client]

    def by_domain(self, domain: str) -> Provider | None:
        """The provider of addresses at `domain`, which must be that very domain."""
        return self.domains.get(_plain(domain))

    def by_host(self, host: str) -> Provider | None:
        """The provider that runs `host`: by the host itself or the longest suffix that is known."""
        for suffix in _suffixes(_plain(host)):
            found = self.hosts.get(suffix) or self.domains.get(suffix)
            if found is not None:
                return found
        return None

    def by_mx(self, host: str) -> Provider | None:
        """The provider that takes in mail at the MX `host`."""
        for suffix in _suffixes(_plain(host)):
            if suffix in self.mx:
                return self.mx[suffix]
        return self.by_host(host)

    def by_name(self, name: str) -> Provider | None:
        """The provider that people call `name`: its id, its name, or one of its names."""
        return self.names.get(" ".join(name.lower().split()))

    def near_hosts(self, host: str) -> tuple[str, ...]:
        """Servers that `host` is probably a slip of: `smtp.gmail.com` for `smtp.gmial.com`.

        Empty for a host that is known, and where nothing is near.
        """
        typed = _plain(host)
        if typed in self.servers:
            return ()
        limit = _FURTHEST if len(typed) >= _SHORT else 1
        ranked = sorted((_distance(typed, known, limit), known) for known in self.servers)
        return tuple(known for far, known in ranked if far <= limit and far == ranked[0][0])

    def meant_by(self, host: str) -> Meant | None:
        """Whose server `host` probably stands for, should it not be a server itself.

        A name near that of a server; else one in the domain of a provider, or a letter beside it.
        None for servers that are known, and where nothing speaks for anybody.
        """
        typed = _plain(host)
        if typed in self.hosts:
            return None
        near = self.near_hosts(typed)
        if near:
            is_swapped = sorted(near[0]) == sorted(typed)
            return Meant(provider=self.hosts[near[0]], hosts=near, is_slip=is_swapped)
        own = self.by_host(typed)
        if own is not None:
            return Meant(provider=own, is_slip=False)
        provider = self._near_provider(typed)
        return Meant(provider=provider, is_slip=False) if provider is not None else None

    def _near_provider(self, typed: str) -> Provider | None:
        """The one provider with a domain that is a letter beside that of `typed`."""
        domains = [suffix for suffix in _suffixes(typed.partition(".")[2]) if "." in suffix]
        found = {
            provider.id: provider
            for table in (self.hosts, self.domains)
            for known, provider in table.items()
            if len(known) >= _TOO_SHORT
            and any(_distance(domain, known, 1) <= 1 for domain in domains)
        }
        return next(iter(found.values())) if len(found) == 1 else None

    def client(self, client: str | None) -> Client | None:
        """The client of that id; else of the family it names (`outlook` for `outlook-2016`).

        Where neither is known: the client `generic`, if knowledge has one.
        """
        name = client or ""
        while name:
            if name in self.clients:
                return self.clients[name]
            name = name.rpartition("-")[0]
        return self.clients.get(OTHER_CLIENT)


def _plain(name: str) -> str:
    return name.strip().lower().removesuffix(".")


def _suffixes(name: str) -> Iterator[str]:
    """`smtp.gmail.com`, `gmail.com`, `com`."""
    while name:
        yield name
        name = name.partition(".")[2]


def _distance(one: str, other: str, limit: int) -> int:
    """How many letters must be typed, left out, changed or swapped with their neighbour.

    Optimal string alignment; anything above `limit` is only known to be above it.
    """
    if abs(len(one) - len(other)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        before, last, row = row, before, [i]
        for j, goal in enumerate(other, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != goal))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == goal:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > limit and min(before) > limit:  # a swap reaches back two rows
            return limit + 1
    return row[-1]


def _built(knowledge: Knowledge) -> Directory:
    domains: dict[str, Provider] = {}
    hosts: dict[str, Provider] = {}
    mx: dict[str, Provider] = {}
    names: dict[str, Provider] = {}
    servers: dict[str, None] = {}
    for provider in knowledge.providers.values():
        own = [server.host.lower() for server in (*provider.outgoing, *provider.incoming)]
        servers |= dict.fromkeys(own)
        for table, keys in (
            (domains, provider.domains),
            (hosts, (*provider.hosts, *own)),
            (mx, provider.mx),
            (names, (provider.id, provider.name, *provider.names)),
        ):
            for key in keys:
                table.setdefault(key.lower(), provider)
    return Directory(
        domains=domains,
        hosts=hosts,
        mx=mx,
        names=names,
        servers=tuple(servers),
        clients=knowledge.clients,
    )


directory_of = OncePerKnowledge(_built)
