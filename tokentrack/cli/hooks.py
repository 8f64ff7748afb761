"""Opt-in hooks: what an agent runs to tell what its logs do not. Shown and asked for first, and taken out again."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import click

from tokentrack import paths

HOOKS = ("cursor", "claude-statusline")
MINE = ("cursor_stop.py", "hook run cursor")
"""By these a command in somebody's `hooks.json` is known as ours."""
BACKUP = "hooks.json.before-tokentrack"


@click.group()
def hook() -> None:
    """Opt-in hooks: Cursor tells its tokens, Claude Code the limits of its plan."""


@hook.command()
@click.argument("agent", type=click.Choice(HOOKS))
@click.option("--yes", is_flag=True, help="Do not ask.")
def install(agent: str, yes: bool) -> None:
    """Have AGENT tell what its logs do not, from now on. Shows what is written, and asks."""
    if agent == "claude-statusline":
        from tokentrack.cli import statusline

        statusline.install(yes)
        return
    path = hooks_file()
    told = hooks_in(path)
    wanted = with_ours(told, command())
    if wanted == told:
        click.echo(f"The hook is already in {path}; nothing was changed.")
        return
    click.echo(f"This goes into {path}:\n")
    click.echo(f'  on "stop", run  {command()}\n')
    click.echo(
        "At the end of each turn Cursor then tells its tokens; ids, model, counters and the time are appended to\n"
        f"{log_file()}. No prompt, no answer and no address is kept.\n"
        "Hooks that are there stay as they are."
        + (f" The file is kept as {BACKUP} beside it." if path.exists() else "")
    )
    if not yes and not click.confirm("\nInstall it?", default=False):
        raise click.ClickException("Nothing was changed.")
    write_hooks(path, wanted)
    click.echo("Installed. `tokentrack hook remove cursor` takes it out again.")


@hook.command()
@click.argument("agent", type=click.Choice(HOOKS))
def remove(agent: str) -> None:
    """Take the hook of AGENT out again. What it told stays."""
    if agent == "claude-statusline":
        from tokentrack.cli import statusline

        statusline.remove()
        return
    path = hooks_file()
    told = hooks_in(path)
    wanted = without_ours(told)
    if wanted == told:
        click.echo("The hook is not installed; nothing was changed.")
        return
    if wanted.get("hooks") or set(wanted) - {"version", "hooks"}:
        write_hooks(path, wanted)
    else:  # nothing but what the hook brought along
        path.unlink()
    click.echo(f"Removed from {path}.")


@hook.command(hidden=True)
@click.argument("agent", type=click.Choice(HOOKS))
@click.argument("command", default="")
def run(agent: str, command: str) -> None:
    """What AGENT runs where this program is one file without a Python beside it."""
    if agent == "claude-statusline":
        from tokentrack.agents import claude_status
        from tokentrack.cli import statusline

        sys.exit(claude_status.main(str(statusline.log_file()), command))
    from tokentrack.agents.cursor_stop import main

    main(str(log_file()))


# ---- what is written -------------------------------------------------------------------------------------------------


def hooks_file() -> Path:
    """The person's own hooks of Cursor, behind whatever link leads to them."""
    return Path(os.path.realpath(paths.home() / ".cursor" / "hooks.json"))


def log_file() -> Path:
    from tokentrack.agents.cursor import TURNS, hook_folder

    return hook_folder(paths.home(), os.environ) / TURNS


def command() -> str:
    """What Cursor runs: a small file by itself, which is there in a tenth of the time of the whole program."""
    script = Path(__file__).resolve().parent.parent / "agents" / "cursor_stop.py"
    if getattr(sys, "frozen", False) or not script.is_file():
        return quoted([sys.executable, "hook", "run", "cursor"])
    return quoted([sys.executable, "-I", "-S", str(script), str(log_file())])


def quoted(words: list[str]) -> str:
    return subprocess.list2cmdline(words) if sys.platform == "win32" else shlex.join(words)


def hooks_in(path: Path) -> dict[str, Any]:
    """Cursor's hooks as they are; none where there is no file. Raises ClickException where they cannot be understood."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{path} cannot be read ({type(error).__name__}); nothing was changed.") from None
    try:
        told = json.loads(text) if text.strip() else {}
    except (ValueError, RecursionError):
        raise click.ClickException(f"{path} is not valid JSON; mend it or move it away, nothing was changed.") from None
    hooks = told.get("hooks", {}) if isinstance(told, dict) else None
    if not isinstance(hooks, dict) or not isinstance(hooks.get("stop", []), list):
        raise click.ClickException(f"{path} does not hold hooks as Cursor writes them; nothing was changed.")
    return told


def is_ours(entry: object) -> bool:
    named = entry.get("command") if isinstance(entry, dict) else None
    return isinstance(named, str) and any(mark in named for mark in MINE)


def with_ours(told: dict[str, Any], named: str) -> dict[str, Any]:
    hooks = dict(told.get("hooks", {}))
    stop = hooks.get("stop", [])
    if [entry for entry in stop if is_ours(entry)] != [{"command": named}]:
        stop = [entry for entry in stop if not is_ours(entry)] + [{"command": named}]
    return {"version": 1} | told | {"hooks": hooks | {"stop": stop}}


def without_ours(told: dict[str, Any]) -> dict[str, Any]:
    hooks = dict(told.get("hooks", {}))
    stop = hooks.get("stop", [])
    left = [entry for entry in stop if not is_ours(entry)]
    if len(left) == len(stop):
        return told
    hooks["stop"] = left
    if not left:
        del hooks["stop"]
    return told | {"hooks": hooks}


def write_hooks(path: Path, told: dict[str, Any]) -> None:
    """All or nothing, with the file as it was kept beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        shutil.copy2(path, path.with_name(BACKUP))
    fresh = path.with_name(f"{path.name}.part")
    fresh.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    if path.exists():
        shutil.copymode(path, fresh)
    fresh.replace(path)
