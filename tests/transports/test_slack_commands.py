"""Slash commands, the message shortcut and blanks, over the real wire."""

from pathlib import Path
from ssl import SSLContext

import pytest
from servers.dnsserver import ServeZone
from servers.faultserver import ServeScript
from servers.scripts import smtp_starttls
from servers.vantage import loopback_settings
from slack_bot import Bot, buttons, serving
from standin import Delivery, Ephemeral, StandIn

from bot.knowledge.schema import Knowledge
from bot.probes.prober import NetworkProber

COMMAND = "/mailmedic"


async def shown(bot: Bot, user: str, number: int) -> list[str]:
    """What that person alone sees, once it is so many messages."""
    seen: list[Ephemeral] = []

    def is_there() -> bool:
        seen[:] = bot.slack.ephemerals(user)
        return len(seen) >= number

    await bot.slack.until(is_there, timeout=15)
    return [one.text for one in seen]


async def asks(bot: Bot, text: str) -> tuple[str, str, Delivery]:
    """Anna gives a command in a channel; she, the channel, and what was delivered."""
    anna = bot.slack.add_user("anna")
    channel = bot.slack.add_channel("help", members=[anna])
    return anna, channel, await bot.slack.command(anna, channel, COMMAND, text)


async def test_check_answers_at_once_and_then_with_the_verdict(
    bot: Bot, fault_server: ServeScript, good_context: SSLContext
) -> None:
    """The acknowledgement names the server; the verdict follows; nobody else sees either."""
    server = fault_server(smtp_starttls(good_context))
    anna, channel, _ = await asks(bot, f"check 127.0.0.1:{server.port}")
    first, second = await shown(bot, anna, 2)

    assert f"127.0.0.1:{server.port}" in first
    assert second.startswith("✓")
    assert bot.slack.messages(channel) == []


async def test_check_is_kept_as_a_closed_case(
    bot: Bot, fault_server: ServeScript, good_context: SSLContext
) -> None:
    """The history knows what was looked at, by whom, and what was found."""
    server = fault_server(smtp_starttls(good_context))
    anna, _, _ = await asks(bot, f"check 127.0.0.1:{server.port}")
    await shown(bot, anna, 2)
    page = await bot.office.casebook.search("127.0.0.1", limit=5, offset=0)

    (case,) = page.cases
    assert (case.state, case.host, case.port) == ("closed", "127.0.0.1", server.port)
    assert case.verdict == "ok"
    assert not await bot.office.casebook.unhandled()


async def test_hourly_limit_is_told_to_the_person(
    slack: StandIn,
    tmp_path: Path,
    prober: NetworkProber,
    knowledge: Knowledge,
    fault_server: ServeScript,
    good_context: SSLContext,
) -> None:
    """One server more than a person may have looked at in an hour: not dialled, and said so."""
    one, other = (fault_server(smtp_starttls(good_context)) for _ in range(2))
    database = tmp_path / "limit.db"
    async with serving(slack, database, prober, knowledge, checks_per_hour=1) as bot:
        anna, channel, _ = await asks(bot, f"check 127.0.0.1:{one.port}")
        await shown(bot, anna, 2)
        await slack.command(anna, channel, COMMAND, f"check 127.0.0.1:{other.port}")
        said = await shown(bot, anna, 4)
        await slack.command(anna, channel, COMMAND, f"check 127.0.0.1:{one.port}")
        again = await shown(bot, anna, 6)

    assert "one more goes in 60 min" in said[3]
    assert not other.connections
    assert again[5].startswith("✓")


async def test_repeated_command_is_one_check(
    bot: Bot, fault_server: ServeScript, good_context: SSLContext
) -> None:
    """A slash command that is delivered again is acknowledged and changes nothing."""
    server = fault_server(smtp_starttls(good_context))
    anna, _, delivery = await asks(bot, f"check 127.0.0.1:{server.port}")
    await shown(bot, anna, 2)
    again = await bot.slack.redeliver(delivery)

    assert again.acked_at is not None
    page = await bot.office.casebook.search("", limit=5, offset=0)
    assert page.total == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("check smtp.example.com:99999", "port"),
        ("check http://smtp.example.com/x", "name"),
        ("check 2130706433", "name"),
    ],
)
async def test_refused_target_gets_one_clear_line(bot: Bot, text: str, words: str) -> None:
    """What may not be looked at is said so; nothing hangs."""
    anna, _, _ = await asks(bot, text)
    seen = await shown(bot, anna, 1)

    assert words in seen[-1].lower()


async def test_private_address_is_not_looked_at(bot: Bot) -> None:
    """What an address stands for is judged before a packet leaves, and said in plain words."""
    anna, _, _ = await asks(bot, "check 10.0.0.1:25")
    seen = await shown(bot, anna, 2)

    assert "not allowed" in seen[-1] or "may not" in seen[-1]


@pytest.mark.parametrize("text", ["", "help", "HELP", "check", "frobnicate <!channel>", "\u202e"])
async def test_anything_unknown_gets_the_help(bot: Bot, text: str) -> None:
    """No command is a dead end."""
    anna, _, _ = await asks(bot, text)
    (seen,) = await shown(bot, anna, 1)

    assert "/mailmedic check" in seen
    assert ("I do not know" in seen) == text.startswith(("frob", "\u202e"))
    assert "/mailmedic history" in seen
    assert "<!channel" not in seen


async def test_history_shows_matching_cases(bot: Bot) -> None:
    """Cases are found by their words; without words the newest are shown."""
    anna = bot.slack.add_user("anna")
    direct = bot.slack.open_dm(anna)
    ts = await bot.slack.says(anna, direct, "I can't send email, 0x800CCC0E in thunderbird")
    await bot.answers(direct, ts)
    await bot.slack.command(anna, direct, COMMAND, "history 0x800CCC0E")
    await bot.slack.command(anna, direct, COMMAND, "history zanzibar")
    await bot.slack.command(anna, direct, COMMAND, "history")
    found, nothing, newest = await shown(bot, anna, 3)

    assert "0x800CCC0E" in found
    assert "0x800CCC0E" not in nothing
    assert "0x800CCC0E" in newest


async def test_secret_in_a_command_is_nowhere(bot: Bot) -> None:
    """A password that slips into a command is neither stored nor repeated."""
    anna, _, _ = await asks(bot, "history password: Tr0ub4dor&3xyz")
    seen = await shown(bot, anna, 1)

    assert "Tr0ub4dor" not in "".join(seen)


async def test_shortcut_answers_in_the_thread_of_the_message(bot: Bot) -> None:
    """A colleague's message becomes a case, and a window says where the answer is."""
    anna, bob = bot.slack.add_user("anna"), bot.slack.add_user("bob")
    channel = bot.slack.add_channel("help", members=[anna, bob])
    ts = await bot.slack.says(bob, channel, "I can't send email")
    await bot.slack.shortcut(anna, channel, ts, "troubleshoot_message")
    (answer,) = await bot.answers(channel, ts)

    assert "human" in buttons(answer)
    assert [view.user for view in bot.slack.views] == [anna]


async def test_shortcut_twice_is_one_case(bot: Bot) -> None:
    """Who asks again is told that the message is known."""
    anna = bot.slack.add_user("anna")
    channel = bot.slack.add_channel("help", members=[anna])
    ts = await bot.slack.says(anna, channel, "I can't send email")
    await bot.slack.shortcut(anna, channel, ts, "troubleshoot_message")
    await bot.answers(channel, ts)
    await bot.slack.shortcut(anna, channel, ts, "troubleshoot_message")
    await bot.slack.until(lambda: len(bot.slack.views) == 2)

    assert len(bot.said(channel, ts)) == 1


async def test_shortcut_where_the_bot_is_not_answers_directly(bot: Bot) -> None:
    """In a conversation without us the one who asked gets the case as a direct message."""
    anna = bot.slack.add_user("anna")
    channel = bot.slack.add_channel("secret", members=[anna], with_bot=False)
    ts = await bot.slack.says(anna, channel, "I can't send email")
    await bot.slack.shortcut(anna, channel, ts, "troubleshoot_message")
    direct = bot.slack.open_dm(anna)
    await bot.slack.until(lambda: len(bot.slack.messages(direct)) >= 2)
    root, answer = bot.slack.messages(direct)[:2]

    assert answer.thread_ts == root.ts
    await bot.slack.says(anna, direct, "I don't know", thread_ts=root.ts)
    await bot.answers(direct, root.ts, 3)


async def test_blanks_are_filled_in_the_message(
    bot: Bot, fault_server: ServeScript, good_context: SSLContext
) -> None:
    """A question with blanks takes them as fields of the message, and the button sends them."""
    server = fault_server(smtp_starttls(good_context))
    anna = bot.slack.add_user("anna")
    direct = bot.slack.open_dm(anna)
    ts = await bot.slack.says(anna, direct, "I can't send email")
    await bot.answers(direct, ts)
    await bot.chooses(anna, direct, ts, "another")
    asked = (await bot.answers(direct, ts, 2))[1]
    blanks = {"desk:field:host": "127.0.0.1", "desk:field:port": str(server.port)}
    await bot.slack.clicks(anna, direct, asked.ts, "desk:fill", blanks)
    looking = (await bot.answers(direct, ts, 3))[2]

    assert str(server.port) in looking.text


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("check 127.0.0.1 port {port}", "127.0.0.1:{port}"),
        ("check 127.0.0.1:{port}.", "127.0.0.1:{port}"),
        ("check 127.0.0.1 : {port} starttls", "127.0.0.1:{port}"),
        ("CHECK 127.0.0.1 {port}, STARTTLS", "127.0.0.1:{port}"),
    ],
)
async def test_check_is_read_as_people_write_it(
    bot: Bot, fault_server: ServeScript, good_context: SSLContext, text: str, place: str
) -> None:
    """The word port, a full stop, a stray colon or an encryption behind it do no harm."""
    server = fault_server(smtp_starttls(good_context))
    anna, _, _ = await asks(bot, text.format(port=server.port))
    _, verdict = await shown(bot, anna, 2)

    assert verdict.startswith("✓")
    assert place.format(port=server.port) in verdict or str(server.port) in verdict


def kept_in(folder: Path) -> bytes:
    """All bytes of the store."""
    return b"".join(path.read_bytes() for path in folder.glob("slack.db*"))


async def test_mail_address_in_a_check_is_not_kept(
    slack: StandIn, tmp_path: Path, knowledge: Knowledge, zone: ServeZone
) -> None:
    """What stands before the @ is stored nowhere, not even in the session."""
    names = zone({})
    looking = NetworkProber(loopback_settings(resolvers=(("127.0.0.1", names.port),)))
    async with serving(slack, tmp_path / "slack.db", looking, knowledge) as bot:
        anna, _, _ = await asks(bot, "check bob.private@nowhere.example.test")
        await shown(bot, anna, 2)

    kept = kept_in(tmp_path)
    assert b"nowhere.example.test" in kept
    assert b"bob.private" not in kept
