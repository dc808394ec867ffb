"""How many servers one person may have looked at, and a line in the log for each that was asked.

Without a limit anybody in the workspace could have a network searched from where the bot runs.
"""

import logging
from collections import defaultdict
from datetime import datetime, timedelta

from bot.model.codes import Code
from bot.model.evidence import Evidence
from bot.model.target import Mailbox, Target, Unusable

__all__ = ["Allowance", "TooManyTargetsError", "log_refusal"]

_HOUR = timedelta(hours=1)
_log = logging.getLogger(__name__)

Server = tuple[str, int | None]


class TooManyTargetsError(Exception):
    """A person has had as many servers looked at as one may; `again` says how soon one more."""

    def __init__(self, count: int, again: timedelta) -> None:
        super().__init__(f"{count} servers within an hour, one more in {again}")
        self.count = count
        self.again = again


class Allowance:
    """New servers per person and hour; `per_hour` None: as many as they like.

    Kept in memory: a restart forgets it, which costs us ten checks.
    """

    def __init__(self, per_hour: int | None = None) -> None:
        self._per_hour = per_hour
        self._asked: defaultdict[str, dict[Server, datetime]] = defaultdict(dict)

    def admit(self, by: str, asked: Target | Mailbox, at: datetime, *, is_shared: bool) -> None:
        """Lets a check pass, and counts it where it is new. Raises TooManyTargetsError.

        A server that the person has asked about within the hour is not new, and one that others
        are having looked at (`is_shared`) costs nobody anything.
        """
        server = _server(asked)
        named = {"by": by, "host": server[0], "port": server[1]}
        mine = self._within_the_hour(by, at)
        if not is_shared and server not in mine and self._is_full(mine):
            again = min(mine.values()) + _HOUR - at
            _log.info("check refused", extra=named | {"because": "the limit of an hour"})
            raise TooManyTargetsError(len(mine), again)
        if not is_shared:
            mine.setdefault(server, at)
        _log.info("check", extra=named | {"shared": is_shared})

    def _is_full(self, mine: dict[Server, datetime]) -> bool:
        return self._per_hour is not None and len(mine) >= self._per_hour

    def _within_the_hour(self, by: str, at: datetime) -> dict[Server, datetime]:
        for person in [who for who, asked in self._asked.items() if _is_over(asked, at)]:
            del self._asked[person]
        mine = {server: when for server, when in self._asked[by].items() if at - when < _HOUR}
        self._asked[by] = mine
        return mine


def log_refusal(by: str, asked: Unusable | Evidence) -> None:
    """Notes what policy refused to whom, if anything: before a look-up, or by what it gave."""
    if isinstance(asked, Unusable):
        named = {"by": by, "host": asked.host, "port": asked.port}
        _log.info("check refused", extra=named | {"because": asked.code})
        return
    for failed in asked.failures():
        if failed.code in {Code.POLICY_ADDRESS_NOT_ALLOWED, Code.POLICY_PORT_NOT_ALLOWED}:
            _log.info("check refused", extra={"by": by, "because": failed.said})


def _server(asked: Target | Mailbox) -> Server:
    if isinstance(asked, Mailbox):
        return asked.domain, None
    return asked.host, asked.port


def _is_over(asked: dict[Server, datetime], at: datetime) -> bool:
    return all(at - when >= _HOUR for when in asked.values())
