"""Many people at once: a thousand who complain about one server, and two hundred servers.

The thousand write within a minute, each in a thread of their own, through the real desk, store and
checks; the server counts how often it is looked at. The two hundred servers run in another
process and take up to a second and a half to greet; what is counted is how long all of them take
beside the slowest one alone, and how much the process grows meanwhile.
"""

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from json import loads
from pathlib import Path
from typing import Any

from report import print_machine, print_table
from servers.faultserver import Connection, FaultServer
from servers.pki import Authority, Wish
from servers.scripts import smtp_starttls
from servers.vantage import loopback_settings
from voices import Voice

from bot.desk.checks import Checks
from bot.desk.clock import SystemClock
from bot.desk.desk import Desk
from bot.desk.incoming import Incoming
from bot.desk.office import Office
from bot.desk.run import CheckLimits
from bot.diagnosis.judge import diagnose
from bot.diagnosis.situation import Known
from bot.knowledge.schema import Knowledge
from bot.model.case import ThreadKey
from bot.model.codes import Code
from bot.model.reply import Tone
from bot.model.target import Security, Target
from bot.probes.prober import NetworkProber
from bot.store.casebook import SqliteCasebook
from bot.upkeep.loader import find_knowledge, load_knowledge

PEOPLE = 1_000
WITHIN = 60.0  # seconds
WINDOW = 30.0  # seconds in which a server may be looked at twice
MOST_LOOKS = 2
SERVERS = 200
SLOWEST = 1.5  # seconds
MEGABYTES = 60
LIMITS = CheckLimits(deadline=timedelta(seconds=25), alternatives=((1, Security.STARTTLS),))


def main() -> bool:
    """Whether both budgets are kept."""
    print_machine("Everything over real sockets of this machine.")
    knowledge = load_knowledge(find_knowledge(None))
    with tempfile.TemporaryDirectory() as folder:
        crowd = asyncio.run(a_crowd(Path(folder), knowledge))
        many = many_servers(Path(folder), knowledge)
    print_table(("what", "found", "budget", "kept"), [*crowd, *many])
    return all(row[-1] == "yes" for row in (*crowd, *many))


def row(what: str, found: str, budget: str, *, kept: bool) -> tuple[str, ...]:
    """A line of the table."""
    return what, found, budget, "yes" if kept else "NO"


async def a_crowd(folder: Path, knowledge: Knowledge) -> list[tuple[str, ...]]:
    """A thousand complaints about one server."""
    root = Authority.root("Example Trust")
    context = root.leaf(Wish(names=("127.0.0.1",))).context(folder)
    looks: list[float] = []

    def note(_: Connection) -> None:
        looks.append(time.monotonic())

    with FaultServer((note, *smtp_starttls(context))) as server:
        clock, voice = SystemClock(), Voice()
        prober = NetworkProber(loopback_settings(ca_file=root.file(folder)))
        book = await SqliteCasebook.open(folder / "cases.db")
        checks = Checks(prober, clock, LIMITS)
        office = Office(casebook=book, checks=checks, clock=clock, knowledge=knowledge)
        desk = Desk(office, voice)
        begun = time.monotonic()
        await asyncio.gather(*(complain(desk, number, server.port) for number in range(PEOPLE)))
        took = time.monotonic() - begun
        await desk.stop()
        await book.close()
    answered = {one.thread for one in voice.said if one.reply.tone is not Tone.WORKING}
    most = most_within(looks, WINDOW)
    return [
        row(
            f"{PEOPLE:,} complaints in {took:.0f} s: answered",
            f"{len(answered):,}",
            f"{PEOPLE:,}",
            kept=len(answered) == PEOPLE,
        ),
        row("looks at the server in any 30 s", f"{most}", "2", kept=0 < most <= MOST_LOOKS),
    ]


async def complain(desk: Desk, number: int, port: int) -> None:
    """One person's complaint, at its time within the minute."""
    await asyncio.sleep(WITHIN * number / PEOPLE)
    thread = ThreadKey(f"person-{number}")
    text = f"I can't send email since this morning, our server is 127.0.0.1 port {port}"
    await desk.hear(Incoming(event_id=f"e{number}", thread=thread, by=f"p{number}", text=text))
    await desk.settle(thread)


def most_within(times: Sequence[float], window: float) -> int:
    """The largest number of `times` that fall into a window of that length."""
    return max((sum(0 <= later - one < window for later in times) for one in times), default=0)


def many_servers(folder: Path, knowledge: Knowledge) -> list[tuple[str, ...]]:
    """Two hundred servers at once, beside the slowest of them alone."""
    program = [sys.executable, str(Path(__file__).parent / "slow_servers.py")]
    words = [str(folder), str(SERVERS), str(SLOWEST)]
    process = subprocess.Popen([*program, *words], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        return asyncio.run(looked_at(loads(process.stdout.readline()), knowledge))
    finally:
        process.terminate()
        process.communicate()


async def looked_at(ready: dict[str, Any], knowledge: Knowledge) -> list[tuple[str, ...]]:
    """The slowest server, then all of them."""
    prober = NetworkProber(loopback_settings(ca_file=Path(ready["ca_file"])))
    prober.prepare()
    targets = [
        Target(host=host, port=ready["port"], security=Security.STARTTLS) for host in ready["hosts"]
    ]
    alone, _ = await timed(prober, targets[-1:], knowledge)
    idle = megabytes("VmRSS")
    forget_the_highest()
    together, works = await timed(prober, targets, knowledge)
    grown = megabytes("VmHWM") - idle
    return [
        row(
            f"{SERVERS} servers at once: found healthy",
            f"{works}",
            f"{SERVERS}",
            kept=works == SERVERS,
        ),
        row(
            f"all of them, the slowest alone {alone:.2f} s",
            f"{together:.2f} s",
            f"{2 * alone:.2f} s",
            kept=together <= 2 * alone,
        ),
        row("memory above idle", f"{grown:.1f} MB", f"{MEGABYTES} MB", kept=grown <= MEGABYTES),
    ]


def forget_the_highest() -> None:
    """Has the kernel measure the peak of memory from now on."""
    Path("/proc/self/clear_refs").write_text("5", "ascii")


async def timed(
    prober: NetworkProber, targets: Sequence[Target], knowledge: Knowledge
) -> tuple[float, int]:
    """How many seconds the checks took, and how many servers were found to be healthy."""
    checks = Checks(prober, SystemClock(), LIMITS)
    begun = time.monotonic()
    found = await asyncio.gather(*(checks.run(target) for target in targets))
    took = time.monotonic() - begun
    verdicts = [
        diagnose(Known(target=target, evidence=evidence), knowledge).verdict.code
        for target, evidence in zip(targets, found, strict=True)
    ]
    return took, verdicts.count(Code.OK)


def megabytes(what: str) -> float:
    """A figure of this process's memory, as the kernel gives it."""
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith(f"{what}:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"the kernel does not tell {what}")


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
