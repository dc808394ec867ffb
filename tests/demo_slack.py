"""The part of the demo that is in Slack: the real bot, in a stand-in for Slack, shown as text."""

import asyncio
import signal
import sys
import textwrap

from standin import Message, StandIn, typed

from bot.transports.slack.ids import choose_id

__all__ = ["play_slack"]

_WIDTH = 118
_LAST_STAGE = "sign in"  # of the port that works, while the other one is still waited for
_COMPLAINT = "can't send email, Outlook says 0x800CCC0E, smtp.example.com port 25"


def play_slack(environment: dict[str, str]) -> None:
    """Prints a talk, and what a slash command shows."""
    asyncio.run(_play(environment))


async def _play(environment: dict[str, str]) -> None:
    async with StandIn() as slack:
        tokens = {
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
            "SLACK_API_URL": slack.api_url,
        }
        bot = await asyncio.create_subprocess_exec(
            "mailmedic",
            "serve",
            env=environment | tokens,
            cwd=environment["HOME"],
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            await slack.connected()
            await _talk(slack)
        finally:
            bot.send_signal(signal.SIGTERM)
            await bot.wait()


async def _talk(slack: StandIn) -> None:
    anna = slack.add_user("anna")
    direct = slack.open_dm(anna)
    _put("$ (in Slack)")
    ts = await slack.says(anna, direct, typed(_COMPLAINT))
    _show("anna", _COMPLAINT)
    await slack.until(lambda: len(slack.messages(direct, ts)) > 1)
    await slack.until(lambda: _LAST_STAGE in slack.messages(direct, ts)[1].text)
    _show("Mailmedic, edited as the stages end", slack.messages(direct, ts)[1].text)
    verdict = await _next(slack, direct, ts, 3, within=40)
    _show("Mailmedic", verdict.text, _labels(verdict))
    await slack.clicks(anna, direct, verdict.ts, choose_id("fixed"))
    _show("anna presses", "It works again")
    _show("Mailmedic", (await _next(slack, direct, ts, 4)).text)
    _put("\n$ (in Slack) /mailmedic history outlook")
    await slack.command(anna, direct, "/mailmedic", "history outlook")
    await slack.until(lambda: len(slack.ephemerals(anna)) == 1)
    _show("only anna sees", slack.ephemerals(anna)[0].text)
    _put("")


async def _next(
    slack: StandIn, channel: str, ts: str, number: int, *, within: float = 10
) -> Message:
    await slack.until(lambda: len(slack.messages(channel, ts)) >= number, timeout=within)
    return slack.messages(channel, ts)[number - 1]


def _labels(message: Message) -> str:
    rows = [block["elements"] for block in message.blocks if block["type"] == "actions"]
    return "".join(f"[{one['text']['text']}] " for row in rows for one in row)


def _show(who: str, text: str, buttons: str = "") -> None:
    plain = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    _put(f"\n{who}:")
    for line in plain.splitlines():
        _put(textwrap.fill(line, _WIDTH, initial_indent="  ", subsequent_indent="  "))
    if buttons:
        _put(f"  {buttons}")


def _put(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
