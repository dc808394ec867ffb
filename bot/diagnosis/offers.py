"""What the lists of a server tell beside the verdict: EHLO's extensions, the ways to sign in."""

import re
from collections.abc import Iterator

from bot.diagnosis.readings import Reading
from bot.knowledge.directory import directory_of
from bot.knowledge.schema import Knowledge, Provider
from bot.model.codes import Code, severity_of
from bot.model.diagnosis import Note
from bot.model.evidence import Greeting, Offer, SignInOffer, TlsSession
from bot.model.foreign import one_line

__all__ = ["notes_on_offers"]

# What firewalls write over an offer of STARTTLS, and over a greeting: Cisco's inspection of ESMTP
# puts X for each letter (and may number the words), or stars that spare a few digits.
_MASKED_KEYWORD = re.compile(r"X{3,}[A-Z]?")
_MASKED_GREETING = re.compile(r"[*02 ]*\*{8}[*02 ]*")

_TOKENS_ONLY = frozenset({"oauth2"})


def notes_on_offers(host: str, base: Reading, knowledge: Knowledge) -> Iterator[Note]:
    """Why encryption is missing from a list, and what is known of a password that is in one."""
    offer, sign_in = base.found(Offer), base.found(SignInOffer)
    if offer is not None:
        yield from _on_encryption(offer, base)
    if sign_in is not None:
        provider = directory_of(knowledge).by_host(host)
        if provider is not None and _takes_tokens_only(provider, host):
            said = one_line(" ".join(sign_in.after_tls))
            details = {"provider": provider.name, "said": said}
            severity = severity_of(Code.AUTH_OAUTH_ONLY)
            yield Note(code=Code.AUTH_OAUTH_ONLY, severity=severity, details=details)


def _on_encryption(offer: Offer, base: Reading) -> Iterator[Note]:
    port = base.attempt.port
    if _is_masked(offer, base):
        code, listed = (
            Code.NETWORK_INTERCEPTED,
            one_line(", ".join(name for name, _ in offer.extensions)),
        )
        yield Note(code=code, severity=severity_of(code, port), details={"said": listed})


def _is_masked(offer: Offer, base: Reading) -> bool:
    """Whether something on the way seems to have written over the offer of STARTTLS."""
    if base.offers_encryption or base.found(TlsSession) is not None:
        return False
    greeting = base.found(Greeting)
    if greeting is not None and _MASKED_GREETING.fullmatch(greeting.text):
        return True
    return any(_MASKED_KEYWORD.fullmatch(name) for name, _ in offer.extensions)


def _takes_tokens_only(provider: Provider, host: str) -> bool:
    """Whether the provider takes no password of any kind at `host`, whatever is listed there.

    A host of theirs that is not among the settings is taken to be like those.
    """
    own = [server.auth for server in provider.outgoing if server.host == host]
    known = own or [server.auth for server in provider.outgoing]
    return bool(known) and all(_TOKENS_ONLY.issuperset(auth) for auth in known)
