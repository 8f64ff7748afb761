"""Which folders are watched, and by which names the logs in them are known: links followed as the readers follow them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tokentrack.agents import Agent, claude_code, codex, opencode, places
from tokentrack.agents.folders import Looked


def met(agent: Agent, root: Path) -> dict[str, str]:
    """The links that a reader meets below a root, and where they lead, relative to the test's folder."""
    looked = Looked(root)
    list(agent.logs(root, looked))
    return {Path(link).name: places.target(link)[0] for link in looked.links(agent.log_at)}


def linked(links: dict[Path, Path]) -> None:
    for link, target in links.items():
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(target)


@pytest.mark.parametrize(
    ("agent", "folders", "file"),
    [
        (claude_code, ["-work-shop"], "-work-shop/s1.jsonl"),
        (claude_code, ["-work-shop/s1"], "-work-shop/s1/subagents/agent-1.jsonl"),
        (codex, ["2026", "2025/11"], "2025/11/22/rollout-1.jsonl"),
        (opencode, ["storage"], "opencode.db"),
    ],
    ids=lambda value: getattr(value, "NAME", None),
)
def test_the_links_that_a_reader_follows_are_met(tmp_path: Path, agent: Agent, folders: list[str], file: str) -> None:
    root, away = tmp_path / "root", tmp_path / "away"
    for number, folder in enumerate(folders):
        (away / str(number) / "message").mkdir(parents=True)
        linked({root / folder: away / str(number)})
    log = (root / file).parent.resolve() / Path(file).name
    away.joinpath("log").touch()
    linked({log: away / "log"})
    wanted = {Path(folder).name: str(away / str(number)) for number, folder in enumerate(folders)}
    assert met(agent, root) == wanted | {log.name: str(away / "log")}


def test_other_links_are_not(tmp_path: Path) -> None:
    """What an agent keeps beside its logs may link anything: packages, whole disks."""
    root, away = tmp_path / "root", tmp_path / "away"
    away.mkdir()
    away.joinpath("notes.txt").touch()
    linked({root / "-work-shop/tool-results": away, root / "-work-shop/notes.txt": away / "notes.txt"})
    linked({root / "worktree/shop/node_modules": away})
    assert met(claude_code, root) == {"node_modules": str(away)}  # for Claude Code that might be a session
    assert met(opencode, root) == {}


def test_each_place_is_watched_once_and_known_by_each_name(tmp_path: Path) -> None:
    for folder in ("root/a", "away/b", "single"):
        (tmp_path / folder).mkdir(parents=True)
    one, gone = tmp_path / "single/one.db", tmp_path / "single/not yet"
    one.touch()
    links = {
        "link": "away",
        "inner": "away/b",
        "again": "away",
        "own": "root/a",
        "one": "single/one.db",
        "gone": "single/not yet",
    }
    targets = {str(tmp_path / "root"): places.target(str(tmp_path / "root"))}
    for name, target in links.items():
        linked({tmp_path / "root" / name: tmp_path / target})
        path = str(tmp_path / "root" / name)
        targets[path] = places.target(path)
    found, names = places.laid_out(targets)
    assert found == {str(tmp_path / "root"): True, str(tmp_path / "away"): True, str(tmp_path / "single"): False}
    assert places.count(found) == 5

    def known(path: Path | str) -> set[str]:
        return {str(Path(name).relative_to(tmp_path / "root")) for name in places.named(names, str(path))}

    assert known(tmp_path / "away/b/x.jsonl") == {"link/b/x.jsonl", "again/b/x.jsonl", "inner/x.jsonl"}
    assert known(tmp_path / "root/a/x.jsonl") == {"a/x.jsonl", "own/x.jsonl"}
    assert known(f"{one}-wal") == {"one-wal"}
    assert known(gone / "x") == {"gone/x"}
    assert known(tmp_path / "single/other") == known(tmp_path / "away2") == set()
