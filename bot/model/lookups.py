"""What DNS says: the addresses of a name, and the mail servers of a domain."""

from dataclasses import dataclass

from bot.model.codes import Code

__all__ = ["Addresses", "Exchanges", "Services"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """The addresses of a name; `failures` are the families whose look-up failed otherwise.

    `omitted` counts further addresses, which are vetted like these and not looked at.
    """

    addresses: tuple[str, ...]
    failures: tuple[tuple[str, Code], ...] = ()
    omitted: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Where a domain says that a service of it is (SRV, RFC 6186 and RFC 8314), best first.

    `service` as asked for (`_submissions._tcp`), `servers` hosts with ports. No servers: the domain
    names none, and with `is_refused` it says that there is none (target ".").
    """

    service: str
    servers: tuple[tuple[str, int], ...]
    is_refused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchanges:
    """The hosts that take in mail for a domain (MX), best first; none: the domain names none.

    With `is_refused` it says that it takes in none (null MX, RFC 7505).
    """

    hosts: tuple[str, ...]
    is_refused: bool = False
