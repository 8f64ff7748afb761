"""The tray app, and the same on sample logs."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import click

from tokentrack.cli import out
from tokentrack.cli.out import json_option

AGENTS_OWN = (
    "APPDATA", "CLAUDE_CONFIG_DIR", "CODEX_HOME", "CURSOR_CONFIG_DIR", "LOCALAPPDATA", "OPENCODE_", "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
)  # fmt: skip
"""Variables that lead to the person's own logs, wherever the home folder is."""


@click.command()
@click.option("--minimized", is_flag=True, help="Wait for the tray at login, open no window.")
@json_option
@click.pass_obj
def tray(store: Path, minimized: bool, as_json: bool) -> None:
    """The tray app. On a machine without a display, or for --json, it prints today's figures instead."""
    run(store, minimized, as_json)


@click.command()
@json_option
@click.pass_obj
def demo(store: Path, as_json: bool) -> None:
    """The app on bundled sample logs, in a throw-away store; for --json their figures of today."""
    from tokentrack.cli.samples import lay_out

    with tempfile.TemporaryDirectory(prefix="tokentrack-demo-") as folder:
        home = Path(folder)
        lay_out(home)
        for name in [name for name in os.environ if name.startswith(AGENTS_OWN)]:
            del os.environ[name]
        os.environ.update(HOME=folder, USERPROFILE=folder)
        click.echo(
            "Sample logs of real sessions, moved to the last eight days; nothing of yours is read or changed.", err=True
        )
        run(home / "demo.db", minimized=False, as_json=as_json)


def run(store: Path, minimized: bool, as_json: bool) -> None:
    if as_json:
        print_today(store, as_json)
        return
    from tokentrack.ui.display import has_display

    if not has_display():
        click.echo("No display here, so no tray icon: this is what it would show.", err=True)
        print_today(store)
        return
    from tokentrack.ui import app
    from tokentrack.ui.live import Live

    sys.exit(app.run(Live(store), minimized=minimized, store=store))


def print_today(store: Path, as_json: bool = False) -> None:
    from tokentrack.cli.scanning import run_scan
    from tokentrack.cli.today import show_today

    with out.opened(store) as db:
        run_scan(db, store, quiet=as_json)
        show_today(db, as_json)
