"""The TLS handshake, made without verification so that every fault of a certificate can be read.

Offered is what a mail program of today offers: TLS 1.2 and 1.3 with the default ciphers. Whether
the certificate can be trusted is `certificate`'s to find out, afterwards and all at once.
"""

import ssl

from bot.model.codes import Code
from bot.model.evidence import TlsSession
from bot.probes.dns import is_literal
from bot.probes.faults import Fault, StageError
from bot.probes.wire import Wire

__all__ = ["encrypt", "handshake_context"]


def handshake_context() -> ssl.SSLContext:
    """A context that reads any certificate and trusts none; building one takes milliseconds."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


async def encrypt(wire: Wire, context: ssl.SSLContext, host: str) -> TlsSession:
    """Makes the handshake on `wire` and returns what was agreed.

    SNI is sent for names only (RFC 6066 section 3). Raises what `faults` can map.
    """
    try:
        await wire.start_tls(context, None if is_literal(host) else host)
    except ssl.SSLError as error:
        if _misses_client_certificate(wire, error):
            said = "the server broke the handshake off when no client certificate was shown"
            fault = Fault(code=Code.TLS_CLIENT_CERTIFICATE_REQUIRED, said=said)
            raise StageError(fault) from error
        raise
    return _agreed(wire)


def _agreed(wire: Wire) -> TlsSession:
    tls = wire.tls
    cipher = tls.cipher() if tls else None
    version = tls.version() if tls else None
    return TlsSession(version=version or "", cipher=cipher[0] if cipher else "")


def _misses_client_certificate(wire: Wire, error: ssl.SSLError) -> bool:
    """TLS 1.2 has no alert of its own for it (RFC 5246 section 7.4.6 says handshake_failure).

    The same alert right after our ClientHello means that no cipher was shared; once the server has
    chosen one and shown its own certificate, what is left to fail is ours.
    """
    if error.reason not in {"SSLV3_ALERT_HANDSHAKE_FAILURE", "SSL/TLS_ALERT_HANDSHAKE_FAILURE"}:
        return False
    return wire.tls is not None and wire.tls.cipher() is not None
