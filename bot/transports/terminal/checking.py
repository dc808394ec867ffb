"""`mailmedic check` on the screen: the verdict, what was seen, what to do."""

from collections.abc import Iterator, Mapping

from rich.console import Console
from rich.text import Text

from bot.desk.inquiry import CheckReport
from bot.diagnosis.proof import place, untested
from bot.diagnosis.words import say, summary
from bot.model.codes import Severity, severity_of
from bot.model.evidence import Skipped
from bot.model.target import Unusable
from bot.transports.terminal.clean import printable
from bot.transports.terminal.progress import proof_line
from bot.transports.terminal.rendering import advice_lines

__all__ = ["refusal_line", "show_report", "verdict_line"]

_MARKS = {
    Severity.OK: ("✓", "bold green"),
    Severity.WARNING: ("!", "bold yellow"),
    Severity.PROBLEM: ("✗", "bold red"),
    Severity.UNKNOWN: ("?", "bold"),
}


def show_report(report: CheckReport, console: Console, texts: Mapping[str, str]) -> None:
    """Prints the verdict, the reasons and the steps."""
    diagnosis = report.diagnosis
    port = diagnosis.target.port if diagnosis.target is not None else None
    code = diagnosis.verdict.code
    mark, style = _MARKS[severity_of(code, port)]
    head = printable(summary(code, diagnosis.details, texts))
    console.print(Text(f"{mark} {head}", style=style))
    console.print(Text(f"  {code} · {_seconds(report)}", style="dim"))
    for note in diagnosis.notes[1:]:
        known = {**diagnosis.details, **note.details}
        line = printable(summary(note.code, known, texts))
        console.print(Text(f"  {_MARKS[note.severity][0]} {line} ({note.code})"))
    console.print(Text(f"\n{texts['reply.why']}"))
    for seen in _evidence_lines(report, texts):
        console.print(seen)
    left_out = untested(diagnosis, texts)
    if left_out is not None:
        console.print(Text(f"  {left_out}"))
    if diagnosis.suggested is not None:
        console.print(Text(f"\n{_suggestion(report, texts)}", style="bold"))
    for advice in report.advice:
        for line in advice_lines(advice):
            console.print(Text(line))


def _evidence_lines(report: CheckReport, texts: Mapping[str, str]) -> Iterator[Text]:
    """What was seen, attempt by attempt, the stated one first; skipped stages are left out."""
    for seen in report.evidence.of(None):
        yield proof_line(seen, texts)
    for attempt in report.evidence.attempts():
        ran = [seen for seen in report.evidence.of(attempt) if not isinstance(seen, Skipped)]
        if not ran:
            continue
        mode = texts[f"security.{attempt.security or 'auto'}"]
        role = texts[f"role.{attempt.role}"]
        yield Text(f"  {place(attempt)}, {mode} ({role})", style="bold")
        for seen in ran:
            yield Text("  ") + proof_line(seen, texts, with_place=False)


def verdict_line(report: CheckReport, texts: Mapping[str, str]) -> str:
    """The verdict in one line."""
    code = report.diagnosis.verdict.code
    return printable(summary(code, report.diagnosis.details, texts), keep="")


def _suggestion(report: CheckReport, texts: Mapping[str, str]) -> str:
    chosen = report.diagnosis.suggested
    if chosen is None:
        return ""
    return say(
        "reply.suggest",
        texts,
        host=chosen.host,
        port=str(chosen.port),
        security=texts[f"security.{chosen.security}"],
    )


def _seconds(report: CheckReport) -> str:
    return f"{report.evidence.took.total_seconds():.2f} s"


def refusal_line(refused: Unusable, texts: Mapping[str, str]) -> str:
    """Why a target is not looked at, in one line."""
    details = {"host": refused.host or refused.stated, "said": refused.said}
    if refused.port is not None:
        details["port"] = str(refused.port)
    said = summary(refused.code, details, texts)
    return printable(f"{said} ({refused.said})" if refused.said else said, keep="")
