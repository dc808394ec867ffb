"""Where newcomers stumbled: what they say out of turn, and what the bot must not say then."""

from dataclasses import replace
from datetime import timedelta

import pytest
from scenes import NOW, a_certificate, an_attempt, evidence, healthy, refused

from bot.conversation.attending import is_overheard
from bot.conversation.events import Checked, Chose, Event, RunCheck, Said, Speak
from bot.conversation.machine import step
from bot.conversation.walking import Move
from bot.knowledge.schema import Knowledge
from bot.model.case import Answer, Outcome, Session, State, ThreadKey
from bot.model.codes import Code
from bot.model.complaint import Secret
from bot.model.evidence import Evidence, Role
from bot.model.reply import Reply, Tone
from bot.model.target import Security, Target
from bot.parsing.complaint import parse_complaint

TROUBLE = "can't send mail, smtp.example.com port 587, Outlook"
TIMES_OUT = "Outlook times out, smtp.example.com port 587"
HEALTHY = evidence(healthy(an_attempt()))
EXPIRED = evidence(healthy(an_attempt(), certificate=a_certificate(Code.CERT_EXPIRED, days=-3)))
WRONG_PORT = evidence(
    refused(an_attempt()), healthy(an_attempt(465, Security.TLS, Role.OTHER_PORT))
)
ON_465 = evidence(healthy(an_attempt(465, Security.TLS)))


class Talk:
    """Ana, who writes as people do, and the machine."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self.session = Session(thread=ThreadKey("t"))
        self.looked_at: list[str] = []
        self.wanted = Target(host="smtp.example.com")

    @property
    def state(self) -> State:
        """Where the case stands."""
        return self.session.state

    @property
    def verdict(self) -> Code | None:
        """The cause that is held likeliest."""
        return self.session.diagnosis.verdict.code if self.session.diagnosis else None

    @property
    def outcome(self) -> Outcome | None:
        """How the case ended."""
        return self.session.resolution.outcome if self.session.resolution else None

    def happens(self, event: Event) -> tuple[Reply, ...]:
        """Lets an event happen; returns what was said."""
        move: Move = step(self.session, event, self.knowledge)
        self.session = move.session
        targets = [effect.target for effect in move.effects if isinstance(effect, RunCheck)]
        self.looked_at += [f"{target.host}:{target.port}" for target in targets]
        self.wanted = (self.wanted, *targets)[-1]
        return tuple(effect.reply for effect in move.effects if isinstance(effect, Speak))

    def says(self, text: str, by: str = "ana", *, addressed: bool = True) -> tuple[Reply, ...]:
        """Somebody writes."""
        complaint = parse_complaint(text, self.knowledge)
        return self.happens(Said(complaint=complaint, by=by, at=NOW, addressed=addressed))

    def presses(self, option: str, revision: int | None = None) -> tuple[Reply, ...]:
        """Ana presses a button."""
        return self.happens(Chose(option=option, by="ana", at=NOW, revision=revision))

    def sees(self, seen: Evidence) -> tuple[Reply, ...]:
        """The check that is out ends with this evidence."""
        number = self.session.checks
        return self.happens(Checked(target=self.wanted, evidence=seen, number=number, at=NOW))

    def after(self, complaint: str, seen: Evidence) -> "Talk":
        """The same talk after a complaint and the check that follows it."""
        self.says(complaint)
        self.sees(seen)
        return self


@pytest.fixture
def talk(knowledge: Knowledge) -> Talk:
    """A fresh talk."""
    return Talk(knowledge)


def words(replies: tuple[Reply, ...]) -> str:
    """All that was said, as one text."""
    return "\n".join("\n".join((reply.title, *reply.paragraphs, *reply.facts)) for reply in replies)


# --- facts that are no answer -----------------------------------------------------------------


def test_server_named_while_another_question_is_open_is_looked_at(talk: Talk) -> None:
    """The walk begins again with what is known now."""
    talk.after(TROUBLE, HEALTHY)
    talk.says("sorry, the server is mail.example.org port 465")

    assert talk.state is State.CHECKING
    assert talk.looked_at[-1] == "mail.example.org:465"


def test_code_quoted_while_another_question_is_open_can_decide(talk: Talk) -> None:
    """A refusal for its size needs no answer to where else it works."""
    talk.after(TIMES_OUT.replace("times out", "connection refused"), HEALTHY)
    talk.says("now it says 552 5.3.4 message size exceeds fixed limit")

    assert talk.verdict is Code.LIMIT_SIZE
    assert talk.state is State.ADVISED


def test_fact_that_leaves_the_question_open_is_acknowledged(talk: Talk) -> None:
    """The same question comes once more, with a word that the fact was taken in."""
    talk.says("my mails don't go out")
    (again,) = talk.says("now it says 535")

    assert talk.session.question == "provider"
    assert "535" in again.paragraphs[0]
    assert talk.session.complaint is not None
    assert talk.session.complaint.codes == ("535",)


def test_facts_known_already_are_no_news(talk: Talk) -> None:
    """The server that was looked at is not looked at again for being named again."""
    talk.after(TROUBLE, HEALTHY)
    said = talk.says("smtp.example.com port 587")

    assert talk.state is State.ASKING
    assert "know" in words(said)
    assert len(talk.looked_at) == 1


def test_server_named_during_a_check_is_looked_at_instead(talk: Talk) -> None:
    """The result of the old check is no evidence about the new server."""
    talk.says(TROUBLE)
    talk.says("wait, it is mail.example.org")

    assert talk.looked_at[-1].startswith("mail.example.org")
    assert talk.session.checks == 2


# --- a measured fault -------------------------------------------------------------------------


def test_measured_fault_is_looked_at_again_before_it_is_doubted(talk: Talk) -> None:
    """The verdict stays the cause, and it is said that the fault is still there."""
    talk.after(TROUBLE, EXPIRED)
    talk.presses("still_broken")
    before = talk.state
    said = words(talk.sees(EXPIRED))

    assert before is State.CHECKING
    assert "still there" in said
    assert talk.verdict is Code.CERT_EXPIRED
    assert talk.session.tried == ()


def test_who_insists_is_asked_further_and_the_fault_stays_named(talk: Talk) -> None:
    """Other causes come up only then, and the person who takes over reads of the fault."""
    talk.after(TROUBLE, EXPIRED)
    talk.presses("still_broken")
    talk.sees(EXPIRED)
    onward = words(talk.presses("still_broken"))
    talk.says("550 5.7.1 relaying denied")
    handed = words(talk.presses("human"))

    assert "Then it must be something else" not in onward
    assert "expired" in onward
    assert "expired" in handed
    assert "best guess" not in handed
    assert talk.verdict is Code.CERT_EXPIRED


def test_suggested_setting_is_what_is_looked_at_again(talk: Talk) -> None:
    """Where another port works, that one is tried; what it means is said."""
    talk.after(TROUBLE, WRONG_PORT)
    talk.presses("still_broken")
    said = words(talk.sees(ON_465))

    assert talk.looked_at[-1] == "smtp.example.com:465"
    assert "compare" in said
    talk.presses("still_broken")
    assert Code.SETTINGS_WRONG_PORT in talk.session.tried


def test_handing_over_at_the_end_names_the_fault_and_not_that_nobody_knows(talk: Talk) -> None:
    """Questions that lead nowhere end at a person, with what was seen."""
    talk.after(TROUBLE, EXPIRED)
    talk.presses("still_broken")
    talk.sees(EXPIRED)
    talk.presses("still_broken")
    while talk.state is State.ASKING:
        said = words(talk.presses("dont_know"))

    assert talk.state is State.HANDED_OVER
    assert "expired" in said
    assert "cannot tell" not in said


# --- it works elsewhere -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "works with my phone's hotspot",
        "at home it works",
        "from webmail it works",
        "on my phone it works",
        "in the office not",
        "it works on my colleague's computer",
        "with mobile data it works, with the wifi here it does not",
    ],
)
@pytest.mark.parametrize("seen", [WRONG_PORT, HEALTHY, EXPIRED])
def test_that_it_works_elsewhere_closes_nothing(talk: Talk, text: str, seen: Evidence) -> None:
    """It is evidence at most, in whatever state the case is."""
    talk.after(TROUBLE, seen)
    talk.says(text)
    assert talk.state is not State.CLOSED

    talk.presses("human")
    talk.says(text)
    assert talk.state is State.HANDED_OVER


def test_it_works_elsewhere_leads_to_whether_it_works_here(talk: Talk) -> None:
    """A yes to that closes the case."""
    talk.after(TROUBLE, WRONG_PORT)
    said = words(talk.says("on my phone it works"))
    talk.says("yes")

    assert "where you need it" in said
    assert talk.outcome is Outcome.FIXED


def test_advice_in_vain_here_is_in_vain_though_it_works_elsewhere(talk: Talk) -> None:
    """Who says that it still fails is not asked whether it works."""
    talk.after(TROUBLE, WRONG_PORT)
    talk.says("still broken, only with my phone's hotspot it works")

    assert talk.state is State.CHECKING
    assert talk.session.answers


@pytest.mark.parametrize("seen", [HEALTHY, WRONG_PORT])
def test_question_about_another_server_has_it_looked_at(talk: Talk, seen: Evidence) -> None:
    """Its settings are not those of the server that was looked at before."""
    talk.after(TROUBLE, seen)
    talk.says("which port does mail.example.org need?")

    assert talk.looked_at[-1].startswith("mail.example.org")


def test_other_network_told_unasked_is_an_answer(talk: Talk) -> None:
    """Nothing is asked that the text answers, and the answer speaks for the network."""
    talk.after("connection refused, Outlook, smtp.example.com port 587", HEALTHY)
    talk.says("it works with my phone's hotspot")

    assert Answer(question="other-network", choice="yes") in talk.session.answers
    assert talk.verdict is Code.NETWORK_USER_SIDE


def test_first_message_may_answer_questions_too(talk: Talk) -> None:
    """Law 4: what the complaint tells is not asked."""
    talk.says("can't send, at home it works, smtp.example.com port 587")

    assert Answer(question="other-network", choice="yes") in talk.session.answers


@pytest.mark.parametrize(
    "text", ["it works now", "was my mistake", "I typed the name wrong, works now"]
)
@pytest.mark.parametrize("seen", [WRONG_PORT, HEALTHY])
def test_plain_word_that_it_works_closes_at_once(talk: Talk, text: str, seen: Evidence) -> None:
    """Whatever is open, that is what a case is for."""
    talk.after(TROUBLE, seen)
    talk.says(text)

    assert talk.outcome is Outcome.FIXED


# --- a way out --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["I give up", "ok forget it", "never mind", "cancel", "please ignore this", "leave it, thanks"],
)
@pytest.mark.parametrize("state", [State.ASKING, State.CHECKING, State.ADVISED, State.HANDED_OVER])
def test_who_gives_up_is_let_go(talk: Talk, text: str, state: State) -> None:
    """Whatever is open, nothing more is asked."""
    talk.says(TROUBLE)
    if state is not State.CHECKING:
        talk.sees(HEALTHY if state is State.ASKING else WRONG_PORT)
    if state is State.HANDED_OVER:
        talk.presses("human")
    assert talk.state is state
    (said,) = talk.says(text)

    assert talk.outcome is Outcome.ABANDONED
    assert "?" not in words((said,))
    assert talk.session.resolution is not None
    assert talk.session.resolution.by == "ana"


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("never mind, it works now", Outcome.FIXED),
        ("should I just leave it?", None),
        ("I give up, I want to talk to a human", None),
        ("how do I cancel the mail that hangs in there since this morning", None),
    ],
)
def test_more_than_giving_up_is_heard(talk: Talk, text: str, outcome: Outcome | None) -> None:
    """A remark that means something else besides is not the end."""
    talk.after(TROUBLE, WRONG_PORT)
    talk.says(text)

    assert talk.outcome is outcome


# --- after a person took over -----------------------------------------------------------------


def test_new_server_after_handing_over_is_looked_at(talk: Talk) -> None:
    """One that was named before is not."""
    talk.after(TROUBLE, HEALTHY)
    talk.presses("human")
    talk.says("smtp.example.com is what I have")
    assert len(talk.looked_at) == 1
    talk.says("my colleague uses mail.example.org")

    assert talk.state is State.CHECKING
    assert talk.looked_at[-1].startswith("mail.example.org")


def test_asking_for_a_person_again_is_not_answered_with_everything_again(talk: Talk) -> None:
    """Nobody is promised to come; what to do is said, in few words."""
    talk.after(TROUBLE, EXPIRED)
    first = words(talk.presses("human"))
    pressed = words(talk.presses("human"))
    asked = words(talk.says("I want to talk to a human"))

    assert "helpdesk" in first
    assert pressed == asked
    assert "helpdesk" in pressed
    assert len(pressed) < len(first) / 2
    assert "expired" not in pressed


# --- buttons ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("option", "state"), [("fixed", State.CLOSED), ("human", State.HANDED_OVER)]
)
def test_ways_out_are_good_on_any_message_of_the_case(
    talk: Talk, option: str, state: State
) -> None:
    """However old the button is, and also while a check runs."""
    talk.after(TROUBLE, HEALTHY)
    first = talk.session.offered_at
    talk.presses("dont_know")
    talk.presses(option, revision=first)
    assert talk.state is state

    other = Talk(talk.knowledge)
    other.says(TROUBLE)
    other.presses(option)
    assert other.state is state
    assert other.sees(HEALTHY) == ()
    assert other.state is state


def test_button_of_an_earlier_case_closes_no_later_one(talk: Talk) -> None:
    """It works again: that was said of another trouble in the same thread."""
    talk.after(TROUBLE, WRONG_PORT)
    old = talk.session.revision
    talk.presses("fixed")
    talk.says("can't send mail again, mail.example.org port 587 refused")
    talk.presses("fixed", revision=old)

    assert talk.state is State.CHECKING


# --- what is said and how ---------------------------------------------------------------------


def test_guess_bears_no_mark_of_proof(talk: Talk) -> None:
    """A proven fault is marked as one, and what is only likely as a warning."""
    talk.says("Thunderbird, smtp.example.com port 587: 535 authentication failed")
    (guess,) = talk.sees(HEALTHY)
    other = Talk(talk.knowledge)
    other.says(TROUBLE)
    (fault,) = other.sees(EXPIRED)

    assert guess.tone is Tone.WARNING
    assert "guess" in guess.title
    assert fault.tone is Tone.BAD


def test_working_server_is_said_before_the_question(talk: Talk) -> None:
    """The progress promised an answer, and here it is."""
    talk.says(TROUBLE)
    (question,) = talk.sees(HEALTHY)

    assert talk.state is State.ASKING
    assert "smtp.example.com works on port 587 with STARTTLS" in question.paragraphs[0]
    assert len(question.paragraphs) == 2


@pytest.mark.parametrize(
    ("seen", "setting"), [(HEALTHY, "port 587, STARTTLS"), (WRONG_PORT, "port 465, SSL/TLS")]
)
def test_settings_are_told_from_what_was_seen(talk: Talk, seen: Evidence, setting: str) -> None:
    """The server that was found to work, or the suggestion, also after a person took over."""
    talk.after(TROUBLE, seen)
    said = words(talk.says("what settings should I use?"))
    talk.presses("human")
    later = words(talk.says("which server settings do I need?"))

    assert f"smtp.example.com, {setting}: I tried it a moment ago" in said
    assert setting in later


def test_settings_tried_long_ago_are_said_to_be_so(talk: Talk) -> None:
    """Law 5: what was tried an hour ago was not tried a moment ago."""
    talk.after(TROUBLE, HEALTHY)
    complaint = parse_complaint("which port should I use?", talk.knowledge)
    later = NOW + timedelta(hours=1)
    said = words(talk.happens(Said(complaint=complaint, by="ana", at=later)))

    assert "port 587" in said
    assert "moment" not in said


def test_settings_of_another_service_are_from_the_directory(talk: Talk) -> None:
    """Who asks about Gmail is not told of the company's server."""
    talk.after(TROUBLE, HEALTHY)
    said = words(talk.says("which smtp settings does gmail need?"))

    assert "smtp.gmail.com" in said


@pytest.mark.parametrize("text", ["[password removed]", "my password is [password removed]"])
@pytest.mark.parametrize("seen", [None, HEALTHY, WRONG_PORT])
def test_message_that_is_only_a_secret_gets_the_warning_alone(
    talk: Talk, text: str, seen: Evidence | None
) -> None:
    """What was open stays open, and no case is opened."""
    if seen is not None:
        talk.after(TROUBLE, seen)
    before = talk.session
    complaint = replace(
        parse_complaint(text, talk.knowledge), secrets=(Secret(kind="password", length=9),)
    )
    (warning,) = talk.happens(Said(complaint=complaint, by="ana", at=NOW))

    assert "password" in words((warning,))
    assert talk.session == before


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("what is STARTTLS", "plain text"),
        ("what's an app password", "second password"),
        ("and whats 2fa?", "second proof"),
        ("app password?", "second password"),
    ],
)
@pytest.mark.parametrize("seen", [HEALTHY, WRONG_PORT])
def test_words_are_explained_in_a_sentence_or_two(
    talk: Talk, text: str, told: str, seen: Evidence
) -> None:
    """The case stands where it stood, and the verdict is not said again."""
    talk.after(TROUBLE, seen)
    before = talk.session
    (said,) = talk.says(text)

    assert told in said.paragraphs[0]
    assert said.paragraphs[0].count(". ") <= 1
    assert not said.title
    assert not said.facts
    assert talk.session == before


def test_word_that_is_asked_about_is_no_fact(talk: Talk) -> None:
    """Who asks what STARTTLS is has not said that it is set."""
    talk.says("can't send mail, smtp.example.com")
    talk.says("what is STARTTLS")

    assert talk.session.complaint is not None
    assert talk.session.complaint.security is None


@pytest.mark.parametrize("text", ["why", "why?", "how do you know that?"])
def test_why_is_answered_by_the_proof(talk: Talk, text: str) -> None:
    """The lines of proof, and nothing of the verdict besides."""
    talk.after(TROUBLE, EXPIRED)
    (said,) = talk.says(text)

    assert any("certificate" in line for line in said.facts)
    assert not said.title
    assert not said.advice


def test_why_is_answered_by_what_was_told_where_nothing_was_seen(talk: Talk) -> None:
    """A conclusion from words is said to be one."""
    talk.says("mails stay in the outbox, no error, outlook")
    talk.presses("offline")
    (said,) = talk.says("why?")

    assert "what you told me" in words((said,))


def test_nod_is_answered_by_a_nod(talk: Talk) -> None:
    """An ok after advice needs no speech."""
    talk.after(TROUBLE, WRONG_PORT)
    before = talk.session
    (said,) = talk.says("ok")

    assert len(words((said,)).strip()) < 40
    assert talk.session == before


def test_same_server_again_after_advice_is_not_judged_again(talk: Talk) -> None:
    """Neither a check nor the whole verdict; that it still fails is heard beside it."""
    talk.after(TROUBLE, EXPIRED)
    (said,) = talk.says("smtp.example.com")
    assert not said.advice
    assert talk.state is State.ADVISED
    talk.says("smtp.example.com still fails")

    assert talk.session.doubted is Code.CERT_EXPIRED


# --- overheard --------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["lol", "thanks", "hello", "ok", "works again"])
def test_chatter_in_a_closed_case_is_passed_over(talk: Talk, text: str) -> None:
    """Whoever writes it, unless it is said to the bot."""
    talk.after(TROUBLE, WRONG_PORT)
    talk.presses("fixed")
    before = talk.session

    assert talk.says(text, addressed=False) == ()
    assert talk.session == before
    assert talk.says(text) != ()


@pytest.mark.parametrize("text", ["lol", "thanks for the coffee", "hello", "never mind"])
@pytest.mark.parametrize("seen", [None, HEALTHY, WRONG_PORT])
def test_chatter_of_others_in_an_open_case_is_passed_over(
    talk: Talk, text: str, seen: Evidence | None
) -> None:
    """Theirs only; the person of the case is always meant."""
    talk.says(TROUBLE)
    if seen is not None:
        talk.sees(seen)
    before = talk.session

    assert talk.says(text, by="bo", addressed=False) == ()
    assert talk.session == before
    assert talk.says(text, addressed=False) != ()


@pytest.mark.parametrize(
    "text",
    [
        "it is mail.example.org",
        "535 5.7.8 authentication failed",
        "it asks for my password",
        "which port is right?",
        "I use Thunderbird",
    ],
)
def test_what_carries_something_is_heard_whoever_says_it(talk: Talk, text: str) -> None:
    """Facts, errors and questions, also of somebody who mentions nobody."""
    talk.after(TROUBLE, HEALTHY)

    assert talk.says(text, by="bo", addressed=False) != ()


def test_answer_of_somebody_else_to_the_open_question_counts(talk: Talk) -> None:
    """A colleague who knows may answer."""
    talk.says("my mails don't go out")

    assert talk.says("no idea", by="bo", addressed=False) != ()
    assert talk.session.answers


def test_that_it_works_for_somebody_else_closes_nothing(talk: Talk) -> None:
    """What was overheard leads to the question; said to the bot it counts."""
    talk.after(TROUBLE, WRONG_PORT)
    talk.says("it works now", by="bo", addressed=False)
    assert talk.outcome is None
    talk.says("it works now", by="bo")

    assert talk.state is State.CLOSED


def test_secret_is_warned_of_whoever_gives_it_away(knowledge: Knowledge) -> None:
    """Law 6 goes before silence."""
    complaint = replace(
        parse_complaint("lol", knowledge), secrets=(Secret(kind="password", length=9),)
    )
    said = Said(complaint=complaint, by="bo", at=NOW, addressed=False)

    assert not is_overheard(Session(thread=ThreadKey("t")), said, knowledge)


def test_case_knows_who_opened_it(talk: Talk) -> None:
    """Each new case in a thread is of the person who began it."""
    talk.after(TROUBLE, WRONG_PORT)
    assert talk.session.by == "ana"
    talk.presses("fixed")
    talk.says("mail.example.org port 587 refused, can't send", by="bo")

    assert talk.session.by == "bo"
