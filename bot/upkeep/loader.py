"""Reads the folder `knowledge/` into one `Knowledge`; any fault in it is a `KnowledgeError`.

```
trees/*.toml      one Tree each, tables [node.<id>]; trees/questions.toml holds [[question]]
rules/*.toml      [[rule]]          advice/*.toml     [[advice]]
codes/*.toml      [[decoder]]       faq/*.toml        [[faq]]
providers/*.toml  one Provider each    clients/*.toml  one Client each
lexicon/*.toml    merged into one Lexicon
interceptors/*.toml  [[interceptor]]
texts/*.toml      strings; tables are flattened with dots: verdict."dns.nxdomain"
```
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol, TypeVar

from bot.knowledge.schema import (
    AdviceEntry,
    Client,
    Decoder,
    FaqEntry,
    Interceptor,
    Knowledge,
    Lexicon,
    Provider,
    Rule,
)
from bot.knowledge.trees import Question, Tree
from bot.upkeep.converter import MisfitError, fit
from bot.upkeep.errors import KnowledgeError
from bot.upkeep.files import KnowledgeFile, read_folder

__all__ = ["find_knowledge", "load_knowledge"]

FOLDERS = (
    "advice",
    "clients",
    "codes",
    "faq",
    "interceptors",
    "lexicon",
    "providers",
    "rules",
    "texts",
    "trees",
)
_QUESTIONS = "trees/questions.toml"
_PACKAGE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True, kw_only=True)
class _Questions:
    question: tuple[Question, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rules:
    rule: tuple[Rule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decoders:
    decoder: tuple[Decoder, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Advice:
    advice: tuple[AdviceEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Faq:
    faq: tuple[FaqEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Interceptors:
    interceptor: tuple[Interceptor, ...]


class _Named(Protocol):
    @property
    def id(self) -> str: ...


T = TypeVar("T")
N = TypeVar("N", bound=_Named)


def find_knowledge(setting: str | None) -> Path:
    """The folder to read: the setting, else the checkout's, else the one the wheel carries.

    Raises `KnowledgeError` where there is none of them. A setting is taken at its word.
    """
    if setting:
        return Path(setting).expanduser()
    checkout = _PACKAGE.parent / "knowledge"
    if (_PACKAGE.parent / "pyproject.toml").is_file() and checkout.is_dir():
        return checkout
    carried = _PACKAGE / "_knowledge"
    if carried.is_dir():
        return carried
    raise KnowledgeError(
        "", "", "no knowledge was found", "set MAILMEDIC_KNOWLEDGE to the folder that holds it"
    )


def load_knowledge(folder: Path) -> Knowledge:
    """All knowledge in `folder`. Raises `KnowledgeError` on the first fault in it."""
    files = read_folder(folder, FOLDERS)
    trees, questions = _trees(files)
    return Knowledge(
        version=_fingerprint(files),
        trees=trees,
        questions=questions,
        rules=_entries(files, "rules", _Rules, "rule"),
        decoders=_entries(files, "codes", _Decoders, "decoder"),
        advice={entry.id: entry for entry in _entries(files, "advice", _Advice, "advice")},
        clients=_singles(files, "clients", Client),
        providers=_singles(files, "providers", Provider),
        faq=_entries(files, "faq", _Faq, "faq"),
        lexicon=_lexicon(files),
        texts=_texts(files),
        interceptors=_entries(files, "interceptors", _Interceptors, "interceptor"),
    )


def _fingerprint(files: Iterable[KnowledgeFile]) -> str:
    """Twelve hex digits that change with every byte and name of the files."""
    digest = sha256()
    for file in files:
        digest.update(f"{file.name}\0{len(file.raw)}\0".encode())
        digest.update(file.raw)
    return digest.hexdigest()[:12]


def _fitted(file: KnowledgeFile, shape: type[T]) -> T:
    """The file as a `shape`. Raises `KnowledgeError` with file and key."""
    try:
        return fit(file.table, shape)
    except MisfitError as misfit:
        key = _spelt(misfit.path, file.table)
        raise KnowledgeError(file.name, key, misfit.problem, misfit.cure) from None


def _spelt(path: tuple[str | int, ...], table: Any) -> str:
    """The path in words; an item of a list is called by its id where it has one."""
    words: list[str] = []
    for step in path:
        inside = _inside(table, step)
        named = inside.get("id") if isinstance(inside, dict) else None
        words.append(str(named if isinstance(step, int) and named else step))
        table = inside
    return ".".join(words)


def _inside(table: Any, step: str | int) -> Any:
    if isinstance(table, dict):
        return table.get(step)
    if isinstance(table, list) and isinstance(step, int):
        return table[step]
    return None


def _entries(
    files: Iterable[KnowledgeFile], kind: str, shape: type[Any], key: str
) -> tuple[Any, ...]:
    """The entries of all files of a kind, in order; no id twice."""
    found: dict[str, Any] = {}
    for file in files:
        if file.kind == kind:
            _add(found, getattr(_fitted(file, shape), key), file, key)
    return tuple(found.values())


def _add(found: dict[str, N], entries: Iterable[N], file: KnowledgeFile, key: str) -> None:
    for entry in entries:
        if entry.id in found:
            problem = f'there is another entry of the id "{entry.id}"'
            raise KnowledgeError(file.name, f"{key}.{entry.id}", problem, "give each its own id")
        found[entry.id] = entry


def _singles(files: Iterable[KnowledgeFile], kind: str, shape: type[N]) -> dict[str, N]:
    """The values of files that hold one each. A file is called by its id, so that it is found."""
    found: dict[str, N] = {}
    for file in files:
        if file.kind != kind or file.name == _QUESTIONS:
            continue
        entry = _fitted(file, shape)
        if file.stem != entry.id:
            problem = f'is "{entry.id}" in a file called "{file.stem}"'
            raise KnowledgeError(file.name, "id", problem, f"call the file {entry.id}.toml")
        found[entry.id] = entry
    return found


def _trees(files: Iterable[KnowledgeFile]) -> tuple[dict[str, Tree], dict[str, Question]]:
    questions: dict[str, Question] = {}
    for file in files:
        if file.name == _QUESTIONS:
            _add(questions, _fitted(file, _Questions).question, file, "question")
    return _singles(files, "trees", Tree), questions


def _lexicon(files: Iterable[KnowledgeFile]) -> Lexicon:
    """One lexicon out of all files; words under one key are put one behind the other."""
    parts = [_fitted(file, Lexicon) for file in files if file.kind == "lexicon"]
    merged: dict[str, Any] = {}
    for part in parts:
        for name in (each.name for each in fields(Lexicon)):
            merged[name] = _joined(merged.get(name), getattr(part, name))
    return Lexicon(**merged)


def _joined(first: Any, second: Any) -> Any:
    if first is None:
        return second
    if isinstance(first, Mapping):
        return {
            key: first.get(key, ()) + second.get(key, ())
            for key in dict.fromkeys([*first, *second])
        }
    return first + second


def _texts(files: Iterable[KnowledgeFile]) -> dict[str, str]:
    """All texts by their id: tables within tables are joined with dots."""
    found: dict[str, str] = {}
    for file in files:
        if file.kind != "texts":
            continue
        for key, text in _flat(file.table, ""):
            if not isinstance(text, str):
                raise KnowledgeError(file.name, key, f"must be text, not {text!r:.60}", "")
            if key in found:
                raise KnowledgeError(file.name, key, "there is another text of this id", "")
            found[key] = text
    return found


def _flat(table: Mapping[str, Any], prefix: str) -> Iterable[tuple[str, Any]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
