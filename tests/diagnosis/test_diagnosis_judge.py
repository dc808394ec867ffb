"""Evidence in, verdict out: the contract's mapping, without a socket."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from scenes import (
    HOST,
    a_certificate,
    an_attempt,
    connected,
    evidence,
    failed,
    healthy,
    looked_up,
    mute,
    name_failed,
    refused,
    silent,
    stopped_at,
)

from bot.diagnosis.hearsay import suspects
from bot.diagnosis.judge import diagnose
from bot.diagnosis.situation import Known
from bot.diagnosis.words import summary
from bot.knowledge.schema import Knowledge
from bot.model.case import Answer
from bot.model.codes import Code, Severity
from bot.model.complaint import Complaint, Intent, SmtpReply
from bot.model.diagnosis import Diagnosis
from bot.model.evidence import Attempt, Evidence, Greeting, Observation, Role, Stage
from bot.model.target import Protocol, Security, Setting, Target

Scene = Callable[[Attempt], tuple[Observation, ...]]
OTHER_465 = an_attempt(465, Security.TLS, Role.OTHER_PORT)
OTHER_587 = an_attempt(587, Security.STARTTLS, Role.OTHER_PORT)
OTHER_25 = an_attempt(25, Security.STARTTLS, Role.OTHER_PORT)


def verdict(
    knowledge: Knowledge,
    seen: Evidence,
    port: int | None = 587,
    security: Security | None = None,
    complaint: Complaint | None = None,
) -> Diagnosis:
    """The diagnosis of a check of our host."""
    target = Target(host=HOST, port=port, security=security, stated=HOST)
    return diagnose(Known(target=target, evidence=seen, complaint=complaint), knowledge)


def test_healthy_server_is_ok(knowledge: Knowledge) -> None:
    """A server that answers at every stage is ok, and nothing is suggested."""
    found = verdict(knowledge, evidence(healthy(an_attempt())))

    assert Code.OK is found.verdict.code
    assert found.works
    assert found.suggested is None
    assert found.target is not None
    assert Security.STARTTLS is found.target.security


def test_refused_port_beside_a_working_one_is_the_wrong_port(knowledge: Knowledge) -> None:
    """A refused port with another that works is settings.wrong_port, and the other is suggested."""
    found = verdict(knowledge, evidence(refused(an_attempt()), healthy(OTHER_465)))

    assert Code.SETTINGS_WRONG_PORT is found.verdict.code
    assert Setting(host=HOST, port=465, security=Security.TLS) == found.suggested
    assert Code.TCP_REFUSED in {note.code for note in found.notes}


def test_a_closed_way_is_not_called_silence(knowledge: Knowledge) -> None:
    """ICMP said at once that there is no way through: nobody was waited for."""
    nowhere = (failed(an_attempt(), Stage.TCP, Code.TCP_UNREACHABLE),)
    found = verdict(knowledge, evidence(nowhere, healthy(OTHER_465)))
    said = summary(found.verdict.code, found.details, knowledge.texts)

    assert Code.NETWORK_PORT_BLOCKED is found.verdict.code
    assert "refuses port 587" in said
    assert "answer" not in said


def test_old_encryption_is_the_fault_of_the_server(knowledge: Knowledge) -> None:
    """We offer what is in use, so a handshake without a common version says who is behind."""
    seen = stopped_at(an_attempt(), Stage.TLS, Code.TLS_VERSION_TOO_OLD)
    found = verdict(knowledge, evidence(seen))
    said = summary(found.verdict.code, found.details, knowledge.texts)

    assert Code.TLS_VERSION_TOO_OLD is found.verdict.code
    assert said.startswith(HOST)


@pytest.mark.parametrize("scene", [silent, mute])
def test_silent_port_beside_a_working_one_is_blocked(knowledge: Knowledge, scene: Scene) -> None:
    """Silence on the stated port beside a working one is a blocked port, whichever port it is."""
    found = verdict(knowledge, evidence(scene(an_attempt()), healthy(OTHER_465)))

    assert Code.NETWORK_PORT_BLOCKED is found.verdict.code


def test_port_25_is_never_suggested(knowledge: Knowledge) -> None:
    """A working port 25 is no alternative for a person who sends from a program."""
    found = verdict(knowledge, evidence(refused(an_attempt()), healthy(OTHER_25)))

    assert Code.TCP_REFUSED is found.verdict.code
    assert found.suggested is None


def test_stated_mode_that_fails_beside_the_other_is_wrong_security(knowledge: Knowledge) -> None:
    """STARTTLS stated on a port that wants TLS first: the security is wrong, the port is right."""
    other = an_attempt(465, Security.TLS, Role.OTHER_MODE)
    seen = evidence(mute(an_attempt(465)), healthy(other))
    found = verdict(knowledge, seen, port=465, security=Security.STARTTLS)

    assert Code.SETTINGS_WRONG_SECURITY is found.verdict.code
    assert Setting(host=HOST, port=465, security=Security.TLS) == found.suggested


def test_automatic_mode_takes_what_works(knowledge: Knowledge) -> None:
    """Without a stated security, TLS found on 587 is simply how that server works."""
    other = an_attempt(587, Security.TLS, Role.OTHER_MODE)
    found = verdict(knowledge, evidence(mute(an_attempt()), healthy(other)))

    assert Code.OK is found.verdict.code
    assert found.target is not None
    assert Security.TLS is found.target.security
    assert found.suggested is None


def test_both_refused_stays_refused(knowledge: Knowledge) -> None:
    """With no port that works the fact of the wire is the verdict."""
    found = verdict(knowledge, evidence(refused(an_attempt()), refused(OTHER_465)))

    assert Code.TCP_REFUSED is found.verdict.code


def test_imap_on_the_port_is_incoming_for_outgoing(knowledge: Knowledge) -> None:
    """A server that greets with IMAP on a port given for sending is named, protocol and all."""
    attempt = an_attempt(993, Security.TLS)
    imap = Greeting(code=None, text="* OK ready", protocol="imap")
    seen = evidence(
        connected(attempt), failed(attempt, Stage.GREETING, Code.GREETING_NOT_SMTP, imap)
    )
    found = verdict(knowledge, seen, port=993)

    assert Code.SETTINGS_INCOMING_FOR_OUTGOING is found.verdict.code
    assert Code.GREETING_NOT_SMTP in {note.code for note in found.notes}


@pytest.mark.parametrize(
    "code",
    [Code.DNS_NXDOMAIN, Code.DNS_NO_ADDRESS, Code.DNS_SERVFAIL, Code.POLICY_ADDRESS_NOT_ALLOWED],
)
def test_name_that_fails_is_the_verdict(knowledge: Knowledge, code: Code) -> None:
    """What goes wrong before a connection is the verdict by itself."""
    found = verdict(knowledge, evidence(name_failed(code)))

    assert code is found.verdict.code


def test_every_certificate_fault_is_a_finding(knowledge: Knowledge) -> None:
    """An expired certificate for another name gives both findings, expiry as the verdict."""
    shown = a_certificate(Code.CERT_EXPIRED, Code.CERT_NAME_MISMATCH, days=-3)
    found = verdict(knowledge, evidence(healthy(an_attempt(), certificate=shown)))

    assert Code.CERT_EXPIRED is found.verdict.code
    assert {Code.CERT_EXPIRED, Code.CERT_NAME_MISMATCH} <= {note.code for note in found.notes}
    assert found.details["days"] == "3"


def test_certificate_fault_on_port_25_is_a_warning(knowledge: Knowledge) -> None:
    """Server to server nobody insists on a certificate, so there it stops nothing."""
    shown = a_certificate(Code.CERT_SELF_SIGNED)
    seen = evidence(healthy(an_attempt(25), certificate=shown))
    found = verdict(knowledge, seen, port=25)

    assert Code.CERT_SELF_SIGNED is found.verdict.code
    assert Severity.WARNING is found.notes[0].severity
    assert found.works


def test_dead_address_beside_a_good_one_is_partial(knowledge: Knowledge) -> None:
    """One dead address of two is a warning that names it, and mail goes out all the same."""
    dead = an_attempt(address="2001:db8::10")
    seen = evidence(looked_up("2001:db8::10", "192.0.2.10"), silent(dead), healthy(an_attempt()))
    found = verdict(knowledge, seen)

    assert Code.TCP_PARTIAL is found.verdict.code
    assert found.works
    assert found.details["failed_addresses"] == "2001:db8::10"


def test_family_that_times_out_is_a_warning_beside_ok(knowledge: Knowledge) -> None:
    """AAAA without an answer beside a good A: the rest decides, with dns.timeout as a warning."""
    seen = evidence(
        looked_up("192.0.2.10", failures=(("AAAA", Code.DNS_TIMEOUT),)), healthy(an_attempt())
    )
    found = verdict(knowledge, seen)

    assert Code.OK is found.verdict.code
    notes = {note.code: note.severity for note in found.notes}
    assert Severity.WARNING is notes[Code.DNS_TIMEOUT]


def test_slow_greeting_is_a_warning(knowledge: Knowledge) -> None:
    """A greeting after more than five seconds is worth a word."""
    slow = healthy(an_attempt(), greeting_took=timedelta(seconds=12))
    found = verdict(knowledge, evidence(slow))

    assert Code.GREETING_SLOW is found.verdict.code
    assert found.works


def test_password_in_the_clear_is_a_warning(knowledge: Knowledge) -> None:
    """Sign-in offered before encryption is a warning."""
    found = verdict(knowledge, evidence(healthy(an_attempt(), before_tls=("PLAIN",))))

    assert Code.AUTH_CLEARTEXT is found.verdict.code
    assert found.works


def test_no_port_stated_takes_the_first_that_works(knowledge: Knowledge) -> None:
    """Without a port the silence of the others is no fault."""
    found = verdict(knowledge, evidence(silent(an_attempt()), healthy(OTHER_465)), port=None)

    assert Code.OK is found.verdict.code
    assert found.target is not None
    assert (found.target.port, found.target.security) == (465, Security.TLS)


def test_no_starttls_and_nothing_else_makes_the_target_none(knowledge: Knowledge) -> None:
    """Where the server offers no encryption at all, the target's security says so."""
    attempt = an_attempt()
    first = healthy(attempt)[:2]
    offer = healthy(an_attempt(465, Security.TLS))[2]
    seen = evidence(
        *first,
        type(offer)(**{**{f: getattr(offer, f) for f in offer.__slots__}, "attempt": attempt}),
        stopped_at(attempt, Stage.STARTTLS, Code.STARTTLS_NOT_OFFERED),
    )
    found = verdict(knowledge, seen)

    assert Code.STARTTLS_NOT_OFFERED is found.verdict.code
    assert found.target is not None
    assert Security.NONE is found.target.security


def test_live_fault_goes_before_the_quoted_error(knowledge: Knowledge) -> None:
    """A server that fails the check is the cause, whatever the error text suggests."""
    said = Complaint(text="535 5.7.8", intent=Intent.AUTH_FAILED, codes=("535", "5.7.8"))
    found = verdict(knowledge, evidence(refused(an_attempt())), complaint=said)

    assert Code.TCP_REFUSED is found.verdict.code


def test_healthy_server_and_timeout_point_to_the_users_side(knowledge: Knowledge) -> None:
    """Fine from here and a timeout there is the user's side, with doubt."""
    said = Complaint(text="times out", intent=Intent.SERVER_NOT_RESPONDING)
    found = verdict(knowledge, evidence(healthy(an_attempt())), complaint=said)

    assert Code.NETWORK_USER_SIDE is found.verdict.code
    assert found.verdict.confidence < 0.9


def test_quoted_microsoft_refusal_is_decoded(knowledge: Knowledge) -> None:
    """535 5.7.139 with its text is password sign-in switched off, not a wrong password."""
    text = "535 5.7.139 SmtpClientAuthentication is disabled for the Tenant"
    said = Complaint(
        text=text,
        intent=Intent.AUTH_FAILED,
        provider="microsoft365",
        codes=("535", "5.7.139"),
        replies=(SmtpReply(code=535, enhanced="5.7.139", text=text),),
    )
    found = suspects(knowledge, said)

    assert Code.AUTH_BASIC_DISABLED is found[0].code
    assert sum(cause.confidence for cause in found) <= 1.001


def test_nothing_known_is_unknown(knowledge: Knowledge) -> None:
    """Without a check and without a hint the honest verdict is unknown."""
    found = diagnose(Known(complaint=Complaint(text="help", intent=Intent.CANNOT_SEND)), knowledge)

    assert Code.UNKNOWN is found.verdict.code
    assert found.verdict.confidence == 0


def test_answers_raise_a_cause(knowledge: Knowledge) -> None:
    """An answer speaks for the causes that its choice names."""
    answers = (Answer(question="outbox-signs", choice="offline"),)
    found = diagnose(Known(complaint=Complaint(text="x"), answers=answers), knowledge)

    assert Code.CLIENT_OFFLINE is found.verdict.code


def test_cause_that_was_tried_is_not_said_again(knowledge: Knowledge) -> None:
    """After advice in vain the next cause comes up."""
    said = Complaint(text="in spam", intent=Intent.MARKED_AS_SPAM)
    first = diagnose(Known(complaint=said), knowledge).verdict.code
    second = diagnose(Known(complaint=said, tried=(first,)), knowledge).verdict.code

    assert first is not second


def test_protocol_asked_for_is_kept(knowledge: Knowledge) -> None:
    """A check of IMAP stays a check of IMAP."""
    attempt = an_attempt(993, Security.TLS)
    target = Target(host=HOST, port=993, protocol=Protocol.IMAP)
    found = diagnose(Known(target=target, evidence=evidence(healthy(attempt))), knowledge)

    assert found.target is not None
    assert Protocol.IMAP is found.target.protocol


@pytest.mark.parametrize("code", list(Code))
def test_every_code_has_a_sentence_that_needs_nothing(knowledge: Knowledge, code: Code) -> None:
    """Whatever is known, each code can be said."""
    assert summary(code, {}, knowledge.texts) != code


def test_automatic_mode_reports_the_faults_of_the_mode_that_is_spoken(
    knowledge: Knowledge,
) -> None:
    """A TLS port with an expired certificate is called that, not a port that says nothing."""
    attempt = an_attempt(587, Security.TLS, Role.OTHER_MODE)
    expired = healthy(attempt, certificate=a_certificate(Code.CERT_EXPIRED, days=-3))
    seen = evidence(mute(an_attempt()), expired, healthy(OTHER_465))
    found = verdict(knowledge, seen)

    assert found.verdict.code is Code.CERT_EXPIRED
    assert found.target is not None
    assert found.target.security is Security.TLS


def test_handshake_that_is_answered_goes_before_silence(knowledge: Knowledge) -> None:
    """A server that answers a ClientHello with an old version is no silent port."""
    attempt = an_attempt(587, Security.TLS, Role.OTHER_MODE)
    old = stopped_at(attempt, Stage.TLS, Code.TLS_VERSION_TOO_OLD, connected(attempt))
    found = verdict(knowledge, evidence(mute(an_attempt()), old, healthy(OTHER_465)))

    assert found.verdict.code is Code.TLS_VERSION_TOO_OLD


def test_without_a_port_a_working_one_goes_before_a_faulty_one(knowledge: Knowledge) -> None:
    """An expired certificate on 587 does not matter to who named no port, if 465 works."""
    shown = a_certificate(Code.CERT_EXPIRED, days=-3)
    seen = evidence(healthy(an_attempt(), certificate=shown), healthy(OTHER_465))
    found = verdict(knowledge, seen, port=None)

    assert found.verdict.code is Code.OK
    assert found.target is not None
    assert found.target.port == 465


def test_fault_of_another_port_is_a_finding(knowledge: Knowledge) -> None:
    """What was seen on a port that came further is not lost."""
    shown = a_certificate(Code.CERT_EXPIRED, days=-3)
    seen = evidence(refused(an_attempt()), healthy(OTHER_465, certificate=shown))
    found = verdict(knowledge, seen, port=None)

    assert found.verdict.code is Code.TCP_REFUSED
    assert Code.CERT_EXPIRED in {note.code for note in found.notes}


def test_web_server_that_waits_to_be_asked_is_named(knowledge: Knowledge) -> None:
    """Silence to a mail client and HTTP to a ClientHello is a web server, no blocked port."""
    attempt = an_attempt(587, Security.TLS, Role.OTHER_MODE)
    http = Greeting(code=None, text="HTTP/1.1 400 Bad Request", protocol="http")
    answer = failed(attempt, Stage.TLS, Code.TLS_HANDSHAKE_FAILED, http)
    seen = evidence(mute(an_attempt()), connected(attempt), answer, healthy(OTHER_465))
    found = verdict(knowledge, seen)

    assert found.verdict.code is Code.GREETING_NOT_SMTP


def test_look_up_that_fails_here_is_not_the_persons_cause(knowledge: Knowledge) -> None:
    """A name that the directory knows and we cannot look up leaves the quoted error standing."""
    said = Complaint(
        text="534 5.7.9 application-specific password required",
        intent=Intent.AUTH_FAILED,
        provider="gmail",
        codes=("534", "5.7.9"),
    )
    target = Target(host="smtp.gmail.com", port=465)
    known = Known(target=target, evidence=evidence(name_failed(Code.DNS_NXDOMAIN)), complaint=said)

    assert diagnose(known, knowledge).verdict.code is Code.AUTH_APP_PASSWORD_REQUIRED
    assert diagnose(replace(known, complaint=None), knowledge).verdict.code is Code.DNS_NXDOMAIN
