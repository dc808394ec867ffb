"""Calls to Slack's Web API, and what its refusals mean for a letter.

The library's own retries are off: it would send a post again after a connection that broke, and a
post that was lost on the way back would appear twice.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.desk.errors import DeliveryError, NotNowError, UnclearError, UndeliverableError

__all__ = [
    "Waits",
    "called",
    "error_of",
    "open_answering_session",
    "open_client",
    "open_session",
    "pause_in",
]

T = TypeVar("T")
Waits = Callable[[float], None]

# A slow answer beats a repeat: Slack has been seen to take half a minute.
_TIMEOUT = aiohttp.ClientTimeout(total=60, connect=10)
_CONNECTIONS = 50
_TOO_MANY = 429
_SERVER_FAULT = 500
_OUR_LOSS = timedelta(seconds=60)  # a token that was taken from us may be given back
_MARGIN = 0.1  # seconds: their clock and ours need not agree to the millisecond
_PAUSE = 30.0  # seconds, where Slack does not say how long; it always has

# docs.slack.dev/reference/methods/chat.postMessage lists these as errors that stay.
_FOR_GOOD = frozenset(
    {
        "cannot_reply_to_message",
        "channel_not_found",
        "channel_type_not_supported",
        "is_archived",
        "message_not_found",
        "messages_tab_disabled",
        "missing_scope",
        "no_permission",
        "not_in_channel",
        "restricted_action",
        "restricted_action_read_only_channel",
        "restricted_action_thread_locked",
        "thread_not_found",
        "user_not_found",
        "user_not_in_channel",
    }
)
_TOKEN = frozenset(
    {
        "access_denied",
        "account_inactive",
        "ekm_access_denied",
        "invalid_auth",
        "not_authed",
        "team_access_not_granted",
        "token_expired",
        "token_revoked",
    }
)
# "It's possible some aspect of the operation succeeded before the error was raised."
_UNCLEAR = frozenset({"fatal_error", "internal_error", "request_timeout", "service_unavailable"})


def open_session() -> aiohttp.ClientSession:
    """The connections to Slack, kept open; to be closed at the end."""
    connector = aiohttp.TCPConnector(limit=_CONNECTIONS)
    return aiohttp.ClientSession(timeout=_TIMEOUT, connector=connector)


def open_answering_session() -> aiohttp.ClientSession:
    """Connections for answers that are given once: each its own, so that none is stale."""
    return aiohttp.ClientSession(
        timeout=_TIMEOUT, connector=aiohttp.TCPConnector(limit=_CONNECTIONS, force_close=True)
    )


def open_client(
    token: str, base_url: str, session: aiohttp.ClientSession | None = None
) -> AsyncWebClient:
    """A client that says each thing once."""
    return AsyncWebClient(token=token, base_url=base_url, session=session, retry_handlers=[])


async def called(call: Awaitable[T], refused: Waits) -> T:
    """What a call answers. Raises DeliveryError, as its refusal is to be taken.

    `refused` is told of a pause that Slack asks for, in seconds.
    """
    try:
        return await call
    except SlackApiError as error:
        raise _judged(error, refused) from error
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
        raise DeliveryError(f"no connection to Slack: {type(error).__name__}") from error
    except (aiohttp.ClientError, SlackClientError, TimeoutError, OSError) as error:
        raise UnclearError(f"no answer from Slack: {type(error).__name__}") from error
    except (ValueError, AttributeError) as error:  # the library reads any answer as JSON
        raise UnclearError("an answer that is not Slack's") from error


def error_of(error: SlackApiError) -> str:
    """Slack's name for what is wrong; never its text."""
    data = error.response.data if error.response is not None else None
    named = data.get("error") if isinstance(data, dict) else None
    return str(named or f"http_{_status(error)}")


def pause_in(error: SlackApiError) -> float | None:
    """The pause that Slack asks for, in seconds; None where it asks for none.

    The library's own handler takes the first digit of Retry-After for the whole.
    """
    if _status(error) != _TOO_MANY and error_of(error) not in {"ratelimited", "rate_limited"}:
        return None
    headers = {str(name).lower(): value for name, value in error.response.headers.items()}
    try:
        return max(0.0, float(str(headers.get("retry-after", _PAUSE)))) + _MARGIN
    except ValueError:
        return _PAUSE


def _judged(error: SlackApiError, refused: Waits) -> DeliveryError:
    pause = pause_in(error)
    if pause is not None:
        refused(pause)
        return NotNowError("ratelimited", timedelta(seconds=pause))
    named = error_of(error)
    if named in _FOR_GOOD:
        return UndeliverableError(named)
    if named in _TOKEN:
        return NotNowError(named, _OUR_LOSS)
    if named in _UNCLEAR or _status(error) >= _SERVER_FAULT:
        return UnclearError(named)
    return DeliveryError(named)


def _status(error: SlackApiError) -> int:
    status = getattr(error.response, "status_code", None) or getattr(error.response, "status", 0)
    return int(status or 0)
