"""`mailmedic check` on the screen: the verdict, what was seen, what to do."""

from collections.abc import Iterator, Mapping

from rich.console import Console
from rich.text import Text

from bot.desk import wording
from bot.desk.inquiry import CheckReport
from bot.diagnosis.proof import untested
from bot.diagnosis.words import summary
from bot.model.codes import Severity
from bot.model.foreign import printable
from bot.model.plain import advice_lines, shown
from bot.model.reply import Tone
from bot.transports.terminal.progress import proof_line

__all__ = ["show_report"]

_MARKS = {
    Severity.OK: ("✓", "bold green"),
    Severity.WARNING: ("!", "bold yellow"),
    Severity.PROBLEM: ("✗", "bold red"),
    Severity.UNKNOWN: ("?", "bold"),
}


def show_report(report: CheckReport, console: Console, texts: Mapping[str, str]) -> None:
    """Prints the verdict, the reasons and the steps."""
    diagnosis = report.diagnosis
    code = diagnosis.verdict.code
    mark, style = _MARKS[wording.severity(report)]
    head = printable(summary(code, diagnosis.details, texts))
    console.print(Text(f"{mark} {head}", style=style))
    console.print(Text(f"  {code} · {wording.took(report, texts)}", style="dim"))
    for note in diagnosis.notes[1:]:
        said = wording.note_line(note, report, texts)
        console.print(Text(f"  {_MARKS[note.severity][0]} {said} ({note.code})"))
    console.print(Text(f"\n{texts['reply.why']}"))
    for seen in _evidence_lines(report, texts):
        console.print(seen)
    left_out = untested(diagnosis, texts)
    if left_out is not None:
        console.print(Text(f"  {left_out}"))
    suggested = wording.suggestion(report, texts)
    if suggested is not None:
        console.print(Text(f"\n{suggested}", style="bold"))
    for advice in report.advice:
        for line in advice_lines(advice):
            console.print(Text(shown(line, Tone.PLAIN)))


def _evidence_lines(report: CheckReport, texts: Mapping[str, str]) -> Iterator[Text]:
    """What was seen, attempt by attempt."""
    for seen in wording.look_ups(report):
        yield proof_line(seen, texts)
    for attempt, ran in wording.attempts(report):
        yield Text(f"  {wording.attempt_line(attempt, texts)}", style="bold")
        for seen in ran:
            yield Text("  ") + proof_line(seen, texts, with_place=False)
