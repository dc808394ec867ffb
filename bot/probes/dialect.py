"""What the ladder needs from a protocol: SMTP, IMAP and POP3 climb the same stages."""

from typing import Protocol

from bot.model.evidence import Greeting, Offer, StartTls

__all__ = ["Dialect"]


class Dialect(Protocol):
    """One protocol on one connection.

    Every method raises what `faults` can map: StageError for a reply that refuses, WireError,
    ssl.SSLError and OSError for a connection that breaks.
    """

    async def greet(self) -> Greeting:
        """The greeting, once it has come; the server speaks first."""
        ...

    async def ask(self) -> Offer:
        """What the server offers right now; asked again once TLS is on."""
        ...

    async def start_tls(self) -> StartTls:
        """The server's consent to a TLS handshake, with nothing smuggled in behind it."""
        ...

    def may_start_tls(self, offer: Offer) -> bool:
        """Whether `offer` says that encryption can be asked for."""
        ...

    def mechanisms(self, offer: Offer) -> tuple[str, ...]:
        """The ways to sign in that `offer` lists, in upper case."""
        ...

    @property
    def farewell(self) -> bytes:
        """The command that ends the session."""
        ...
