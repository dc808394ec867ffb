"""Letters go out in their order, each of them once, whatever happens on the way."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from factories import NOON, a_letter
from voices import Voice

from bot.desk import post as post_module
from bot.desk.clock import SystemClock
from bot.desk.errors import DeliveryError, NotNowError, StoreError, UnclearError, UndeliverableError
from bot.desk.ports import Letter
from bot.desk.post import Post
from bot.model.case import ThreadKey
from bot.store.casebook import SqliteCasebook

ONE, TWO = ThreadKey("C1/1"), ThreadKey("C2/2")
SETTLING = timedelta(milliseconds=60)


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits that a test can afford."""
    monkeypatch.setattr(post_module, "_SETTLING", SETTLING)
    monkeypatch.setattr(post_module, "_FIRST_WAIT", timedelta(milliseconds=2))
    monkeypatch.setattr(post_module, "_LONGEST_WAIT", timedelta(milliseconds=8))


@pytest.fixture
async def post(casebook: SqliteCasebook, voice: Voice, clock: SystemClock) -> AsyncIterator[Post]:
    """A post for the letters of the casebook."""
    made = Post(casebook, voice, clock)
    yield made
    await made.close()


async def stored(casebook: SqliteCasebook, *letters: Letter) -> tuple[Letter, ...]:
    """The letters, once they are in the outbox."""
    await casebook.done("nobody", NOON, letters)
    return letters


async def states(casebook: SqliteCasebook) -> dict[str, str]:
    """The letters that are not done with, by key."""
    return {letter.key: letter.state for letter in await casebook.waiting()}


async def test_letters_of_a_thread_keep_their_order(
    post: Post, casebook: SqliteCasebook, voice: Voice
) -> None:
    """The first is delivered before the second is tried, also where they come one by one."""
    letters = await stored(casebook, *(a_letter(f"e/{number}", ONE) for number in range(5)))
    voice.troubles["e/0"] = [NotNowError("slow down", timedelta(milliseconds=5))]
    post.send(letters[:3])
    post.send(letters[3:])
    await post.settle(ONE)

    assert voice.tried == ["e/0", "e/0", "e/1", "e/2", "e/3", "e/4"]
    assert voice.keys == ["e/0", "e/1", "e/2", "e/3", "e/4"]
    assert await casebook.waiting() == ()


async def test_threads_do_not_wait_for_each_other(
    post: Post, casebook: SqliteCasebook, voice: Voice
) -> None:
    """A letter that hangs in one thread holds up none of another."""
    voice.closed[ONE] = asyncio.Event()
    post.send(await stored(casebook, a_letter("a", ONE), a_letter("b", TWO)))
    await post.settle(TWO)
    first = list(voice.keys)
    voice.closed[ONE].set()
    await post.settle(ONE)

    assert first == ["b"]
    assert voice.keys == ["b", "a"]


async def test_nothing_to_settle_is_settled(post: Post) -> None:
    """A thread without letters is at rest."""
    await post.settle(ONE)
    await post.flush(timedelta(seconds=1))


async def test_letter_that_is_handed_in_twice_goes_out_once(
    post: Post, casebook: SqliteCasebook, voice: Voice
) -> None:
    """Whoever reads the outbox may find a letter that is on its way, or was when they looked."""
    letters = await stored(casebook, a_letter("a", ONE))
    post.send(letters)
    post.send(await casebook.waiting())
    await post.settle(ONE)
    post.send(letters)
    await post.settle(ONE)

    assert voice.tried == ["a"]


async def test_not_now_waits_and_then_sends_once(
    post: Post, casebook: SqliteCasebook, voice: Voice
) -> None:
    """A refusal for now is obeyed for as long as it says, and nothing is looked for."""
    wait = timedelta(milliseconds=80)
    voice.troubles["a"] = [NotNowError("ratelimited", wait)]
    loop = asyncio.get_running_loop()
    began = loop.time()
    post.send(await stored(casebook, a_letter("a", ONE)))
    await post.settle(ONE)

    assert loop.time() - began >= wait.total_seconds()
    assert voice.tried == ["a", "a"]
    assert voice.keys == ["a"]
    assert voice.looked_for == []


async def test_passing_trouble_is_tried_again(
    post: Post, casebook: SqliteCasebook, voice: Voice
) -> None:
    """A refusal that says nothing of time is tried again until it works."""
    voice.troubles["a"] = [DeliveryError("internal_error") for _ in range(4)]
    post.send(await stored(casebook, a_letter("a", ONE)))
    await post.settle(ONE)

    assert voice.tried == ["a"] * 5
    assert voice.keys == ["a"]
    assert voice.looked_for == []
    assert await casebook.waiting() == ()


async def test_letter_that_arrived_unseen_is_not_sent_again(
    post: Post, casebook: SqliteCasebook, voice: Voice
) -> None:
    """Where the answer was lost the letter is looked for, found, and marked as sent."""
    voice.troubles["a"] = [UnclearError("cut off")]
    voice.arrives.add("a")
    post.send(await stored(casebook, a_letter("a", ONE), a_letter("b", ONE)))
    await post.settle(ONE)
    newest = await casebook.newest(ONE)

    assert voice.tried == ["a", "b"]
    assert voice.keys == ["a", "b"]
    assert voice.looked_for == ["a"]
    assert await casebook.waiting() == ()
    assert newest is not None
    assert newest.reference == "ref:b"


async def test_letter_that_did_not_arrive_is_sent_again(
    post: Post, casebook: SqliteCasebook, voice: Voice
) -> None:
    """Where it is not found it is sent, and looked for again before each further repeat."""
    voice.troubles["a"] = [UnclearError("cut off"), DeliveryError("internal_error")]
    post.send(await stored(casebook, a_letter("a", ONE)))
    await post.settle(ONE)

    assert voice.tried == ["a"] * 3
    assert voice.looked_for == ["a", "a"]
    assert voice.keys == ["a"]


async def test_letter_is_not_sent_while_it_cannot_be_looked_for(
    post: Post, casebook: SqliteCasebook, voice: Voice
) -> None:
    """Not knowing whether it arrived, the post waits until it can be told."""
    voice.troubles["a"] = [UnclearError("cut off")]
    voice.arrives.add("a")
    voice.not_found_yet["a"] = [NotNowError("ratelimited", timedelta()), DeliveryError("5xx")]
    post.send(await stored(casebook, a_letter("a", ONE)))
    await post.settle(ONE)

    assert voice.tried == ["a"]
    assert voice.looked_for == ["a"] * 3
    assert voice.keys == ["a"]


async def test_undeliverable_letter_does_not_stop_the_later_ones(
    post: Post, casebook: SqliteCasebook, voice: Voice
) -> None:
    """It is marked as failed, is not tried again, and the thread goes on."""
    voice.troubles["a"] = [UndeliverableError("channel_not_found")]
    post.send(await stored(casebook, a_letter("a", ONE), a_letter("b", ONE)))
    await post.settle(ONE)

    assert voice.tried == ["a", "b"]
    assert voice.keys == ["b"]
    assert await casebook.waiting() == ()


@pytest.mark.parametrize("arrived", [True, False])
async def test_letter_of_a_killed_process_is_looked_for_first(
    post: Post, casebook: SqliteCasebook, voice: Voice, clock: SystemClock, *, arrived: bool
) -> None:
    """What was being sent when the process died is sent only where it is not there."""
    letters = await stored(casebook, a_letter("a", ONE))
    await casebook.sending("a", clock.now())
    if arrived:
        voice.said += letters
    post.send(await casebook.waiting())
    await post.settle(ONE)

    assert voice.looked_for == ["a"]
    assert voice.tried == ([] if arrived else ["a"])
    assert voice.keys == ["a"]
    assert await casebook.waiting() == ()


@pytest.mark.parametrize(("since", "waits"), [(timedelta(), True), (SETTLING, False)])
async def test_request_that_was_cut_off_is_given_time(
    post: Post, voice: Voice, clock: SystemClock, *, since: timedelta, waits: bool
) -> None:
    """A letter is not looked for while the request that was cut off may still be at work."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    tried: datetime = clock.now() - since
    post.send([replace(a_letter("a", ONE), state="sending", tried=tried)], stored=False)
    await post.settle(ONE)

    assert (loop.time() - began >= SETTLING.total_seconds() * 0.9) is waits
    assert voice.keys == ["a"]


async def test_old_letter_without_a_time_is_looked_for_at_once(post: Post, voice: Voice) -> None:
    """A letter that an older version was sending says not when."""
    post.send([replace(a_letter("a", ONE), state="sending")], stored=False)
    await post.settle(ONE)

    assert voice.looked_for == voice.tried == ["a"]


class FullOutbox(SqliteCasebook):
    """A store that can be read, and whose outbox takes nothing in."""

    async def sending(self, key: str, at: datetime) -> None:
        """Refuses."""
        raise StoreError(f"no room for {key} at {at}")

    async def sent(self, key: str, reference: str, at: datetime) -> None:
        """Refuses."""
        raise StoreError(f"no room for {key}, {reference} at {at}")

    async def failed(self, key: str, because: str, at: datetime) -> None:
        """Refuses."""
        raise StoreError(f"no room for {key}, {because} at {at}")


async def test_letter_that_was_never_stored_goes_out_all_the_same(
    post: Post, casebook: SqliteCasebook, voice: Voice
) -> None:
    """Where the disk was full the letter is in no outbox, and is said, or given up, like others."""
    voice.troubles["a"] = [UndeliverableError("is_archived")]
    post.send([a_letter("a", ONE), a_letter("b", ONE)], stored=False)
    await post.settle(ONE)

    assert voice.keys == ["b"]
    assert await casebook.newest(ONE) is None


async def test_outbox_that_cannot_be_written_holds_up_no_letter(
    voice: Voice, clock: SystemClock, tmp_path: Path
) -> None:
    """A disk that fills up after the letter was stored does not keep it from being said once."""
    book = await FullOutbox.open(tmp_path / "full.db")
    post = Post(book, voice, clock)
    voice.troubles["a"] = [UndeliverableError("is_archived")]
    post.send(await stored(book, a_letter("a", ONE), a_letter("b", ONE)))
    await post.settle(ONE)
    left = await states(book)
    await book.close()

    assert voice.tried == ["a", "b"]
    assert voice.keys == ["b"]
    assert left == {"a": "pending", "b": "pending"}


async def test_flush_leaves_what_is_undelivered_in_the_outbox(
    post: Post, casebook: SqliteCasebook, voice: Voice
) -> None:
    """At the end of its time the rest stays stored: on its way, or not yet begun."""
    voice.closed[ONE] = asyncio.Event()
    letters = await stored(casebook, a_letter("a", ONE), a_letter("b", ONE), a_letter("c", TWO))
    post.send(letters)
    await voice.was_tried.wait()
    await post.settle(TWO)
    await post.flush(timedelta(milliseconds=5))

    assert voice.keys == ["c"]
    assert await states(casebook) == {"a": "sending", "b": "pending"}


async def test_flush_ends_as_soon_as_all_is_delivered(
    post: Post, casebook: SqliteCasebook, voice: Voice
) -> None:
    """Letters that can go out go out, and nobody waits longer than for them."""
    letters = await stored(casebook, a_letter("a", ONE), a_letter("b", TWO))
    post.send(letters)
    async with asyncio.timeout(10):
        await post.flush(timedelta(seconds=60))

    assert sorted(voice.keys) == ["a", "b"]
    assert await states(casebook) == {}
