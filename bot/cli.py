"""The commands. The only place that configures logging and that turns errors into exit codes."""

import asyncio
import json
import logging
import sys
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any, NoReturn, TextIO, TypeVar

import click
from rich.console import Console

from bot.app import App, build
from bot.config import ConfigError, load_settings
from bot.conversation.replies import simple
from bot.desk.errors import CaseNotFoundError, RefusedError, StoreError
from bot.desk.ports import Casebook
from bot.model.case import CaseId
from bot.model.codes import Severity
from bot.model.reply import Reply
from bot.model.target import Protocol, Security, Target, Unusable
from bot.parsing.target import parse_target
from bot.transports.terminal import commands, histories
from bot.transports.terminal.documents import Json
from bot.transports.terminal.faults import faults_document, show_faults
from bot.transports.terminal.logs import JsonFormatter
from bot.transports.terminal.parsing import parse_lines
from bot.transports.terminal.scripts import ScriptError
from bot.transports.terminal.streams import is_full, prepare_streams
from bot.transports.terminal.targets import TargetCommand, as_typed
from bot.upkeep.errors import KnowledgeError
from bot.upkeep.lint import check_knowledge
from bot.upkeep.loader import find_knowledge, load_knowledge

__all__ = ["main"]

T = TypeVar("T")

_DONE, _PROBLEM, _BAD_REQUEST, _OUR_FAULT = range(4)
_INTERRUPTED = 130  # as shells have it for Ctrl-C
_USERS_FAULT = (
    ConfigError,
    KnowledgeError,
    StoreError,
    ScriptError,
    CaseNotFoundError,
    RefusedError,
)
_json = click.option("--json", "as_json", is_flag=True, help="Answer for another program.")


def main() -> NoReturn:
    """Runs a command and exits with the contract's code; no traceback reaches a person."""
    prepare_streams()
    _prepare_log()
    try:
        sys.exit(cli.main(standalone_mode=False) or _DONE)
    except click.ClickException as error:
        _fail(error.format_message(), _BAD_REQUEST)
    except (click.Abort, KeyboardInterrupt):
        _fail("stopped", _INTERRUPTED)
    except BrokenPipeError:
        sys.exit(_OUR_FAULT)
    except _USERS_FAULT as error:
        _fail(str(error), _BAD_REQUEST)
    except Exception as error:
        if is_full(error):
            _fail(f"the answer cannot be written: {error}", _OUR_FAULT)
        logging.getLogger(__name__).exception("the command failed")
        _fail("something went wrong inside; the line above is for whoever runs this", _OUR_FAULT)


def _prepare_log() -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


def _fail(message: str, code: int) -> NoReturn:
    line = " ".join(message.split())
    click.echo(f"mailmedic: {line}", err=True)
    sys.exit(code)


def _app() -> App:
    return build(load_settings())


def _print(document: Json) -> None:
    click.echo(json.dumps(document))


def _stdout() -> Console:
    # A screen wraps at words; in a file or pipe a line stays a line.
    wraps = not sys.stdout.isatty()
    return Console(highlight=False, markup=False, emoji=False, soft_wrap=wraps)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("mailmedic"), message="%(version)s")
def cli() -> None:
    """Find out why mail does not go out, prove it, and get it going again."""


@cli.command(cls=TargetCommand)
@click.argument("target", nargs=-1, required=True, callback=as_typed)
@click.option(
    "--security", type=click.Choice(["auto", *(mode.value for mode in Security)]), default="auto"
)
@click.option(
    "--protocol", type=click.Choice(["auto", *(one.value for one in Protocol)]), default="auto"
)
@_json
def check(target: tuple[str, ...], security: str, protocol: str, as_json: bool) -> int:
    """Check TARGET live: host, host:port, host PORT, [ipv6]:port, or a mail address.

    TARGET - reads one target a line and answers with one JSON document a line.
    """
    app = _app()
    if target == ("-",):
        return asyncio.run(commands.check_many(sys.stdin, app.checks(), app.knowledge, _print))
    asked = parse_target(target)
    if isinstance(asked, Target):
        asked = replace(
            asked,
            security=asked.security if security == "auto" else Security(security),
            protocol=asked.protocol if protocol == "auto" else Protocol(protocol),
        )
    if isinstance(asked, Unusable):
        code, document, line = commands.refuse(asked, app.knowledge)
        if as_json:
            _print(document)
        _fail(line, code)
    if as_json:
        code, document, line = asyncio.run(commands.check_json(asked, app.checks(), app.knowledge))
        _print(document)
    else:
        shown = commands.check_shown(asked, app.checks(), app.knowledge, _stdout())
        code, line = asyncio.run(shown)
    if code == _BAD_REQUEST:
        _fail(line, code)
    return code


@cli.command()
@_json
@click.option("--explain", is_flag=True, help="Say which phrase spoke for what.")
def parse(as_json: bool, explain: bool) -> int:
    """Read JSON lines {"id", "text"} and print what each text says, a JSON line each."""
    del as_json  # this command speaks nothing else
    app = _app()
    bad = False
    for document in parse_lines(sys.stdin, app.knowledge, explain=explain):
        _print(document)
        bad = bad or "error" in document
    return _BAD_REQUEST if bad else _DONE


@cli.command()
@click.option("--script", type=click.File(encoding="utf-8", errors="replace"))
@_json
@click.option("--user", default="terminal", help="Who talks.")
@click.option("--case", "case_id", help="Go on with this case.")
def chat(script: TextIO | None, as_json: bool, user: str, case_id: str | None) -> int:
    """Talk about mail that does not go out; `quit` ends it.

    A script, or stdin with --json, holds JSON lines: {"say": TEXT}, {"choose": OPTION_ID},
    {"fill": {FIELD: VALUE}}, {"wait": SECONDS}. Each is answered by one JSON line.
    """
    app = _app()
    asked = _talk(app, user, CaseId(case_id) if case_id is not None else None)
    if script is not None or as_json:
        asyncio.run(commands.play(asked, script or sys.stdin, sys.stdout))
    else:
        commands.talk_at_desk(asked, sys.stdin, _stdout(), simple("reply.hello", app.knowledge))
    return _DONE


def _talk(app: App, user: str, case: CaseId | None = None) -> commands.Talk:
    return commands.Talk(
        open_office=app.open_office,
        clock=app.clock,
        user=user,
        texts=app.knowledge.texts,
        case=case,
    )


@cli.command()
def start() -> int:
    """Start the bot: in Slack if its tokens are set, else in this terminal."""
    app = _app()
    if app.settings.has_slack_tokens:
        return _serve(app)
    texts = app.knowledge.texts
    steps = tuple(texts[f"start.step.{number}"] for number in (1, 2, 3))
    intro = Reply(paragraphs=(texts["start.no_tokens"], *steps))
    asked = _talk(app, "terminal")
    hello = simple("reply.hello", app.knowledge)
    commands.talk_at_desk(asked, sys.stdin, _stdout(), intro, hello)
    return _DONE


@cli.command()
def serve() -> int:
    """Serve Slack until SIGTERM or Ctrl-C; without its tokens use `mailmedic start`."""
    app = _app()
    if not app.settings.has_slack_tokens:
        _fail(app.knowledge.texts["start.serve_needs"], _BAD_REQUEST)
    return _serve(app)


def _serve(app: App) -> int:
    logging.getLogger("bot").setLevel(logging.INFO)
    asyncio.run(app.serve_slack(lambda: click.echo(app.knowledge.texts["start.in_slack"])))
    return _DONE


@cli.group()
def history() -> None:
    """What was wrong before, and what helped."""


def _from_history(ask: Callable[[Casebook], Coroutine[Any, Any, T]]) -> T:
    """What the casebook answers."""

    async def asked() -> T:
        casebook = await _app().open_casebook()
        try:
            return await ask(casebook)
        finally:
            await casebook.close()

    return asyncio.run(asked())


@history.command()
@click.argument("words", nargs=-1)
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000))
@click.option("--offset", default=0, show_default=True, type=click.IntRange(0, 1_000_000))
@_json
def search(words: tuple[str, ...], limit: int, offset: int, as_json: bool) -> int:
    """Search cases for WORDS; without words the newest cases."""
    page = _from_history(lambda book: book.search(" ".join(words), limit=limit, offset=offset))
    if as_json:
        _print(histories.page_document(page))
    else:
        histories.show_page(page, _stdout())
    return _DONE


@history.command()
@click.argument("case")
@_json
def show(case: str, as_json: bool) -> int:
    """Show a case, whole."""
    if as_json:
        _print(_from_history(lambda book: commands.case_json(book, CaseId(case))))
    else:
        histories.show_case(_from_history(lambda book: book.show(CaseId(case))), _stdout())
    return _DONE


@history.command()
@_json
def stats(as_json: bool) -> int:
    """Count cases by cause, provider, server, program and day."""
    counts = _from_history(lambda book: book.statistics())
    if as_json:
        _print(histories.statistics_document(counts))
    else:
        histories.show_statistics(counts, _stdout())
    return _DONE


@cli.group()
def knowledge() -> None:
    """The knowledge base."""


@knowledge.command("check")
@_json
def knowledge_check(as_json: bool) -> int:
    """Prove that the knowledge is whole; each fault names its file, key and cure."""
    try:
        loaded = load_knowledge(find_knowledge(load_settings().knowledge))
    except KnowledgeError as error:  # what cannot even be read is the first thing to mend
        _fail(str(error), _PROBLEM)
    found = check_knowledge(loaded, datetime.now(UTC).date())
    faults = sorted((fault.severity, str(fault)) for fault in found)
    if as_json:
        _print(faults_document(loaded, faults))
    else:
        show_faults(loaded, faults, _stdout())
    is_whole = all(severity is not Severity.PROBLEM for severity, _ in faults)
    return _DONE if is_whole else _PROBLEM
