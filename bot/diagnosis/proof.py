"""One line for what was seen at a stage: the same words in a chat and in the check's progress."""

from collections.abc import Mapping

from bot.diagnosis.words import say
from bot.model.diagnosis import Diagnosis
from bot.model.evidence import (
    Addresses,
    Attempt,
    Certificate,
    Connected,
    Exchanges,
    Failed,
    Finding,
    Greeting,
    Observation,
    Offer,
    Seen,
    Services,
    SignInOffer,
    Skipped,
    Stage,
    StartTls,
    TlsSession,
)

__all__ = ["mark", "milliseconds", "place", "proof", "untested"]

_MARKS = {Failed: "✗", Skipped: "·"}

# What a person may take for granted unless told; a greeting that never came explains itself.
_UNTESTED = frozenset({Stage.TLS, Stage.CERTIFICATE, Stage.AUTH})

_LONGEST = 160  # characters of what a server said; a line of proof is no place for a flood
_MAX_KEYWORDS = 8  # an EHLO reply lists up to a few dozen; the first tell the server's kind


def proof(observation: Observation, texts: Mapping[str, str], *, with_place: bool = True) -> str:
    """What was seen, in a line: the stage, where, the server's own words, how long it took."""
    stage = texts[f"stage.{observation.stage}"]
    where = place(observation.attempt) if with_place else ""
    head = f"{stage}, {where}" if where else stage
    if isinstance(observation, Skipped):
        return f"{head}: {texts['proof.skipped'].format(because=observation.because)}"
    told = _shortened(" ".join(_words(observation, texts).split()))
    if told.endswith(" s"):  # silence says itself how long it lasted
        return f"{head}: {told}"
    return f"{head}: {told} ({milliseconds(observation)})"


def mark(observation: Observation) -> str:
    """The sign before a line of proof: fine, failed, or not done."""
    return _MARKS.get(type(observation), "✓")


def untested(diagnosis: Diagnosis, texts: Mapping[str, str]) -> str | None:
    """What the verdict says nothing about, since it could not be tried; None if all was."""
    named = [texts[f"stage.{stage}"] for stage, _ in diagnosis.missing if stage in _UNTESTED]
    if not named:
        return None
    what = ", ".join(dict.fromkeys(named))
    if diagnosis.suggested is None or diagnosis.target is None:
        return say("reply.not_tested", texts, what=what)
    return say("reply.not_tested_there", texts, what=what, port=str(diagnosis.target.port))


def _words(observation: Seen | Failed, texts: Mapping[str, str]) -> str:
    if isinstance(observation, Failed):
        return observation.said
    return _told(observation.finding, texts)


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def place(attempt: Attempt | None) -> str:
    """Where an attempt went: address and port, the name where it is another than was stated."""
    if attempt is None:
        return ""
    if attempt.is_look_up:
        return attempt.host or ""
    address = f"[{attempt.address}]" if ":" in attempt.address else attempt.address
    return " ".join(filter(None, (attempt.host, f"{address}:{attempt.port}")))


def milliseconds(observation: Seen | Failed) -> str:
    """How long the stage took, as a person says it."""
    seconds = observation.took.total_seconds()
    if seconds >= 1:
        return f"{seconds:.1f} s"
    return f"{seconds * 1000:.0f} ms"


def _told(finding: Finding, texts: Mapping[str, str]) -> str:
    match finding:
        case Connected():
            return texts["proof.connected"]
        case Greeting(code=code, text=text):
            return f"{code} {text}" if code is not None else text
        case StartTls(text=text):
            return text
        case TlsSession(version=version, cipher=cipher):
            return f"{version}, {cipher}"
        case Addresses() | Services() | Exchanges():
            return _told_of_names(finding, texts)
        case _:
            return _told_of_offer(finding, texts)


def _told_of_names(finding: Addresses | Services | Exchanges, texts: Mapping[str, str]) -> str:
    match finding:
        case Addresses(addresses=addresses):
            return ", ".join(addresses)
        case Exchanges(hosts=named):
            service = "MX"
        case Services(service=service, servers=servers):
            named = tuple(f"{host}:{port}" for host, port in servers)
    return f"{service} {', '.join(named) or texts['proof.none_named']}"


def _told_of_offer(finding: Finding, texts: Mapping[str, str]) -> str:
    match finding:
        case Offer(extensions=extensions):
            return ", ".join(name for name, _ in extensions[:_MAX_KEYWORDS]) or "-"
        case SignInOffer(before_tls=before, after_tls=after):
            return ", ".join(after or before) or texts["proof.no_sign_in"]
        case Certificate(names=names, not_after=until):
            return texts["proof.certificate"].format(
                names=", ".join(names), date=until.date().isoformat()
            )
    return ""
