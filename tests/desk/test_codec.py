"""Sessions and replies survive the way into JSON and back."""

import json
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from types import MappingProxyType

import pytest
from factories import THREAD, a_complaint, a_diagnosis, a_full_session, a_session

from bot.desk.codec import (
    dump_reply,
    dump_session,
    load_reply,
    load_session,
    read_time,
    write_time,
)
from bot.model.case import Session, State
from bot.model.diagnosis import Advice, Source, Step
from bot.model.reply import Field, FieldKind, Option, Reply, Tone


def without_address(session: Session) -> Session:
    """The session as it may be stored."""
    assert session.complaint is not None
    return replace(session, complaint=replace(session.complaint, address=None))


def test_a_session_comes_back_as_it_was() -> None:
    """Every field of every value in a session survives, the mail address alone does not."""
    session = a_full_session()

    assert load_session(dump_session(session)) == without_address(session)


def test_the_full_session_of_this_test_leaves_no_field_at_its_default() -> None:
    """A field that is added to Session is added to the round trip as well."""
    bare, full = Session(thread=THREAD), a_full_session()
    same = {
        field.name
        for field in fields(Session)
        if getattr(bare, field.name) == getattr(full, field.name)
    }

    assert same == {"thread", "case"}


def test_the_local_part_of_an_address_is_never_written() -> None:
    """Neither the address nor a key for it is in the JSON."""
    text = dump_session(a_session())

    assert "anna" not in text
    assert "address" not in json.loads(text)["complaint"]


def test_a_session_of_an_older_version_takes_the_defaults_of_newer_fields() -> None:
    """Only what has no default must be there."""
    older = '{"thread": "T", "state": "asking", "complaint": {"text": "hi"}}'

    session = load_session(older)

    assert session.state is State.ASKING
    assert session.complaint is not None
    assert session.complaint.lang == "en"
    assert session.revision == 0


def test_what_a_newer_version_added_is_passed_over() -> None:
    """An unknown key does not keep a session from being read."""
    stored = json.loads(dump_session(a_session())) | {"mood": "cross"}

    assert load_session(json.dumps(stored)) == without_address(a_session())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "3",
        "{}",
        '{"thread": "T", "state": "asleep"}',
        '{"thread": "T", "evidence": {"observations": [{"is": "Dreamt"}]}}',
        '{"thread": "T", "due": 5}',
    ],
)
def test_anything_else_is_a_value_error(text: str) -> None:
    """What is no stored session is refused with one kind of error."""
    with pytest.raises(ValueError, match=r"stored here|valid State|line 1 column 1"):
        load_session(text)


def test_mappings_that_are_frozen_are_written_like_others() -> None:
    """Details may be a read-only view of a dict."""
    frozen = replace(a_diagnosis(), details=MappingProxyType({"days": "12"}))
    session = replace(a_session(), diagnosis=frozen)

    assert load_session(dump_session(session)).diagnosis == a_diagnosis()


def test_times_are_written_in_utc_and_sort_as_text() -> None:
    """Text order is time order, whatever the zone and the fraction."""
    early = datetime(2026, 3, 1, 1, tzinfo=timezone(timedelta(hours=2)))
    late = datetime(2026, 2, 28, 23, 0, 0, 1, tzinfo=UTC)

    assert write_time(early) == "2026-02-28T23:00:00.000000+00:00"
    assert write_time(early) < write_time(late)
    assert read_time(write_time(early)) == early


def test_a_reply_comes_back_as_it_was() -> None:
    """Advice, options and fields of a reply survive."""
    source = Source(title="RFC 8314", url="https://example.com/", checked_on="2026-11-01")
    step = Step(text="Open the settings", details=("File", "Account"))
    reply = Reply(
        title="It has expired",
        paragraphs=("one", "two"),
        facts=("220 hello",),
        advice=(Advice(id="a", title="A", steps=(step,), sources=(source,), for_admin=True),),
        options=(Option(id="yes", label="Yes"),),
        fields=(Field(id="host", label="Host", kind=FieldKind.TEXT),),
        tone=Tone.BAD,
    )

    assert load_reply(dump_reply(reply)) == reply


def test_a_complaint_of_odd_characters_comes_back() -> None:
    """Quotes, control characters and emoji are no trouble."""
    complaint = replace(a_complaint('"\0\x1b[31m\u2028\U0001f600\\'), address=None)
    session = replace(a_session(), complaint=complaint)

    assert load_session(dump_session(session)).complaint == complaint
