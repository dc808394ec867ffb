"""Standard input, output and error as a command finds them, whoever has started it."""

import contextlib
import errno
import os
import sys
from pathlib import Path

__all__ = ["is_full", "prepare_streams"]

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})


def prepare_streams() -> None:
    """Any byte may come in, any character may go out; a stream that was closed is an empty one."""
    nowhere = Path(os.devnull)
    sys.stdin = sys.stdin or nowhere.open(encoding="utf-8")
    sys.stdout = sys.stdout or nowhere.open("w", encoding="utf-8")
    sys.stderr = sys.stderr or nowhere.open("w", encoding="utf-8")
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="replace")


def is_full(error: Exception) -> bool:
    """Whether the output took no more; then nothing more is written to it at the end either."""
    if not (isinstance(error, OSError) and error.errno in _FULL):
        return False
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return True
