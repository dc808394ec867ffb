"""What any message of words may bring into a case: facts, a new beginning, a secret."""

from dataclasses import replace
from typing import TypeVar

from bot.conversation import replies
from bot.conversation.events import Event, Said
from bot.conversation.remarks import with_volunteered
from bot.conversation.servers import merged, target_of
from bot.conversation.walking import Move, walk
from bot.diagnosis.words import say
from bot.knowledge.schema import Knowledge
from bot.model.case import Session, State
from bot.model.complaint import Complaint, Intent

__all__ = [
    "from_start",
    "from_the_person",
    "in_english",
    "opened_case",
    "server_in",
    "taken_up",
    "unknown_part",
    "warned",
    "with_news",
    "words_of",
]

T = TypeVar("T")

_FALLBACK_TREE = "cannot-send"


def words_of(event: Event) -> Said:
    """The event, which the table guarantees to be words."""
    if not isinstance(event, Said):
        raise TypeError(f"expected words, got {type(event).__name__}")
    return event


def from_the_person(session: Session, said: Said) -> bool:
    """Whether the words are theirs whose case it is, or meant for us: others are overheard."""
    return said.addressed or not session.by or said.by == session.by


def from_start(session: Session, said: Said, knowledge: Knowledge) -> Move:
    """Walks the tree that the complaint's intent begins at."""
    intent = session.complaint.intent if session.complaint is not None else Intent.CANNOT_SEND
    fitting = (tree for tree in knowledge.trees.values() if intent in tree.intents)
    tree = next(fitting, knowledge.trees[_FALLBACK_TREE])
    node = f"{tree.id}/{tree.start}"
    placed = replace(session, node=node, path=(*session.path, node))
    return walk(placed, knowledge, said.at)


def taken_up(session: Session, said: Said, complaint: Complaint, knowledge: Knowledge) -> Move:
    """Facts that came unasked: a walk from the start with all that is known now.

    Where that has nothing to say that was not said already, the case goes on where it stood; if
    the open question is still the one to ask, first comes a word that the facts were taken in.
    """
    kept = with_volunteered(with_news(session, complaint), complaint, knowledge)
    anew = from_start(kept, said, knowledge)
    if anew.session.state is State.ADVISED and set(anew.session.on_table) <= set(session.advised):
        anew = walk(kept, knowledge, said.at)
    if anew.session.state is not State.ASKING or anew.session.question != session.question:
        return anew
    return anew.beginning_with(_taken_in(complaint, knowledge))


def _taken_in(complaint: Complaint, knowledge: Knowledge) -> str:
    """That facts were taken in, and which."""
    texts = knowledge.texts
    provider = knowledge.providers.get(complaint.provider or "")
    client = knowledge.clients.get(complaint.client or "")
    named = [
        *complaint.codes,
        complaint.host,
        say("known.port", texts, port=str(complaint.port)) if complaint.port else None,
        texts[f"security.{complaint.security}"] if complaint.security else None,
        provider.name if provider is not None else None,
        client.name if client is not None else None,
    ]
    facts = ", ".join(fact for fact in named if fact)
    return say("reply.taken_in", texts, facts=facts) if facts else texts["reply.taken_in_word"]


def unknown_part(session: Session, complaint: Complaint, knowledge: Knowledge) -> Complaint:
    """The message without the facts that the case knows already: those are no news."""
    known, target = session.complaint, target_of(session, knowledge)
    if known is None:
        return complaint
    at = (target.host, target.port) if target is not None else (known.host, known.port)
    host = _news(complaint.host, at[0])
    port = complaint.port if host is not None else _news(complaint.port, at[1])
    is_new = bool(set(complaint.codes) - set(known.codes))
    return replace(
        complaint,
        host=host,
        port=port,
        domain=_news(complaint.domain, known.domain),
        provider=_news(complaint.provider, known.provider),
        client=_news(complaint.client, known.client),
        security=_news(complaint.security, known.security),
        codes=complaint.codes if is_new else (),
        replies=complaint.replies if is_new else (),
    )


def _news(said: T | None, known: T | None) -> T | None:
    return None if said == known else said


def warned(move: Move, complaint: Complaint, knowledge: Knowledge) -> Move:
    """The move with a warning first, if the message gave away a secret."""
    if not complaint.secrets:
        return move
    kind = complaint.secrets[0].kind
    open_case = move.session.opened is not None
    wanted = (replies.HUMAN,) if open_case else ()
    warning = replies.simple("reply.secret_warning.1", knowledge, *wanted, kind=kind)
    return move.saying_first(warning)


def in_english(move: Move, complaint: Complaint, knowledge: Knowledge) -> Move:
    """The move with a word first to who writes in a language that is read but not answered in."""
    text = f"lang.{complaint.lang}"
    if text not in knowledge.texts:
        return move
    return move.saying_first(replies.simple(text, knowledge, replies.HUMAN))


def with_news(session: Session, complaint: Complaint) -> Session:
    """The session with what was said added; a new server makes the old evidence void."""
    before = session.complaint
    after = merged(before, complaint)
    if before is not None and server_in(before) != server_in(after):
        return replace(session, complaint=after, evidence=None, setting=None)
    return replace(session, complaint=after)


def server_in(complaint: Complaint) -> tuple[object, ...]:
    """Everything that decides which server is looked at, and how."""
    return (complaint.host, complaint.port, complaint.security, complaint.provider)


def opened_case(before: Session, complaint: Complaint, said: Said, knowledge: Knowledge) -> Session:
    """A new case in the thread of an earlier session, with the answers that it begins with."""
    opened = Session(
        thread=before.thread,
        revision=before.revision,
        complaint=complaint,
        opened=said.at,
        by=said.by,
        began=before.revision,
    )
    return with_volunteered(opened, complaint, knowledge)
