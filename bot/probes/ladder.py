"""Climbs the stages of one connection, one after the other.

```
plain or STARTTLS   tcp  greeting  ehlo  starttls  tls  certificate  auth
TLS from the start  tcp  tls  certificate  greeting  ehlo  auth
```
A stage that fails ends the climb, except where the next ones can still tell something: a faulty
certificate hides nothing, and without STARTTLS the sign-in offer can be read all the same.
"""

import ssl
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.model.codes import CERTIFICATE_CODES, Code
from bot.model.evidence import (
    Attempt,
    Certificate,
    Connected,
    Greeting,
    Offer,
    SignInOffer,
    Stage,
    StartTls,
)
from bot.model.target import Protocol, Security
from bot.probes.certificate import WARNINGS, UnreadableError, inspect, sent_chain
from bot.probes.connect import connect_wait, open_connection
from bot.probes.dialect import Dialect
from bot.probes.faults import Fault, StageError, shortened
from bot.probes.greetings import greet_within_tls
from bot.probes.imap import Imap
from bot.probes.pop3 import Pop3
from bot.probes.signin import expect_usable
from bot.probes.smtp import Smtp
from bot.probes.stages import Stages
from bot.probes.tls import encrypt
from bot.probes.trust import TrustStore
from bot.probes.wire import Wire

__all__ = ["Equipment", "Ladder"]

# After these the server still listens, and a farewell is due; otherwise the talk has broken down.
_ON_SPEAKING_TERMS = CERTIFICATE_CODES | {
    Code.GREETING_BUSY,
    Code.GREETING_REJECTED,
    Code.EHLO_REJECTED,
    Code.STARTTLS_NOT_OFFERED,
    Code.STARTTLS_REFUSED,
    Code.AUTH_NOT_OFFERED,
    Code.AUTH_OAUTH_ONLY,
    Code.AUTH_UNSUPPORTED_MECHANISMS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Equipment:
    """What all connections share; building it takes longer than a check."""

    context: ssl.SSLContext
    trust: TrustStore
    ehlo_name: str


class Ladder:
    """One attempt at `host`; `climb` once."""

    def __init__(
        self,
        host: str,
        attempt: Attempt,
        equipment: Equipment,
        deadline: timedelta,
        stages: Stages,
    ) -> None:
        self._host = host
        self._attempt = attempt
        self._equipment = equipment
        self._wait = connect_wait(deadline)
        self._stages = stages
        self._before: tuple[str, ...] = ()  # mechanisms, as first read

    async def climb(self) -> None:
        """Runs all stages and closes the connection on every path; what did not run is skipped."""
        wire: Wire | None = None

        async def connecting() -> Connected:
            nonlocal wire
            wire = Wire(await open_connection(self._attempt.address, self._attempt.port))
            return Connected()

        try:
            connected = await self._stages.run(Stage.TCP, connecting(), wait=self._wait)
            if connected is not None and wire is not None:
                connection = wire
                self._stages.unfinished = lambda: connection.unfinished
                await self._talk(wire, self._dialect(wire))
        finally:
            if wire is not None:
                wire.close()
        failed = self._stages.failed
        self._stages.skip_rest(f"{failed.stage} failed" if failed else "nothing was left to see")

    def _dialect(self, wire: Wire) -> Dialect:
        match self._attempt.protocol:
            case Protocol.SMTP:
                return Smtp(wire, self._equipment.ehlo_name or _address_literal(wire))
            case Protocol.IMAP:
                return Imap(wire)
            case Protocol.POP3:
                return Pop3(wire)

    async def _talk(self, wire: Wire, dialect: Dialect) -> None:
        await self._converse(wire, dialect)
        failed = self._stages.failed
        if failed is None or failed.code in _ON_SPEAKING_TERMS:
            await wire.say_goodbye(dialect.farewell)  # RFC 5321 section 4.1.1.10

    async def _converse(self, wire: Wire, dialect: Dialect) -> None:
        is_implicit = self._attempt.security is Security.TLS
        if is_implicit:
            self._stages.skip(Stage.STARTTLS, because="encrypted from the start")
            if not await self._encrypt(wire):
                return
        if await self._stages.run(Stage.GREETING, self._greeting(wire, dialect)) is None:
            return
        offer = await self._stages.run(Stage.EHLO, dialect.ask())
        if offer is None:
            return
        self._before = dialect.mechanisms(offer)
        if is_implicit:
            await self._stages.run(Stage.AUTH, self._offer_within_tls())
        elif self._attempt.security is Security.NONE:
            because = "no encryption was asked for"
            self._stages.skip(Stage.STARTTLS, Stage.TLS, Stage.CERTIFICATE, because=because)
            await self._stages.run(Stage.AUTH, self._offer_in_the_clear())
        else:
            await self._upgrade(wire, dialect, offer)

    def _greeting(self, wire: Wire, dialect: Dialect) -> Coroutine[None, None, Greeting]:
        if self._attempt.security is not Security.TLS:
            return dialect.greet()
        return greet_within_tls(wire, dialect, self._attempt.protocol, self._stages.until)

    async def _upgrade(self, wire: Wire, dialect: Dialect, offer: Offer) -> None:
        if await self._stages.run(Stage.STARTTLS, _start_tls(dialect, offer)) is not None:
            if await self._encrypt(wire):
                await self._stages.run(Stage.AUTH, self._offer_after_tls(dialect))
            return
        self._stages.skip(Stage.TLS, Stage.CERTIFICATE, because="starttls failed")
        code = self._stages.failed and self._stages.failed.code
        # Refused today, TLS may bring a sign-in tomorrow: only what was read counts.
        if code is Code.STARTTLS_NOT_OFFERED or (code is Code.STARTTLS_REFUSED and self._before):
            await self._stages.run(Stage.AUTH, self._offer_in_the_clear())

    async def _encrypt(self, wire: Wire) -> bool:
        """Whether the connection is encrypted now, with whatever certificate."""
        handshake = encrypt(wire, self._equipment.context, self._host)
        if await self._stages.run(Stage.TLS, handshake) is None or wire.tls is None:
            return False
        try:
            await self._stages.run(Stage.CERTIFICATE, self._certificate(wire.tls))
        except UnreadableError as error:
            self._stages.skip(Stage.CERTIFICATE, because=str(error))
        return True

    async def _certificate(self, tls: ssl.SSLObject) -> Certificate:
        trust = self._equipment.trust
        found = inspect(sent_chain(tls), self._host, trust, datetime.now(UTC))
        for fault in found.faults:
            if fault.code not in WARNINGS:
                raise StageError(Fault(code=fault.code, said=fault.said, finding=found))
        return found

    async def _offer_in_the_clear(self) -> SignInOffer:
        return expect_usable(SignInOffer(before_tls=self._before, after_tls=(), encrypted=False))

    async def _offer_within_tls(self) -> SignInOffer:
        return expect_usable(SignInOffer(before_tls=(), after_tls=self._before, encrypted=True))

    async def _offer_after_tls(self, dialect: Dialect) -> SignInOffer:
        """RFC 3207 section 4.2: what was said before TLS is void, so it is asked again."""
        after = dialect.mechanisms(await dialect.ask())
        return expect_usable(SignInOffer(before_tls=self._before, after_tls=after, encrypted=True))


async def _start_tls(dialect: Dialect, offer: Offer) -> StartTls:
    if not dialect.may_start_tls(offer):
        listed = ", ".join(name for name, _ in offer.extensions) or "nothing"
        said = f"{offer.verb} lists {shortened(listed)}"
        raise StageError(Fault(code=Code.STARTTLS_NOT_OFFERED, said=said))
    return await dialect.start_tls()


def _address_literal(wire: Wire) -> str:
    """What EHLO says where this machine has no name (RFC 5321 section 4.1.3)."""
    address = wire.local_address
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"
