"""`mailmedic check -`: many targets in, one document a line out, in the order of the input."""

import asyncio
from collections.abc import AsyncIterator, Iterable

from bot.desk.checks import Checks
from bot.desk.inquiry import advice_on_refusal, inquire, verdict_of
from bot.knowledge.schema import Knowledge
from bot.model.evidence import StageEvent
from bot.model.target import Unusable
from bot.parsing.target import parse_target_line
from bot.transports.terminal.documents import (
    Json,
    check_document,
    exit_code,
    refusal_document,
)

__all__ = ["check_lines"]


async def check_lines(
    lines: Iterable[str], checks: Checks, knowledge: Knowledge
) -> AsyncIterator[tuple[Json, int]]:
    """A document and its exit code for each line that is not blank."""
    tasks = [
        asyncio.create_task(_one(line.strip(), checks, knowledge)) for line in lines if line.strip()
    ]
    for task in tasks:
        yield await task


async def _one(line: str, checks: Checks, knowledge: Knowledge) -> tuple[Json, int]:
    asked = parse_target_line(line)
    if isinstance(asked, Unusable):
        document = refusal_document(asked, advice_on_refusal(asked, knowledge), knowledge.texts)
        return document, exit_code(asked.code, asked.port)
    report = await inquire(asked, checks, knowledge, _unwatched)
    return check_document(report, knowledge.texts), exit_code(*verdict_of(report))


def _unwatched(_: StageEvent) -> None:
    """A document a line has no place for progress."""
