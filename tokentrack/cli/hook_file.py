"""The file of another program that a hook is put into: what goes there is shown and asked for first."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click


def ask(path: Path, said: Iterable[str], yes: bool) -> None:
    """Says what goes into the file. Raises ClickException where it is not wanted; `yes` asks nothing."""
    click.echo(f"This goes into {path}:\n")
    for text in said:
        click.echo(text)
    if not yes and not click.confirm("\nInstall it?", default=False):
        raise click.ClickException("Nothing was changed.")
