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
    "tray": "app",
    "demo": "app",
    "scan": "scanning",
    "today": "today",
    "usage": "counting",
    "sessions": "sessions",
    "session": "sessions",
    "why": "why",
    "task": "tasks",
    "suggest": "linking",
    "link": "linking",
    "unlink": "linking",
    "accept": "linking",
    "reject": "linking",
    "undo": "linking",
    "redo": "linking",
    "rule": "rules",
    "review": "reviewing",
    "export": "exporting",
    "search": "finding",
    "prices": "pricing",
    "reprice": "pricing",
    "doctor": "keeping",
    "import": "importing",
    "hook": "hooks",
    "budget": "budgeting",
    "plan": "paying",
    "charge": "paying",
    "backup": "keeping",
    "restore": "keeping",
}
"""Each command and the module here that holds it; a module is imported when its command is called."""


class Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command = getattr(import_module(f"tokentrack.cli.{COMMANDS[name]}"), f"{name}_" if iskeyword(name) else name)
        assert isinstance(command, click.Command)
        return command


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
    from tokentrack.cli.failures import explained

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
