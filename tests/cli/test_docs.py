"""The README promises commands; each exists."""

from __future__ import annotations

import re
from pathlib import Path

from tokentrack.cli import COMMANDS

ROOT = Path(__file__).parents[2]


def test_every_command_in_the_readme_exists() -> None:
    named = set(re.findall(r"^tokentrack (\w+)", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE))
    assert named >= {"scan", "today", "usage", "why", "doctor"}
    assert named <= set(COMMANDS)


def test_every_file_and_image_that_the_documents_point_to_is_there() -> None:
    for document in ("README.md", "ARCHITECTURE.md", "benchmarks/README.md", "docs/new-agent.md"):
        text = (ROOT / document).read_text(encoding="utf-8")
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", text):
            assert (ROOT / document).parent.joinpath(target).exists(), f"{document}: {target}"
