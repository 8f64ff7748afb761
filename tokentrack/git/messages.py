"""What a commit's message says of tasks, sessions and branches. The message itself is not kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

Find = Callable[[str], Iterable[tuple[str, str]]]
"""Finds keys, numbers and addresses in a text: (`key` | `number` | `url`, value)."""

LONGEST = 4000
"""Characters of a message that are looked at: pasted change logs name other people's tasks."""
MOST = 60

_MAY_SAY = re.compile(r"[-#!]\d|://|^Merge|This reverts|session|thread|tokentrack", re.IGNORECASE)
"""Most messages name nothing, and a history has many."""
_TARGET = r"(?:[\w.-]+/[\w.-]+)?#[1-9]\d{0,6}\b|[A-Za-z][A-Za-z0-9_]{1,9}-[1-9]\d{0,5}\b|https?://\S+"
_CLOSES = re.compile(
    rf"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+((?:{_TARGET})(?:(?:\s*,\s*(?:and\s+)?|\s+and\s+)(?:{_TARGET}))*)",
    re.IGNORECASE,
)
_REFERS = re.compile(
    r"^\s*(?:[*-]\s+)?(?:refs?|references|part of|issues?|tasks?|tickets?|towards|keys?|jira|story|tokentrack-task)\b",
    re.IGNORECASE,
)
_PERSON = re.compile(r"^[\w-]+-by:.*$", re.IGNORECASE | re.MULTILINE)
_TRAILER = re.compile(r"^([A-Za-z][A-Za-z-]*): *(\S.*?) *$")
_SESSION = re.compile(r"(?:[a-z]+-)*(?:session|thread)(?:-(?:id|url))?", re.IGNORECASE)
_REVERTS = re.compile(r"\bThis reverts commit ([0-9a-f]{7,64})\b")
_REVERTED_SUBJECT = re.compile(r'^(?:Revert|Reapply) "(.*)"')
_SQUASHED = re.compile(r"\(#([1-9]\d{0,6})\)\s*$")
_MERGES = (
    re.compile(r"^Merge pull request #(?P<pull>\d{1,7}) from [^/\s]+/(?P<branch>\S+)"),  # GitHub
    re.compile(r"^Merged in (?P<branch>\S+) \(pull request #(?P<pull>\d{1,7})\)"),  # Bitbucket
    re.compile(r"^Merged PR (?P<pull>\d{1,7})\b"),  # Azure DevOps
    re.compile(r"^Merge (?:remote-tracking )?branch(?:es)? '(?P<branch>[^']+)'"),  # git itself, and GitLab
)
_GITLAB = re.compile(r"^See merge request (?:[\w./-]+)?!([1-9]\d{0,6})\s*$", re.MULTILINE)


def marks(message: str, find: Find, *, merge: bool) -> tuple[tuple[str, str], ...]:
    """(kind, value) as `model.Commit` has them, each once, in order. `merge`: the commit has several parents."""
    message = message[:LONGEST]
    return tuple(list(dict.fromkeys(_marks(message, find, merge)))[:MOST]) if _MAY_SAY.search(message) else ()


def title(message: str) -> str:
    """What the person called it: the subject without the number that a host added; below a merge's own subject, the next line."""
    subject, _, body = message.strip().partition("\n")
    if any(pattern.match(subject) for pattern in _MERGES):
        below = body.strip().split("\n")[0].strip()
        return "" if _GITLAB.match(below) else below
    return _SQUASHED.sub("", subject).strip()


def _marks(message: str, find: Find, merge: bool) -> Iterator[tuple[str, str]]:
    subject, _, body = message.strip().partition("\n")
    pulls: set[str] = set()
    for kind, value in _landed(subject, body, merge):
        if kind == "pull":
            pulls.add(value)
        yield kind, value
    for name, value in _trailers(body):
        if name.lower() == "tokentrack-task":
            yield "task", value
        elif _SESSION.fullmatch(name):
            yield "session", value
    for sha in _REVERTS.findall(body):
        yield "reverts", sha
    named = _named(subject, body, title_below=merge and bool(pulls))
    quoted = _REVERTED_SUBJECT.match(subject)
    closes = [
        find(match[1]) for match in _CLOSES.finditer(body if quoted else message)
    ]  # a revert closes nothing again
    told = dict.fromkeys(value for found in closes for _, value in found)
    yield from [("closes", value) for value in told]
    for kind, value in find(named):
        told[value] = None
        if kind != "number" or value not in pulls or _often(named, value):  # the pull request's own is told above
            yield kind, value
    for kind, value in find(_PERSON.sub("", message)):
        if kind == "url":
            yield kind, value
        elif value not in told:
            yield "mentions", value


def _often(text: str, number: str) -> bool:
    return len(re.findall(rf"#{number}\b", text)) > 1


def _named(subject: str, body: str, *, title_below: bool) -> str:
    """The parts of a message that say what the commit is for; the rest may quote anything.

    `title_below`: the subject was written by a host, and the title by a person stands below it.
    """
    lines = body.strip().split("\n")
    return "\n".join([subject, *(lines[:1] if title_below else []), *(line for line in lines if _REFERS.match(line))])


def _landed(subject: str, body: str, merge: bool) -> Iterator[tuple[str, str]]:
    """The pull request and the branch that a commit brings in."""
    match = next((found for pattern in _MERGES if (found := pattern.match(subject))), None)
    if match:
        told = match.groupdict()
        if told.get("pull"):
            yield "pull", told["pull"]
        if told.get("branch"):
            yield "branch", told["branch"].removeprefix("origin/")
    elif not merge and (squashed := _SQUASHED.search(subject)):
        yield "pull", squashed[1]
    for number in _GITLAB.findall(body):
        yield "pull", number


def _trailers(body: str) -> Iterator[tuple[str, str]]:
    """(name, value) of the lines like `Claude-Session: …` that end a message."""
    for line in reversed(body.rstrip().split("\n")):
        if match := _TRAILER.match(line):
            yield match[1], match[2][:300]
        elif line.strip():
            return
