"""Values with defaults, so that a test states only what it is about."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.desk.ports import Letter, Received, Turn
from bot.model.case import Answer, Resolution, Session, State, ThreadKey
from bot.model.case import Outcome as Ending
from bot.model.codes import Code, Severity
from bot.model.complaint import Complaint, Intent, Secret, SmtpReply
from bot.model.diagnosis import Cause, CheckedTarget, Diagnosis, Note
from bot.model.evidence import (
    Addresses,
    Attempt,
    Certificate,
    CertificateFault,
    Connected,
    Evidence,
    Exchanges,
    Failed,
    Finding,
    Greeting,
    Offer,
    Role,
    Seen,
    Services,
    SignInOffer,
    Skipped,
    Stage,
    StartTls,
    TlsSession,
)
from bot.model.reply import Reply
from bot.model.target import Protocol, Security, Setting

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
THREAD = ThreadKey("C1/1700000000.000100")


def an_attempt(address: str = "192.0.2.10") -> Attempt:
    """A connection to the stated submission port."""
    return Attempt(
        role=Role.STATED,
        address=address,
        port=587,
        protocol=Protocol.SMTP,
        security=Security.STARTTLS,
    )


def a_finding_of_each_kind() -> tuple[Finding, ...]:
    """One of every class that `Finding` may be."""
    fault = CertificateFault(code=Code.CERT_EXPIRED, said="ended 12 days ago")
    return (
        Addresses(addresses=("192.0.2.10",), failures=(("AAAA", Code.DNS_TIMEOUT),)),
        Connected(),
        Greeting(code=220, text="mail.example.test ESMTP", protocol="smtp"),
        Offer(extensions=(("STARTTLS", ""), ("SIZE", "1000"))),
        StartTls(text="2.0.0 Ready"),
        TlsSession(version="TLSv1.3", cipher="TLS_AES_256_GCM_SHA384"),
        Certificate(
            names=("mail.example.test",),
            subject="CN=mail.example.test",
            issuer="CN=Example Trust",
            not_before=NOON - timedelta(days=400),
            not_after=NOON - timedelta(days=12),
            chain_length=2,
            trust_store="system",
            faults=(fault,),
        ),
        SignInOffer(before_tls=(), after_tls=("PLAIN", "LOGIN"), encrypted=True),
        Services(service="_submissions._tcp", servers=(("mail.example.test", 465),)),
        Exchanges(hosts=("mx.example.test",), is_refused=False),
    )


def an_evidence() -> Evidence:
    """Observations of all three kinds with findings of all kinds."""
    took = timedelta(milliseconds=12.345)
    seen = (
        Seen(stage=Stage.TCP, attempt=an_attempt(), finding=finding, at=NOON, took=took)
        for finding in a_finding_of_each_kind()
    )
    failed = Failed(
        stage=Stage.CERTIFICATE,
        attempt=an_attempt(),
        code=Code.CERT_EXPIRED,
        said="certificate has expired",
        at=NOON,
        took=took,
        finding=a_finding_of_each_kind()[6],
    )
    silent = replace(failed, stage=Stage.TCP, code=Code.TCP_TIMEOUT, finding=None, from_here=True)
    skipped = Skipped(stage=Stage.AUTH, attempt=None, because="no encryption")
    return Evidence(observations=(*seen, failed, silent, skipped), started=NOON, took=took)


def a_diagnosis(
    code: Code = Code.CERT_EXPIRED, host: str | None = "mail.example.test"
) -> Diagnosis:
    """A verdict on port 587 of a host, with every field filled."""
    target = CheckedTarget(
        host=host,
        port=587,
        security=Security.STARTTLS,
        protocol=Protocol.SMTP,
        stated=f"{host}:587",
    )
    because = an_evidence().observations[-3:]
    return Diagnosis(
        target=target,
        causes=(Cause(code=code, confidence=0.9, rule="expired", because=because),),
        notes=(Note(code=Code.CERT_WEAK, severity=Severity.WARNING, details={"bits": "1024"}),),
        ruled_out=(Code.DNS_NXDOMAIN,),
        missing=((Stage.AUTH, "no encryption"),),
        suggested=Setting(host="mail.example.test", port=465, security=Security.TLS),
        details={"days": "12"},
    )


def a_complaint(text: str = "cannot send, Outlook says 0x800CCC0E") -> Complaint:
    """A complaint about mail.example.test with every field filled."""
    return Complaint(
        text=text,
        intent=Intent.CANNOT_SEND,
        host="mail.example.test",
        port=587,
        address="anna@example.test",
        domain="example.test",
        provider="example",
        client="outlook",
        security=Security.STARTTLS,
        codes=("0x800CCC0E",),
        replies=(SmtpReply(code=535, enhanced="5.7.8", text="denied"),),
        secrets=(Secret(kind="password", length=9),),
        because=(("intent", "cannot send"),),
    )


def a_session(thread: ThreadKey = THREAD) -> Session:
    """A session as it is before anything was asked, of revision 1."""
    return Session(thread=thread, complaint=a_complaint(), opened=NOON, revision=1)


def a_full_session() -> Session:
    """A session with every field filled."""
    return replace(
        a_session(),
        state=State.CLOSED,
        node="cannot-send/advise",
        path=("cannot-send/start", "cannot-send/advise"),
        question="ask-port",
        answers=(Answer(question="ask-client", choice="outlook"),),
        setting=Setting(host="mail.example.test", port=465, security=Security.TLS),
        evidence=an_evidence(),
        diagnosis=a_diagnosis(),
        tried=(Code.TCP_REFUSED,),
        advised=("renew-certificate",),
        on_table=("renew-certificate",),
        offered=("yes", "no"),
        asked=2,
        checks=1,
        rechecking=True,
        asked_if_works=True,
        verdict_at=NOON + timedelta(seconds=4.5),
        due=NOON + timedelta(hours=4),
        reminded=True,
        resolution=a_resolution(),
        offered_at=1,
        by="U1",
        began=1,
        doubted=Code.CERT_EXPIRED,
    )


def a_resolution(outcome: Ending = Ending.FIXED, at: datetime = NOON) -> Resolution:
    """A resolution by the person that advice to renew the certificate has helped."""
    return Resolution(
        outcome=outcome,
        actual_cause=Code.CERT_EXPIRED,
        note="the certificate was renewed",
        by="U1",
        at=at,
        helped=("renew-certificate",),
    )


def a_letter(key: str = "Ev1/0", thread: ThreadKey = THREAD) -> Letter:
    """A letter that waits to be delivered."""
    return Letter(key=key, thread=thread, reply=Reply(title="The certificate has expired"))


def a_received(event_id: str = "Ev1", thread: ThreadKey = THREAD) -> Received:
    """A message as the inbox takes it."""
    return Received(event_id=event_id, thread=thread, kind="said", payload="{}", at=NOON)


def a_turn(session: Session | None = None, **changes: Any) -> Turn:
    """A turn that stores `session`, by default a new one; `changes` replace any field."""
    turn = Turn(
        session=session or a_session(),
        at=NOON,
        summary="cannot send",
        words="cannot send, Outlook says 0x800CCC0E",
        by="U1",
    )
    return replace(turn, **changes)
