"""Claude Code's status line, taken as a source of its plan's limits: installed when asked for, wrapped around what is there."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from tokentrack import paths
from tokentrack.cli import hook_file, json_text

SCRIPT = "claude_status.py"
RUN = ["hook", "run", "claude-statusline"]
BACKUP = "settings.json.before-tokentrack"


def settings_file() -> Path:
    """The person's own settings of Claude Code, behind whatever link leads to them."""
    named = next(filter(None, map(str.strip, os.environ.get("CLAUDE_CONFIG_DIR", "").split(","))), "")
    folder = Path(os.path.expanduser(named)) if named else paths.home() / ".claude"
    return Path(os.path.realpath(folder / "settings.json"))


def log_file() -> Path:
    from tokentrack.agents.claude_code import LIMITS, limits_folder

    return limits_folder(paths.home(), os.environ) / LIMITS


def command(wrapped: str) -> str:
    """What Claude Code runs: a small file by itself, and behind it the status line that was there. A POSIX shell reads it."""
    script = Path(__file__).resolve().parent.parent / "agents" / SCRIPT
    if getattr(sys, "frozen", False) or not script.is_file():
        words = [sys.executable, *RUN]
    else:
        words = [sys.executable, "-I", "-S", str(script), str(log_file())]
    return shlex.join([*words, wrapped] if wrapped else words)


def install(yes: bool) -> None:
    path = settings_file()
    told = _settings(path)
    line = told.get("statusLine")
    before = line.get("command", "") if isinstance(line, dict) else ""
    wrapped = _wrapped(before) if is_ours(before) else before
    wanted = _with_ours(told, command(wrapped))
    if wanted == told:
        click.echo(f"The hook is already in {path}; nothing was changed.")
        return
    goes = f'  as "statusLine", run  {command(wrapped)}\n'
    about = (
        "Claude Code then tells how much of the plan's limits is used; percentages, reset times, the session's id and the time\n"
        f"are appended to {log_file()}. No prompt, no answer and no address is kept."
    )
    shown = f"Your status line goes on as it is: {wrapped}"
    shown = shown if wrapped else "Nothing is shown in Claude Code's status line by it."
    kept = [f"The file is kept as {BACKUP} beside it."] if path.exists() and not is_ours(before) else []
    hook_file.ask(path, (goes, about, shown, *kept), yes)
    if path.exists() and not is_ours(before):
        shutil.copy2(path, path.with_name(BACKUP))
    json_text.replace(path, _text(wanted))
    click.echo("Installed. `tokentrack hook remove claude-statusline` takes it out again.")


def remove() -> None:
    path = settings_file()
    told = _settings(path)
    line = told.get("statusLine")
    now = line.get("command", "") if isinstance(line, dict) else ""
    if not isinstance(line, dict) or not is_ours(now):
        click.echo("The hook is not installed; nothing was changed.")
        return
    wrapped = _wrapped(now)
    left = {key: value for key, value in told.items() if key != "statusLine"}
    if wrapped:
        left = told | {"statusLine": line | {"command": wrapped}}
    backup = path.with_name(BACKUP)
    if (as_before := _unchanged_since(path, backup, now)) is not None:
        json_text.replace(path, as_before)
        backup.unlink()
    elif left or backup.exists():
        json_text.replace(path, _text(left))
    else:  # nothing but what the hook brought along
        path.unlink()
    click.echo(f"Removed from {path}." + (f" Your status line is what it was: {wrapped}" if wrapped else ""))


def run(command: str) -> None:
    from tokentrack.agents import claude_status

    sys.exit(claude_status.main(str(log_file()), command))


def _with_ours(told: dict[str, Any], named: str) -> dict[str, Any]:
    return told | {"statusLine": told.get("statusLine", {}) | {"type": "command", "command": named}}


def _unchanged_since(path: Path, backup: Path, named: str) -> bytes | None:
    """The file as it was before, if it is still as our command was put into it."""
    try:
        before, told = backup.read_bytes(), _settings(backup)
    except (OSError, click.ClickException):
        return None
    return before if _text(_with_ours(told, named)) == path.read_bytes() else None


def is_ours(named: object) -> bool:
    return isinstance(named, str) and (SCRIPT in named or shlex.join(RUN) in named)


def _wrapped(named: str) -> str:
    """The status line that our command goes on to; empty where there was none."""
    try:
        words = shlex.split(named)
    except ValueError:
        return ""
    if any(Path(word).name == SCRIPT for word in words):
        at = next(place for place, word in enumerate(words) if Path(word).name == SCRIPT) + 2
    else:
        at = words.index(RUN[-1]) + 1 if RUN[-1] in words else len(words)
    return words[at] if at < len(words) else ""


def _settings(path: Path) -> dict[str, Any]:
    """Claude Code's settings as they are. Raises ClickException where they cannot be understood."""
    text, told = json_text.parsed(path)
    _lossless(path, text)
    if not isinstance(told, dict) or not isinstance(told.get("statusLine", {}), dict):
        raise click.ClickException(f"{path} does not hold settings as Claude Code writes them; nothing was changed.")
    if not isinstance(told.get("statusLine", {}).get("command", ""), str):
        raise click.ClickException(f"{path} has a status line that is no command; nothing was changed.")
    return told


def _lossless(path: Path, text: str) -> None:
    """Raises ClickException where the values would not be the same once written back."""

    def number(word: str) -> float:
        if Decimal(repr(float(word))) != Decimal(word):
            raise ValueError(word)
        return float(word)

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) < len(pairs):
            raise ValueError("a key named twice")
        return dict(pairs)

    try:
        told = json.loads(text, parse_float=number, object_pairs_hook=once) if text.strip() else {}
        json.dumps(told, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, ArithmeticError):
        raise click.ClickException(
            f"{path} holds values that cannot be written back as they are; nothing was changed."
        ) from None


def _text(told: dict[str, Any]) -> bytes:
    return (json.dumps(told, indent=2, ensure_ascii=False) + "\n").encode()
