"""What a check of a healthy server costs beyond its round trips, beside swaks and openssl s_client.

Every packet is held back, on its way to the name server and to the mail server alike: two network
namespaces with a process between them that delays (`tests/servers/slowpath.py`). The servers are
the same for all, each run asks for a name of its own, and the programs take turns.
"""

import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from statistics import median

from mail_servers import name
from report import milliseconds, print_machine, print_table
from servers.loopback import raise_loopback
from servers.slowpath import FAR, SlowPath, alone, obstacle

from bot.app import build
from bot.config import load_settings
from bot.desk.inquiry import inquire
from bot.model.codes import Code
from bot.model.target import Target

RUNS = 3
ROUND_TRIPS = (0.040, 0.120)  # seconds
PORTS = {587: 7, 465: 5}  # and the round trips that a check of it needs, look-up included
SLACK, REST = 1.15, 0.015  # the budget: so many times the round trips, and so many seconds
OUR_NAME = "checker.example.test"

Command = Callable[[str, int], tuple[list[str], str]]  # the words, and what is typed

NOTES = """
What is measured: the warm check is one in a running bot, from target to verdict; the others are
whole processes from start to end. All read what is offered for signing in once encryption is on.
What they leave to the reader: `swaks` looks at no date and no second fault (a certificate that is
refused ends the talk), and waits one round trip more for the answer to QUIT. `openssl s_client`
sends EHLO before the greeting on 465, which a server may refuse and which saves it a round trip;
it judges no reply. Both look at one address, one port and one mode, and name no cause.
"""


def budget(port: int, round_trip: float) -> float:
    """What a warm check may take, in seconds."""
    return SLACK * PORTS[port] * round_trip + REST


@contextmanager
def looked_up_by(folder: Path) -> Iterator[None]:
    """Every program in this mount namespace asks the name server at the far end, and only it."""
    for file, text in (
        ("/etc/resolv.conf", f"nameserver {FAR}\n"),
        ("/etc/nsswitch.conf", "hosts: files dns\n"),
    ):
        ours = folder / Path(file).name
        ours.write_text(text, "ascii")
        subprocess.run([found("mount"), "--bind", str(ours), file], check=True)
    yield


def found(program: str) -> str:
    """Where a program of the system is."""
    return shutil.which(program) or sys.exit(f"{program} is not installed")


async def check_warm(settings: dict[str, str], port: int, numbers: Iterator[int]) -> list[float]:
    """Seconds of each of `RUNS` checks in one process, the first ones not counted."""
    app = build(load_settings(settings))
    checks = app.checks()
    checks.prepare()
    took = []
    for number in range(RUNS + 2):
        target = Target(host=name(next(numbers)), port=port)
        start = time.perf_counter()
        report = await inquire(target, checks, app.knowledge, lambda _: None)
        took.append(time.perf_counter() - start)
        assert report.diagnosis.verdict.code is Code.OK, (number, report.diagnosis)
    return took[2:]


def mailmedic(host: str, port: int) -> tuple[list[str], str]:
    """Ours, as a command."""
    return [sys.executable, "-m", "bot", "check", f"{host}:{port}", "--json"], ""


def swaks(anchor: str) -> Command:
    """Swaks up to the second EHLO, with the certificate verified."""

    def command(host: str, port: int) -> tuple[list[str], str]:
        mode = "--tls-on-connect" if port == 465 else "--tls"
        words = ["--server", host, "--port", str(port), "--helo", OUR_NAME, mode]
        words += ["--tls-verify", "--tls-ca-path", anchor, "--tls-sni", host]
        return ["swaks", *words, "--quit-after", "EHLO"], ""

    return command


def openssl(anchor: str) -> Command:
    """Openssl s_client; what is typed asks for the offers, and leaves."""

    def command(host: str, port: int) -> tuple[list[str], str]:
        words = ["-connect", f"{host}:{port}", "-servername", host, "-verify_hostname", host]
        words += ["-CAfile", anchor, "-brief", "-crlf", "-ign_eof"]
        words += ["-starttls", "smtp", "-name", OUR_NAME] if port == 587 else []
        return ["openssl", "s_client", *words], f"EHLO {OUR_NAME}\nQUIT\n"

    return command


def whole(command: Command, port: int, numbers: Iterator[int], settings: dict[str, str]) -> float:
    """Seconds of one run as a process of its own, which must have come as far as the offers."""
    words, typed = command(name(next(numbers)), port)
    start = time.perf_counter()
    done = subprocess.run(
        words, input=typed, capture_output=True, text=True, env=settings, check=False
    )
    took = time.perf_counter() - start
    said = done.stdout + done.stderr
    if done.returncode or "PLAIN" not in said:
        sys.exit(f"{words[0]} did not come through:\n{said}")
    return took


def without(program: str) -> str | None:
    """Why `program` cannot take part; None if it can."""
    path = shutil.which(program)
    if path is None:
        return "not installed"
    if program == "swaks":
        able = subprocess.run([path, "--support"], capture_output=True, text=True, check=False)
        if "TLS supported" not in able.stdout + able.stderr:
            return "without TLS (Net::SSLeay)"
    return None


def measured(took: list[float]) -> str:
    """`290 ms (292)`: the median and the worst."""
    return f"{milliseconds(median(took))} ({max(took) * 1000:.0f})"


def cell(port: int, round_trip: float, folder: Path, numbers: Iterator[int]) -> tuple[bool, list[str]]:
    """One row of the table, and whether the budget was kept in every run."""
    servers = [sys.executable, str(Path(__file__).parent / "mail_servers.py")]
    with SlowPath(round_trip, [*servers, str(folder), FAR, "587", "465", "53"]) as path:
        anchor = json.loads(path.said)["ca_file"]
        settings = {
            "PATH": str(Path(sys.executable).parent) + ":/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": str(folder),
            "MAILMEDIC_ALLOW_NETS": f"{FAR}/32",
            "MAILMEDIC_CA_FILE": anchor,
        }
        warm = asyncio.run(check_warm(settings, port, numbers))
        commands = {"mailmedic": mailmedic, "swaks": swaks(anchor), "openssl": openssl(anchor)}
        missing = {program: without(program) for program in ("swaks", "openssl")}
        took: dict[str, list[float]] = {program: [] for program in commands}
        for _ in range(RUNS):
            for program, command in commands.items():
                if missing.get(program) is None:
                    took[program].append(whole(command, port, numbers, settings))
    allowed = budget(port, round_trip)
    kept = max(warm) <= allowed
    row = [
        f"{port}, {milliseconds(round_trip)}",
        f"{PORTS[port]} × = {milliseconds(PORTS[port] * round_trip)}",
        milliseconds(allowed),
        measured(warm),
        "ok" if kept else "MISSED",
        *(missing.get(one) or measured(took[one]) for one in commands),
    ]
    return kept, row


def main() -> bool:
    """Prints the table; whether the budget was kept. In namespaces of its own already."""
    raise_loopback()
    numbers = count()
    with tempfile.TemporaryDirectory() as home, looked_up_by(Path(home)):
        cells = [
            cell(port, round_trip, Path(home), numbers)
            for port in PORTS
            for round_trip in ROUND_TRIPS
        ]
    print_machine(f"{RUNS} runs of each, taking turns; median (worst), every packet delayed.")
    head = ("port, round trip", "needed", "budget", "warm check", "kept")
    commands = ("`mailmedic check`", "`swaks`", "`openssl s_client`")
    print_table((*head, *commands), [row for _, row in cells])
    print(NOTES)
    return all(kept for kept, _ in cells)


if __name__ == "__main__":
    if sys.argv[1:] == ["inside"]:
        sys.exit(0 if main() else 1)
    hindered = obstacle()
    if hindered is not None:
        sys.exit(f"Not measured: {hindered}.")
    again = alone(sys.executable, __file__, "inside")
    sys.exit(subprocess.run(again, check=False).returncode)
