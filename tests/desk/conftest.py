"""A store on disk, somebody who hears the desk, and desks between them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from voices import OpenDesk, Voice

from bot.desk.clock import SystemClock
from bot.desk.desk import Desk
from bot.knowledge.schema import Knowledge
from bot.probes.prober import NetworkProber
from bot.store.casebook import SqliteCasebook


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the store lives."""
    return tmp_path / "cases.db"


@pytest.fixture
async def casebook(path: Path) -> AsyncIterator[SqliteCasebook]:
    """A store on disk."""
    book = await SqliteCasebook.open(path)
    yield book
    await book.close()


@pytest.fixture
async def voice() -> Voice:
    """Who hears the desk."""
    return Voice()


@pytest.fixture
def clock() -> SystemClock:
    """The system's time."""
    return SystemClock()


@pytest.fixture
async def open_desk(
    prober: NetworkProber,
    knowledge: Knowledge,
    voice: Voice,
    clock: SystemClock,
    casebook: SqliteCasebook,
) -> AsyncIterator[OpenDesk]:
    """Opens desks that stop before the store is closed."""
    assert casebook is not None
    opener = OpenDesk(prober, knowledge, voice, clock)
    yield opener
    for desk in opener.opened:
        await desk.stop()


@pytest.fixture
async def desk(open_desk: OpenDesk, casebook: SqliteCasebook) -> Desk:
    """A desk on the store."""
    return open_desk(casebook)
