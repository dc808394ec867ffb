"""Events in Slack: how soon each is acknowledged, and how soon its answer is handed over.

The bot is the real `mailmedic serve`, kept to one core; a stand-in for Slack and the load share the
others. All goes over the real wire: Socket Mode in, Web API out. Time is counted from the writing
of the envelope to the arrival of the acknowledgement, or of the request that posts the answer.
"""

import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from servers.faultserver import FaultServer
from servers.scripts import SILENT
from standin import Delivery, StandIn

EVENTS = 1_000
PER_SECOND = 100
CHECKS = 200
BESIDE_CHECKS = 400
TIMEOUT = 30  # seconds of a check against a server that stays silent


@asynccontextmanager
async def bot(slack: StandIn) -> AsyncIterator[asyncio.subprocess.Process]:
    """The bot as a process of its own, on the last core."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
            "SLACK_API_URL": slack.api_url,
            "MAILMEDIC_DB": str(Path(folder) / "cases.db"),
            "MAILMEDIC_ALLOW_NETS": "127.0.0.0/8",
            "MAILMEDIC_ALLOW_PORTS": "1024-65535",
            "MAILMEDIC_SUBMISSION_PORTS": "1:starttls",
            "MAILMEDIC_TIMEOUT": str(TIMEOUT),
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            "serve",
            env=environment,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(process.pid, {cores[-1]})
        try:
            await slack.connected(timeout=20)
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            await process.wait()


async def complain(slack: StandIn, people: Iterable[str], text: str, per_second: float) -> None:
    """One message of each person, at an even rate."""
    loop = asyncio.get_running_loop()
    due = loop.time()
    for person in people:
        await slack.says(person, slack.open_dm(person), text)
        due += 1 / per_second
        await asyncio.sleep(max(0.0, due - loop.time()))


def people(slack: StandIn, number: int, name: str) -> list[str]:
    """So many new people."""
    return [slack.add_user(f"{name}{one}") for one in range(number)]


def of_people(slack: StandIn, them: Iterable[str]) -> list[Delivery]:
    """The envelopes that carry what those people said."""
    wanted = set(them)
    return [one for one in slack.deliveries if one.payload.get("event", {}).get("user") in wanted]


def answered(slack: StandIn) -> dict[str, float]:
    """When the first answer to each message arrived, by the timestamp of the message."""
    times: dict[str, float] = {}
    for call in slack.calls:
        if call.method == "chat.postMessage":
            times.setdefault(str(call.arguments.get("thread_ts")), call.at)
    return times


def report(name: str, seconds: list[float]) -> None:
    """Prints median, 99th percentile and maximum in milliseconds."""
    ordered = sorted(seconds)
    at = [ordered[int(len(ordered) * part)] * 1000 for part in (0.5, 0.99)]
    print(
        f"{name:<46} n={len(ordered):<5} median {at[0]:6.1f} ms   p99 {at[1]:6.1f} ms"
        f"   max {ordered[-1] * 1000:6.1f} ms"
    )


def acknowledged(deliveries: Iterable[Delivery]) -> list[float]:
    """How long each envelope waited for its acknowledgement."""
    return [one.acked_at - one.sent_at for one in deliveries if one.acked_at and one.sent_at]


async def without_checks() -> None:
    """Complaints that are answered with a question, at the rate of the budget."""
    async with StandIn() as slack, bot(slack):
        warm = people(slack, 20, "warm")
        await complain(slack, warm, "I can't send email", 50)
        await slack.until(lambda: len(answered(slack)) == len(warm), timeout=30)
        them = people(slack, EVENTS, "p")
        await complain(slack, them, "I can't send email", PER_SECOND)
        await slack.until(lambda: len(answered(slack)) == len(warm) + EVENTS, timeout=60)
        sent = of_people(slack, them)
        times = answered(slack)
        replies = [times[one.payload["event"]["ts"]] - (one.sent_at or 0) for one in sent]
        print(f"{EVENTS} complaints at {PER_SECOND}/s, no live check")
        report("  event to acknowledgement", acknowledged(sent))
        report("  event to answer handed to Slack", replies)


async def beside_checks() -> None:
    """Acknowledgements while as many checks run as the pool holds."""
    with FaultServer(SILENT) as server:
        async with StandIn() as slack, bot(slack):
            busy = people(slack, CHECKS, "busy")
            text = f"can't send email, thunderbird, server 127.0.0.1 port {server.port}"
            await complain(slack, busy, text, 50)
            await slack.until(lambda: len(answered(slack)) == CHECKS, timeout=30)
            them = people(slack, BESIDE_CHECKS, "p")
            await complain(slack, them, "I can't send email", 50)
            await slack.idle()
            print(
                f"{CHECKS} checks running against a silent server, {BESIDE_CHECKS} events at 50/s"
            )
            report("  event to acknowledgement", acknowledged(of_people(slack, them)))


async def main() -> None:
    """Both rows of the budget."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) > 1:
        os.sched_setaffinity(0, set(cores[:-1]))
    await without_checks()
    await beside_checks()


if __name__ == "__main__":
    asyncio.run(main())
