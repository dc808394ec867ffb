"""`mailmedic parse` as other programs rely on it."""

import json

from cli_process import Mailmedic

KEYS = {
    "id",
    "intent",
    "host",
    "port",
    "email",
    "provider",
    "client",
    "security",
    "codes",
    "has_secret",
    "lang",
    "causes",
}


def lines(*texts: str) -> str:
    """Texts as the command reads them."""
    return "".join(json.dumps({"id": n, "text": text}) + "\n" for n, text in enumerate(texts))


def test_facts_of_a_complaint(mailmedic: Mailmedic) -> None:
    """What the text states is read; what it does not state is null."""
    answer = mailmedic(
        "parse",
        "--json",
        typed=lines("Thunderbird says 535-5.7.8, smtp.example.net:465 with SSL, ana@example.net"),
    )
    (found,) = answer.documents

    assert answer.code == 0
    assert set(found) == KEYS
    assert (found["host"], found["port"], found["security"]) == ("smtp.example.net", 465, "tls")
    assert (found["client"], found["email"]) == ("thunderbird", "ana@example.net")
    assert found["codes"] == ["535", "5.7.8"]
    assert found["provider"] is None
    assert 0 < len(found["causes"]) <= 5
    assert sum(cause["p"] for cause in found["causes"]) <= 1.001


def test_order_is_kept_and_bad_lines_are_said(mailmedic: Mailmedic) -> None:
    """Lines that are no object with a text give an error line in their place, and exit 2."""
    answer = mailmedic("parse", typed=lines("hello") + "nonsense\n[1]\n" + lines("thanks"))
    intents = [found.get("intent") for found in answer.documents]

    assert answer.code == 2
    assert intents == ["greeting", None, None, "thanks"]
    assert all(found["id"] is None for found in answer.documents[1:3])


def test_nothing_repeats_a_secret(mailmedic: Mailmedic) -> None:
    """A secret is noticed and is nowhere in the output, with --explain neither."""
    answer = mailmedic(
        "parse",
        "--explain",
        typed=lines("smtp login fails, password: Canary-4711! for a@b.example"),
    )

    assert answer.documents[0]["has_secret"] is True
    assert "Canary" not in answer.out + answer.err


def test_slack_is_not_loaded_for_it(mailmedic: Mailmedic) -> None:
    """Quick commands do not pay for what only Slack or charts need."""
    done = mailmedic.run_python(
        "import sys; import bot.cli; heavy = {'slack_bolt', 'aiohttp', 'matplotlib'};"
        "print(heavy & set(sys.modules))"
    )

    assert done.out.strip() == "set()"
