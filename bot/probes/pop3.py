"""POP3 as far as it goes without signing in: greeting, CAPA, STLS (RFC 1939, RFC 2449, RFC 2595).

```
S: +OK mail.example.com ready
C: CAPA
S: +OK
S: SASL PLAIN LOGIN
S: STLS
S: .
```
"""

from bot.model.codes import Code
from bot.model.evidence import Greeting, Offer, StartTls
from bot.probes.faults import Fault, StageError, quoted, shortened
from bot.probes.greetings import expect_protocol
from bot.probes.replies import MAX_LINES
from bot.probes.wire import MalformedError, Wire, text_of

__all__ = ["Pop3"]

_OK, _ERR = "+OK", "-ERR"


class Pop3:
    """The POP3 side of one connection."""

    farewell = b"QUIT\r\n"

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def greet(self) -> Greeting:
        """`+OK`; StageError for `-ERR`, which refuses."""
        await expect_protocol(self._wire, "pop3")
        text = text_of(await self._wire.line())
        greeting = Greeting(code=None, text=text, protocol="pop3")
        if text.startswith(_ERR):
            fault = Fault(code=Code.GREETING_REJECTED, said=shortened(text), finding=greeting)
            raise StageError(fault)
        return greeting

    async def ask(self) -> Offer:
        """What `CAPA` lists; nothing, with the verb USER, from a server that does not know it."""
        status = await self._command("CAPA")
        if not status.startswith(_OK):
            return Offer(extensions=(), verb="USER")
        listed: dict[str, str] = {}
        while len(listed) <= MAX_LINES:
            line = text_of(await self._wire.line())
            if line == ".":
                return Offer(extensions=tuple(listed.items()), verb="CAPA")
            keyword, _, words = line.upper().partition(" ")
            listed[keyword] = words
        raise MalformedError(f"an answer of more than {MAX_LINES} lines")

    async def start_tls(self) -> StartTls:
        """The server's `+OK`. StageError if it refuses or has put more behind its answer."""
        status = await self._command("STLS")
        if not status.startswith(_OK):
            raise StageError(Fault(code=Code.STARTTLS_REFUSED, said=shortened(status)))
        if self._wire.waiting:
            said = f"{shortened(status)}, and unencrypted behind it: {quoted(self._wire.waiting)}"
            raise StageError(Fault(code=Code.STARTTLS_INJECTED, said=said))
        return StartTls(text=status)

    def may_start_tls(self, offer: Offer) -> bool:
        """Whether STLS is among the capabilities (RFC 2595 section 4)."""
        return offer.names("STLS")

    def mechanisms(self, offer: Offer) -> tuple[str, ...]:
        """The SASL mechanisms, and USER for the command; a server without CAPA has that alone."""
        if offer.verb == "USER":
            return ("USER",)
        listed = " ".join(words for name, words in offer.extensions if name == "SASL").split()
        command = ["USER"] if offer.names("USER") else []
        return tuple(dict.fromkeys(listed + command))

    async def _command(self, command: str) -> str:
        await self._wire.send(f"{command}\r\n".encode("ascii"))
        raw = await self._wire.line()
        status = text_of(raw)
        if not status.startswith((_OK, _ERR)):
            raise MalformedError("not an answer of POP3", raw)
        return status
