"""Plays what README shows: real commands against real servers on this machine.

Run it as `make demo`. It moves into a network namespace of its own, where it may use the mail
ports, starts a name server and mail servers on loopback, and prints each command with its output.
"""

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from ssl import SSLContext

from demo_slack import play_slack
from servers import scripts
from servers.dnsserver import DnsServer
from servers.faultserver import FaultServer
from servers.loopback import raise_loopback
from servers.pki import Authority, Identity, Wish

NAMES = {
    "mail.example.com": {"A": ["127.0.0.1"]},
    "smtp.example.com": {"A": ["127.0.0.2"]},
    "old.example.com": {"A": ["127.0.0.3"]},
    "smtp.gmail.com": {"A": ["127.0.0.4"]},
}
TALK = """\
can't send email, Outlook says 0x800CCC0E, smtp.example.com port 25
1
2
quit
"""
PARSED = '{"id": 1, "text": "outlook wont send!! 0x800CCC0E smtp.example.com:465 pls help"}\n'
TARGETS = "mail.example.com:465 tls\n10.0.0.1\n"
COMMANDS = (
    ("mailmedic check mail.example.com:465 --security starttls", ""),
    ("mailmedic check smtp.gmial.com:587", ""),
    ("mailmedic check old.example.com:587 --json", ""),
    ("mailmedic check -", TARGETS),
    ("mailmedic parse --json", PARSED),
    ("mailmedic chat", TALK),
    ("mailmedic chat --json", '{"say": "my mail does not go out"}\n'),
    ("mailmedic history search outlook", ""),
    ("mailmedic history show 1", ""),
    ("mailmedic history stats", ""),
    ("mailmedic knowledge check", ""),
    ("mailmedic start", "quit\n"),
    ("mailmedic serve", ""),
)


def main() -> None:
    """Plays everything; with the word `inside` it is in its namespace already."""
    if sys.argv[1:] != ["inside"]:
        again = [sys.executable, __file__, "inside"]
        unshare = shutil.which("unshare") or sys.exit("The demo needs unshare (util-linux).")
        sys.exit(subprocess.run([unshare, "-Urn", *again], check=False).returncode)
    raise_loopback()
    with tempfile.TemporaryDirectory() as home, ExitStack() as running:
        environment = _start(Path(home), running)
        for command, typed in COMMANDS:
            _play(command, typed, environment)
        play_slack(environment)


def _start(home: Path, running: ExitStack) -> dict[str, str]:
    """Starts the servers; returns the environment in which the commands find them."""
    authority = Authority.root("Example Trust")
    good = authority.leaf(Wish(names=("mail.example.com", "smtp.example.com", "smtp.gmail.com")))
    old = authority.leaf(Wish(names=("old.example.com",), end=-timedelta(days=12)))
    for host, port, script in (
        ("127.0.0.1", 465, scripts.smtp_tls(_context(good, home / "good"))),
        ("127.0.0.2", 25, scripts.SILENT),
        ("127.0.0.2", 587, scripts.smtp_starttls(_context(good, home / "good"))),
        ("127.0.0.3", 587, scripts.smtp_starttls(_context(old, home / "old"))),
        ("127.0.0.4", 587, scripts.smtp_starttls(_context(good, home / "good"))),
    ):
        running.enter_context(FaultServer(script, host=host, port=port))
    names = running.enter_context(DnsServer(NAMES))
    return {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(home),
        "MAILMEDIC_DB": str(home / "cases.db"),
        "MAILMEDIC_ALLOW_NETS": "127.0.0.0/8",
        "MAILMEDIC_DNS": f"127.0.0.1:{names.port}",
        "MAILMEDIC_CA_FILE": str(authority.file(home)),
    }


def _context(identity: Identity, folder: Path) -> SSLContext:
    folder.mkdir(exist_ok=True)
    return identity.context(folder)


def _play(command: str, typed: str, environment: dict[str, str]) -> None:
    given = f" <<'.'\n{typed}." if typed else ""
    sys.stdout.write(f"$ {command}{given}\n")
    done = subprocess.run(
        shlex.split(command),
        input=typed,
        capture_output=True,
        text=True,
        env=environment,
        cwd=environment["HOME"],
        check=False,
    )
    sys.stdout.write(f"{done.stdout}{done.stderr}(exit {done.returncode})\n\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
