"""Replies as messages, before and after somebody has answered them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from bot.conversation.replies import HUMAN
from bot.desk.ports import Ending
from bot.diagnosis.proof import mark, proof
from bot.diagnosis.words import say
from bot.model.evidence import Observation
from bot.model.foreign import printable
from bot.model.plain import Line, Role, drawn, reply_lines
from bot.model.reply import Reply, Tone
from bot.transports.slack.blocks import section_block, text_blocks, words
from bot.transports.slack.controls import control_blocks
from bot.transports.slack.ids import METADATA_EVENT
from bot.transports.slack.limits import (
    ELLIPSIS,
    LONGEST_TEXT,
    MOST_BLOCKS,
    MOST_CHARACTERS,
    Json,
    Room,
    fitted,
    message_text,
    shortened,
    written,
)

__all__ = [
    "Message",
    "check_over",
    "check_progress",
    "key_of",
    "message_of",
    "of_lines",
    "stage_line",
]

_MOST_STAGES = 12  # in the message of a running check; the newest tell how far it is
_LONGEST_STAGE = 300  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message as Slack takes it. `key` is that of its letter, None for what is not one."""

    text: str
    blocks: tuple[Json, ...]
    key: str | None = None

    def content(self) -> Json:
        """What is shown: for chat.update, chat.postEphemeral and response_url."""
        return {"text": self.text, "blocks": list(self.blocks)}

    def arguments(self) -> Json:
        """The arguments of chat.postMessage beside the place where it goes."""
        # A host that somebody named must not be fetched by Slack to make a picture of it.
        told = {**self.content(), "unfurl_links": False, "unfurl_media": False}
        if self.key is not None:
            payload = {"key": self.key}
            told["metadata"] = {"event_type": METADATA_EVENT, "event_payload": payload}
        return told


def message_of(reply: Reply, *, revision: int, key: str, texts: Mapping[str, str]) -> Message:
    """The message of a reply; its buttons belong to the turn of `revision`."""
    controls = control_blocks(reply, revision=revision, key=key, texts=texts)
    return of_lines(reply_lines(reply), tone=reply.tone, controls=controls, key=key)


def key_of(message: Mapping[str, Any]) -> str | None:
    """The key that a message of ours carries in its metadata; None if it carries none."""
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != METADATA_EVENT:
        return None
    key = (metadata.get("event_payload") or {}).get("key")
    return str(key) if key is not None else None


def of_lines(
    lines: Iterable[Line],
    *,
    tone: Tone = Tone.PLAIN,
    controls: Sequence[Json] = (),
    key: str | None = None,
) -> Message:
    """The message of lines, cut to the room that its controls leave."""
    # A line takes a character of the text at least: what comes later is cut away in any case.
    told = tuple(islice(lines, LONGEST_TEXT + 1))
    room = Room(characters=MOST_CHARACTERS - written(controls), blocks=MOST_BLOCKS - len(controls))
    blocks = [*text_blocks(fitted(told, room), tone), *controls]
    if not blocks:
        blocks = [section_block(words(ELLIPSIS))]
    return Message(text=message_text(drawn(told, tone)), blocks=tuple(blocks), key=key)


def stage_line(seen: Observation, texts: Mapping[str, str]) -> str:
    """A stage that has ended, in a line with its mark."""
    return f"{mark(seen)} {proof(seen, texts)}"


def check_progress(
    reply: Reply, stages: Sequence[str], *, revision: int, key: str, texts: Mapping[str, str]
) -> Message:
    """The message of a running check: what `reply` said of it, and the stages that have ended."""
    controls = control_blocks(reply, revision=revision, key=key, texts=texts)
    lines = [*reply_lines(reply), *_stage_lines(stages, texts)]
    return of_lines(lines, tone=reply.tone, controls=controls, key=key)


def check_over(reply: Reply, *, ending: Ending, key: str, texts: Mapping[str, str]) -> Message:
    """The message of a check that has ended, or that was broken off and will be made again.

    The stages go: what they prove stands with the verdict. The buttons carry no revision: by now
    the case has gone on, and asking for a person must do.
    """
    said = texts[f"slack.check.{ending}"]
    interrupted = ending is Ending.INTERRUPTED
    lines = [*reply_lines(reply), Line(role=Role.PARAGRAPH, text=said)]
    left = reply if interrupted else _for_a_person(reply)
    controls = control_blocks(left, revision=None, key=key, texts=texts)
    tone = Tone.WORKING if interrupted else Tone.PLAIN
    return of_lines(lines, tone=tone, controls=controls, key=key)


def _for_a_person(reply: Reply) -> Reply:
    human = tuple(option for option in reply.options if option.id == HUMAN)
    return replace(reply, options=human, fields=())


def _stage_lines(stages: Sequence[str], texts: Mapping[str, str]) -> Iterator[Line]:
    """The newest stages, and how many came before them."""
    left_out = len(stages) - _MOST_STAGES
    if left_out > 0:
        said = say("slack.earlier_stages", texts, count=str(left_out))
        yield Line(role=Role.PARAGRAPH, text=said)
    for stage in stages[-_MOST_STAGES:]:
        flat = printable(" ".join(stage.splitlines()), keep="")
        yield Line(role=Role.FACT, text=shortened(flat, _LONGEST_STAGE))
