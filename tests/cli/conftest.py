"""Fixtures of the command line's tests."""

from pathlib import Path

import pytest
from cli_process import Mailmedic


@pytest.fixture
def mailmedic(tmp_path: Path, ca_file: Path) -> Mailmedic:
    """The command, trusting the tests' authority, with an empty home."""
    return Mailmedic(tmp_path, {"MAILMEDIC_CA_FILE": str(ca_file)})
