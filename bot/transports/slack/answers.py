"""What slash commands show, to the one person who asked."""

from collections.abc import Iterator, Mapping
from itertools import count, takewhile

from bot.desk import wording
from bot.desk.inquiry import CheckReport
from bot.diagnosis.proof import mark, proof, untested
from bot.diagnosis.words import say, summary
from bot.knowledge.schema import Knowledge
from bot.model.codes import Severity
from bot.model.evidence import Observation
from bot.model.foreign import printable
from bot.model.history import CaseSummary, SearchPage
from bot.model.plain import Line, Role, advice_lines
from bot.model.reply import Tone
from bot.transports.slack.limits import shortened
from bot.transports.slack.rendering import Message, of_lines

__all__ = ["check_message", "help_message", "history_message", "refusal_message"]

_TONES = {
    Severity.OK: Tone.GOOD,
    Severity.WARNING: Tone.WARNING,
    Severity.PROBLEM: Tone.BAD,
    Severity.UNKNOWN: Tone.PLAIN,
}
_MARKS = {Severity.OK: "✓", Severity.WARNING: "!", Severity.PROBLEM: "✗", Severity.UNKNOWN: "?"}
_MOST_CASES = 10
_LONGEST_WORD = 40  # of what was not understood
_LONGEST_SUMMARY = 200  # characters, so that ten cases fit


def check_message(report: CheckReport, texts: Mapping[str, str]) -> Message:
    """A check: the verdict, what was seen at every attempt, what to do."""
    return of_lines(_of_check(report, texts), tone=_TONES[wording.severity(report)])


def _of_check(report: CheckReport, texts: Mapping[str, str]) -> Iterator[Line]:
    diagnosis = report.diagnosis
    yield _line(Role.TITLE, wording.verdict_line(report, texts))
    yield _line(Role.PARAGRAPH, f"{diagnosis.verdict.code} · {wording.took(report, texts)}")
    for note in diagnosis.notes[1:]:
        said = wording.note_line(note, report, texts)
        yield _line(Role.FACT, f"{_MARKS[note.severity]} {said} ({note.code})")
    suggested = wording.suggestion(report, texts)
    if suggested is not None:
        yield _line(Role.HEADING, suggested)
    yield from _seen(report, texts)
    for advice in report.advice:
        yield from advice_lines(advice)


def _seen(report: CheckReport, texts: Mapping[str, str]) -> Iterator[Line]:
    """What was seen, attempt by attempt, and what could not be tried."""
    yield _line(Role.HEADING, texts["reply.why"])
    for seen in wording.look_ups(report):
        yield _proof(seen, texts)
    for attempt, ran in wording.attempts(report):
        yield _line(Role.HEADING, wording.attempt_line(attempt, texts))
        for seen in ran:
            yield _proof(seen, texts, with_place=False)
    left_out = untested(report.diagnosis, texts)
    if left_out is not None:
        yield _line(Role.PARAGRAPH, left_out)


def _proof(seen: Observation, texts: Mapping[str, str], *, with_place: bool = True) -> Line:
    return _line(Role.FACT, f"{mark(seen)} {proof(seen, texts, with_place=with_place)}")


def refusal_message(line: str) -> Message:
    """That a target is not looked at, for the reason in `line`."""
    return of_lines([_line(Role.TITLE, line)], tone=Tone.WARNING)


def history_message(
    page: SearchPage, knowledge: Knowledge, *, viewer: str, words: str = ""
) -> Message:
    """The cases that hold `words`, or the newest ones, at most ten; and how many there are more.

    What was wrong and what helped is for everybody; what somebody wrote is for them alone.
    """
    return of_lines(_of_history(page, knowledge, viewer, words))


def _of_history(page: SearchPage, knowledge: Knowledge, viewer: str, words: str) -> Iterator[Line]:
    texts = knowledge.texts
    asked = shortened(printable(" ".join(words.split()), keep=""), _LONGEST_SUMMARY)
    title = say("slack.history_matches", texts, words=asked) if asked else None
    yield _line(Role.TITLE, title or texts["slack.history_newest"])
    if not page.cases:
        yield _line(Role.PARAGRAPH, texts["slack.history_none"])
    for case in page.cases[:_MOST_CASES]:
        yield from _of_case(case, knowledge, viewer)
    rest = page.total - min(len(page.cases), _MOST_CASES)
    if rest > 0 or page.more:
        number = f"{max(rest, 0)}{'+' if page.more else ''}"
        yield _line(Role.PARAGRAPH, say("slack.history_more", texts, count=number))


def _of_case(case: CaseSummary, knowledge: Knowledge, viewer: str) -> Iterator[Line]:
    """A case: which, when, where and how it ended; then what it was, and what helped."""
    texts = knowledge.texts
    server = f"{case.host}:{case.port}" if case.host and case.port else (case.host or "")
    ended = texts[f"outcome.{case.outcome}" if case.outcome else f"state.{case.state}"]
    known = (f"#{case.id}", f"{case.opened:%Y-%m-%d}", server, ended)
    yield _line(Role.HEADING, " · ".join(filter(None, known)))
    if case.verdict is not None:
        details = {"host": case.host, "port": str(case.port) if case.port is not None else None}
        known_details = {name: value for name, value in details.items() if value}
        yield _line(Role.FACT, summary(case.verdict, known_details, texts))
    helped = [knowledge.advice[one].title for one in case.helped if one in knowledge.advice]
    if helped:
        yield _line(Role.FACT, say("slack.history_helped", texts, advice=", ".join(helped)))
    if case.by == viewer and case.summary:
        yield _line(Role.FACT, shortened(case.summary, _LONGEST_SUMMARY))


def help_message(texts: Mapping[str, str], *, unknown: str = "") -> Message:
    """What can be asked for, and how; first of all, what was not understood."""
    return of_lines(_of_help(texts, unknown))


def _of_help(texts: Mapping[str, str], unknown: str) -> Iterator[Line]:
    if unknown:
        word = shortened(printable(unknown, keep=""), _LONGEST_WORD)
        yield _line(Role.PARAGRAPH, say("slack.help.unknown", texts, word=word))
    yield _line(Role.TITLE, texts["slack.help.title"])
    yield _line(Role.HEADING, texts["slack.help.say"])
    yield from _numbered("slack.help.way", texts)
    yield _line(Role.HEADING, texts["slack.help.type"])
    yield from _numbered("slack.help.command", texts)
    yield _line(Role.PARAGRAPH, texts["slack.help.password"])


def _numbered(name: str, texts: Mapping[str, str]) -> Iterator[Line]:
    names = (f"{name}.{number}" for number in count(1))
    for one in takewhile(texts.__contains__, names):
        yield _line(Role.FACT, texts[one])


def _line(role: Role, text: str) -> Line:
    """A line of one piece; what was foreign in it is cleaned."""
    return Line(role=role, text=printable(" ".join(text.splitlines()), keep=""))
