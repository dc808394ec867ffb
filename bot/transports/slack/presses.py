"""Buttons: the turn that follows, and what the pressed message then shows."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from bot.desk.ports import Received
from bot.desk.reception import Reception
from bot.transports.slack.answered import chosen
from bot.transports.slack.answering import Answerer
from bot.transports.slack.progress import ProgressBoard
from bot.transports.slack.translating import Bot, heard_in_press

__all__ = ["Presses"]

_ONE_GESTURE = 3.0  # seconds; a second press within it is a double click
_MOST = 1_000

Body = Mapping[str, Any]


class Presses:
    """What is done about a button that was pressed."""

    def __init__(
        self,
        reception: Reception,
        board: ProgressBoard,
        answerer: Answerer,
        texts: Mapping[str, str],
        me: Bot,
    ) -> None:
        self._reception = reception
        self._board = board
        self._answerer = answerer
        self._texts = texts
        self._me = me
        self._pressed: OrderedDict[str, float] = OrderedDict()

    async def take(self, body: Body, received: Received | None) -> None:
        """Performs the turn of a press; the buttons of a message that is answered go."""
        if received is None:
            await self._repeated(body)
            return
        self._is_double(body)  # remembers when
        before = await self._reception.session(received.thread)
        await self._reception.attend(received)
        after = await self._reception.session(received.thread)
        if before is None or after is None or after.revision == before.revision:
            return
        channel, ts = str(body["channel"]["id"]), str(body["message"]["ts"])
        running = self._board.shown(channel, ts)
        message = running.content() if running is not None else body["message"]
        action_id = str(body["actions"][0]["action_id"])
        shown = chosen(message, action_id, who=str(body["user"]["id"]), texts=self._texts)
        await self._board.answered(channel, ts, shown)

    async def _repeated(self, body: Body) -> None:
        """A press that was taken before: a double click is nothing, a later one gets a word."""
        if heard_in_press(body, self._me) is None or self._is_double(body):
            return
        url = str(body.get("response_url") or "")
        await self._answerer.tell(url, self._texts["reply.stale_option"])

    def _is_double(self, body: Body) -> bool:
        """Whether the same button was pressed a moment ago, by Slack's own clock."""
        action = body["actions"][0]
        name = f"{body['channel']['id']}:{body['message']['ts']}:{action['action_id']}"
        try:
            at = float(action.get("action_ts") or 0)
        except ValueError:
            at = 0.0
        first = self._pressed.get(name)
        if first is None:
            self._pressed[name] = at
            if len(self._pressed) > _MOST:
                self._pressed.popitem(last=False)
            return False
        return abs(at - first) < _ONE_GESTURE
