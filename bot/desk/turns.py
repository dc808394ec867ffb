"""What a move changes, as one turn for the casebook."""

import json
from dataclasses import replace

from bot.conversation.events import (
    Checked,
    Chose,
    Corrected,
    Event,
    Filled,
    Said,
    Speak,
)
from bot.conversation.machine import step
from bot.conversation.walking import Move
from bot.desk.codec import dump_event, load_event
from bot.desk.ports import Letter, Turn
from bot.diagnosis.judge import diagnose
from bot.diagnosis.situation import Known
from bot.diagnosis.words import summary
from bot.knowledge.schema import Knowledge
from bot.model.case import Session, ThreadKey
from bot.model.history import CaseEvent, CaseFile

__all__ = ["letters_of", "line_of", "replayed", "turn_of"]

_LONGEST_SUMMARY = 140  # a line in a list
_SYSTEM = "mailmedic"


def letters_of(move: Move, event_id: str) -> tuple[Letter, ...]:
    """The replies of a move; their keys follow from the event, so a repeat adds none."""
    said = [effect for effect in move.effects if isinstance(effect, Speak)]
    return tuple(
        Letter(
            key=f"{event_id}/{number}",
            thread=move.session.thread,
            reply=effect.reply,
            revision=move.session.revision,
        )
        for number, effect in enumerate(said)
    )


def turn_of(before: Session, move: Move, event: Event, event_id: str, knowledge: Knowledge) -> Turn:
    """Everything that is to be stored together."""
    session = move.session
    given = [
        advice for effect in move.effects if isinstance(effect, Speak) for advice in effect.advice
    ]
    resolved = session.resolution if session.resolution != before.resolution else None
    return Turn(
        session=session,
        at=event.at,
        summary=line_of(session.complaint.text if session.complaint is not None else ""),
        words=_words(session, knowledge),
        by=getattr(event, "by", _SYSTEM),
        events=(_logged(event, event_id, session, knowledge),),
        given=tuple(advice for advice in given if advice not in before.advised),
        resolution=resolved,
        handled=event_id,
        knowledge_version=knowledge.version,
        saw=before.revision,
    )


def line_of(text: str) -> str:
    """A complaint's first words, as a list of cases shows them."""
    line = " ".join(text.split())
    if len(line) <= _LONGEST_SUMMARY:
        return line
    return f"{line[:_LONGEST_SUMMARY]}…"


def _words(session: Session, knowledge: Knowledge) -> str:
    """All that a case can be found by: what was said, the verdict's sentence and its names."""
    complaint, diagnosis = session.complaint, session.diagnosis
    words: list[str | None] = []
    if complaint is not None:
        words += [complaint.text, complaint.host, complaint.provider, complaint.client]
        words += complaint.codes
    if diagnosis is not None:
        code = diagnosis.verdict.code
        words += [code, summary(code, diagnosis.details, knowledge.texts)]
        words.append(diagnosis.target.host if diagnosis.target is not None else None)
    return "\n".join(filter(None, words))


def _logged(event: Event, event_id: str, session: Session, knowledge: Knowledge) -> CaseEvent:
    """The event as the case's log keeps it: whole, for a replay, and what a reader looks for."""
    data: dict[str, object] = {"state": session.state, "node": session.node}
    match event:
        case Said(complaint=complaint) | Corrected(complaint=complaint):
            data |= {"text": complaint.text, "intent": complaint.intent}
        case Chose(option=option):
            data["option"] = option
        case Filled(values=values):
            data["fields"] = sorted(values)
        case Checked(number=number, evidence=evidence):
            data |= {"number": number, "seconds": round(evidence.took.total_seconds(), 3)}
            seen = diagnose(Known(target=event.target, evidence=evidence), knowledge)
            data["verdict"] = seen.verdict.code
    data["event"] = dump_event(event)
    kind = type(event).__name__.lower()
    return CaseEvent(at=event.at, kind=kind, data=json.dumps(data), source=event_id)


def replayed(file: CaseFile, thread: ThreadKey, knowledge: Knowledge) -> Session:
    """The session that a case's log leads to, by the knowledge of today.

    Raises ValueError for a log that no version of ours has written.
    """
    session = Session(thread=thread)
    for logged in file.events:
        stored = json.loads(logged.data).get("event")
        if stored is None:
            raise ValueError(f"case {file.summary.id} has an event that cannot be replayed")
        session = step(session, load_event(stored), knowledge).session
        session = replace(session, case=file.summary.id)
    return session
