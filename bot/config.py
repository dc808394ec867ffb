"""Settings: the only reader of the environment and of `.env`."""

import os
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values

from bot.model.target import Security

__all__ = ["ConfigError", "Settings", "load_settings"]

_PREFIX = "MAILMEDIC_"
_DEFAULT_PORTS = "587:starttls,465:tls,2525:starttls,25:starttls"
_HIGHEST_PORT = 65535
_LONGEST_CHECK = 300.0  # RFC 5321 section 4.5.3.2.1: no greeting is worth a longer wait
_DNS_PORT = 53
_SLACK_API = "https://slack.com/api/"
_TOKENS = {"SLACK_BOT_TOKEN": "xoxb-", "SLACK_APP_TOKEN": "xapp-"}
_PORTS = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?")

Network = IPv4Network | IPv6Network


class ConfigError(Exception):
    """A setting that cannot be used: which one, what is wrong, what would be right."""

    def __init__(self, name: str, problem: str, cure: str) -> None:
        super().__init__(f"{name}: {problem}; {cure}")
        self.name = name


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings, read and checked. Empty tuples mean the defaults of whoever uses them."""

    database: str
    allow_nets: tuple[Network, ...] = ()
    allow_ports: tuple[range, ...] = ()
    submission_ports: tuple[tuple[int, Security], ...] = ()
    resolvers: tuple[tuple[str, int], ...] = ()
    ca_file: Path | None = None
    timeout: timedelta = timedelta(seconds=25)
    knowledge: str | None = None
    checks_per_hour: int = 10
    slack_bot_token: str = field(default="", repr=False)
    slack_app_token: str = field(default="", repr=False)
    slack_api_url: str = _SLACK_API

    @property
    def has_slack_tokens(self) -> bool:
        """Whether the bot can be in Slack."""
        return bool(self.slack_bot_token and self.slack_app_token)


def load_settings(
    environment: Mapping[str, str] | None = None, dotenv: Path | None = None
) -> Settings:
    """The settings of the environment, over those of `.env` in the working directory.

    Raises ConfigError with one clear line for a value that cannot be used.
    """
    values = dict(os.environ) if environment is None else dict(environment)
    for name, value in _dotenv(dotenv or Path(".env")).items():
        values.setdefault(name, value)
    get = {name.removeprefix(_PREFIX): value.strip() for name, value in values.items()}
    slack_tokens = _slack_tokens(get)
    return Settings(
        database=get.get("DB") or "./mailmedic.db",
        allow_nets=tuple(_network(text) for text in _listed(get.get("ALLOW_NETS"))),
        allow_ports=tuple(_port_range(text) for text in _listed(get.get("ALLOW_PORTS"))),
        submission_ports=_submission_ports(get.get("SUBMISSION_PORTS") or _DEFAULT_PORTS),
        resolvers=tuple(_resolver(text) for text in _listed(get.get("DNS"))),
        ca_file=_ca_file(get.get("CA_FILE")),
        timeout=_timeout(get.get("TIMEOUT") or "25"),
        knowledge=get.get("KNOWLEDGE") or None,
        checks_per_hour=_checks_per_hour(get.get("CHECKS_PER_HOUR") or "10"),
        slack_bot_token=slack_tokens[0],
        slack_app_token=slack_tokens[1],
        slack_api_url=_api_url(get.get("SLACK_API_URL") or _SLACK_API),
    )


def _dotenv(path: Path) -> dict[str, str]:
    try:
        found = dotenv_values(path) if path.is_file() else {}
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(str(path), "it cannot be read", "save it as UTF-8 text") from error
    return {name: value for name, value in found.items() if value is not None}


def _listed(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]


def _network(text: str) -> Network:
    try:
        return ip_network(text)
    except ValueError:
        raise ConfigError(
            f"{_PREFIX}ALLOW_NETS", f'"{text}" is no network', "write it like 10.20.0.0/16"
        ) from None


def _port_range(text: str) -> range:
    found = _PORTS.fullmatch(text)
    first = int(found[1]) if found else 0
    last = int(found[2] or found[1]) if found else 0
    if not 1 <= first <= last <= _HIGHEST_PORT:
        raise ConfigError(
            f"{_PREFIX}ALLOW_PORTS",
            f'"{text}" is no port or range of ports',
            "write it like 2526 or 10000-65535",
        )
    return range(first, last + 1)


def _submission_ports(text: str) -> tuple[tuple[int, Security], ...]:
    return tuple(_submission_port(part) for part in _listed(text))


def _submission_port(text: str) -> tuple[int, Security]:
    port, _, security = text.partition(":")
    known = {str(mode) for mode in Security}
    if not re.fullmatch(r"[0-9]{1,5}", port) or not 1 <= int(port) <= _HIGHEST_PORT:
        problem = f'"{text}" has no port'
    elif security not in known:
        problem = f'"{text}" has no security out of {", ".join(sorted(known))}'
    else:
        return int(port), Security(security)
    raise ConfigError(f"{_PREFIX}SUBMISSION_PORTS", problem, "write it like 587:starttls")


def _resolver(text: str) -> tuple[str, int]:
    """`ip`, `ip:port` or `[ipv6]:port`."""
    host, port = text, str(_DNS_PORT)
    if text.startswith("["):
        host, _, rest = text[1:].partition("]")
        port = rest.removeprefix(":") or port
    elif text.count(":") == 1:
        host, _, port = text.partition(":")
    problem = f'"{text}" is no address of a resolver'
    wrong = ConfigError(f"{_PREFIX}DNS", problem, "write it like 192.0.2.53:53")
    if not re.fullmatch(r"[0-9]{1,5}", port) or not 1 <= int(port) <= _HIGHEST_PORT:
        raise wrong
    try:
        return str(ip_address(host)), int(port)
    except ValueError:
        raise wrong from None


def _ca_file(text: str | None) -> Path | None:
    if not text:
        return None
    path = Path(text)
    if not path.is_file():
        raise ConfigError(
            f"{_PREFIX}CA_FILE", f'there is no file "{text}"', "name a PEM file of trust anchors"
        )
    try:
        ssl.create_default_context(cafile=path)
    except (ssl.SSLError, OSError):
        raise ConfigError(
            f"{_PREFIX}CA_FILE", f'"{text}" holds no certificate', "name a PEM file"
        ) from None
    return path


def _timeout(text: str) -> timedelta:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= _LONGEST_CHECK:
        raise ConfigError(
            f"{_PREFIX}TIMEOUT",
            f'"{text}" is no number of seconds up to {_LONGEST_CHECK:.0f}',
            "write it like 25",
        )
    return timedelta(seconds=seconds)


def _checks_per_hour(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,6}", text) or not int(text):
        problem = f'"{text}" is no number of servers'
        raise ConfigError(f"{_PREFIX}CHECKS_PER_HOUR", problem, "write it like 10")
    return int(text)


def _slack_tokens(values: Mapping[str, str]) -> tuple[str, str]:
    """The bot's token and the app's; both empty where the bot is not to be in Slack."""
    tokens = {name: values.get(name, "") for name in _TOKENS}
    for name, prefix in _TOKENS.items():
        if tokens[name] and not tokens[name].startswith(prefix):
            problem = f"it does not begin with {prefix}"
            raise ConfigError(name, problem, "the two tokens of Slack may be swapped")
    missing = [name for name in _TOKENS if not tokens[name]]
    if len(missing) == 1:
        raise ConfigError(missing[0], "it is not set", "Slack needs both tokens, or set neither")
    return tokens["SLACK_BOT_TOKEN"], tokens["SLACK_APP_TOKEN"]


def _api_url(text: str) -> str:
    try:
        parts = urlsplit(text)
        is_address = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port beyond the last one, half a bracket
        is_address = False
    if not is_address or "?" in text or "#" in text:
        raise ConfigError("SLACK_API_URL", f'"{text}" is no address', f"write it like {_SLACK_API}")
    return text.rstrip("/") + "/"
