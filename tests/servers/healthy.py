"""A real mail server on loopback: aiosmtpd, as a second opinion to our own scripts."""

import asyncio
import ssl
from types import TracebackType
from typing import Self

from aiosmtpd.smtp import SMTP, AuthResult

__all__ = ["HealthyServer"]


class _NoMail:
    """Takes no mail; nobody sends any."""


class HealthyServer:
    """aiosmtpd with STARTTLS (or TLS from the start) and AUTH; an asynchronous context manager."""

    def __init__(self, context: ssl.SSLContext, *, is_implicit: bool = False) -> None:
        self._context = context
        self._is_implicit = is_implicit
        self.port = 0

    async def __aenter__(self) -> Self:
        server = await asyncio.get_running_loop().create_server(
            self._session, "127.0.0.1", 0, ssl=self._context if self._is_implicit else None
        )
        self._server = server
        self.port = server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.close()
        await self._server.wait_closed()

    def _session(self) -> SMTP:
        return SMTP(
            _NoMail(),
            hostname="mail.example.test",
            tls_context=None if self._is_implicit else self._context,
            authenticator=lambda *_: AuthResult(success=False),
            auth_require_tls=not self._is_implicit,
        )
