"""The README promises commands; each exists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click

from tokentrack.cli import COMMANDS, cli

ROOT = Path(__file__).parents[2]


def test_every_command_in_the_readme_exists() -> None:
    named = set(re.findall(r"^tokentrack (\w+)", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE))
    assert named >= {"scan", "today", "usage", "why", "doctor"}
    assert named <= set(COMMANDS)


def without_json(command: click.Command, name: str = "") -> Iterator[str]:
    if isinstance(command, click.Group):
        for below in command.list_commands(click.Context(command)):
            found = command.get_command(click.Context(command), below)
            assert found is not None
            yield from without_json(found, f"{name} {below}".strip())
        if not command.invoke_without_command:
            return
    if name and not any("--json" in option.opts for option in command.params):
        yield name


def test_every_command_takes_json() -> None:
    """But for the page, which is written in the format that is asked for, and the hooks, which ask first."""
    assert set(without_json(cli)) == {"export", "hook install", "hook remove", "hook run"}


def test_every_file_and_image_that_the_documents_point_to_is_there() -> None:
    for document in ("README.md", "ARCHITECTURE.md", "benchmarks/README.md", "docs/new-agent.md"):
        text = (ROOT / document).read_text(encoding="utf-8")
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", text):
            assert (ROOT / document).parent.joinpath(target).exists(), f"{document}: {target}"
