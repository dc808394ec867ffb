"""`mailmedic chat` as scripts, other programs and people at a pipe use it."""

import json
import signal
import sqlite3
import subprocess
from ssl import SSLContext

import pytest
from cli_process import Mailmedic
from servers.faultserver import FaultServer, ServeScript
from servers.scripts import SILENT, smtp_starttls, smtp_tls

V4 = "127.0.0.1"


@pytest.fixture
def tls_server(fault_server: ServeScript, good_context: SSLContext) -> FaultServer:
    """A port that is silent to whoever does not begin with TLS."""
    return fault_server(SILENT, smtp_tls(good_context))


def complaint(server: FaultServer) -> str:
    """A complaint about a server that wants TLS first and was set to STARTTLS."""
    return f"I can't send email, outlook times out. server {V4} port {server.port} with STARTTLS"


def test_whole_road_from_complaint_to_history(
    mailmedic: Mailmedic, tls_server: FaultServer
) -> None:
    """Typed, understood, checked, diagnosed, advised, confirmed, stored, and found again."""
    first, again, closed = mailmedic.chat(
        {"say": complaint(tls_server)}, {"choose": "changed"}, {"choose": "fixed"}
    )

    assert first["case"]["verdict"] == "settings.wrong_security"
    assert first["case"]["state"] == "advised"
    assert first["messages"][-1]["advice"]
    assert again["case"]["state"] == "advised"
    assert closed["case"]["state"] == "closed"

    found = mailmedic("history", "search", "times", "out", "--json").document
    assert [first["case"]["id"]] == [case["id"] for case in found["cases"]]
    case = mailmedic("history", "show", str(first["case"]["id"]), "--json").document
    assert case["outcome"] == "fixed"
    assert case["resolution"]["outcome"] == "fixed"
    assert case["path"]
    assert case["stages"]
    stats = mailmedic("history", "stats", "--json").document
    assert stats["cases"] == 1
    assert stats["by_cause"] == {"settings.wrong_security": 1}
    assert stats["solved_without_human"] == 1.0


def test_nothing_is_printed_before_the_first_line_and_one_line_each(mailmedic: Mailmedic) -> None:
    """Each instruction gets exactly one line; a case is null until there is a complaint."""
    answers = mailmedic.chat({"say": "hello"}, {"say": "I can't send any mail"})

    assert len(answers) == 2
    assert answers[0]["case"] is None
    assert answers[1]["case"]["state"] == "asking"
    assert "human" in {option["id"] for option in answers[1]["messages"][-1]["options"]}


def test_script_file_and_stdin_give_the_same_words(mailmedic: Mailmedic) -> None:
    """A script plays the same from a file as from stdin."""
    steps = [{"say": "I can't send any mail"}, {"choose": "dont_know"}]
    path = mailmedic.home / "script.jsonl"
    path.write_text("".join(json.dumps(step) + "\n" for step in steps))
    from_file = mailmedic("chat", "--script", str(path))

    texts = [[m["text"] for m in line["messages"]] for line in from_file.documents]
    assert texts == [[m["text"] for m in line["messages"]] for line in mailmedic.chat(*steps)]


def test_stale_option_gives_one_message_and_changes_nothing(mailmedic: Mailmedic) -> None:
    """An option that is not on the table changes nothing."""
    asked, stale = mailmedic.chat({"say": "I can't send any mail"}, {"choose": "no-such-thing"})

    assert len(stale["messages"]) == 1
    assert asked["case"] == stale["case"]


def test_waiting_reminds_and_then_gives_up(mailmedic: Mailmedic) -> None:
    """Time can pass in a script: a reminder after a day, given up after three more."""
    _, reminded, given_up = mailmedic.chat(
        {"say": "I can't send any mail"}, {"wait": 90_000}, {"wait": 300_000}
    )

    assert reminded["case"]["state"] == "asking"
    assert len(reminded["messages"]) == 1
    assert given_up["case"]["state"] == "closed"


def test_password_is_nowhere_on_disk(mailmedic: Mailmedic) -> None:
    """A pasted password is warned about, and is in no table, index, log or answer."""
    canary = "Tr0ub4dor-canary"
    steps = ({"say": f"can't send mail from rosa@gmail.com, my password: {canary}"},)
    (answer,) = mailmedic.chat(*steps)

    assert canary not in json.dumps(answer)
    assert any("password" in message["text"].lower() for message in answer["messages"])
    for path in mailmedic.home.iterdir():
        data = path.read_bytes()
        assert canary.encode() not in data, path
        assert b"rosa@" not in data, path


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "x" * 40_000,
        "📮🔥😤",
        "smtp . example . com",
        "mail server smtp.example.test port 70000 times out",
        "localhost",
        "https://mail.example.test/login",
        "[2001:db8::25]:587 does not work",
        "\u202ereversed\u0000nul\ud800",
        "'; DROP TABLE cases; --",
    ],
)
def test_anything_typed_gets_an_answer(mailmedic: Mailmedic, text: str) -> None:
    """Whatever is said, something kind comes back, and the next line works as well."""
    answers = mailmedic.chat({"say": text}, {"say": "I can't send mail"})

    assert len(answers) == 2
    assert all(message["text"].strip() for line in answers for message in line["messages"])
    assert all(line["messages"] for line in answers)


def test_bytes_that_are_no_utf8_get_an_answer(mailmedic: Mailmedic) -> None:
    """A pipe with broken bytes is talked to like any other."""
    answer = mailmedic("chat", typed=b"can't send \xff\xfe mail\nquit\n")

    assert answer.code == 0
    assert "Traceback" not in answer.err


@pytest.mark.parametrize("line", ["nonsense", "[1]", '{"say": 5}', '{"wait": -1}', '{"a": 1}'])
def test_bad_script_line_is_one_clear_line(mailmedic: Mailmedic, line: str) -> None:
    """A line that is no instruction is named in its own line; the rest is played, exit 2."""
    hello = '{"say": "hello"}'
    answer = mailmedic("chat", "--json", typed=f"{hello}\n{line}\n{hello}\n")
    first, bad, last = answer.documents

    assert answer.code == 2
    assert len(answer.err.strip().splitlines()) == 1
    assert "line 2" in answer.err
    assert "line 2" in bad["messages"][0]["text"]
    assert first == last


def test_unknown_case_is_one_clear_line(mailmedic: Mailmedic) -> None:
    """`--case` and `history show` of a case that does not exist: exit 2, one line."""
    for words in (("chat", "--json", "--case", "999"), ("history", "show", "nope")):
        answer = mailmedic(*words)
        assert answer.code == 2
        assert len(answer.err.strip().splitlines()) == 1


def test_person_at_a_pipe_chooses_by_number(mailmedic: Mailmedic, tls_server: FaultServer) -> None:
    """Without --json the talk is text; a number presses the button of that number."""
    answer = mailmedic("chat", typed=f"{complaint(tls_server)}\n2\nquit\n")

    assert answer.code == 0
    assert "1) " in answer.out
    assert "case 1" in answer.out
    closed = mailmedic("history", "show", "1", "--json").document
    assert closed["state"] == "closed"


def test_case_survives_kill_9_in_the_middle_of_a_check(
    mailmedic: Mailmedic, fault_server: ServeScript, good_context: SSLContext
) -> None:
    """Killed while it looks at the server, the case goes on with `--case` to its verdict."""
    server = fault_server(SILENT, smtp_starttls(good_context))
    mailmedic.settings["MAILMEDIC_TIMEOUT"] = "30"
    process = subprocess.Popen(
        mailmedic.command("chat", "--json"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=mailmedic.home,
        env=mailmedic.environment(),
    )
    assert process.stdin is not None
    line = {"say": f"can't send mail, server {V4} port {server.port} with starttls times out"}
    process.stdin.write(json.dumps(line).encode() + b"\n")
    process.stdin.flush()
    assert server.wait_for_connections(1, timeout=20)
    process.send_signal(signal.SIGKILL)
    process.communicate()

    case = mailmedic("history", "search", "--json").document["cases"][0]
    assert case["state"] == "checking"
    (answer,) = mailmedic.chat({"say": "hello?"}, words=("--case", case["id"]))
    assert case["id"] == answer["case"]["id"]
    assert answer["case"]["state"] in {"advised", "asking"}
    with sqlite3.connect(mailmedic.home / "cases.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    database.close()


def test_store_that_cannot_be_opened_is_one_clear_line(mailmedic: Mailmedic) -> None:
    """A path that is no database: exit 2 and a line that names the cure."""
    mailmedic.settings["MAILMEDIC_DB"] = str(mailmedic.home)
    answer = mailmedic("chat", "--json", typed='{"say": "hi"}\n')

    assert answer.code == 2
    assert len(answer.err.strip().splitlines()) == 1


def test_start_without_tokens_says_how_to_connect(mailmedic: Mailmedic) -> None:
    """`start` without Slack tokens says so, names three steps and manifest.yml, and talks."""
    answer = mailmedic("start", typed="hello\n")

    assert answer.code == 0
    assert "manifest.yml" in answer.out
    assert all(f"{step}." in answer.out for step in (1, 2, 3))
