"""A reply as lines of text: for the screen, and as the `text` of a message in JSON."""

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from bot.model.diagnosis import Advice
from bot.model.reply import Option, Reply, Tone
from bot.transports.terminal.clean import printable

__all__ = ["advice_lines", "plain", "show", "show_options"]

_MARKS = {Tone.GOOD: "✓", Tone.BAD: "✗", Tone.WARNING: "!", Tone.WORKING: "…", Tone.PLAIN: ""}
_STYLES = {
    Tone.GOOD: "bold green",
    Tone.BAD: "bold red",
    Tone.WARNING: "bold yellow",
    Tone.WORKING: "dim",
    Tone.PLAIN: "bold",
}
_FOR_ADMIN = "For your administrator: "


def plain(reply: Reply) -> str:
    """The reply as plain text, options left out."""
    return "\n".join(line for line, _ in _lines(reply))


def show(reply: Reply, console: Console) -> None:
    """Prints the reply with its blanks, without its options."""
    for line, style in _lines(reply):
        console.print(Text(line, style=style))
    for blank in reply.fields:
        console.print(Text(f"  · {printable(blank.label)}", style="cyan"))


def show_options(options: tuple[Option, ...], console: Console) -> None:
    """Prints the options with the numbers by which they are chosen."""
    for number, option in enumerate(options, start=1):
        console.print(Text(f"  {number}) {printable(option.label)}", style="cyan"))


def _lines(reply: Reply) -> Iterator[tuple[str, str]]:
    """The reply's lines with their styles; text from outside is cleaned here."""
    if reply.title:
        mark = _MARKS[reply.tone]
        head = printable(reply.title)
        yield (f"{mark} {head}" if mark else head, _STYLES[reply.tone])
    for paragraph in reply.paragraphs:
        yield printable(paragraph), ""
    for fact in reply.facts:
        yield f"  • {printable(fact, keep='')}", "dim"
    for advice in reply.advice:
        yield from ((line, "") for line in advice_lines(advice))


def advice_lines(advice: Advice) -> Iterator[str]:
    """The advice: its title, numbered steps, and how each is done."""
    yield ""
    yield f"{_FOR_ADMIN if advice.for_admin else ''}{printable(advice.title)}"
    for number, step in enumerate(advice.steps, start=1):
        yield f"  {number}. {printable(step.text)}"
        for detail in step.details:
            yield f"     {printable(detail)}"
