"""What can be met behind a port of the lab, by name."""

import ssl
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from servers import scripts
from servers.faultserver import Close, Connection, Expect, Hold, Reset, Send, StartTls, Step
from servers.pki import Wish, self_signed

from lab.tools import feed

__all__ = ["SERVICES"]

Service = Callable[[ssl.SSLContext], Sequence[Step]]

_GO_AHEAD = Send(b"220 2.0.0 go ahead\r\n")


@dataclass(frozen=True, slots=True)
class Vanish:
    """From here on no packet of this connection arrives any more, in either direction."""

    def __call__(self, connection: Connection) -> None:
        """Pulls the plug."""
        port = connection.socket.getpeername()[1]  # the client's, which nobody else has
        ends = ("sport", "dport")
        feed("nft", "-f", "-", lines=(f"add rule inet lab input tcp {e} {port} drop" for e in ends))


def _relay(context: ssl.SSLContext) -> Sequence[Step]:
    return scripts.smtp_starttls(context, after=("SIZE 1000000",))


def _imap_tls(context: ssl.SSLContext) -> Sequence[Step]:
    return (
        StartTls(context),
        Send(b"* OK mail ready\r\n"),
        Expect("a CAPABILITY"),
        Send(b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\na OK done\r\n"),
        Expect("a LOGOUT"),
    )


def _pop3_tls(context: ssl.SSLContext) -> Sequence[Step]:
    return (
        StartTls(context),
        Send(b"+OK mail ready\r\n"),
        Expect("CAPA"),
        Send(b"+OK\r\nSASL PLAIN\r\nUSER\r\n.\r\n"),
        Expect("QUIT"),
    )


def _by(wish: Wish, service: Service) -> Service:
    """The service with a certificate of its own, which nobody vouches for."""

    def script(_: ssl.SSLContext) -> Sequence[Step]:
        with tempfile.TemporaryDirectory() as folder:
            return service(self_signed(wish).context(Path(folder)))

    return script


def _any_line(connection: Connection) -> None:
    """Waits for the first bytes, whatever they are."""
    connection.socket.recv(4096)


def _helo(_: ssl.SSLContext) -> Sequence[Step]:
    unknown = Send(b"502 5.5.1 unknown command\r\n")
    return (*_GREETED, unknown, Expect("HELO"), Send(b"250 hello\r\n"), Expect("QUIT"))


def _vanishing(*talk: Step) -> Callable[[ssl.SSLContext], Sequence[Step]]:
    return lambda _: (*talk, Vanish(), Hold())


_GREETED = (Send(scripts.BANNER), Expect("EHLO"))
_OFFERED = (*_GREETED, scripts.ehlo_reply("STARTTLS"), Expect("STARTTLS"))

SERVICES: dict[str, Service] = {
    "starttls": scripts.smtp_starttls,
    "tls": scripts.smtp_tls,
    "plain": lambda _: scripts.smtp_plain(scripts.AUTH),
    "relay": _relay,
    "imap": scripts.imap_starttls,
    "imap-tls": _imap_tls,
    "pop3": scripts.pop3_starttls,
    "pop3-tls": _pop3_tls,
    "bare": lambda _: scripts.smtp_plain(),
    "helo": _helo,
    "masked": lambda _: scripts.smtp_plain("PIPELINING", "XXXXXXXA"),
    "silent": lambda _: scripts.SILENT,
    "http": lambda _: scripts.HTTP,
    "hangs-up": lambda _: (_any_line, Close()),
    "resets": lambda _: (_any_line, Reset()),
    "refuses-tls": lambda _: (*_OFFERED, Send(b"454 4.7.0 not now\r\n"), Hold()),
    "self-signed": _by(Wish(), scripts.smtp_starttls),
    "self-signed-tls": _by(Wish(), scripts.smtp_tls),
    "self-signed-relay": _by(Wish(), _relay),
    "vanishes-at-once": _vanishing(),
    "vanishes-in-ehlo": _vanishing(*_GREETED),
    "vanishes-in-starttls": _vanishing(*_OFFERED),
    "vanishes-in-tls": _vanishing(*_OFFERED, _GO_AHEAD),
    "vanishes-within-tls": lambda context: (
        *_OFFERED,
        _GO_AHEAD,
        StartTls(context),
        Vanish(),
        Hold(),
    ),
}
