"""A healthy mail server and its name server, as a program: what the speed benchmarks look at.

`python mail_servers.py FOLDER HOST 587 465 53` listens on HOST at these ports (0: a free one),
keeps its authority's certificate in FOLDER, and says as one line of JSON where all that is. It
ends with SIGTERM.
"""

import json
import signal
import socket
import ssl
import sys
from pathlib import Path

from servers import scripts
from servers.dnsserver import DnsServer
from servers.faultserver import Connection, FaultServer
from servers.pki import Authority, Wish

NAMES = 2_000  # of one server, since a check of the same name soon after costs nothing


def name(number: int) -> str:
    """One of the server's names."""
    return f"mail{number}.example.test"


def speak_at_once(connection: Connection) -> None:
    """Switches Nagle's algorithm off, as asyncio, Go, Exim and Dovecot do."""
    connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def hang_up(connection: Connection) -> None:
    """Ends TLS before the connection, as servers should."""
    if isinstance(connection.socket, ssl.SSLSocket):
        connection.socket.unwrap()


def main(folder: Path, host: str, submission: int, tls: int, dns: int) -> None:
    """Serves until the end."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    root = Authority.root("Example Trust")
    identity = root.intermediate("Example Trust").leaf(Wish(names=("*.example.test",)))
    context = identity.context(folder)
    by_starttls = (speak_at_once, *scripts.smtp_starttls(context), hang_up)
    by_tls = (speak_at_once, *scripts.smtp_tls(context), hang_up)
    zone = {name(number): {"A": [host]} for number in range(NAMES)}
    with (
        FaultServer(by_starttls, host=host, port=submission) as for_submission,
        FaultServer(by_tls, host=host, port=tls) as for_tls,
        DnsServer(zone, host=host, port=dns) as names,
    ):
        ready = {
            "starttls": for_submission.port,
            "tls": for_tls.port,
            "dns": names.port,
            "ca_file": str(root.file(folder)),
        }
        print(json.dumps(ready), flush=True)
        signal.pause()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], *(int(port) for port in sys.argv[3:6]))
