"""The only shell: loads the session, asks the machine, stores the turn, then speaks.

One lock per thread; no `if` about mail. Order matters: an event is in the inbox before its turn,
a turn is stored before a word of it is said, and a check runs in the background so that the
thread stays open to what is said meanwhile.
"""

import asyncio
import logging
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime

from bot.conversation.events import Checked, Elapsed, Event, Resumed, RunCheck
from bot.conversation.machine import IllegalEventError, step
from bot.conversation.walking import Move
from bot.desk.checks import Checks
from bot.desk.incoming import Incoming, event_of, received_of, redacted
from bot.desk.ports import Casebook, Clock, Letter, Received, Speaker, StaleTurnError, StoreError
from bot.desk.turns import letters_of, turn_of
from bot.knowledge.schema import Knowledge
from bot.model.case import CaseId, Session, State, ThreadKey
from bot.model.reply import Reply

__all__ = ["Desk", "Office"]

_UNSAVED = CaseId("unsaved")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """What a desk works with."""

    casebook: Casebook
    checks: Checks
    clock: Clock
    knowledge: Knowledge


class Desk:
    """Where every transport hands in what people do, and gets replies for them."""

    def __init__(self, office: Office, speaker: Speaker) -> None:
        self._office = office
        self._speaker = speaker
        self._locks: defaultdict[ThreadKey, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._checks: dict[ThreadKey, set[asyncio.Task[None]]] = defaultdict(set)
        self._unsaved: dict[ThreadKey, Session] = {}

    async def hear(self, incoming: Incoming) -> None:
        """Takes in what a person did; a repeated delivery changes nothing."""
        at = self._office.clock.now()
        received = received_of(redacted(incoming), at)
        try:
            if not await self._office.casebook.receive(received):
                return
        except StoreError as error:
            _log.error("inbox not writable, going on in memory", extra={"because": error})
        await self._handle(received)

    async def settle(self, thread: ThreadKey) -> None:
        """Returns when no check of the thread is running any more."""
        while running := self._checks[thread]:
            await asyncio.gather(*running)

    async def resume(self, thread: ThreadKey) -> None:
        """Goes on where a thread was interrupted: open events, then letters, then the case."""
        casebook = self._office.casebook
        for received in await casebook.unhandled():
            if received.thread == thread:
                await self._handle(received)
        for letter in await casebook.waiting(thread):
            await self._deliver(letter, 0)
        session = await self.session(thread)
        if session is not None and session.state is not State.OPEN:
            resumed = Resumed(at=self._office.clock.now())
            await self._happen(thread, resumed, f"resumed:{session.case}:{session.revision}")

    async def tick(self, thread: ThreadKey | None = None) -> None:
        """Lets every timer go off that is due; those of one thread where it is given."""
        at = self._office.clock.now()
        for session in await self._office.casebook.due(at):
            if thread not in {None, session.thread}:
                continue
            event_id = f"due:{session.case}:{session.revision}"
            await self._happen(session.thread, Elapsed(at=at), event_id)

    async def session(self, thread: ThreadKey) -> Session | None:
        """The newest session of a thread; None before the first complaint."""
        if thread in self._unsaved:
            return self._unsaved[thread]
        return await self._office.casebook.session(thread)

    async def thread_of(self, case: CaseId) -> ThreadKey:
        """The thread of a case. Raises CaseNotFoundError."""
        return (await self._office.casebook.session_of(case)).thread

    async def close(self) -> None:
        """Stops running checks; their cases go on at the next start."""
        tasks = [task for running in self._checks.values() for task in running]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _handle(self, received: Received) -> None:
        event = event_of(received, self._office.knowledge)
        await self._happen(received.thread, event, received.event_id)

    async def _happen(self, thread: ThreadKey, event: Event, event_id: str) -> None:
        async with self._locks[thread]:
            try:
                await self._turn(thread, event, event_id)
            except StaleTurnError:  # another process took a turn: once more, on what it left
                await self._turn(thread, event, event_id)

    async def _turn(self, thread: ThreadKey, event: Event, event_id: str) -> None:
        before = await self.session(thread) or Session(thread=thread)
        try:
            move = step(before, event, self._office.knowledge)
        except IllegalEventError:
            _log.warning("event dropped", extra={"event": type(event).__name__})
            move = Move(session=before)
        await self._perform(before, move, event, event_id)

    async def _perform(self, before: Session, move: Move, event: Event, event_id: str) -> None:
        letters = letters_of(move, event_id)
        if move.session.opened is None or move.session == before:
            await self._forget(event_id, event.at)
            await self._say_unsaved(letters, before.revision)
            return
        if move.session.case == _UNSAVED:  # stored for the first time now, if it can be
            move = Move(session=replace(move.session, case=None), effects=move.effects)
        turn = turn_of(before, move, event, event_id, self._office.knowledge)
        try:
            session = await self._office.casebook.keep(replace(turn, letters=letters))
        except StaleTurnError:
            raise
        except StoreError as error:
            _log.error("turn not stored, going on in memory", extra={"because": error})
            session = await self._keep_in_memory(move.session)
            await self._say_unsaved(letters, session.revision)
        else:
            self._unsaved.pop(session.thread, None)
            for letter in letters:
                await self._deliver(letter, session.revision)
        self._start_checks(session, move)

    async def _forget(self, event_id: str, at: datetime) -> None:
        """Marks an event that changed no case."""
        try:
            await self._office.casebook.handled(event_id, at)
        except StoreError as error:
            _log.error("inbox not writable", extra={"because": error})

    async def _keep_in_memory(self, session: Session) -> Session:
        kept = replace(session, case=session.case or _UNSAVED)
        first = session.thread not in self._unsaved
        self._unsaved[session.thread] = kept
        if first:
            text = self._office.knowledge.texts["reply.not_remembered"]
            warning = Letter(
                key=f"unsaved:{session.thread}",
                thread=session.thread,
                reply=Reply(paragraphs=(text,)),
            )
            await self._speaker.say(warning, kept.revision)
        return kept

    async def _say_unsaved(self, letters: tuple[Letter, ...], revision: int) -> None:
        for letter in letters:
            await self._speaker.say(letter, revision)

    async def _deliver(self, letter: Letter, revision: int) -> None:
        await self._office.casebook.sending(letter.key)
        reference = await self._speaker.say(letter, revision)
        await self._office.casebook.sent(letter.key, reference, self._office.clock.now())

    def _start_checks(self, session: Session, move: Move) -> None:
        for effect in move.effects:
            if isinstance(effect, RunCheck):
                task = asyncio.create_task(self._check(session, effect))
                self._checks[session.thread].add(task)
                task.add_done_callback(self._checks[session.thread].discard)

    async def _check(self, session: Session, effect: RunCheck) -> None:
        thread = session.thread
        evidence = await self._office.checks.run(
            effect.target, lambda event: self._speaker.progress(thread, event)
        )
        now = await self.session(thread)
        if now is None or now.case != session.case:
            return
        checked = Checked(
            target=effect.target,
            evidence=evidence,
            number=effect.number,
            at=self._office.clock.now(),
        )
        await self._happen(thread, checked, f"checked:{session.case}:{effect.number}")
