"""Facts that suggestions are made of, as a test has them: sessions of a shop, its tasks, commits and links."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tokentrack.linking.facts import Facts, MarkFacts, RepositoryFacts, SessionFacts, TurnFacts
from tokentrack.linking.suggest import suggest
from tokentrack.model.repositories import Commit
from tokentrack.model.tasks import Link, Rule, Span, Suggestion, Task

SHOP = "/w/shop"
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
START = 1_700_000_000_000
NOW = START + 40 * DAY
WHOLE = Span()
ON_MAIN = RepositoryFacts("main")


def task(
    key: str | None, title: str = "Something", *, name: str | None = None, project: str | None = SHOP, **more: Any
) -> Task:
    return Task(name or key or title, title, key, more.pop("url", None), project, START - 10 * DAY, **more)


def turns(*branches: str | None, at: int = START, step: int = MINUTE) -> tuple[TurnFacts, ...]:
    """A turn on each of these branches, a `step` apart."""
    return tuple(
        TurnFacts(at + place * step, at + place * step + 1000, branch) for place, branch in enumerate(branches)
    )


def mark(kind: str, value: str, source: str = "prompt", turn: int = 0) -> MarkFacts:
    return MarkFacts(turn, kind, value, source)


def session(
    name: str = "s",
    on: Sequence[TurnFacts] = turns("main"),
    *marks: MarkFacts,
    text: str = "",
    project: str | None = SHOP,
    waiting: Sequence[Span] = (WHOLE,),
    **more: Any,
) -> SessionFacts:
    return SessionFacts(
        id=name, native_id=f"native-{name}", texts=(text,) if text else (), named=more.pop("named", None), project=project,
        folder=more.pop("folder", project), worktree=more.pop("worktree", ()), turns=tuple(on), marks=marks,
        parent=more.pop("parent", None), root=more.pop("root", project), waiting=tuple(waiting),
    )  # fmt: skip


def link(name: str, to: str | None, on: Span = WHOLE, source: str = "manual", at: int = START + HOUR) -> Link:
    return Link(0, name, to, on, source, None, at)


def commit(sha: str, *marks: tuple[str, str], at: int = START + 30_000, mine: bool = True) -> Commit:
    return Commit(SHOP, sha.ljust(40, "0"), at, at, mine, False, marks)


def rule(kind: str, pattern: str, to: str, *, name: str = "r", at: int = START, paused: str | None = None) -> Rule:
    return Rule(name, kind, SHOP, pattern, to, at, paused)


def facts(
    asked: Iterable[SessionFacts],
    tasks: Iterable[Task],
    *,
    linked: Iterable[SessionFacts] = (),
    commits: Sequence[Commit] = (),
    repository: RepositoryFacts = ON_MAIN,
    **more: Any,
) -> Facts:
    asked = list(asked)
    return Facts(
        now=more.pop("now", NOW), asked=[one.id for one in asked], sessions={one.id: one for one in [*asked, *linked]},
        tasks=list(tasks), commits={SHOP: commits}, repositories={SHOP: repository}, **more,
    )  # fmt: skip


def suggested(*given: Any, **more: Any) -> list[Suggestion]:
    return suggest(facts(*given, **more))


def chosen(found: Iterable[Suggestion]) -> list[tuple[str, str, Span]]:
    """(signal, task, turns) of what is pre-selected."""
    return [(one.signal, one.task, one.turns) for one in found if one.preselected]


def offered(found: Iterable[Suggestion]) -> list[tuple[str, str]]:
    return [(one.signal, one.task) for one in found]
