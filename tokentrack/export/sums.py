"""The weeks of a page added up: every piece of work with what came of it by the end of the period.

Use within 14 days after something was shipped is rework (product decision 8); what belongs to no work is there too, so all of it
adds up to the list value of the weeks.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from tokentrack.export import wording
from tokentrack.export.options import OUTCOMES, SHARES
from tokentrack.review.week import Week, closed_where
from tokentrack.store.read import NO_TASK, UNLINKED


@dataclass(slots=True)
class Work:
    """A task over all weeks of the page: micro-dollars of list value, and what came of it by the end.

    `in_all` is its list value up to `week`, the last that tells of it, which ends at `until` (UTC milliseconds).
    """

    task: str
    outcome: str
    list_value: int = 0
    rework: int = 0
    unknown: bool = False
    in_all: int | None = None
    week: str = ""
    until: int = 0

    @property
    def shown_as(self) -> str:
        """What follows up shipped work and is rework wholly is called so."""
        return "rework" if self.list_value and self.rework == self.list_value else self.outcome


@dataclass(slots=True)
class Sums:
    """The weeks of the page added up; `rest` are no task and unlinked. `unknown`: those of which something has no known value."""

    works: dict[str, Work] = field(default_factory=dict)
    rest: dict[str, int] = field(default_factory=lambda: {NO_TASK: 0, UNLINKED: 0})
    unknown: set[str] = field(default_factory=set)
    total: int = 0

    def by_outcome(self) -> dict[str, int]:
        found = dict(self.rest)
        for work in self.works.values():
            found["rework"] = found.get("rework", 0) + work.rework
            found[work.outcome] = found.get(work.outcome, 0) + work.list_value - work.rework
        return found

    def unknown_outcomes(self) -> set[str]:
        """Those of `by_outcome` on top of which something of unknown value comes."""
        return self.unknown | {work.outcome for work in self.works.values() if work.unknown}


def sums_of(weeks: Sequence[Week]) -> Sums:
    sums = Sums()
    for one in weeks:
        sums.total += one.told.list_value or 0
        until = closed_where(one.monday, one.told).until or 0
        for row in one.told.tasks:
            work = sums.works.setdefault(row.task, Work(row.task, ""))
            work.outcome = row.outcome or "open"  # as of the last week that tells of it
            work.in_all, work.week, work.until = row.in_all, one.told.week, until
            work.list_value += row.list_value or 0
            work.rework += row.rework
            work.unknown |= row.list_value is None or row.unpriced_requests > 0
        for rest in one.told.outcomes:
            if rest.outcome in sums.rest:
                sums.rest[rest.outcome] += rest.list_value or 0
                if rest.list_value is None or rest.unpriced_requests:
                    sums.unknown.add(rest.outcome)
    return sums


def place(out: Collection[str], names: Mapping[str, str]) -> Callable[[Work], tuple[int, int, bool, str, str]]:
    """Finished work first, then what was learned or decided, what was stopped, what is open; the largest part first.

    The order tells nothing that is not on the page: of what was taken `out`, nor by its title where work stands that is not among
    the `names` (of tasks) by which others know it.
    """
    called = list(wording.LABELS)

    def key(work: Work) -> tuple[int, int, bool, str, str]:
        outcome = 0 if OUTCOMES in out else called.index(work.shown_as)
        size, name = 0 if SHARES in out else -work.list_value, names.get(work.task, "")
        return outcome, size, not name, name, work.task

    return key
