"""The one process inside a namespace: builds the lab it is told of, asks, and prints what came.

Reads a `Lab` as JSON on standard input and prints its `Answer`s, in the order of the scenes and
then of the questions. It ends with everything in it, and the namespace ends with it.
"""

import asyncio
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import cattrs
from servers.dnsserver import DnsServer, Records
from servers.faultserver import FaultServer
from servers.loopback import raise_loopback
from servers.pki import Authority, Wish

from bot.app import App, build
from bot.config import load_settings
from bot.model.target import Protocol, Security, Target, Unusable
from bot.parsing.target import parse_target
from bot.transports.terminal.commands import check_json, refuse
from lab.scene import Answer, Lab, Machine, Question, Scene
from lab.services import SERVICES
from lab.tools import feed, tool

DOMAIN = "lab.test"


class Turning(dict[str, Records]):
    """Records that change: each look-up of a type gets its next list, the last one stays."""

    def __init__(self, turns: Mapping[str, Sequence[Sequence[str]]]) -> None:
        super().__init__({kind: lists[0] for kind, lists in turns.items()})
        self._turns = turns
        self._asked: Counter[str] = Counter()

    def get(self, kind: str, default: Any = None) -> Any:
        """The list whose turn it is."""
        lists = self._turns.get(kind)
        if lists is None:
            return default
        turn = min(self._asked[kind], len(lists) - 1)
        self._asked[kind] += 1
        return lists[turn]


def main() -> None:
    """Runs the lab that is described on standard input."""
    lab = cattrs.structure(json.load(sys.stdin), Lab)
    raise_loopback()
    with tempfile.TemporaryDirectory() as home:
        answers = asyncio.run(_run(lab, Path(home)))
        json.dump([asdict(answer) for answer in answers], sys.stdout)
    sys.stdout.flush()


async def _run(lab: Lab, home: Path) -> list[Answer]:
    names = DnsServer({**_scene_zone(lab), **{n: Turning(t) for n, t in lab.zone.items()}})
    feed("ip", "-batch", "-", lines=_addresses(lab))
    feed("nft", "-f", "-", lines=_rules(lab, names.port))
    authority = Authority.root("Lab Trust")
    servers = _serve(lab, authority, home)
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(home),
        "MAILMEDIC_DB": str(home / "cases.db"),
        "MAILMEDIC_DNS": f"127.0.0.1:{names.port}",
        "MAILMEDIC_CA_FILE": str(authority.file(home)),
        **{f"MAILMEDIC_{name}": value for name, value in lab.settings.items()},
    }
    inquirer = Inquirer(build(load_settings(environment, home / "none")), environment, home, names)
    scenes = (_question(scene, number) for number, scene in enumerate(lab.scenes))
    found = await asyncio.gather(*(inquirer.ask(*asked) for asked in scenes))
    if lab.questions:
        for server in servers:  # their last words are not to be counted
            await asyncio.to_thread(server.wait_until_idle)
        inquirer.reset_meters()
    return [*found, *[await inquirer.ask_metered(question) for question in lab.questions]]


def _scene_zone(lab: Lab) -> dict[str, dict[str, Records]]:
    zone: dict[str, dict[str, Records]] = {}
    for number, scene in enumerate(lab.scenes):
        addresses = scene.addresses(number)
        zone[_host(number)] = {
            "A": [address for address in addresses if ":" not in address],
            "AAAA": [address for address in addresses if ":" in address],
        }
    return zone


def _host(number: int) -> str:
    return f"mail{number + 1}.{DOMAIN}"


def _machines(lab: Lab) -> Iterator[tuple[str, Machine]]:
    for number, scene in enumerate(lab.scenes):
        yield from zip(scene.addresses(number), scene.machines, strict=True)


def _addresses(lab: Lab) -> Iterator[str]:
    """Commands of `ip`: machines are addresses of lo, or routes to somewhere else."""
    for address, machine in _machines(lab):
        length = 128 if ":" in address else 32
        if machine.way == "here":
            option = "nodad" if ":" in address else ""
            yield f"addr add {address}/{length} dev lo {option}"
        elif machine.way == "nowhere":
            yield f"route add {address}/{length} dev lo"
        elif machine.way != "none":
            yield f"route add {machine.way} {address}/{length}"
    if lab.questions:  # whatever is dialled leaves, and the meter sees it
        yield "route add 0.0.0.0/0 dev lo"
        yield "route add ::/0 dev lo"


def _rules(lab: Lab, dns_port: int) -> Iterator[str]:
    """Commands of nft: the machines' packets come in at lo; the meter counts all that goes out."""
    yield "add table inet lab"
    yield "add counter inet lab dns"
    yield "add counter inet lab loopback"
    yield "add counter inet lab others"
    yield "add chain inet lab input { type filter hook input priority 0; }"
    yield "add chain inet lab output { type filter hook output priority 0; }"
    for address, machine in _machines(lab):
        family = "ip6" if ":" in address else "ip"
        for rule in machine.rules:
            yield f"add rule inet lab input {family} daddr {address} {rule}"
    for end in ("udp sport", "udp dport", "tcp sport", "tcp dport"):
        match = f"ip daddr 127.0.0.1 {end} {dns_port}"
        yield f"add rule inet lab output {match} counter name dns accept"
    for loopback in ("ip daddr 127.0.0.0/8", "ip6 daddr ::1"):
        yield f"add rule inet lab output {loopback} counter name loopback"
    yield "add rule inet lab output counter name others"


def _serve(lab: Lab, authority: Authority, home: Path) -> list[FaultServer]:
    """Starts the servers. Nobody stops them: they end with this process."""
    addresses = [address for address, _ in _machines(lab)]
    names = (f"*.{DOMAIN}", *addresses)
    context = authority.leaf(Wish(names=names)).context(home)
    return [
        FaultServer(SERVICES[service](context), host=address, port=port)
        for address, machine in _machines(lab)
        for port, service in machine.ports.items()
    ]


def _question(scene: Scene, number: int) -> tuple[str, str, str]:
    addresses = scene.addresses(number)
    v4 = next((address for address in addresses if ":" not in address), "")
    v6 = next((address for address in addresses if ":" in address), "")
    target = scene.target.format(host=_host(number), v4=v4, v6=v6)
    return target, scene.security, scene.protocol


class Inquirer:
    """Asks as `mailmedic check … --json` does, in this process or in one of its own."""

    def __init__(
        self, app: App, environment: Mapping[str, str], home: Path, names: DnsServer
    ) -> None:
        self._knowledge = app.knowledge
        self._checks = app.checks()
        self._environment = environment
        self._home = home
        self._names = names
        self._counted: dict[str, int] = {}

    async def ask(self, target: str, security: str = "auto", protocol: str = "auto") -> Answer:
        """The answer to one check, as the command would give it."""
        asked = parse_target(target.split(" "))
        if isinstance(asked, Unusable):
            code, document, line = refuse(asked, self._knowledge)
        else:
            if isinstance(asked, Target):
                asked = replace(
                    asked,
                    security=asked.security if security == "auto" else Security(security),
                    protocol=asked.protocol if protocol == "auto" else Protocol(protocol),
                )
            code, document, line = await check_json(asked, self._checks, self._knowledge)
        return Answer(code=code, document=dict(document), line=line)

    def reset_meters(self) -> None:
        """Counts from here on."""
        self._counted = _meters()

    async def ask_metered(self, question: Question) -> Answer:
        """The answer, and what left since the one before. Nothing else may run meanwhile."""
        self._names.queries.clear()
        if question.process:
            answer = await asyncio.to_thread(self._ask_process, question)
        elif "\n" in question.target:
            answer = await asyncio.to_thread(self._ask_lines, question)
        else:
            answer = await self.ask(question.target, question.security)
        before, after = self._counted, _meters()
        self._counted = after
        asked = sorted(f"{name} {kind}" for name, kind in self._names.queries.elements())
        return replace(
            answer,
            dns=after["dns"] - before["dns"],
            others=after["others"] - before["others"],
            loopback=after["loopback"] - before["loopback"],
            asked=tuple(asked),
        )

    def _ask_process(self, question: Question) -> Answer:
        words = [*question.target.split(" "), "--security", question.security, "--json"]
        done = self._run_process(words, "")
        return Answer(code=done.returncode, document=json.loads(done.stdout), line=done.stderr)

    def _ask_lines(self, question: Question) -> Answer:
        done = self._run_process(["-"], question.target)
        documents = [json.loads(line) for line in done.stdout.splitlines()]
        return Answer(code=done.returncode, document={"lines": documents}, line=done.stderr)

    def _run_process(self, words: list[str], typed: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "bot", "check", *words],
            input=typed,
            env=dict(self._environment),
            cwd=self._home,
            capture_output=True,
            text=True,
            check=False,
        )


def _meters() -> dict[str, int]:
    """Packets counted so far, by the name of the counter."""
    command = [tool("nft"), "-j", "list", "counters"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True)
    found = json.loads(listed.stdout)["nftables"]
    counters = [entry["counter"] for entry in found if "counter" in entry]
    return {counter["name"]: counter["packets"] for counter in counters}


if __name__ == "__main__":
    main()
