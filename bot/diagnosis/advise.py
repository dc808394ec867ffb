"""What to do about a cause, in the words of the person's mail program and for their provider."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bot.diagnosis.words import fill
from bot.knowledge.directory import OTHER_CLIENT, directory_of
from bot.knowledge.schema import AdviceEntry, Audience, Client, Knowledge
from bot.model.codes import Code
from bot.model.diagnosis import Advice, Step

__all__ = ["Asker", "advise"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """For whom the advice is: program and provider by id, and what fills the steps."""

    client: str | None = None
    provider: str | None = None
    details: Mapping[str, str] = field(default_factory=dict)


def advise(code: Code, asker: Asker, knowledge: Knowledge) -> tuple[Advice, ...]:
    """Advice on a cause: the person's own part first, then what an administrator can do."""
    chosen = (_narrowest(code, audience, asker, knowledge) for audience in Audience)
    return tuple(_advice(entry, asker, knowledge) for entry in chosen if entry is not None)


def _narrowest(
    code: Code, audience: Audience, asker: Asker, knowledge: Knowledge
) -> AdviceEntry | None:
    fitting = [
        entry
        for entry in knowledge.advice.values()
        if code in entry.causes and entry.audience is audience and _suits(entry, asker)
    ]
    return max(fitting, key=_narrowness, default=None)


def _suits(entry: AdviceEntry, asker: Asker) -> bool:
    return (not entry.when_provider or asker.provider in entry.when_provider) and (
        not entry.when_client or asker.client in entry.when_client
    )


def _narrowness(entry: AdviceEntry) -> int:
    return bool(entry.when_client) + bool(entry.when_provider)


def _advice(entry: AdviceEntry, asker: Asker, knowledge: Knowledge) -> Advice:
    client = directory_of(knowledge).client(asker.client) or knowledge.clients[OTHER_CLIENT]
    return Advice(
        id=entry.id,
        title=entry.title,
        steps=tuple(_steps(entry, client, asker.details, knowledge)),
        sources=entry.sources,
        for_admin=entry.audience is Audience.ADMIN,
    )


def _steps(
    entry: AdviceEntry, client: Client, details: Mapping[str, str], knowledge: Knowledge
) -> Iterator[Step]:
    """The steps whose every placeholder is known; a step `@action` as this program does it."""
    for step in entry.steps:
        if not step.startswith("@"):
            text = fill(step, details)
            if text is not None:
                yield Step(text=text)
            continue
        clicks = client.actions.get(step[1:], ())
        told = tuple(filter(None, (fill(click, details) for click in clicks)))
        if told:
            yield _step_of_action(told, client, knowledge)


def _step_of_action(clicks: tuple[str, ...], client: Client, knowledge: Knowledge) -> Step:
    if client.unconfirmed:
        note = knowledge.texts["advice.unconfirmed"]
        return Step(text=clicks[0], details=(*clicks[1:], note))
    return Step(text=clicks[0], details=clicks[1:])
