"""Modals: docs.slack.dev/surfaces/modals and docs.slack.dev/reference/methods/views.open."""

from dataclasses import dataclass, field

from standin.journal import Journal, Json
from standin.outgoing import Outgoing
from standin.triggers import Triggers
from standin.webapi import Method, RefusedError
from standin.workspace import APP, BOT, TEAM, Workspace

__all__ = ["View", "Views"]

_DEEP = 3  # surfaces/modals: "a view stack of up to three views"


@dataclass(eq=False)
class View:
    """A modal in front of a person."""

    id: str
    user: str
    content: Json
    hash: str
    root: str
    is_open: bool = True
    errors: dict[str, str] = field(default_factory=dict)  # by block_id, after a refused submission


class Views:
    """All modals; the open ones of a person are a stack."""

    def __init__(
        self, journal: Journal, workspace: Workspace, outgoing: Outgoing, triggers: Triggers
    ) -> None:
        self._journal = journal
        self._workspace = workspace
        self._outgoing = outgoing
        self._triggers = triggers
        self.all: list[View] = []

    def methods(self) -> dict[str, Method]:
        """Name, function and needs of each."""
        return {
            "views.open": Method(self.open, ("view",)),
            "views.push": Method(self.push, ("view",)),
            "views.update": Method(self.update, ("view",)),
        }

    def stack(self, user: str) -> list[View]:
        """The person's open modals, the uppermost last."""
        return [view for view in self.all if view.user == user and view.is_open]

    def find(self, view_id: object) -> View | None:
        """An open modal."""
        return next((view for view in self.all if view.id == view_id and view.is_open), None)

    def open(self, arguments: Json) -> Json:
        """views.open: a new stack."""
        user = self._exchanged(arguments)
        content = self._outgoing.view(arguments["view"])
        for old in self.stack(user):
            old.is_open = False
        return {"view": self.show(self.put(user, content))}

    def push(self, arguments: Json) -> Json:
        """views.push: on top of the open ones."""
        user = self._exchanged(arguments)
        if len(self.stack(user)) >= _DEEP:
            raise RefusedError("push_limit_reached")
        return {"view": self.show(self.put(user, self._outgoing.view(arguments["view"])))}

    def _exchanged(self, arguments: Json) -> str:
        error, user = self._triggers.exchange(arguments.get("trigger_id"))
        if error:
            raise RefusedError(error)
        return user

    def put(self, user: str, content: Json) -> View:
        """A modal on top of the person's stack."""
        name = self._workspace.new_id("V")
        stack = self.stack(user)
        root = stack[0].id if stack else name
        view = View(name, user, self._named(content), self._workspace.new_ts(), root)
        self.all.append(view)
        self._journal.changed()
        return view

    def update(self, arguments: Json) -> Json:
        """views.update: `hash` guards against races."""
        view = self.find(arguments.get("view_id")) or self._external(arguments.get("external_id"))
        if view is None:
            raise RefusedError("not_found")
        if arguments.get("hash") and arguments["hash"] != view.hash:
            raise RefusedError("hash_conflict")
        self.change(view, self._outgoing.view(arguments["view"]))
        return {"view": self.show(view)}

    def change(self, view: View, content: Json) -> None:
        """Another content for an open modal."""
        view.content = self._named(content)
        view.hash = self._workspace.new_ts()
        self._journal.changed()

    def _external(self, name: object) -> View | None:
        named = (view for view in self.all if view.is_open and name)
        return next((view for view in named if view.content.get("external_id") == name), None)

    def _named(self, content: Json) -> Json:
        return content | {"blocks": self._workspace.with_ids(content["blocks"])}

    @staticmethod
    def show(view: View, values: Json | None = None) -> Json:
        """The view as payloads and answers have it."""
        usual: Json = {
            "private_metadata": "",
            "callback_id": "",
            "external_id": "",
            "clear_on_close": False,
            "notify_on_close": False,
            "submit": None,
            "close": None,
        }
        stack = {"root_view_id": view.root, "previous_view_id": None, "app_installed_team_id": TEAM}
        own = {"id": view.id, "team_id": TEAM, "hash": view.hash, "app_id": APP, "bot_id": BOT}
        return usual | view.content | own | stack | {"state": {"values": values or {}}}
