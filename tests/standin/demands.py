"""What a test wants to go wrong, on the Web API and on the sockets."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from standin.bench import Bench
from standin.deliveries import Delivery
from standin.faults import Fault

__all__ = ["Demands"]


class Demands(Bench):
    """Faults on demand. Several for one method happen one after the other."""

    def limit(self, method: str, *, retry_after: int = 1, times: int = 1) -> None:
        """The next calls get 429; to call again earlier than told is a violation."""
        self._faults.plan(method, Fault(times, retry_after=retry_after))

    def fail(
        self, method: str, *, status: int = 500, times: int = 1, after_effect: bool = False
    ) -> None:
        """The next calls get an HTTP error, on demand after they have done their work."""
        self._faults.plan(method, Fault(times, status=status, after_effect=after_effect))

    def slow(self, method: str, seconds: float, *, times: int = 1) -> None:
        """The next calls are answered late, and do their work late."""
        self._faults.plan(method, Fault(times, wait=seconds))

    def cut(self, method: str, *, times: int = 1, after_effect: bool = True) -> None:
        """The next calls lose their connection in place of an answer."""
        self._faults.plan(method, Fault(times, is_cut=True, after_effect=after_effect))

    def answer(self, method: str, *, error: str, times: int = 1) -> None:
        """The next calls get this error of Slack's."""
        self._faults.plan(method, Fault(times, error=error))

    @contextmanager
    def tolerating(self, *words: str) -> Iterator[None]:
        """Violations that contain one of `words` are not recorded inside."""
        with self._journal.tolerating(*words):
            yield

    @property
    def duplicate(self) -> int:
        """How often each event is sent, in parallel."""
        return self._deliveries.duplicate

    @duplicate.setter
    def duplicate(self, times: int) -> None:
        self._deliveries.duplicate = times

    def delay(self, seconds: float) -> None:
        """Every delivery from now on is sent that much later."""
        self._deliveries.pause = seconds

    def hold(self) -> None:
        """Keeps deliveries back; interactions then return before they are acknowledged."""
        self._deliveries.hold()

    async def release(self, order: Sequence[int] | str | None = None) -> None:
        """Sends what was kept: as it came, "reversed", or the positions in that order."""
        await self._deliveries.release(order)

    def lose_acks(self, times: int) -> None:
        """Ignores the acknowledgements of the next envelopes; events come again."""
        self._deliveries.lost_acks = times

    async def redeliver(self, delivery: Delivery, *, socket: int | None = None) -> Delivery:
        """Sends the payload once more, in a new envelope; waits for its acknowledgement."""
        again = self._deliveries.again(delivery, socket)
        await again.settled.wait()
        return again

    async def disconnect(self, reason: str) -> None:
        """Asks for new connections: warning, refresh_requested or link_disabled."""
        await self._sockets.disconnect(reason)

    async def drop_sockets(self) -> None:
        """All sockets break, with no word of farewell."""
        self._sockets.drop()

    def freeze_sockets(self) -> None:
        """All open sockets become half open: nothing is sent, read or answered any more."""
        self._sockets.freeze()

    def thaw(self) -> None:
        """Ends that."""
        self._sockets.thaw()

    def refuse_connections(self, times: int) -> None:
        """The next attempts to connect fail, be it the asking for an address or the upgrade."""
        self._sockets.refusals = times
