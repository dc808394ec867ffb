"""Many healthy mail servers that take their time to greet, as a program.

`python slow_servers.py FOLDER COUNT SLOWEST` listens at COUNT addresses of 127.1.0.0/16, each at
the same port; the first greets at once, the last after SLOWEST seconds, the others in between. It
says as one line of JSON where all that is, and ends with SIGTERM.
"""

import json
import signal
import sys
from contextlib import ExitStack
from pathlib import Path

from mail_servers import speak_at_once
from servers import scripts
from servers.faultserver import Connection, FaultServer, Step
from servers.pki import Authority, Wish


def address(number: int) -> str:
    """Where that server is."""
    return f"127.1.{number // 250}.{number % 250 + 1}"


def after(seconds: float) -> Step:
    """A step that waits."""

    def wait(connection: Connection) -> None:
        connection.stopped.wait(seconds)

    return wait


def main(folder: Path, count: int, slowest: float) -> None:
    """Serves until the end."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    addresses = [address(number) for number in range(count)]
    root = Authority.root("Example Trust")
    identity = root.intermediate("Example Trust").leaf(Wish(names=tuple(addresses)))
    healthy = scripts.smtp_starttls(identity.context(folder))
    with ExitStack() as running:
        port = 0
        for number, host in enumerate(addresses):
            pause = after(slowest * number / (count - 1))
            server = FaultServer((speak_at_once, pause, *healthy), host=host, port=port)
            port = running.enter_context(server).port
        ready = {"hosts": addresses, "port": port, "ca_file": str(root.file(folder))}
        print(json.dumps(ready), flush=True)
        signal.pause()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
