"""SMTP as far as it goes without signing in: greeting, EHLO, STARTTLS (RFC 5321, RFC 3207).

```
S: 220 mx.example.com ESMTP
C: EHLO checker.example.net
S: 250-mx.example.com
S: 250-STARTTLS
S: 250 AUTH PLAIN LOGIN
C: STARTTLS
S: 220 go ahead
```
"""

import re

from aiosmtplib.esmtp import parse_esmtp_extensions

from bot.model.codes import Code
from bot.model.evidence import Finding, Greeting, Offer, StartTls
from bot.probes.faults import Fault, StageError, quoted, shortened
from bot.probes.greetings import expect_protocol
from bot.probes.replies import Reply, read_reply
from bot.probes.wire import ClosedError, MalformedError, Wire

__all__ = ["Smtp", "is_ftp"]

# RFC 5321 section 4.2.3
_READY = 220
_DONE = 250
_REFUSALS = range(400, 600)
_FOR_NOW = range(400, 500)

# What says that EHLO itself is not known (RFC 5321 section 3.2), so that HELO may be; any other
# refusal is about us or our name, and would be one of HELO as well. FTP says 530 to strangers.
_UNKNOWN_COMMAND = frozenset({500, 502, 530})
# FTP knows neither command: not understood, or not before the login (RFC 959 section 5.4).
_FTP_REFUSALS = frozenset({500, 530})

# FTP greets with 220 too (RFC 959 section 5.4); its servers say who they are, or how to log in.
_FTP = re.compile(r"ftp|filezilla|user and pass|log ?in with user", re.IGNORECASE)
_SMTP = re.compile(r"\be?smtp", re.IGNORECASE)
# Postfix ends the handshake whatever we show, and then refuses in words (421 or 454).
_CERTIFICATE_WANTED = re.compile(r"client certificate", re.IGNORECASE)


def is_ftp(greeting: str, refusals: tuple[Reply, ...]) -> bool:
    """Whether a server that gave `refusals` to EHLO and HELO is an FTP server, or one like it.

    It says so itself; or both commands are unknown to it. A greeting that claims SMTP is believed.
    """
    if _SMTP.search(greeting):
        return False
    said = "\n".join((greeting, *(reply.text for reply in refusals)))
    is_unknown = all(reply.code in _FTP_REFUSALS for reply in refusals)
    return is_unknown or _FTP.search(said) is not None


class Smtp:
    """The SMTP side of one connection; `name` is what EHLO says about us."""

    farewell = b"QUIT\r\n"

    def __init__(self, wire: Wire, name: str) -> None:
        self._wire = wire
        self._name = name
        self._greeting = ""

    async def greet(self) -> Greeting:
        """The greeting with 220; nothing is sent before it has come (RFC 5321 section 3.1)."""
        await expect_protocol(self._wire, "smtp")
        reply = await read_reply(self._wire)
        greeting = Greeting(code=reply.code, text=reply.text, protocol="smtp")
        self._greeting = reply.text
        if reply.code == _READY:
            return greeting
        raise _refused(reply, _greeting_code(reply.code), greeting)

    async def ask(self) -> Offer:
        """The extensions that EHLO lists; none, with the verb HELO, where only that is known."""
        reply = await self._command(f"EHLO {self._name}")
        if reply.code == _DONE:
            self._insist_on_silence()
            return _offer(reply)
        if reply.code in _UNKNOWN_COMMAND:
            return await self._hello(reply)
        raise _refused(reply, Code.EHLO_REJECTED)

    async def _hello(self, refusal: Reply) -> Offer:
        """RFC 5321 section 3.2: a client that was refused EHLO tries HELO."""
        try:
            reply = await self._command(f"HELO {self._name}")
        except ClosedError as error:
            raise _refused(refusal, Code.EHLO_REJECTED) from error
        if reply.code == _DONE:
            return Offer(extensions=(), verb="HELO", refused=shortened(refusal.said))
        if is_ftp(self._greeting, (refusal, reply)):
            greeting = Greeting(code=_READY, text=self._greeting, protocol="ftp")
            raise _refused(refusal, Code.GREETING_NOT_SMTP, greeting)
        raise _refused(refusal, Code.EHLO_REJECTED)

    async def start_tls(self) -> StartTls:
        """The server's 220. StageError if it refuses or has put more behind its reply."""
        reply = await self._command("STARTTLS")
        if reply.code != _READY:
            raise _refused(reply, Code.STARTTLS_REFUSED)
        injected = self._wire.waiting
        if injected:  # these bytes would be taken for encrypted ones (CVE-2011-0411)
            said = f"{shortened(reply.said)}, and unencrypted behind it: {quoted(injected)}"
            raise StageError(Fault(code=Code.STARTTLS_INJECTED, said=said))
        return StartTls(text=reply.text)

    def may_start_tls(self, offer: Offer) -> bool:
        """Whether STARTTLS is among the extensions."""
        return offer.names("STARTTLS")

    def mechanisms(self, offer: Offer) -> tuple[str, ...]:
        """The parameters of AUTH (RFC 4954 section 3)."""
        listed = " ".join(words for name, words in offer.extensions if name == "AUTH")
        return tuple(dict.fromkeys(listed.upper().split()))

    async def _command(self, command: str) -> Reply:
        self._insist_on_silence()
        await self._wire.send(f"{command}\r\n".encode("ascii"))
        return await read_reply(self._wire)

    def _insist_on_silence(self) -> None:
        """Nothing may come unasked: every later reply would be taken for the one before it."""
        if self._wire.waiting:
            raise MalformedError("more than one reply came", self._wire.waiting)


def _offer(reply: Reply) -> Offer:
    """Reads an EHLO reply; AUTH holds the mechanisms of all its lines, `AUTH=` included."""
    parsed, mechanisms = parse_esmtp_extensions(reply.text)
    if mechanisms:
        parsed["auth"] = " ".join(dict.fromkeys(mechanisms)).upper()
    extensions = tuple((keyword.upper(), words) for keyword, words in parsed.items())
    return Offer(extensions=extensions)


def _greeting_code(code: int) -> Code:
    if code in _FOR_NOW:  # 421, and whatever else is to be tried again (RFC 5321 section 4.2.1)
        return Code.GREETING_BUSY
    return Code.GREETING_REJECTED if code in _REFUSALS else Code.GREETING_MALFORMED


def _refused(reply: Reply, code: Code, finding: Finding | None = None) -> StageError:
    """The failure that `reply` means; a reply that is no refusal is out of place."""
    if reply.code not in _REFUSALS and finding is None:
        code = Code.SESSION_MALFORMED
    elif reply.code in _REFUSALS and _CERTIFICATE_WANTED.search(reply.text):
        code = Code.TLS_CLIENT_CERTIFICATE_REQUIRED
    return StageError(Fault(code=code, said=shortened(reply.said), finding=finding))
