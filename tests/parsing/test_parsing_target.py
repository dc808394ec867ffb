"""What may stand behind `check`, and why the rest may not."""

import pytest

from bot.model.codes import Code
from bot.model.target import Mailbox, Protocol, Security, Target, Unusable
from bot.parsing.target import parse_target, parse_target_line


@pytest.mark.parametrize(
    ("typed", "host", "port"),
    [
        ("smtp.example.com", "smtp.example.com", None),
        ("SMTP.Example.COM.", "smtp.example.com", None),
        ("smtp.example.com:587", "smtp.example.com", 587),
        ("smtp.example.com 587", "smtp.example.com", 587),
        (" smtp.example.com:1 ", "smtp.example.com", 1),
        ("smtp.example.com:65535", "smtp.example.com", 65535),
        ("[2001:DB8::25]:465", "2001:db8::25", 465),
        ("[2001:db8::25] 465", "2001:db8::25", 465),
        ("[::1]", "::1", None),
        ("2001:db8:0:0::25", "2001:db8::25", None),
        ("::1 25", "::1", 25),
        ("192.0.2.25:25", "192.0.2.25", 25),
        ("localhost", "localhost", None),
        ("mailhost:2525", "mailhost", 2525),
        ("xn--fa-hia.example", "xn--fa-hia.example", None),
        ("fa\u00df.example:587", "xn--fa-hia.example", 587),
        ("m\u00fcller.example", "xn--mller-kva.example", None),
        ("<http://smtp.example.com|smtp.example.com>:587", "smtp.example.com", 587),
        ("smtp://smtp.example.com:2525", "smtp.example.com", 2525),
        ("smtp://smtp.example.com/", "smtp.example.com", None),
    ],
)
def test_server_is_read_in_every_spelling(typed: str, host: str, port: int | None) -> None:
    """Names are in lower case without final dot, addresses in their shortest form."""
    target = parse_target([typed])

    assert isinstance(target, Target)
    assert (target.host, target.port) == (host, port)
    assert target == parse_target(typed.split())


@pytest.mark.parametrize(
    ("typed", "protocol", "security", "port"),
    [
        ("smtps://mail.example.com", Protocol.SMTP, Security.TLS, 465),
        ("submission://mail.example.com", Protocol.SMTP, None, 587),
        ("imaps://mail.example.com", Protocol.IMAP, Security.TLS, 993),
        ("IMAP://mail.example.com:1143", Protocol.IMAP, None, 1143),
        ("pop3s://mail.example.com", Protocol.POP3, Security.TLS, 995),
    ],
)
def test_scheme_says_protocol_and_port(
    typed: str, protocol: Protocol, security: Security | None, port: int
) -> None:
    """A mail URL states what its scheme is registered for; a port beside it goes first."""
    target = parse_target([typed])

    assert isinstance(target, Target)
    assert (target.protocol, target.security, target.port) == (protocol, security, port)


@pytest.mark.parametrize(
    "typed",
    [
        "127.1",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "127.000.000.001",
        "1.2.3.4.",
        "1.2.3.4.5",
        "\uff11\uff12\uff17.0.0.1",
        "127\u30020\u30020\u30021",
        "\u2460.example.0",
        "mail.0x",
        "mail.0x1f",
        "587",
        "",
        "   ",
        "a b c",
        ":25",
        "..",
        "mail..example",
        ".mail.example",
        "-mail.example",
        "mail-.example",
        "ma_il.example",
        "mail!.example",
        "x" * 64 + ".example",
        "a." * 127 + "example",
        "fe80::1%eth0",
        "[::1",
        "::1::2",
        "mail:1:2",
        "mail.example/path",
        "mail.example:587/x",
        "http://mail.example",
        "ftp://mail.example:25",
        "\\\\mail\\share",
        "user:pw@mail.example",
        "smtp://user:pw@mail.example:25",
        "user@mail.example:25",
        "@mail.example",
        "rosa@",
        "rosa@127.1",
        "rosa@ma_il.example",
        "mail\x00.example",
        "127.0.0.1\x00.mail.example",
        "mail\x1b.example",
        "\ud800.example",
        "<http://falle.example|smtp.example.com>",
    ],
)
def test_what_is_no_name_is_refused(typed: str) -> None:
    """Numeric spellings, user names, paths and bad labels reach nobody's resolver."""
    refused = parse_target([typed])

    assert isinstance(refused, Unusable)
    assert refused.code is Code.DNS_INVALID_NAME
    assert refused.host is None
    assert refused.said
    assert "\n" not in refused.said
    assert refused.stated.isprintable()


@pytest.mark.parametrize(
    "port",
    [
        "0",
        "65536",
        "99999",
        "100000",
        "-1",
        "+25",
        "2_5",
        "25.0",
        "\uff12\uff15",
        "abc",
        "0x19",
    ],
)
def test_what_is_no_port_is_refused_with_its_host(port: str) -> None:
    """Only plain digits from 1 to 65535 are a port; the host could be read all the same."""
    for words in ([f"mail.example:{port}"], ["mail.example", port]):
        refused = parse_target(words)

        assert isinstance(refused, Unusable)
        assert refused.code is Code.POLICY_PORT_NOT_ALLOWED
        assert (refused.host, refused.port) == ("mail.example", None)


def test_bad_name_keeps_the_port_that_could_be_read() -> None:
    """What is right beside what is wrong is told."""
    refused = parse_target(["127.1:587"])

    assert isinstance(refused, Unusable)
    assert (refused.code, refused.port) == (Code.DNS_INVALID_NAME, 587)


def test_bad_port_goes_before_bad_name() -> None:
    """Policy is named first where both are wrong."""
    refused = parse_target(["127.1:0"])

    assert isinstance(refused, Unusable)
    assert (refused.code, refused.host) == (Code.POLICY_PORT_NOT_ALLOWED, None)


@pytest.mark.parametrize(
    "typed", ["rosa@example.com", "<mailto:rosa@example.com|rosa@example.com>"]
)
def test_mail_address_is_a_mailbox(typed: str) -> None:
    """An address stands for its domain."""
    assert parse_target([typed]) == Mailbox(domain="example.com", stated="rosa@example.com")


def test_password_in_a_target_is_not_shown_back() -> None:
    """What stands before the @ is left out of the answer."""
    refused = parse_target(["smtp://rosa:hunter2@mail.example:587"])

    assert isinstance(refused, Unusable)
    assert "hunter2" not in repr(refused)
    assert "rosa" not in repr(refused)


@pytest.mark.parametrize(
    ("line", "security"),
    [
        ("mail.example:587 starttls", Security.STARTTLS),
        ("mail.example 465 TLS", Security.TLS),
        ("mail.example none\n", Security.NONE),
        ("mail.example:25 auto", None),
        ("mail.example", None),
        ("smtps://mail.example auto", Security.TLS),
    ],
)
def test_line_may_end_with_a_security_word(line: str, security: Security | None) -> None:
    """`TARGET [security]`, in capitals or not."""
    target = parse_target_line(line)

    assert isinstance(target, Target)
    assert target.host == "mail.example"
    assert target.security is security


def test_line_with_a_misspelt_word_is_refused() -> None:
    """A word that is neither port nor security is not passed over."""
    refused = parse_target_line("mail.example tlss")

    assert isinstance(refused, Unusable)
    assert refused.code is Code.POLICY_PORT_NOT_ALLOWED


@pytest.mark.parametrize("line", ["mail.example:587 bogus", "mail.example 587 tlss"])
def test_line_whose_port_is_followed_by_another_word(line: str) -> None:
    """What is wrong is the word behind the port, and neither host nor port."""
    refused = parse_target_line(line)

    assert isinstance(refused, Unusable)
    assert (refused.code, refused.host, refused.port) == (
        Code.DNS_INVALID_NAME,
        "mail.example",
        587,
    )
    assert refused.word == line.rsplit(maxsplit=1)[-1]
    assert "encryption" in refused.said


def test_line_with_an_address_and_security_is_a_mailbox() -> None:
    """The word does not matter where the settings are looked up."""
    assert isinstance(parse_target_line("rosa@example.com tls"), Mailbox)


def test_long_text_is_shown_shortened() -> None:
    """An answer does not repeat a page of text."""
    refused = parse_target(["x" * 10_000])

    assert isinstance(refused, Unusable)
    assert len(refused.stated) < 400
    assert len(refused.said) < 600


@pytest.mark.parametrize(
    "line",
    ["mail.example.com\x00 587", "127.0.0.1\x00.example.com", "mail.example.com\x08:587 tls"],
)
def test_line_with_control_characters_is_refused(line: str) -> None:
    """A character that cuts a name elsewhere is refused, not passed over as a blank."""
    target = parse_target_line(line)

    assert isinstance(target, Unusable)
    assert target.code is Code.DNS_INVALID_NAME


@pytest.mark.parametrize("typed", ["rosa@192.0.2.25", "rosa@2001:db8::25", "rosa@8.8.8.8"])
def test_user_at_an_address_is_no_mailbox(typed: str) -> None:
    """A bare address is no domain of mail, so this is a server with a user name."""
    target = parse_target([typed])

    assert isinstance(target, Unusable)
    assert target.code is Code.DNS_INVALID_NAME
    assert "rosa" not in target.stated
