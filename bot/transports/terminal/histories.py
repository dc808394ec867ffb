"""The history on the screen and as JSON."""

import json

from rich.console import Console
from rich.text import Text

from bot.model.foreign import printable
from bot.model.history import CaseEvent, CaseFile, CaseSummary, SearchPage, Statistics
from bot.transports.terminal.documents import Json

__all__ = [
    "case_document",
    "page_document",
    "show_case",
    "show_page",
    "show_statistics",
    "statistics_document",
]


def page_document(page: SearchPage) -> Json:
    """A page of search results."""
    return {
        "total": page.total,
        "more": page.more,
        "cases": [_summary(case) for case in page.cases],
    }


def _summary(case: CaseSummary) -> Json:
    return {
        "id": case.id,
        "opened": case.opened.isoformat(),
        "state": case.state,
        "outcome": case.outcome,
        "verdict": case.verdict,
        "host": case.host,
        "port": case.port,
        "provider": case.provider,
        "summary": case.summary,
        "matched": case.matched,
    }


def case_document(file: CaseFile, stages: list[Json]) -> Json:
    """A case, whole."""
    case, resolution = file.summary, file.resolution
    return {
        "id": case.id,
        "opened": case.opened.isoformat(),
        "closed": file.closed.isoformat() if file.closed is not None else None,
        "state": case.state,
        "outcome": case.outcome,
        "host": case.host,
        "port": case.port,
        "provider": case.provider,
        "client": file.client,
        "summary": case.summary,
        "path": list(file.path),
        "verdict": case.verdict,
        "stages": stages,
        "advice": list(file.advice),
        "resolution": None
        if resolution is None
        else {
            "outcome": resolution.outcome,
            "actual_cause": resolution.actual_cause,
            "note": resolution.note,
            "by": resolution.by,
            "at": resolution.at.isoformat(),
        },
        "events": [
            {"at": event.at.isoformat(), "kind": event.kind, **_data(event)}
            for event in file.events
        ],
    }


def _data(event: CaseEvent) -> Json:
    """What a reader looks for; the whole event is for a replay."""
    data: Json = json.loads(event.data)
    data.pop("event", None)
    return data


def statistics_document(counts: Statistics) -> Json:
    """The counts over all cases."""
    return {
        "cases": counts.cases,
        "by_cause": dict(counts.by_cause),
        "by_provider": dict(counts.by_provider),
        "by_host": dict(counts.by_host),
        "by_client": dict(counts.by_client),
        "by_day": dict(counts.by_day),
        "solved_without_human": counts.solved_without_human,
        "median_questions": counts.median_questions,
        "median_seconds_to_verdict": counts.median_seconds_to_verdict,
        "advice": [
            {"id": entry.id, "given": entry.given, "helped": entry.helped}
            for entry in counts.advice
        ],
    }


def show_page(page: SearchPage, console: Console) -> None:
    """Prints the results, two lines a case."""
    if not page.cases:
        console.print("No case matches.")
        return
    for case in page.cases:
        server = f"{case.host}:{case.port}" if case.host and case.port else (case.host or "")
        told = (case.outcome or case.state, case.verdict or "", printable(server, keep=""))
        head = "  ".join(filter(None, told))
        console.print(Text(f"{case.id:>5}  {case.opened:%Y-%m-%d %H:%M}  {head}", style="bold"))
        console.print(Text(f"       {printable(case.summary, keep='')}"))
    found = f"{page.total}{'+' if page.more else ''}"
    console.print(Text(f"{found} found", style="dim"))


def show_case(file: CaseFile, console: Console) -> None:
    """Prints a case: what it is, what was found, what happened when."""
    case = file.summary
    console.print(Text(f"Case {case.id}: {printable(case.summary, keep='')}", style="bold"))
    rows = {
        "opened": f"{case.opened:%Y-%m-%d %H:%M} UTC",
        "closed": f"{file.closed:%Y-%m-%d %H:%M} UTC" if file.closed is not None else None,
        "state": case.state,
        "outcome": case.outcome,
        "verdict": case.verdict,
        "server": f"{case.host}:{case.port}" if case.host else None,
        "provider": case.provider,
        "program": file.client,
        "path": " → ".join(file.path),
        "advice": ", ".join(file.advice),
        "note": file.resolution.note if file.resolution is not None else None,
    }
    for name, value in rows.items():
        if value:
            console.print(Text(f"  {name:<9} {printable(value, keep='')}"))
    for event in file.events:
        data = printable(_told(event.data), keep="")
        console.print(Text(f"  {event.at:%H:%M:%S}  {event.kind:<8} {data}", style="dim"))


def _told(data: str) -> str:
    """The telling parts of an event's data in a line."""
    wanted = ("text", "option", "fields", "verdict")
    values = json.loads(data)
    return ", ".join(str(values[name]) for name in wanted if values.get(name))


def show_statistics(counts: Statistics, console: Console) -> None:
    """Prints the counts."""
    console.print(Text(f"cases: {counts.cases}", style="bold"))
    console.print(f"  solved without a person: {counts.solved_without_human:.0%}")
    console.print(f"  questions asked (median): {_or_dash(counts.median_questions)}")
    console.print(
        f"  seconds to the verdict (median): {_or_dash(counts.median_seconds_to_verdict)}"
    )
    groups = {
        "by cause": counts.by_cause,
        "by provider": counts.by_provider,
        "by server": counts.by_host,
        "by program": counts.by_client,
        "by day": counts.by_day,
    }
    for name, values in groups.items():
        for number, (key, count) in enumerate(values.items()):
            label = name if number == 0 else ""
            console.print(Text(f"  {label:<12} {count:>6}  {printable(key, keep='')}"))
    for entry in counts.advice:
        console.print(Text(f"  advice {entry.id}: helped {entry.helped} of {entry.given} times"))


def _or_dash(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"
