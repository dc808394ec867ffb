"""The state machine: its table, what the table lacks, and whole talks without a socket."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from scenes import (
    NOW,
    a_certificate,
    an_attempt,
    evidence,
    healthy,
    name_failed,
    refused,
    stopped_at,
)

from bot.conversation.events import (
    Checked,
    Chose,
    Corrected,
    Effect,
    Elapsed,
    Event,
    Filled,
    Resumed,
    RunCheck,
    Said,
    Speak,
)
from bot.conversation.machine import TRANSITIONS, IllegalEventError, step
from bot.conversation.timing import FIRST_REMINDER, GIVE_UP
from bot.knowledge.schema import Knowledge
from bot.model.case import Outcome, Session, State, ThreadKey
from bot.model.codes import Code
from bot.model.complaint import Complaint, Intent, Secret
from bot.model.evidence import Evidence, Role, Stage
from bot.model.reply import Reply
from bot.model.target import Security, Setting, Target
from bot.parsing.complaint import parse_complaint

FRESH = Session(thread=ThreadKey("t"))
PORT_465 = an_attempt(465, Security.TLS, Role.OTHER_PORT)
SERVER = Complaint(
    text="smtp.example.com port 587 refused",
    intent=Intent.CONNECTION_REFUSED,
    host="smtp.example.com",
    port=587,
    client="outlook",
)
EVENTS: tuple[type[Event], ...] = (Said, Corrected, Chose, Filled, Checked, Elapsed, Resumed)


class Talk:
    """A person and the machine, without a desk between them."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self.session = FRESH
        self.effects: tuple[Effect, ...] = ()

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
        move = step(self.session, event, self.knowledge)
        self.session, self.effects = move.session, move.effects
        return tuple(effect.reply for effect in move.effects if isinstance(effect, Speak))

    def says(self, complaint: Complaint) -> tuple[Reply, ...]:
        """The person writes."""
        return self.happens(Said(complaint=complaint, by="ana", at=NOW))

    def presses(self, option: str, revision: int | None = None) -> tuple[Reply, ...]:
        """The person presses a button."""
        return self.happens(Chose(option=option, by="ana", at=NOW, revision=revision))

    def check_ends(self, seen: Evidence) -> tuple[Reply, ...]:
        """The check that was asked for ends with this evidence."""
        wanted = next(effect for effect in self.effects if isinstance(effect, RunCheck))
        return self.happens(
            Checked(target=wanted.target, evidence=seen, number=wanted.number, at=NOW)
        )


@pytest.fixture
def talk(knowledge: Knowledge) -> Talk:
    """A fresh talk."""
    return Talk(knowledge)


def words(replies: tuple[Reply, ...]) -> str:
    """All that was said, as one text."""
    return "\n".join("\n".join((reply.title, *reply.paragraphs, *reply.facts)) for reply in replies)


def test_whole_road_from_complaint_to_fixed(talk: Talk) -> None:
    """A refused port is looked at, explained, advised on, checked again and closed as fixed."""
    talk.says(SERVER)
    assert any(isinstance(effect, RunCheck) for effect in talk.effects)

    (advice,) = talk.check_ends(evidence(refused(an_attempt()), healthy(PORT_465)))
    assert Code.SETTINGS_WRONG_PORT is talk.verdict
    assert "465" in words((advice,))
    assert advice.advice
    assert {"changed", "fixed", "still_broken", "something_else", "human"} == {
        option.id for option in advice.options
    }

    talk.presses("changed")
    assert Setting(host="smtp.example.com", port=465, security=Security.TLS) == talk.session.setting
    talk.check_ends(evidence(healthy(an_attempt(465, Security.TLS))))
    talk.presses("fixed")

    assert talk.state is State.CLOSED
    assert Outcome.FIXED is talk.outcome
    assert talk.session.resolution is not None
    assert talk.session.resolution.actual_cause is Code.SETTINGS_WRONG_PORT
    assert talk.session.resolution.helped


def test_known_answers_are_not_asked(talk: Talk) -> None:
    """A complaint with a server goes straight to the check, with no question."""
    talk.says(SERVER)

    assert talk.session.asked == 0
    assert any(isinstance(effect, RunCheck) for effect in talk.effects)


def test_unknown_server_is_asked_for(talk: Talk) -> None:
    """Without a server or provider one question comes, with buttons and a way to a person."""
    (question,) = talk.says(Complaint(text="mail does not go out", intent=Intent.CANNOT_SEND))

    assert State.ASKING is talk.state
    assert {"dont_know", "human"} <= {option.id for option in question.options}


def test_provider_answer_leads_to_a_check_of_its_server(talk: Talk) -> None:
    """Who chooses Gmail has Gmail's own server looked at, and is not asked for its name."""
    talk.says(Complaint(text="mail does not go out", intent=Intent.CANNOT_SEND))
    talk.presses("gmail")

    (wanted,) = [effect for effect in talk.effects if isinstance(effect, RunCheck)]
    assert wanted.target.host == "smtp.gmail.com"


def test_decoded_refusal_needs_no_question(talk: Talk) -> None:
    """A quoted refusal whose meaning is known and a healthy server give advice at once."""
    talk.says(
        Complaint(
            text="534 5.7.9 application-specific password required",
            intent=Intent.AUTH_FAILED,
            provider="gmail",
            codes=("534", "5.7.9"),
        )
    )
    talk.check_ends(evidence(healthy(an_attempt(465, Security.TLS))))

    assert State.ADVISED is talk.state
    assert Code.AUTH_APP_PASSWORD_REQUIRED is talk.verdict
    assert talk.session.asked == 0


def test_advice_in_vain_leads_on_and_ends_with_a_person(talk: Talk) -> None:
    """Advice in vain and "I don't know", again and again, end at a person, never in a loop."""
    talk.says(SERVER)
    talk.check_ends(evidence(healthy(an_attempt())))
    for _ in range(30):
        if talk.state is State.HANDED_OVER:
            break
        talk.presses("dont_know" if talk.state is State.ASKING else "still_broken")

    assert State.HANDED_OVER is talk.state
    assert talk.session.asked <= 6


def test_the_same_cause_is_not_advised_on_twice(talk: Talk) -> None:
    """A cause whose advice was in vain is not the next verdict."""
    talk.says(SERVER)
    talk.check_ends(evidence(refused(an_attempt()), healthy(PORT_465)))
    talk.presses("something_else")

    assert Code.SETTINGS_WRONG_PORT in talk.session.tried
    assert Code.SETTINGS_WRONG_PORT is not talk.verdict


@pytest.mark.parametrize("intent", [Intent.GREETING, Intent.THANKS, Intent.OFF_TOPIC])
def test_small_talk_opens_no_case(talk: Talk, intent: Intent) -> None:
    """A greeting, thanks or another topic is answered, and there is no case."""
    replies = talk.says(Complaint(text="hello there", intent=intent))

    assert words(replies).strip()
    assert State.OPEN is talk.state
    assert talk.session.opened is None


def test_empty_message_gets_a_friendly_word(talk: Talk) -> None:
    """Nothing typed gets an answer too."""
    assert words(talk.says(Complaint(text="  "))).strip()


def test_stale_button_changes_nothing(talk: Talk) -> None:
    """A button that is not on the table gives one message and leaves the session as it was."""
    talk.says(SERVER)
    talk.check_ends(evidence(refused(an_attempt()), healthy(PORT_465)))
    before = talk.session
    replies = talk.presses("gmail")

    assert len(replies) == 1
    assert before == talk.session


def test_button_of_an_earlier_turn_changes_nothing(talk: Talk) -> None:
    """A click that belongs to an older revision is stale, though its id is offered now."""
    talk.says(SERVER)
    talk.check_ends(evidence(refused(an_attempt()), healthy(PORT_465)))
    before = talk.session
    talk.presses("changed", revision=before.revision - 1)

    assert before == talk.session


def test_person_is_one_click_away_in_every_open_state(talk: Talk) -> None:
    """`human` is among the options of every message of an open case."""
    messages = list(talk.says(SERVER))
    messages += talk.check_ends(evidence(healthy(an_attempt())))
    while talk.state is State.ASKING:
        messages += talk.presses("dont_know")
    messages += talk.presses("human")

    assert State.HANDED_OVER is talk.state
    assert all("human" in {option.id for option in message.options} for message in messages)


def test_secret_is_warned_about_without_being_repeated(talk: Talk) -> None:
    """A message that gave away a password gets a warning first."""
    secret = Secret(kind="password", length=9)
    replies = talk.says(replace(SERVER, secrets=(secret,)))

    assert "password" in replies[0].paragraphs[0]


def test_silence_is_reminded_of_once_then_given_up(talk: Talk) -> None:
    """After a day of silence a reminder, after three more the case is abandoned."""
    talk.says(Complaint(text="mail does not go out", intent=Intent.CANNOT_SEND))
    assert talk.happens(Elapsed(at=NOW + timedelta(minutes=1))) == ()
    (reminder,) = talk.happens(Elapsed(at=NOW + FIRST_REMINDER))
    assert State.ASKING is talk.state
    assert reminder.options

    talk.happens(Elapsed(at=NOW + FIRST_REMINDER + GIVE_UP))
    assert Outcome.ABANDONED is talk.outcome


def test_interrupted_check_is_run_again(talk: Talk) -> None:
    """After a crash in the middle of a check the same server is looked at again."""
    talk.says(SERVER)
    talk.happens(Resumed(at=NOW))

    (again,) = [effect for effect in talk.effects if isinstance(effect, RunCheck)]
    assert (again.target.host, again.target.port) == ("smtp.example.com", 587)
    assert again.number == 2


def test_result_of_an_older_check_is_dropped(talk: Talk) -> None:
    """Only the check that was asked for last counts."""
    talk.says(SERVER)
    first = next(effect for effect in talk.effects if isinstance(effect, RunCheck))
    talk.happens(Resumed(at=NOW))
    before = talk.session
    talk.happens(
        Checked(target=first.target, evidence=evidence(healthy(an_attempt())), number=1, at=NOW)
    )

    assert before == talk.session


def test_new_error_in_the_middle_replaces_the_old_one(talk: Talk) -> None:
    """After advice a new code is a new clue: the case goes on with it."""
    talk.says(SERVER)
    talk.check_ends(evidence(healthy(an_attempt())))
    while talk.state is State.ASKING:
        talk.presses("dont_know")
    talk.says(
        Complaint(
            text="now it says 552 5.3.4 message size exceeds fixed limit",
            intent=Intent.MESSAGE_TOO_LARGE,
            codes=("552", "5.3.4"),
        )
    )

    assert Code.LIMIT_SIZE is talk.verdict


def test_word_that_it_works_closes_the_case(talk: Talk) -> None:
    """The words "it works now" are as good as the button."""
    talk.says(SERVER)
    talk.check_ends(evidence(refused(an_attempt()), healthy(PORT_465)))
    talk.says(Complaint(text="it works now", intent=Intent.RESOLVED))

    assert State.CLOSED is talk.state


def test_complaint_after_closing_opens_a_new_case(talk: Talk) -> None:
    """A closed case stays closed; a new complaint starts afresh."""
    talk.says(SERVER)
    talk.check_ends(evidence(refused(an_attempt()), healthy(PORT_465)))
    talk.presses("fixed")
    talk.says(SERVER)

    assert State.CHECKING is talk.state
    assert talk.session.case is None
    assert talk.session.resolution is None


def test_bad_field_is_asked_for_again(talk: Talk) -> None:
    """A blank that does not fit gets a friendly word and the question again."""
    talk.says(Complaint(text="mail does not go out", intent=Intent.CANNOT_SEND))
    talk.presses("another")
    (again,) = talk.happens(Filled(values={"port": "70000"}, by="ana", at=NOW))

    assert State.ASKING is talk.state
    assert "65535" in words((again,))
    assert again.fields


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("event", EVENTS)
def test_missing_entries_raise_and_change_nothing(
    knowledge: Knowledge, state: State, event: type[Event]
) -> None:
    """What the table does not have is refused by name, and the session stays as it is."""
    if (state, event) in TRANSITIONS:
        return
    made: tuple[Event, ...] = (
        Said(complaint=SERVER, by="ana", at=NOW),
        Corrected(complaint=SERVER, before=SERVER, by="ana", at=NOW),
        Chose(option="yes", by="ana", at=NOW),
        Filled(values={}, by="ana", at=NOW),
        Checked(target=Target(host="x.test"), evidence=Evidence(), number=0, at=NOW),
        Elapsed(at=NOW),
        Resumed(at=NOW),
    )
    happened = next(one for one in made if isinstance(one, event))
    with pytest.raises(IllegalEventError, match=event.__name__):
        step(replace(FRESH, state=state), happened, knowledge)


@pytest.mark.parametrize("provider", ["gmail", "outlook.com", "microsoft365", "yahoo", "another"])
@pytest.mark.parametrize("intent", [one for one in Intent if one is not Intent.GREETING])
def test_every_intent_reaches_advice_or_a_person(
    knowledge: Knowledge, intent: Intent, provider: str
) -> None:
    """From any complaint, answering whatever comes first leads to advice or a person."""
    talk = Talk(knowledge)
    talk.says(Complaint(text="trouble with mail", intent=intent))
    for _ in range(12):
        state = talk.state
        if state is State.CHECKING:
            talk.check_ends(evidence(healthy(an_attempt())))
        elif state is State.ASKING:
            wanted = provider if provider in talk.session.offered else talk.session.offered[0]
            talk.presses(wanted)
        else:
            break

    assert talk.state in {State.ADVISED, State.HANDED_OVER, State.OPEN}


def advised(talk: Talk) -> None:
    """Brings a talk to its first advice."""
    talk.says(SERVER)
    talk.check_ends(evidence(refused(an_attempt()), healthy(PORT_465)))


def test_bare_yes_closes_nothing_before_it_was_asked_about(talk: Talk) -> None:
    """A yes after advice may be about any step: only one about sending closes the case."""
    advised(talk)
    (asked,) = talk.says(Complaint(text="yes", intent=Intent.OFF_TOPIC))
    before = talk.state
    talk.says(Complaint(text="yes", intent=Intent.OFF_TOPIC))

    assert "work" in words((asked,))
    assert before is State.ADVISED
    assert talk.state is State.CLOSED


def test_bare_no_after_that_question_leads_on(talk: Talk) -> None:
    """A no to "does it work now?" is advice in vain; what was measured is looked at again."""
    advised(talk)
    talk.says(Complaint(text="no", intent=Intent.OFF_TOPIC))
    talk.says(Complaint(text="no", intent=Intent.OFF_TOPIC))

    assert talk.state is State.CHECKING
    assert talk.session.doubted is Code.SETTINGS_WRONG_PORT


@pytest.mark.parametrize("option", ["", "dont_know"])
def test_question_in_the_middle_is_answered_and_loses_nothing(talk: Talk, option: str) -> None:
    """What a word means is said at once, and the case stands where it stood."""
    advised(talk)
    if option:
        talk.presses("something_else")
    before = talk.state
    asked = Complaint(
        text="what is starttls?", intent=Intent.CONCEPT_QUESTION, security=Security.STARTTLS
    )
    said = words(talk.says(asked))

    assert "STARTTLS" in said
    assert talk.state is before


def test_change_of_provider_looks_at_the_other_server(talk: Talk) -> None:
    """Who says that it is Gmail after all has Gmail's server looked at."""
    talk.says(replace(SERVER, intent=Intent.CANNOT_SEND))
    talk.check_ends(evidence(healthy(an_attempt())))
    talk.says(Complaint(text="it is gmail", intent=Intent.CANNOT_SEND, provider="gmail"))

    (wanted,) = [effect for effect in talk.effects if isinstance(effect, RunCheck)]
    assert wanted.target.host == "smtp.gmail.com"


def test_who_writes_german_is_told_that_answers_are_in_english(talk: Talk) -> None:
    """A language that is read but not answered in is said to be so, in that language."""
    said = words(talk.says(replace(SERVER, lang="de")))

    assert "Englisch" in said


def test_first_message_may_ask_for_a_person(talk: Talk) -> None:
    """Asking for a person at once hands over, in words that need no case number."""
    said = words(talk.says(Complaint(text="a human please", intent=Intent.HUMAN_WANTED)))

    assert talk.state is State.HANDED_OVER
    assert "{" not in said


@pytest.mark.parametrize("seed", range(40))
def test_random_walks_keep_the_promises(knowledge: Knowledge, seed: int) -> None:
    """Whatever is pressed, each message of an open case offers a person and only live buttons."""
    dice = Random(seed)
    talk = Talk(knowledge)
    intents = [Intent.CANNOT_SEND, Intent.AUTH_FAILED, Intent.BOUNCED, Intent.STUCK_IN_OUTBOX]
    messages = talk.says(Complaint(text="trouble", intent=dice.choice(intents)))
    for _ in range(25):
        if talk.state is State.CLOSED:
            break
        assert all("human" in {one.id for one in message.options} for message in messages)
        assert {one.id for one in messages[-1].options} <= set(talk.session.offered)
        if talk.state is State.CHECKING:
            scene = dice.choice([healthy, refused])
            messages = talk.check_ends(evidence(scene(an_attempt())))
        else:
            messages = talk.presses(dice.choice(sorted(talk.session.offered)))
        assert messages


@pytest.mark.parametrize("text", ["I dont understand step 2", "which window?", "how do i do that"])
def test_who_is_lost_is_helped_and_not_sent_on(talk: Talk, text: str) -> None:
    """Confusion after advice is no report that it failed."""
    advised(talk)
    talk.says(Complaint(text=text, intent=Intent.NOT_RESOLVED))

    assert talk.state is State.ADVISED
    assert talk.session.tried == ()


def test_correction_is_no_answer_to_the_open_question(talk: Talk) -> None:
    """A sentence that begins with no and names another program leaves the question open."""
    talk.says(replace(SERVER, intent=Intent.AUTH_FAILED))
    talk.check_ends(evidence(healthy(an_attempt())))
    question = talk.session.question
    talk.says(
        Complaint(
            text="no wait, it is Thunderbird and not Outlook",
            intent=Intent.CANNOT_SEND,
            client="thunderbird",
        )
    )

    assert question == "webmail"
    assert talk.session.question == question
    assert talk.session.complaint is not None
    assert talk.session.complaint.client == "thunderbird"


def test_new_setting_in_words_is_looked_at(talk: Talk) -> None:
    """Who writes what was changed after advice has that looked at."""
    advised(talk)
    talk.says(Complaint(text="I set it to 465 now", intent=Intent.CANNOT_SEND, port=465))

    (wanted,) = [effect for effect in talk.effects if isinstance(effect, RunCheck)]
    assert (wanted.target.host, wanted.target.port) == ("smtp.example.com", 465)


def test_look_again_that_sees_nothing_does_not_say_that_it_looked(talk: Talk) -> None:
    """Where our own look-up fails the second time nothing is said of the server."""
    advised(talk)
    talk.presses("changed")
    blind = replace(name_failed(Code.DNS_TIMEOUT), from_here=True)
    said = words(talk.check_ends(evidence(blind)))

    assert "looked again" not in said
    assert talk.state is State.ADVISED


def test_second_fault_of_a_certificate_is_said_too(talk: Talk) -> None:
    """Who mends only the first fault would come back for the second."""
    talk.says(SERVER)
    shown = a_certificate(Code.CERT_SELF_SIGNED, Code.CERT_NAME_MISMATCH)
    said = words(talk.check_ends(evidence(healthy(an_attempt(), certificate=shown))))

    assert "Also:" in said


def test_what_could_not_be_tested_is_said(talk: Talk) -> None:
    """Behind a refused port nobody has seen how one may sign in, and the verdict says so."""
    talk.says(SERVER)
    said = words(talk.check_ends(evidence(refused(an_attempt()))))

    assert "could not test this: reading how one may sign in" in said


def test_what_another_port_has_shown_is_not_called_untested(talk: Talk) -> None:
    """Beside the proof of the port that works, it is said which one could not be tested."""
    talk.says(SERVER)
    other = an_attempt(role=Role.OTHER_PORT, port=465, security=Security.TLS)
    said = words(talk.check_ends(evidence(refused(an_attempt()), healthy(other))))

    assert "On port 587 I could not test this" in said


def test_new_way_out_is_not_the_same_as_before(talk: Talk) -> None:
    """The fault is the old one, but another port works by now: that is news."""
    talk.says(SERVER)
    refuses = stopped_at(an_attempt(), Stage.STARTTLS, Code.STARTTLS_REFUSED)
    talk.check_ends(evidence(refuses))
    talk.presses("changed")
    other = an_attempt(role=Role.OTHER_PORT, port=465, security=Security.TLS)
    said = words(talk.check_ends(evidence(refuses, healthy(other))))

    assert "same as before" not in said
    assert "port 465" in said


def test_what_mars_a_server_that_works_again_is_said(talk: Talk) -> None:
    """Good news with a warning: the certificate of the server that works ends soon."""
    talk.says(SERVER)
    talk.check_ends(evidence(refused(an_attempt())))
    talk.presses("changed")
    shown = a_certificate(Code.CERT_EXPIRING_SOON)
    said = words(talk.check_ends(evidence(healthy(an_attempt(), certificate=shown))))

    assert "works with these settings" in said
    assert "runs out" in said


MESSAGES = (
    "hello",
    "thanks",
    "",
    "yes",
    "no",
    "I don't know",
    "it works now",
    "it still does not work",
    "I want to talk to a human",
    "what is starttls?",
    "which window do you mean",
    "can't send mail",
    "smtp.example.com:587 times out, Outlook",
    "smtp.example.com port 465 refused, Thunderbird",
    "mail.example.org says 535 5.7.8 authentication failed",
    "552 5.3.4 message size exceeds fixed limit",
    "my address is ana@example.com, SSL",
    "Gmail, password rejected",
    "ich kann keine Mails senden",
    "never mind",
    "I give up",
    "on my phone it works",
    "at home it works, in the office not",
    "webmail works",
    "why?",
    "ok",
    "what settings should I use?",
    "now it says 535",
    "smtp.example.com",
    "[password removed]",
)
FIELDS: tuple[dict[str, str], ...] = ({}, {"port": "70000"}, {"host": "smtp.example.net"})


def some_words(talk: Talk, said: list[Complaint], dice: Random) -> Said:
    """Words, at times with a secret among them."""
    read = parse_complaint(dice.choice(MESSAGES), talk.knowledge)
    secrets = (Secret(kind="password", length=9),) if dice.random() < 0.1 else ()
    said.append(replace(read, secrets=secrets))
    by, addressed = dice.choice(["ana", "ana", "bo"]), dice.random() < 0.8
    return Said(complaint=said[-1], by=by, at=NOW, addressed=addressed)


def some_edit(talk: Talk, said: list[Complaint], dice: Random) -> Corrected:
    """Other words in place of some that were said, or that the bot has never seen."""
    before = dice.choice([*said, parse_complaint(dice.choice(MESSAGES), talk.knowledge)])
    after = some_words(talk, said, dice).complaint
    return Corrected(complaint=after, before=before, by="ana", at=NOW)


def some_click(talk: Talk, dice: Random) -> Chose:
    """A button of any turn, on offer or not."""
    options = [*talk.session.offered, "human", "fixed", "changed", "yes", "gmail", "nonsense"]
    revision = dice.choice([None, *range(talk.session.revision + 1)])
    return Chose(option=dice.choice(options), by="ana", at=NOW, revision=revision)


def some_result(talk: Talk, dice: Random) -> Checked:
    """The end of the newest check, or of the one before."""
    seen = evidence(dice.choice([healthy, refused])(an_attempt()))
    number = max(0, talk.session.checks - dice.randrange(2))
    return Checked(target=Target(host="x.test"), evidence=seen, number=number, at=NOW)


def any_event(talk: Talk, said: list[Complaint], dice: Random) -> Event:
    """Anything that may happen where the talk stands, words and edits above all."""
    kinds = [kind for state, kind in TRANSITIONS if state is talk.state]
    later = NOW + dice.choice([timedelta(), FIRST_REMINDER, GIVE_UP * 2])
    made: dict[type[Event], Event] = {
        Said: some_words(talk, said, dice),
        Corrected: some_edit(talk, said, dice),
        Chose: some_click(talk, dice),
        Filled: Filled(values=dice.choice(FIELDS), by="ana", at=NOW),
        Checked: some_result(talk, dice),
        Elapsed: Elapsed(at=later),
        Resumed: Resumed(at=NOW),
    }
    return made[dice.choice([*kinds, Said, Corrected])]


@pytest.mark.parametrize("seed", range(150))
def test_random_events_never_raise(knowledge: Knowledge, seed: int) -> None:
    """Words, edits, buttons, checks and time in any order lead somewhere, never to an error.

    In an open case whatever is said offers a person.
    """
    dice = Random(seed)
    talk = Talk(knowledge)
    said: list[Complaint] = []
    for _ in range(40):
        before = talk.session
        messages = talk.happens(any_event(talk, said, dice))
        assert talk.session.revision in {before.revision, before.revision + 1}
        assert talk.session.offered_at <= talk.session.revision
        if talk.session.opened is not None and talk.state is not State.CLOSED:
            assert all("human" in {one.id for one in message.options} for message in messages)
        if talk.state is State.ASKING:
            assert talk.session.question in knowledge.questions
        if talk.session != before:
            assert talk.session.revision == before.revision + 1
