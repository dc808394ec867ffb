"""What any message of words may bring into a case: facts, a new beginning, a secret."""

from dataclasses import replace

from bot.conversation import replies
from bot.conversation.events import Event, Said
from bot.conversation.servers import merged
from bot.conversation.walking import Move, walk
from bot.knowledge.schema import Knowledge
from bot.model.case import Session
from bot.model.complaint import Complaint, Intent

__all__ = [
    "from_start",
    "in_english",
    "opened_case",
    "server_in",
    "warned",
    "with_news",
    "words_of",
]

_FALLBACK_TREE = "cannot-send"


def words_of(event: Event) -> Said:
    """The event, which the table guarantees to be words."""
    if not isinstance(event, Said):
        raise TypeError(f"expected words, got {type(event).__name__}")
    return event


def from_start(session: Session, said: Said, knowledge: Knowledge) -> Move:
    """Walks the tree that the complaint's intent begins at."""
    intent = session.complaint.intent if session.complaint is not None else Intent.CANNOT_SEND
    fitting = (tree for tree in knowledge.trees.values() if intent in tree.intents)
    tree = next(fitting, knowledge.trees[_FALLBACK_TREE])
    node = f"{tree.id}/{tree.start}"
    placed = replace(session, node=node, path=(*session.path, node))
    return walk(placed, knowledge, said.at)


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


def opened_case(before: Session, complaint: Complaint, said: Said) -> Session:
    """A new case in the thread of an earlier session."""
    return Session(
        thread=before.thread, revision=before.revision, complaint=complaint, opened=said.at
    )
