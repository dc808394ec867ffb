"""Whole talks from `tests/transcripts/`, played through a transport.

```
# what the talk shows
> words of the person          ! a button          < words that the bot says, in this order
- words that it never says     = where the case then stands, and its verdict
```
`{starttls}`, `{tls}` and `{mute}` are the ports of servers on 127.0.0.1.
"""

import asyncio
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from ssl import SSLContext

import pytest
from cli_process import Document, Mailmedic
from servers.faultserver import ServeScript
from servers.scripts import SILENT, smtp_starttls, smtp_tls
from slack_bot import Bot, plain_text
from standin import Message, typed

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


def played(name: str, ports: dict[str, str]) -> list[tuple[Document, list[str]]]:
    """The turns of a transcript."""
    text = (FOLDER / name).read_text("utf-8")
    for port, number in ports.items():
        text = text.replace("{" + port + "}", number)
    return list(turns(text.splitlines()))


@pytest.mark.parametrize("name", NAMES)
def test_terminal_says_what_the_transcript_says(
    name: str, mailmedic: Mailmedic, ports: dict[str, str]
) -> None:
    """The talk goes as it is written down."""
    steps = played(name, ports)
    answers = mailmedic.chat(*(step for step, _ in steps))

    assert len(answers) == len(steps)
    for answer, (_, wanted) in zip(answers, steps, strict=True):
        check(answer, wanted)


@pytest.mark.parametrize("name", NAMES)
async def test_slack_says_what_the_terminal_says(
    name: str, mailmedic: Mailmedic, ports: dict[str, str], bot: Bot
) -> None:
    """The same talk in a thread has the same words, buttons and standing, turn by turn."""
    steps = played(name, ports)
    answers = await asyncio.to_thread(mailmedic.chat, *(step for step, _ in steps))
    anna = bot.slack.add_user("anna")
    direct = bot.slack.open_dm(anna)
    thread: str | None = None
    number = 0
    for (step, wanted), answer in zip(steps, answers, strict=True):
        if "choose" in step and thread is not None:
            await bot.chooses(anna, direct, thread, step["choose"])
        else:
            ts = await bot.slack.says(anna, direct, typed(step["say"]), thread_ts=thread)
            thread = thread or ts
        number += len(answer["messages"])
        assert thread is not None
        said = (await bot.answers(direct, thread, number))[number - len(answer["messages"]) :]

        assert [untimed(one["text"]) for one in answer["messages"]] == [
            untimed(posted(bot, one)) for one in said
        ]
        session = await bot.session(direct, thread)
        case = None
        if session is not None:
            verdict = session.diagnosis.verdict.code if session.diagnosis is not None else None
            case = {"state": session.state, "verdict": verdict}
        for line in wanted:
            if line.startswith("="):
                assert standing({"case": case}).startswith(line[1:].strip())


def posted(bot: Bot, message: Message) -> str:
    """The words of a message as it was posted, before any edit."""
    call = next(one for one in bot.slack.calls if one.answer.get("ts") == message.ts)
    return plain_text(replace(message, text=str(call.arguments["text"])))


def untimed(text: str) -> str:
    """The text without how long anything took."""
    return re.sub(r"[0-9.]+ (ms|s)\b", r"N \1", text)
