"""The coding agents whose logs are read. A new agent is a module here and its name in `AGENTS`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Protocol

from tokentrack.agents import claude_code, codex, cursor, opencode
from tokentrack.agents.values import Failed
from tokentrack.model.logs import Chunk, Log


class Agent(Protocol):
    """What a module in this folder offers. Readers know no store, no clock, no prices and no settings."""

    NAME: str
    LABEL: str

    def roots(self, home: Path, env: Mapping[str, str]) -> list[Path]:
        """Folders in which the agent may keep logs, existing or not; `env` is a hint, the settings may add more."""

    def roots_of(self, folder: Path) -> list[Path]:
        """The roots that a folder of the settings stands for: it may be the agent's whole folder, or a root by itself."""

    def logs(self, root: Path, failed: Failed = ...) -> Iterable[Log]:
        """Every log below a root. Never raises: `failed` is told of each folder that is there but cannot be looked into."""

    def log_at(self, root: Path, path: Path) -> Log | None:
        """The log at a path below a root, None where the path is no log or is gone."""

    def read(self, log: Log, cursor: str | None) -> Chunk:
        """What is new in the log since `cursor` (text of the reader's own). Raises OSError where it cannot be read."""

    def raw(self, path: Path, offset: int, key: str) -> dict[str, object] | None:
        """The counters of the record at `offset`, or of the row `key`, as the agent wrote them; None where they are gone."""


AGENTS: tuple[Agent, ...] = (claude_code, codex, opencode, cursor)


def roots(agent: Agent, home: Path, env: Mapping[str, str], extra: Iterable[str]) -> list[Path]:
    """The agent's own folders, then those that the person added, as the agent understands them; each path once."""
    found = agent.roots(home, env)
    for folder in extra:
        found += agent.roots_of(Path(os.path.expanduser(folder)))
    return list(dict.fromkeys(found))


def labels() -> dict[str, str]:
    """Each agent's name ▶ what people call it."""
    return {agent.NAME: agent.LABEL for agent in AGENTS}


def label_of(name: str) -> str:
    """An agent that no reader has any more is called by its name."""
    return labels().get(name, name)


def agent_named(name: str) -> Agent:
    """Raises KeyError for a name that is in no registry."""
    for agent in AGENTS:
        if name == agent.NAME:
            return agent
    raise KeyError(name)
