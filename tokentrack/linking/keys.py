"""What a name may say about a task: keys and numbers in branches and folders, addresses made comparable.

A match is tolerant, its acceptance strict: linking takes a key or a number only where a task of the project has it. So `UTF-8`,
`SHA-256`, `CVE-2024-3094`, `GPT-4` and `release-12` name nothing, and a task is never offered for them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Container, Iterable, Iterator
from functools import lru_cache

KEY = re.compile(r"(?<![A-Za-z0-9])([A-Za-z][A-Za-z0-9_]{1,9})-([1-9]\d{0,5})(?![A-Za-z0-9]|\.\d)")
_NUMBER = re.compile(r"#?([1-9]\d{0,5})")
NAMES_AN_ISSUE = frozenset(
    "bug bugs bugfix close closes feat feature fix fixes gh hotfix issue issues pr pull resolve resolves task ticket".split()
)
"""Words that stand before an issue's number in a branch's name."""

NO_PREFIXES = frozenset(
    """AES ARM AVX BLAKE COVID CP CVE CWE ES GHSA GMT GPT HTTP IEEE IPV ISO LLAMA MD PEP PY PYTHON RELEASE RFC RSA SHA SSE TLS UCS
    UTC UTF V VERSION WIN X""".split()
)
"""What stands before a dash and a number without being a tracker's prefix: it is one where a task of the project bears it."""

WORDS = frozenset(word.upper() for word in NAMES_AN_ISSUE) | frozenset(
    """ATTEMPT CLAUDE CODEX DAY DRAFT EXPERIMENT GEMINI ITERATION JAVA JDK LEVEL MILESTONE NODE NPM OPUS PART PHASE RC ROUND
    SONNET SPRINT STAGE STEP TRY WAVE WEEK WORKER WT""".split()
)
"""Words that are numbered without a tracker: they are prefixes where tasks have them."""

SEVERAL = 2
"""Commits, or branches, that must bear a prefix before it counts as a tracker's in lower case too."""

_TRUNK = re.compile(r"main|master|trunk|develop|dev|development|HEAD|releases?/.*", re.IGNORECASE)


def is_trunk(branch: str | None, default: str | None = None) -> bool:
    """Whether a branch says nothing about the work on it. None, an empty name and `HEAD` (detached) are such."""
    return not branch or branch == default or _TRUNK.fullmatch(branch) is not None


def keys_in(text: str) -> Iterator[str]:
    """Keys in a text, upper case: `feat/pay-12-refunds` ▶ `PAY-12`. A prefix may follow an underscore: `wip_PAY-12`."""
    for match in KEY.finditer(text):
        prefix = match[1].upper()
        yield f"{prefix}-{match[2]}"
        if "_" in prefix and (last := prefix.rpartition("_")[2]) and last[0].isalpha():
            yield f"{last}-{match[2]}"


def is_key(text: str) -> bool:
    """Whether a text is a key and nothing else: `PAY-12` in any case, or `#12`."""
    return KEY.fullmatch(text) is not None or (text[:1] == "#" and _NUMBER.fullmatch(text) is not None)


def numbers_in(branch: str) -> Iterator[str]:
    """Numbers of issues in a branch's name: at the beginning of a part of its path or after a word that means an issue.

    `fix/123-x`, `issue-123`, `123-x`, `gh-123-x`, `pr/123`; not `py-312`, `v2`, `3.11`, `2025-06-01` or the 2 of `columns-2`.
    """
    for part in branch.split("/"):
        words = [word for word in re.split(r"[-_]", part) if word]
        for place, word in enumerate(words):
            match = _NUMBER.fullmatch(word)
            if match is None:
                continue
            versioned = place + 1 < len(words) and words[place + 1].isdigit()
            if (place == 0 and not versioned) or (place and words[place - 1].lower() in NAMES_AN_ISSUE):
                yield match[1]


class Prefixes(Container[str]):
    """What stands before the numbers in a project's keys: as its tasks have it, or as several commits or branches bear it.

    `borne`: how many commits of the project bear a prefix, up to `SEVERAL`; asked at most once for each.
    """

    def __init__(self, tasks: Collection[str], branches: Iterable[str], borne: Callable[[str], int]) -> None:
        self._tasks = tasks
        self._branches = Counter(
            prefix for name in set(branches) for prefix in {prefix_of(key) for key in keys_in(name)}
        )
        self._borne = lru_cache(None)(borne)

    def __contains__(self, prefix: object) -> bool:
        if prefix in self._tasks:
            return True
        if not isinstance(prefix, str) or prefix in WORDS or prefix in NO_PREFIXES:
            return False
        return self._branches[prefix] >= SEVERAL or self._borne(prefix) >= SEVERAL


def may_be_new(key: str, text: str, met: Container[str]) -> bool:
    """Whether a task may be offered or imported for a key in a text, never linked: tasks or the project bear its prefix, or it is
    written as trackers write it, in upper case.
    """
    prefix = prefix_of(key)
    return prefix in met or (key in text and prefix not in WORDS and prefix not in NO_PREFIXES)


def offered_in(name: str, met: Container[str]) -> list[str]:
    """Keys in the name of a branch or a folder for which a task may be offered or imported."""
    return [key for key in keys_in(name) if may_be_new(key, name, met)]


def title_in(branch: str, key: str) -> str:
    """The words beside a key, or a `#12`: `feat/PAY-31-bulk-refund` ▶ `Bulk refund`; empty where nothing else stands there."""
    named = rf"(?<![^\W_]){re.escape(key.removeprefix('#'))}(?![^\W_])"
    rest = re.sub(named, " ", branch.rpartition("/")[2], flags=re.IGNORECASE)
    words = re.sub(r"[-_\s]+", " ", rest).strip()
    return words[:1].upper() + words[1:]


def prefix_of(key: str) -> str:
    return key.rpartition("-")[0]


@lru_cache(4096)
def plain_url(url: str) -> str:
    """An address so that equal ones are equal: no scheme, `www.`, query, fragment or trailing mark; lower case.

    A page below an issue or a pull request (`/pull/12/files`) is that issue's or pull request's.
    """
    text = re.split(r"[?#]", url.strip().lower(), maxsplit=1)[0]
    text = re.sub(r"^[a-z]+://", "", text).removeprefix("www.").rstrip("/.,;:)")
    return re.sub(r"(/(?:pulls?|merge_requests|pull-requests|issues)/\d+)/.*", r"\1", text)
