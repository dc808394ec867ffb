"""The right to take up what an interrupted process left, held by one process of this machine.

During an upgrade the new process serves beside the old one. What is on its way then belongs to the
old one until it ends, and the system lets go of its lock even when it is killed.
"""

import asyncio
import fcntl
from pathlib import Path
from typing import IO

__all__ = ["Claim"]

_LOOK = 0.5  # seconds between two tries


class Claim:
    """A lock on a file beside the database; the system releases it when the process ends."""

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(f"{database.name}-serve")
        self._file: IO[bytes] | None = None

    def take(self) -> bool:
        """Whether the right is ours now."""
        if self._file is None:
            self._file = self._path.open("ab")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    async def wait(self) -> None:
        """Returns when the right is ours; there is no event to wait for but the lock itself."""
        is_ours = self.take()
        while not is_ours:
            await asyncio.sleep(_LOOK)
            is_ours = self.take()

    def release(self) -> None:
        """Lets the next process have it."""
        if self._file is not None:
            self._file.close()
            self._file = None
