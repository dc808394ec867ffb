"""The conversation as a person types it: lines of text, options by number, progress as it comes."""

import asyncio
from collections.abc import Iterator, Mapping
from typing import TextIO

from rich.console import Console

from bot.desk.ports import Ending, Letter
from bot.model.case import Session, State
from bot.model.evidence import StageEvent
from bot.model.reply import Option, Reply, Tone
from bot.transports.terminal.chat import Conversation
from bot.transports.terminal.progress import Progress
from bot.transports.terminal.rendering import show, show_options

__all__ = ["Screen", "lines_of", "talk"]

_LEAVING = frozenset({"quit", "exit", "bye"})
_PROMPT = "> "
_DIGITS = frozenset("0123456789")  # longer numbers may be a port


class Screen:
    """A `Speaker` that prints what is said at once, and the answers that are possible at the end.

    On a screen the stages of a running check are shown as they end, and erased by the verdict.
    """

    def __init__(self, console: Console, texts: Mapping[str, str]) -> None:
        self._console = console
        self._texts = texts
        self._progress = Progress(console, texts)
        self.options: tuple[Option, ...] = ()

    async def say(self, letter: Letter) -> str:
        """Prints the reply."""
        self.show(letter.reply)
        return letter.key

    async def find(self, letter: Letter) -> str | None:
        """Nothing: what an earlier process said is on no screen of ours."""

    def show(self, reply: Reply) -> None:
        """Prints a reply; its options, which may be chosen by number, wait for the turn's end."""
        self._progress.stop()
        self._console.print()
        show(reply, self._console)
        self.options = reply.options or self.options
        if reply.tone is Tone.WORKING:
            self._progress.start()

    def progress(self, _: Letter, event: StageEvent, /) -> None:
        """Shows a stage that has ended."""
        self._progress(event)

    def progress_over(self, letter: Letter, ending: Ending, /) -> None:
        """Nothing: the next words erase the stages."""

    def end_turn(self) -> None:
        """Prints the answers that are possible now, once, under all that was said."""
        self._progress.stop()
        show_options(self.options, self._console)

    def no_such_option(self) -> None:
        """Says that there is no button of that number."""
        self._console.print(f"\n{self._texts['reply.bad_option']}")


def lines_of(stream: TextIO, console: Console) -> Iterator[str]:
    """The lines that are typed or piped in; ends at the end of input or at Ctrl-C."""
    while True:
        try:
            if console.is_terminal and stream.isatty():
                line = input(_PROMPT)
            else:
                line = stream.readline()
                if not line:
                    return
        except (EOFError, KeyboardInterrupt):
            console.print()
            return
        yield line.rstrip("\r\n")


def talk(
    conversation: Conversation, screen: Screen, lines: Iterator[str], runner: asyncio.Runner
) -> Session | None:
    """The talk until `quit` or the end of input; returns where its case then stands."""
    for line in lines:
        if line.strip().lower() in _LEAVING:
            break
        try:
            runner.run(_one(conversation, screen, line))
            screen.end_turn()
        except KeyboardInterrupt:
            break
    return runner.run(conversation.session())


async def _one(conversation: Conversation, screen: Screen, line: str) -> None:
    if not await _is_open(conversation):
        screen.options = ()
    option = _chosen(line, screen.options)
    if option is not None:
        await conversation.choose(option.id)
    elif screen.options and line.strip() in _DIGITS:
        screen.no_such_option()
    else:
        await conversation.say(line)
    if not await _is_open(conversation):
        screen.options = ()


def _chosen(line: str, options: tuple[Option, ...]) -> Option | None:
    """The option of that number; any other text is words."""
    text = line.strip()
    if not (text.isascii() and text.isdigit()) or len(text) > len(str(len(options))):
        return None
    number = int(text)
    return options[number - 1] if 1 <= number <= len(options) else None


async def _is_open(conversation: Conversation) -> bool:
    session = await conversation.session()
    return session is not None and session.state is not State.CLOSED
