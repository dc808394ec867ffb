"""The inbox and the outbox: nothing twice, nothing lost."""

import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from factories import NOON, THREAD, a_letter, a_received, a_session, a_turn

from bot.desk.errors import StoreError
from bot.model.case import State, ThreadKey
from bot.model.reply import Reply, Tone
from bot.store.casebook import SqliteCasebook


async def test_an_event_is_received_once(casebook: SqliteCasebook) -> None:
    """A redelivered event is known and changes nothing."""
    first = await casebook.receive(a_received())
    second = await casebook.receive(replace(a_received(), payload='{"other": 1}'))

    assert (first, second) == (True, False)
    assert await casebook.unhandled() == (a_received(),)


async def test_unhandled_events_come_in_their_order(casebook: SqliteCasebook) -> None:
    """The oldest is first, and one that is done with is gone."""
    for event in ("c", "a", "b"):
        await casebook.receive(a_received(event))
    await casebook.done("a", NOON)
    await casebook.done("nobody", NOON)

    assert [event.event_id for event in await casebook.unhandled()] == ["c", "b"]


async def test_a_handled_event_is_still_known(casebook: SqliteCasebook) -> None:
    """Redelivery after the turn has ended changes nothing either."""
    await casebook.receive(a_received())
    await casebook.done("Ev1", NOON)

    assert not await casebook.receive(a_received())
    assert not await casebook.unhandled()


async def test_a_turn_marks_its_event_as_handled(casebook: SqliteCasebook) -> None:
    """The event is done with in the same transaction as the turn."""
    await casebook.receive(a_received())
    await casebook.keep(a_turn(handled="Ev1"))

    assert not await casebook.unhandled()


async def test_a_letter_goes_from_pending_to_sent(casebook: SqliteCasebook) -> None:
    """A letter waits until it is sent; each attempt is counted."""
    await casebook.keep(a_turn(letters=(a_letter(),)))
    waiting = await casebook.waiting()
    await casebook.sending("Ev1/0", NOON)
    await casebook.sending("Ev1/0", NOON)
    tried = await casebook.waiting()
    await casebook.sent("Ev1/0", "170000.1", NOON + timedelta(seconds=1))
    await casebook.sending("Ev1/0", NOON)

    assert waiting == (a_letter(),)
    assert tried == (replace(a_letter(), state="sending", attempts=2, tried=NOON),)
    assert await casebook.waiting() == ()


async def test_a_letter_is_stored_once(casebook: SqliteCasebook) -> None:
    """The same key adds no second letter, not even after the first was sent."""
    await casebook.keep(a_turn(letters=(a_letter(), a_letter())))
    await casebook.sent("Ev1/0", "170000.1", NOON)
    await casebook.keep(a_turn(letters=(a_letter(),)))

    assert await casebook.waiting() == ()


async def test_letters_are_asked_for_by_thread(casebook: SqliteCasebook) -> None:
    """The letters of a thread are those of that thread, oldest first."""
    other = ThreadKey("C2/9")
    letters = (a_letter("b"), a_letter("x", other), a_letter("a"))
    await casebook.keep(a_turn(letters=letters))

    assert [letter.key for letter in await casebook.waiting()] == ["b", "x", "a"]
    assert [letter.key for letter in await casebook.waiting(THREAD)] == ["b", "a"]
    assert [letter.key for letter in await casebook.waiting(other)] == ["x"]


async def test_odd_ids_are_ids(casebook: SqliteCasebook) -> None:
    """An id with half a surrogate pair is stored and found again."""
    thread = ThreadKey("C\ud800")
    await casebook.receive(a_received("Ev\udfff", thread))
    await casebook.keep(a_turn(handled="Ev\udfff", letters=(a_letter("k\ud800", thread),)))

    assert not await casebook.unhandled()
    assert len(await casebook.waiting(thread)) == 1


async def test_what_is_said_without_a_case_is_stored_with_its_event(
    casebook: SqliteCasebook,
) -> None:
    """The event is done with and its letters wait, in one transaction; a repeat adds none."""
    await casebook.receive(a_received())
    await casebook.done("Ev1", NOON, [a_letter("Ev1/0"), a_letter("Ev1/1")])
    await casebook.done("Ev1", NOON, [a_letter("Ev1/0")])

    assert await casebook.unhandled() == ()
    assert [letter.key for letter in await casebook.waiting()] == ["Ev1/0", "Ev1/1"]


async def test_letter_keeps_the_turn_that_its_buttons_belong_to(casebook: SqliteCasebook) -> None:
    """The revision comes back with the letter."""
    letter = replace(a_letter(), revision=7)
    await casebook.keep(a_turn(letters=(letter,)))

    assert await casebook.waiting() == (letter,)


async def test_failed_letter_is_done_with(casebook: SqliteCasebook) -> None:
    """What can never be delivered waits no more; what was sent stays sent."""
    await casebook.keep(a_turn(letters=(a_letter("a"), a_letter("b"))))
    await casebook.failed("a", "channel_not_found", NOON)
    await casebook.sending("a", NOON)
    await casebook.sent("b", "1700.2", NOON)
    await casebook.failed("b", "too late", NOON)
    newest = await casebook.newest(THREAD)

    assert await casebook.waiting() == ()
    assert newest is not None
    assert (newest.key, newest.state) == ("b", "sent")


async def test_newest_letter_is_the_last_one_delivered(casebook: SqliteCasebook) -> None:
    """Of the thread, and of the tone that is asked for; what still waits does not count."""
    working = replace(a_letter("w"), reply=Reply(title="a look", tone=Tone.WORKING))
    letters = (working, a_letter("a"), a_letter("b"), a_letter("x", ThreadKey("C2/9")))
    none_yet = await casebook.newest(THREAD)
    await casebook.keep(a_turn(letters=letters))
    for key in ("w", "a", "x"):
        await casebook.sent(key, f"ref:{key}", NOON)
    newest = await casebook.newest(THREAD)
    of_tone = await casebook.newest(THREAD, Tone.WORKING)

    assert none_yet is None
    assert newest is not None
    assert (newest.key, newest.reference) == ("a", "ref:a")
    assert of_tone is not None
    assert of_tone.key == "w"
    assert await casebook.newest(THREAD, Tone.BAD) is None


async def test_damaged_letter_is_told_with_its_key(casebook: SqliteCasebook, path: Path) -> None:
    """A letter that cannot be read is named, with the cure."""
    await casebook.keep(a_turn(letters=(a_letter(),)))
    other = sqlite3.connect(path)
    other.execute("UPDATE outbox SET payload = 'x'")
    other.commit()
    other.close()

    with pytest.raises(StoreError, match="The letter Ev1/0 cannot be read"):
        await casebook.waiting()


async def test_thread_is_known_by_its_case_or_by_what_will_open_one(
    casebook: SqliteCasebook,
) -> None:
    """An event that is done with and opened nothing makes no thread ours."""
    unknown = await casebook.knows(THREAD)
    await casebook.receive(a_received())
    expected = await casebook.knows(THREAD)
    await casebook.done("Ev1", NOON)
    small_talk = await casebook.knows(THREAD)
    await casebook.keep(a_turn())

    assert (unknown, expected, small_talk) == (False, True, False)
    assert await casebook.knows(THREAD)
    assert not await casebook.knows(ThreadKey("C2/9"))


async def test_event_is_there_whether_handled_or_not(casebook: SqliteCasebook) -> None:
    """An id is known from its receipt on, until it is tidied away."""
    before = await casebook.has("Ev1")
    await casebook.receive(a_received())
    received = await casebook.has("Ev1")
    await casebook.done("Ev1", NOON)

    assert (before, received, await casebook.has("Ev1")) == (False, True, True)


async def test_cases_that_wait_for_a_check(casebook: SqliteCasebook) -> None:
    """The oldest is first, and a case that has gone on is not among them."""
    waiting = replace(a_session(), state=State.CHECKING)
    kept = [await casebook.keep(a_turn(waiting)) for _ in range(3)]
    await casebook.keep(a_turn())
    await casebook.keep(a_turn(replace(kept[1], state=State.ASKING, revision=2)))

    assert [session.case for session in await casebook.checking()] == ["1", "3"]


async def test_tidying_takes_what_has_served_its_time(casebook: SqliteCasebook) -> None:
    """Handled events go after a week, in batches; one that was never handled is not lost."""
    for number in range(502):
        await casebook.receive(a_received(f"Ev{number}"))
        if number:
            await casebook.done(f"Ev{number}", NOON)
    week = timedelta(days=7)
    early = await casebook.tidy(NOON + week - timedelta(seconds=1))
    gone = [await casebook.tidy(NOON + week) for _ in range(3)]

    assert early == 0
    assert gone == [500, 1, 0]
    assert [event.event_id for event in await casebook.unhandled()] == ["Ev0"]
