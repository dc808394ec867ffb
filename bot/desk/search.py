"""From a mail address to the server that takes in its mail: places are found, then looked at.

The best place goes first; the next one only once that one fails or hesitates. All of it together
has the deadline of one check.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.desk.checks import Checks
from bot.desk.ports import Listener
from bot.diagnosis.judge import diagnose
from bot.diagnosis.mailbox import (
    Look,
    MailSettings,
    Place,
    Source,
    answers,
    of_another,
    places_in,
    places_of,
    settings_of,
    why_nothing,
)
from bot.diagnosis.plan import HESITATION, Ways
from bot.diagnosis.situation import Known
from bot.knowledge.directory import directory_of
from bot.knowledge.schema import Knowledge
from bot.model.diagnosis import Diagnosis
from bot.model.evidence import Evidence
from bot.model.target import Mailbox, Protocol, Target

__all__ = ["Searched", "searched"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """What was found for a mail address; `settings` None: nothing was."""

    diagnosis: Diagnosis
    evidence: Evidence
    settings: MailSettings | None = None
    provider: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """A look at a place, judged."""

    look: Look
    diagnosis: Diagnosis


async def searched(
    mailbox: Mailbox, checks: Checks, knowledge: Knowledge, listener: Listener
) -> Searched:
    """The best server for sending the mail of an address, looked at."""
    search = _Search(mailbox, checks, knowledge, listener)
    return await search.run()


class _Search:
    """One search; `run` once."""

    def __init__(
        self, mailbox: Mailbox, checks: Checks, knowledge: Knowledge, listener: Listener
    ) -> None:
        self._mailbox = mailbox
        self._checks = checks
        self._knowledge = knowledge
        self._listener = listener
        self._found = Evidence()
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()

    async def run(self) -> Searched:
        """Finds the places, looks at them, and says which one is it."""
        seen = await self._look_at(await self._places())
        best = next((one for one in seen if one.diagnosis.works), None)
        best = best or next((one for one in seen if _is_named(one) or answers(one.look)), None)
        if best is None:
            return self._nothing(seen)
        looks = tuple(one.look for one in seen)
        provider = best.look.place.provider
        return Searched(
            diagnosis=best.diagnosis,
            evidence=self._evidence(best.look, looks),
            settings=settings_of(best.look, looks, self._found),
            provider=provider.id if provider is not None else None,
        )

    async def _places(self) -> tuple[Place, ...]:
        domain = self._mailbox.domain
        provider = directory_of(self._knowledge).by_domain(domain)
        if provider is not None and provider.outgoing:
            return places_of(provider, Source.DIRECTORY)
        self._found = await self._checks.find(domain, self._listener)
        return places_in(domain, self._found, self._knowledge, self._checks.alternatives)

    async def _look_at(self, places: Iterable[Place]) -> list[_Seen]:
        """Looks at each place in turn till one works; those that hesitate go on meanwhile."""
        tasks: list[asyncio.Task[_Seen]] = []
        try:
            for place in places:
                tasks.append(self._loop.create_task(self._look(place)))
                await asyncio.wait(tasks[-1:], timeout=HESITATION.total_seconds())
                if _has_worked(tasks):
                    break
            await self._till_one_works(tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return [task.result() for task in tasks if not task.cancelled()]

    async def _till_one_works(self, tasks: list[asyncio.Task[_Seen]]) -> None:
        while waiting := {task for task in tasks if not task.done()}:
            if _has_worked(tasks):
                return
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)

    async def _look(self, place: Place) -> _Seen:
        """No port is stated, so the first of the place's own that works is the answer."""
        target = Target(host=place.host, protocol=Protocol.SMTP, stated=self._mailbox.stated)
        left = self._checks.deadline - self._elapsed() if self._found.observations else None
        ways = Ways(alternatives=place.ports)
        evidence = await self._checks.run(target, self._listener, ways, within=left)
        provider = place.provider.id if place.provider is not None else None
        known = Known(target=target, evidence=evidence, provider=provider)
        return _Seen(
            look=Look(place=place, evidence=evidence), diagnosis=diagnose(known, self._knowledge)
        )

    def _nothing(self, seen: list[_Seen]) -> Searched:
        """The verdict on the domain, where no server was found."""
        domain = self._mailbox.domain
        looks = tuple(one.look for one in seen)
        target = Target(host=domain, stated=self._mailbox.stated)
        judged = Evidence(observations=why_nothing(domain, self._found, looks))
        return Searched(
            diagnosis=diagnose(Known(target=target, evidence=judged), self._knowledge),
            evidence=self._evidence(None, looks),
        )

    def _evidence(self, best: Look | None, looks: tuple[Look, ...]) -> Evidence:
        """All that was seen: what the domain says, the best place, then the others."""
        own = best.evidence if best is not None else Evidence()
        others = (seen for look in looks if look is not best for seen in of_another(look))
        return replace(
            own,
            observations=(*self._found.observations, *own.observations, *others),
            started=self._found.started or own.started,
            took=max(own.took, self._elapsed()),
        )

    def _elapsed(self) -> timedelta:
        return timedelta(seconds=self._loop.time() - self._began)


def _is_named(seen: _Seen) -> bool:
    """Whether somebody says that this is the place: the directory, the domain, its MX."""
    place = seen.look.place
    return place.source in {Source.DIRECTORY, Source.SRV} or place.provider is not None


def _has_worked(tasks: list[asyncio.Task[_Seen]]) -> bool:
    return any(task.done() and task.result().diagnosis.works for task in tasks)
