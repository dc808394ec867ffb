"""Text as it was typed, before Slack and word processors touched it."""

import pytest

from bot.parsing.slackmarkup import undo_markup


@pytest.mark.parametrize(
    ("sent", "typed"),
    [
        ("<http://smtp.example.net|smtp.example.net>:587", "smtp.example.net:587"),
        ("<http://smtp.example.net>", "smtp.example.net"),
        ("<https://smtp.example.net/|https://smtp.example.net>", "smtp.example.net"),
        ("<mailto:rosa@example.net|rosa@example.net>", "rosa@example.net"),
        ("<mailto:Rosa@Example.net|rosa@example.net>", "Rosa@Example.net"),
        ("<https://example.net/help|the help page>", "the help page"),
        ("<tel:123|123>", "123"),
        ("hi <@U024BE7LH> in <#C01|help> <!here>", "hi   in    "),
        ("a &lt; b &amp;&amp; c &gt; d", "a < b && c > d"),
        ("&amp;lt;", "&lt;"),
        ("it&#39;s &quot;on&quot;", 'it\'s "on"'),
        ("can\u2019t \u201csend\u201d", 'can\'t "send"'),
        ("smtp\u200b.example\u00ad.net", "smtp.example.net"),
        ("`code` and ```more```", " code  and    more   "),
        ("a\u00a0b\r\nc", "a b\n\nc"),
        ("<rosa@example.net>: unknown", "<rosa@example.net>: unknown"),
        ("1 < 2 > 0", "1 < 2 > 0"),
    ],
)
def test_markup_is_undone(sent: str, typed: str) -> None:
    """What a person sees is what is read."""
    assert undo_markup(sent) == typed


@pytest.mark.parametrize(
    "sent",
    [
        "<http://evil.example|smtp.example.net>",
        "<mailto:tom@evil.example|rosa@example.net>",
        "<http://smtp.example.net.evil.example|smtp.example.net>",
    ],
)
def test_link_that_says_one_thing_and_leads_elsewhere_says_nothing(sent: str) -> None:
    """Neither of the two places is taken for what was typed."""
    assert undo_markup(sent).strip() == ""
