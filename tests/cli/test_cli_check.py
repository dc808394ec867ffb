"""`mailmedic check` as other programs and people rely on it."""

import json
import subprocess
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from ssl import SSLContext

import pytest
from cli_process import Mailmedic
from servers.dnsserver import (
    NXDOMAIN,
    REFUSED,
    SERVFAIL,
    SILENCE,
    Outcome,
    Records,
    ServeZone,
)
from servers.faultserver import Send, ServeScript
from servers.pki import Authority, Wish
from servers.scripts import IMAP, SILENT, smtp_starttls, smtp_tls

KEYS = {
    "target",
    "verdict",
    "findings",
    "advice",
    "suggested",
    "settings",
    "stages",
    "elapsed_ms",
}
V4 = "127.0.0.1"


def test_healthy_server(
    mailmedic: Mailmedic, fault_server: ServeScript, good_context: SSLContext
) -> None:
    """A healthy server: exit 0, verdict ok, every stage with its time, nothing suggested."""
    server = fault_server(smtp_starttls(good_context))
    answer = mailmedic("check", f"{V4}:{server.port}", "--security", "starttls", "--json")
    found = answer.document

    assert answer.code == 0
    assert answer.err == ""
    assert set(found) == KEYS
    assert found["verdict"]["code"] == "ok"
    assert found["suggested"] is None
    assert {
        "host": V4,
        "port": server.port,
        "security": "starttls",
        "protocol": "smtp",
        "stated": f"{V4}:{server.port}",
    } == found["target"]
    names = [stage["name"] for stage in found["stages"] if stage["status"] == "ok"]
    assert names == [
        "dns",
        "tcp",
        "greeting",
        "ehlo",
        "starttls",
        "tls",
        "certificate",
        "auth",
    ]


def test_wrong_security_is_named_and_the_working_one_suggested(
    mailmedic: Mailmedic, fault_server: ServeScript, good_context: SSLContext
) -> None:
    """STARTTLS stated on a TLS port: exit 1, the cause, and what works."""
    server = fault_server(SILENT, smtp_tls(good_context))
    answer = mailmedic("check", V4, str(server.port), "--security", "starttls", "--json")
    found = answer.document

    assert answer.code == 1
    assert found["verdict"]["code"] == "settings.wrong_security"
    assert {"host": V4, "port": server.port, "security": "tls"} == found["suggested"]
    assert found["advice"]
    assert found["advice"][0]["steps"]


def test_unknown_port_in_automatic_mode_finds_tls(
    mailmedic: Mailmedic, fault_server: ServeScript, good_context: SSLContext
) -> None:
    """On a port without a meaning of its own, silence is answered with TLS, and that is ok."""
    server = fault_server(SILENT, smtp_tls(good_context))
    answer = mailmedic("check", f"{V4}:{server.port}", "--json")

    assert answer.code == 0
    assert answer.document["target"]["security"] == "tls"


def test_expired_certificate_for_another_name(
    mailmedic: Mailmedic, fault_server: ServeScript, ca: Authority, tmp_path: Path
) -> None:
    """Both faults of one certificate are findings, and the verdict says how long ago it expired."""
    identity = ca.leaf(Wish(names=("other.example.test",), end=-timedelta(days=10)))
    server = fault_server(smtp_starttls(identity.context(tmp_path)))
    found = mailmedic("check", f"{V4}:{server.port}", "--json").document

    assert found["verdict"]["code"] == "cert.expired"
    assert {"cert.expired", "cert.name_mismatch"} <= {one["code"] for one in found["findings"]}


def test_fetching_server_on_the_port(mailmedic: Mailmedic, fault_server: ServeScript) -> None:
    """IMAP on a port given for sending is incoming for outgoing, with not_smtp among the facts."""
    server = fault_server(IMAP)
    found = mailmedic("check", f"{V4}:{server.port}", "--json").document

    assert found["verdict"]["code"] == "settings.incoming_for_outgoing"
    assert "greeting.not_smtp" in {one["code"] for one in found["findings"]}


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        (NXDOMAIN, "dns.nxdomain"),
        (SERVFAIL, "dns.servfail"),
        (REFUSED, "dns.servfail"),
        ({"A": []}, "dns.no_address"),
        (SILENCE, "dns.timeout"),
    ],
)
def test_names_that_fail_are_told_apart(
    mailmedic: Mailmedic, zone: ServeZone, entry: Mapping[str, Records] | Outcome, code: str
) -> None:
    """Each way in which a look-up fails is its own code, with exit 1."""
    server = zone({"smtp.example.test": entry})
    mailmedic.settings["MAILMEDIC_DNS"] = f"{V4}:{server.port}"
    answer = mailmedic("check", "smtp.example.test:587", "--json")

    assert answer.code == 1
    assert code == answer.document["verdict"]["code"]


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("10.0.0.1:587", "policy.address_not_allowed"),
        ("169.254.169.254:587", "policy.address_not_allowed"),
        ("[::ffff:10.0.0.1]:587", "policy.address_not_allowed"),
        ("127.0.0.1:22", "policy.port_not_allowed"),
        ("127.0.0.1:70000", "policy.port_not_allowed"),
        ("127.1:587", "dns.invalid_name"),
        ("2130706433", "dns.invalid_name"),
        ("0x7f.1", "dns.invalid_name"),
        ("https://example.test/path", "dns.invalid_name"),
        ("user:pass@example.test:587", "dns.invalid_name"),
        ("smtp example test now", "dns.invalid_name"),
        ("-bad-.example.test", "dns.invalid_name"),
        ("📮📮📮", "dns.invalid_name"),
        ("", "dns.invalid_name"),
    ],
)
def test_targets_that_are_refused(mailmedic: Mailmedic, target: str, code: str) -> None:
    """What may not or cannot be looked at: exit 2, one clear line, and a document with --json."""
    shown = mailmedic("check", "--", target)
    answer = mailmedic("check", "--json", "--", target)

    assert (shown.code, answer.code) == (2, 2)
    assert len(shown.err.strip().splitlines()) == 1
    assert "Traceback" not in shown.err + answer.err
    assert code == answer.document["verdict"]["code"]
    assert set(answer.document) == KEYS


def test_name_that_leads_to_a_private_address_is_not_dialled(
    mailmedic: Mailmedic, zone: ServeZone
) -> None:
    """One private address among the answers refuses the whole check."""
    server = zone({"smtp.example.test": {"A": [V4, "10.0.0.1"]}})
    mailmedic.settings["MAILMEDIC_DNS"] = f"{V4}:{server.port}"
    answer = mailmedic("check", "smtp.example.test:587", "--json")

    assert answer.code == 2
    assert answer.document["verdict"]["code"] == "policy.address_not_allowed"
    assert "tcp" not in {stage["name"] for stage in answer.document["stages"]}


def test_many_targets_in_the_order_of_the_input(
    mailmedic: Mailmedic, fault_server: ServeScript, good_context: SSLContext
) -> None:
    """`check -` answers line for line, refusals too; the exit code is the highest."""
    server = fault_server(smtp_starttls(good_context))
    good = f"{V4}:{server.port} starttls"
    answer = mailmedic(
        "check",
        "-",
        typed=f"10.0.0.1\n\n{good}\n".encode()
        + f"\udcff\udcfe\n{good}\n".encode(errors="surrogateescape"),
    )

    codes = [found["verdict"]["code"] for found in answer.documents]
    assert answer.code == 2
    assert codes == ["policy.address_not_allowed", "ok", "dns.invalid_name", "ok"]


def test_a_word_that_is_no_encryption_is_named(mailmedic: Mailmedic) -> None:
    """The port is a mail port and the host a host: the refusal speaks of the word alone."""
    answer = mailmedic("check", "-", typed="mail.example.test:587 bogus\n")
    (found,) = answer.documents

    assert answer.code == 2
    assert found["verdict"]["code"] == "dns.invalid_name"
    assert found["verdict"]["summary"].startswith('"bogus" is no kind of encryption')


@pytest.mark.parametrize("target", ["-bad-.example.com:587", "-host.example", "--x.example:25"])
def test_a_target_may_begin_with_a_hyphen(mailmedic: Mailmedic, target: str) -> None:
    """It is no name of a server, and no option either: it has its document."""
    answer = mailmedic("check", target, "--json")

    assert answer.code == 2
    assert answer.document["verdict"]["code"] == "dns.invalid_name"
    assert answer.document["target"]["stated"] == target


@pytest.mark.parametrize("option", ["--bogus", "--bogus=a.b", "-b"])
def test_an_option_that_is_none_stays_a_mistake_of_usage(mailmedic: Mailmedic, option: str) -> None:
    """One line says so, and there is no document."""
    answer = mailmedic("check", option, "mail.example.test", "--json")

    assert (answer.code, answer.out) == (2, "")
    assert "No such option" in answer.err


def test_person_sees_verdict_reasons_and_steps(
    mailmedic: Mailmedic, fault_server: ServeScript, good_context: SSLContext
) -> None:
    """Without --json the verdict comes first, then what was seen, then numbered steps."""
    server = fault_server(SILENT, smtp_tls(good_context))
    answer = mailmedic("check", f"{V4}:{server.port}", "--security", "starttls")

    assert answer.code == 1
    assert answer.out.startswith("✗ ")
    assert "settings.wrong_security" in answer.out
    assert "1. " in answer.out
    assert "{" not in answer.out


def test_server_text_cannot_act_on_the_terminal(
    mailmedic: Mailmedic, fault_server: ServeScript
) -> None:
    """Escape sequences in a banner reach neither the screen nor the JSON as they came."""
    server = fault_server((Send(b"554 \x1b[2J\x1b]0;owned\x07 go away\r\n"),))
    shown = mailmedic("check", f"{V4}:{server.port}")

    assert "\x1b" not in shown.out
    assert "\x07" not in shown.out
    assert "go away" in shown.out


def test_usage_errors_are_one_line(mailmedic: Mailmedic) -> None:
    """A wrong option or a bad setting is one line on stderr, exit 2."""
    wrong = mailmedic("check", "x.test", "--security", "maybe")
    mailmedic.settings["MAILMEDIC_ALLOW_NETS"] = "0.0.0.0/0"
    stopped = mailmedic("check", "x.test", "--json")

    assert (wrong.code, stopped.code) == (2, 2)
    assert len(wrong.err.strip().splitlines()) == 1
    assert len(stopped.err.strip().splitlines()) == 1
    assert "ALLOW_NETS" in stopped.err


def test_mail_address_gives_the_provider_settings(mailmedic: Mailmedic) -> None:
    """A mail address fills `settings` from the directory, and the best one is the target."""
    answer = mailmedic("check", "someone@gmail.com", "--json")
    found = json.loads(answer.out)

    assert answer.code == 1  # no resolver answers here
    assert found["settings"]["provider"] == "gmail"
    assert found["target"]["host"] == "smtp.gmail.com"
    assert found["target"]["stated"] == "someone@gmail.com"


def test_many_targets_through_a_pipe_that_stays_open(mailmedic: Mailmedic) -> None:
    """An answer comes before the next line is written: nobody waits for the end of the input."""
    with subprocess.Popen(
        mailmedic.command("check", "-"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=mailmedic.home,
        env=mailmedic.environment(),
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for target in ("10.0.0.1", "127.1"):
            process.stdin.write(f"{target}\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["target"]["stated"] == target
        process.stdin.close()

    assert process.returncode == 2
