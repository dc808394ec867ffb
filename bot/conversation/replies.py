"""What the bot says, put together from the knowledge's texts; no sentence stands here."""

from bot.conversation.servers import provider_of
from bot.diagnosis.advise import Asker, advise
from bot.diagnosis.proof import proof, untested
from bot.diagnosis.words import fill, say, summary
from bot.knowledge.schema import FaqEntry, Knowledge, Provider
from bot.knowledge.trees import Question
from bot.model.case import Session
from bot.model.codes import Code, Severity, group_of, severity_of
from bot.model.diagnosis import Advice, Diagnosis
from bot.model.evidence import Role, Seen, Stage
from bot.model.reply import Field, Option, Reply, Tone
from bot.model.target import Target

__all__ = [
    "FIXED",
    "HUMAN",
    "after_advice",
    "checking",
    "facts",
    "faq",
    "handed_over",
    "ids",
    "meaning",
    "options",
    "question",
    "settings",
    "simple",
    "verdict",
]

FIXED = "fixed"
HUMAN = "human"
_DONT_KNOW = "dont_know"
_AFTER_ADVICE = (FIXED, "still_broken", "something_else", HUMAN)
_LIKELY = 0.75  # below this a cause is said with its doubt
_MOST_LINES = 6  # of proof in a message; the case file keeps all
_TELLING = (Stage.GREETING, Stage.TLS, Stage.CERTIFICATE, Stage.AUTH)  # of an attempt that works


def ids(reply: Reply) -> tuple[str, ...]:
    """The option ids that the reply offers."""
    return tuple(option.id for option in reply.options)


def options(knowledge: Knowledge, *wanted: str) -> tuple[Option, ...]:
    """The reserved options by id, with their labels."""
    return tuple(Option(id=name, label=knowledge.texts[f"option.{name}"]) for name in wanted)


def simple(text: str, knowledge: Knowledge, *wanted: str, **details: str) -> Reply:
    """One sentence of the texts, with reserved options."""
    return Reply(
        paragraphs=(say(text, knowledge.texts, **details),), options=options(knowledge, *wanted)
    )


def question(asked: Question, knowledge: Knowledge) -> Reply:
    """A question with its buttons and blanks; not knowing is always an answer."""
    own = tuple(Option(id=choice.id, label=choice.label) for choice in asked.choices)
    always = (_DONT_KNOW, HUMAN) if asked.dont_know else (HUMAN,)
    fields = tuple(Field(id=blank.id, label=blank.label, kind=blank.kind) for blank in asked.fields)
    return Reply(paragraphs=(asked.text,), options=own + options(knowledge, *always), fields=fields)


def checking(target: Target, knowledge: Knowledge) -> Reply:
    """That the server is being looked at."""
    if target.port is None:
        text = say("reply.checking_anywhere", knowledge.texts, host=target.host)
    else:
        text = say("reply.checking", knowledge.texts, host=target.host, port=str(target.port))
    return Reply(paragraphs=(text,), tone=Tone.WORKING, options=options(knowledge, HUMAN))


def verdict(code: Code, session: Session, diagnosis: Diagnosis, knowledge: Knowledge) -> Reply:
    """One cause, the proof, and the steps for that person's mail program."""
    likely = code is not diagnosis.verdict.code or diagnosis.verdict.confidence >= _LIKELY
    sure = likely or code in {Code.OK, Code.UNKNOWN}
    given = _advice(code, session, diagnosis, knowledge)
    return Reply(
        title=_title(code, diagnosis, knowledge, sure=sure),
        paragraphs=_remarks(diagnosis, knowledge),
        facts=() if _is_elsewhere(code, diagnosis) else facts(diagnosis, session, knowledge),
        advice=given,
        options=options(knowledge, *_again(diagnosis), *_AFTER_ADVICE),
        tone=_tone(code, diagnosis) if sure else Tone.WARNING,  # no mark of proof on a guess
    )


def _tone(code: Code, diagnosis: Diagnosis) -> Tone:
    port = diagnosis.target.port if diagnosis.target is not None else None
    tones = {Severity.OK: Tone.GOOD, Severity.PROBLEM: Tone.BAD, Severity.WARNING: Tone.WARNING}
    return tones.get(severity_of(code, port), Tone.PLAIN)


def _title(code: Code, diagnosis: Diagnosis, knowledge: Knowledge, *, sure: bool) -> str:
    if code is Code.UNKNOWN and not diagnosis.works:
        return knowledge.texts["reply.cannot_tell"]
    if diagnosis.works and code in {Code.OK, Code.UNKNOWN}:
        return knowledge.texts["talk.healthy_no_cause"]
    sentence = summary(code, diagnosis.details, knowledge.texts)
    return sentence if sure else say("talk.likely", knowledge.texts, summary=sentence)


def _remarks(diagnosis: Diagnosis, knowledge: Knowledge) -> tuple[str, ...]:
    """The setting that works, what was ruled out and what could not be tested."""
    texts = knowledge.texts
    said = [*meaning(diagnosis, knowledge)]
    if _is_elsewhere(diagnosis.verdict.code, diagnosis):
        fine = fill(texts["talk.server_fine"], diagnosis.details)
        said += [fine] if fine is not None else []
    if diagnosis.suggested is not None:
        chosen = diagnosis.suggested
        said.append(
            say(
                "reply.suggest",
                texts,
                host=chosen.host,
                port=str(chosen.port),
                security=texts[f"security.{chosen.security}"],
            )
        )
    said += _second_faults(diagnosis, knowledge)
    if diagnosis.ruled_out:
        named = ", ".join(texts[f"cause.{code}"] for code in diagnosis.ruled_out)
        said.append(say("reply.ruled_out", texts, causes=named))
    left_out = untested(diagnosis, texts)
    if left_out is not None:
        said.append(left_out)
    if diagnosis.works and diagnosis.verdict.code is Code.NETWORK_USER_SIDE:
        said.append(texts["reply.vantage"])
    return tuple(said)


def _second_faults(diagnosis: Diagnosis, knowledge: Knowledge) -> list[str]:
    """Further faults of the certificate: who mends only the first comes back for the second."""
    shown = []
    for note in diagnosis.notes[1:]:
        if group_of(note.code) == "cert":
            known = {**diagnosis.details, **note.details}
            sentence = summary(note.code, known, knowledge.texts)
            shown.append(say("talk.also", knowledge.texts, summary=sentence))
    return shown


def meaning(diagnosis: Diagnosis, knowledge: Knowledge) -> tuple[str, ...]:
    """What the quoted error means, where it is what speaks for the verdict."""
    spoke = (one for one in knowledge.decoders if one.id == diagnosis.verdict.rule)
    return tuple(say("talk.quoted", knowledge.texts, meaning=one.meaning) for one in spoke)


def _is_elsewhere(code: Code, diagnosis: Diagnosis) -> bool:
    """Whether the server was found to work and the cause is something that a check cannot see."""
    return diagnosis.works and not diagnosis.verdict.because and code is not Code.OK


def facts(diagnosis: Diagnosis, session: Session, knowledge: Knowledge) -> tuple[str, ...]:
    """The lines of proof: what speaks for the verdict first, then how far the check came."""
    if session.evidence is None:
        return ()
    chosen = list(diagnosis.verdict.because)
    chosen += [
        seen
        for seen in session.evidence.observations
        if isinstance(seen, Seen) and seen.attempt is not None and _worth_a_line(seen, diagnosis)
    ]
    lines = [proof(seen, knowledge.texts) for seen in dict.fromkeys(chosen)]
    return tuple(lines[:_MOST_LINES])


def _worth_a_line(seen: Seen, diagnosis: Diagnosis) -> bool:
    """What the suggestion rests on, or what was seen of the server as stated."""
    attempt = seen.attempt
    if attempt is None or seen.stage not in _TELLING:
        return False
    if diagnosis.suggested is None:
        return attempt.role is Role.STATED
    return attempt.port == diagnosis.suggested.port and attempt.role is not Role.STATED


def _advice(
    code: Code, session: Session, diagnosis: Diagnosis, knowledge: Knowledge
) -> tuple[Advice, ...]:
    complaint = session.complaint
    provider = provider_of(session, knowledge)
    asker = Asker(
        client=complaint.client if complaint is not None else None,
        provider=complaint.provider if complaint is not None else None,
        details=_step_details(diagnosis, provider, knowledge),
    )
    wanted = Code.UNKNOWN if code is Code.OK else code
    return advise(wanted, asker, knowledge)


def _step_details(
    diagnosis: Diagnosis, provider: Provider | None, knowledge: Knowledge
) -> dict[str, str]:
    """What fills the steps: the checked setting, else what the directory says of the provider."""
    details: dict[str, str] = {}
    if provider is not None:
        best = provider.outgoing[0]
        details |= {"provider": provider.name, "address_form": best.username}
        details |= {"host": best.host, "port": str(best.port), "security": best.security}
    target = diagnosis.target
    if target is not None and target.host is not None and diagnosis.works:
        details |= {"host": target.host, "port": str(target.port), "security": target.security}
    if diagnosis.suggested is not None:
        chosen = diagnosis.suggested
        details |= {"host": chosen.host, "port": str(chosen.port), "security": chosen.security}
    if "security" in details:
        details["security"] = knowledge.texts[f"security.{details['security']}"]
    return details


def after_advice(text: str, session: Session, knowledge: Knowledge) -> Reply:
    """A sentence after advice was given, with the answers that are possible then."""
    return simple(text, knowledge, *_again(session.diagnosis), *_AFTER_ADVICE)


def _again(diagnosis: Diagnosis | None) -> tuple[str, ...]:
    """The offer to look again, where something was looked at."""
    return ("changed",) if diagnosis is not None and diagnosis.target is not None else ()


def handed_over(session: Session, knowledge: Knowledge, text: str) -> Reply:
    """That a person takes over, and what they will find in the case."""
    known = {"case": session.case} if session.case is not None else {}
    said = fill(knowledge.texts[text], known) or knowledge.texts["talk.take_over"]
    lines = facts(session.diagnosis, session, knowledge) if session.diagnosis else ()
    return Reply(
        title=said,
        paragraphs=_what_is_known(session, knowledge),
        facts=lines,
        options=options(knowledge, FIXED, HUMAN),
    )


def _what_is_known(session: Session, knowledge: Knowledge) -> tuple[str, ...]:
    told = []
    diagnosis = session.diagnosis
    if diagnosis is not None and diagnosis.verdict.code not in {Code.OK, Code.UNKNOWN}:
        sure = diagnosis.verdict.confidence >= _LIKELY
        told.append(_title(diagnosis.verdict.code, diagnosis, knowledge, sure=sure))
    if session.tried:
        named = ", ".join(knowledge.texts[f"cause.{code}"] for code in session.tried)
        told.append(say("talk.tried_first", knowledge.texts, causes=named))
    return tuple(told)


def faq(entry: FaqEntry) -> Reply:
    """A question people ask, answered."""
    return Reply(title=entry.question, paragraphs=(entry.answer,))


def settings(provider: Provider, knowledge: Knowledge) -> Reply:
    """The settings for sending with a provider, from the directory and said to be so."""
    lines = tuple(
        say(
            "reply.settings.1",
            knowledge.texts,
            provider=provider.name,
            host=server.host,
            port=str(server.port),
            security=knowledge.texts[f"security.{server.security}"],
            username=server.username,
        )
        for server in provider.outgoing
    )
    unchecked = knowledge.texts["talk.unchecked"]
    return Reply(title=provider.name, paragraphs=(*lines, *provider.notes, unchecked))
