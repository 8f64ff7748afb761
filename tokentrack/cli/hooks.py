"""Opt-in hooks: what an agent runs to tell what its logs do not. Shown and asked for first, and taken out again."""

from __future__ import annotations

from types import ModuleType

import click

HOOKS = ("cursor", "claude-statusline")


def _hook_of(agent: str) -> ModuleType:
    """It has `install(yes)`, `remove()` and `run(command)`."""
    from tokentrack.cli import statusline, stop_hook

    return {"cursor": stop_hook, "claude-statusline": statusline}[agent]


@click.group()
def hook() -> None:
    """Opt-in hooks: Cursor tells its tokens, Claude Code its limits."""


@hook.command()
@click.argument("agent", type=click.Choice(HOOKS))
@click.option("--yes", is_flag=True, help="Do not ask.")
def install(agent: str, yes: bool) -> None:
    """Have AGENT tell what its logs do not, from now on. Shows what is written, and asks."""
    try:
        _hook_of(agent).install(yes)
    except click.Abort:  # nobody there to answer
        click.echo(err=True)
        raise click.ClickException("Nothing was changed.") from None


@hook.command()
@click.argument("agent", type=click.Choice(HOOKS))
def remove(agent: str) -> None:
    """Take the hook of AGENT out again. What it told stays."""
    _hook_of(agent).remove()


@hook.command(hidden=True)
@click.argument("agent", type=click.Choice(HOOKS))
@click.argument("command", default="")
def run(agent: str, command: str) -> None:
    """What AGENT runs where this program is one file without a Python beside it."""
    _hook_of(agent).run(command)
