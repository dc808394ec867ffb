"""What the documentation says exists does exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DECISIONS = ROOT / "docs" / "decisions"
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "knowledge").rglob("*.md")),
]
NAMES = [page.relative_to(ROOT).as_posix() for page in PAGES]


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    """A link without a scheme is a file of this repository."""
    links = re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text("utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_make_target_that_is_named_exists(page: Path) -> None:
    """`make something` in code spans and code blocks is a target of the Makefile."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    named = set(re.findall(r"(?:`|^\s*\$? ?)make ([a-z]+)", page.read_text("utf-8"), re.MULTILINE))

    assert named - targets == set()


def test_every_decision_is_in_the_index() -> None:
    """The index lists each decision once, and nothing else."""
    index = (DECISIONS / "README.md").read_text("utf-8")
    pages = {page.name for page in DECISIONS.glob("[0-9]*.md")}

    assert set(re.findall(r"\]\((\d{4}-[^)]+\.md)\)", index)) == pages


def test_decisions_are_short() -> None:
    """A decision has under 40 lines: context, choice, price."""
    lengths = {page.name: len(page.read_text("utf-8").splitlines()) for page in DECISIONS.glob("*")}

    assert {name: length for name, length in lengths.items() if length >= 40} == {}


def test_help_lists_every_target() -> None:
    """`make` alone shows all that `make` can do."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    (phony,) = re.findall(r"^\.PHONY: help (.+)$", makefile, re.MULTILINE)

    for target in phony.split():
        assert f"make {target}" in makefile
