"""Which choice is meant by words that were typed in place of a click."""

import pytest

from bot.knowledge.trees import Choice, Question
from bot.parsing.answer import read_choice

PROVIDER = Question(
    id="provider",
    text="Which service?",
    claims=(),
    choices=(
        Choice(id="gmail", label="Gmail or Google Workspace", says=("gmail", "google")),
        Choice(id="outlook.com", label="Outlook.com", says=("hotmail", "outlook.com")),
        Choice(id="own-server", label="Our own server", says=("own server", "company server")),
    ),
)
CHANGED = Question(
    id="changed",
    text="Did something change?",
    claims=(),
    choices=(Choice(id="yes", label="Yes"), Choice(id="no", label="No")),
    dont_know=False,
)


@pytest.mark.parametrize(
    ("said", "choice"),
    [
        ("gmail", "gmail"),
        ("it's Google, I think", "gmail"),
        ("HOTMAIL!", "outlook.com"),
        ("that would be our own server here", "own-server"),
        ("own-server", "own-server"),
        ("google or hotmail?", None),
        ("none of them", None),
        ("no idea", "dont_know"),
        ("I don't know, sorry", "dont_know"),
        ("I don\u2019t know", "dont_know"),
        ("wei\u00df nicht", "dont_know"),
        ("je ne sais pas", "dont_know"),
        ("", None),
        ("   ", None),
    ],
)
def test_choice_is_known_by_its_words(said: str, choice: str | None) -> None:
    """Label, words and id lead to the choice; two at once, or none of them, to no one."""
    assert read_choice(said, PROVIDER) == choice


@pytest.mark.parametrize(
    ("said", "choice"),
    [
        ("yes", "yes"),
        ("Yep, since monday", "yes"),
        ("ja", "yes"),
        ("oui", "yes"),
        ("no", "no"),
        ("nope", "no"),
        ("Nein, nichts", "no"),
        ("we have no clue", None),
        ("no idea", "no"),
    ],
)
def test_yes_and_no_are_understood_in_plain_variants(said: str, choice: str | None) -> None:
    """The first word answers; a `no` in mid-sentence does not."""
    assert read_choice(said, CHANGED) == choice


def test_a_story_is_no_answer() -> None:
    """In a long text the words of a choice prove nothing."""
    story = "we wanted to write to a customer who is with gmail " * 5

    assert read_choice(story, PROVIDER) is None
