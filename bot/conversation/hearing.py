"""Words: the first complaint, answers in free text, news in the middle of a case."""

from dataclasses import replace

from bot.conversation import replies
from bot.conversation.answering import choice_in, in_light_of
from bot.conversation.asking import answered
from bot.conversation.closing import fixed
from bot.conversation.events import Event, Said, Speak
from bot.conversation.explaining import asks_meaning, asks_proof, asks_settings
from bot.conversation.news import (
    from_start,
    from_the_person,
    in_english,
    opened_case,
    server_in,
    taken_up,
    unknown_part,
    warned,
    with_news,
    words_of,
)
from bot.conversation.remarks import speaks_of_elsewhere, volunteered, with_volunteered
from bot.conversation.servers import NARROW, news_in
from bot.conversation.small_talk import answer_without_case
from bot.conversation.walking import Move, hand_over, walk
from bot.knowledge.schema import Knowledge
from bot.knowledge.trees import Question
from bot.model.case import Answer, Session
from bot.model.complaint import Complaint, Intent
from bot.model.reply import Reply

__all__ = ["answer", "first_words", "meanwhile"]

_QUESTIONS = frozenset({Intent.CONCEPT_QUESTION, Intent.SETTINGS_QUESTION})
_SHORT_ANSWER = 3  # words; a longer yes or no says something else besides


def first_words(session: Session, event: Event, knowledge: Knowledge) -> Move:
    """The first message of a thread: small talk is answered, a mail complaint opens a case."""
    said = words_of(event)
    complaint = said.complaint
    small = answer_without_case(complaint, knowledge)
    if small is not None:
        return warned(Move(session=session, effects=(Speak(reply=small),)), complaint, knowledge)
    opened = opened_case(session, _as_complaint(complaint), said, knowledge)
    if complaint.intent is Intent.HUMAN_WANTED:
        return warned(hand_over(opened, knowledge), complaint, knowledge)
    move = in_english(from_start(opened, said, knowledge), complaint, knowledge)
    return warned(move, complaint, knowledge)


def _as_complaint(complaint: Complaint) -> Complaint:
    """A server or a code by itself is a complaint too: nobody types it for pleasure."""
    if complaint.intent in {Intent.OFF_TOPIC, Intent.GREETING, Intent.THANKS, Intent.NOT_RESOLVED}:
        return replace(complaint, intent=Intent.CANNOT_SEND)
    return complaint


def answer(session: Session, event: Event, knowledge: Knowledge) -> Move:
    """Free text while a question is open: an answer to it, news, or neither."""
    said = words_of(event)
    asked = knowledge.questions[session.question or ""]
    complaint = in_light_of(asked, said.complaint)
    move = _answer(session, replace(said, complaint=complaint), asked, knowledge)
    return warned(move, complaint, knowledge)


def _answer(session: Session, said: Said, asked: Question, knowledge: Knowledge) -> Move:
    complaint = said.complaint
    if asks_meaning(complaint, knowledge) is not None:
        return _ask_again(session, said, knowledge)
    choice = _choice(complaint, asked, knowledge)
    if choice is not None:
        return _answered(answered(with_news(session, complaint), asked, choice), said, knowledge)
    if complaint.intent is Intent.HUMAN_WANTED:
        return hand_over(session, knowledge)
    elsewhere = speaks_of_elsewhere(complaint, knowledge)
    if complaint.intent is Intent.RESOLVED and not elsewhere and from_the_person(session, said):
        return fixed(session, knowledge, said.by, said.at)
    if not elsewhere and _speaks_to(asked.slot, complaint):
        given = Answer(question=asked.id, choice="said")
        kept = replace(session, answers=(*session.answers, given), question=None)
        return _answered(with_news(kept, complaint), said, knowledge)
    return _unasked(session, said, knowledge)


def _unasked(session: Session, said: Said, knowledge: Knowledge) -> Move:
    """Words that do not answer the question: facts are taken up, all else is met kindly."""
    complaint = said.complaint
    news = unknown_part(session, complaint, knowledge)
    tells = news_in(news) or _is_new_error(session, complaint)
    is_question = complaint.intent in _QUESTIONS and not (complaint.codes or news.host)
    if speaks_of_elsewhere(complaint, knowledge) or (tells and not is_question):
        return taken_up(session, said, news, knowledge)
    return _ask_again(session, said, knowledge)


def _answered(session: Session, said: Said, knowledge: Knowledge) -> Move:
    return walk(with_volunteered(session, said.complaint, knowledge), knowledge, said.at)


def _is_new_error(session: Session, complaint: Complaint) -> bool:
    known = session.complaint.intent if session.complaint is not None else None
    return complaint.intent in NARROW and complaint.intent is not known


def _choice(complaint: Complaint, asked: Question, knowledge: Knowledge) -> str | None:
    """The choice that is meant; a no that begins a correction is no answer to the question."""
    told = (one.choice for one in volunteered(complaint, knowledge) if one.question == asked.id)
    choice = next(told, None) or choice_in(complaint, asked)
    corrects = choice in {"yes", "no"} and news_in(complaint)
    return None if corrects and len(complaint.text.split()) > _SHORT_ANSWER else choice


def _speaks_to(slot: str | None, complaint: Complaint) -> bool:
    """Whether free text answers the question as far as it can be answered."""
    service = (complaint.host, complaint.provider, complaint.domain)
    told = {
        "error": _tells_error(complaint),
        "client": complaint.client is not None,
        "security": complaint.security is not None,
        "server": any(service),
        "provider": any(service),
    }
    return told.get(slot or "", False)


def _tells_error(complaint: Complaint) -> bool:
    """Whether the text is about what happens, and does not just name a server or a program."""
    if complaint.codes or complaint.intent in NARROW:
        return True
    small = {Intent.OFF_TOPIC, Intent.GREETING, Intent.THANKS, Intent.RESOLVED, *_QUESTIONS}
    return complaint.intent not in small and not news_in(complaint)


def _ask_again(session: Session, said: Said, knowledge: Knowledge) -> Move:
    """A question of the person's own is answered, anything else met kindly; then ours once more."""
    asked = replies.question(knowledge.questions[session.question or ""], knowledge)
    first = _own_answer(session, said, knowledge)
    reply = replace(asked, paragraphs=(*first.paragraphs, *asked.paragraphs))
    return Move(session=session, effects=(Speak(reply=reply),))


def _own_answer(session: Session, said: Said, knowledge: Knowledge) -> Reply:
    complaint = said.complaint
    found = asks_meaning(complaint, knowledge) or asks_settings(
        session, complaint, said.at, knowledge
    )
    if found is not None:
        return found
    if asks_proof(complaint, knowledge):
        return replies.simple("reply.why_asked", knowledge)
    if news_in(complaint):
        return replies.simple("reply.known_already", knowledge)
    sorry = {
        Intent.NOT_RESOLVED: "talk.still_fails",
        Intent.RESOLVED: "reply.taken_in_word",
        Intent.THANKS: "reply.still_open",
        Intent.SETTINGS_QUESTION: "reply.settings.3",
    }
    return replies.simple(sorry.get(complaint.intent, "talk.ask_again"), knowledge)


def meanwhile(session: Session, event: Event, knowledge: Knowledge) -> Move:
    """Words while the server is being looked at: kept for the verdict; another one is looked at."""
    said = words_of(event)
    return warned(_meanwhile(session, said, knowledge), said.complaint, knowledge)


def _meanwhile(session: Session, said: Said, knowledge: Knowledge) -> Move:
    complaint = said.complaint
    if complaint.intent is Intent.HUMAN_WANTED:
        return hand_over(session, knowledge)
    meaning = asks_meaning(complaint, knowledge)
    if meaning is not None:
        return Move(session=session, effects=(Speak(reply=meaning),))
    here = from_the_person(session, said) and not speaks_of_elsewhere(complaint, knowledge)
    if complaint.intent is Intent.RESOLVED and here:
        return fixed(session, knowledge, said.by, said.at)
    news = unknown_part(session, complaint, knowledge)
    kept = with_volunteered(with_news(session, news), complaint, knowledge)
    if _server_of(kept) != _server_of(session):
        return from_start(replace(kept, rechecking=False), said, knowledge)
    reply = replies.simple("talk.still_looking", knowledge, replies.HUMAN)
    return Move(session=kept, effects=(Speak(reply=reply),))


def _server_of(session: Session) -> tuple[object, ...]:
    return server_in(session.complaint) if session.complaint is not None else ()
