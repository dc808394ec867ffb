"""The inbox and the outbox: nothing twice, nothing lost."""

from dataclasses import replace
from datetime import timedelta

from factories import NOON, THREAD, a_letter, a_received, a_turn

from bot.model.case import ThreadKey
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
    await casebook.handled("a", NOON)
    await casebook.handled("nobody", NOON)

    assert [event.event_id for event in await casebook.unhandled()] == ["c", "b"]


async def test_a_handled_event_is_still_known(casebook: SqliteCasebook) -> None:
    """Redelivery after the turn has ended changes nothing either."""
    await casebook.receive(a_received())
    await casebook.handled("Ev1", NOON)

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
    await casebook.sending("Ev1/0")
    await casebook.sending("Ev1/0")
    tried = await casebook.waiting()
    await casebook.sent("Ev1/0", "170000.1", NOON + timedelta(seconds=1))
    await casebook.sending("Ev1/0")

    assert waiting == (a_letter(),)
    assert tried == (replace(a_letter(), state="sending", attempts=2),)
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
