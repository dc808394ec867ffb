"""Keeps turns until it is killed and says each one that was acknowledged, a line for each."""

import asyncio
import sys
from dataclasses import replace
from pathlib import Path

from factories import NOON, a_full_session, a_letter, a_received, a_session, a_turn

from bot.model.history import CaseEvent
from bot.store.casebook import SqliteCasebook


def acknowledge(line: str) -> None:
    """Says at once what was kept."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def keep_turns(path: Path, tag: str) -> None:
    """Opens a case and changes it, again and again."""
    casebook = await SqliteCasebook.open(path)
    event = CaseEvent(at=NOON, kind="said")
    for number in range(1_000_000):
        event_id = f"{tag}-{number}"
        await casebook.receive(a_received(event_id))
        letters = (a_letter(f"{event_id}/0"),)
        kept = await casebook.keep(
            a_turn(a_session(), handled=event_id, events=(event,), letters=letters)
        )
        acknowledge(f"{kept.case} 1 {event_id}")
        changed = replace(a_full_session(), case=kept.case, revision=2)
        await casebook.keep(a_turn(changed, words=f"changed {number}", events=(event,)))
        acknowledge(f"{kept.case} 2 {event_id}")


if __name__ == "__main__":
    asyncio.run(keep_turns(Path(sys.argv[1]), sys.argv[2]))
