"""Ready-made scripts for the fault server: healthy servers, and some that are something else."""

import ssl

from servers.faultserver import Expect, Hold, Send, StartTls, Step

__all__ = [
    "BANNER",
    "HTTP",
    "IMAP",
    "POP3",
    "SILENT",
    "SSH",
    "ehlo_reply",
    "imap_starttls",
    "pop3_starttls",
    "smtp_plain",
    "smtp_starttls",
    "smtp_tls",
]

BANNER = b"220 mail.example.test ESMTP ready\r\n"
AUTH = "AUTH PLAIN LOGIN"

SILENT: tuple[Step, ...] = (Hold(),)
HTTP: tuple[Step, ...] = (Send(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"),)
SSH: tuple[Step, ...] = (Send(b"SSH-2.0-OpenSSH_9.2\r\n"), Hold())
IMAP: tuple[Step, ...] = (Send(b"* OK IMAP4rev1 ready\r\n"), Hold())
POP3: tuple[Step, ...] = (Send(b"+OK POP3 ready\r\n"), Hold())


def ehlo_reply(*extensions: str) -> Send:
    """A reply to EHLO that lists `extensions`."""
    lines = ["mail.example.test", *extensions]
    text = "".join(f"250-{line}\r\n" for line in lines[:-1]) + f"250 {lines[-1]}\r\n"
    return Send(text.encode("ascii"))


def smtp_starttls(
    context: ssl.SSLContext,
    *,
    before: tuple[str, ...] = ("SIZE 1000000",),
    after: tuple[str, ...] = (AUTH,),
) -> tuple[Step, ...]:
    """A submission server as it should be; `before` and `after` TLS it offers these."""
    return (
        Send(BANNER),
        Expect("EHLO"),
        ehlo_reply("STARTTLS", *before),
        Expect("STARTTLS"),
        Send(b"220 2.0.0 go ahead\r\n"),
        StartTls(context),
        Expect("EHLO"),
        ehlo_reply(*after),
        Expect("QUIT"),
        Send(b"221 bye\r\n"),
    )


def smtp_tls(context: ssl.SSLContext, *extensions: str) -> tuple[Step, ...]:
    """A server that encrypts from the start."""
    return (
        StartTls(context),
        Send(BANNER),
        Expect("EHLO"),
        ehlo_reply(*(extensions or (AUTH,))),
        Expect("QUIT"),
        Send(b"221 bye\r\n"),
    )


def smtp_plain(*extensions: str) -> tuple[Step, ...]:
    """A server that never encrypts."""
    return (
        Send(BANNER),
        Expect("EHLO"),
        ehlo_reply(*extensions),
        Expect("QUIT"),
        Send(b"221 bye\r\n"),
    )


def imap_starttls(context: ssl.SSLContext) -> tuple[Step, ...]:
    """An IMAP server as it should be on port 143."""
    return (
        Send(b"* OK mail.example.test ready\r\n"),
        Expect("a CAPABILITY"),
        Send(b"* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\r\na OK done\r\n"),
        Expect("a STARTTLS"),
        Send(b"a OK begin\r\n"),
        StartTls(context),
        Expect("a CAPABILITY"),
        Send(b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\na OK done\r\n"),
        Expect("a LOGOUT"),
    )


def pop3_starttls(context: ssl.SSLContext) -> tuple[Step, ...]:
    """A POP3 server as it should be on port 110."""
    return (
        Send(b"+OK mail.example.test ready\r\n"),
        Expect("CAPA"),
        Send(b"+OK\r\nSTLS\r\nUSER\r\n.\r\n"),
        Expect("STLS"),
        Send(b"+OK begin\r\n"),
        StartTls(context),
        Expect("CAPA"),
        Send(b"+OK\r\nSASL PLAIN\r\nUSER\r\n.\r\n"),
        Expect("QUIT"),
    )
