"""Judges what the app writes, before anybody sees it.

docs.slack.dev/reference/methods/chat.postMessage and .../chat.update; how the texts should be is
in `texts`, how blocks must be in `blockkit`.
"""

from standin.blockkit import BLOCKS_TOO_LONG, judge_blocks, judge_view, total_text
from standin.journal import Journal, Json
from standin.schema import Report
from standin.texts import text_breaches
from standin.webapi import RefusedError, truth

__all__ = ["Outgoing"]

_TRUNCATED = 40_000
_UPDATE = 4_000  # chat.update: "The `text` field cannot exceed 4,000 characters"
_MARKDOWN = 12_000
_METADATA = 8_000  # Slack writes down that there is a limit (metadata_too_large), not which


class Outgoing:
    """Refuses what Slack refuses, and records what it would rather not have."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def message(
        self, what: str, arguments: Json, *, is_update: bool = False
    ) -> tuple[str, list[Json]]:
        """The text and blocks as they will be seen."""
        text, blocks = arguments.get("text"), self._blocks(arguments.get("blocks"))
        markdown = arguments.get("markdown_text")
        if markdown and (text or blocks):
            raise RefusedError("markdown_text_conflict")
        if markdown and len(markdown) > _MARKDOWN:
            raise RefusedError("msg_too_long")
        if not (text or blocks or markdown or arguments.get("attachments")):
            raise RefusedError("no_text")
        if text is not None and not isinstance(text, str):
            raise RefusedError("invalid_arguments")
        if is_update and len(text or "") > _UPDATE:
            raise RefusedError("msg_too_long")
        for breach in text_breaches(text or markdown, blocks):
            self._journal.breach(f"{what}: {breach}")
        self._manners(what, arguments)
        return (text or markdown or "")[:_TRUNCATED], blocks

    def _manners(self, what: str, arguments: Json) -> None:
        """Switches that would change what people see of a text that was not written for it."""
        if truth(arguments.get("link_names")) or arguments.get("parse") == "full":
            self._journal.breach(f"{what}: link_names or parse=full finds mentions in any text")
        if what == "chat.postMessage":
            for name in ("unfurl_links", "unfurl_media"):
                if str(arguments.get(name)).lower() not in {"0", "false"}:
                    self._journal.breach(f"{what}: {name} is not false")

    def _blocks(self, blocks: object) -> list[Json]:
        if blocks in (None, "", []):
            return []
        if not isinstance(blocks, list):
            raise RefusedError("invalid_blocks_format")
        if total_text(blocks) > BLOCKS_TOO_LONG:
            raise RefusedError("msg_blocks_too_long")
        self._judged("invalid_blocks", judge_blocks(blocks))
        return blocks

    def view(self, view: object) -> Json:
        """A modal that is right."""
        report = judge_view(view)
        self._judged("invalid_arguments", report)
        assert isinstance(view, dict)
        return view

    def _judged(self, error: str, report: Report) -> None:
        for doubt in report.doubts:
            self._journal.breach(f"block kit: {doubt}")
        if report.errors:
            messages = [f"[ERROR] {message}" for message in report.errors]
            raise RefusedError(
                error, {"errors": report.errors, "response_metadata": {"messages": messages}}
            )

    @staticmethod
    def metadata(metadata: object) -> Json | None:
        """docs.slack.dev/messaging/message-metadata: event_type and event_payload."""
        if metadata is None:
            return None
        if not isinstance(metadata, dict):
            raise RefusedError("invalid_metadata_format")
        if metadata and not (
            isinstance(metadata.get("event_type"), str)
            and metadata["event_type"]
            and isinstance(metadata.get("event_payload"), dict)
            and set(metadata) == {"event_type", "event_payload"}
        ):
            raise RefusedError("invalid_metadata_format")
        if len(str(metadata)) > _METADATA:
            raise RefusedError("metadata_too_large")
        return metadata
