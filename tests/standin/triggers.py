"""Words that are good once and for a short time: trigger ids and response addresses."""

import itertools
import secrets
from dataclasses import dataclass

from standin.journal import Clock
from standin.workspace import Ephemeral, Message

__all__ = ["ResponseUrl", "ResponseUrls", "Triggers"]


class Triggers:
    """Trigger ids: three seconds, one use (docs.slack.dev/reference/methods/views.open)."""

    LIFE = 3.0

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._numbers = itertools.count(1)
        self._issued: dict[str, tuple[float, str]] = {}
        self._used: set[str] = set()

    def issue(self, user: str) -> str:
        """A new one, for an action of that person."""
        word = f"{next(self._numbers)}.4242.{secrets.token_hex(16)}"
        self._issued[word] = (self._clock(), user)
        return word

    def exchange(self, word: object) -> tuple[str | None, str]:
        """Slack's error, if any, and the person."""
        if not isinstance(word, str) or word not in self._issued:
            return "invalid_trigger_id", ""
        issued_at, user = self._issued[word]
        if word in self._used:
            return "exchanged_trigger_id", user
        if self._clock() - issued_at > self.LIFE:
            return "expired_trigger_id", user
        self._used.add(word)
        return None, user


@dataclass(eq=False)
class ResponseUrl:
    """Where an answer to one interaction may go, and what it answers."""

    user: str
    channel: str
    issued_at: float
    source: Message | Ephemeral | None  # None for a command: its message is the person's
    uses: int = 0


class ResponseUrls:
    """Five uses within 30 minutes (docs.slack.dev/interactivity/handling-user-interaction)."""

    USES, LIFE = 5, 30 * 60.0

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._issued: dict[str, ResponseUrl] = {}

    def issue(self, user: str, channel: str, source: Message | Ephemeral | None) -> str:
        """The last part of a new address."""
        word = secrets.token_hex(12)
        self._issued[word] = ResponseUrl(user, channel, self._clock(), source)
        return word

    def use(self, word: str) -> tuple[str | None, ResponseUrl | None]:
        """Slack's error, if any, and what the address stands for; counts."""
        found = self._issued.get(word)
        if found is None:
            return "invalid_url", None
        found.uses += 1
        if self._clock() - found.issued_at > self.LIFE:
            return "expired_url", found
        return ("used_url" if found.uses > self.USES else None), found
