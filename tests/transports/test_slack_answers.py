"""What slash commands show: checks, the history and help."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from factories import NOON, a_diagnosis, an_evidence

from bot.desk.inquiry import CheckReport
from bot.knowledge.schema import Knowledge
from bot.model.case import CaseId, Outcome, State
from bot.model.codes import Code
from bot.model.diagnosis import Advice, Step
from bot.model.history import CaseSummary, SearchPage
from bot.transports.slack.answers import (
    check_message,
    help_message,
    history_message,
    refusal_message,
)
from bot.transports.slack.rendering import Message


def told(value: object) -> list[str]:
    """The texts of blocks in their order."""
    if isinstance(value, dict):
        own = [value["text"]] if isinstance(value.get("text"), str) else []
        return own + [text for inner in value.values() for text in told(inner)]
    if isinstance(value, list | tuple):
        return [text for inner in value for text in told(inner)]
    return []


def a_report() -> CheckReport:
    """A check that found an expired certificate."""
    step = Step(text="Ask for a new one.", details=("At the authority.",))
    advice = Advice(id="renew", title="Renew it", steps=(step,), sources=(), for_admin=True)
    return CheckReport(diagnosis=a_diagnosis(), evidence=an_evidence(), advice=(advice,))


def a_case(number: int = 12, **changes: Any) -> CaseSummary:
    """A case about mail.example.test that was fixed."""
    case = CaseSummary(
        id=CaseId(str(number)),
        opened=NOON - timedelta(days=number),
        state=State.CLOSED,
        outcome=Outcome.FIXED,
        verdict=Code.TCP_REFUSED,
        host="mail.example.test",
        port=587,
        provider=None,
        summary="cannot send <!channel>",
        by="U1",
    )
    return replace(case, **changes)


def assert_small(shown: Message) -> None:
    """A message that only its reader sees has no buttons and keeps the limits."""
    assert len(shown.blocks) <= 50
    assert sum(map(len, told(shown.blocks))) <= 12_000
    assert "metadata" not in shown.arguments()
    assert {block["type"] for block in shown.blocks} <= {"rich_text", "divider"}


def test_a_check_shows_verdict_proof_and_advice(knowledge: Knowledge) -> None:
    """The words of `mailmedic check`, with the sign of each stage."""
    shown = check_message(a_report(), knowledge.texts)
    words = told(shown.blocks)
    assert words[0] == "❌ The server's certificate has expired."
    assert words[1].startswith("cert.expired · ")
    assert words[2].startswith("Use these settings: server mail.example.test, port 465")
    assert words[3] == knowledge.texts["reply.why"]
    assert "192.0.2.10:587, STARTTLS (as asked for)" in words
    assert "✗ reading the certificate: certificate has expired (12 ms)" in words
    assert "✓ connecting: connected (12 ms)" in words
    assert words[-3:] == [
        "For your administrator: Renew it",
        "Ask for a new one.",
        "At the authority.",
    ]
    assert_small(shown)


def test_a_refusal_is_said() -> None:
    """A target that is not looked at gets its reason."""
    shown = refusal_message("I may not look at <that>.")
    assert told(shown.blocks) == ["⚠️ I may not look at <that>."]
    assert shown.text == "! I may not look at &lt;that&gt;."


def test_the_history_shows_ten_cases_and_counts_the_rest(knowledge: Knowledge) -> None:
    """Which, when, where, how it ended and what it was; more than ten are counted."""
    cases = tuple(a_case(number) for number in range(1, 12))
    page = SearchPage(total=31, more=False, cases=cases)
    shown = history_message(page, knowledge, viewer="U1", words="refused <b>")
    words = told(shown.blocks)
    assert words[0] == "Cases with “refused <b>”"
    assert words[1] == "#1 · 2026-11-22 · mail.example.test:587 · fixed"
    assert "mail.example.test" in words[2]
    assert words[3] == "cannot send <!channel>"
    assert not any(word.startswith("#11") for word in words)
    assert words[-1].startswith("There are 21 more.")
    assert_small(shown)


def test_the_newest_cases_need_no_words(knowledge: Knowledge) -> None:
    """An open case without a server says where it stands."""
    case = a_case(3, state=State.ASKING, outcome=None, verdict=None, host=None, port=None)
    page = SearchPage(total=1, more=False, cases=(case,))
    words = told(history_message(page, knowledge, viewer="U1").blocks)
    assert words == [
        "The newest cases",
        "#3 · 2026-11-20 · waiting for an answer",
        "cannot send <!channel>",
    ]


def test_what_helped_is_said(knowledge: Knowledge) -> None:
    """The next one with the same trouble sees what ended it."""
    advice = next(iter(knowledge.advice.values()))
    case = a_case(1, helped=(advice.id, "advice-of-yesterday"))
    shown = history_message(SearchPage(total=1, more=False, cases=(case,)), knowledge, viewer="U2")
    assert f"What helped: {advice.title}" in told(shown.blocks)


def test_words_of_others_are_theirs(knowledge: Knowledge) -> None:
    """What was wrong is shown to everybody, what somebody wrote to them alone."""
    page = SearchPage(total=1, more=False, cases=(a_case(1),))
    shown = history_message(page, knowledge, viewer="U2")
    assert "cannot send" not in shown.text
    assert "mail.example.test:587" in shown.text


def test_an_empty_history_is_said(knowledge: Knowledge) -> None:
    """Nothing found is an answer."""
    page = SearchPage(total=0, more=False, cases=())
    assert told(history_message(page, knowledge, viewer="U1").blocks)[-1] == "No case matches."


def test_long_summaries_leave_room_for_all_ten(knowledge: Knowledge) -> None:
    """A case is cut, not the list."""
    cases = tuple(a_case(number, summary="word " * 400) for number in range(10))
    page = SearchPage(total=1_000, more=True, cases=cases)
    shown = history_message(page, knowledge, viewer="U1")
    words = told(shown.blocks)
    assert sum(word.startswith("#") for word in words) == 10
    assert words[-1].startswith("There are 990+ more.")
    assert_small(shown)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("outcome", [None, *Outcome])
def test_every_state_and_outcome_has_its_words(
    state: State, outcome: Outcome | None, knowledge: Knowledge
) -> None:
    """No case of the history can fail for want of a text."""
    page = SearchPage(total=1, more=False, cases=(a_case(state=state, outcome=outcome),))
    assert history_message(page, knowledge, viewer="U1").text


def test_help_names_every_command_and_warns_of_passwords(knowledge: Knowledge) -> None:
    """Three commands, three other ways, and no password ever."""
    shown = help_message(knowledge.texts)
    for wanted in ("check", "history", "help"):
        assert f"/mailmedic {wanted}" in shown.text
    assert "password" in shown.text
    assert "Troubleshoot message" in shown.text
    assert_small(shown)
