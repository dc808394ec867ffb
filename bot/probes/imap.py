"""IMAP as far as it goes without signing in: greeting, CAPABILITY, STARTTLS (RFC 9051).

```
S: * OK mail.example.com ready
C: a CAPABILITY
S: * CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED
S: a OK done
```
"""

from bot.model.codes import Code
from bot.model.evidence import Greeting, Offer, StartTls
from bot.probes.faults import Fault, StageError, quoted, shortened
from bot.probes.greetings import expect_protocol
from bot.probes.replies import MAX_LINES
from bot.probes.wire import MalformedError, Wire, text_of

__all__ = ["Imap"]

_TAG = "a"


class Imap:
    """The IMAP side of one connection."""

    farewell = f"{_TAG} LOGOUT\r\n".encode("ascii")

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def greet(self) -> Greeting:
        """`* OK` or `* PREAUTH`; StageError for `* BYE`, which refuses."""
        await expect_protocol(self._wire, "imap")
        text = text_of(await self._wire.line())
        greeting = Greeting(code=None, text=text.removeprefix("* "), protocol="imap")
        if greeting.text.upper().startswith("BYE"):
            fault = Fault(code=Code.GREETING_REJECTED, said=shortened(text), finding=greeting)
            raise StageError(fault)
        return greeting

    async def ask(self) -> Offer:
        """What `CAPABILITY` lists; one entry for each way to sign in: `AUTH=PLAIN`."""
        untagged, status = await self._command("CAPABILITY")
        if not status.upper().startswith("OK"):
            raise StageError(Fault(code=Code.EHLO_REJECTED, said=shortened(status)))
        words = " ".join(line for line in untagged if line.upper().startswith("CAPABILITY "))
        listed = dict.fromkeys(word for word in words.upper().split() if word != "CAPABILITY")
        return Offer(extensions=tuple((word, "") for word in listed), verb="CAPABILITY")

    async def start_tls(self) -> StartTls:
        """The server's OK. StageError if it refuses or has put more behind its answer."""
        _, status = await self._command("STARTTLS")
        if not status.upper().startswith("OK"):
            raise StageError(Fault(code=Code.STARTTLS_REFUSED, said=shortened(status)))
        if self._wire.waiting:
            said = f"{shortened(status)}, and unencrypted behind it: {quoted(self._wire.waiting)}"
            raise StageError(Fault(code=Code.STARTTLS_INJECTED, said=said))
        return StartTls(text=status)

    def may_start_tls(self, offer: Offer) -> bool:
        """Whether STARTTLS is among the capabilities."""
        return offer.names("STARTTLS")

    def mechanisms(self, offer: Offer) -> tuple[str, ...]:
        """The SASL mechanisms, and LOGIN for the command unless LOGINDISABLED (section 6.2.3)."""
        names = [name for name, _ in offer.extensions]
        listed = [name.removeprefix("AUTH=") for name in names if name.startswith("AUTH=")]
        command = [] if "LOGINDISABLED" in names else ["LOGIN"]
        return tuple(dict.fromkeys(listed + command))

    async def _command(self, command: str) -> tuple[list[str], str]:
        """The untagged answers without their star, and the status behind our tag."""
        await self._wire.send(f"{_TAG} {command}\r\n".encode("ascii"))
        untagged: list[str] = []
        while len(untagged) <= MAX_LINES:
            raw = await self._wire.line()
            mark, _, rest = text_of(raw).partition(" ")
            if mark == _TAG:
                return untagged, rest
            if mark != "*":
                raise MalformedError("not an answer of IMAP", raw)
            untagged.append(rest)
        raise MalformedError(f"an answer of more than {MAX_LINES} lines")
