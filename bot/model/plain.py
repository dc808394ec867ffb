"""A reply as lines of text: what every transport says, before it gives them a look.

```
✗ The certificate of mail.example.test has ended.     TITLE, with the mark of its tone
I could not test this: signing in.                    PARAGRAPH
  • connecting, 192.0.2.10:587: connected (12 ms)     FACT

For your administrator: Renew the certificate         ADVICE
  1. Ask the authority for a new one.                 STEP
     In the web page of the authority: …              DETAIL
```
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from bot.model.diagnosis import Advice
from bot.model.foreign import printable
from bot.model.reply import Reply, Tone

__all__ = ["Line", "Role", "advice_lines", "drawn", "plain", "reply_lines", "shown"]

_MARKS = {Tone.GOOD: "✓", Tone.BAD: "✗", Tone.WARNING: "!", Tone.WORKING: "…", Tone.PLAIN: ""}
_FOR_ADMIN = "For your administrator: "


class Role(StrEnum):
    """What a line is in its message."""

    TITLE = "title"
    PARAGRAPH = "paragraph"
    HEADING = "heading"  # of the facts below it
    FACT = "fact"
    ADVICE = "advice"  # the title of one
    STEP = "step"
    DETAIL = "detail"  # how a step is done


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line whose text is safe to show; a step has its number."""

    role: Role
    text: str
    number: int = 0


def plain(reply: Reply) -> str:
    """The reply as plain text, options left out."""
    return drawn(reply_lines(reply), reply.tone)


def drawn(lines: Iterable[Line], tone: Tone) -> str:
    """The lines as plain text."""
    return "\n".join(shown(line, tone) for line in lines)


def shown(line: Line, tone: Tone) -> str:
    """A line with its mark, number or indent; a blank line stands before each advice."""
    match line.role:
        case Role.TITLE:
            return f"{_MARKS[tone]} {line.text}" if _MARKS[tone] else line.text
        case Role.FACT:
            return f"  • {line.text}"
        case Role.ADVICE | Role.HEADING:
            return f"\n{line.text}"
        case Role.STEP:
            return f"  {line.number}. {line.text}"
        case Role.DETAIL:
            return f"     {line.text}"
        case Role.PARAGRAPH:
            return line.text


def reply_lines(reply: Reply) -> Iterator[Line]:
    """The reply's lines; text from outside is cleaned here, and a fact is one line."""
    if reply.title:
        yield Line(role=Role.TITLE, text=printable(reply.title))
    for paragraph in reply.paragraphs:
        yield Line(role=Role.PARAGRAPH, text=printable(paragraph))
    for fact in reply.facts:
        yield Line(role=Role.FACT, text=printable(" ".join(fact.splitlines()), keep=""))
    for advice in reply.advice:
        yield from advice_lines(advice)


def advice_lines(advice: Advice) -> Iterator[Line]:
    """The advice: its title, numbered steps, and how each is done."""
    whose = _FOR_ADMIN if advice.for_admin else ""
    yield Line(role=Role.ADVICE, text=f"{whose}{printable(advice.title)}")
    for number, step in enumerate(advice.steps, start=1):
        yield Line(role=Role.STEP, text=printable(step.text), number=number)
        for detail in step.details:
            yield Line(role=Role.DETAIL, text=printable(detail), number=number)
