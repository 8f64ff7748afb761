"""Words that a session's title has in common with tasks' titles: enough to order weak guesses, never to pre-select one."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from heapq import nsmallest

from tokentrack.model.tasks import Task

UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})
"""As they are typed where there is no such key: `Mueller`."""
TYPED = re.compile("(?<=[aou])e")
"""Where such a word may have been meant."""
_WORD = re.compile(r"[^\W_]+")
_SHORTEST = 3
_KEPT = 4096
"""Titles and branches whose words are kept: the same ones are asked about with every suggestion."""


def words(texts: Iterable[str]) -> frozenset[str]:
    """Words of some texts, lower case, without a plural's `s`; addresses are no words."""
    return frozenset[str]().union(*map(_words, texts))


_DENIES = re.compile(
    r"(?:^|[.!?;:,(\n]|\b(?:and|but|then))\s*(?:please\s+)?"
    r"(?:do not|don.t|not|never|skip|ignore|leave|except|unlike|instead of)(?:\s+\w+){0,3}\s*$"
)
"""A clause that begins with a no and comes to an address: `do not touch`; not `the refund does not work`."""


def denied(text: str, address: str) -> bool:
    """Whether a text says no right before it comes to an address."""
    before, there, _ = text.lower().partition(address.lower())
    return bool(there) and _DENIES.search(before) is not None


@lru_cache(_KEPT)
def _words(text: str) -> frozenset[str]:
    found = [word for word in _WORD.findall(re.sub(r"https?://\S+", " ", text.lower())) if len(word) >= _SHORTEST]
    return frozenset(_singular(word) for word in found if not word.isdigit())


def _singular(word: str) -> str:
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > _SHORTEST else word


_SAYS_NO_MORE = frozenset(
    "wip fix feat feature chore bug bugfix hotfix docs test tests refactor perf build ci style task issue".split()
)
"""What branches' names begin with, whatever they are about."""
_AGENTS = frozenset("claude codex cursor copilot devin jules".split())
"""Agents that name branches after the work and put letters of their own behind."""
_ENOUGH = 3
"""Words in a row that two things do not have in common by chance."""
_LEAST = 2
"""Words of a whole title."""


@lru_cache(_KEPT)
def name_words(text: str) -> tuple[str, ...]:
    """The words of a title in order, as a branch's name would have them."""
    return tuple(word for word in _WORD.findall(text.lower()) if len(word) >= _SHORTEST)


class Titles:
    """The titles of a project's tasks. A word counts the more, the fewer of them have it."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        self._tasks = sorted(tasks, key=lambda task: (-task.created_at, task.name, task.id))
        self._words = [words([task.title]) for task in self._tasks]
        self._with: dict[str, list[int]] = defaultdict(list)
        self._beginning: dict[str, list[tuple[Task, tuple[str, ...]]]] = defaultdict(list)
        for place, task in enumerate(self._tasks):
            for word in self._words[place]:
                self._with[word].append(place)
            for named in _beginnings(name_words(task.title)):
                self._beginning[named[0]].append((task, named))
        self._weight = {word: math.log(1 + len(tasks) / len(having)) for word, having in self._with.items()}
        self._rare = math.log(1 + len(tasks))
        self._sizes = [math.sqrt(self._sum(found)) for found in self._words]

    def nearest(self, found: frozenset[str], most: int = 1) -> list[tuple[float, Task]]:
        """Tasks with a word in common, the most alike first: 0 (no word in common) to 1 (the same words)."""
        shared: dict[int, float] = defaultdict(float)
        for word in sorted(found):
            for place in self._with.get(word, ()):
                shared[place] += self._weight[word]
        size, sizes = math.sqrt(self._sum(found)), self._sizes
        best = nsmallest(most, [(-weight / (size * sizes[place]), place) for place, weight in shared.items()])
        return [(-alike, self._tasks[place]) for alike, place in best]

    def likeness(self, found: frozenset[str], task: Task) -> float:
        """How much alike one of the tasks is."""
        place = self._tasks.index(task)
        shared = self._sum(found & self._words[place])
        return shared / (math.sqrt(self._sum(found)) * self._sizes[place]) if shared else 0.0

    def borne_by(self, branch: str) -> list[Task]:
        """Tasks whose title the branch's name is: all of it, or its beginning if that is three words or more."""
        name = name_words(branch.rpartition("/")[2])
        found = self._borne(name)
        if not found and branch.partition("/")[0] in _AGENTS:
            found = self._borne(name[:-1])
        return list(found.values())

    def _borne(self, name: tuple[str, ...]) -> dict[str, Task]:
        return {
            task.id: task
            for short in _beginnings(name)
            for task, title in self._beginning.get(short[0], ())
            if title[: len(short)] == short and (len(short) >= _ENOUGH or len(short) == len(title) >= _LEAST)
        }

    def _sum(self, found: frozenset[str]) -> float:
        return sum(self._weight.get(word, self._rare) for word in sorted(found))


@lru_cache(32)
def titles_of(tasks: tuple[Task, ...]) -> Titles:
    """Kept as long as no task changes: thousands of titles take a while."""
    return Titles(tasks)


def _beginnings(name: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """A name's words, and those without a first one such as `fix`, which a branch or a title may do without."""
    if name:
        yield name
    if len(name) > 1 and name[0] in _SAYS_NO_MORE:
        yield name[1:]
