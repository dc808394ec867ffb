"""What an offer of sign-in mechanisms means to an ordinary mail program."""

from bot.model.codes import Code
from bot.model.evidence import SignInOffer
from bot.probes.faults import Fault, StageError

__all__ = ["expect_usable"]

# The IANA registry of SASL mechanisms, by who can use them: a password, a token, a domain login.
# USER and LOGIN without SASL are POP3's and IMAP's own commands.
_WITH_PASSWORD = frozenset({"PLAIN", "LOGIN", "CRAM-MD5", "DIGEST-MD5", "APOP", "USER"})
_SCRAM = "SCRAM-"
_WITH_TOKEN = frozenset({"XOAUTH2", "OAUTHBEARER"})


def expect_usable(offer: SignInOffer) -> SignInOffer:
    """`offer` if a mail program can sign in with it; StageError, which keeps it, if not.

    What counts is what is offered at the end: RFC 3207 section 4.2 has the client forget what it
    heard before TLS.
    """
    mechanisms = offer.after_tls if offer.encrypted else offer.before_tls
    if any(name in _WITH_PASSWORD or name.startswith(_SCRAM) for name in mechanisms):
        return offer
    listed = ", ".join(mechanisms)
    if not mechanisms:
        where = "encrypted or not" if offer.encrypted else "on an unencrypted connection"
        code, said = Code.AUTH_NOT_OFFERED, f"no way to sign in is offered, {where}"
    elif _WITH_TOKEN.intersection(mechanisms):
        code, said = Code.AUTH_OAUTH_ONLY, f"only {listed}"
    else:
        code, said = Code.AUTH_UNSUPPORTED_MECHANISMS, f"only {listed}"
    raise StageError(Fault(code=code, said=said, finding=offer))
