"""The shape of the files under `knowledge/trees/`: nodes, the ways between them, questions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.model.codes import Code
from bot.model.complaint import Intent
from bot.model.reply import FieldKind

__all__ = ["Choice", "Go", "Node", "NodeKind", "Question", "QuestionField", "Tree"]


class NodeKind(StrEnum):
    """What happens at a node."""

    ASK = "ask"  # one of `questions` is asked, the most telling first, till all are known
    CHECK = "check"  # the server is looked at; `go` decides by the verdict
    ADVISE = "advise"  # advice for the cause, the node's own or the diagnosed one
    HAND_OVER = "hand_over"  # a person takes over


@dataclass(frozen=True, slots=True, kw_only=True)
class Go:
    """One way on. `when` are codes, groups (`tls.*`) or `*`; the first that fits is taken.

    At an ask node `when` are `question=choice` pairs that must all hold, or `*`.
    """

    when: tuple[str, ...]
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A node of a tree. `to` names nodes as `node` (same tree) or `tree/node`.

    `claims` are the numbers S01 to S77 of docs/source-review.md that it comes from; `corrects` says
    in a sentence what it says differently from the claim, and why.
    """

    kind: NodeKind
    claims: tuple[str, ...]
    questions: tuple[str, ...] = ()  # ask
    go: tuple[Go, ...] = ()  # check and ask
    unknown: str | None = None  # check: where to go while no server is known
    cause: Code | None = None  # advise: this cause, whatever else was found
    otherwise: str | None = None  # advise: where to go if it did not help
    text: str | None = None  # hand_over: id of a text
    corrects: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """A decision tree: one symptom or one class of issue."""

    id: str
    title: str
    start: str
    node: Mapping[str, Node]
    intents: tuple[Intent, ...] = ()  # complaints that begin here


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """An answer to a question. `means` weighs the causes that the answer speaks for (0..1).

    `says` are the words by which the answer is known in free text, lower case.
    """

    id: str
    label: str
    means: Mapping[Code, float] = field(default_factory=dict)
    says: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionField:
    """A blank of a question that asks for words: id `host port security client error email`."""

    id: str
    label: str
    kind: FieldKind = FieldKind.TEXT


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question. `slot` is the part of a complaint that answers it: when known, never asked.

    Slots: `provider`, `client`, `error` (any code or a narrow intent), `server` (host, or a
    provider that we know), `security`. `dont_know` adds the "I don't know" option.
    """

    id: str
    text: str
    claims: tuple[str, ...]
    slot: str | None = None
    choices: tuple[Choice, ...] = ()
    fields: tuple[QuestionField, ...] = ()
    dont_know: bool = True
