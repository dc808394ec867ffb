"""What the commands do once their words are read: run it, print it, say how it went."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TextIO

from rich.console import Console

from bot.desk.checks import Checks
from bot.desk.clock import SystemClock
from bot.desk.desk import Desk
from bot.desk.inquiry import advice_on_refusal, inquire, verdict_of
from bot.desk.office import Office
from bot.desk.ports import Casebook, Speaker
from bot.desk.wording import refusal_line, verdict_line
from bot.knowledge.schema import Knowledge
from bot.model.case import CaseId, Session, State
from bot.model.reply import Reply
from bot.model.target import Mailbox, Target, Unusable
from bot.transports.terminal import histories
from bot.transports.terminal.batch import check_lines
from bot.transports.terminal.chat import Conversation, Mailslot, new_thread
from bot.transports.terminal.checking import show_report
from bot.transports.terminal.documents import (
    REFUSED,
    Json,
    check_document,
    exit_code,
    refusal_document,
)
from bot.transports.terminal.progress import Progress
from bot.transports.terminal.scripts import run_script
from bot.transports.terminal.stages import stage_row
from bot.transports.terminal.talking import Screen, lines_of, talk

__all__ = [
    "Talk",
    "case_json",
    "check_json",
    "check_many",
    "check_shown",
    "play",
    "refuse",
    "talk_at_desk",
]

Print = Callable[[Json], None]


def refuse(asked: Unusable, knowledge: Knowledge) -> tuple[int, Json, str]:
    """The exit code, document and line for a target that is not looked at."""
    document = refusal_document(asked, advice_on_refusal(asked, knowledge), knowledge.texts)
    return exit_code(asked.code, asked.port), document, refusal_line(asked, knowledge.texts)


async def check_many(lines: Iterable[str], checks: Checks, knowledge: Knowledge, put: Print) -> int:
    """Checks the target of each line; returns the highest exit code."""
    highest = 0
    async for document, code in check_lines(lines, checks, knowledge):
        put(document)
        highest = max(highest, code)
    return highest


async def check_json(
    asked: Target | Mailbox, checks: Checks, knowledge: Knowledge
) -> tuple[int, Json, str]:
    """Checks one target for another program; returns exit code, document and the verdict's line."""
    report = await inquire(asked, checks, knowledge, lambda _: None)
    document = check_document(report, knowledge.texts)
    return exit_code(*verdict_of(report)), document, verdict_line(report, knowledge.texts)


async def check_shown(
    asked: Target | Mailbox, checks: Checks, knowledge: Knowledge, console: Console
) -> tuple[int, str]:
    """Checks one target for a person; returns the exit code and the verdict's line.

    What was refused by policy is not shown as a report: nothing was looked at.
    """
    progress = Progress(Console(stderr=True, highlight=False), knowledge.texts)
    with progress:
        report = await inquire(asked, checks, knowledge, progress)
    code = exit_code(*verdict_of(report))
    if code != REFUSED:
        show_report(report, console, knowledge.texts)
    return code, verdict_line(report, knowledge.texts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """Who talks, about which case if it is an old one, and with what."""

    open_office: Callable[[], Awaitable[Office]]
    clock: SystemClock
    user: str
    texts: Mapping[str, str]
    case: CaseId | None = None


async def play(asked: Talk, lines: Iterable[str], output: TextIO) -> None:
    """Plays a script of JSON lines. Raises ScriptError and CaseNotFoundError."""
    slot = Mailslot()
    async with _conversation(asked, slot) as conversation:
        if await _is_interrupted(conversation):
            await conversation.resume()
        await run_script(conversation, slot, lines, output)


async def _is_interrupted(conversation: Conversation) -> bool:
    """Whether an old case was left in the middle of a check: a script needs no reminder."""
    session = await conversation.session()
    return session is not None and session.state is State.CHECKING


@asynccontextmanager
async def _conversation(asked: Talk, speaker: Speaker) -> AsyncIterator[Conversation]:
    office = await asked.open_office()
    desk = Desk(office, speaker)
    try:
        thread = new_thread()
        if asked.case is not None:
            thread = (await office.casebook.session_of(asked.case)).thread
        yield Conversation(desk=desk, clock=asked.clock, thread=thread, user=asked.user)
    finally:
        await desk.stop()
        await office.casebook.close()


def talk_at_desk(asked: Talk, stdin: TextIO, console: Console, *intro: Reply) -> None:
    """Talks with a person till they leave."""
    screen = Screen(console, asked.texts)
    with asyncio.Runner() as runner:
        opened = _conversation(asked, screen)
        conversation = runner.run(opened.__aenter__())
        try:
            if asked.case is not None:
                runner.run(conversation.resume())
            for reply in intro if asked.case is None else ():
                screen.show(reply)
            screen.end_turn()
            _farewell(talk(conversation, screen, lines_of(stdin, console), runner), console)
        finally:
            runner.run(opened.__aexit__(None, None, None))


def _farewell(session: Session | None, console: Console) -> None:
    if session is not None and session.state is not State.CLOSED:
        console.print(f"\nCase {session.case} is kept: mailmedic chat --case {session.case}")


async def case_json(casebook: Casebook, case: CaseId) -> Json:
    """A case as a document, with the stages of its last check."""
    file = await casebook.show(case)
    session = await casebook.session_of(case)
    seen = session.evidence.observations if session.evidence is not None else ()
    return histories.case_document(file, [stage_row(observation) for observation in seen])
