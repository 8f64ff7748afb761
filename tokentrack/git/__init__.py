"""Read-only evidence from local repositories. Which project a folder belongs to is told by files alone, without a process."""

from __future__ import annotations

import os
import re
from pathlib import Path

_AGENT_WORKTREE = re.compile(r"[\\/]\.claude[\\/]worktrees[\\/][^\\/]+")
_WORKTREES = re.compile(r"(.+?)[-_.](?:wt|worktrees?|trees)")
"""What a folder of worktrees is called that stands beside its repository."""


def project_of(cwd: str) -> tuple[str, str]:
    """(path, name) of the project that a folder belongs to: its repository's main folder, shared by all worktrees.

    Outside of a repository, or where the folder is gone, the folder itself is the project.
    """
    plain = _AGENT_WORKTREE.sub("", cwd)
    found = _repository(Path(cwd)) or _repository(Path(plain)) or _beside(Path(plain)) or Path(plain)
    return str(found), found.name or str(found)


def worktree_of(folder: str, project: str) -> str:
    """The working tree of a project in which a folder lies: the project itself, or a worktree inside of it or beside it.

    A worktree that is gone is known by where agents and people put them; else the folder stands for itself.
    """
    if folder == project:
        return project
    if told := _AGENT_WORKTREE.search(folder):
        return folder[: told.end()]
    around = (Path(folder), *Path(folder).parents)
    for candidate in around:
        if str(candidate) == project or os.path.isfile(candidate / ".git"):  # noqa: PTH113  # never raises
            return str(candidate)
    beside = (one for one in around if (match := _WORKTREES.fullmatch(one.parent.name)) and
              str(one.parent.with_name(match[1])) == project)  # fmt: skip
    return str(next(beside, folder))


def _repository(folder: Path) -> Path | None:
    for candidate in (folder, *folder.parents):
        mark = candidate / ".git"
        try:
            if mark.is_dir():
                return candidate
            if mark.is_file():
                return _main_folder(mark) or candidate
        except OSError:
            return None
    return None


def _beside(folder: Path) -> Path | None:
    """The repository `shop` of a worktree in `shop-wt`: worktrees are removed when their work is done."""
    for candidate in (folder, *folder.parents):
        if match := _WORKTREES.fullmatch(candidate.name):
            repository = candidate.with_name(match[1])
            if _is_folder(repository / ".git"):
                return repository
    return None


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False


def _main_folder(mark: Path) -> Path | None:
    """The main folder behind a worktree's `.git` file; None for a submodule, which is a project of its own."""
    try:
        text = mark.read_text(encoding="utf-8", errors="replace")[:4096]
        folder = Path(mark.parent, text.removeprefix("gitdir:").strip())
        if not (folder / "commondir").is_file():
            return None
        common = Path(folder, (folder / "commondir").read_text(encoding="utf-8", errors="replace").strip()).resolve()
    except (OSError, ValueError):
        return None
    return common.parent if common.name == ".git" else common
