"""The desk's voice in Slack: letters as messages of their thread, each of them once."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.desk.errors import DeliveryError, UndeliverableError
from bot.desk.ports import Ending, Letter
from bot.model.evidence import StageEvent
from bot.model.reply import Tone
from bot.transports.slack.calling import called
from bot.transports.slack.pace import Pace
from bot.transports.slack.places import Place, place_of, reference_of
from bot.transports.slack.progress import ProgressBoard
from bot.transports.slack.rendering import key_of, message_of

__all__ = ["SlackSpeaker"]

_PAGE = 200  # messages of a thread a call
# What Slack says of a thread that we may not read: then nothing is there to be found.
_NO_SIGHT = frozenset(
    {
        "channel_not_found",
        "invalid_arguments",
        "missing_scope",
        "not_allowed_token_type",
        "not_in_channel",
        "thread_not_found",
        "unknown_method",
    }
)
# Slack did not like how it looks; the words alone are better than nothing.
_LOOKS = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"})


class SlackSpeaker:
    """A `Speaker` of `bot.desk.ports`. What it has said it knows by `channel:timestamp`."""

    def __init__(
        self, client: AsyncWebClient, texts: Mapping[str, str], board: ProgressBoard
    ) -> None:
        self._client = client
        self._texts = texts
        self._board = board
        self._pace = Pace()

    async def say(self, letter: Letter) -> str:
        """Posts a letter in its thread. Raises DeliveryError."""
        place = _place(letter)
        message = message_of(
            letter.reply, revision=letter.revision, key=letter.key, texts=self._texts
        ).arguments()
        try:
            reference = await self._post(place, message)
        except DeliveryError as error:
            if str(error) not in _LOOKS:
                raise
            message.pop("blocks")
            reference = await self._post(place, message)
        self._is_out(letter, reference)
        return reference

    async def find(self, letter: Letter) -> str | None:
        """The message of a letter that may have been posted; None if it was not."""
        place = _place(letter)
        try:
            async for message in self._thread(place):
                if key_of(message) == letter.key:
                    reference = reference_of(place.channel, str(message["ts"]))
                    self._is_out(letter, reference)
                    return reference
        except DeliveryError as error:
            if str(error) not in _NO_SIGHT:
                raise
        return None

    def progress(self, letter: Letter, event: StageEvent, /) -> None:
        """Adds a stage to the message of a running check, as soon as Slack allows it."""
        self._board.add(letter, event)

    def progress_over(self, letter: Letter, ending: Ending, /) -> None:
        """Says at that message that the check has ended."""
        self._board.end(letter, ending)

    def _is_out(self, letter: Letter, reference: str) -> None:
        """Only the message of a check is edited later on."""
        if letter.reply.tone is Tone.WORKING:
            self._board.posted(letter, reference)

    async def _post(self, place: Place, message: dict[str, Any]) -> str:
        await self._pace.turn(place.channel)
        call = self._client.chat_postMessage(channel=place.channel, thread_ts=place.ts, **message)
        answer = await called(call, self._pace.refused)
        return reference_of(str(answer["channel"]), str(answer["ts"]))

    async def _thread(self, place: Place) -> AsyncIterator[Mapping[str, Any]]:
        cursor: str | None = None
        while cursor != "":
            call = self._client.conversations_replies(
                channel=place.channel,
                ts=place.ts,
                limit=_PAGE,
                include_all_metadata=True,
                cursor=cursor,
            )
            answer = await called(call, lambda _: None)
            for message in answer.get("messages") or ():
                yield message
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""


def _place(letter: Letter) -> Place:
    place = place_of(letter.thread)
    if place is None:
        raise UndeliverableError("a thread that is not in Slack")
    return place
