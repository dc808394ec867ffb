"""Messages of a few words: what they mean when nothing else is said."""

import pytest

from bot.knowledge.schema import Knowledge
from bot.parsing.complaint import parse_complaint


@pytest.mark.parametrize(
    ("said", "intent"),
    [
        ("help", "greeting"),
        ("Help me please", "greeting"),
        ("?", "greeting"),
        ("???", "greeting"),
        ("so who are you?", "greeting"),
        ("what can you do for me", "greeting"),
        ("are you a bot or what", "greeting"),
        ("are you a real person?", "greeting"),
        ("help, Outlook is broken", "cannot_send"),
        ("OK!", "thanks"),
        ("okay", "thanks"),
        ("k", "thanks"),
        ("hmm...", "thanks"),
        ("ok, but outlook still cannot send", "cannot_send"),
        ("What?", "not_resolved"),
        ("I don't understand.", "not_resolved"),
        ("no, it doesn't work", "not_resolved"),
        ("Nein, klappt nicht", "not_resolved"),
        ("no funciona", "not_resolved"),
        ("Ça ne marche pas !", "not_resolved"),
        ("não funciona", "not_resolved"),
        ("non funziona", "not_resolved"),
        ("werkt niet", "not_resolved"),
        ("Thunderbird klappt nicht", "cannot_send"),
        ("der Fahrstuhl geht nicht", "off_topic"),
        ("what time is lunch", "off_topic"),
        ("do you save my password anywhere?", "concept_question"),
        ("who can see my password when I write to you", "concept_question"),
        ("is it safe to write here?", "concept_question"),
        ("it keeps asking for my password, is that safe?", "auth_failed"),
    ],
)
def test_few_words_mean_what_they_mean_alone(said: str, intent: str, knowledge: Knowledge) -> None:
    """A word that is all of a message says more than the same word in a story."""
    assert parse_complaint(said, knowledge).intent.value == intent


@pytest.mark.parametrize(
    ("said", "provider"),
    [
        ("it is a company mailbox, not gmail", None),
        ("not yahoo, gmx", "gmx"),
        ("nicht gmx sondern web.de", "web.de"),
        ("I no longer use yahoo", None),
        ("gmail does not send", "gmail"),
        ("everything sends, but not gmail", "gmail"),
        ("it works, just not with zoho", "zoho"),
    ],
)
def test_provider_that_is_said_not_to_be_it_is_not(
    said: str, provider: str | None, knowledge: Knowledge
) -> None:
    """A negated name names nobody."""
    assert parse_complaint(said, knowledge).provider == provider
