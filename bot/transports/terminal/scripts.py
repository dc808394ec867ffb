"""Scripts of JSON lines: each line is one thing a person does, and gets one line of answer.

```
{"say": "can't send email, smtp.example.com port 25"}
{"choose": "changed"}
{"fill": {"host": "smtp.example.com", "port": "587"}}
{"wait": 86400}
```
"""

import json
from collections.abc import Iterable
from datetime import timedelta
from typing import TextIO

from bot.model.reply import Reply
from bot.transports.terminal.chat import Conversation, Mailslot, answer_document

__all__ = ["ScriptError", "run_script"]

_LONGEST_WAIT = timedelta(days=3650)


class ScriptError(Exception):
    """A line that is no instruction: its number, what is wrong, what would be right."""

    def __init__(self, number: int, problem: str) -> None:
        cure = 'write {"say": TEXT}, {"choose": ID}, {"fill": {FIELD: VALUE}} or {"wait": SECONDS}'
        super().__init__(f"line {number}: {problem}; {cure}")


async def run_script(
    conversation: Conversation, slot: Mailslot, lines: Iterable[str], output: TextIO
) -> None:
    """Plays the script; blank lines are skipped.

    A line that is no instruction is answered by a line that says so, and the rest is played; at
    the end ScriptError tells of the first such line.
    """
    bad: list[ScriptError] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            await _play(conversation, line, number)
        except ScriptError as error:
            bad.append(error)
            slot.put(Reply(paragraphs=(str(error),)))
        answer = answer_document(slot.take(), await conversation.session())
        output.write(json.dumps(answer) + "\n")
        output.flush()
    if bad:
        raise bad[0]


async def _play(conversation: Conversation, line: str, number: int) -> None:
    try:
        instruction = json.loads(line)
    except (ValueError, RecursionError):
        raise ScriptError(number, "it is no JSON") from None
    if not isinstance(instruction, dict) or len(instruction) != 1:
        raise ScriptError(number, "it is no JSON object with one instruction")
    ((verb, value),) = instruction.items()
    match verb, value:
        case "say", str():
            await conversation.say(value)
        case "choose", str():
            await conversation.choose(value)
        case "fill", dict():
            await conversation.fill({str(name): _field(given) for name, given in value.items()})
        case "wait", int() | float() if _is_wait(value):
            await conversation.wait(timedelta(seconds=value))
        case _:
            raise ScriptError(number, f'"{verb}" is no instruction, or has a value it cannot have')


def _field(given: object) -> str:
    return "" if given is None else str(given)


def _is_wait(seconds: float) -> bool:
    return 0 <= seconds <= _LONGEST_WAIT.total_seconds()
