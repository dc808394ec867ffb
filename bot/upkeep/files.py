"""The files of a knowledge folder, read and parsed as TOML; nothing is known of their meaning."""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.upkeep.errors import KnowledgeError, did_you_mean

__all__ = ["KnowledgeFile", "read_folder"]

_LINE = re.compile(r"\s*\(at line (\d+), column (\d+)\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowledgeFile:
    """One file: `name` is `trees/cannot-send.toml`, `kind` the folder, `raw` the very bytes."""

    name: str
    kind: str
    stem: str
    raw: bytes
    table: dict[str, Any]


def read_folder(folder: Path, kinds: Iterable[str]) -> tuple[KnowledgeFile, ...]:
    """All TOML files in the folders `kinds` of `folder`, by name.

    Raises `KnowledgeError` where the folder is missing or empty, a file cannot be read, is not
    UTF-8 or not TOML, or lies where nobody would look for it.
    """
    known = tuple(kinds)
    try:
        paths = sorted(folder.rglob("*.toml")) if folder.is_dir() else None
    except OSError as error:
        raise KnowledgeError(str(folder), "", f"cannot be read: {error.strerror}", "") from error
    if paths is None:
        problem = "there is no such folder"
        raise KnowledgeError(str(folder), "", problem, "MAILMEDIC_KNOWLEDGE names it")
    if not paths:
        problem = "holds no knowledge"
        raise KnowledgeError(
            str(folder), "", problem, "it should have the folders " + ", ".join(known)
        )
    return tuple(_read(folder, path, known) for path in paths)


def _read(folder: Path, path: Path, kinds: tuple[str, ...]) -> KnowledgeFile:
    name = path.relative_to(folder).as_posix()
    kind = name.rpartition("/")[0]
    if kind not in kinds:
        cure = did_you_mean(kind, kinds, "known folders: " + ", ".join(kinds))
        raise KnowledgeError(name, "", "lies in a folder that is never read", cure)
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise KnowledgeError(name, "", f"cannot be read: {error.strerror}", "") from error
    return KnowledgeFile(name=name, kind=kind, stem=path.stem, raw=raw, table=_parse(name, raw))


def _parse(name: str, raw: bytes) -> dict[str, Any]:
    try:
        return tomllib.loads(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        cure = "save the file as UTF-8"
        raise KnowledgeError(name, f"line {line}", "is not UTF-8", cure) from error
    except tomllib.TOMLDecodeError as error:
        said = str(error)
        place = _LINE.search(said)
        key = f"line {place[1]}" if place else "last line"
        problem = _LINE.sub("", said).replace("(at end of document)", "").strip()
        raise KnowledgeError(name, key, f"is not TOML: {problem}", "") from error
