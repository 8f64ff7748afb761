"""How work came into the default branch. Nothing is written: no commit is made to compare with.

Sources of the rules: product 3.6, git-patch-id(1), git-rev-list(1) on --cherry-mark.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from tokentrack.git.running import Git

MOST_CANDIDATES = 300
"""Commits on the default branch that a branch's whole change is compared with."""


class Merged(NamedTuple):
    """`how` is `squash` or `rebase`, `by` the commit of the default branch."""

    how: str
    by: bytes


def landings(parents: Mapping[bytes, tuple[bytes, ...]], tips: Iterable[bytes]) -> dict[bytes, bytes]:
    """Commit ▶ the commit that brought it into the default branch, itself where it was made there.

    `parents` are the commits whose landing is not known yet, `tips` those of the default branch, the first one first.
    """
    landed: dict[bytes, bytes] = {}
    for tip in tips:
        chain = []
        sha = tip
        while sha in parents and sha not in landed:
            chain.append(sha)
            landed[sha] = sha
            above = parents[sha]
            if not above:
                break
            sha = above[0]
        for by in reversed(chain):  # the oldest first: what came twice came with the first
            stack = list(parents[by][1:])
            while stack:
                sha = stack.pop()
                if sha in parents and sha not in landed:
                    landed[sha] = by
                    stack += parents[sha]
    return landed


def ancestor(git: Git, sha: bytes, of: bytes) -> bool:
    """Whether one commit is the other or above it. Raises GitError if one of them is gone."""
    told = git.ask("rev-list", "--max-count=1", sha.hex(), f"^{of.hex()}")
    return not told


def merged_otherwise(git: Git, tip: bytes, default: bytes) -> Merged | None:
    """How a branch came in that is no ancestor of the default branch: rebased, or squashed without an edit. Raises GitError."""
    base = git.ask("merge-base", default.hex(), tip.hex(), answers=(0, 1)).split()
    if not base:
        return None
    return _squashed(git, base[0].decode(), tip.hex(), default.hex()) or _rebased(git, tip, default)


def _rebased(git: Git, tip: bytes, default: bytes) -> Merged | None:
    """Every commit of the branch has an equal one in the default branch. The newest of those brought it."""
    equal = set()
    with git.asking("rev-list", "--cherry-mark", "--no-merges", f"{default.hex()}...{tip.hex()}") as lines:
        for line in lines:
            if line.startswith(b"="):
                equal.add(line[1:].strip())
    if not equal:
        return None
    with git.asking("rev-list", "--no-merges", tip.hex(), f"^{default.hex()}") as lines:
        left = [line.strip() for line in lines]
    if not left or not equal.issuperset(left):
        return None
    with git.asking("rev-list", "--no-merges", default.hex(), f"^{tip.hex()}") as lines:
        brought = next((line.strip() for line in lines if line.strip() in equal), None)
    return Merged("rebase", bytes.fromhex(brought.decode())) if brought else None


def _squashed(git: Git, base: str, tip: str, default: str) -> Merged | None:
    """One commit of the default branch makes the same change as the whole branch."""
    changed = git.ask("diff-tree", "-r", "-z", "--name-only", "--no-renames", base, tip).split(b"\0")[:-1]
    if not changed:
        return None
    rare = max(changed, key=lambda path: (path.count(b"/"), len(path))).decode("utf-8", "surrogateescape")
    words = ("--no-merges", "--full-history", f"--max-count={MOST_CANDIDATES}", default, f"^{base}", "--", rare)
    candidates = git.ask("rev-list", *words)
    if not candidates:
        return None
    whole = f"{tip} {base}\n".encode()  # as if the branch were one commit
    found = git.piped(("diff-tree", "--stdin", "--root", *_DIFF), _PATCH_ID, given=whole + candidates)
    changes = {sha: change for change, sha in (line.decode().split() for line in found.splitlines())}
    change = changes.pop(tip, None)  # None: it changes nothing, or git cannot tell what
    same = [sha for sha, one in changes.items() if one == change]
    return next((Merged("squash", bytes.fromhex(sha)) for sha in same if _binaries_equal(git, base, tip, sha)), None)


_DIFF = ("-r", "-p", "--no-renames", "--no-ext-diff", "--no-textconv", "--full-index", "--no-color")
_PATCH_ID = ("patch-id", "--stable")


def _binaries_equal(git: Git, base: str, tip: str, sha: str) -> bool:
    """A patch id knows of a changed binary file only that it changed; the files themselves must be the same."""
    counted = git.ask("diff-tree", "-r", "-z", "--numstat", "--no-renames", "--no-textconv", "--no-ext-diff", base, tip)
    paths = [entry[4:] for entry in counted.split(b"\0") if entry.startswith(b"-\t-\t")]
    if not paths:
        return True
    names = [path.decode("utf-8", "surrogateescape") for path in paths]
    return not git.ask("diff-tree", "-r", "--name-only", tip, sha, "--", *names)
