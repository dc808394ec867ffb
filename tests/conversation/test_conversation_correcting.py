"""A message that was edited: the facts follow, the talk goes back as far as it must, no further."""

from dataclasses import replace
from datetime import timedelta

import pytest
from scenes import NOW, an_attempt, evidence, healthy, refused

from bot.conversation import correcting
from bot.conversation.events import (
    Checked,
    Chose,
    Corrected,
    Elapsed,
    Event,
    Resumed,
    RunCheck,
    Said,
    Speak,
)
from bot.conversation.machine import step
from bot.conversation.timing import FIRST_REMINDER
from bot.conversation.walking import Move
from bot.knowledge.schema import Knowledge
from bot.model.case import Outcome, Session, State, ThreadKey
from bot.model.codes import Code
from bot.model.complaint import Complaint, Secret
from bot.model.evidence import Evidence, Role
from bot.model.reply import Reply
from bot.model.target import Security
from bot.parsing.complaint import parse_complaint

FIRST = "smtp.example.com port 587 refused, Outlook"
SECRET = Secret(kind="password", length=9)


class Talk:
    """A person who edits, and the machine."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self.session = Session(thread=ThreadKey("t"))
        self.checks: list[RunCheck] = []

    @property
    def complaint(self) -> Complaint:
        """What is known of the trouble."""
        assert self.session.complaint is not None
        return self.session.complaint

    def happens(self, event: Event) -> tuple[Reply, ...]:
        """Lets an event happen; returns what was said."""
        move: Move = step(self.session, event, self.knowledge)
        self.session = move.session
        self.checks += [effect for effect in move.effects if isinstance(effect, RunCheck)]
        return tuple(effect.reply for effect in move.effects if isinstance(effect, Speak))

    def says(self, text: str) -> tuple[Reply, ...]:
        """The person writes."""
        complaint = parse_complaint(text, self.knowledge)
        return self.happens(Said(complaint=complaint, by="ana", at=NOW))

    def edits(self, before: str, after: str, secrets: tuple[Secret, ...] = ()) -> tuple[Reply, ...]:
        """The person edits what they wrote."""
        complaint = replace(parse_complaint(after, self.knowledge), secrets=secrets)
        was = parse_complaint(before, self.knowledge)
        return self.happens(Corrected(complaint=complaint, before=was, by="ana", at=NOW))

    def presses(self, option: str, revision: int | None = None) -> tuple[Reply, ...]:
        """The person presses a button."""
        return self.happens(Chose(option=option, by="ana", at=NOW, revision=revision))

    def check_ends(self, seen: Evidence, number: int | None = None) -> tuple[Reply, ...]:
        """A check ends, the newest one if no number is given."""
        wanted = self.checks[-1]
        number = wanted.number if number is None else number
        return self.happens(Checked(target=wanted.target, evidence=seen, number=number, at=NOW))

    def is_asked(self) -> None:
        """Brings the talk to a question."""
        self.says(FIRST.replace("refused", "password rejected"))
        self.check_ends(evidence(healthy(an_attempt())))
        assert self.session.state is State.ASKING

    def is_advised(self) -> None:
        """Brings the talk to advice."""
        self.says(FIRST)
        other = an_attempt(465, Security.TLS, Role.OTHER_PORT)
        self.check_ends(evidence(refused(an_attempt()), healthy(other)))
        assert self.session.state is State.ADVISED


@pytest.fixture
def talk(knowledge: Knowledge) -> Talk:
    """A fresh talk."""
    return Talk(knowledge)


def words(replies: tuple[Reply, ...]) -> str:
    """All that was said, as one text."""
    return "\n".join("\n".join((reply.title, *reply.paragraphs)) for reply in replies)


def test_changed_port_while_a_question_is_open(talk: Talk) -> None:
    """What was seen of the old port is void, and the new one is looked at."""
    talk.is_asked()
    first = FIRST.replace("refused", "password rejected")
    said = words(talk.edits(first, first.replace("587", "2525")))

    assert talk.knowledge.texts["reply.corrected"] in said
    assert talk.session.state is State.CHECKING
    assert talk.session.evidence is None
    assert (talk.complaint.host, talk.complaint.port) == ("smtp.example.com", 2525)
    assert [check.target.port for check in talk.checks] == [587, 2525]
    assert talk.complaint.text == first.replace("587", "2525")


def test_changed_port_while_the_old_one_is_looked_at(talk: Talk) -> None:
    """A second check is sent out, and what the first one sees afterwards changes nothing."""
    talk.says(FIRST)
    talk.edits(FIRST, FIRST.replace("587", "2525"))
    waiting = talk.session
    said = talk.check_ends(evidence(refused(an_attempt())), number=1)
    unmoved = talk.session
    talk.check_ends(evidence(refused(an_attempt(2525))))

    assert [(check.number, check.target.port) for check in talk.checks] == [(1, 587), (2, 2525)]
    assert said == ()
    assert unmoved == waiting
    assert waiting.state is State.CHECKING
    assert talk.session.state is not State.CHECKING
    assert talk.session.evidence is not None


def test_changed_port_after_advice(talk: Talk) -> None:
    """The advice was about another server: that one is looked at now."""
    talk.is_advised()
    talk.edits(FIRST, FIRST.replace("587", "2525"))

    assert talk.session.state is State.CHECKING
    assert talk.session.evidence is None
    assert talk.checks[-1].target.port == 2525


def test_changed_server_while_it_is_looked_at_again(talk: Talk) -> None:
    """What the new server shows is a first look, and is compared with nothing."""
    talk.is_advised()
    talk.presses("changed")
    talk.edits(FIRST, FIRST.replace("smtp.example.com", "mail.example.org"))
    is_again = talk.session.rechecking
    said = words(talk.check_ends(evidence(refused(an_attempt()))))

    assert not is_again
    assert talk.knowledge.texts["reply.recheck_same"] not in said
    assert talk.checks[-1].target.host == "mail.example.org"


@pytest.mark.parametrize("state", [State.ASKING, State.CHECKING, State.ADVISED])
def test_slip_of_the_pen_says_nothing_and_keeps_the_buttons_good(talk: Talk, state: State) -> None:
    """An edit that changes no fact is taken in, and the message on the table stays answerable."""
    first = FIRST
    if state is State.ASKING:
        talk.is_asked()
        first = FIRST.replace("refused", "password rejected")
    elif state is State.CHECKING:
        talk.says(FIRST)
    else:
        talk.is_advised()
    before = talk.session
    said = talk.edits(first, f"pls help, {first}")

    assert said == ()
    assert talk.complaint.text == f"pls help, {first}"
    assert talk.session.state is state
    assert talk.session.revision == before.revision + 1
    assert talk.session.offered_at == before.offered_at
    button = "changed" if state is State.ADVISED else before.offered[0]
    replies = talk.presses(button, revision=before.revision)
    assert talk.knowledge.texts["reply.stale_option"] not in words(replies)


def test_other_fact_while_the_server_is_looked_at_waits_for_the_verdict(talk: Talk) -> None:
    """A changed program needs no second look; the advice will be for the new one."""
    talk.says(FIRST)
    said = talk.edits(FIRST, FIRST.replace("Outlook", "Thunderbird"))

    assert said == ()
    assert talk.complaint.client == "thunderbird"
    assert len(talk.checks) == 1
    talk.check_ends(evidence(refused(an_attempt())))
    assert talk.session.state is State.ADVISED


def test_other_fact_after_advice_is_advised_on_anew(talk: Talk) -> None:
    """The steps are said again for the program that it really is, without a second look."""
    talk.is_advised()
    said = talk.edits(FIRST, FIRST.replace("Outlook", "Thunderbird"))

    assert talk.session.state is State.ADVISED
    assert talk.session.evidence is not None
    assert len(talk.checks) == 1
    assert said[-1].advice


def test_server_that_was_taken_back_is_asked_for(talk: Talk) -> None:
    """Without a server there is nothing to look at: the question comes."""
    talk.says(FIRST)
    (corrected, question) = talk.edits(FIRST, "cannot send, Outlook")

    assert talk.knowledge.texts["reply.corrected"] in words((corrected,))
    assert talk.session.state is State.ASKING
    assert (talk.complaint.host, talk.complaint.port) == (None, None)
    assert talk.complaint.client == "outlook"
    assert question.options


def test_what_other_messages_said_stays(talk: Talk) -> None:
    """An edit touches what its own message said; the port of another one is not lost with it."""
    talk.says("smtp.example.com refused, Outlook")
    talk.says("I use port 2525")
    talk.edits("smtp.example.com refused, Outlook", "smtp.example.com refused, Thunderbird")

    assert (talk.complaint.host, talk.complaint.port) == ("smtp.example.com", 2525)
    assert talk.complaint.client == "thunderbird"
    assert talk.complaint.text.splitlines() == [
        "smtp.example.com refused, Thunderbird",
        "I use port 2525",
    ]


def test_edit_does_not_bring_back_what_was_said_since(talk: Talk) -> None:
    """A fact that the edit left alone, and that a later message changed, stays changed."""
    talk.is_advised()
    talk.says("I set it to 465 now")
    talk.edits(FIRST, f"{FIRST} please")

    assert talk.complaint.port == 465


def test_error_that_was_taken_back_counts_no_more(talk: Talk) -> None:
    """With a quoted error go its codes and its words."""
    quoted = "smtp.example.com says 535 5.7.8 authentication failed"
    talk.says(quoted)
    quotes = talk.complaint.replies
    talk.edits(quoted, "smtp.example.com")

    assert quotes
    assert talk.complaint.codes == ()
    assert talk.complaint.replies == ()


def test_short_answer_that_says_something_else_now_is_heard(talk: Talk) -> None:
    """Who edits words without facts to say that it works closes the case with that."""
    talk.is_advised()
    talk.says("I am trying")
    talk.edits("I am trying", "it works now")

    assert talk.session.state is State.CLOSED
    assert talk.session.resolution is not None
    assert talk.session.resolution.outcome is Outcome.FIXED


def test_short_answer_names_another_program(talk: Talk) -> None:
    """An answer that could not be read is read once its writer has corrected it."""
    talk.is_asked()
    talk.says("it is Thnuderbrid")
    talk.edits("it is Thnuderbrid", "it is Thunderbird")

    assert talk.complaint.client == "thunderbird"


def test_edit_that_asks_for_a_person(talk: Talk) -> None:
    """Words that ask for a person do so in an edit, during a check too."""
    talk.says(FIRST)
    talk.says("hm")
    talk.edits("hm", "I want to talk to a human")

    assert talk.session.state is State.HANDED_OVER


def test_edit_of_the_second_of_two_messages_that_look_alike(talk: Talk) -> None:
    """A short message is replaced where it stands by itself, and not inside of another one."""
    talk.is_asked()
    before = talk.complaint.text
    talk.says("port 587")
    talk.edits("port 587", "port 2525")

    assert talk.complaint.text == f"{before}\nport 2525"


def test_edit_of_what_was_never_kept_is_kept(talk: Talk) -> None:
    """Words that did not make it into the case come in with their correction."""
    talk.is_asked()
    before = talk.complaint.text
    talk.edits("", "it is for port 587")

    assert talk.complaint.text == f"{before}\nit is for port 587"


def test_edit_after_a_person_took_over_is_for_them(talk: Talk) -> None:
    """The case holds what was meant; nothing is said or looked at."""
    talk.is_advised()
    talk.presses("human")
    said = talk.edits(FIRST, FIRST.replace("587", "2525"))

    assert said == ()
    assert talk.session.state is State.HANDED_OVER
    assert talk.complaint.port == 2525
    assert len(talk.checks) == 1


def test_edit_after_closing_changes_nothing(talk: Talk) -> None:
    """A case that is closed stays as it was told, and nothing is said."""
    talk.is_advised()
    talk.presses("fixed")
    before = talk.session
    said = talk.edits(FIRST, FIRST.replace("587", "2525"))

    assert said == ()
    assert talk.session == before


def test_edit_after_closing_that_it_does_not_work_opens_it_again(talk: Talk) -> None:
    """Who corrects "works" to "does not work" is heard."""
    talk.is_advised()
    talk.says("it works now")
    talk.edits("it works now", "it does not work")

    assert talk.session.state is not State.CLOSED


def test_edit_in_a_thread_without_a_case_is_read_as_new(talk: Talk) -> None:
    """A greeting that becomes a complaint opens a case; one that stays one gets an answer."""
    talk.says("hello")
    greeted = talk.edits("hello", "hello!")
    talk.edits("hello!", FIRST)

    assert len(greeted) == 1
    assert talk.session.state is State.CHECKING
    assert talk.complaint.text == FIRST


@pytest.mark.parametrize("state", list(State))
def test_secret_in_an_edit_is_warned_of(talk: Talk, state: State) -> None:
    """A password that is edited in is warned of, wherever the case stands."""
    first = FIRST
    if state is State.ASKING:
        talk.is_asked()
        first = FIRST.replace("refused", "password rejected")
    elif state is State.CHECKING:
        talk.says(FIRST)
    elif state is not State.OPEN:
        talk.is_advised()
    if state is State.HANDED_OVER:
        talk.presses("human")
    if state is State.CLOSED:
        talk.presses("fixed")
    assert talk.session.state is state
    silent = talk.edits(first, f"{first} pls", (SECRET,))
    with_news = talk.edits(f"{first} pls", f"{first} pls, iPhone", (SECRET,))

    for replies in (silent, with_news):
        assert "password" in replies[0].paragraphs[0]


def test_corrections_take_corrections_alone(knowledge: Knowledge) -> None:
    """Any other event is a mistake of ours, and is named."""
    with pytest.raises(TypeError, match="expected a correction, got Resumed"):
        correcting.as_new(Session(thread=ThreadKey("t")), Resumed(at=NOW), knowledge)


def test_correction_is_all_that_a_case_without_words_knows(talk: Talk) -> None:
    """A case that came about without a message takes the correction for what was said."""
    talk.session = replace(talk.session, state=State.HANDED_OVER, opened=NOW)
    talk.edits("hm", FIRST)

    assert talk.complaint.text == FIRST


@pytest.mark.parametrize("revision", [0, 1])
def test_person_can_be_asked_for_with_any_button_however_old(talk: Talk, revision: int) -> None:
    """`human` is good in every open state, whatever message it stands below."""
    for bring in (talk.is_asked, talk.is_advised):
        talk.session = Session(thread=ThreadKey("t"))
        bring()
        talk.presses("human", revision=revision)
        assert talk.session.state is State.HANDED_OVER
    talk.session = Session(thread=ThreadKey("t"))
    talk.says(FIRST)
    talk.presses("human", revision=revision)

    assert talk.session.state is State.HANDED_OVER


def test_button_is_stale_once_the_offer_has_changed(talk: Talk) -> None:
    """The buttons below the last verdict are good; those of the one before are not."""
    talk.is_advised()
    old = talk.session.revision
    talk.presses("changed")
    talk.check_ends(evidence(refused(an_attempt())))
    assert "changed" in talk.session.offered
    before = talk.session
    said = words(talk.presses("changed", revision=old))

    assert talk.knowledge.texts["reply.stale_option"] in said
    assert talk.session == before
    talk.presses("changed", revision=before.revision)
    assert talk.session.state is State.CHECKING


def test_button_stays_good_while_the_offer_does(talk: Talk) -> None:
    """Words in between, a reminder and the question said again leave its buttons good."""
    talk.is_asked()
    asked = talk.session
    talk.says("I use Thunderbird on Windows")
    talk.says("blah blah")
    talk.happens(Elapsed(at=NOW + FIRST_REMINDER + timedelta(minutes=1)))
    talk.happens(Resumed(at=NOW))
    assert talk.session.question == asked.question
    assert talk.session.revision > asked.revision
    talk.presses("dont_know", revision=asked.revision)

    assert talk.session.answers[-1].question == asked.question
    assert talk.session.answers[-1].choice == "dont_know"


def test_second_click_on_an_answer_answers_nothing_else(talk: Talk) -> None:
    """A double click on "I don't know" is no answer to the question that follows."""
    talk.is_asked()
    asked = talk.session
    talk.presses("dont_know", revision=asked.revision)
    after = talk.session
    talk.presses("dont_know", revision=asked.revision)

    assert talk.session == after


def test_button_without_a_revision_is_judged_by_the_offer_alone(talk: Talk) -> None:
    """A transport that cannot tell turns apart, as the terminal, may press what is offered."""
    talk.is_advised()
    talk.presses("fixed")

    assert talk.session.state is State.CLOSED
    assert talk.session.diagnosis is not None
    assert talk.session.diagnosis.verdict.code is Code.SETTINGS_WRONG_PORT
