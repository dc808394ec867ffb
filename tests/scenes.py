"""Evidence as a prober would report it: whole attempts that go well, or fail at a stage."""

from datetime import UTC, datetime, timedelta

from bot.model.codes import Code
from bot.model.evidence import (
    Addresses,
    Attempt,
    Certificate,
    CertificateFault,
    Connected,
    Evidence,
    Failed,
    Greeting,
    Observation,
    Offer,
    Role,
    Seen,
    SignInOffer,
    Skipped,
    Stage,
    StartTls,
    TlsSession,
)
from bot.model.target import Protocol, Security

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOST = "smtp.example.com"
ADDRESS = "192.0.2.10"
TOOK = timedelta(milliseconds=12)


def an_attempt(
    port: int = 587,
    security: Security | None = Security.STARTTLS,
    role: Role = Role.STATED,
    address: str = ADDRESS,
) -> Attempt:
    """An attempt at SMTP."""
    return Attempt(role=role, address=address, port=port, protocol=Protocol.SMTP, security=security)


def looked_up(*addresses: str, failures: tuple[tuple[str, Code], ...] = ()) -> Seen:
    """A look-up that found addresses."""
    found = Addresses(addresses=addresses or (ADDRESS,), failures=failures)
    return Seen(stage=Stage.DNS, attempt=None, finding=found, at=NOW, took=TOOK)


def name_failed(code: Code) -> Failed:
    """A look-up that failed."""
    return Failed(stage=Stage.DNS, attempt=None, code=code, said="no such name", at=NOW, took=TOOK)


def connected(attempt: Attempt) -> Seen:
    """A TCP handshake."""
    return Seen(stage=Stage.TCP, attempt=attempt, finding=Connected(), at=NOW, took=TOOK)


def greeted(attempt: Attempt, took: timedelta = TOOK) -> Seen:
    """A greeting."""
    greeting = Greeting(code=220, text="ready", protocol="smtp")
    return Seen(stage=Stage.GREETING, attempt=attempt, finding=greeting, at=NOW, took=took)


def failed(
    attempt: Attempt,
    stage: Stage,
    code: Code,
    finding: Greeting | Certificate | SignInOffer | None = None,
    said: str = "",
    seconds: float = 0.01,
) -> Failed:
    """A stage that failed; one that took whole seconds was silent to the end."""
    return Failed(
        stage=stage,
        attempt=attempt,
        code=code,
        said=said or str(code),
        at=NOW,
        took=timedelta(seconds=seconds),
        finding=finding,
        silent=seconds > 1,
    )


def a_certificate(*faults: Code, days: int = 60) -> Certificate:
    """A certificate for our host with these faults."""
    return Certificate(
        names=(HOST,),
        subject=HOST,
        issuer="Example CA",
        not_before=NOW - timedelta(days=30),
        not_after=NOW + timedelta(days=days),
        chain_length=2,
        trust_store="tests",
        faults=tuple(CertificateFault(code=fault, said=f"said {fault}") for fault in faults),
    )


def healthy(
    attempt: Attempt,
    *,
    before_tls: tuple[str, ...] = (),
    after_tls: tuple[str, ...] = ("PLAIN", "LOGIN"),
    greeting_took: timedelta = TOOK,
    certificate: Certificate | None = None,
) -> tuple[Observation, ...]:
    """An attempt that goes all the way; its certificate may have faults."""
    shown = certificate or a_certificate()
    presented: Observation = Seen(
        stage=Stage.CERTIFICATE, attempt=attempt, finding=shown, at=NOW, took=TOOK
    )
    if shown.faults:
        presented = failed(attempt, Stage.CERTIFICATE, shown.faults[0].code, shown)
    extensions = (("STARTTLS", ""),) if attempt.security is not Security.TLS else ()
    offer = SignInOffer(before_tls=before_tls, after_tls=after_tls, encrypted=True)
    steps: list[Observation] = [
        connected(attempt),
        greeted(attempt, greeting_took),
        Seen(
            stage=Stage.EHLO,
            attempt=attempt,
            finding=Offer(extensions=extensions),
            at=NOW,
            took=TOOK,
        ),
        Seen(
            stage=Stage.TLS,
            attempt=attempt,
            finding=TlsSession(version="TLSv1.3", cipher="TLS_AES_256_GCM_SHA384"),
            at=NOW,
            took=TOOK,
        ),
        presented,
        Seen(stage=Stage.AUTH, attempt=attempt, finding=offer, at=NOW, took=TOOK),
    ]
    if attempt.security is not Security.TLS:
        agreed = StartTls(text="220 go")
        steps.insert(
            3, Seen(stage=Stage.STARTTLS, attempt=attempt, finding=agreed, at=NOW, took=TOOK)
        )
    return tuple(steps)


def stopped_at(
    attempt: Attempt, stage: Stage, code: Code, *before: Observation, seconds: float = 0.01
) -> tuple[Observation, ...]:
    """An attempt that fails at a stage; what would follow is skipped."""
    because = f"{stage} failed"
    return (
        *before,
        failed(attempt, stage, code, seconds=seconds),
        Skipped(stage=Stage.AUTH, attempt=attempt, because=because),
    )


def refused(attempt: Attempt) -> tuple[Observation, ...]:
    """A port where nothing listens."""
    return stopped_at(attempt, Stage.TCP, Code.TCP_REFUSED)


def silent(attempt: Attempt) -> tuple[Observation, ...]:
    """A port whose packets are dropped."""
    return stopped_at(attempt, Stage.TCP, Code.TCP_TIMEOUT, seconds=8.0)


def mute(attempt: Attempt) -> tuple[Observation, ...]:
    """A port that accepts and says nothing."""
    return stopped_at(attempt, Stage.GREETING, Code.GREETING_NONE, connected(attempt), seconds=25.0)


def evidence(*parts: Observation | tuple[Observation, ...]) -> Evidence:
    """Evidence of these observations, after a look-up."""
    flat: list[Observation] = []
    for part in parts:
        flat += part if isinstance(part, tuple) else (part,)
    if not any(seen.attempt is None for seen in flat):
        flat.insert(0, looked_up())
    return Evidence(observations=tuple(flat), started=NOW)
