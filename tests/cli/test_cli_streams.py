"""Closed and full streams: one clear line at most, never a trace, and no waiting."""

import shlex
import subprocess

import pytest
from cli_process import Mailmedic


def run(mailmedic: Mailmedic, words: str, streams: str) -> subprocess.CompletedProcess[str]:
    """Runs a command from a shell that closes or redirects its streams."""
    line = f"{shlex.join(mailmedic.command(*words.split()))} {streams}"
    return subprocess.run(
        ["/bin/sh", "-c", line],
        capture_output=True,
        text=True,
        cwd=mailmedic.home,
        env=mailmedic.environment(),
        timeout=30,
        check=False,
    )


@pytest.mark.parametrize("words", ["check -", "chat", "chat --json", "parse --json"])
def test_closed_input_is_an_empty_one(mailmedic: Mailmedic, words: str) -> None:
    """A command that is started without an input has nothing to do, and ends."""
    ran = run(mailmedic, words, "<&-")

    assert (ran.returncode, ran.stderr) == (0, "")


def test_closed_output_takes_no_answer(mailmedic: Mailmedic) -> None:
    """Who wants no answer still gets the exit code."""
    assert run(mailmedic, "check 10.0.0.1 --json", ">&-").returncode == 2


def test_full_disk_is_said_in_a_line(mailmedic: Mailmedic) -> None:
    """An answer that cannot be written is our failure, said once."""
    ran = run(mailmedic, "check 10.0.0.1 --json", ">/dev/full")

    assert ran.returncode == 3
    assert ran.stderr == (
        "mailmedic: the answer cannot be written: [Errno 28] No space left on device\n"
    )
