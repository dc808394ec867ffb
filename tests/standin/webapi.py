"""The door of the Web API: docs.slack.dev/apis/web-api.

Arguments come in the query, in a form or as JSON; the token in the Authorization header or as an
argument; an answer is HTTP 200 with `ok`, whatever Slack thinks of the call.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from aiohttp import web

from standin.faults import Fault, Faults
from standin.journal import Call, Journal, Json

__all__ = ["Method", "RefusedError", "WebApi", "truth"]

# Errors that only a mistake of the app can cause; the others happen to the best.
_MISTAKES = frozenset(
    {
        "cant_update_message",
        "exchanged_trigger_id",
        "expired_trigger_id",
        "invalid_arguments",
        "invalid_auth",
        "invalid_blocks",
        "invalid_blocks_format",
        "invalid_cursor",
        "invalid_metadata_format",
        "invalid_trigger_id",
        "markdown_text_conflict",
        "metadata_too_large",
        "missing_scope",
        "msg_blocks_too_long",
        "msg_too_long",
        "no_text",
        "not_allowed_token_type",
        "not_authed",
        "push_limit_reached",
        "unknown_method",
    }
)
_JSON_ARGUMENTS = ("blocks", "metadata", "view", "attachments", "loading_messages")


class RefusedError(Exception):
    """Slack says no; `more` is what stands next to the error."""

    def __init__(self, error: str, more: Json | None = None) -> None:
        super().__init__(error)
        self.error = error
        self.more = more or {}


@dataclass(frozen=True, slots=True)
class Method:
    """One method: what it does, what it needs."""

    run: Callable[[Json], Json]
    required: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()  # any one of them
    is_for_app_token: bool = False
    takes_json: bool = True


def truth(value: object) -> bool:
    """Whether an argument says yes; forms spell it in several ways."""
    return str(value).lower() in {"1", "true"}


class WebApi:
    """Answers the calls."""

    def __init__(
        self,
        journal: Journal,
        faults: Faults,
        methods: Mapping[str, Method],
        *,
        tokens: tuple[str, str],
        scopes: frozenset[str],
    ) -> None:
        self._journal = journal
        self._faults = faults
        self._methods = methods
        self._bot_token, self._app_token = tokens
        self._scopes = scopes

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answers one call, after whatever the test wants to go wrong with it."""
        name = request.match_info["method"]
        method = self._methods.get(name)
        takes_json = method is None or method.takes_json
        try:
            arguments = await _arguments(request, takes_json=takes_json)
        except ValueError:
            self._journal.breach(f"{name}: invalid_json")
            return web.json_response({"ok": False, "error": "invalid_json"})
        token = _token(request, arguments)
        call = Call(name, arguments, self._journal.clock())
        self._journal.calls.append(call)
        self._journal.changed()
        seconds, is_early = self._faults.limited(name, arguments)
        if seconds is not None:
            if is_early:
                self._journal.breach(f"{name} called while rate limited")
            return self._finish(call, 429, {"ok": False, "error": "ratelimited"}, seconds)
        fault = self._faults.next(name)
        if fault.wait:
            await asyncio.sleep(fault.wait)
        return self._act(call, fault, token, request)

    def _act(
        self, call: Call, fault: Fault, token: str | None, request: web.Request
    ) -> web.StreamResponse:
        fails = fault.status is not None or fault.is_cut or fault.error is not None
        answer: Json = {"ok": False, "error": fault.error or "internal_error"}
        if not fails or fault.after_effect:
            answer = self._answer(call, token)
        if fault.is_cut:
            assert request.transport is not None
            request.transport.abort()
            call.answer = answer
            self._journal.changed()
            return web.Response(status=500)
        return self._finish(call, fault.status or 200, answer)

    def _finish(
        self, call: Call, status: int, answer: Json, retry_after: int | None = None
    ) -> web.Response:
        call.status, call.answer = status, answer
        self._journal.changed()
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        if status >= 500:  # Slack's error pages are not JSON
            return web.Response(status=status, text="<html>Server Error</html>")
        return web.json_response(answer, status=status, headers=headers)

    def _answer(self, call: Call, token: str | None) -> Json:
        try:
            return {"ok": True, **self._run(call, token)}
        except RefusedError as refused:
            if refused.error in _MISTAKES:
                details = json.dumps(refused.more) if refused.more else ""
                self._journal.breach(f"{call.method}: {refused.error} {details}".rstrip())
            return {"ok": False, "error": refused.error, **refused.more}

    def _run(self, call: Call, token: str | None) -> Json:
        method = self._methods.get(call.method)
        if method is None:
            raise RefusedError("unknown_method", {"req_method": call.method})
        self._check_token(method, token)
        self._check_scope(method)
        _check_required(method, call.arguments)
        return method.run(call.arguments)

    def _check_token(self, method: Method, token: str | None) -> None:
        if not token:
            raise RefusedError("not_authed")
        if token not in {self._bot_token, self._app_token}:
            raise RefusedError("invalid_auth")
        if (token == self._app_token) != method.is_for_app_token:
            raise RefusedError("not_allowed_token_type")

    def _check_scope(self, method: Method) -> None:
        if method.scopes and not self._scopes.intersection(method.scopes):
            raise missing_scope(method.scopes, self._scopes)


def missing_scope(needed: tuple[str, ...], has: frozenset[str]) -> RefusedError:
    """docs.slack.dev/authentication/using-token-scopes: both lists are in the answer."""
    provided = ",".join(sorted(has))
    return RefusedError("missing_scope", {"needed": ",".join(needed), "provided": provided})


def _check_required(method: Method, arguments: Json) -> None:
    missing = [name for name in method.required if arguments.get(name) in (None, "")]
    if missing:
        messages = [f"[ERROR] missing required field: {name}" for name in missing]
        raise RefusedError("invalid_arguments", {"response_metadata": {"messages": messages}})


async def _arguments(request: web.Request, *, takes_json: bool) -> Json:
    """Every argument, JSON in forms decoded; bad JSON stays the string that it is."""
    arguments: Json = dict(request.query)
    if request.content_type == "application/json":
        body = await request.text()
        said = json.loads(body or "{}")
        if not isinstance(said, dict):
            raise ValueError("json_not_object")
        arguments |= said if takes_json else {}
    else:
        arguments |= {name: str(value) for name, value in (await request.post()).items()}
    for name in _JSON_ARGUMENTS:
        if isinstance(arguments.get(name), str):
            try:
                arguments[name] = json.loads(arguments[name])
            except ValueError:
                continue
    return arguments


def _token(request: web.Request, arguments: Json) -> str | None:
    """The token, which is no longer an argument afterwards."""
    given = arguments.pop("token", None)
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme == "Bearer" and token else given
