"""What a check costs this machine: the time of its processor, and what is built for it.

Servers run in a process of their own, so what is counted is the check alone: look-up, connection,
TLS, certificate, verdict. Each check is of another name, since the same one costs nothing.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from json import loads
from pathlib import Path
from statistics import median
from typing import Any

from mail_servers import name
from report import print_machine, print_table

from bot.app import App, build
from bot.config import load_settings
from bot.desk.inquiry import inquire
from bot.model.codes import Code
from bot.model.target import Security, Target
from bot.probes import prober

WARM_UP = 40
CHECKS = 300
BUDGET = 0.006  # seconds of processor time for one check

Work = Callable[[int], Awaitable[None]]


@contextmanager
def servers() -> Iterator[dict[str, Any]]:
    """What the servers say about themselves, while they run."""
    with tempfile.TemporaryDirectory() as folder:
        program = [sys.executable, str(Path(__file__).parent / "mail_servers.py")]
        words = [folder, "127.0.0.1", "0", "0", "0"]
        process = subprocess.Popen([*program, *words], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        try:
            yield loads(process.stdout.readline())
        finally:
            process.terminate()
            process.communicate()


def app_for(ready: dict[str, Any]) -> App:
    """Mailmedic with the settings under which it may look at these servers."""
    settings = {
        "MAILMEDIC_ALLOW_NETS": "127.0.0.0/8",
        "MAILMEDIC_ALLOW_PORTS": "1024-65535",
        "MAILMEDIC_DNS": f"127.0.0.1:{ready['dns']}",
        "MAILMEDIC_CA_FILE": ready["ca_file"],
    }
    return build(load_settings(settings))


@contextmanager
def counted(*names: str) -> Iterator[dict[str, int]]:
    """How often the prober builds each of these, while the block runs."""
    calls = dict.fromkeys(names, 0)
    originals = {one: getattr(prober, one) for one in names}

    def counting(one: str) -> Callable[..., Any]:
        def build_one(*arguments: Any) -> Any:
            calls[one] += 1
            return originals[one](*arguments)

        return build_one

    for one in names:
        setattr(prober, one, counting(one))
    try:
        yield calls
    finally:
        for one, original in originals.items():
            setattr(prober, one, original)


async def measure(work: Work, numbers: range) -> tuple[float, float, float]:
    """Mean processor time, median and 99th percentile of the time on the clock, of one piece."""
    took = []
    used = time.process_time()
    for number in numbers:
        start = time.perf_counter()
        await work(number)
        took.append(time.perf_counter() - start)
    used = time.process_time() - used
    return used / len(took), median(took), sorted(took)[int(len(took) * 0.99)]


def resident() -> float:
    """The memory of this process in MB."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


async def main() -> bool:
    """Prints the table; whether the budget was kept."""
    with servers() as ready, counted("handshake_context", "TrustStore") as built:
        app = app_for(ready)
        checks = app.checks()
        checks.prepare()

        def check(port: int, security: Security) -> Work:
            async def look(number: int) -> None:
                target = Target(host=name(number), port=port, security=security)
                report = await inquire(target, checks, app.knowledge, lambda _: None)
                assert report.diagnosis.verdict.code is Code.OK, report.diagnosis

            return look

        async def look_up(number: int) -> None:
            await checks.look_up(name(number))

        pieces = (
            ("check of 587, STARTTLS", check(ready["starttls"], Security.STARTTLS)),
            ("check of 465, TLS", check(ready["tls"], Security.TLS)),
            ("of that, the look-up", look_up),
        )
        for _, work in pieces:
            await measure(work, range(WARM_UP))
        before = resident()
        found = [
            (label, *await measure(work, range(WARM_UP, WARM_UP + CHECKS)))
            for label, work in pieces
        ]
        after = resident()
    return show(found, built, before, after)


def show(
    found: list[tuple[str, float, float, float]],
    built: dict[str, int],
    before: float,
    after: float,
) -> bool:
    """Prints what was found; whether the budget was kept."""
    print_machine(f"{CHECKS} of each, one after the other, over loopback; servers elsewhere.")
    rows = []
    for label, used, middle, late in found:
        rows.append(
            (
                label,
                f"{used * 1000:.2f} ms",
                "ok" if used <= BUDGET else "MISSED",
                f"{middle * 1000:.1f} ms",
                f"{late * 1000:.1f} ms",
            )
        )
    budget = f"{BUDGET * 1000:.0f} ms"
    print_table(("what", "own CPU", f"budget {budget}", "on the clock", "p99"), rows)
    print(f"\nMemory: {before:.1f} MB warm, {after:.1f} MB after all of these.")
    print(f"Built for all of them: {', '.join(f'{times} {one}' for one, times in built.items())}.")
    return all(used <= BUDGET for _, used, *_ in found) and set(built.values()) == {1}


if __name__ == "__main__":
    sys.exit(0 if asyncio.run(main()) else 1)
