"""What a week says, as one value: shown while it is open, and kept to the byte when it is closed.

The text of a snapshot is canonical JSON (sorted keys, no spaces, money as integers), so equal weeks have equal digests. A field
that is added later has a default: what was closed earlier is still read, and its text is never written again.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import msgspec

from tokentrack.money import known_sum
from tokentrack.store.read import UNLINKED


class OutcomeRow(msgspec.Struct, frozen=True):
    """List value by what came of it (micro-dollars; None: nothing of it is known), with whole percents that add up to 100."""

    outcome: str
    list_value: int | None
    percent: int
    unpriced_requests: int = 0


class TaskRow(msgspec.Struct, frozen=True):
    """A task that was worked on or finished in the week; `in_all` is its list value to then, `evidence` what git tells.

    `rework` is the part of `list_value` that was used within 14 days after it, or what it follows up, was shipped. `found` is the
    evidence in one line, `unread` why git could not be asked of its repository; each may be empty.
    """

    task: str
    name: str
    outcome: str | None
    list_value: int | None
    in_all: int | None
    evidence: tuple[str, ...] = ()
    unpriced_requests: int = 0
    size: str | None = None
    worth: str | None = None
    rework: int = 0
    found: str = ""
    unread: str = ""


class SessionRow(msgspec.Struct, frozen=True):
    """What a session used in the week for one task (its id, `no task` or `unlinked`).

    `rework` is the part of `list_value` that counts as rework; the rest came of what its task came of.
    """

    session: str
    task: str
    list_value: int | None
    requests: int
    unpriced_requests: int = 0
    rework: int = 0


class PaidRow(msgspec.Struct, frozen=True):
    """A plan's days or a charge, micro-dollars."""

    what: str
    amount: int


class InsightRow(msgspec.Struct, frozen=True):
    """`subject` is the task's or session's id that it is about, or ""."""

    kind: str
    text: str
    subject: str = ""


class TokensRow(msgspec.Struct, frozen=True):
    """What was used in tokens, each sort apart."""

    input: int
    output: int
    cache_read: int
    cache_write_5m: int
    cache_write_1h: int


class ModelRow(msgspec.Struct, frozen=True):
    """What was used of a model, by the name that the logs give it; `tokens` are of all sorts."""

    model: str
    tokens: int
    requests: int


class BudgetRow(msgspec.Struct, frozen=True):
    """A budget and how much of it was used, in its own measure; `used` None: not known; `unknown`: it may be more.

    Used from the period's first day `since` to the end of the day `through`. Without these it is what the whole period that the
    week ended in had used when the week was closed.
    """

    measure: str
    amount: int
    period: str
    used: int | None
    project: str | None = None
    since: str | None = None
    through: str | None = None
    unknown: bool = False


class NotLinked(NamedTuple):
    """What of a week belongs to no task yet: micro-dollars (None: nothing of it is known), and how many sessions."""

    list_value: int | None
    unpriced_requests: int
    sessions: int


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """A week: what it cost, what came of it, how sure that is. Days are local and included; money is micro-dollars.

    `begin` and `end` are the week in UTC milliseconds [begin, end), as the days of `zone` have it; `paid_through` is the last day
    whose plan fees are in `paid`, `paid_rows` add up to it; `tokens`, `models`, and `turns` that were begun are kept for the
    record. None: it was closed before these were kept. `budget_before` is that of the month that ended within the week, where
    it is planned by the month. `partly` are agents whose tokens are recorded in part, or not at all, for
    some session of the week.
    """

    week: str
    since: str
    until: str
    zone: str
    prices: str
    paid: int | None
    paid_complete: bool
    list_value: int | None
    requests: int
    unpriced_requests: int
    unrecorded_sessions: int
    accounted: int
    outcomes: tuple[OutcomeRow, ...]
    tasks: tuple[TaskRow, ...]
    sessions: tuple[SessionRow, ...]
    budget: BudgetRow | None
    agents: tuple[str, ...]
    problems: tuple[str, ...]
    insights: tuple[InsightRow, ...] = ()
    tried: str | None = None
    note: str = ""
    intent: str = ""
    begin: int | None = None
    end: int | None = None
    paid_through: str | None = None
    paid_rows: tuple[PaidRow, ...] | None = None
    tokens: TokensRow | None = None
    partly: tuple[str, ...] = ()
    models: tuple[ModelRow, ...] | None = None
    turns: int | None = None
    budget_before: BudgetRow | None = None

    @property
    def budgets(self) -> tuple[BudgetRow, ...]:
        """Of the periods that the week tells of, the earlier first."""
        return tuple(one for one in (self.budget_before, self.budget) if one is not None)

    @property
    def unknown(self) -> int:
        """How many requests and sessions have no known list value: it comes on top of every sum and share (AC 5)."""
        return self.unpriced_requests + self.unrecorded_sessions

    @property
    def accounted_share(self) -> float | None:
        """Of the known list value the part that belongs to a task or was set aside on purpose; None where there is none."""
        return self.accounted / self.list_value if self.list_value else None

    @property
    def not_linked(self) -> NotLinked:
        rows = [row for row in self.sessions if row.task == UNLINKED]
        return NotLinked(
            known_sum(row.list_value for row in rows),
            sum(row.unpriced_requests for row in rows),
            len({row.session for row in rows}),
        )


def text_of(snapshot: Snapshot) -> str:
    return msgspec.json.encode(snapshot, order="sorted").decode()


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def read(text: str) -> Snapshot:
    return msgspec.json.decode(text, type=Snapshot)
