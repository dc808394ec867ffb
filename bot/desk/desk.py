"""The only shell: loads the session, asks the machine, stores the turn, then speaks.

One lock per thread; no `if` about mail. Order matters: an event is in the inbox before its turn,
a turn is stored before a word of it is said, and checks and deliveries run beside the thread so
that it stays open to what is said meanwhile.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from weakref import WeakValueDictionary

from bot.conversation.events import Checked, Elapsed, Event, Resumed, RunCheck
from bot.conversation.machine import IllegalEventError, step
from bot.conversation.waiting import pending_check
from bot.conversation.walking import Move
from bot.desk.errands import Errand, Errands
from bot.desk.errors import StaleTurnError, StoreError
from bot.desk.incoming import COMMAND, Incoming, event_of, received_of, redacted, withdrawal_of
from bot.desk.office import Office
from bot.desk.ports import Letter, Received, Speaker
from bot.desk.post import Post
from bot.desk.recent import Arrivals, Recent
from bot.desk.turns import letters_of, turn_of
from bot.model.case import CaseId, Session, State, ThreadKey
from bot.model.evidence import Evidence
from bot.model.reply import Reply, Tone

__all__ = ["Desk"]

Attend = Callable[[Received], Awaitable[None]]

_UNSAVED = CaseId("unsaved")
_LAST_LETTERS = timedelta(seconds=4)  # of the time to stop in, for what checks still bring
_TRIES = 10  # of a turn, each on what another process has left
_INBOX_WAIT = 1.0  # seconds; Slack waits three, and silence is worse than forgetting
_log = logging.getLogger(__name__)


class Desk:
    """Where every transport hands in what people do, and gets replies for them."""

    def __init__(self, office: Office, speaker: Speaker) -> None:
        self._office = office
        self._casebook = office.casebook
        self._post = Post(office.casebook, speaker, office.clock)
        self._errands = Errands(office, speaker, self._report)
        self._locks: WeakValueDictionary[ThreadKey, asyncio.Lock] = WeakValueDictionary()
        self._unsaved: dict[ThreadKey, Session] = {}
        self._recent = Recent()
        self._arriving = Arrivals()

    async def hear(self, incoming: Incoming) -> None:
        """Takes in what a person did; a repeated delivery changes nothing."""
        received = await self.receive(incoming)
        if received is not None:
            await self.handle(received)

    async def receive(self, incoming: Incoming) -> Received | None:
        """Puts an event on the disk, so that it may be acknowledged; None if it is there already.

        Where the disk does not take it within a second, it is remembered in memory alone.
        """
        received = received_of(redacted(incoming), self._office.clock.now())
        with self._arriving.of(incoming.event_id):
            is_new = await self._stored(received)
            # One that was there already may be waiting for `recover`, which must not pass it over.
            return received if is_new and self._recent.add(incoming.event_id) else None

    async def _stored(self, received: Received) -> bool:
        """Whether an event is new, as far as the disk can tell in time."""
        try:
            async with asyncio.timeout(_INBOX_WAIT):
                return await self._casebook.receive(received)
        except (StoreError, TimeoutError) as error:
            _log.error("inbox not writable, going on in memory", extra={"because": error})
            return True

    async def handle(self, received: Received) -> None:
        """Performs the turn of an event that was received."""
        withdrawal = withdrawal_of(received)
        if received.kind == COMMAND:
            await self._casebook.done(received.event_id, received.at)
        elif withdrawal is None:
            event = event_of(received, self._office.knowledge)
            await self._happen(received.thread, event, received.event_id)
        else:
            async with self._lock(received.thread):
                try:
                    await self._casebook.withdraw(withdrawal)
                except StoreError as error:  # it stays in the inbox: again at the next start
                    _log.error("text not withdrawn yet", extra={"because": error})

    async def settle(self, thread: ThreadKey) -> None:
        """Returns when no check of the thread is running and no letter waits."""
        await self._errands.settle(thread)
        await self._post.settle(thread)

    async def recover(self, attend: Attend | None = None) -> None:
        """Takes up what an interrupted process left: letters, open events, checks, in this order.

        To be called by the only process that may do so; what this process works at by itself is
        left alone. Events go to `attend`, `handle` by default.
        """
        self._post.send(await self._casebook.waiting())
        interrupted = await self._casebook.checking()
        for received in await self._casebook.unhandled():
            await self._arriving.settled(received.event_id)  # it may be one of our own
            if self._recent.add(received.event_id):
                await (attend or self.handle)(received)
        for left in interrupted:
            session = await self.session(left.thread) or left  # an open event may have moved it on
            check = pending_check(session, self._office.knowledge)
            letter = await self._letter_of_check(session.thread)
            if check is not None and not self._errands.is_out(session.thread):
                self._start_check(session, check, letter)

    async def apologize(self, received: Received) -> None:
        """Says that something went wrong inside, in place of the turn that failed."""
        reply = Reply(paragraphs=(self._office.knowledge.texts["reply.our_fault"],))
        key = f"{received.event_id}/sorry"
        sorry = Letter(key=key, thread=received.thread, reply=reply)
        try:
            await self._casebook.done(received.event_id, self._office.clock.now(), [sorry])
        except StoreError as error:
            _log.error("outbox not writable", extra={"because": error})
            self._post.send([sorry], stored=False)
        else:
            self._post.send([sorry])

    async def resume(self, thread: ThreadKey) -> None:
        """Goes on where one thread was interrupted, and says where it stands."""
        self._post.send(await self._casebook.waiting(thread))
        for received in await self._casebook.unhandled():
            if received.thread == thread:
                await self.handle(received)
        session = await self.session(thread)
        if session is not None and session.state is not State.OPEN:
            resumed = Resumed(at=self._office.clock.now())
            await self._happen(thread, resumed, f"resumed:{session.case}:{session.revision}")

    async def tick(self, thread: ThreadKey | None = None) -> None:
        """Lets every timer go off that is due; those of one thread where it is given."""
        at = self._office.clock.now()
        for session in await self._casebook.due(at):
            if thread not in {None, session.thread}:
                continue
            event_id = f"due:{session.case}:{session.revision}"
            await self._happen(session.thread, Elapsed(at=at), event_id)

    async def session(self, thread: ThreadKey) -> Session | None:
        """The newest session of a thread; None before the first complaint."""
        if thread in self._unsaved:
            return self._unsaved[thread]
        return await self._casebook.session(thread)

    async def stop(self, within: timedelta = timedelta()) -> None:
        """Lets running checks end and letters go out, within the time; the rest goes on later."""
        loop = asyncio.get_running_loop()
        end = loop.time() + within.total_seconds()
        await self._errands.stop(max(timedelta(), within - _LAST_LETTERS))
        await self._post.flush(timedelta(seconds=max(0.0, end - loop.time())))

    def _lock(self, thread: ThreadKey) -> asyncio.Lock:
        return self._locks.setdefault(thread, asyncio.Lock())

    async def _happen(self, thread: ThreadKey, event: Event, event_id: str) -> None:
        async with self._lock(thread):
            for _ in range(_TRIES - 1):  # another process may take turns in between
                try:
                    await self._turn(thread, event, event_id)
                except StaleTurnError:
                    continue
                return
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
        if move.session.case == _UNSAVED:  # stored for the first time now, if it can be
            move = Move(session=replace(move.session, case=None), effects=move.effects)
        letters = letters_of(move, event_id)
        session = move.session
        try:
            if session.opened is None or session == before:
                await self._casebook.done(event_id, event.at, letters)
            else:
                turn = turn_of(before, move, event, event_id, self._office.knowledge)
                session = await self._casebook.keep(replace(turn, letters=letters))
                self._unsaved.pop(session.thread, None)
        except StaleTurnError:
            raise
        except StoreError as error:
            _log.error("turn not stored, going on in memory", extra={"because": error})
            session = self._keep_in_memory(before, session)
            self._post.send(letters, stored=False)
        else:
            self._post.send(letters)
        self._look(session, move, letters)

    def _look(self, session: Session, move: Move, letters: tuple[Letter, ...]) -> None:
        """Sends out the check that the turn asks for; one that nobody waits for is called off."""
        checks = [effect for effect in move.effects if isinstance(effect, RunCheck)]
        if checks or session.state is not State.CHECKING:
            self._errands.call_off(session.thread)
        for check in checks:
            said = next((one for one in letters if one.reply.tone is Tone.WORKING), None)
            self._start_check(session, check, said)

    def _keep_in_memory(self, before: Session, session: Session) -> Session:
        if session.opened is None or session == before:
            return session
        kept = replace(session, case=session.case or _UNSAVED)
        if session.thread not in self._unsaved:
            text = self._office.knowledge.texts["reply.not_remembered"]
            warning = Letter(
                key=f"unsaved:{session.thread}:{kept.revision}",
                thread=session.thread,
                reply=Reply(paragraphs=(text,)),
                revision=kept.revision,
            )
            self._post.send([warning], stored=False)
        self._unsaved[session.thread] = kept
        return kept

    async def _letter_of_check(self, thread: ThreadKey) -> Letter | None:
        """The message of the check that was interrupted, whether it went out already or not."""
        for letter in reversed(await self._casebook.waiting(thread)):
            if letter.reply.tone is Tone.WORKING:
                return letter
        return await self._casebook.newest(thread, Tone.WORKING)

    def _start_check(self, session: Session, check: RunCheck, letter: Letter | None) -> None:
        errand = Errand(
            thread=session.thread, case=session.case, check=check, letter=letter, by=session.by
        )
        self._errands.start(errand)

    async def _report(self, errand: Errand, evidence: Evidence) -> None:
        now = await self.session(errand.thread)
        # A case that could not be stored when the check began may have its number by now.
        if now is None or errand.case not in {now.case, _UNSAVED}:
            return
        checked = Checked(
            target=errand.check.target,
            evidence=evidence,
            number=errand.check.number,
            at=self._office.clock.now(),
        )
        number = errand.check.number
        name = errand.thread if errand.case == _UNSAVED else errand.case
        await self._happen(errand.thread, checked, f"checked:{name}:{number}")
