"""Whether anybody spoke on a connection, and in which mode: silence is told apart here."""

from bot.diagnosis.readings import Reading
from bot.model.codes import Code
from bot.model.evidence import Failed, Greeting, Seen, Stage, TlsSession

__all__ = ["is_mismatched", "is_mute", "is_silent", "spoke_tls"]


def is_silent(reading: Reading) -> bool:
    """Whether not a byte came in all the time that was waited for one."""
    failed = [seen for seen in reading.observations if isinstance(seen, Failed)]
    if any(seen.code is Code.TCP_TIMEOUT for seen in failed):
        return True
    mute = any(seen.silent and not seen.closed for seen in failed)
    return mute and not _heard(reading)


def is_mute(reading: Reading) -> bool:
    """Whether nothing was said to it, be it that the other side hung up."""
    failed = (seen for seen in reading.observations if isinstance(seen, Failed))
    return any(seen.silent for seen in failed) and not _heard(reading)


def is_mismatched(reading: Reading) -> bool:
    """Whether it was met as the wrong kind of client is: by silence, or in the other mode."""
    failed = next((seen for seen in reading.observations if isinstance(seen, Failed)), None)
    if failed is None:
        return False
    if failed.silent and not _heard(reading):
        return True
    spoke = failed.finding.protocol if isinstance(failed.finding, Greeting) else None
    return spoke == "tls" or (failed.stage is Stage.TLS and spoke is not None)


def spoke_tls(reading: Reading) -> bool:
    """Whether the other side answered in TLS, be it that no handshake came about."""
    shaken = reading.at(Stage.TLS)
    return isinstance(shaken, Seen) or (isinstance(shaken, Failed) and not is_mismatched(reading))


def _heard(reading: Reading) -> bool:
    """Whether the other side has said anything that could be understood."""
    return reading.found(Greeting) is not None or reading.found(TlsSession) is not None
