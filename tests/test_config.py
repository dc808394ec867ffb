"""Settings of Slack and of files: what cannot be used is said in one line, without secrets."""

from pathlib import Path

import pytest

from bot.config import ConfigError, load_settings

TOKENS = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}


def settings_of(tmp_path: Path, **values: str) -> object:
    """The settings of an environment that holds these values alone."""
    return load_settings(values, tmp_path / "none")


def test_both_tokens_connect_slack(tmp_path: Path) -> None:
    """With both tokens the bot is in Slack, at Slack's own address."""
    settings = load_settings(TOKENS, tmp_path / "none")

    assert settings.has_slack_tokens
    assert settings.slack_api_url == "https://slack.com/api/"
    assert "xoxb-1" not in repr(settings)


def test_without_tokens_there_is_no_slack(tmp_path: Path) -> None:
    """No token is no fault: the talk is in the terminal."""
    assert not load_settings({}, tmp_path / "none").has_slack_tokens


@pytest.mark.parametrize("name", TOKENS)
def test_one_token_alone_is_named(tmp_path: Path, name: str) -> None:
    """Who has set one of the two is told which one is missing."""
    rest = {other: value for other, value in TOKENS.items() if other != name}
    with pytest.raises(ConfigError, match=f"{name}: it is not set"):
        settings_of(tmp_path, **rest)


def test_swapped_tokens_are_told_and_not_shown(tmp_path: Path) -> None:
    """The line says which one and not what it holds."""
    with pytest.raises(ConfigError, match="swapped") as raised:
        settings_of(tmp_path, SLACK_BOT_TOKEN="xapp-secret", SLACK_APP_TOKEN="xoxb-secret")

    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("http://127.0.0.1:8080/api", "http://127.0.0.1:8080/api/"),
        ("http://[::1]:8080/api/", "http://[::1]:8080/api/"),
    ],
)
def test_slack_can_be_elsewhere(tmp_path: Path, given: str, used: str) -> None:
    """The final slash is optional."""
    assert load_settings({"SLACK_API_URL": given}, tmp_path / "none").slack_api_url == used


@pytest.mark.parametrize(
    "text",
    ["slack.com", "ftp://slack.com/", "http://127.0.0.1:99999/", "http://x/?y=1", "http://["],
)
def test_address_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    """What would be tried for ever is said at the start."""
    with pytest.raises(ConfigError, match="SLACK_API_URL"):
        settings_of(tmp_path, SLACK_API_URL=text)


def test_file_without_certificates_is_refused(tmp_path: Path) -> None:
    """A file of trust anchors that holds none is no traceback later."""
    file = tmp_path / "none.pem"
    file.write_text("nothing here", "utf-8")
    with pytest.raises(ConfigError, match="holds no certificate"):
        settings_of(tmp_path, MAILMEDIC_CA_FILE=str(file))
