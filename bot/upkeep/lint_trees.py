"""Faults of trees: dead ends, orphans, conditions that can never hold."""

from collections.abc import Iterator, Mapping
from itertools import chain

from bot.knowledge.schema import Knowledge
from bot.knowledge.trees import Go, Node, NodeKind, Tree
from bot.model.codes import Code, group_of
from bot.upkeep.errors import did_you_mean
from bot.upkeep.faults import Fault, problem, unknown_name, warning
from bot.upkeep.lint_claims import claim_faults

__all__ = ["tree_faults"]

_ALWAYS = "*"
_DONT_KNOW = "dont_know"
_GROUPS = frozenset(group_of(code) for code in Code)


def tree_faults(knowledge: Knowledge) -> Iterator[Fault]:
    """The faults of all trees."""
    for tree in knowledge.trees.values():
        if tree.start not in tree.node:
            yield _dead_end(f"{_file(tree)}: start", tree.start, tree.node)
        for name, node in tree.node.items():
            key = f"{_file(tree)}: node.{name}"
            yield from claim_faults(key, node.claims)
            yield from _ways(knowledge, tree, node, key)
            yield from _contents(knowledge, node, key)
    yield from _starts(knowledge)
    yield from _orphans(knowledge)


def _file(tree: Tree) -> str:
    return f"trees/{tree.id}.toml"


def _dead_end(key: str, to: str, known: Mapping[str, object]) -> Fault:
    cure = did_you_mean(to, known, "name one of: " + ", ".join(sorted(known)))
    return problem(key, f'leads to "{to}", which does not exist', cure)


def _targets(node: Node) -> Iterator[tuple[str, str]]:
    """Each way on: the key it is written under and where it leads."""
    for go in node.go:
        yield "to", go.to
    if node.unknown is not None:
        yield "unknown", node.unknown
    if node.otherwise is not None:
        yield "otherwise", node.otherwise


def _ways(knowledge: Knowledge, tree: Tree, node: Node, key: str) -> Iterator[Fault]:
    """Ways that lead nowhere, and nodes that have none where they need one."""
    for field, to in _targets(node):
        other, slash, name = to.rpartition("/")
        if slash and other not in knowledge.trees:
            yield _dead_end(f"{key}.{field}", to, knowledge.trees)
        elif name not in (knowledge.trees[other] if slash else tree).node:
            yield _dead_end(f"{key}.{field}", to, (knowledge.trees[other] if slash else tree).node)
    if node.kind in {NodeKind.ASK, NodeKind.CHECK}:
        last = node.go[-1].when if node.go else ()
        if _ALWAYS not in last:
            cure = 'end with { when = ["*"], to = … }'
            yield problem(f"{key}.go", "has no way on where nothing else fits", cure)
        for go in node.go[:-1]:
            if _ALWAYS in go.when:
                yield problem(
                    f"{key}.go", f'what follows "*" to {go.to} is never reached', "put * last"
                )


def _contents(knowledge: Knowledge, node: Node, key: str) -> Iterator[Fault]:
    """What a node of its kind must have, and names in it that nobody has."""
    if node.kind is NodeKind.ASK:
        if not node.questions:
            yield problem(f"{key}.questions", "asks nothing", "name at least one question")
        for question in node.questions:
            if question not in knowledge.questions:
                yield unknown_name(f"{key}.questions", "question", question, knowledge.questions)
    if node.kind is NodeKind.CHECK and node.unknown is None:
        yield problem(f"{key}.unknown", "is missing", "say where to go while no server is known")
    if node.kind is NodeKind.HAND_OVER and node.text not in knowledge.texts:
        yield unknown_name(f"{key}.text", "text", node.text or "", knowledge.texts)
    for go in node.go:
        is_ask = node.kind is NodeKind.ASK
        yield from _answers(knowledge, node, go, key) if is_ask else _verdicts(go, key)


def _answers(knowledge: Knowledge, node: Node, go: Go, key: str) -> Iterator[Fault]:
    """Conditions of an ask node: `question=choice` pairs, or `*`."""
    for condition in go.when:
        name, equals, choice = condition.partition("=")
        question = knowledge.questions.get(name)
        if condition == _ALWAYS:
            continue
        if not equals or question is None or name not in node.questions:
            yield unknown_name(f"{key}.go.when", "question", name, node.questions)
            continue
        choices = [each.id for each in question.choices]
        if choice not in [*choices, _DONT_KNOW, _ALWAYS]:
            yield unknown_name(f"{key}.go.when", f"choice of {name}", choice, choices)


def _verdicts(go: Go, key: str) -> Iterator[Fault]:
    """Conditions of a check node: codes, groups, or `*`."""
    for condition in go.when:
        group, dot, rest = condition.partition(".")
        if condition == _ALWAYS or (dot and rest == _ALWAYS and group in _GROUPS):
            continue
        if condition not in set(Code):
            yield unknown_name(f"{key}.go.when", "code", condition, tuple(Code))


def _starts(knowledge: Knowledge) -> Iterator[Fault]:
    """Two trees for one kind of complaint: which one begins would be left to chance."""
    begins: dict[str, Tree] = {}
    for tree in knowledge.trees.values():
        for intent in tree.intents:
            if intent in begins:
                said = f'"{intent}" begins in {_file(begins[intent])} as well'
                yield problem(f"{_file(tree)}: intents", said, "keep it in one of the two")
            begins[intent] = tree


def _orphans(knowledge: Knowledge) -> Iterator[Fault]:
    """Trees, nodes and questions that no way leads to."""
    reached = _reached(knowledge)
    for tree in knowledge.trees.values():
        nodes = {name for tree_id, name in reached if tree_id == tree.id}
        if not nodes:
            cure = "give it intents, lead to it from another tree, or remove it"
            yield problem(
                _file(tree), "no complaint begins in this tree and none leads to it", cure
            )
            continue
        for name in tree.node:
            if name not in nodes:
                yield problem(
                    f"{_file(tree)}: node.{name}",
                    "no way leads to this node",
                    "lead to it or remove it",
                )
    nodes_of_all = chain.from_iterable(tree.node.values() for tree in knowledge.trees.values())
    asked = {question for node in nodes_of_all for question in node.questions}
    for name in knowledge.questions:
        if name not in asked:
            key = f"trees/questions.toml: question.{name}"
            yield warning(key, "nobody asks this question", "ask it at a node or remove it")


def _reached(knowledge: Knowledge) -> set[tuple[str, str]]:
    """All nodes that a way leads to from a tree in which complaints or questions begin."""
    from_faq = {entry.tree for entry in knowledge.faq}
    waiting = [
        (tree.id, tree.start)
        for tree in knowledge.trees.values()
        if tree.intents or tree.id in from_faq
    ]
    reached: set[tuple[str, str]] = set()
    while waiting:
        here = waiting.pop()
        tree = knowledge.trees.get(here[0])
        if here in reached or tree is None or here[1] not in tree.node:
            continue
        reached.add(here)
        for _, to in _targets(tree.node[here[1]]):
            other, slash, name = to.rpartition("/")
            waiting.append((other if slash else tree.id, name))
    return reached
