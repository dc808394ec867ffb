"""What a person who installs the bot holds in hands: lock, manifest, Procfile, wheel."""

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LOCK = (ROOT / "requirements.txt").read_text("utf-8")

PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^ ;\\]+)", re.MULTILINE)


def canonical(name: str) -> str:
    """A package's name as PEP 503 writes it."""
    return re.sub(r"[-_.]+", "-", name).lower()


PINNED = {canonical(pin["name"]): pin["version"] for pin in PIN.finditer(LOCK)}


def loose_ends(wanted: list[str]) -> set[str]:
    """The requirements that the lock does not pin, or pins at a version that does not do."""
    asked = [Requirement(line) for line in wanted]
    return {
        str(one)
        for one in asked
        if not one.specifier.contains(PINNED.get(canonical(one.name), "0"))
    }


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    """The Slack manifest as Slack will read it."""
    read: dict[str, Any] = yaml.safe_load((ROOT / "manifest.yml").read_text("utf-8"))
    return read


def test_every_line_of_the_lock_pins_with_a_hash() -> None:
    """Each requirement is one exact version and carries at least one sha256."""
    requirements = re.split(r"\n(?=[A-Za-z0-9])", re.sub(r"^#.*\n", "", LOCK, flags=re.MULTILINE))
    loose = [entry for entry in requirements if not PIN.match(entry)]
    bare = [entry for entry in requirements if "--hash=sha256:" not in entry]

    assert loose == []
    assert bare == []
    assert len(requirements) == len(PINNED)


def test_the_lock_names_no_index() -> None:
    """Where packages come from is for each machine to say."""
    assert not re.search(r"https?:|--(extra-)?index|--find-links|--trusted-host|file:", LOCK)


@pytest.mark.parametrize("group", ["run", "dev", "build"])
def test_the_lock_holds_all_that_the_project_asks_for(group: str) -> None:
    """Run-time, development and build requirements are pinned, at versions that they allow."""
    wanted = {
        "run": PROJECT["project"]["dependencies"],
        "dev": PROJECT["project"]["optional-dependencies"]["dev"],
        "build": PROJECT["build-system"]["requires"],
    }

    assert loose_ends(wanted[group]) == set()


def test_the_procfile_starts_a_command_that_exists() -> None:
    """The worker is the console script of the project."""
    lines = (ROOT / "Procfile").read_text("utf-8").splitlines()

    assert lines == ["worker: mailmedic serve"]
    assert PROJECT["project"]["scripts"] == {"mailmedic": "bot.cli:main"}


def test_secrets_and_data_are_no_part_of_the_repository() -> None:
    """Tokens in .env and the database never get into a commit."""
    ignored = (ROOT / ".gitignore").read_text("utf-8").splitlines()

    assert {".env", "mailmedic.db*", ".venv/"} <= set(ignored)


def test_the_manifest_is_of_schema_two(manifest: dict[str, Any]) -> None:
    """Without major version 2 Slack reads it by the old schema, which knows no agent view."""
    assert manifest["_metadata"]["major_version"] == 2
    assert set(manifest) <= {
        "_metadata",
        "display_information",
        "features",
        "oauth_config",
        "settings",
    }
    assert "agent_view" in manifest["features"]
    assert "assistant_view" not in manifest["features"]


def test_the_manifest_keeps_the_limits_of_slack(manifest: dict[str, Any]) -> None:
    """Names and descriptions fit into the lengths of Slack's manifest schema of 2026-07."""
    shown = manifest["display_information"]
    features = manifest["features"]
    agent = features["agent_view"]

    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert 175 <= len(shown["long_description"]) <= 4000
    assert re.fullmatch(r"#[0-9a-f]{6}", shown["background_color"])
    assert len(agent["agent_description"]) <= 300
    assert len(agent["suggested_prompts"]) <= 4
    assert all(set(prompt) == {"title", "message"} for prompt in agent["suggested_prompts"])
    assert len(features["bot_user"]["display_name"]) <= 80
    for command in features["slash_commands"]:
        assert re.fullmatch(r"/[a-z][a-z0-9_-]{0,30}", command["command"])
        assert len(command["description"]) <= 2000
        assert len(command["usage_hint"]) <= 1000
    for shortcut in features["shortcuts"]:
        assert shortcut["type"] in {"message", "global"}
        assert len(shortcut["name"]) <= 24
        assert len(shortcut["callback_id"]) <= 255
        assert len(shortcut["description"]) <= 150


def test_the_manifest_needs_no_public_address(manifest: dict[str, Any]) -> None:
    """Socket Mode is on and no request address is asked for."""
    assert manifest["settings"]["socket_mode_enabled"] is True
    assert manifest["settings"]["interactivity"] == {"is_enabled": True}
    assert "request_url" not in manifest["settings"]["event_subscriptions"]


def test_the_wheel_carries_the_knowledge(tmp_path: Path) -> None:
    """Every file of knowledge/ is in a wheel, and no test or tool is."""
    source = tmp_path / "source"
    shutil.copytree(
        ROOT,
        source,
        ignore=shutil.ignore_patterns(".*", "__pycache__", "build", "tests", "*.db*"),
    )
    subprocess.run(  # the build backend itself, so that no index is asked
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=source,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("mailmedic-*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    knowledge = {
        f"bot/_knowledge/{path.relative_to(ROOT / 'knowledge').as_posix()}"
        for path in (ROOT / "knowledge").rglob("*.toml")
    }

    assert knowledge
    assert knowledge - names == set()
    assert {name.split("/")[0] for name in names} == {
        "bot",
        wheel.name[: -len("-py3-none-any.whl")] + ".dist-info",
    }
