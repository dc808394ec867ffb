"""`mailmedic parse`: JSON lines in, what was understood out."""

import json
from collections.abc import Iterable, Iterator

from bot.diagnosis.hearsay import suspects
from bot.knowledge.schema import Knowledge
from bot.parsing.complaint import parse_complaint
from bot.transports.terminal.documents import Json, parse_document

__all__ = ["parse_lines"]


def parse_lines(
    lines: Iterable[str], knowledge: Knowledge, *, explain: bool = False
) -> Iterator[Json]:
    """One document a line, in order; a line that is no object with a text gives an error."""
    for line in lines:
        if line.strip():
            yield _one(line, knowledge, explain=explain)


def _one(line: str, knowledge: Knowledge, *, explain: bool) -> Json:
    try:
        asked = json.loads(line)
    except (ValueError, RecursionError):
        return {"id": None, "error": "the line is no JSON"}
    if not isinstance(asked, dict):
        return {"id": None, "error": "the line is no JSON object"}
    if not isinstance(asked.get("text"), str):
        return {"id": None, "error": 'the object has no "text"'}
    complaint = parse_complaint(asked["text"], knowledge)
    causes = suspects(knowledge, complaint)
    document = parse_document(asked.get("id"), complaint, causes, explain=explain)
    client = knowledge.clients.get(complaint.client or "")
    if client is not None and client.family is not None:
        document["client"] = client.family
    return document
