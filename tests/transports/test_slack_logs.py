"""What people write stays between them and their case: no log has it, and nothing has a secret."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cli_process import Mailmedic
from slack_scene import Scene, scene

CANARY = "xylophonequartz"
PASSWORD = "Tr0ub4dor-canary!"
PERSON = "canary.person"
BROKEN = f"can't send email, {CANARY}, Outlook says 0x800CCC0E, server 127.0.0.1 port 2999"


@pytest.fixture
async def stage(mailmedic: Mailmedic) -> AsyncIterator[Scene]:
    """A bot that serves, and that is quick to give up."""
    mailmedic.settings["MAILMEDIC_TIMEOUT"] = "1"
    async with scene(mailmedic) as it:
        await it.bot.start()
        yield it


def everything_in(folder: Path, name: str) -> bytes:
    """All bytes of the database's files."""
    return b"".join(path.read_bytes() for path in sorted(folder.glob(f"{name}*")))


async def says_everything(it: Scene) -> None:
    """Anna says the words in every way there is, and Slack has a bad day."""
    slack, anna, dm, channel = it.slack, it.anna, it.dm, it.help
    secret = f"my password is {PASSWORD} and my address {PERSON}@example.com"
    slack.fail("chat.postMessage", status=500)
    slack.cut("chat.update")
    ts = await slack.says(anna, dm, f"{BROKEN} {secret}")
    await it.offer(dm, ts, "still_broken")
    await slack.edits(dm, ts, f"{BROKEN.replace('2999', '2998')} {CANARY} {secret}")
    await slack.says(anna, dm, f"{CANARY} still nothing, {secret}", thread_ts=ts)
    mention = f"<@{slack.bot_user}> my mail does not go out {CANARY} {secret}"
    in_channel = await slack.says(anna, channel, mention)
    await it.offer(channel, in_channel, "dont_know")
    await slack.says(anna, channel, f"{CANARY}, password: {PASSWORD}", thread_ts=in_channel)
    gone = await slack.says(anna, dm, f"{BROKEN} {secret}")
    await slack.deletes(dm, gone)
    for words in ("check 127.0.0.1:2997", f"history {CANARY}", f"{CANARY} {secret}"):
        await slack.command(anna, channel, "/mailmedic", words)
    slack.limit("chat.postMessage", retry_after=1)
    bystander = await slack.says(anna, channel, f"{BROKEN} {secret}")
    await slack.shortcut(anna, channel, bystander, "troubleshoot_message")
    slack.archive(channel)
    await it.ledger.quiet()


async def test_no_word_in_the_log_and_no_secret_anywhere(stage: Scene) -> None:
    """The log tells who asked and what went wrong; a pasted password is nowhere on the disk."""
    await says_everything(stage)
    alive = everything_in(stage.mailmedic.home, "cases.db")
    stage.bot.terminate()
    assert await stage.bot.ended() == 0
    stopped = everything_in(stage.mailmedic.home, "cases.db")

    assert stage.bot.records
    for word in (CANARY, PASSWORD, PERSON, stage.slack.bot_token, stage.slack.app_token, "ticket="):
        assert word not in stage.bot.log, word
    for kept in (alive, stopped):
        assert CANARY.encode() in kept
        assert PASSWORD.encode() not in kept
        assert PERSON.encode() not in kept
    shown = stage.mailmedic("history", "search", CANARY, "--json")
    assert PASSWORD not in shown.out
