"""A reply on the screen."""

from rich.console import Console
from rich.text import Text

from bot.model.foreign import printable
from bot.model.plain import Line, Role, reply_lines, shown
from bot.model.reply import Option, Reply, Tone

__all__ = ["show", "show_options"]

_STYLES = {
    Tone.GOOD: "bold green",
    Tone.BAD: "bold red",
    Tone.WARNING: "bold yellow",
    Tone.WORKING: "dim",
    Tone.PLAIN: "bold",
}


def show(reply: Reply, console: Console) -> None:
    """Prints the reply with its blanks, without its options."""
    for line in reply_lines(reply):
        console.print(Text(shown(line, reply.tone), style=_style(line, reply.tone)))
    for blank in reply.fields:
        console.print(Text(f"  · {printable(blank.label)}", style="cyan"))


def show_options(options: tuple[Option, ...], console: Console) -> None:
    """Prints the options with the numbers by which they are chosen."""
    for number, option in enumerate(options, start=1):
        console.print(Text(f"  {number}) {printable(option.label)}", style="cyan"))


def _style(line: Line, tone: Tone) -> str:
    if line.role is Role.TITLE:
        return _STYLES[tone]
    return "dim" if line.role is Role.FACT else ""
