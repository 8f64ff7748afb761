"""How a week's money is made of what its snapshot kept: its sessions, and what was paid. Nothing that came later is in it."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from tokentrack.money import known_sum
from tokentrack.review.ledger import OPEN, REWORK
from tokentrack.review.paid import FORMULA, How, Line
from tokentrack.review.snapshot import SessionRow, Snapshot
from tokentrack.store import read
from tokentrack.store.read import NO_TASK, UNLINKED

Inputs = tuple[tuple[str, str], ...]
NOT_KEPT = "not kept by session"
"""What is missing to a figure: weeks that were closed early on do not tell of each session how much of it was rework."""


class Part(NamedTuple):
    """What a session used for one thing: `name` narrows the session to it, as `why` has it; empty: it is all of the session."""

    session: str
    list_value: int | None
    unpriced: int
    name: str = ""


def list_value(db: sqlite3.Connection, told: Snapshot, stamp: Inputs, part: str = "") -> How | None:
    """Of the week, or of a part of it: `task:` and an id, `outcome:` and one of `BY_OUTCOME`, `no task`, `unlinked`.

    `stamp` stands before what else went in. None: the week has no such part.
    """
    whole = _wholes(told)
    if part not in whole:
        return None
    found = list(_parts(told, part))
    lines = sorted((_line(db, told.week, one) for one in found), key=lambda line: (-(line.amount or 0), line.what))
    missing = (whole[part] or 0) - sum(line.amount or 0 for line in lines)
    if missing:
        lines.append(Line(NOT_KEPT, missing, "list value"))
    unpriced = sum(one.unpriced for one in found)
    unknown = (("without a known price", f"{unpriced:,} requests, not counted as 0"),) if unpriced else ()
    return How(
        "list value of the week = sum over its sessions; a session opens what its log tells now",
        len({one.session for one in found}),
        "sessions",
        (*stamp, ("prices", told.prices), *unknown),
        tuple(lines),
    )


def paid(told: Snapshot, stamp: Inputs) -> How:
    """What the week cost; the rows are the plans and charges as they were entered then."""
    rows = tuple(Line(row.what, row.amount, "paid") for row in told.paid_rows or ())
    if told.paid_rows is None and told.paid:
        rows = (Line("plans and charges, not kept one by one", told.paid, "paid"),)
    through = (("plan fees through", told.paid_through),) if told.paid_through else ()
    unknown = (("paid", "unknown: no plan or charge was entered"),) if told.paid is None else ()
    return How(FORMULA, 7, "days", (*stamp, *through, *unknown), rows)


def _wholes(told: Snapshot) -> dict[str, int | None]:
    """What a part is called ▶ its list value, as it was closed."""
    outcomes = {row.outcome: row.list_value for row in told.outcomes}
    return (
        {"": told.list_value}
        | {f"task:{row.task}": row.list_value for row in told.tasks}
        | {f"outcome:{name}": value for name, value in outcomes.items()}
        | {name: outcomes[name] for name in (NO_TASK, UNLINKED) if name in outcomes}
    )


def _parts(told: Snapshot, part: str) -> Iterator[Part]:
    if not part:
        yield from _sessions(told)
        return
    kind, _, name = part.partition(":")
    came = {row.task: row.outcome or OPEN for row in told.tasks}
    alone = Counter(row.session for row in told.sessions)
    for row in told.sessions:
        task = row.task if row.task in (NO_TASK, UNLINKED) else f"task:{row.task}"
        narrowed = task if alone[row.session] > 1 else ""
        if kind != "outcome":
            if task == part:
                yield Part(row.session, row.list_value, row.unpriced_requests, narrowed)
        elif name == REWORK:
            if row.rework:
                yield Part(row.session, row.rework, 0, narrowed if _all_rework(row) else f"{task} rework")
        elif came.get(row.task, row.task) == name and not _all_rework(row):
            left = None if row.list_value is None else row.list_value - row.rework
            yield Part(row.session, left, row.unpriced_requests, f"{task} {part}" if row.rework else narrowed)


def _all_rework(row: SessionRow) -> bool:
    return bool(row.rework) and row.rework == row.list_value


def _sessions(told: Snapshot) -> Iterator[Part]:
    by_session: dict[str, list[SessionRow]] = {}
    for row in told.sessions:
        by_session.setdefault(row.session, []).append(row)
    for session, rows in by_session.items():
        yield Part(session, known_sum(row.list_value for row in rows), sum(row.unpriced_requests for row in rows))


def _line(db: sqlite3.Connection, week: str, one: Part) -> Line:
    """A session that is here no more is still named, but opens nothing."""
    found = read.sessions_like(db, one.session)
    if not found:
        return Line(one.session, one.list_value, "list value")
    why = f"week:{week} session:{one.session} {one.name}".rstrip()
    return Line(found[0].title or found[0].native_id, one.list_value, "list value", why)
