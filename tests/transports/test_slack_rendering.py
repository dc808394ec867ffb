"""Replies as Slack messages: nothing is read as markup, no limit is broken, nothing gets lost."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from factories import a_diagnosis, a_full_session
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block

from bot.conversation import replies
from bot.desk.ports import Ending
from bot.knowledge.schema import Knowledge
from bot.model.codes import Code
from bot.model.diagnosis import Advice, Step
from bot.model.plain import plain, reply_lines
from bot.model.reply import Field, FieldKind, Option, Reply, Tone
from bot.transports.slack.answered import chosen
from bot.transports.slack.ids import choose_id, option_of
from bot.transports.slack.rendering import Message, check_over, check_progress, message_of

TEXTS = {
    "slack.fill": "Send",
    "slack.chosen": "✓ {who} chose “{label}”",
    "slack.earlier_stages": "{count} earlier lines",
    "slack.check.needless": "Needless.",
    "slack.check.done": "Done.",
    "slack.check.interrupted": "Interrupted.",
}
HUMAN = Option(id="human", label="Talk to a person")
NASTY = (
    "<!channel> & <@U123> &amp; <https://evil.example|bank>",
    "a\x00b\x1b[2J\r\n\u202egnp.exe\ud800",
    "*bold* _it_ `code` :smile: ~no~",
    "x" * 50_000,
    "&" * 5_000,
    "word " * 3_000,
    "🩺" * 3_000,
    "   ",
    "\n\n",
    "",
)
# All code points, lone surrogates among them: what a server sent may hold any.
TEXT = st.one_of(st.text(max_size=40), st.sampled_from(NASTY))
OPTIONS = st.builds(Option, id=TEXT, label=TEXT)


def many(values: st.SearchStrategy[Any], most: int) -> st.SearchStrategy[tuple[Any, ...]]:
    """A few values, or the same few over and over up to `most`."""
    few = st.lists(values, max_size=4).map(tuple)
    flood = st.builds(
        lambda some, times: (some * times)[:most],
        st.lists(values, min_size=1, max_size=4).map(tuple),
        st.integers(1, most),
    )
    return st.one_of(few, flood)


ADVICE = st.builds(
    Advice,
    id=TEXT,
    title=TEXT,
    steps=many(st.builds(Step, text=TEXT, details=st.lists(TEXT, max_size=3).map(tuple)), 300),
    sources=st.just(()),
    for_admin=st.booleans(),
)
FIELDS = st.builds(
    Field, id=TEXT, label=TEXT, kind=st.sampled_from(FieldKind), options=many(OPTIONS, 150)
)
REPLIES = st.builds(
    Reply,
    title=TEXT,
    paragraphs=many(TEXT, 30),
    facts=many(TEXT, 100),
    advice=many(ADVICE, 30),
    options=many(OPTIONS, 300),
    fields=many(FIELDS, 20),
    tone=st.sampled_from(Tone),
)


def message(reply: Reply, key: str = "Ev1/0") -> Message:
    """The message of a reply in the seventh turn."""
    return message_of(reply, revision=7, key=key, texts=TEXTS)


def parts(value: object) -> Iterator[dict[str, Any]]:
    """Every object within blocks, from the top."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from parts(inner)
    if isinstance(value, list | tuple):
        for inner in value:
            yield from parts(inner)


def of_type(shown: Message, *types: str) -> list[dict[str, Any]]:
    """The objects of these types within a message."""
    return [part for part in parts(shown.blocks) if part.get("type") in types]


def told(shown: Message) -> list[str]:
    """The texts of a message in their order, controls left out."""
    rich = [block for block in shown.blocks if block["type"] == "rich_text"]
    return [part["text"] for part in parts(rich) if part.get("type") == "text"]


def check_limits(shown: Message) -> None:
    """Holds a message against `facts/slack.md` 2.5, apart from the code that keeps it."""
    json.dumps(shown.arguments(), ensure_ascii=False).encode()
    assert 1 <= len(shown.text.strip()) <= len(shown.text) <= 4_000
    assert not set("<>") & set(shown.text)
    assert 1 <= len(shown.blocks) <= 50
    everything = list(parts(shown.blocks))
    texts = [part["text"] for part in everything if isinstance(part.get("text"), str)]
    assert all(texts)
    assert sum(map(len, texts)) <= 12_000
    assert not of_type(shown, "mrkdwn", "markdown", "section", "link")
    for name in ("action_id", "block_id"):
        ids = [str(part[name]) for part in everything if name in part]
        if name == "block_id":
            ids = [str(block[name]) for block in shown.blocks if name in block]
        assert max(Counter(ids).values(), default=1) == 1
        assert all(1 <= len(one) <= 255 for one in ids)
    check_controls(shown)


def check_controls(shown: Message) -> None:
    """Holds buttons, inputs and selects against what Slack takes of each."""
    for row in of_type(shown, "actions"):
        assert 1 <= len(row["elements"]) <= 25
    for button in of_type(shown, "button"):
        assert 1 <= len(button["text"]["text"].strip()) <= 75
        assert 1 <= len(button["accessibility_label"]) <= 75
        assert len(button.get("value", "")) <= 2_000
        assert button.get("style", "primary") == "primary"
    for blank in of_type(shown, "input"):
        assert 1 <= len(blank["label"]["text"].strip()) <= 2_000
        assert blank["element"]["type"] in {"plain_text_input", "static_select"}
    for select in of_type(shown, "static_select"):
        assert 1 <= len(select["options"]) <= 100
        values = [choice["value"] for choice in select["options"]]
        assert len(set(values)) == len(values)
        assert all(1 <= len(value) <= 75 for value in values)
        assert all(1 <= len(choice["text"]["text"]) <= 75 for choice in select["options"])
    for lists in of_type(shown, "rich_text_list", "rich_text_section", "rich_text"):
        assert lists["elements"]


@settings(max_examples=60, deadline=None)
@given(reply=REPLIES, key=TEXT)
def test_any_reply_keeps_every_limit(reply: Reply, key: str) -> None:
    """Whatever a reply holds, Slack takes its message, with all of its buttons."""
    shown = message(reply, key.encode("utf-8", "replace").decode())
    check_limits(shown)
    parsed = [block.to_dict() for block in Block.parse_all(shown.blocks)]
    assert parsed == list(shown.blocks)
    buttons = [one["action_id"] for one in of_type(shown, "button")]
    wanted = {choose_id(option.id) for option in reply.options}
    assert not wanted or len(wanted & set(buttons)) == min(len(wanted), 250)


@settings(max_examples=25, deadline=None)
@given(reply=REPLIES, stages=many(TEXT, 40), ending=st.sampled_from(Ending))
def test_a_running_check_keeps_every_limit(
    reply: Reply, stages: tuple[str, ...], ending: Ending
) -> None:
    """A check's message stays within the limits while it runs, when it ends and once answered."""
    running = check_progress(reply, stages, revision=7, key="k", texts=TEXTS)
    over = check_over(reply, ending=ending, key="k", texts=TEXTS)
    for shown in (running, over):
        check_limits(shown)
        answered = chosen(shown.content(), "desk:choose:yes", who="U1", texts=TEXTS)
        check_limits(answered)


ORDINARY = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=60)
ORDINARY_REPLIES = st.builds(
    Reply,
    title=ORDINARY,
    paragraphs=st.lists(ORDINARY, max_size=4).map(tuple),
    facts=st.lists(ORDINARY, max_size=6).map(tuple),
    advice=st.lists(
        st.builds(
            Advice,
            id=ORDINARY,
            title=ORDINARY,
            steps=st.lists(
                st.builds(Step, text=ORDINARY, details=st.lists(ORDINARY, max_size=3).map(tuple)),
                max_size=5,
            ).map(tuple),
            sources=st.just(()),
        ),
        max_size=3,
    ).map(tuple),
    tone=st.sampled_from(Tone),
)


@settings(deadline=None)
@given(reply=ORDINARY_REPLIES)
def test_all_words_of_an_ordinary_reply_are_shown_in_order(reply: Reply) -> None:
    """The blocks say what the terminal says, in the same order, and nothing is cut."""
    rest = "\n".join(told(message(reply)))
    for line in reply_lines(reply):
        if line.text.strip():
            assert line.text in rest
            rest = rest.partition(line.text)[2]


@settings(deadline=None)
@given(reply=ORDINARY_REPLIES)
def test_the_text_is_that_of_the_terminal(reply: Reply) -> None:
    """Notifications and screen readers get the very words of the terminal."""
    text = message(reply).text
    unescaped = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    if len(text) < 3_900:
        assert unescaped == (plain(reply) if plain(reply).strip() else "…")


def test_a_cut_text_ends_in_no_half_of_an_entity() -> None:
    """A long text is cut before it is escaped."""
    text = message(Reply(title="&" * 1_900, paragraphs=("<" * 1_900,))).text
    assert text.endswith("…")
    assert not text.removesuffix("…").replace("&amp;", "").replace("&lt;", "").strip()


def test_two_hundred_options_are_all_there_and_the_person_comes_last() -> None:
    """Eight rows of buttons, and the text yields to them."""
    options = tuple(Option(id=f"o{number}", label="wide " * 20) for number in range(199))
    shown = message(Reply(paragraphs=("x " * 900,) * 20, options=(HUMAN, *options)))
    check_limits(shown)
    buttons = of_type(shown, "button")
    assert len(buttons) == 200
    assert option_of(buttons[-1]["action_id"]) == "human"
    assert told(shown)[-1].endswith("…")


def test_many_small_parts_leave_room_for_what_is_chosen() -> None:
    """Sixty advices are cut to Slack's fifty blocks, also when the answer is added below."""
    some = Advice(id="a", title="Do", steps=(Step(text="it"),), sources=())
    shown = message(Reply(title="Hm", advice=(some,) * 60, options=(HUMAN,)))
    check_limits(shown)
    assert told(shown)[-1] == "it …"
    check_limits(chosen(shown.content(), "desk:choose:yes", who="U1", texts=TEXTS))


def test_numbers_of_steps_go_on_after_details() -> None:
    """A list that was parted by details is counted on."""
    steps = (
        Step(text="one", details=("how",)),
        Step(text="two"),
        Step(text="three", details=("so", "or so")),
        Step(text="four"),
    )
    shown = message(Reply(advice=(Advice(id="a", title="Do", steps=steps, sources=()),)))
    lists = [
        (part["style"], part["indent"], part.get("offset", 0), len(part["elements"]))
        for part in of_type(shown, "rich_text_list")
    ]
    assert lists == [
        ("ordered", 0, 0, 1),
        ("bullet", 1, 0, 1),
        ("ordered", 0, 1, 2),
        ("bullet", 1, 0, 2),
        ("ordered", 0, 3, 1),
    ]


def test_fields_come_with_a_button_that_sends_them() -> None:
    """A choice becomes a select, anything else a line to write in; one row of buttons follows."""
    modes = (Option(id="tls", label="SSL/TLS"), Option(id="none", label="none"))
    fields = (
        Field(id="host", label="Outgoing server"),
        Field(id="security", label="Encryption", kind=FieldKind.CHOICE, options=modes),
    )
    shown = message(Reply(paragraphs=("Which?",), fields=fields, options=(HUMAN,)))
    blanks = of_type(shown, "input")
    assert [one["block_id"] for one in blanks] == ["desk:field:host", "desk:field:security"]
    assert [one["element"]["type"] for one in blanks] == ["plain_text_input", "static_select"]
    buttons = of_type(shown, "button")
    assert [one["action_id"] for one in buttons] == ["desk:fill", "desk:choose:human"]
    assert [one["value"] for one in buttons] == ["7", "7"]


def test_a_message_knows_its_letter_and_unfurls_nothing() -> None:
    """The metadata finds a letter again; no server that was named is fetched by Slack."""
    told = message(Reply(paragraphs=("See https://mail.example.test",))).arguments()
    assert told["metadata"] == {"event_type": "mailmedic_letter", "event_payload": {"key": "Ev1/0"}}
    assert told["unfurl_links"] is told["unfurl_media"] is False
    assert set(told) == {"text", "blocks", "metadata", "unfurl_links", "unfurl_media"}


def test_only_the_newest_stages_of_a_check_are_shown() -> None:
    """Twelve lines, the newest last, and how many came before them."""
    stages = [f"✓ stage {number}" for number in range(1, 16)]
    reply = Reply(paragraphs=("I look.",), options=(HUMAN,), tone=Tone.WORKING)
    shown = check_progress(reply, stages, revision=7, key="k", texts=TEXTS)
    assert told(shown) == ["⏳ I look.", "\n\n", "3 earlier lines", *stages[3:]]
    assert [one["value"] for one in of_type(shown, "button")] == ["7"]


@pytest.mark.parametrize("ending", [Ending.INTERRUPTED, Ending.DONE])
def test_a_check_that_is_over_says_so(ending: Ending) -> None:
    """What is left of the buttons is the way to a person, unless the check will go on."""
    reply = Reply(paragraphs=("I look.",), options=(Option(id="stop", label="Stop"), HUMAN))
    shown = check_over(reply, ending=ending, key="k", texts=TEXTS)
    assert told(shown)[-1] == ("Interrupted." if ending is Ending.INTERRUPTED else "Done.")
    kept = ["desk:choose:stop"] if ending is Ending.INTERRUPTED else []
    left = [*kept, "desk:choose:human"]
    assert [one["action_id"] for one in of_type(shown, "button")] == left


def test_a_pressed_button_leaves_who_chose_what() -> None:
    """The options go, the mention is no markup, and a person can still be asked for."""
    reply = Reply(title="Works?", options=(Option(id="yes", label="Yes <!here>"), HUMAN))
    shown = chosen(message(reply).content(), "desk:choose:yes", who="U1", texts=TEXTS)
    assert of_type(shown, "user") == [{"type": "user", "user_id": "U1"}]
    assert told(shown) == ["Works?", "✓ ", " chose “", "Yes <!here>", "”"]
    assert shown.text == "Works?\n✓ Yes &lt;!here&gt;"
    (left,) = of_type(shown, "button")
    assert left["action_id"] == "desk:choose:human"
    assert "value" not in left


def test_who_asked_for_a_person_is_not_asked_again() -> None:
    """The button that was pressed is gone."""
    pressed = message(Reply(title="Works?", options=(HUMAN,))).content()
    shown = chosen(pressed, "desk:choose:human", who="U1", texts=TEXTS)
    assert not of_type(shown, "button")


def test_a_verdict_is_easy_to_read(knowledge: Knowledge) -> None:
    """A real verdict: title, remarks, proof, and each advice under a line of its own."""
    session = a_full_session()
    diagnosis = replace(a_diagnosis(), missing=(), ruled_out=())
    reply = replies.verdict(Code.CERT_EXPIRED, session, diagnosis, knowledge)
    shown = message_of(reply, revision=7, key="Ev1/0", texts=knowledge.texts)
    assert [block["type"] for block in shown.blocks] == [
        *("rich_text", "rich_text", "rich_text"),
        *("divider", "rich_text", "divider", "rich_text"),
        "actions",
    ]
    title, remark, proof, *_ = told(shown)
    assert title == "❌ The server's certificate has expired."
    assert remark.startswith("Use these settings: server mail.example.test, port 465")
    assert proof == "reading the certificate, 192.0.2.10:587: certificate has expired (12 ms)"
    (first,) = (part for part in parts(shown.blocks[0]) if part.get("type") == "text")
    assert first["style"] == {"bold": True}
    assert "For your administrator: Renew the certificate" in told(shown)
    assert [(one["action_id"], one.get("style")) for one in of_type(shown, "button")] == [
        ("desk:choose:changed", None),
        ("desk:choose:fixed", "primary"),
        ("desk:choose:still_broken", None),
        ("desk:choose:something_else", None),
        ("desk:choose:human", None),
    ]
    assert shown.text == plain(reply)
