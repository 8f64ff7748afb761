"""Read-only evidence from local repositories. No git process is run here; a repository's own files are enough to find it."""

from __future__ import annotations

import re
from pathlib import Path

_AGENT_WORKTREE = re.compile(r"[\\/]\.claude[\\/]worktrees[\\/][^\\/]+")


def project_of(cwd: str) -> tuple[str, str]:
    """(path, name) of the project that a folder belongs to: its repository's main folder, shared by all worktrees.

    Outside of a repository, or where the folder is gone, the folder itself is the project.
    """
    plain = _AGENT_WORKTREE.sub("", cwd)
    found = _repository(Path(cwd)) or _repository(Path(plain)) or Path(plain)
    return str(found), found.name or str(found)


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


def _main_folder(mark: Path) -> Path | None:
    """The main folder behind a worktree's `.git` file; None for a submodule, which is a project of its own."""
    try:
        text = mark.read_text(encoding="utf-8", errors="replace")[:4096]
        folder = Path(mark.parent, text.removeprefix("gitdir:").strip())
        common = Path(folder, (folder / "commondir").read_text(encoding="utf-8").strip()).resolve()
    except OSError:
        return None
    return common.parent if common.name == ".git" else common
