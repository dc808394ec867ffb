"""What a test says about its world: machines, what becomes of their packets, what is asked.

```
machine = Machine(ports={587: "starttls"}, rules=("tcp dport 25 drop",))
Scene(machines=(machine,), target="{host}:25")
```
All scenes of one test file stand side by side in one namespace, each with addresses and a name of
its own, and are asked about at the same time: a lab costs as long as its slowest check.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Answer", "Lab", "Machine", "Question", "Scene", "drop", "one"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """One address and what can be met there.

    `ports` maps a port to a script of `lab.services`; all other ports refuse. `rules` are nftables
    statements for packets to the machine; what answers has the same address, so a rule that is
    meant for one direction names a port. `way` other than `here`: the address is not of this
    namespace; `nowhere` (IPv4) swallows packets, `none` has no route, and the others (unreachable,
    prohibit, blackhole) are kinds of routes.
    """

    ports: Mapping[int, str] = field(default_factory=dict)
    rules: tuple[str, ...] = ()
    family: int = 4
    way: str = "here"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A name, its machines, and how `check` is asked about it.

    In `target`, {host} stands for the name, {v4} and {v6} for the first address of that family.
    """

    machines: tuple[Machine, ...]
    target: str = "{host}"
    security: str = "auto"
    protocol: str = "auto"

    def addresses(self, number: int) -> tuple[str, ...]:
        """The addresses of the machines where this is the scene of that number; all are public."""
        return tuple(
            f"2620:fe:{number + 1:x}::{place + 10:x}"
            if machine.family == 6
            else f"9.9.{number + 1}.{place + 10}"
            for place, machine in enumerate(self.machines)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is typed behind `check`, for a lab with a meter.

    `process` asks a process of its own; a target of several lines is given to `check -`, and the
    documents are then `lines` of the answer's.
    """

    target: str
    security: str = "auto"
    process: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Lab:
    """Everything that one namespace holds; `settings` are MAILMEDIC_ variables without prefix.

    `zone` gives names to addresses: records by type, each type with one list of them for every
    time that it is asked for (the last one stays). `questions` are asked one after the other.
    """

    scenes: tuple[Scene, ...] = ()
    zone: Mapping[str, Mapping[str, tuple[tuple[str, ...], ...]]] = field(default_factory=dict)
    questions: tuple[Question, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a check gave: exit code, document, the line for stderr.

    With a meter also the packets that left meanwhile, look-ups (`dns`) and all `others`, of which
    `loopback` went to this machine's own 127.0.0.0/8 or ::1; and which names the name server was
    asked for, as `name TYPE`.
    """

    code: int
    document: dict[str, Any]
    line: str
    dns: int = 0
    others: int = 0
    loopback: int = 0
    asked: tuple[str, ...] = ()


def drop(*ports: int) -> tuple[str, ...]:
    """Rules that swallow what goes to these ports."""
    return (f"tcp dport {{ {', '.join(map(str, ports))} }} drop",)


def one(
    ports: dict[int, str],
    target: str = "{host}",
    *,
    security: str = "auto",
    protocol: str = "auto",
    rules: tuple[str, ...] = (),
) -> Scene:
    """A scene of a single machine."""
    machines = (Machine(ports=ports, rules=rules),)
    return Scene(machines=machines, target=target, security=security, protocol=protocol)
