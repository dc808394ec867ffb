"""What a check of a healthy server costs beyond its round trips, beside swaks and openssl s_client.

Every packet is held back, on its way to the name server and to the mail server alike: two network
namespaces with a process between them that delays (`tests/servers/slowpath.py`). The servers are
the same for all, each run asks for a name of its own, and the programs take turns.
"""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
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

WARM_UP, RUNS = 2, 15  # of a check in a running bot
PROCESSES = 7  # runs of each whole program
ROUND_TRIPS = (0.040, 0.120)  # seconds
SUBMISSION, TLS = 587, 465
PORTS = {SUBMISSION: 7, TLS: 5}  # and the round trips that a check of it needs, look-up included
SLACK, REST = 1.15, 0.015  # the budget: so many times the round trips, and so many seconds
OUR_NAME = "checker.example.test"

PROGRAMS = ("mailmedic", "swaks", "openssl")
Command = Callable[[str, int], tuple[list[str], str]]  # the words, and what is typed

NOTES = """
The warm check is one in a running bot, from the target to the verdict; the others are whole
processes from start to end. All of them verify the certificate and read what is offered for
signing in once encryption is on; swaks and openssl also wait for the answer to QUIT.
What swaks does not tell: whether the certificate is for that name, and any fault but its first.
What openssl s_client does not tell: what a reply means. On 465 it asks before the server has
greeted, which saves a round trip and is not allowed (RFC 5321 section 3.1).
What neither tells: whether another address, port or mode works, and which cause it all has.
"""


def budget(port: int, round_trip: float) -> float:
    """What a warm check may take, in seconds."""
    return SLACK * PORTS[port] * round_trip + REST


def ask_only_the_far_end(folder: Path) -> None:
    """Has every program in this mount namespace ask the name server at the far end."""
    mount = shutil.which("mount") or sys.exit("Not measured: mount is not installed.")
    for file, text in (
        ("/etc/resolv.conf", f"nameserver {FAR}\n"),
        ("/etc/nsswitch.conf", "hosts: files dns\n"),
    ):
        ours = folder / Path(file).name
        ours.write_text(text, "ascii")
        subprocess.run([mount, "--bind", str(ours), file], check=True)


async def check_warm(settings: dict[str, str], port: int, numbers: Iterator[int]) -> list[float]:
    """Seconds of each of `RUNS` checks in one process, after a few that are not counted."""
    app = build(load_settings(settings))
    checks = app.checks()
    checks.prepare()
    took = []
    for _ in range(WARM_UP + RUNS):
        target = Target(host=name(next(numbers)), port=port)
        start = time.perf_counter()
        report = await inquire(target, checks, app.knowledge, lambda _: None)
        took.append(time.perf_counter() - start)
        assert report.diagnosis.verdict.code is Code.OK, report.diagnosis
    return took[WARM_UP:]


def mailmedic(host: str, port: int) -> tuple[list[str], str]:
    """Ours, as a command."""
    return [sys.executable, "-m", "bot", "check", f"{host}:{port}", "--json"], ""


def swaks(anchor: str) -> Command:
    """Swaks up to the second EHLO, with the certificate verified."""

    def command(host: str, port: int) -> tuple[list[str], str]:
        mode = "--tls-on-connect" if port == TLS else "--tls"
        words = ["--server", host, "--port", str(port), "--helo", OUR_NAME, mode]
        words += ["--tls-verify", "--tls-ca-path", anchor, "--tls-sni", host]
        return ["swaks", *words, "--quit-after", "EHLO"], ""

    return command


def openssl(anchor: str) -> Command:
    """Openssl s_client; what is typed asks for the offers, and leaves."""

    def command(host: str, port: int) -> tuple[list[str], str]:
        words = ["-connect", f"{host}:{port}", "-servername", host, "-verify_hostname", host]
        words += ["-CAfile", anchor, "-brief", "-crlf", "-ign_eof"]
        words += ["-starttls", "smtp", "-name", OUR_NAME] if port == SUBMISSION else []
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
    if program == "mailmedic":
        return None
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


def compared(
    settings: dict[str, str], port: int, numbers: Iterator[int], anchor: str
) -> Iterator[str]:
    """What each program took, in the order of `PROGRAMS`; they take turns."""
    commands = dict(zip(PROGRAMS, (mailmedic, swaks(anchor), openssl(anchor)), strict=True))
    missing = {program: without(program) for program in PROGRAMS}
    took: dict[str, list[float]] = {program: [] for program in PROGRAMS}
    for _ in range(PROCESSES):
        for program, command in commands.items():
            if missing[program] is None:
                took[program].append(whole(command, port, numbers, settings))
    for program in PROGRAMS:
        yield missing[program] or measured(took[program])


def cell(
    port: int, round_trip: float, folder: Path, numbers: Iterator[int]
) -> tuple[bool, list[str]]:
    """Whether the budget was kept in every run, and the row of the table."""
    servers = [sys.executable, str(Path(__file__).parent / "mail_servers.py")]
    with SlowPath(round_trip, [*servers, str(folder), FAR, "587", "465", "53"]) as path:
        anchor = json.loads(path.said)["ca_file"]
        settings = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "MAILMEDIC_ALLOW_NETS": f"{FAR}/32",
            "MAILMEDIC_CA_FILE": anchor,
        }
        warm = asyncio.run(check_warm(settings, port, numbers))
        beside = list(compared(settings, port, numbers, anchor))
    allowed = budget(port, round_trip)
    kept = max(warm) <= allowed
    needed = f"{PORTS[port]} of them: {milliseconds(PORTS[port] * round_trip)}"
    answer = "ok" if kept else "MISSED"
    where = f"{port}, {milliseconds(round_trip)}"
    return kept, [where, needed, milliseconds(allowed), measured(warm), answer, *beside]


def main() -> bool:
    """Prints the table; whether the budget was kept. In namespaces of its own already."""
    raise_loopback()
    numbers = count()
    with tempfile.TemporaryDirectory() as home:
        ask_only_the_far_end(Path(home))
        cells = [
            cell(port, round_trip, Path(home), numbers)
            for port in PORTS
            for round_trip in ROUND_TRIPS
        ]
    how = f"Median (worst) of {RUNS} warm checks, and of {PROCESSES} runs of each program in turns."
    print_machine(how)
    head = ("port, round trip", "needs", "budget", "warm check", "kept")
    programs = ("`mailmedic check`", "`swaks`", "`openssl s_client`")
    print_table((*head, *programs), [row for _, row in cells])
    print(NOTES)
    return all(kept for kept, _ in cells)


if __name__ == "__main__":
    if sys.argv[1:] == ["inside"]:
        sys.exit(0 if main() else 1)
    hindered = obstacle()
    if hindered is not None:
        print(f"Not measured: {hindered}.")
        sys.exit(0)
    again = alone(sys.executable, __file__, "inside")
    sys.exit(subprocess.run(again, check=False).returncode)
