"""`mailmedic knowledge check`, and that nothing starts on broken knowledge."""

import shutil
from pathlib import Path

import pytest
from cli_process import Mailmedic

from bot.upkeep.loader import find_knowledge


@pytest.fixture
def folder(mailmedic: Mailmedic) -> Path:
    """A copy of the shipped knowledge that the command is pointed at."""
    copy = mailmedic.home / "knowledge"
    shutil.copytree(find_knowledge(None), copy)
    mailmedic.settings["MAILMEDIC_KNOWLEDGE"] = str(copy)
    return copy


def edit(path: Path, old: str, new: str) -> None:
    """Replaces the first `old`."""
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_shipped_knowledge_is_whole(mailmedic: Mailmedic, folder: Path) -> None:
    """The shipped knowledge has no problem: exit 0, also as a document."""
    shown = mailmedic("knowledge", "check")
    answer = mailmedic("knowledge", "check", "--json")

    assert folder.is_dir()
    assert (shown.code, answer.code) == (0, 0)
    assert "0 problems" in shown.out
    assert answer.document["faults"] == []


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("trees/sign-in.toml", 'otherwise = "person"', 'otherwise = "persn"', "person"),
        ("rules/live.toml", 'cause = "network.port_blocked"', 'cause = "network.port"', "cause"),
        ("advice/sign-in.toml", "steps =", "stepz =", "stepz"),
        ("texts/replies.toml", "[reply]", "[reply", "replies.toml"),
    ],
)
def test_broken_knowledge_is_refused_by_name(
    mailmedic: Mailmedic, folder: Path, file: str, old: str, new: str, words: str
) -> None:
    """A broken file is named with the place and a cure; `check` exits 1, and nothing starts."""
    edit(folder / file, old, new)
    answer = mailmedic("knowledge", "check")
    started = mailmedic("chat", "--json", typed='{"say": "hello"}\n')

    assert answer.code == 1
    assert words in answer.out + answer.err
    assert "Traceback" not in answer.out + answer.err
    assert started.code == 2
    assert len(started.err.strip().splitlines()) == 1
    assert started.out == ""


def test_folder_that_is_not_there_is_one_clear_line(mailmedic: Mailmedic) -> None:
    """A knowledge folder that does not exist is said to be missing."""
    mailmedic.settings["MAILMEDIC_KNOWLEDGE"] = str(mailmedic.home / "nowhere")
    answer = mailmedic("parse", "--json", typed='{"id": 1, "text": "x"}\n')

    assert answer.code == 2
    assert "nowhere" in answer.err
