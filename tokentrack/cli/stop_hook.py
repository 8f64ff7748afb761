"""Cursor's `stop` hook, by which it tells the tokens of each turn: put into the person's own hooks, and taken out again."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import click

from tokentrack import paths
from tokentrack.cli import hook_file, json_text

MINE = ("cursor_stop.py", "hook run cursor")
"""By these a command in somebody's `hooks.json` is known as ours."""
BACKUP = "hooks.json.before-tokentrack"
BOM = "\ufeff"


def install(yes: bool) -> None:
    path = hooks_file()
    told = hooks_in(path)
    wanted = with_ours(told, command())
    if wanted == told:
        click.echo(f"The hook is already in {path}; nothing was changed.")
        return
    goes = f'  on "stop", run  {command()}\n'
    about = (
        "At the end of each turn Cursor then tells its tokens; ids, model, counters and the time are appended to\n"
        f"{log_file()}. No prompt, no answer and no address is kept.\n"
        "Hooks that are there stay as they are."
        + (f" The file is kept as {BACKUP} beside it." if path.exists() else "")
    )
    hook_file.ask(path, (goes, about), yes)
    if path.exists() and not any(map(is_ours, told.get("hooks", {}).get("stop", []))):
        shutil.copy2(path, path.with_name(BACKUP))
    write(path, text_with_ours(text_of(path), wanted, command()))
    click.echo("Installed. `tokentrack hook remove cursor` takes it out again.")


def remove() -> None:
    path = hooks_file()
    told = hooks_in(path)
    wanted = without_ours(told)
    if wanted == told:
        click.echo("The hook is not installed; nothing was changed.")
        return
    backup = path.with_name(BACKUP)
    if (before := _unchanged_since(path, backup)) is not None:
        write(path, before)
    elif not (wanted.get("hooks") or set(wanted) - {"version", "hooks"}):  # nothing but what the hook brought along
        path.unlink()
    else:
        write(path, text_without_ours(text_of(path), wanted))
    if backup.exists() and path.exists() and backup.read_bytes() == path.read_bytes():
        backup.unlink()
    left = f" {backup} is the file as it was before." if backup.exists() else ""
    click.echo(f"Removed from {path}.{left}")


def run(_: str) -> None:
    from tokentrack.agents.cursor_stop import main

    main(str(log_file()))


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
    told: Any = json_text.parsed(path)[1]
    hooks = told.get("hooks", {}) if isinstance(told, dict) else None
    if not isinstance(hooks, dict) or not isinstance(hooks.get("stop", []), list):
        raise click.ClickException(f"{path} does not hold hooks as Cursor writes them; nothing was changed.")
    return cast("dict[str, Any]", told)


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


def text_of(path: Path) -> str:
    """The file as it is written, its line ends and all; empty where there is none."""
    return path.read_bytes().decode() if path.exists() else ""


def text_with_ours(text: str, wanted: dict[str, Any], named: str) -> str:
    """The text with our command put in, if that says what is wanted; else written anew."""
    entry = json.dumps({"command": named}, ensure_ascii=False)
    return _if_it_says(wanted, lambda: _put_in(_taken_out(text), entry))


def text_without_ours(text: str, wanted: dict[str, Any]) -> str:
    return _if_it_says(wanted, lambda: _taken_out(text, emptied=True))


def _if_it_says(wanted: dict[str, Any], made: Callable[[], str]) -> str:
    try:
        text = made()
        if json.loads(text.removeprefix(BOM)) == wanted:
            return text
    except (ValueError, LookupError):  # keys named twice, an empty file and the like
        pass
    return json.dumps(wanted, indent=2, ensure_ascii=False) + "\n"


def _top(text: str) -> int:
    return text.index("{")


def _stop(text: str) -> tuple[int, int] | None:
    """Where `hooks` and in it `stop` begin."""
    hooks = json_text.member(text, _top(text), "hooks")
    stop = json_text.member(text, hooks.start, "stop") if hooks else None
    return (hooks.start, stop.start) if hooks and stop else None


def _put_in(text: str, entry: str) -> str:
    hooks = json_text.member(text, _top(text), "hooks")
    stop = json_text.member(text, hooks.start, "stop") if hooks else None
    if stop:
        text = json_text.appended(text, stop.start, entry)
    elif hooks:
        text = json_text.appended(text, hooks.start, f'"stop": [{entry}]')
    else:
        text = json_text.appended(text, _top(text), f'"hooks": {{"stop": [{entry}]}}')
    if json_text.member(text, _top(text), "version") is None:
        text = json_text.appended(text, _top(text), '"version": 1')
    return text


def _taken_out(text: str, emptied: bool = False) -> str:
    """Without our commands; where none is left and `emptied` is asked for, without `stop` either."""
    found = _stop(text)
    if found is None:
        return text
    hooks, stop = found
    for place, span in reversed(list(enumerate(json_text.spans(text, stop)))):
        if is_ours(json.loads(text[span.start : span.end])):
            text = json_text.removed(text, stop, place)
    if emptied and not json_text.spans(text, stop):
        places = [place for place, span in enumerate(json_text.spans(text, hooks)) if span.start == stop]
        text = json_text.removed(text, hooks, places[0])
    return text


def _unchanged_since(path: Path, backup: Path) -> str | None:
    """The file as it was before, if nothing but our command came into it since."""
    try:
        before = text_of(backup)
        told = hooks_in(backup)
    except (OSError, UnicodeDecodeError, click.ClickException):
        return None
    if not backup.exists() or without_ours(told) != told:
        return None
    (named, *others) = [entry["command"] for entry in hooks_in(path)["hooks"]["stop"] if is_ours(entry)]
    if others or text_with_ours(before, with_ours(told, named), named) != text_of(path):
        return None
    return before


def write(path: Path, text: str) -> None:
    json_text.replace(path, text.encode())
