"""Refs, and the commits that they lead to."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from tokentrack import paths
from tokentrack.git.messages import Find, marks, title
from tokentrack.git.running import Git
from tokentrack.model.repositories import RecordedCommit

KINDS = ("refs/heads", "refs/remotes", "refs/tags")
CHUNK = 1 << 18
LONGEST_COMMIT = 1 << 20
"""Bytes of a commit that are read; more is a message that no person wrote."""
MOST_ENTRIES = 10_000
"""Of a reflog."""
LATEST_MS = 1 << 53

_MADE = re.compile(rb"\t(?:commit|cherry-pick|revert|am|rebase)\b")
_PARENT = re.compile(rb"^parent ([0-9a-f]{40,64})$", re.MULTILINE)
_AUTHOR, _COMMITTER = (
    re.compile(rb"^%b .*?<([^>\n]*)>[^>\n]*? (-?\d{1,18}) [+-]\d{1,5}$" % role, re.MULTILINE)
    for role in (b"author", b"committer")
)
_ENCODING = re.compile(rb"^encoding (\S+)$", re.MULTILINE)


class Ref(NamedTuple):
    """`name` is whole, such as `refs/heads/main`; a checked-out commit is called by its folder."""

    name: str
    sha: bytes


@dataclass(frozen=True, slots=True)
class Settings:
    """What a repository's configuration tells. `hosts` are host and path of its remotes, `upstream` before `origin`."""

    addresses: tuple[str, ...]
    hosts: tuple[str, ...]


def place(folder: Path) -> Path | None:
    """The folder that holds a project's refs; None: it is no repository. Raises OSError where it cannot be looked into."""
    mark = folder / ".git"
    if mark.is_dir():
        return mark
    if mark.is_file():
        text = mark.read_text(encoding="utf-8", errors="replace")[:4096]
        return Path(folder, text.removeprefix("gitdir:").strip())
    return folder if (folder / "HEAD").is_file() and (folder / "objects").is_dir() else None


def looks(folder: Path) -> str:
    """A digest of the times of all that changes when a ref or the configuration does: no process is needed to see that."""
    seen = hashlib.blake2b(digest_size=16)
    files = [folder / name for name in ("HEAD", "packed-refs", "config", "shallow", "reftable/tables.list")]
    files += sorted((folder / "worktrees").glob("*/HEAD"))
    files += [paths.home() / ".gitconfig", paths.home() / ".config/git/config"]
    for root, folders, _ in os.walk(folder / "refs"):
        folders.sort()
        files.append(Path(root))  # git replaces a ref's file, which its folder's time tells
    for file in files:
        try:
            status = file.stat()
        except OSError:
            continue
        seen.update(
            f"{file} {status.st_mtime_ns} {status.st_size} {status.st_ino}\n".encode("utf-8", "surrogateescape")
        )
    return seen.hexdigest()


def refs(git: Git) -> list[Ref]:
    """Branches, those of remotes, tags, and what is checked out in each worktree, as far as they lead to a commit."""
    found = [
        Ref("HEAD " + folder, sha)
        for folder, sha in _checked_out(git.ask("worktree", "list", "--porcelain"))
        if any(sha)
    ]
    form = "%(objectname) %(objecttype) %(*objectname) %(*objecttype) %(refname)"
    with git.asking("for-each-ref", f"--format={form}", *KINDS) as lines:
        for line in lines:
            name, kind, tagged, tagged_kind, ref = line.rstrip(b"\n").split(b" ", 4)
            sha = name if kind == b"commit" else tagged if tagged_kind == b"commit" else b""
            if sha:
                found.append(Ref(ref.decode("utf-8", "replace"), bytes.fromhex(sha.decode())))
    return found


def _checked_out(told: bytes) -> Iterator[tuple[str, bytes]]:
    folder = ""
    for line in told.splitlines():
        word, _, rest = line.partition(b" ")
        if word == b"worktree":
            folder = rest.decode("utf-8", "replace")
        elif word == b"HEAD":
            yield folder, bytes.fromhex(rest.decode())


def digest(found: Iterable[Ref]) -> str:
    seen = hashlib.blake2b(digest_size=16)
    for ref in sorted(found):
        seen.update(ref.sha + ref.name.encode("utf-8", "replace") + b"\n")
    return seen.hexdigest()


def settings(git: Git) -> Settings:
    """Addresses and remotes of the repository's and the person's configuration."""
    wanted = r"^(user|author|committer)\.email$|^remote\..*\.url$|^url\..*\.insteadof$"
    told = git.ask("config", "-z", "--get-regexp", wanted, answers=(0, 1))
    pairs = [entry.partition("\n")[::2] for entry in told.decode("utf-8", "replace").split("\0") if entry]
    addresses = dict.fromkeys(value.strip() for name, value in pairs if name.endswith(".email") and value.strip())
    instead = [(value, name[4 : -len(".insteadof")]) for name, value in pairs if name.startswith("url.")]
    remotes = [(name[7:-4], value) for name, value in pairs if name.startswith("remote.")]
    remotes.sort(key=lambda remote: (remote[0] != "upstream", remote[0] != "origin"))
    hosts = [host for _, url in remotes if (host := host_of(_rewritten(url, instead)))]
    return Settings(tuple(addresses), tuple(dict.fromkeys(hosts)))


def _rewritten(url: str, instead: Iterable[tuple[str, str]]) -> str:
    """As git itself reads an address that the configuration abbreviates: the longest beginning decides."""
    fitting = [(short, whole) for short, whole in instead if url.startswith(short)]
    if not fitting:
        return url
    short, whole = max(fitting, key=lambda pair: len(pair[0]))
    return whole + url.removeprefix(short)


_SCHEME = re.compile(r"^(?:https?|ssh|git)://(?:[^/@]*@)?([^/:]+)(?::\d+)?/(.+)$")
_SCP = re.compile(r"^(?:[^/@:]+@)?([^/:@]{2,}):(?!//|:)(.+)$")


def host_of(url: str) -> str | None:
    """`github.com/me/shop` of any remote address, without user, password and port; None for a path on this machine."""
    match = _SCHEME.match(url) or _SCP.match(url)
    if match is None:
        return None
    path = match[2].strip("/").removesuffix(".git").strip("/")
    return f"{match[1].lower()}/{path}" if path and path.isprintable() else None


def listed(git: Git, tips: Iterable[bytes], without: Iterable[bytes]) -> Iterator[bytes]:
    """Commits that the tips lead to and the others do not, newest first."""
    given = [sha.hex() for sha in dict.fromkeys(tips)] + [f"^{sha.hex()}" for sha in dict.fromkeys(without)]
    if not given:
        return
    with git.asking("rev-list", "--ignore-missing", "--stdin", given="\n".join([*given, ""]).encode()) as lines:
        for line in lines:
            yield bytes.fromhex(line.strip().decode())


def whole_names(git: Git, short: Iterable[str]) -> dict[str, bytes]:
    """The commits that abbreviated shas name, where they name one."""
    asked = list(dict.fromkeys(short))
    form = "%(objectname) %(objecttype)"
    told = git.ask("cat-file", f"--batch-check={form}", given="\n".join([*asked, ""]).encode()) if asked else b""
    # A sha that names nothing, or several things, may take more than one line of answer; each answer begins anew.
    found = {}
    for line in told.decode("ascii", "replace").splitlines():
        name, _, kind = line.partition(" ")
        if kind == "commit":
            found.update({sha: bytes.fromhex(name) for sha in asked if name.startswith(sha)})
    return found


def commits(git: Git, shas: Iterable[bytes], find: Find) -> Iterator[RecordedCommit]:
    """Commits in the order asked for; those that are not there are left out."""
    for sha, raw in _raw(git, shas):
        yield parsed(sha, raw, find)


def titles(git: Git, shas: Iterable[bytes]) -> dict[bytes, str]:
    """What commits are called, for a task to be called so: the title of the pull request that one merges or squashes."""
    return {sha: title(_message(raw)) for sha, raw in _raw(git, shas)}


def _raw(git: Git, shas: Iterable[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """(sha, its first `LONGEST_COMMIT` bytes) of each that is there and is a commit; see `--batch` in git-cat-file(1)."""
    given = "".join(sha.hex() + "\n" for sha in shas).encode()
    with git.asking("cat-file", "--batch", given=given) as answer:
        told, at = b"", 0
        while True:
            end = told.find(b"\n", at)
            if end < 0:
                more = answer.read(CHUNK)
                if not more:
                    return
                told, at = told[at:] + more, 0
                continue
            words, at = told[at:end].split(b" "), end + 1
            if len(words) != 3:  # it is not there
                continue
            size = int(words[2])
            kept = min(size, LONGEST_COMMIT)
            if len(told) - at < kept + 1:
                told, at = told[at:] + answer.read(max(kept + 1 - len(told) + at, CHUNK)), 0
            if words[1] == b"commit":
                yield bytes.fromhex(words[0].decode()), told[at : at + kept]
            at += size + 1
            while at > len(told):
                skipped = answer.read(min(at - len(told), CHUNK))
                if not skipped:
                    return
                told, at = b"", at - len(told) - len(skipped)


def parsed(sha: bytes, raw: bytes, find: Find) -> RecordedCommit:
    """A commit object: https://git-scm.com/docs/git-cat-file and `commit.c`. What is malformed in it counts as 1970."""
    head, _, _ = raw.partition(b"\n\n")
    parents = tuple(bytes.fromhex(name.decode()) for name in _PARENT.findall(head))
    author, authored = _who(_AUTHOR.search(head))
    committer, committed = _who(_COMMITTER.search(head))
    return RecordedCommit(
        sha, parents, authored, committed, author, committer, marks(_message(raw), find, merge=len(parents) > 1)
    )


def _who(match: re.Match[bytes] | None) -> tuple[str, int]:
    """Address and time."""
    if match is None:
        return "", 0
    return match[1].decode("utf-8", "replace").strip().lower(), _bounded(int(match[2]) * 1000)


def _bounded(ms: int) -> int:
    return max(-LATEST_MS, min(ms, LATEST_MS))


def _message(raw: bytes) -> str:
    head, _, message = raw.partition(b"\n\n")
    named = _ENCODING.search(head)
    try:
        return message.decode(named[1].decode("ascii", "replace") if named else "utf-8")
    except (LookupError, UnicodeDecodeError):
        return message.decode("latin-1")


def default_of(git: Git, found: Iterable[Ref]) -> str | None:
    """The name of the branch that work is merged into: as the remote says, else the usual names, else the one there is."""
    names = {ref.name for ref in found}
    with git.asking("for-each-ref", "--format=%(refname) %(symref)", "refs/remotes") as lines:
        heads = dict(line.decode("utf-8", "replace").split() for line in lines if line.count(b" refs/") == 1)
    for remote in sorted(heads, key=lambda name: (name != "refs/remotes/origin/HEAD", name)):
        if remote.endswith("/HEAD") and (name := branch_name(heads[remote])):
            return name
    for name in ("main", "master", "trunk", "develop"):
        if f"refs/heads/{name}" in names or f"refs/remotes/origin/{name}" in names:
            return name
    own = [ref for ref in names if ref.startswith("refs/heads/")]
    return own[0].removeprefix("refs/heads/") if len(own) == 1 else None


def branch_name(ref: str) -> str | None:
    """`feat/x` of `refs/heads/feat/x` and of `refs/remotes/origin/feat/x`; None of a tag, and of a remote's HEAD."""
    if ref.startswith("refs/heads/"):
        return ref.removeprefix("refs/heads/")
    if ref.startswith("refs/remotes/"):
        name = ref.removeprefix("refs/remotes/").partition("/")[2]
        return name if name and name != "HEAD" else None
    return None


def committed_here(folder: Path, ref: str) -> bool | None:
    """Whether a commit was made on a branch of this machine, as its reflog tells; None where that does not tell.

    A branch that was begun and went along with the default branch has entries too, but no such one.
    """
    log = folder / "logs" / ref
    try:
        if not ref.startswith("refs/heads/") or not log.is_file():
            return None
        with log.open("rb") as file:
            entries = list(islice(file, MOST_ENTRIES))
    except (OSError, ValueError):
        return None
    if any(_MADE.search(entry) for entry in entries):
        return True
    return False if entries and not entries[0].split(b" ")[0].strip(b"0") else None  # else its beginning has expired


def tips_of(name: str, found: Mapping[str, bytes]) -> dict[str, bytes]:
    """A branch here and at the remotes, where a pull request is merged first: upstream, then origin, others, then here."""
    refs = [ref for ref in found if branch_name(ref) == name]
    order = ("refs/remotes/upstream/", "refs/remotes/origin/", "refs/remotes/")
    refs.sort(key=lambda ref: (next((n for n, start in enumerate(order) if ref.startswith(start)), len(order)), ref))
    return {ref: found[ref] for ref in refs}
