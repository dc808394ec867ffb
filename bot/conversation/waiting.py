"""What the world brings: the end of a check, the passing of time, the end of an interruption."""

from dataclasses import replace

from bot.conversation import replies
from bot.conversation.closing import abandon
from bot.conversation.events import Checked, Elapsed, Event, Resumed, RunCheck, Speak
from bot.conversation.judging import diagnosed
from bot.conversation.servers import target_of
from bot.conversation.timing import FIRST_REMINDER, GIVE_UP
from bot.conversation.walking import Move, walk
from bot.diagnosis.judge import diagnose, is_blind
from bot.diagnosis.situation import Known, situation_of
from bot.diagnosis.words import age_of, say, summary
from bot.knowledge.schema import Knowledge
from bot.model.case import Session, State
from bot.model.codes import Code, group_of
from bot.model.diagnosis import Diagnosis
from bot.model.evidence import Failed, Skipped, Stage
from bot.model.reply import Reply
from bot.model.target import Target

__all__ = [
    "checked",
    "elapsed",
    "nothing",
    "pending_check",
    "repeat_advice",
    "repeat_question",
    "resume_check",
    "too_late",
]


def checked(session: Session, event: Event, knowledge: Knowledge) -> Move:
    """The check has ended: walk on, or compare with what it was before a change."""
    if not isinstance(event, Checked) or event.number != session.checks:
        return Move(session=session)
    if session.rechecking:
        return _compared(session, event, knowledge)
    move = walk(replace(session, evidence=event.evidence), knowledge, event.at)
    if move.session.state is State.ASKING:
        move = move.beginning_with(*_seen_to_work(move.session, knowledge))
    return move.saying_first(*_excuses(event, knowledge), *_age(event, knowledge))


def _age(event: Checked, knowledge: Knowledge) -> tuple[Reply, ...]:
    """That the check was made a moment ago, where it was."""
    age = age_of(event.evidence)
    return () if age is None else (replies.simple("reply.seen_before", knowledge, age=age),)


def _seen_to_work(session: Session, knowledge: Knowledge) -> tuple[str, ...]:
    """That the server works as seen from here, where a question follows and no verdict says so."""
    found = diagnosed(session, knowledge)
    if not found.works or found.target is None:
        return ()
    known = {"host": str(found.target.host), "port": str(found.target.port)}
    security = knowledge.texts[f"security.{found.target.security}"]
    return (say("reply.works_from_here", knowledge.texts, **known, security=security),)


def _excuses(event: Checked, knowledge: Knowledge) -> tuple[Reply, ...]:
    """Why nothing was seen, where the reason lies with us; the talk goes on without."""
    situation = situation_of(Known(target=event.target, evidence=event.evidence))
    refused = [
        seen.because
        for seen in event.evidence.of(None)
        if isinstance(seen, Skipped) and seen.stage is Stage.DNS
    ]
    if refused:
        said = refused[0]
        return (replies.simple("talk.could_not_look", knowledge, said=said),)
    if not is_blind(situation, knowledge):
        return ()
    return tuple(
        _excuse(failed, event.target, knowledge)
        for failed in event.evidence.failures()
        if failed.attempt is None
    )


def _excuse(failed: Failed, target: Target, knowledge: Knowledge) -> Reply:
    if group_of(failed.code) == "dns":
        return replies.simple("talk.could_not_look_up", knowledge, host=target.host)
    return replies.simple("talk.could_not_look", knowledge, said=failed.said)


def _compared(session: Session, event: Checked, knowledge: Knowledge) -> Move:
    """What changed since the advice. The case keeps the verdict that it was opened about."""
    before = session.diagnosis
    session = replace(session, rechecking=False)
    excuses = _excuses(event, knowledge)
    if excuses:
        reply = replies.after_advice("talk.works_now", session, knowledge)
        asked = replace(
            session, state=State.ADVISED, offered=replies.ids(reply), asked_if_works=True
        )
        return Move(session=asked, effects=(Speak(reply=reply),)).saying_first(*excuses)
    live = diagnose(Known(target=event.target, evidence=event.evidence), knowledge)
    if live.works:
        return _better(session, live, knowledge, event)
    fresh = replace(session, evidence=event.evidence)
    same = before is not None and _is_as_before(diagnosed(fresh, knowledge), before)
    move = walk(fresh, knowledge, event.at)
    if not same:
        return move
    text = "reply.recheck_same" if session.doubted is None else "reply.recheck_still"
    return move.saying_first(replies.simple(text, knowledge, replies.HUMAN))


def _is_as_before(now: Diagnosis, before: Diagnosis) -> bool:
    """Whether there is nothing new: neither another cause nor another way out."""
    return (now.verdict.code, now.suggested) == (before.verdict.code, before.suggested)


def _better(session: Session, live: Diagnosis, knowledge: Knowledge, event: Checked) -> Move:
    """It works as seen from here: good news, but for who says that a suggestion does not help.

    What mars it is said too: who sends passwords in the clear should know.
    """
    in_vain = session.doubted is not None and session.setting is not None
    text = "reply.recheck_works" if in_vain else "reply.recheck_better"
    reply = replies.after_advice(text, session, knowledge)
    marred = live.verdict.code
    if marred is not Code.OK:
        said = summary(marred, live.details, knowledge.texts)
        reply = replace(reply, paragraphs=(*reply.paragraphs, said))
    session = replace(
        session,
        state=State.ADVISED,
        evidence=event.evidence,
        offered=replies.ids(reply),
        asked_if_works=True,
        due=event.at + FIRST_REMINDER,
        reminded=False,
    )
    return Move(session=session, effects=(Speak(reply=reply),))


def too_late(session: Session, _: Event, __: Knowledge) -> Move:
    """A check that ends after a person took over, or after the end, changes nothing."""
    return Move(session=session)


def elapsed(session: Session, event: Event, knowledge: Knowledge) -> Move:
    """A silent person is reminded once, then the case is given up."""
    if not isinstance(event, Elapsed) or session.due is None or event.at < session.due:
        return Move(session=session)
    if session.reminded:
        return abandon(session, knowledge, event.at)
    reply = _reminder(session, knowledge)
    session = replace(session, reminded=True, due=event.at + GIVE_UP)
    return Move(session=session, effects=(Speak(reply=reply),))


def _reminder(session: Session, knowledge: Knowledge) -> Reply:
    """A friendly word, and what can be answered again."""
    if session.question is None:
        return replies.after_advice("reply.reminder", session, knowledge)
    again = replies.question(knowledge.questions[session.question], knowledge)
    said = knowledge.texts["reply.reminder"]
    return replace(again, paragraphs=(said, *again.paragraphs))


def resume_check(session: Session, event: Event, knowledge: Knowledge) -> Move:
    """The check that was interrupted is run again; it only reads, so that harms nobody."""
    target = target_of(session, knowledge)
    if target is None or not isinstance(event, Resumed):
        return Move(session=session)
    session = replace(session, checks=session.checks + 1)
    reply = replies.simple("reply.interrupted", knowledge, replies.HUMAN)
    effects = (
        Speak(reply=reply),
        RunCheck(target=target, number=session.checks, anew=session.rechecking),
    )
    return Move(session=session, effects=effects)


def pending_check(session: Session, knowledge: Knowledge) -> RunCheck | None:
    """The check that a session waits for, to be run again in silence; None if it waits for none."""
    target = target_of(session, knowledge)
    if target is None or session.state is not State.CHECKING:
        return None
    return RunCheck(target=target, number=session.checks, anew=session.rechecking)


def repeat_question(session: Session, _: Event, knowledge: Knowledge) -> Move:
    """The open question, asked again."""
    reply = replies.question(knowledge.questions[session.question or ""], knowledge)
    return Move(session=session, effects=(Speak(reply=reply),))


def repeat_advice(session: Session, _: Event, knowledge: Knowledge) -> Move:
    """Where the case stands."""
    diagnosis = session.diagnosis or diagnosed(session, knowledge)
    reply = replies.verdict(diagnosis.verdict.code, session, diagnosis, knowledge)
    return Move(session=session, effects=(Speak(reply=reply),))


def nothing(session: Session, _: Event, __: Knowledge) -> Move:
    """Nothing is open."""
    return Move(session=session)
