"""Whole talks from `tests/transcripts/`, played through a transport.

```
# what the talk shows
> words of the person          ! a button          < words that the bot says, in this order
- words that it never says     = where the case then stands, and its verdict
```
`{starttls}`, `{tls}` and `{mute}` are the ports of servers on 127.0.0.1.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from ssl import SSLContext

import pytest
from cli_process import Document, Mailmedic
from servers.faultserver import ServeScript
from servers.scripts import SILENT, smtp_starttls, smtp_tls

FOLDER = Path(__file__).parent.parent / "transcripts"
NAMES = sorted(path.name for path in FOLDER.glob("*.txt"))


@pytest.fixture
def ports(fault_server: ServeScript, good_context: SSLContext) -> dict[str, str]:
    """The ports that transcripts name."""
    servers = {
        "starttls": fault_server(smtp_starttls(good_context)),
        "tls": fault_server(SILENT, smtp_tls(good_context)),
        "mute": fault_server(SILENT),
    }
    return {name: str(server.port) for name, server in servers.items()}


def turns(lines: list[str]) -> Iterator[tuple[Document, list[str]]]:
    """Each thing the person does, with the expectations that follow it."""
    step: Document | None = None
    wanted: list[str] = []
    for line in lines:
        if line.startswith((">", "!")):
            if step is not None:
                yield step, wanted
            step = {"say" if line[0] == ">" else "choose": line[1:].strip()}
            wanted = []
        elif line.startswith(("<", "=", "-")):
            wanted.append(line)
    if step is not None:
        yield step, wanted


def check(answer: Document, wanted: list[str]) -> None:
    """Holds one answer against what the transcript says of it."""
    said = "\n".join(message["text"] for message in answer["messages"])
    rest = said
    for line in wanted:
        kind, words = line[0], line[1:].strip()
        if kind == "<":
            assert words in rest, said
            rest = rest.partition(words)[2]
        elif kind == "-":
            assert words not in json.dumps(answer)
        else:
            assert standing(answer).startswith(words), said


def standing(answer: Document) -> str:
    """The state and verdict of the case, `none` without one."""
    case = answer["case"]
    return "none" if case is None else f"{case['state']} {case['verdict'] or ''}".strip()


@pytest.mark.parametrize("name", NAMES)
def test_terminal_says_what_the_transcript_says(
    name: str, mailmedic: Mailmedic, ports: dict[str, str]
) -> None:
    """The talk goes as it is written down."""
    text = (FOLDER / name).read_text("utf-8")
    for port, number in ports.items():
        text = text.replace("{" + port + "}", number)
    played = list(turns(text.splitlines()))
    answers = mailmedic.chat(*(step for step, _ in played))

    assert len(answers) == len(played)
    for answer, (_, wanted) in zip(answers, played, strict=True):
        check(answer, wanted)
