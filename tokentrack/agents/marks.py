"""Finds in a text what may name a task: issue keys, `#numbers`, issue and pull request addresses, commits made.

Which of them count is for linking to judge, against the tasks that exist; here nothing is thrown away but the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from stringzilla import find as find_in

MOST = 40
"""Marks taken from one text: a pasted changelog must not fill the store."""

LONGEST_URL = 300

KEY = re.compile(r"(?<![A-Za-z0-9])([A-Za-z][A-Za-z0-9_]{1,9})-([1-9]\d{0,5})(?![A-Za-z0-9]|\.\d)")
_DASH = re.compile(r"-[1-9]")
"""Stands in every key; a pattern that begins with one plain sign is found much faster, so `NUMBER` does too."""
NUMBER = re.compile(r"#(?<![\w#&/]#)([1-9]\d{0,6})(?!\w)", re.ASCII)
URL = re.compile(
    r"https?://[^\s<>\"'`)\]}|\\?#]+?/"
    r"(?:issues?|pulls?|pull-requests|merge_requests|browse|tickets?|tasks?|stories|story|work_items)/"
    r"[\w.~%-]+(?:/[\w.~%-]+)?",
    re.ASCII,
)
COMMIT = re.compile(r"^\[[^\]\n]*?(?:\(root-commit\) )?([0-9a-f]{7,40})\] (.*)$", re.MULTILINE)
BRANCH = re.compile(
    r"^(?:Switched to (?:a new )?branch '([^'\n]+)'|\[([^\]\s]+) (?:\(root-commit\) )?[0-9a-f]{7,40}\] .*)$",
    re.MULTILINE,
)


def find(text: str) -> Iterator[tuple[str, str]]:
    """(kind, value) of each mark in a text, at most `MOST`, each once."""
    seen: dict[tuple[str, str], None] = {}
    for match in URL.finditer(text):
        if url := address(match[0].rstrip(".,;:")):
            seen[("url", url)] = None
    for match in KEY.finditer(text) if _DASH.search(text) else ():
        seen[("key", f"{match[1].upper()}-{match[2]}")] = None
    for match in NUMBER.finditer(text):
        seen[("number", match[1])] = None
    yield from list(seen)[:MOST]


def address(text: str) -> str | None:
    """A web address without what may be a secret in it: user and password, query and fragment. None for any other text."""
    scheme, separator, rest = text.partition("://")
    host, slash, path = re.split(r"[?#]", rest, maxsplit=1)[0].partition("/")
    url = f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"
    return url if scheme in ("http", "https") and separator and len(url) <= LONGEST_URL and url.isprintable() else None


def commits(output: str) -> Iterator[tuple[str, str]]:
    """(sha, subject) of each commit that git's own output reports as made."""
    for match in COMMIT.finditer(output):
        yield match[1], match[2]


def branches(output: str) -> Iterator[str]:
    """Branches that git's own output reports as switched to or committed on, in order."""
    for match in BRANCH.finditer(output):
        yield match[1] or match[2]


def makes_commits(command: bytes) -> bool:
    """Whether a tool's input is a command whose output may name new commits, branches or pull requests."""
    return (find_in(command, b"git ") >= 0 and any(find_in(command, verb) >= 0 for verb in _VERBS)) or (
        find_in(command, b"gh ") >= 0 and find_in(command, b" create") >= 0
    )


_VERBS = (b"commit", b"merge", b"cherry-pick", b"revert", b"checkout", b"switch")
