"""Makes labs: one namespace and one process in it for all scenes of a test file."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import cattrs
import pytest

from lab.scene import Answer, Lab
from lab.tools import NAMESPACE, obstacle, tool

ROOT = Path(__file__).parent.parent.parent
REQUIRED = "LAB_REQUIRED"  # set by .ci/run, where a skip would be a hole nobody sees
PATIENCE = 120  # seconds; a lab takes a tenth of it

RunLab = Callable[[Lab], list[Answer]]


@pytest.fixture(scope="session")
def run_lab() -> RunLab:
    """Builds a lab in a namespace of its own and returns its answers; skips where none may be."""
    because = obstacle()
    if because is not None and os.environ.get(REQUIRED):
        pytest.fail(because)
    if because is not None:
        pytest.skip(because)
    return _run


def _run(lab: Lab) -> list[Answer]:
    command = [tool("unshare"), *NAMESPACE, sys.executable, "-m", "lab.inside"]
    done = subprocess.run(
        command,
        input=json.dumps(asdict(lab)),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return cattrs.structure(json.loads(done.stdout), list[Answer])
