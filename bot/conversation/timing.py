"""How long a silent person is waited for."""

from datetime import timedelta

__all__ = ["FIRST_REMINDER", "GIVE_UP"]

FIRST_REMINDER = timedelta(hours=24)  # a fix is often tried the next morning
GIVE_UP = timedelta(days=3)  # after the reminder: a weekend and a day
