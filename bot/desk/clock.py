"""The time of day, which a script may push forward."""

from datetime import UTC, datetime, timedelta

__all__ = ["SystemClock"]


class SystemClock:
    """The system's time in UTC, plus what it was pushed forward."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> datetime:
        """The time in UTC."""
        return datetime.now(UTC) + self._ahead

    def advance(self, by: timedelta) -> None:
        """Moves the time forward; nothing sleeps."""
        self._ahead += by
