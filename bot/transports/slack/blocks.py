"""Lines as blocks of `rich_text`, in which nothing is read as markup."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from slack_sdk.models.blocks import (
    DividerBlock,
    RichTextBlock,
    RichTextElement,
    RichTextElementParts,
    RichTextListElement,
    RichTextSectionElement,
)

from bot.model.plain import Line, Role
from bot.model.reply import Tone
from bot.transports.slack.limits import Json, begins

__all__ = ["bold", "section_block", "text_blocks", "words"]

# Unicode, not names of emoji: they show in every client, in logs and in a notification.
_MARKS = {Tone.GOOD: "✅", Tone.BAD: "❌", Tone.WARNING: "⚠️", Tone.WORKING: "⏳", Tone.PLAIN: ""}


def text_blocks(lines: Sequence[Line], tone: Tone) -> list[Json]:
    """The blocks of lines that fit; the tone's mark stands before all of them."""
    blocks: list[Json] = []
    mark = _MARKS[tone]
    for part in _parts(lines):
        if part[0].role is Role.ADVICE:
            blocks.append(DividerBlock().to_dict())
        elements = list(_elements(part, f"{mark} " if mark and not blocks else ""))
        blocks.append(RichTextBlock(elements=elements).to_dict())
    return blocks


def section_block(*elements: RichTextElement) -> Json:
    """A block of one line."""
    return RichTextBlock(elements=[RichTextSectionElement(elements=elements)]).to_dict()


def words(text: str) -> RichTextElement:
    """Plain words, never blank."""
    return RichTextElementParts.Text(text=text)


def bold(text: str) -> RichTextElement:
    """Bold words, never blank."""
    style = RichTextElementParts.TextStyle(bold=True)
    return RichTextElementParts.Text(text=text, style=style)


def _parts(lines: Iterable[Line]) -> list[list[Line]]:
    """The lines that share a block."""
    parts: list[list[Line]] = []
    before: Line | None = None
    for line in lines:
        if begins(line, before):
            parts.append([])
        parts[-1].append(line)
        before = line
    return parts


def _elements(part: Sequence[Line], mark: str) -> Iterator[RichTextElement]:
    """The sections and lists of one block; `mark` stands before its first line."""
    for role, group in groupby(part, key=lambda line: line.role):
        lines = list(group)
        match role:
            case Role.PARAGRAPH:
                yield _paragraphs(lines, mark)
            case Role.FACT | Role.DETAIL:
                yield _list(lines, "bullet", indent=int(role is Role.DETAIL))
            case Role.STEP:
                yield _list(lines, "ordered", offset=lines[0].number - 1)
            case Role.TITLE | Role.HEADING | Role.ADVICE:
                yield _section([bold(f"{mark}{line.text}") for line in lines])


def _paragraphs(lines: Sequence[Line], mark: str) -> RichTextElement:
    """Paragraphs with a blank line between them."""
    elements = [words(f"{mark}{lines[0].text}")]
    for line in lines[1:]:
        elements += [words("\n\n"), words(line.text)]
    return _section(elements)


def _section(elements: Sequence[RichTextElement]) -> RichTextElement:
    return RichTextSectionElement(elements=elements)


def _list(
    lines: Sequence[Line], style: str, *, indent: int = 0, offset: int = 0
) -> RichTextElement:
    """A list; a numbered one goes on counting after `offset`, where details came in between."""
    return RichTextListElement(
        elements=[_section([words(line.text)]) for line in lines],
        style=style,
        indent=indent,
        offset=offset or None,
    )
