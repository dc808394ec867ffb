"""What the app's manifest allows: docs.slack.dev/reference/app-manifest."""

from collections.abc import Iterable
from dataclasses import dataclass

from standin.journal import Json

__all__ = ["Permissions", "permissions"]


@dataclass(frozen=True, slots=True)
class Permissions:
    """Scopes, subscribed events, commands and message shortcuts (by callback_id)."""

    scopes: frozenset[str]
    events: frozenset[str]
    commands: frozenset[str]
    shortcuts: frozenset[str]


# What the manifest of Mailmedic says.
_USUAL = Permissions(
    scopes=frozenset(
        {
            "app_mentions:read",
            "assistant:write",
            "channels:history",
            "chat:write",
            "commands",
            "groups:history",
            "im:history",
        }
    ),
    events=frozenset({"app_mention", "message.channels", "message.groups", "message.im"}),
    commands=frozenset({"/mailmedic"}),
    shortcuts=frozenset({"troubleshoot_message"}),
)


def permissions(manifest: Json | None, bot_scopes: Iterable[str] | None) -> Permissions:
    """Those of the manifest; `bot_scopes` replaces its scopes."""
    usual = _USUAL if manifest is None else _read(manifest)
    if bot_scopes is None:
        return usual
    return Permissions(frozenset(bot_scopes), usual.events, usual.commands, usual.shortcuts)


def _read(manifest: Json) -> Permissions:
    features = manifest.get("features", {})
    subscriptions = manifest.get("settings", {}).get("event_subscriptions", {})
    return Permissions(
        scopes=frozenset(manifest.get("oauth_config", {}).get("scopes", {}).get("bot", [])),
        events=frozenset(subscriptions.get("bot_events", [])),
        commands=frozenset(one["command"] for one in features.get("slash_commands", [])),
        shortcuts=frozenset(
            one["callback_id"] for one in features.get("shortcuts", []) if one["type"] == "message"
        ),
    )
