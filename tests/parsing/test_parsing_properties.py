"""What holds for every text: nothing raises, nothing is invented, no secret comes out."""

import re
import time
from base64 import b64encode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.knowledge.schema import Knowledge
from bot.model.target import Mailbox, Target, Unusable
from bot.parsing.complaint import parse_complaint
from bot.parsing.secrets import redact
from bot.parsing.slackmarkup import undo_markup
from bot.parsing.target import parse_target, parse_target_line
from bot.upkeep.loader import find_knowledge, load_knowledge

KNOWLEDGE = load_knowledge(find_knowledge(None))

PIECES = st.sampled_from(
    [
        "cannot send",
        "smtp.example.net",
        ":587",
        " port 25",
        "rosa@example.net",
        "<",
        ">",
        "[",
        "]",
        "2001:db8::1",
        "192.0.2.1",
        "550 5.1.1",
        "0x800CCC0E",
        "password: ",
        "STARTTLS",
        "`",
        "\n",
        " ",
        "&lt;",
        "|",
        "mailto:",
        "http://",
        "\x00",
        "\ud800",
        "DNS:",
        "a.b",
        "é",
        "\u3002",
        "\uff11",
        "@",
        "...",
        "!?",
    ],
)
TEXTS = st.one_of(st.text(max_size=300), st.lists(PIECES, max_size=40).map("".join))
SECRET = st.text("abcdefghkmnpqrstABCDEFGH23456789!$%", min_size=8, max_size=24).filter(
    lambda value: re.search(r"[a-z]", value) and re.search(r"[0-9]", value) and value[0].isalnum()
)


@given(TEXTS)
@settings(max_examples=400, deadline=None)
def test_any_text_is_read(text: str) -> None:
    """No text whatever raises, and what is kept can be encoded."""
    read = parse_complaint(text, KNOWLEDGE)

    read.text.encode("utf-8")
    assert read.port is None or 1 <= read.port <= 65535
    assert read.domain is None or read.address is not None


@given(TEXTS)
@settings(max_examples=400, deadline=None)
def test_nothing_is_invented(text: str) -> None:
    """Host, port, address and plain codes stand in the text as it was typed."""
    read = parse_complaint(text, KNOWLEDGE)
    typed = undo_markup(text.encode("utf-8", "replace").decode()).lower()

    if read.host is not None and read.host.isascii() and "xn--" not in read.host:
        assert ":" in read.host or read.host in typed
    assert read.port is None or str(read.port) in typed
    assert read.address is None or read.address in typed
    for code in read.codes:
        assert code.startswith("0x") or code in typed


@given(
    SECRET,
    st.sampled_from(
        [
            "password: {}",
            "pw is {}",
            "SMTP_PASS={}",
            "'pass' => '{}'",
            "smtp://rosa:{}@mail.example",
        ]
    ),
    st.text(alphabet="abc .\n", max_size=40),
)
@settings(max_examples=300, deadline=None)
def test_no_output_holds_a_secret(secret: str, template: str, around: str) -> None:
    """Whatever field is looked at, the secret is in none of them."""
    read = parse_complaint(f"{around} {template.format(secret)} {around}", KNOWLEDGE)

    assert read.secrets
    assert secret not in repr(read)


@given(SECRET)
@settings(max_examples=100, deadline=None)
def test_secrets_in_a_dialogue_are_removed(secret: str) -> None:
    """A password that a log shows in base64 is removed as well."""
    plain = b64encode(f"\0rosa\0{secret}".encode()).decode()
    login = b64encode(secret.encode()).decode()
    text, found = redact(f"C: AUTH PLAIN {plain}\nS: 334 UGFzc3dvcmQ6\nC: {login}\nS: 535 no")

    assert len(found) == 2
    assert plain not in text
    assert login not in text


@given(st.lists(st.text(max_size=80), max_size=4))
@settings(max_examples=400, deadline=None)
def test_any_words_are_a_target_or_refused(words: list[str]) -> None:
    """`check` gets a value for whatever was typed, and one line that says what would be right."""
    for target in (parse_target(words), parse_target_line(" ".join(words))):
        assert isinstance(target, Target | Unusable | Mailbox)
        if isinstance(target, Target):
            assert re.fullmatch(r"[a-z0-9.:-]+", target.host)
            assert not re.fullmatch(r"[0-9]+|0x.*", target.host.rpartition(".")[2]) or (
                re.fullmatch(r"[0-9]+(\.[0-9]+){3}|[0-9a-f:.]+", target.host)
            )
        if isinstance(target, Unusable):
            assert "\n" not in target.said


@pytest.mark.parametrize(
    "piece",
    [
        "cant ",
        "cant send ",
        "a.",
        "1.",
        "a@",
        "@",
        "<",
        "<a:",
        "[",
        "[::",
        "550 ",
        "5.7.1 ",
        "25 ",
        "é",
        "a-",
        "host:",
        "smtp ",
        "\n",
        " ",
        "not * accept ",
        "certificate ",
        "http://",
        "a_",
        "0x",
        "&amp;",
        "::",
        "port ",
    ],
)
def test_no_text_is_slow(piece: str, knowledge: Knowledge) -> None:
    """Time is bounded by length: 100,000 characters of anything take well below a second."""
    text = piece * (100_000 // len(piece))
    started = time.perf_counter()
    parse_complaint(text, knowledge)

    assert time.perf_counter() - started < 1.0
