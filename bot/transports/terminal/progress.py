"""The live progress of a check: a line as each stage ends, erased when the verdict comes."""

from collections.abc import Mapping
from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from bot.diagnosis.proof import mark, proof
from bot.model.evidence import Failed, Observation, Skipped, StageEvent
from bot.model.foreign import printable

__all__ = ["Progress", "proof_line"]

_STYLES = {Failed: "red", Skipped: "dim"}


def proof_line(seen: Observation, texts: Mapping[str, str], *, with_place: bool = True) -> Text:
    """What was seen, marked and in colour."""
    told = printable(proof(seen, texts, with_place=with_place), keep="")
    return Text.assemble((f"  {mark(seen)} ", _STYLES.get(type(seen), "green")), told)


class Progress:
    """Shows stages on a screen as they end; on anything but a screen it stays silent."""

    def __init__(self, console: Console, texts: Mapping[str, str]) -> None:
        self._console = console
        self._texts = texts
        self._live: Live | None = None
        self._lines: list[Text] = []

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Begins to show; on anything but a screen nothing happens."""
        if self._console.is_terminal and self._live is None:
            self._lines = []
            self._live = Live(self._picture(), console=self._console, transient=True)
            self._live.start()

    def stop(self) -> None:
        """Erases what was shown."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _picture(self) -> Group:
        return Group(*self._lines, Spinner("dots", style="dim"))

    def __call__(self, event: StageEvent) -> None:
        """Shows a stage that has ended."""
        if self._live is not None and not isinstance(event.observation, Skipped):
            self._lines.append(proof_line(event.observation, self._texts))
            self._live.update(self._picture())
