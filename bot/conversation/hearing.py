"""Words: the first complaint, answers in free text, news in the middle of a case."""

from dataclasses import replace

from bot.conversation import replies
from bot.conversation.answering import choice_in, in_light_of, reserved_choice_in
from bot.conversation.asking import answered
from bot.conversation.choosing import choose
from bot.conversation.closing import fixed, next_advice
from bot.conversation.events import Chose, Event, Said, Speak
from bot.conversation.servers import merged, news_in
from bot.conversation.small_talk import answer_without_case
from bot.conversation.walking import Move, hand_over, walk
from bot.knowledge.schema import Knowledge
from bot.model.case import Answer, Session
from bot.model.complaint import Complaint, Intent
from bot.model.reply import Reply

__all__ = ["after_advice", "after_closing", "answer", "first_words", "for_the_person", "meanwhile"]

_FALLBACK_TREE = "cannot-send"


def _said(event: Event) -> Said:
    if not isinstance(event, Said):
        raise TypeError(f"expected words, got {type(event).__name__}")
    return event


def first_words(session: Session, event: Event, knowledge: Knowledge) -> Move:
    """The first message of a thread: small talk is answered, a mail complaint opens a case."""
    said = _said(event)
    complaint = said.complaint
    small = answer_without_case(complaint, knowledge)
    if small is not None:
        return _warned(Move(session=session, effects=(Speak(reply=small),)), complaint, knowledge)
    opened = _opened(session, _as_complaint(complaint), said)
    if complaint.intent is Intent.HUMAN_WANTED:
        return _warned(hand_over(opened, knowledge), complaint, knowledge)
    return _warned(_from_start(opened, said, knowledge), complaint, knowledge)


def _as_complaint(complaint: Complaint) -> Complaint:
    """A server or a code by itself is a complaint too: nobody types it for pleasure."""
    if complaint.intent in {Intent.OFF_TOPIC, Intent.GREETING, Intent.THANKS, Intent.NOT_RESOLVED}:
        return replace(complaint, intent=Intent.CANNOT_SEND)
    return complaint


def _from_start(session: Session, said: Said, knowledge: Knowledge) -> Move:
    """Walks the tree that the complaint's intent begins at."""
    intent = session.complaint.intent if session.complaint is not None else Intent.CANNOT_SEND
    fitting = (tree for tree in knowledge.trees.values() if intent in tree.intents)
    tree = next(fitting, knowledge.trees[_FALLBACK_TREE])
    node = f"{tree.id}/{tree.start}"
    placed = replace(session, node=node, path=(*session.path, node))
    return walk(placed, knowledge, said.at)


def _warned(move: Move, complaint: Complaint, knowledge: Knowledge) -> Move:
    """The move with a warning first, if the message gave away a secret."""
    if not complaint.secrets:
        return move
    kind = complaint.secrets[0].kind
    open_case = move.session.opened is not None
    wanted = (replies.HUMAN,) if open_case else ()
    warning = replies.simple("reply.secret_warning.1", knowledge, *wanted, kind=kind)
    return move.saying_first(warning)


def answer(session: Session, event: Event, knowledge: Knowledge) -> Move:
    """Free text while a question is open: an answer to it, news, or neither."""
    said = _said(event)
    asked = knowledge.questions[session.question or ""]
    complaint = in_light_of(asked, said.complaint)
    choice = choice_in(complaint, asked)
    if choice is None and complaint.intent is Intent.HUMAN_WANTED:
        return hand_over(session, knowledge)
    if choice is None and complaint.intent is Intent.RESOLVED:
        return fixed(session, knowledge, said.by, said.at)
    if choice is None and not _worth_keeping(complaint, asked.slot):
        return _ask_again(session, complaint, knowledge)
    kept = _with_news(session, complaint)
    if choice is not None:
        kept = answered(kept, asked, choice)
    elif kept.question is not None:
        given = Answer(question=asked.id, choice="said")
        kept = replace(kept, answers=(*kept.answers, given), question=None)
    return _warned(walk(kept, knowledge, said.at), complaint, knowledge)


def _worth_keeping(complaint: Complaint, slot: str | None) -> bool:
    """Whether a text that is no listed answer takes the case further all the same."""
    if news_in(complaint):
        return True
    return slot == "error" and complaint.intent not in {Intent.OFF_TOPIC, Intent.GREETING}


def _with_news(session: Session, complaint: Complaint) -> Session:
    """The session with what was said added; a new server makes the old evidence void."""
    before = session.complaint
    after = merged(before, complaint)
    moved = before is not None and (before.host, before.port, before.security) != (
        after.host,
        after.port,
        after.security,
    )
    if moved and (complaint.host or complaint.port or complaint.security):
        return replace(session, complaint=after, evidence=None, setting=None)
    return replace(session, complaint=after)


def _ask_again(session: Session, complaint: Complaint, knowledge: Knowledge) -> Move:
    """A friendly second try: what was not understood, and the question once more."""
    small = answer_without_case(complaint, knowledge)
    asked = replies.question(knowledge.questions[session.question or ""], knowledge)
    first = small.paragraphs if small is not None else (knowledge.texts["talk.ask_again"],)
    reply = replace(asked, paragraphs=(*first, *asked.paragraphs))
    return _warned(Move(session=session, effects=(Speak(reply=reply),)), complaint, knowledge)


def meanwhile(session: Session, event: Event, knowledge: Knowledge) -> Move:
    """Words while the server is being looked at: kept for the verdict."""
    said = _said(event)
    if said.complaint.intent is Intent.HUMAN_WANTED:
        return hand_over(session, knowledge)
    kept = replace(session, complaint=merged(session.complaint, said.complaint))
    reply = replies.simple("talk.still_looking", knowledge, replies.HUMAN)
    move = Move(session=kept, effects=(Speak(reply=reply),))
    return _warned(move, said.complaint, knowledge)


def after_advice(session: Session, event: Event, knowledge: Knowledge) -> Move:
    """Words after advice: that it worked, that it did not, or something new."""
    said = _said(event)
    return _warned(_after_advice(session, said, knowledge), said.complaint, knowledge)


def _after_advice(session: Session, said: Said, knowledge: Knowledge) -> Move:
    complaint = said.complaint
    if complaint.codes or complaint.host is not None:
        return _from_start(_with_news(session, complaint), said, knowledge)
    if complaint.intent is Intent.RESOLVED:
        return fixed(session, knowledge, said.by, said.at)
    choice = reserved_choice_in(complaint, session.offered, knowledge)
    if choice is not None:
        pressed = Chose(option=choice, by=said.by, at=said.at)
        return choose(session, pressed, knowledge)
    if complaint.intent is Intent.NOT_RESOLVED:
        return next_advice(session, knowledge, said.at)
    if news_in(complaint):
        return walk(_with_news(session, complaint), knowledge, said.at)
    return _small_talk(session, complaint, knowledge)


def _small_talk(session: Session, complaint: Complaint, knowledge: Knowledge) -> Move:
    small = answer_without_case(complaint, knowledge)
    first = small.paragraphs if small is not None else (knowledge.texts["talk.say_more"],)
    title = small.title if small is not None else ""
    reply = replies.after_advice("talk.ask_again", knowledge)
    reply = replace(reply, title=title, paragraphs=first)
    return Move(session=session, effects=(Speak(reply=reply),))


def for_the_person(session: Session, event: Event, knowledge: Knowledge) -> Move:
    """Words after a person took over: noted for them."""
    said = _said(event)
    if said.complaint.intent is Intent.RESOLVED:
        return fixed(session, knowledge, said.by, said.at)
    kept = replace(session, complaint=merged(session.complaint, said.complaint))
    reply: Reply = replies.simple(
        "talk.noted", knowledge, "fixed", replies.HUMAN, case=session.case or ""
    )
    move = Move(session=kept, effects=(Speak(reply=reply),))
    return _warned(move, said.complaint, knowledge)


def after_closing(session: Session, event: Event, knowledge: Knowledge) -> Move:
    """Words after a case was closed: small talk, the old trouble again, or a new one."""
    said = _said(event)
    complaint = said.complaint
    again = complaint.intent is Intent.NOT_RESOLVED and not news_in(complaint)
    if again and session.complaint is not None:
        complaint = replace(merged(session.complaint, complaint), intent=session.complaint.intent)
        reopened = _opened(session, complaint, said)
        reply = replies.simple("reply.closed_again", knowledge, replies.HUMAN)
        return _from_start(reopened, said, knowledge).saying_first(reply)
    small = answer_without_case(complaint, knowledge)
    if small is not None:
        return _warned(Move(session=session, effects=(Speak(reply=small),)), complaint, knowledge)
    return first_words(Session(thread=session.thread, revision=session.revision), event, knowledge)


def _opened(before: Session, complaint: Complaint, said: Said) -> Session:
    return Session(
        thread=before.thread, revision=before.revision, complaint=complaint, opened=said.at
    )
