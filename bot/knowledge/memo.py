"""What is worked out of the knowledge once and looked up many times."""

from collections.abc import Callable
from typing import Generic, TypeVar

from bot.knowledge.schema import Knowledge

__all__ = ["OncePerKnowledge"]

T = TypeVar("T")

# The one in use, the one that a reload brings, and room for tests: old ones must not pile up.
_KEPT = 4


class OncePerKnowledge(Generic[T]):
    """A function of the knowledge that is computed once for each knowledge and then remembered.

    It is told apart by identity, since two folders may bear one version in a test.
    """

    def __init__(self, build: Callable[[Knowledge], T]) -> None:
        self._build = build
        self._known: dict[int, tuple[Knowledge, T]] = {}

    def __call__(self, knowledge: Knowledge) -> T:
        """`build(knowledge)`, possibly from memory."""
        known = self._known.get(id(knowledge))
        if known is not None:
            return known[1]
        built = self._build(knowledge)
        if len(self._known) >= _KEPT:
            self._known = {}
        self._known[id(knowledge)] = (knowledge, built)  # kept alive, so that its id stays its own
        return built
