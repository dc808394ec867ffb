"""When the server that was probably meant is looked at, and how.

A look-up comes first, like any other attempt; then each likely setting on one address of each
family.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from ipaddress import ip_address

from bot.diagnosis.likely import Suspicion
from bot.diagnosis.readings import Reading
from bot.model.codes import Code, group_of
from bot.model.evidence import Addresses, Attempt, Evidence, Failed, Role, Seen, Stage
from bot.model.target import Protocol

__all__ = ["addresses_in", "look_up_of", "one_of_each_family", "other_hosts"]


def look_up_of(host: str) -> Attempt:
    """The attempt that stands for the look-up of a host that is not the target's."""
    return Attempt(
        role=Role.OTHER_HOST, address="", port=0, protocol=Protocol.SMTP, security=None, host=host
    )


def addresses_in(evidence: Evidence, look_up: Attempt | None) -> tuple[str, ...]:
    """The addresses that a look-up has found; None for that of the stated name."""
    for seen in evidence.of(look_up):
        if isinstance(seen, Seen) and isinstance(seen.finding, Addresses):
            return seen.finding.addresses
    return ()


def one_of_each_family(
    attempts: Iterable[Attempt], known: Mapping[Attempt, Reading]
) -> Iterator[Attempt]:
    """The first attempt of each family, and the next one where an address could not be reached."""
    served: set[int] = set()
    for attempt in attempts:
        family = ip_address(attempt.address).version
        if family in served:
            continue
        yield attempt
        made = known.get(attempt)
        if made is None or not made.ended or made.connected():
            served.add(family)


def other_hosts(
    likely: Suspicion,
    evidence: Evidence,
    stated: Sequence[Reading],
    known: Mapping[Attempt, Reading],
    *,
    hesitates: bool,
) -> Iterator[Attempt]:
    """The look-ups and attempts at servers that were probably meant, once the stated one fails.

    `stated` are the attempts made at the stated server, none of which works; `hesitates` whether
    it has had its time to connect.
    """
    is_nameless = _is_nameless(evidence)
    suspected = is_nameless or _is_somebody_else(stated, hesitates=hesitates)
    for one in likely() if suspected else ():
        if not (is_nameless or one.is_slip):
            continue
        look_up = look_up_of(one.setting.host)
        yield look_up
        attempts = (
            Attempt(
                role=Role.OTHER_HOST,
                address=address,
                port=one.setting.port,
                protocol=one.protocol,
                security=one.setting.security,
                host=one.setting.host,
            )
            for address in addresses_in(evidence, look_up)
        )
        yield from one_of_each_family(attempts, known)


def _is_nameless(evidence: Evidence) -> bool:
    """Whether the stated name leads to no address."""
    return any(
        isinstance(seen, Failed) and seen.stage is Stage.DNS and group_of(seen.code) == "dns"
        for seen in evidence.of(None)
    )


def _is_somebody_else(stated: Sequence[Reading], *, hesitates: bool) -> bool:
    """Whether no address of the stated name can be reached, or what answers has another name."""
    if not stated:
        return False
    if any(fact.code is Code.CERT_NAME_MISMATCH for one in stated for fact in one.facts):
        return True
    theirs = [one for one in stated if not one.from_here()]
    return bool(theirs) and all(not one.connected() and (one.ended or hesitates) for one in theirs)
