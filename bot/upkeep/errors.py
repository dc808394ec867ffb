"""What is said when knowledge cannot be used: the file, the place in it, the fault, the cure."""

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["KnowledgeError", "did_you_mean", "one_line"]


class KnowledgeError(Exception):
    """Knowledge that cannot be read. Its text is one line that says what to write instead.

    `trees/cannot-send.toml: node.ask-port.kind: "aks" is not known (did you mean "ask"?)`
    """

    def __init__(self, file: str, key: str, problem: str, cure: str) -> None:
        super().__init__(one_line(file, key, problem, cure))
        self.file = file
        self.key = key
        self.problem = problem
        self.cure = cure


def one_line(file: str, key: str, problem: str, cure: str) -> str:
    """The parts as one line; empty ones are left out."""
    place = ": ".join(part for part in (file, key, problem) if part)
    line = f"{place} ({cure})" if cure else place
    return " ".join(line.split())


def did_you_mean(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """The cure for a misspelt `word`: the nearest of `known`, else `otherwise`."""
    nearest = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f'did you mean "{nearest[0]}"?' if nearest else otherwise
