"""What people do in Slack, over the real wire: one event is one event, whatever arrives."""

import json

from servers.faultserver import Send, ServeScript
from servers.scripts import SILENT
from slack_bot import Bot, buttons, plain_text

from bot.model.case import CaseId, State
from bot.transports.slack.ids import choose_id

COMPLAINT = "can't send email, thunderbird, server 127.0.0.1 port {port} times out"


async def a_question(bot: Bot) -> tuple[str, str, str]:
    """Anna, her direct messages and a thread in them where a question is open."""
    anna = bot.slack.add_user("anna")
    direct = bot.slack.open_dm(anna)
    ts = await bot.slack.says(anna, direct, "I can't send email")
    await bot.answers(direct, ts)
    return anna, direct, ts


async def settled(bot: Bot) -> None:
    """Waits until every envelope is acknowledged and every event has had its turn.

    A turn shows in nothing but its answer, and most of what is waited for here has none: so Bea
    says hello in a thread of her own, behind all that came before, and gets hers.
    """
    await bot.slack.idle()
    bea = bot.slack.add_user("bea")
    direct = bot.slack.open_dm(bea)
    ts = await bot.slack.says(bea, direct, "hello")
    await bot.answers(direct, ts)
    assert not await bot.office.casebook.unhandled()


async def test_direct_message_starts_a_case_in_a_thread(bot: Bot) -> None:
    """The answer hangs on the message; "Talk to a person" is there."""
    _, direct, ts = await a_question(bot)
    session = await bot.session(direct, ts)

    assert session is not None
    assert State.ASKING is session.state
    assert "human" in buttons(bot.said(direct, ts)[0])
    assert [one.thread_ts for one in bot.slack.messages(direct) if one.bot] == [ts]


async def test_mention_is_one_event(bot: Bot) -> None:
    """Slack sends a `message` and an `app_mention` for one mention; there is one answer."""
    anna = bot.slack.add_user("anna")
    channel = bot.slack.add_channel("help", members=[anna])
    ts = await bot.slack.says(anna, channel, f"<@{bot.slack.bot_user}> I can't send email")
    await bot.answers(channel, ts)
    await settled(bot)

    kinds = {one.payload["event"]["type"] for one in bot.slack.deliveries if "event" in one.payload}
    assert {"message", "app_mention"} <= kinds
    assert len(bot.said(channel, ts)) == 1
    found = await bot.office.casebook.search("", limit=10, offset=0)
    assert found.total == 1
    assert "<@" not in found.cases[0].summary


async def test_follow_up_in_a_thread_needs_no_mention(bot: Bot) -> None:
    """Who has been answered goes on talking; what is said elsewhere in the channel is not ours."""
    anna = bot.slack.add_user("anna")
    channel = bot.slack.add_channel("help", members=[anna], private=True)
    ts = await bot.slack.says(anna, channel, f"<@{bot.slack.bot_user}> I can't send email")
    await bot.answers(channel, ts)
    await bot.slack.says(anna, channel, "I don't know", thread_ts=ts)
    await bot.answers(channel, ts, 2)
    aside = await bot.slack.says(anna, channel, "I can't send email either, says Bob")
    await bot.slack.says(anna, channel, "<@U0BOB> is it the same for you?", thread_ts=ts)
    await settled(bot)

    assert len(bot.said(channel, ts)) == 2
    assert bot.said(channel, aside) == []
    rows = [row.payload for row in await bot.office.casebook.unhandled()]
    assert not rows


async def test_event_delivered_four_times_at_once_is_one(bot: Bot) -> None:
    """Redelivery changes nothing."""
    bot.slack.duplicate = 4
    _, direct, ts = await a_question(bot)
    await settled(bot)

    assert len(bot.said(direct, ts)) == 1


async def test_reply_that_overtakes_its_mention_is_heard(bot: Bot) -> None:
    """Slack promises no order: the answer to the mention takes the late reply into account."""
    anna = bot.slack.add_user("anna")
    channel = bot.slack.add_channel("help", members=[anna])
    bot.slack.hold()
    ts = await bot.slack.says(anna, channel, f"<@{bot.slack.bot_user}> I can't send email")
    await bot.slack.says(anna, channel, "the error is 535 5.7.8", thread_ts=ts)
    await bot.slack.release("reversed")
    await bot.answers(channel, ts, 2)
    session = await bot.session(channel, ts)

    assert session is not None
    assert session.complaint is not None
    assert "535" in session.complaint.codes


async def test_double_click_is_one_press(bot: Bot) -> None:
    """The second press of one button on one message does nothing at all."""
    anna, direct, ts = await a_question(bot)
    asked = bot.said(direct, ts)[0]
    action = choose_id("dont_know")
    bot.slack.hold()
    first = await bot.slack.clicks(anna, direct, asked.ts, action)
    await bot.slack.release()
    await bot.answers(direct, ts, 2)
    await bot.slack.redeliver(first)
    await settled(bot)

    assert len(bot.said(direct, ts)) == 2
    assert bot.slack.ephemerals(anna) == []


async def test_answered_message_shows_the_answer_and_keeps_the_way_to_a_person(bot: Bot) -> None:
    """After a press the buttons go, but for the one that asks for a person."""
    anna, direct, ts = await a_question(bot)
    await bot.chooses(anna, direct, ts, "dont_know")
    await bot.slack.until(lambda: bot.said(direct, ts)[0].edits == 1)
    shown = bot.said(direct, ts)[0]

    assert buttons(shown) == ["human"]
    assert anna in json.dumps(shown.blocks)
    await bot.chooses(anna, direct, ts, "human")
    await bot.answers(direct, ts, 3)
    session = await bot.session(direct, ts)
    assert session is not None
    assert State.HANDED_OVER is session.state


async def test_stale_button_is_answered_and_changes_nothing(bot: Bot) -> None:
    """A button of an earlier question gets a word, not silence."""
    anna, direct, ts = await a_question(bot)
    asked = bot.said(direct, ts)[0]
    await bot.slack.says(anna, direct, "I don't know", thread_ts=ts)
    await bot.answers(direct, ts, 2)
    before = await bot.session(direct, ts)
    await bot.slack.clicks(anna, direct, asked.ts, choose_id(buttons(asked)[0]))
    answers = await bot.answers(direct, ts, 3)

    assert "earlier question" in answers[-1].text
    assert await bot.session(direct, ts) == before


async def test_edit_of_the_complaint_is_a_correction(bot: Bot, fault_server: ServeScript) -> None:
    """The server that is named after the edit is the one that is looked at."""
    first, second = fault_server(SILENT), fault_server(SILENT)
    anna = bot.slack.add_user("anna")
    direct = bot.slack.open_dm(anna)
    ts = await bot.slack.says(anna, direct, COMPLAINT.format(port=first.port))
    await bot.answers(direct, ts)
    await bot.slack.edits(direct, ts, COMPLAINT.format(port=second.port))
    said = await bot.answers(direct, ts, 3)
    session = await bot.session(direct, ts)

    assert str(second.port) in said[2].text
    assert session is not None
    assert session.complaint is not None
    assert session.complaint.port == second.port


async def test_edit_that_brings_the_mention_starts_the_case(bot: Bot) -> None:
    """Who forgot to mention us adds it, and is heard."""
    anna = bot.slack.add_user("anna")
    channel = bot.slack.add_channel("help", members=[anna])
    ts = await bot.slack.says(anna, channel, "I can't send email")
    await settled(bot)
    await bot.slack.edits(channel, ts, f"<@{bot.slack.bot_user}> I can't send email")
    await bot.answers(channel, ts)

    assert len(bot.said(channel, ts)) == 1


async def test_deleted_complaint_leaves_no_text(bot: Bot) -> None:
    """The words of a deleted message are gone from case, log and search; the case goes on."""
    anna = bot.slack.add_user("anna")
    direct = bot.slack.open_dm(anna)
    ts = await bot.slack.says(anna, direct, "I can't send email, my zanzibar project is stuck")
    await bot.answers(direct, ts)
    await bot.slack.deletes(direct, ts)
    await settled(bot)
    found = await bot.office.casebook.search("zanzibar", limit=10, offset=0)
    file = await bot.office.casebook.show(await _case(bot, direct, ts))

    assert found.total == 0
    assert "zanzibar" not in repr(file)
    await bot.slack.says(anna, direct, "I don't know", thread_ts=ts)
    await bot.answers(direct, ts, 2)


async def _case(bot: Bot, direct: str, ts: str) -> CaseId:
    session = await bot.session(direct, ts)
    assert session is not None
    assert session.case is not None
    return session.case


async def test_other_bots_and_our_own_words_are_not_answered(bot: Bot) -> None:
    """No two bots talk to each other for ever."""
    _, direct, ts = await a_question(bot)
    await settled(bot)

    own = [one for one in bot.slack.deliveries if one.payload.get("event", {}).get("bot_id")]
    assert own
    assert len(bot.said(direct, ts)) == 1


async def test_foreign_text_notifies_nobody(bot: Bot, fault_server: ServeScript) -> None:
    """A server that greets with <!channel> is quoted, and no one is called."""
    server = fault_server([Send(b"554 <!channel> <@U0BOSS> go away & stay\r\n")])
    anna = bot.slack.add_user("anna")
    direct = bot.slack.open_dm(anna)
    ts = await bot.slack.says(anna, direct, COMPLAINT.format(port=server.port))
    said = await bot.answers(direct, ts, 2)

    assert "<!channel>" in plain_text(said[1])
    assert "<!channel>" not in said[1].text
    call = next(one for one in bot.slack.calls if one.answer.get("ts") == said[1].ts)
    assert call.arguments["unfurl_links"] in {False, "0", "false"}


async def test_answer_to_a_running_check_stays_at_its_message(
    bot: Bot, fault_server: ServeScript
) -> None:
    """Who asks for a person in the middle of a check sees that, and no later edit takes it back."""
    server = fault_server(SILENT)
    anna = bot.slack.add_user("anna")
    direct = bot.slack.open_dm(anna)
    ts = await bot.slack.says(anna, direct, COMPLAINT.format(port=server.port))
    await bot.answers(direct, ts)
    await bot.chooses(anna, direct, ts, "human")
    await bot.answers(direct, ts, 2)
    await bot.slack.until(lambda: anna in json.dumps(bot.said(direct, ts)[0].blocks))
    edits = bot.said(direct, ts)[0].edits
    await settled(bot)

    assert buttons(bot.said(direct, ts)[0]) == []
    assert bot.said(direct, ts)[0].edits == edits
    assert "I have looked" not in bot.said(direct, ts)[0].text


async def test_talk_between_people_in_a_thread_is_not_answered(bot: Bot) -> None:
    """A colleague's small talk in the thread of a case gets no answer; a mention does."""
    anna, bob = bot.slack.add_user("anna"), bot.slack.add_user("bob")
    channel = bot.slack.add_channel("help", members=[anna, bob])
    ts = await bot.slack.says(anna, channel, f"<@{bot.slack.bot_user}> I can't send email")
    await bot.answers(channel, ts)
    await bot.slack.says(bob, channel, "shall we have lunch at 12?", thread_ts=ts)
    await settled(bot)
    assert len(bot.said(channel, ts)) == 1

    await bot.slack.says(bob, channel, f"<@{bot.slack.bot_user}> hello", thread_ts=ts)
    await bot.answers(channel, ts, 2)
