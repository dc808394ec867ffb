"""What a transport hands in survives the way through the inbox; secrets and local parts do not."""

from dataclasses import replace

import pytest
from factories import NOON, THREAD

from bot.conversation.events import Chose, Corrected, Filled, Said
from bot.desk.incoming import COMMAND, Incoming, event_of, received_of, redacted, withdrawal_of
from bot.desk.ports import Received, Withdrawal
from bot.desk.recent import Recent
from bot.knowledge.schema import Knowledge
from bot.model.complaint import Secret
from bot.parsing.complaint import parse_complaint

BARE = Incoming(event_id="e1", thread=THREAD, by="ana")


def through_the_inbox(incoming: Incoming) -> Received:
    """The row as it is stored."""
    return received_of(redacted(incoming), NOON)


def test_words_come_back_as_they_read(knowledge: Knowledge) -> None:
    """The event holds what the text says, who said it and when."""
    received = through_the_inbox(replace(BARE, text="port 587 refused"))
    complaint = parse_complaint("port 587 refused", knowledge)

    assert event_of(received, knowledge) == Said(complaint=complaint, by="ana", at=NOON)
    assert (received.kind, received.event_id, received.thread) == ("text", "e1", THREAD)
    assert withdrawal_of(received) is None


def test_correction_comes_back_with_both_texts(knowledge: Knowledge) -> None:
    """The event holds how the message reads now, and how it did."""
    received = through_the_inbox(replace(BARE, text="port 465", before="port 587"))

    assert event_of(received, knowledge) == Corrected(
        complaint=parse_complaint("port 465", knowledge),
        before=parse_complaint("port 587", knowledge),
        by="ana",
        at=NOON,
    )
    assert withdrawal_of(received) is None


def test_correction_of_an_empty_message_is_a_correction(knowledge: Knowledge) -> None:
    """A message that had no words before, a picture alone, is corrected all the same."""
    event = event_of(through_the_inbox(replace(BARE, text="port 465", before="")), knowledge)

    assert isinstance(event, Corrected)
    assert event.before.text == ""


@pytest.mark.parametrize("revision", [None, 0, 7])
def test_button_comes_back_with_its_turn(knowledge: Knowledge, revision: int | None) -> None:
    """The event holds the option and the revision that the button belongs to."""
    received = through_the_inbox(replace(BARE, option="dont_know", revision=revision))

    assert event_of(received, knowledge) == Chose(
        option="dont_know", by="ana", at=NOON, revision=revision
    )


def test_fields_come_back_clean(knowledge: Knowledge) -> None:
    """The event holds the values, without the local part of an address."""
    values = {"host": "mail.example.test", "email": "anna@example.test"}
    event = event_of(through_the_inbox(replace(BARE, values=values)), knowledge)

    assert isinstance(event, Filled)
    assert event.values["host"] == "mail.example.test"
    assert "anna" not in event.values["email"]
    assert "example.test" in event.values["email"]


def test_deletion_comes_back_as_a_withdrawal() -> None:
    """The row says which message is to go; its own event is what is done with then."""
    received = through_the_inbox(replace(BARE, event_id="e2", withdraws="e1"))

    assert withdrawal_of(received) == Withdrawal(message="e1", thread=THREAD, handled="e2", at=NOON)


def test_command_is_kept_as_what_it_is() -> None:
    """The kind says that no turn follows."""
    received = through_the_inbox(replace(BARE, command="check"))

    assert received.kind == COMMAND
    assert withdrawal_of(received) is None


def test_secrets_go_from_both_texts_and_those_of_the_new_one_are_told(
    knowledge: Knowledge,
) -> None:
    """What was said before an edit was warned of then; a secret in the edit is told now."""
    before = "my password is Tr0ub4dor&3x"
    edit = replace(BARE, text="password: c0rrecthorse!9, anna@example.test", before=before)
    received = through_the_inbox(edit)
    event = event_of(received, knowledge)

    assert isinstance(event, Corrected)
    assert [secret.kind for secret in event.complaint.secrets] == ["password"]
    for secret in ("Tr0ub4dor", "c0rrecthorse", "anna"):
        assert secret not in received.payload


def test_secrets_that_the_transport_found_are_told_as_well(knowledge: Knowledge) -> None:
    """What was dropped outside of the text, in a link for instance, is warned of too."""
    found = Secret(kind="token", length=20)
    event = event_of(through_the_inbox(replace(BARE, text="hello", secrets=(found,))), knowledge)

    assert isinstance(event, Said)
    assert event.complaint.secrets == (found,)


def test_recent_ids_are_known_and_old_ones_forgotten() -> None:
    """An id is new once, until so many others have come since."""
    recent = Recent(most=3)
    first = [recent.add(name) for name in ("a", "b", "a", "c", "b")]
    later = [recent.add(name) for name in ("d", "a", "c")]

    assert first == [True, True, False, True, False]
    assert later == [True, True, False]
