"""What can go wrong at the desk's edges; each says the fact, the place or the cure."""

from datetime import timedelta

__all__ = [
    "CaseNotFoundError",
    "DeliveryError",
    "NotNowError",
    "RefusedError",
    "StaleTurnError",
    "StoreError",
    "UnclearError",
    "UndeliverableError",
]


class StoreError(Exception):
    """The store cannot be read or written: disk full, locked, damaged. Says the cure."""


class StaleTurnError(StoreError):
    """Another turn of the same case was stored first, so this one was not; nothing has changed."""


class CaseNotFoundError(Exception):
    """There is no case of that id."""

    def __init__(self, case: str) -> None:
        super().__init__(f"There is no case {case}.")
        self.case = case


class DeliveryError(Exception):
    """A letter was not delivered, as far as can be told."""


class NotNowError(DeliveryError):
    """It was not delivered and may be tried again after `wait`."""

    def __init__(self, because: str, wait: timedelta) -> None:
        super().__init__(because)
        self.wait = wait


class UnclearError(DeliveryError):
    """Nobody knows: it went out and no answer came. It is to be looked for before a repeat."""


class UndeliverableError(DeliveryError):
    """It will never be delivered: the thread is gone or closed to us."""


class RefusedError(Exception):
    """The transport does not let us in: which setting, the reason it gives, the cure."""

    def __init__(self, setting: str, named: str, cure: str) -> None:
        super().__init__(f"{setting}: it is refused ({named}); {cure}")
