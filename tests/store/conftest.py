"""A casebook on a file of its own for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.store.casebook import SqliteCasebook


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the casebook lives."""
    return tmp_path / "cases.db"


@pytest.fixture
async def casebook(path: Path) -> AsyncIterator[SqliteCasebook]:
    """An empty casebook that is closed after the test."""
    book = await SqliteCasebook.open(path)
    yield book
    await book.close()
