"""What git tells: repositories, their branches and commits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Commit(NamedTuple):
    """A commit of a project's repository, as far as linking needs it; its message is not kept.

    `marks` are (kind, value): `key`, `number` (what its message is for: named in the subject, or on a line such as `Refs: …`),
    `closes` (a key, number or address after a closing word), `mentions` (a key or number anywhere else), `url`, `session` (an
    agent session's trailer), `task` (a `Tokentrack-Task` trailer), `pull` (number of the pull request it merges or squashes),
    `branch` (that a merge names, without owner and remote), `reverts` (a sha). `mine`: by one of the person's own addresses.
    """

    project: str
    sha: str
    authored_at: int
    committed_at: int
    mine: bool
    merge: bool
    marks: tuple[tuple[str, str], ...]


class RecordedCommit(NamedTuple):
    """A commit as its repository holds it: shas are bytes, times UTC milliseconds, addresses in lower case; `marks` as above."""

    sha: bytes
    parents: tuple[bytes, ...]
    authored_at: int
    committed_at: int
    author: str
    committer: str
    marks: tuple[tuple[str, str], ...]


class Branch(NamedTuple):
    """A branch of a repository, told of by a ref or, with `ref` = `name`, by the commits of a session alone.

    `gone_at`: when it was first missed; None: it is there, or was never seen. `merged` is `fast-forward`, `merge`, `squash` or
    `rebase`; None: no merge was detected, which an edited squash leaves so. `merged_by` is the commit of the default branch
    that brought it.
    """

    name: str
    ref: str
    tip: str
    gone_at: int | None
    merged: str | None
    merged_by: str | None
    merged_at: int | None


@dataclass(frozen=True, slots=True)
class Repository:
    """What a project's repository tells beside its commits. `hosts` are like `github.com/me/shop`, upstream first.

    `error` says in one sentence why it cannot be read now; what was read before stays. `whole`: all history has been read.
    """

    project: str
    default: str | None
    hosts: tuple[str, ...]
    addresses: tuple[str, ...]
    branches: tuple[Branch, ...]
    whole: bool
    error: str | None
    read_at: int | None
