"""Words: the first complaint, answers in free text, news in the middle of a case."""

from dataclasses import replace

from bot.conversation import replies
from bot.conversation.answering import choice_in, in_light_of
from bot.conversation.asking import answered
from bot.conversation.closing import fixed
from bot.conversation.events import Event, Speak
from bot.conversation.news import from_start, in_english, opened_case, warned, with_news, words_of
from bot.conversation.servers import NARROW, merged, news_in
from bot.conversation.small_talk import answer_without_case, explained
from bot.conversation.walking import Move, hand_over, walk
from bot.knowledge.schema import Knowledge
from bot.knowledge.trees import Question
from bot.model.case import Answer, Session
from bot.model.complaint import Complaint, Intent

__all__ = ["answer", "first_words", "meanwhile"]

_QUESTIONS = frozenset({Intent.CONCEPT_QUESTION, Intent.SETTINGS_QUESTION})
_SHORT_ANSWER = 3  # words; a longer yes or no says something else besides
_ANSWERED = frozenset({Intent.SETTINGS_QUESTION, Intent.THANKS})


def first_words(session: Session, event: Event, knowledge: Knowledge) -> Move:
    """The first message of a thread: small talk is answered, a mail complaint opens a case."""
    said = words_of(event)
    complaint = said.complaint
    small = answer_without_case(complaint, knowledge)
    if small is not None:
        return warned(Move(session=session, effects=(Speak(reply=small),)), complaint, knowledge)
    opened = opened_case(session, _as_complaint(complaint), said)
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
    choice = _choice(complaint, asked)
    if choice is None and complaint.intent is Intent.HUMAN_WANTED:
        return hand_over(session, knowledge)
    if choice is None and complaint.intent is Intent.RESOLVED:
        return fixed(session, knowledge, said.by, said.at)
    is_question = complaint.intent in _QUESTIONS and not complaint.codes
    if choice is None and (is_question or not _worth_keeping(complaint, asked.slot)):
        return _ask_again(session, complaint, knowledge)
    kept = with_news(session, complaint)
    if choice is not None:
        kept = answered(kept, asked, choice)
    elif _speaks_to(asked.slot, complaint):
        given = Answer(question=asked.id, choice="said")
        kept = replace(kept, answers=(*kept.answers, given), question=None)
    return warned(walk(kept, knowledge, said.at), complaint, knowledge)


def _choice(complaint: Complaint, asked: Question) -> str | None:
    """The choice that is meant; a no that begins a correction is no answer to the question."""
    choice = choice_in(complaint, asked)
    corrects = choice in {"yes", "no"} and news_in(complaint)
    return None if corrects and len(complaint.text.split()) > _SHORT_ANSWER else choice


def _speaks_to(slot: str | None, complaint: Complaint) -> bool:
    """Whether free text answers the question as far as it can be answered."""
    service = (complaint.host, complaint.provider, complaint.domain)
    told = {
        "error": True,
        "client": complaint.client is not None,
        "security": complaint.security is not None,
        "server": any(service),
        "provider": any(service),
    }
    return told.get(slot or "", False)


def _worth_keeping(complaint: Complaint, slot: str | None) -> bool:
    """Whether a text that is no listed answer takes the case further all the same."""
    if news_in(complaint) or complaint.intent in NARROW:
        return True
    return slot == "error" and complaint.intent not in {Intent.OFF_TOPIC, Intent.GREETING}


def _ask_again(session: Session, complaint: Complaint, knowledge: Knowledge) -> Move:
    """A question of the person's own is answered, anything else met kindly; then ours once more."""
    asked = replies.question(knowledge.questions[session.question or ""], knowledge)
    answer = explained(complaint, knowledge)
    if answer is None and complaint.intent in _ANSWERED:
        answer = answer_without_case(complaint, knowledge)
    failing = complaint.intent is Intent.NOT_RESOLVED
    sorry = knowledge.texts["talk.still_fails" if failing else "talk.ask_again"]
    first = answer.paragraphs if answer is not None else (sorry,)
    reply = replace(asked, paragraphs=(*first, *asked.paragraphs))
    return warned(Move(session=session, effects=(Speak(reply=reply),)), complaint, knowledge)


def meanwhile(session: Session, event: Event, knowledge: Knowledge) -> Move:
    """Words while the server is being looked at: kept for the verdict."""
    said = words_of(event)
    if said.complaint.intent is Intent.HUMAN_WANTED:
        return hand_over(session, knowledge)
    kept = replace(session, complaint=merged(session.complaint, said.complaint))
    reply = replies.simple("talk.still_looking", knowledge, replies.HUMAN)
    move = Move(session=kept, effects=(Speak(reply=reply),))
    return warned(move, said.complaint, knowledge)
