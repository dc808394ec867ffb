"""Words after advice."""

from dataclasses import replace

from bot.conversation import replies
from bot.conversation.answering import is_confused, is_yes, reserved_choice_in
from bot.conversation.choosing import choose
from bot.conversation.closing import fixed, still_broken
from bot.conversation.events import Chose, Event, Said, Speak
from bot.conversation.explaining import asks_meaning, asks_proof, asks_settings, proof_of
from bot.conversation.news import (
    from_start,
    from_the_person,
    unknown_part,
    warned,
    with_news,
    words_of,
)
from bot.conversation.remarks import speaks_of_elsewhere, with_volunteered
from bot.conversation.servers import NARROW, news_in, target_of
from bot.conversation.small_talk import explained
from bot.conversation.walking import Move, hand_over, look, walk
from bot.knowledge.schema import Knowledge
from bot.model.case import Session, State
from bot.model.complaint import Complaint, Intent
from bot.model.reply import Reply

__all__ = ["after_advice"]


def after_advice(session: Session, event: Event, knowledge: Knowledge) -> Move:
    """Words after advice: that it worked, that it did not, a question, or something new."""
    said = words_of(event)
    move = _about_the_advice(session, said, knowledge) or _after_advice(session, said, knowledge)
    return warned(move, said.complaint, knowledge)


def _about_the_advice(session: Session, said: Said, knowledge: Knowledge) -> Move | None:
    """What leaves the case where it stands: a question, or that it works somewhere else."""
    complaint = said.complaint
    if asks_proof(complaint, knowledge):
        return _with_answers(session, proof_of(session, knowledge), knowledge)
    meaning = asks_meaning(complaint, knowledge)
    if meaning is not None:
        return _with_answers(session, meaning, knowledge)
    wants_person = complaint.intent is Intent.HUMAN_WANTED
    if wants_person or complaint.codes or unknown_part(session, complaint, knowledge).host:
        return None
    if speaks_of_elsewhere(complaint, knowledge):
        return _elsewhere(session, said, knowledge)
    return _asked(session, said, knowledge)


def _asked(session: Session, said: Said, knowledge: Knowledge) -> Move | None:
    """A question that no glossary answers, or thanks."""
    complaint = said.complaint
    if complaint.intent is Intent.THANKS and not news_in(complaint):
        return _with_answers(session, replies.simple("reply.nod", knowledge), knowledge)
    if complaint.intent is Intent.CONCEPT_QUESTION:
        return _helped(session, complaint, knowledge)
    if complaint.intent is not Intent.SETTINGS_QUESTION:
        return None
    if is_confused(complaint, knowledge):
        return _helped(session, complaint, knowledge)
    settings = asks_settings(session, complaint, said.at, knowledge)
    if settings is None:
        return _helped(session, complaint, knowledge)
    return _with_answers(session, settings, knowledge)


def _elsewhere(session: Session, said: Said, knowledge: Knowledge) -> Move:
    """It works in another place or way: evidence, and no cure before it works here."""
    complaint = said.complaint
    news = unknown_part(session, complaint, knowledge)
    kept = with_volunteered(with_news(session, news), complaint, knowledge)
    anew = from_start(kept, said, knowledge)
    if anew.session.state is State.CHECKING or _says_another(anew.session, session):
        return anew
    kept = replace(kept, evidence=session.evidence, setting=session.setting)
    if complaint.intent is Intent.NOT_RESOLVED:
        return still_broken(kept, knowledge, said.at)
    return _ask_if_works(kept, "reply.works_here", knowledge)


def _says_another(now: Session, before: Session) -> bool:
    """Whether a walk ended at another cause than the one that was advised on."""
    if now.state is not State.ADVISED or now.diagnosis is None or before.diagnosis is None:
        return False
    return now.diagnosis.verdict.code is not before.diagnosis.verdict.code


def _after_advice(session: Session, said: Said, knowledge: Knowledge) -> Move:
    complaint = unknown_part(session, said.complaint, knowledge)
    before = session.complaint.intent if session.complaint is not None else None
    is_new = complaint.intent in NARROW and complaint.intent is not before
    if complaint.codes or complaint.host is not None or is_new:
        return from_start(with_news(session, complaint), said, knowledge)
    if is_confused(complaint, knowledge):
        return _helped(session, complaint, knowledge)
    if complaint.intent is Intent.RESOLVED:
        return _resolved(session, said, knowledge)
    if complaint.intent is Intent.HUMAN_WANTED:
        return hand_over(session, knowledge)
    return _decided(session, replace(said, complaint=complaint), knowledge) or _spoken(
        session, _nothing_new(session, said.complaint, knowledge)
    )


def _decided(session: Session, said: Said, knowledge: Knowledge) -> Move | None:
    complaint = said.complaint
    choice = reserved_choice_in(complaint, session.offered, knowledge)
    if choice is not None:
        return choose(session, Chose(option=choice, by=said.by, at=said.at), knowledge)
    yes = is_yes(complaint)
    if yes is not None and not session.asked_if_works:
        return _ask_if_works(session, "talk.works_now", knowledge)
    if yes:
        return fixed(session, knowledge, said.by, said.at)
    if yes is False or complaint.intent is Intent.NOT_RESOLVED or complaint.intent in NARROW:
        return still_broken(session, knowledge, said.at)
    if news_in(complaint):
        return _with_news(with_news(session, complaint), said, knowledge)
    return None


def _resolved(session: Session, said: Said, knowledge: Knowledge) -> Move:
    """Closes the case; where somebody else was only overheard, the person is asked first."""
    if from_the_person(session, said):
        return fixed(session, knowledge, said.by, said.at)
    return _ask_if_works(session, "talk.works_now", knowledge)


def _nothing_new(session: Session, complaint: Complaint, knowledge: Knowledge) -> Reply:
    """What was said is known already, or was not understood."""
    text = "reply.nothing_new" if news_in(complaint) else "talk.which_step"
    return replies.after_advice(text, session, knowledge)


def _with_news(session: Session, said: Said, knowledge: Knowledge) -> Move:
    """News about the server are looked at; any other change what is advised."""
    if session.evidence is None and target_of(session, knowledge) is not None:
        return look(replace(session, rechecking=True), knowledge)
    return walk(session, knowledge, said.at)


def _ask_if_works(session: Session, text: str, knowledge: Knowledge) -> Move:
    """A bare yes or no may be about any step; only one thing closes a case."""
    reply = replies.after_advice(text, session, knowledge)
    asked = replace(session, asked_if_works=True, offered=replies.ids(reply))
    return _spoken(asked, reply)


def _helped(session: Session, complaint: Complaint, knowledge: Knowledge) -> Move:
    """Somebody is lost in the steps: what the words mean, or which step it is."""
    answer = explained(complaint, knowledge)
    if answer is None:
        return _spoken(session, replies.after_advice("talk.which_step", session, knowledge))
    return _with_answers(session, answer, knowledge)


def _with_answers(session: Session, reply: Reply, knowledge: Knowledge) -> Move:
    """A reply that leaves the advice standing, with the answers that are possible still."""
    standing = replies.after_advice("reply.nod", session, knowledge).options
    return _spoken(session, replace(reply, options=standing))


def _spoken(session: Session, reply: Reply) -> Move:
    return Move(session=session, effects=(Speak(reply=reply),))
