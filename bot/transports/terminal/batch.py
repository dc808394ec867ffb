"""`mailmedic check -`: many targets in, one document a line out, in the order of the input."""

import asyncio
import threading
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
    """A document and its exit code for each line that is not blank, as soon as its turn comes.

    The lines are read beside the checks: a program may keep the pipe open and wait for answers.
    """
    loop = asyncio.get_running_loop()
    arrived: asyncio.Queue[str | None] = asyncio.Queue()

    def read() -> None:
        for line in lines:
            loop.call_soon_threadsafe(arrived.put_nowait, line.strip())
        loop.call_soon_threadsafe(arrived.put_nowait, None)

    # A daemon: a read that blocks must not keep an interrupted command alive.
    threading.Thread(target=read, daemon=True).start()
    running: asyncio.Queue[asyncio.Task[tuple[Json, int]] | None] = asyncio.Queue()
    starter = asyncio.create_task(_start(arrived, running, checks, knowledge))
    while (task := await running.get()) is not None:
        yield await task
    await starter


async def _start(
    arrived: asyncio.Queue[str | None],
    running: "asyncio.Queue[asyncio.Task[tuple[Json, int]] | None]",
    checks: Checks,
    knowledge: Knowledge,
) -> None:
    """Starts a check for each line that arrives; the checks' own pool bounds how many run."""
    while (line := await arrived.get()) is not None:
        if line:
            running.put_nowait(asyncio.create_task(_one(line, checks, knowledge)))
    running.put_nowait(None)


async def _one(line: str, checks: Checks, knowledge: Knowledge) -> tuple[Json, int]:
    asked = parse_target_line(line)
    if isinstance(asked, Unusable):
        document = refusal_document(asked, advice_on_refusal(asked, knowledge), knowledge.texts)
        return document, exit_code(asked.code, asked.port)
    report = await inquire(asked, checks, knowledge, _unwatched)
    return check_document(report, knowledge.texts), exit_code(*verdict_of(report))


def _unwatched(_: StageEvent) -> None:
    """A document a line has no place for progress."""
