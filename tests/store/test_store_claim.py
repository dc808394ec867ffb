"""One process of a machine may take up what another one left."""

import asyncio
from pathlib import Path

import pytest

from bot.store import claim as claim_module
from bot.store.claim import Claim


async def test_claim_is_held_by_one_at_a_time(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second one waits until the first lets go; who holds it may ask again."""
    monkeypatch.setattr(claim_module, "_LOOK", 0.005)
    first, second = Claim(path), Claim(path)
    await first.wait()
    taken = (first.take(), second.take())
    waiting = asyncio.create_task(second.wait())
    await asyncio.wait({waiting}, timeout=0.03)
    waited = not waiting.done()
    first.release()
    first.release()
    async with asyncio.timeout(10):
        await waiting
    theirs = first.take()
    second.release()
    first.release()

    assert taken == (True, False)
    assert waited
    assert not theirs


def test_claims_on_two_stores_are_two(path: Path) -> None:
    """Another database is another claim."""
    one, other = Claim(path), Claim(path.with_name("other.db"))
    taken = (one.take(), other.take())
    one.release()
    other.release()

    assert taken == (True, True)
