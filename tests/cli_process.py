"""The real command as a real process, on a store of its own, kept to loopback."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["Answer", "Document", "Mailmedic"]

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command printed, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Document:
        """The one JSON document on stdout."""
        found: Document = json.loads(self.out)
        return found

    @property
    def documents(self) -> list[Document]:
        """One JSON document a line."""
        return [json.loads(line) for line in self.out.splitlines()]


@dataclass(slots=True)
class Mailmedic:
    """Runs `python -m bot`."""

    home: Path
    settings: dict[str, str] = field(default_factory=dict)

    def __call__(self, *words: str, typed: str | bytes = "") -> Answer:
        """Runs a command to its end."""
        return self._run(self.command(*words), typed)

    def run_python(self, code: str) -> Answer:
        """Runs a line of Python with the same interpreter."""
        return self._run([sys.executable, "-c", code], "")

    def _run(self, command: list[str], typed: str | bytes) -> Answer:
        given = typed.encode() if isinstance(typed, str) else typed
        done = subprocess.run(
            command,
            input=given,
            capture_output=True,
            cwd=self.home,
            env=self.environment(),
            timeout=60,
            check=False,
        )
        return Answer(done.returncode, done.stdout.decode(), done.stderr.decode())

    def command(self, *words: str) -> list[str]:
        """The command line."""
        return [sys.executable, "-m", "bot", *words]

    def environment(self) -> dict[str, str]:
        """Nothing of the machine's own settings, and loopback alone may be checked."""
        keep = {name: os.environ[name] for name in ("PATH",) if name in os.environ}
        return keep | {
            "HOME": str(self.home),
            "MAILMEDIC_DB": str(self.home / "cases.db"),
            "MAILMEDIC_ALLOW_NETS": "127.0.0.0/8,::1/128",
            "MAILMEDIC_ALLOW_PORTS": "1024-65535",
            "MAILMEDIC_SUBMISSION_PORTS": "1024:starttls",
            "MAILMEDIC_DNS": "127.0.0.1:9",
            "MAILMEDIC_TIMEOUT": "3",
            **self.settings,
        }

    def chat(self, *steps: Document, words: Iterable[str] = ()) -> list[Document]:
        """Plays steps through `chat --json`; one answer for each."""
        lines = "".join(json.dumps(step) + "\n" for step in steps)
        answer = self("chat", "--json", *words, typed=lines)
        assert answer.code == 0, answer.err
        return answer.documents
