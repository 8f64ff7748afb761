"""Usage exports ▶ store, and which session a row of them may belong to.

**The one rule against counting twice.** What a machine's own logs record is in the sums of requests: the hook's line of a turn
before the turn's bubble, both under one key (`agents/cursor_pieces.py`). A row of an export is in no such sum, ever: it is the
account's spend, which holds the same turns once more, and those of other machines. It stands beside, in sums of its own, and
is offered to a session only for a turn that has no tokens of its own. What the agent used in its own cloud is offered to none.

A row is offered where model and time fit exactly one session: the turn under way when the row was written. Offered is all:
nothing is assigned here. It is worked out anew each time it is asked for, so the order of import and scan does not matter.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tokentrack import clock
from tokentrack.agents import cursor, cursor_csv
from tokentrack.agents.cursor_csv import Export, NotAnExport, Told
from tokentrack.clock import DAY
from tokentrack.store import account, transaction
from tokentrack.store.account import AccountRow, AccountTotal, Turn

EARLY_MS = 60_000
"""A row may be stamped a little before its turn: two clocks."""
LONGEST_TURN_MS = 60 * 60_000
READING = 0.8
"""The share of an import's time that reading the file takes; the rest is writing."""
AT_ONCE = 5000
"""Rows that are written together."""

__all__ = ["Imported", "NotAnExport", "import_usage", "offered", "said", "spend"]


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did. `total` is of the file's rows, whether new or not."""

    rows: int
    new: int
    duplicates: int
    rejected: list[Told]
    doubts: list[Told]
    total: AccountTotal


def import_usage(db: sqlite3.Connection, path: Path, told: Callable[[float], None] = lambda _: None) -> Imported:
    """Adds the rows of a usage export that are not there yet; of the others its cost counts.

    `told` hears now and then which share is done; what it raises ends the import. Rows go in some thousands at a time, so that
    others may write between; what is in then stays, and the same file again adds the rest.

    Raises NotAnExport, and OSError where it cannot be read.
    """
    found = cursor_csv.read_export(path, lambda share: told(share * READING))
    now = clock.now_ms()
    new = 0
    for start in range(0, len(found.rows), AT_ONCE):
        told(READING + (1 - READING) * start / len(found.rows))
        with transaction(db):
            new += account.add(
                db,
                [
                    (
                        cursor.NAME, row.fingerprint, row.copy, row.at, row.day, row.model, row.kind, int(row.max_mode),
                        row.input, row.cache_read, row.cache_write, row.output, row.cost, row.cost_text, int(row.charged),
                        row.cloud_agent, now,
                    )
                    for row in found.rows[start : start + AT_ONCE]
                ],
            )  # fmt: skip
    return Imported(found.lines, new, len(found.rows) - new, found.rejected, found.doubts, _summed(found))


def _summed(found: Export) -> AccountTotal:
    rows = [row for row in found.rows if row.charged]
    costs = [row.cost for row in rows if row.cost is not None]
    return AccountTotal(
        len(rows),
        sum(row.input for row in rows),
        sum(row.cache_read for row in rows),
        sum(row.cache_write for row in rows),
        sum(row.output for row in rows),
        sum(costs) if costs else None,
        len(found.rows) - len(rows),
    )


def said(done: Imported) -> str:
    """What an import did, in a sentence or two."""
    kept = f"{done.new:,} new of {done.rows:,} rows" if done.new else f"Nothing new in {done.rows:,} rows"
    known = f", {done.duplicates:,} were there already" if done.duplicates and done.new else ""
    left = f"; {len(done.rejected):,} could not be used" if done.rejected else ""
    return f"{kept}{known}{left}. They are your account's spend and stand beside the sessions, not in their sums."


def spend(db: sqlite3.Connection, since: int | None, until: int | None) -> AccountTotal:
    """What exports tell of the account in [since, until); a row that names only its day lies in that local day."""
    first = "" if since is None else clock.day_of(since).isoformat()
    last = "9" if until is None else (clock.day_of(until) - DAY).isoformat()
    return account.total(db, cursor.NAME, since, until, (first, last))


def offered(db: sqlite3.Connection, session_uid: str) -> list[AccountRow]:
    """The rows that fit this session and no other, for turns of it that have no tokens of their own."""
    found = account.span(db, session_uid)
    if found is None or found[1] != cursor.NAME:
        return []
    session, agent, begin, end = found
    rows = account.rows_between(db, agent, begin - EARLY_MS, end + LONGEST_TURN_MS)
    if not rows:
        return []
    turns = account.turns_between(db, agent, begin - LONGEST_TURN_MS - EARLY_MS, end + LONGEST_TURN_MS + EARLY_MS)
    models: dict[int, list[str]] = {}
    for turn in turns:
        if turn.session not in models:
            models[turn.session] = account.models_of(db, turn.session)
    return [row for row in rows if _only(row, turns, models) == session]


def _only(row: AccountRow, turns: list[Turn], models: dict[int, list[str]]) -> int | None:
    """The one session with a turn under way at the row's moment, of a model that it may be; None if it has tokens."""
    fitting = [turn for turn in turns if _under_way(turn, row.at or 0) and _may_be(row.model, models[turn.session])]
    sessions = {turn.session for turn in fitting}
    if len(sessions) != 1 or any(turn.requests for turn in fitting):
        return None
    return sessions.pop()


def _under_way(turn: Turn, at: int) -> bool:
    end = turn.at + LONGEST_TURN_MS
    if turn.until is not None:
        end = min(end, turn.until)
    return turn.at - EARLY_MS <= at <= end


def _may_be(model: str | None, models: list[str]) -> bool:
    """A row that names no model fits only a session that names none either, or leaves the choice to the agent."""
    if not cursor_csv.names_model(model):
        return not models or not all(map(cursor_csv.names_model, models))
    return not models or any(cursor_csv.same_model(model, name) for name in models)
