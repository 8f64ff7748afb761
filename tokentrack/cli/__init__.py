"""The command line: the same core as the windows, for scripts, for machines without a screen, for checking the windows' figures.

Exit codes: 0 done, 1 a plain failure with one line on standard error, 2 wrong usage, 3 refused for safety.
"""

from __future__ import annotations

import os
import sys
import threading
from importlib import import_module
from io import TextIOWrapper
from keyword import iskeyword
from pathlib import Path
from typing import NoReturn, TextIO

import click

from tokentrack import __version__, clock, paths

COMMANDS = {
    "tray": ("app", "The tray app"),
    "demo": ("app", "The app on bundled sample logs, in a throw-away store"),
    "scan": ("scanning", "Read what is new in all logs"),
    "today": ("today", "Today and this week, against your budget"),
    "usage": ("counting", "Totals by day, by agent, by task and more"),
    "sessions": ("sessions", "Sessions, the newest first"),
    "session": ("sessions", "One session: its turns, what they are linked to"),
    "why": ("why", "From a figure down to the log lines behind it"),
    "task": ("tasks", "Tasks: one piece of work each, as you would name it"),
    "suggest": ("linking", "Which tasks SESSION, or each session that waits, may belong to"),
    "link": ("linking", "Say that SESSION belongs to TASK; `none`: to no task, on purpose"),
    "unlink": ("linking", "Take SESSION, or some of its turns, out of what it is linked to"),
    "accept": ("linking", "Link what is suggested with ●"),
    "reject": ("linking", "SESSION does not belong to TASK"),
    "undo": ("linking", "Take back the newest change of tasks, links and rules"),
    "redo": ("linking", "Do again what was taken back last"),
    "rule": ("rules", "Rules link what matches to a task once you asked for it"),
    "review": ("reviewing", "A week (2026-W47; this one if none is named): what it cost"),
    "export": ("exporting", "One page for a one-on-one: what came of it, what it cost"),
    "search": ("finding", "Find words, or their beginnings, in tasks, sessions and notes"),
    "prices": ("pricing", "The prices in force: of one MODEL, or of every model met so far"),
    "reprice": ("pricing", "What the prices in force now would change in list values"),
    "doctor": ("keeping", "What is read and what is not: folders, logs, unreadable lines"),
    "import": ("importing", "What no log tells: usage exports"),
    "hook": ("hooks", "Opt-in hooks: Cursor tells its tokens, Claude Code its limits"),
    "budget": ("budgeting", "What you plan to spend in a day, a week or a month"),
    "plan": ("paying", "Flat fees, each in force from a day on"),
    "charge": ("paying", "What is billed beside the plans"),
    "backup": ("keeping", "Write a consistent copy of the store to FILE"),
    "restore": ("keeping", "Put the copy FILE in the store's place"),
}
"""Each command, the module here that holds it, and how its help begins, which a test holds.

A module is imported when its command is called: a list of them all imports none.
"""


class Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, _ = COMMANDS[name]
        command = getattr(import_module(f"tokentrack.cli.{module}"), f"{name}_" if iskeyword(name) else name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, f"{help_}.") for name, (_, help_) in COMMANDS.items()])


@click.group(cls=Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--store", type=click.Path(path_type=Path), help="The store to use instead of your own.")
@click.version_option(__version__, prog_name="tokentrack")
@click.pass_context
def cli(ctx: click.Context, store: Path | None) -> None:
    """What AI coding agents cost you, what came of it, and how sure you are. Private, offline, on this machine."""
    if store:
        os.environ["TOKENTRACK_STORE"] = str(store)  # so that a failure names the right file
    ctx.obj = paths.store_path()
    try:
        clock.now()
    except ValueError:
        raise click.UsageError("TOKENTRACK_NOW is no time like 2026-11-22T18:00:00Z.") from None
    if ctx.invoked_subcommand is None:
        ctx.invoke(cli.get_command(ctx, "tray"))  # type: ignore[arg-type]


def run() -> NoReturn:
    """The command as a process of its own, which ends at once: what the interpreter would take apart, the system takes back.

    That is a tenth of a short command. Windows and what still runs beside the command are taken apart in order.
    """
    code: str | int | None = 0
    try:
        main()
    except SystemExit as ended:
        code = ended.code
    if "PySide6" in sys.modules or threading.active_count() > 1 or not isinstance(code, int):
        sys.exit(code)
    try:
        for stream in filter(None, (sys.stdout, sys.stderr)):
            stream.flush()
    except OSError:
        code = code or 1
    os._exit(code)


def main() -> None:
    """Runs a command; whatever goes wrong ends in one sentence and an exit code, never in a traceback."""
    sys.stdout, sys.stderr = _writing(sys.stdout), _writing(sys.stderr)
    try:
        cli(standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.UsageError as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped; what was read so far is kept.", err=True)
        sys.exit(1)
    except click.ClickException as error:
        from tokentrack.store.reviews import plain  # it may name a title or a file

        click.echo(plain(error.format_message()), err=True)
        sys.exit(error.exit_code)
    except Exception as error:  # noqa: BLE001  # the last door: a person never sees a traceback
        from tokentrack.cli.failures import explained

        click.echo(explained(error), err=True)
        _give_up_output()
        sys.exit(1)


def _writing(stream: TextIO | None) -> TextIO:
    """What is read by a program is UTF-8 whatever the locale is; a terminal shows a sign for what it has no letter for.

    Without a console, or where the output was closed, there is none, and what is written goes nowhere.
    """
    if stream is None:
        return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123
    if isinstance(stream, TextIOWrapper):
        stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="replace")
    return stream


def _give_up_output() -> None:
    """What could not be written to a full disk or a closed pipe cannot be written at the end either."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
