"""The programs that make and fill a network namespace, wherever a system keeps them."""

import os
import shutil
import subprocess
from collections.abc import Iterable

__all__ = ["NAMESPACE", "TOOLS", "feed", "obstacle", "tool"]

TOOLS = ("unshare", "ip", "nft")
NAMESPACE = ("-Urn", "--")  # options of unshare: a user namespace, which needs no root

# What a lab does first of all; where this works, all of it does.
_TRIAL = "add table inet trial"


def tool(name: str) -> str:
    """The path of a program; its bare name where there is none. People's PATH may lack sbin."""
    path = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin"))
    return shutil.which(name, path=path) or name


def feed(name: str, *options: str, lines: Iterable[str]) -> None:
    """Runs a program that reads its commands from standard input."""
    given = "".join(f"{line}\n" for line in lines)
    done = subprocess.run(
        [tool(name), *options], input=given, text=True, capture_output=True, check=False
    )
    assert done.returncode == 0, f"{name}: {done.stderr}\n{given}"


def obstacle() -> str | None:
    """Why there can be no lab on this machine, in a line; None where there can."""
    missing = [name for name in TOOLS if shutil.which(tool(name)) is None]
    if missing:
        return f"the lab needs {', '.join(missing)} (Debian: util-linux, iproute2, nftables)"
    command = [tool("unshare"), *NAMESPACE, tool("nft"), _TRIAL]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return None
    said = " ".join(done.stderr.split()) or f"exit {done.returncode}"
    return f"no network namespace with nftables may be made here: {said}"
