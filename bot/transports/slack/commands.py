"""`/mailmedic check`, `history` and `help`; anything else gets the help.

The answer is for the one who asked. It is given at most once: a command is not a case.
"""

import asyncio
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any

from bot.desk import wording
from bot.desk.allowance import TooManyTargetsError, log_refusal
from bot.desk.errors import StoreError
from bot.desk.incoming import COMMAND, Incoming
from bot.desk.office import Office
from bot.desk.ports import Received
from bot.desk.quickcheck import quick_check
from bot.diagnosis.words import say
from bot.model.target import Mailbox, Target, Unusable
from bot.parsing.masking import without_local_parts
from bot.parsing.secrets import redact
from bot.parsing.slackmarkup import undo_markup
from bot.parsing.target import parse_target_line
from bot.transports.slack.acknowledging import Acknowledgements
from bot.transports.slack.answering import Answerer
from bot.transports.slack.answers import (
    check_message,
    help_message,
    history_message,
    refusal_message,
)
from bot.transports.slack.limits import message_text
from bot.transports.slack.places import thread_key
from bot.transports.slack.rendering import Message
from bot.transports.slack.translating import Bot, Heard

__all__ = ["Asked", "Commands", "Verb", "asked_for", "command_of"]

_MOST_CASES = 10
_FILLING = frozenset({"", ":", "-", "port", "with", "and"})
_SAME_AS = {"ssl": "tls", "ssl/tls": "tls"}
_URL = "response_url"
_URL_LIVES = timedelta(minutes=30)  # docs.slack.dev/interactivity/handling-user-interaction
_log = logging.getLogger(__name__)

Body = Mapping[str, Any]
Json = dict[str, Any]


class Verb(StrEnum):
    """What can be asked for."""

    CHECK = "check"
    HISTORY = "history"
    HELP = "help"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A command as read: what is wanted, the words behind it, the target if it is a check.

    The words of a call for help are the one that was not understood.
    """

    verb: Verb
    words: str = ""
    target: Target | Mailbox | Unusable | None = None


def asked_for(text: str) -> Asked:
    """What the text of a command asks for; help where it asks for nothing that we know."""
    words = undo_markup(redact(text)[0]).split()
    verb = words[0].lower() if words else ""
    if verb == Verb.CHECK and len(words) > 1:
        return Asked(verb=Verb.CHECK, target=_target(words[1:]))
    if verb == Verb.HISTORY:
        return Asked(verb=Verb.HISTORY, words=" ".join(words[1:]))
    return Asked(verb=Verb.HELP, words="" if verb in {"", *Verb} else words[0])


def _target(words: list[str]) -> Target | Mailbox | Unusable:
    """The target, written as people write one: `smtp.example.com port 587, SSL`."""
    bare = (word.strip(",;").removesuffix(".") for word in words)
    kept = [_SAME_AS.get(word.lower(), word) for word in bare if word.lower() not in _FILLING]
    target = parse_target_line(" ".join(kept))
    if isinstance(target, Mailbox):  # whose it is is nobody's business
        return replace(target, stated=without_local_parts(target.stated))
    return target


def command_of(body: Body, me: Bot) -> Heard | None:
    """A command as the inbox keeps it: by whom, and where its answer goes, not its words."""
    trigger = str(body.get("trigger_id") or "")
    if not trigger:
        return None
    incoming = Incoming(
        event_id=f"command:{trigger}",
        thread=thread_key(me.team, str(body.get("channel_id") or ""), f"command-{trigger}"),
        by=str(body.get("user_id") or ""),
        command=str(body.get(_URL) or "-"),
    )
    return Heard(incoming=incoming, addressed=True)


class Commands:
    """What is done about a command."""

    def __init__(
        self, office: Office, answerer: Answerer, acknowledgements: Acknowledgements
    ) -> None:
        self._office = office
        self._answerer = answerer
        self._acknowledgements = acknowledgements
        self._texts = office.knowledge.texts
        self._running: dict[asyncio.Task[None], Received] = {}

    def first_words(self, asked: Asked) -> Json:
        """What the acknowledgement says at once."""
        match asked.verb, asked.target:
            case Verb.CHECK, Unusable() as refused:
                message = refusal_message(wording.refusal_line(refused, self._texts))
            case Verb.CHECK, Mailbox() | Target() as target:
                said = say("slack.looking", self._texts, target=target.stated)
                message = Message(text=message_text(said), blocks=())
            case Verb.HELP, _:
                message = help_message(self._texts, unknown=asked.words)
            case _:
                return {}
        content = message.content()
        return {name: content[name] for name in content if content[name]}

    async def take(self, asked: Asked, body: Body, received: Received) -> None:
        """Answers a command, after its acknowledgement."""
        await self._acknowledgements.wait(str(body.get("trigger_id")))
        url = str(body.get(_URL) or "")
        if isinstance(asked.target, Unusable):
            log_refusal(str(body.get("user_id") or ""), asked.target)
        if asked.verb is Verb.CHECK and not isinstance(asked.target, Unusable | None):
            by = str(body.get("user_id") or "")
            task = asyncio.create_task(self._check(asked.target, by, received, url))
            self._running[task] = received
            task.add_done_callback(lambda done: self._running.pop(done, None))
            await asyncio.wait({task})
            return
        if asked.verb is Verb.HISTORY:
            viewer = str(body.get("user_id") or "")
            await self._answerer.show(url, await self._history(asked.words, viewer))
        await self._done(received)

    async def apologize(self, received: Received) -> None:
        """Tells somebody whose command was cut off with the process before us, while it can be."""
        if self._office.clock.now() - received.at < _URL_LIVES:
            url = str(json.loads(received.payload).get(COMMAND))
            await self._answerer.tell(url, self._texts["slack.command_interrupted"])

    async def stop(self, within: timedelta) -> None:
        """Lets checks end that do so in time; of the others the people who asked are told."""
        running = dict(self._running)
        if not running:
            return
        _, late = await asyncio.wait(running, timeout=within.total_seconds())
        for task in late:
            task.cancel()
            await self.apologize(running[task])
            await self._done(running[task])

    async def _check(self, target: Target | Mailbox, by: str, received: Received, url: str) -> None:
        try:
            report = await quick_check(target, received, by, self._office)
        except TooManyTargetsError as error:
            said = wording.too_many(error, self._texts)
            await self._answerer.show(url, refusal_message(f"{said}."))
            await self._done(received)
        else:
            await self._answerer.show(url, check_message(report, self._texts))

    async def _history(self, words: str, viewer: str) -> Message:
        try:
            page = await self._office.casebook.search(words, limit=_MOST_CASES, offset=0)
        except StoreError as error:
            _log.error("history not readable", extra={"because": error})
            return refusal_message(self._texts["slack.no_history"])
        return history_message(page, self._office.knowledge, viewer=viewer, words=words)

    async def _done(self, received: Received) -> None:
        try:
            await self._office.casebook.done(received.event_id, received.at)
        except StoreError as error:
            _log.error("inbox not writable", extra={"because": error})
