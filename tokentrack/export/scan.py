"""What may leak, looked for in the very bytes that would leave. Each finding is resolved or accepted one by one (product 7.5).

The bytes are read as they are, and once more as a reader shows them: without HTML's entities and Markdown's backslashes.
"""

from __future__ import annotations

import html
import platform
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import PurePath
from typing import NamedTuple

from tokentrack.export.options import PRIVATE_PROJECTS, PRIVATE_WORDS, listed
from tokentrack.export.text import word
from tokentrack.store import exports, tasks


class Finding(NamedTuple):
    """Something on the page that may not be meant to leave. `number` counts from 1 in the order of the lines."""

    number: int
    kind: str
    text: str
    line: int

    @property
    def words(self) -> str:
        return f"{self.number}. {self.kind}, line {self.line}: {self.text}"


Hit = tuple[int, str, str]
"""Line, kind, text."""

PATH = "absolute path"
MAIL = "e-mail address"
ADDRESS = "address with a token or password"
HOST = "host name"
SECRET = "key or token"  # the name of a kind
PRIVATE_WORD = "private word"
PRIVATE_PROJECT = "private project"
PRIVATE_WORK = "private work"
SESSION = "session id"
USER = "user name"

ROOTS = "home|Users|root|tmp|var|etc|opt|usr|mnt|media|srv|private|Volumes"
STEPS = r"(?:[\\/](?:[\w.$-]+(?: [\w.$-]+)+(?=[\\/])|[\w.$-]+))*"
"""Of a Windows path: a folder's name may have spaces, which the end of it cannot tell from the sentence that goes on."""
TOKEN_NAMES = "access_?token|auth|api_?key|code|jwt|key|password|pwd|secret|sig|signature|token|x-amz-[a-z-]+"
PATTERNS = (
    (PATH, rf"(?<![\w<:/.)\]])/(?:(?:{ROOTS})\b(?:/[\w.@+~-]+)*|[\w.@+~-]+(?:/[\w.@+~-]+)+)"),
    (PATH, r"(?<![\w/.])~[\w.-]*/[\w.@+~-]+(?:/[\w.@+~-]+)*"),
    (PATH, r"\bfile:/+[^\s\"'<>,]+"),
    (PATH, rf"(?<![A-Za-z])[A-Za-z]:[\\/](?![/\\])[\w.$-]+{STEPS}"),
    (PATH, rf"(?<![\\\w])\\\\[\w.-]{{2,}}\\[\w.$-]+{STEPS}"),
    (PATH, r"%(?:USERPROFILE|APPDATA|LOCALAPPDATA|HOMEPATH)%|\$(?:HOME|USER)\b"),
    (MAIL, r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    (ADDRESS, r"\b[a-z][a-z0-9+.-]*://[^\s/@\"'<>,]+@[^\s\"'<>,]+"),
    (ADDRESS, rf"\b[a-z][a-z0-9+.-]*://[^\s\"'<>,]*[?&#](?:{TOKEN_NAMES})=[^\s\"'<>,]+"),
    (
        HOST,
        r"\b[\w-]+(?:\.[\w-]+)*\.(?:corp|home|internal|intra|intranet|lan|local|localdomain|private)\b(?![\w/-]*\()",
    ),
    (HOST, r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])"),
    (HOST, r"\blocalhost(?::\d+)?\b"),
    (SECRET, r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    (SECRET, r"\b(?:sk|pk|rk)[-_](?:ant-|proj-|live_|test_)?[\w-]{16,}"),
    (
        SECRET,
        r"\b(?:gh[opsur]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abeoprs]-[\w-]{10,}|npm_\w{20,}|hf_\w{20,})",
    ),
    (SECRET, r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bAIza[\w-]{30,}|\bya29\.[\w-]{20,}"),
    (SECRET, r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"),
    (SECRET, r"\b(?i:bearer|password|passwd|secret|api[_-]?key|token)\s*[:=]\s*[^\s,;|<\"']{6,}"),
    (SECRET, r"(?<!sha256 )(?<!sha256\": \")\b(?=[0-9]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{32,}\b"),
    (SECRET, r"(?<![\w+/=-])(?=[\w+/=-]*[a-z])(?=[\w+/=-]*[A-Z])(?=[\w+/=-]*\d)[\w+/-]{32,}={0,2}(?![\w+/=-])"),
    (SESSION, r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b|\bses_\w{10,}"),
)
COMPILED = tuple((kind, re.compile(pattern)) for kind, pattern in PATTERNS)
PLAIN_USERS = {
    "admin",
    "administrator",
    "app",
    "build",
    "default",
    "dev",
    "home",
    "me",
    "root",
    "test",
    "ubuntu",
    "user",
    "work",
}
"""Names of accounts that tell of nobody, and that sentences have too."""
SHORTEST_NAME = 3
TOKEN = re.compile(r"[\w-]{8,}")
Reading = Callable[[str], str]
READINGS: tuple[Reading, ...] = (str, html.unescape, lambda text: re.sub(r"\\([^A-Za-z0-9\s])", r"\1", text))


def scan(data: bytes, db: sqlite3.Connection, env: Mapping[str, str]) -> list[Finding]:
    """Everything that may leak; of a PDF, the HTML that it is made of is what to hand in. `env` tells home folder and account."""
    written = data.decode("utf-8", "replace")
    named = list(_named(db, env))
    hits: set[Hit] = set()
    for reading in READINGS:
        for number, line in enumerate(written.split("\n"), 1):
            hits.update(_hits(number, reading(line), named))
    tokens = TOKEN.findall(written)
    known = exports.sessions_named(db, tokens)
    hits.update((_line_of(written, name), SESSION, name) for name in known)
    told = sorted(hit for hit in hits if not _within(hit, hits))
    return [Finding(number, kind, text, line) for number, (line, kind, text) in enumerate(told, 1)]


def _hits(number: int, line: str, named: Iterable[tuple[str, re.Pattern[str]]]) -> Iterator[Hit]:
    for kind, pattern in (*COMPILED, *named):
        for found in pattern.finditer(line):
            yield number, kind, found[0]


def _within(hit: Hit, hits: Iterable[Hit]) -> bool:
    """Another reading of the line found the same, and more of it."""
    line, kind, text = hit
    return any(other[:2] == (line, kind) and text != other[2] and text in other[2] for other in hits)


def _line_of(text: str, part: str) -> int:
    return text.count("\n", 0, text.find(part)) + 1


def _named(db: sqlite3.Connection, env: Mapping[str, str]) -> Iterator[tuple[str, re.Pattern[str]]]:
    """What this machine, the store and the settings know by name."""
    for text in listed(db, PRIVATE_WORDS):
        yield PRIVATE_WORD, word(text)
    for text in _of_private_projects(db):
        yield PRIVATE_PROJECT, word(text)
    for text in _private_work(db):
        yield PRIVATE_WORK, word(text)
    for text in _hosts(db, env):
        yield HOST, word(text)
    for text in _users(env):
        yield USER, word(text)


def _of_private_projects(db: sqlite3.Connection) -> set[str]:
    """Their names, and the keys of their tasks."""
    private = set(listed(db, PRIVATE_PROJECTS))
    if not private:
        return set()
    paths = {path for path, name in tasks.projects(db) if path in private or name in private}
    keys = {task.key for task in tasks.tasks(db) if task.key and task.project in paths}
    names = {PurePath(name).name or name for name in (*private, *paths)}
    return {name for name in (*keys, *names) if name}


def _private_work(db: sqlite3.Connection) -> set[str]:
    """Titles and keys of what goes by another name: a note may still tell them."""
    hidden = [task for task in tasks.tasks(db) if task.private or task.alias]
    names = {name for task in hidden for name in (task.key, task.title) if name}
    return {name for name in names if len(name) > SHORTEST_NAME}


def _hosts(db: sqlite3.Connection, env: Mapping[str, str]) -> set[str]:
    own = {name for name in (platform.node(), env.get("HOSTNAME", ""), env.get("COMPUTERNAME", "")) if name}
    own |= {name.partition(".")[0] for name in own}
    remotes = {part for host in exports.hosts(db) for part in (host.partition("/")[0], host.partition("/")[2]) if part}
    return {
        name for name in own | remotes if len(name) >= SHORTEST_NAME and name.lower() not in ("localhost", *PLAIN_USERS)
    }


def _users(env: Mapping[str, str]) -> set[str]:
    home = env.get("HOME") or env.get("USERPROFILE") or ""
    names = {env.get(name, "") for name in ("USER", "LOGNAME", "USERNAME")} | {
        re.split(r"[\\/]", home.rstrip("\\/"))[-1]
    }
    return {name for name in names if len(name) >= SHORTEST_NAME and name.lower() not in PLAIN_USERS}
