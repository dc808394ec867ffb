"""What fills the sentence about a fact: the words that came, the time waited, who answered."""

from datetime import timedelta

from bot.diagnosis.certificates import about_certificate, about_fault
from bot.diagnosis.readings import Fact, Reading
from bot.model.codes import Code
from bot.model.evidence import Certificate, Failed, Greeting, Offer, Seen, Skipped
from bot.model.foreign import one_line
from bot.model.target import Protocol

__all__ = ["about_fact", "wait_of"]

# These say that somebody was waited for, whatever came of it.
_WAITS = frozenset(
    {
        Code.DNS_TIMEOUT,
        Code.TCP_TIMEOUT,
        Code.GREETING_NONE,
        Code.GREETING_SLOW,
        Code.SESSION_TIMEOUT,
    }
)
_SHORTEST = timedelta(seconds=0.05)  # what would be told as "0.0 s"
# Replies to EHLO that are about the name in it (RFC 5321 section 3.6 and 4.2.2).
_ABOUT_THE_NAME = ("501", "504", "550", "553")


def about_fact(fact: Fact, reading: Reading | None = None) -> dict[str, str]:
    """The evidence for a fact of `reading`: its words, and what is known beside them."""
    seen = fact.observation
    details = {"said": one_line(fact.said), **wait_of(fact, reading)}
    if isinstance(seen, Skipped):
        return details
    details |= _manner(fact, seen)
    if isinstance(seen.finding, Greeting):
        details |= _stranger(seen, seen.finding)
    if isinstance(seen.finding, Certificate):
        details |= _about_fault(fact, seen, seen.finding)
    return details


def wait_of(fact: Fact, reading: Reading | None) -> dict[str, str]:
    """`seconds` that somebody was waited for; nothing where nobody was.

    An attempt that used its time up before has none left for its last stage: then it is all of it.
    """
    seen = fact.observation
    if isinstance(seen, Skipped):
        return {}
    is_mute = isinstance(seen, Failed) and seen.silent and not seen.closed
    if fact.code not in _WAITS and not is_mute:
        return {}
    took = seen.took
    if took < _SHORTEST and reading is not None:
        ran = (one for one in reading.observations if not isinstance(one, Skipped))
        took = sum((one.took for one in ran), timedelta())
    if took < _SHORTEST:
        return {}
    seconds = took.total_seconds()
    return {"seconds": f"{seconds:.0f}" if seconds >= 1 else f"{seconds:.1f}"}


def _manner(fact: Fact, seen: Seen | Failed) -> dict[str, str]:
    """The same words under the name of what they amount to, which chooses the sentence."""
    said = one_line(fact.said)
    if fact.code is Code.GREETING_NONE:
        talks = isinstance(seen, Failed) and not seen.silent
        return {"unended": said} if talks else {}
    if fact.code is not Code.EHLO_REJECTED:
        return {}
    if seen.attempt is not None and seen.attempt.protocol is not Protocol.SMTP:
        return {"no_list": said}
    if isinstance(seen.finding, Offer):
        return {"helo_only": said}
    if said.startswith("4"):
        return {"put_off": said}
    return {} if said.startswith(_ABOUT_THE_NAME) else {"no_ehlo": said}


def _stranger(seen: Seen | Failed, greeting: Greeting) -> dict[str, str]:
    """Which protocol answered `instead` of the one that was `asked` for."""
    wanted = seen.attempt.protocol if seen.attempt is not None else None
    if wanted is None or greeting.protocol in {wanted, "text"}:
        return {}
    return {"instead": greeting.protocol.upper(), "asked": wanted.upper()}


def _about_fault(fact: Fact, seen: Seen | Failed, certificate: Certificate) -> dict[str, str]:
    if not any(fault.code is fact.code for fault in certificate.faults):
        return {}
    about = about_fault(certificate, fact.code, seen.at)
    return {**about_certificate(certificate), **about}
