"""What is said about a quick check, part by part; a transport gives the parts a look."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from math import ceil

from bot.desk.allowance import TooManyTargetsError
from bot.desk.inquiry import CheckReport, verdict_of
from bot.diagnosis.proof import place
from bot.diagnosis.words import age_of, say, summary
from bot.model.codes import Severity, severity_of
from bot.model.diagnosis import Note
from bot.model.evidence import Attempt, Observation, Seen, Services, Skipped
from bot.model.foreign import printable
from bot.model.target import Unusable

__all__ = [
    "attempt_line",
    "attempts",
    "look_ups",
    "note_line",
    "refusal_line",
    "severity",
    "suggestion",
    "too_many",
    "took",
    "verdict_line",
]


def severity(report: CheckReport) -> Severity:
    """How bad the verdict is."""
    return severity_of(*verdict_of(report))


def verdict_line(report: CheckReport, texts: Mapping[str, str]) -> str:
    """The verdict in one line."""
    code = report.diagnosis.verdict.code
    return printable(summary(code, report.diagnosis.details, texts), keep="")


def took(report: CheckReport, texts: Mapping[str, str]) -> str:
    """How long the whole check took, and how old it is where it was made for somebody else."""
    age = age_of(report.evidence)
    line = f"{report.evidence.took.total_seconds():.2f} s"
    return line if age is None else say("reply.took_seen_ago", texts, took=line, age=age)


def too_many(error: TooManyTargetsError, texts: Mapping[str, str]) -> str:
    """That a person has had as many servers looked at as one may, and when there is one more."""
    minutes = max(1, ceil(error.again / timedelta(minutes=1)))
    return say("reply.too_many", texts, count=str(error.count), minutes=str(minutes))


def note_line(note: Note, report: CheckReport, texts: Mapping[str, str]) -> str:
    """The sentence about a further finding."""
    known = {**report.diagnosis.details, **note.details}
    return printable(summary(note.code, known, texts))


def attempts(report: CheckReport) -> Iterator[tuple[Attempt, tuple[Observation, ...]]]:
    """The attempts, the stated one first, with what was seen; skipped stages are left out."""
    for attempt in report.evidence.attempts():
        seen = report.evidence.of(attempt)
        ran = tuple(one for one in seen if not isinstance(one, Skipped))
        if ran:
            yield attempt, ran


def look_ups(report: CheckReport) -> Iterator[Observation]:
    """What was seen before any connection; that a domain names no server is worth no line."""
    for seen in report.evidence.of(None):
        finding = seen.finding if isinstance(seen, Seen) else None
        if not isinstance(finding, Services) or finding.servers:
            yield seen


def attempt_line(attempt: Attempt, texts: Mapping[str, str]) -> str:
    """Where an attempt went, how it was encrypted and why it was made."""
    if attempt.is_look_up:
        return f"{place(attempt)} ({texts[f'role.{attempt.role}']})"
    mode = texts[f"security.{attempt.security or 'auto'}"]
    return f"{place(attempt)}, {mode} ({texts[f'role.{attempt.role}']})"


def suggestion(report: CheckReport, texts: Mapping[str, str]) -> str | None:
    """The settings that this run has tried and found to work, None if there are no such."""
    chosen = report.diagnosis.suggested
    if chosen is None:
        return None
    security = texts[f"security.{chosen.security}"]
    return say("reply.suggest", texts, host=chosen.host, port=str(chosen.port), security=security)


def refusal_line(refused: Unusable, texts: Mapping[str, str]) -> str:
    """Why a target is not looked at, in one line."""
    details = {"host": refused.host or refused.stated, "said": refused.said}
    if refused.port is not None:
        details["port"] = str(refused.port)
    if refused.word:
        details["word"] = refused.word
    said = summary(refused.code, details, texts)
    return printable(f"{said} ({refused.said})" if refused.said else said, keep="")
