"""How many servers one person may have looked at within an hour."""

import logging
from datetime import UTC, datetime, timedelta

import pytest
from servers.faultserver import ServeScript
from servers.scripts import HTTP, SSH
from voices import OpenDesk, Voice

from bot.desk.allowance import Allowance, TooManyTargetsError, log_refusal
from bot.desk.incoming import Incoming
from bot.model.case import ThreadKey
from bot.model.codes import Code
from bot.model.target import Mailbox, Target, Unusable
from bot.store.casebook import SqliteCasebook

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def server(number: int) -> Target:
    """One of many servers."""
    return Target(host=f"smtp{number}.example.test", port=587)


def test_eleventh_new_server_of_an_hour_is_refused() -> None:
    """Ten go; the next one is told when there is one more, and then it goes."""
    allowance = Allowance(10)
    for number in range(10):
        allowance.admit("anna", server(number), NOON + timedelta(minutes=number), is_shared=False)
    with pytest.raises(TooManyTargetsError) as refused:
        allowance.admit("anna", server(10), NOON + timedelta(minutes=40), is_shared=False)

    assert (refused.value.count, refused.value.again) == (10, timedelta(minutes=20))
    allowance.admit("anna", server(10), NOON + timedelta(minutes=60), is_shared=False)
    with pytest.raises(TooManyTargetsError):
        allowance.admit("anna", server(11), NOON + timedelta(minutes=60), is_shared=False)


def test_known_and_shared_servers_are_free() -> None:
    """The same server again, what others are having looked at, and other people count apart."""
    allowance = Allowance(1)
    allowance.admit("anna", server(0), NOON, is_shared=False)
    allowance.admit("anna", server(0), NOON, is_shared=False)
    allowance.admit("anna", server(1), NOON, is_shared=True)
    allowance.admit("ben", server(1), NOON, is_shared=False)

    with pytest.raises(TooManyTargetsError):
        allowance.admit("anna", Mailbox(domain="example.test", stated=""), NOON, is_shared=False)


def test_every_check_and_refusal_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """Who asked for what, whether it was shared, and why it was refused."""
    caplog.set_level(logging.INFO, "bot")
    allowance = Allowance(1)
    allowance.admit("anna", server(0), NOON, is_shared=False)
    with pytest.raises(TooManyTargetsError):
        allowance.admit("anna", server(1), NOON, is_shared=False)
    unusable = Unusable(code=Code.DNS_INVALID_NAME, stated="127.1", said="not a name", host="127.1")
    log_refusal("ben", unusable)

    told = [
        (one.getMessage(), *(one.__dict__[name] for name in ("by", "host", "port")))
        for one in caplog.records
    ]
    assert told == [
        ("check", "anna", "smtp0.example.test", 587),
        ("check refused", "anna", "smtp1.example.test", 587),
        ("check refused", "ben", "127.1", None),
    ]


async def test_conversation_goes_on_without_the_look(
    open_desk: OpenDesk, casebook: SqliteCasebook, voice: Voice, fault_server: ServeScript
) -> None:
    """Who has had too many servers looked at is told so, and helped by what they say."""
    desk = open_desk(casebook, checks_per_hour=1)
    servers = [fault_server(HTTP), fault_server(SSH)]
    for number, one in enumerate(servers):
        thread = ThreadKey(f"thread-{number}")
        text = f"I can't send email, server 127.0.0.1 port {one.port}"
        await desk.hear(Incoming(event_id=f"e{number}", thread=thread, by="anna", text=text))
        await desk.settle(thread)

    assert servers[0].connections
    assert not servers[1].connections
    assert "I have looked at 1 servers for you within an hour" in voice.words
    assert voice.said[-1].thread == "thread-1"
    assert voice.said[-1].reply.options


async def test_address_that_policy_refuses_is_logged_with_who_asked(
    open_desk: OpenDesk, casebook: SqliteCasebook, caplog: pytest.LogCaptureFixture
) -> None:
    """A private address in a complaint is not dialled, and the log says whose complaint it was."""
    caplog.set_level(logging.INFO, "bot")
    desk = open_desk(casebook)
    thread = ThreadKey("thread")
    text = "I can't send email, server 10.1.2.3 port 587"
    await desk.hear(Incoming(event_id="e", thread=thread, by="anna", text=text))
    await desk.settle(thread)

    (refused,) = (one for one in caplog.records if one.getMessage() == "check refused")
    assert refused.__dict__["by"] == "anna"
    assert "10.1.2.3" in refused.__dict__["because"]
