"""The state machine as a table: what may happen in which state, and where it may lead.

Rule 1: every transition of a case stands in `TRANSITIONS`. A pair that is missing is illegal:
`step` raises and nothing changes. A handler that ends in a state outside its set is a bug, and
`step` says so.

    open ──said──▶ asking ◀─▶ checking ──▶ advised ──▶ closed
                      └────────────┴──────────┴──▶ handed_over ──▶ closed
                                   ◀── a new server ───┘
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.conversation import (
    afterwards,
    choosing,
    correcting,
    following,
    hearing,
    replies,
    waiting,
)
from bot.conversation.attending import attended
from bot.conversation.events import (
    Checked,
    Chose,
    Corrected,
    Effect,
    Elapsed,
    Event,
    Filled,
    Resumed,
    Said,
    Speak,
)
from bot.conversation.walking import Move
from bot.knowledge.schema import Knowledge
from bot.model.case import Session, State

__all__ = ["TRANSITIONS", "IllegalEventError", "Transition", "step"]

Handler = Callable[[Session, Event, Knowledge], Move]


class IllegalEventError(Exception):
    """An event that the table does not allow in that state."""

    def __init__(self, state: State, event: type[Event]) -> None:
        super().__init__(f"{event.__name__} cannot happen while a case is {state}.")
        self.state = state
        self.event = event


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """Who handles an event, and the states that may follow."""

    handler: Handler
    leads_to: frozenset[State]


def _to(handler: Handler, *states: State) -> Transition:
    return Transition(handler=handler, leads_to=frozenset(states))


_O, _A, _C = State.OPEN, State.ASKING, State.CHECKING
_V, _H, _X = State.ADVISED, State.HANDED_OVER, State.CLOSED
_WALK = (_A, _C, _V, _H)  # wherever a walk through a tree may end

TRANSITIONS: dict[tuple[State, type[Event]], Transition] = {
    (_O, Said): _to(attended(hearing.first_words), _O, *_WALK),
    (_O, Corrected): _to(correcting.as_new, _O, *_WALK),
    (_O, Chose): _to(choosing.stale, _O),
    (_O, Filled): _to(choosing.stale, _O),
    (_A, Said): _to(attended(hearing.answer), _X, *_WALK),
    (_A, Corrected): _to(correcting.corrected, _X, *_WALK),
    (_A, Chose): _to(choosing.choose, _X, *_WALK),
    (_A, Filled): _to(choosing.fill, *_WALK),
    (_A, Elapsed): _to(waiting.elapsed, _A, _X),
    (_A, Resumed): _to(waiting.repeat_question, _A),
    (_C, Said): _to(attended(hearing.meanwhile), _X, *_WALK),
    (_C, Corrected): _to(correcting.corrected, _X, *_WALK),
    (_C, Chose): _to(choosing.meanwhile, _C, _H, _X),
    (_C, Filled): _to(choosing.stale, _C),
    (_C, Checked): _to(waiting.checked, _C, *_WALK),
    (_C, Resumed): _to(waiting.resume_check, _C),
    (_V, Said): _to(attended(following.after_advice), _X, *_WALK),
    (_V, Corrected): _to(correcting.corrected, _X, *_WALK),
    (_V, Chose): _to(choosing.choose, _X, *_WALK),
    (_V, Filled): _to(choosing.fill, *_WALK),
    (_V, Elapsed): _to(waiting.elapsed, _V, _X),
    (_V, Resumed): _to(waiting.repeat_advice, _V),
    (_H, Said): _to(attended(afterwards.for_the_person), _X, *_WALK),
    (_H, Corrected): _to(correcting.for_the_person, _H),
    (_H, Chose): _to(choosing.choose, _H, _X),
    (_H, Filled): _to(choosing.stale, _H),
    (_H, Checked): _to(waiting.too_late, _H),
    (_H, Resumed): _to(waiting.nothing, _H),
    (_X, Said): _to(attended(afterwards.after_closing), _X, *_WALK),
    (_X, Corrected): _to(correcting.after_closing, _X, *_WALK),
    (_X, Chose): _to(choosing.stale, _X),
    (_X, Filled): _to(choosing.stale, _X),
    (_X, Checked): _to(waiting.too_late, _X),
    (_X, Resumed): _to(waiting.nothing, _X),
}


def step(session: Session, event: Event, knowledge: Knowledge) -> Move:
    """The session after `event`, and the effects to perform in order.

    Raises IllegalEventError for a pair that the table does not have; nothing changes then.
    """
    transition = TRANSITIONS.get((session.state, type(event)))
    if transition is None:
        raise IllegalEventError(session.state, type(event))
    move = transition.handler(session, event, knowledge)
    if move.session.state not in transition.leads_to:
        raise RuntimeError(
            f"{type(event).__name__} led from {session.state} to {move.session.state}"
        )
    effects = tuple(_with_a_way_out(effect, move.session, knowledge) for effect in move.effects)
    if move.session == session:
        return Move(session=session, effects=effects)
    revision = session.revision + 1
    changed = replace(move.session, revision=revision)
    if _offer(changed) != _offer(session):
        changed = replace(changed, offered_at=revision)
    return Move(session=changed, effects=effects)


def _offer(session: Session) -> tuple[object, ...]:
    """What the buttons on the table are about; while it stays the same they stay good."""
    return (
        session.state,
        session.offered,
        session.question,
        session.checks,
        session.tried,
        session.on_table,
    )


def _with_a_way_out(effect: Effect, session: Session, knowledge: Knowledge) -> Effect:
    """Law 4: a person is one click away in every message of an open case."""
    is_open = session.opened is not None and session.state is not State.CLOSED
    if not isinstance(effect, Speak) or not is_open or "human" in replies.ids(effect.reply):
        return effect
    human = replies.options(knowledge, replies.HUMAN)
    said = replace(effect.reply, options=effect.reply.options + human)
    return replace(effect, reply=said)
