"""How what a closed week, or a sentence about a week, says is asked once the data have moved on (AC 24, AC 41)."""

from __future__ import annotations

import sqlite3
from datetime import date

from tokentrack import clock
from tokentrack.model.usage import Session
from tokentrack.money import dollars
from tokentrack.review import insights, snapshot, week
from tokentrack.review.ledger import LABELS
from tokentrack.review.paid import How, Line
from tokentrack.review.snapshot import SessionRow
from tokentrack.review.week import JudgedRow, Week
from tokentrack.store import read, reviews
from tokentrack.store.read import NO_TASK, UNLINKED

CHANGED = "list value of each session now - its list value when the week was closed"
JUDGED = "tasks of which the week, when it was closed, told another outcome than now"
MOVED = "as it was shown; what it was computed from has changed since. The rows are what there is now."


def changed(db: sqlite3.Connection, monday: date, session: str, now: int) -> How | None:
    """What a closed week would say otherwise now: by session, or of one session by task. None: nothing."""
    found = week.week(db, monday, now)
    if found.changed is None or (session and session not in found.changed.sessions):
        return None
    rows = week.session_rows(db, week.closed_where(monday, found.told))
    if session:
        return _of_session(found, session, rows)
    lines = [_line(found, one, rows) for one in week.sessions_changed(db, found.changed)]
    if found.changed.paid:
        lines.append(Line("paid, now - as it was closed", found.changed.paid, "paid"))
    judged = tuple((row.name, _judged(row)) for row in week.tasks_changed(db, found))
    unknown = (("paid", "not known then, or not now"),) if found.changed.paid is None else ()
    if not lines:
        return How(JUDGED, len(found.changed.tasks + found.changed.finished), "tasks", (*judged, *unknown), ())
    kinds = {line.kind for line in lines}
    return How(CHANGED, len(found.changed.sessions), "sessions", (*judged, *unknown), tuple(lines), len(kinds) < 2)


def _judged(row: JudgedRow) -> str:
    then, now = (LABELS.get(one, one) for one in (row.then, row.now))
    return f"{dollars(row.list_value)} list value: {then} then, {now} now"


def _line(found: Week, session: Session, rows: tuple[SessionRow, ...]) -> Line:
    before, after = (week.value_of(of, session.id) for of in (found.told.sessions, rows))
    difference = None if before is None or after is None else after - before
    why = f"changed week:{found.told.week} session:{session.id}"
    return Line(session.title or session.native_id, difference, "list value", why)


def _of_session(found: Week, session: str, rows: tuple[SessionRow, ...]) -> How:
    names = {row.task: row.name for row in found.told.tasks}
    lines = []
    for row in rows:
        if row.session == session:
            part = row.task if row.task in (NO_TASK, UNLINKED) else f"task:{row.task}"
            why = f"week:{found.told.week} session:{session} {part}"
            lines.append(Line(f"now, {names.get(row.task, row.task)}", row.list_value, "list value", why))
    for row in found.told.sessions:
        if row.session == session:
            less = None if row.list_value is None else -row.list_value
            lines.append(Line(f"taken off: as it was closed, {names.get(row.task, row.task)}", less, "list value"))
    return How("list value now - list value when the week was closed", len(lines), "links", (), tuple(lines))


def sentence(db: sqlite3.Connection, monday: date, name: str, now: int) -> How | None:
    """How what stands out was computed: of the week, by its kind and subject. None: it was never said."""
    name = name.strip()
    found = next((one for one in insights.eligible(db, monday, now) if insights.called(one) == name), None)
    said, stands = _said(db, monday).get(name, (None, False))
    if found is not None and found.how is not None and (not stands or said == found.text):
        return found.how
    if said is None:
        return None
    return How(MOVED, 1, "sentence", (("as it was shown", said),), tuple(_now(db, monday, name)), adds=False)


def sentences(db: sqlite3.Connection, monday: date, now: int) -> list[str]:
    """What `sentence` knows the week's by."""
    told = (insights.called(one) for one in insights.eligible(db, monday, now))
    return sorted({*told, *_said(db, monday)})


def _said(db: sqlite3.Connection, monday: date) -> dict[str, tuple[str, bool]]:
    """Name ▶ text of what the closed week kept, and of what its review showed; and whether it stands as it was shown.

    So does what was answered. Other sentences of an open week are told anew whenever they are shown.
    """
    name = clock.week_name(monday)
    closed = reviews.standing(db, name)
    kept = snapshot.read(closed.snapshot).insights if closed is not None else ()
    shown = {insights.called(one): (one.text, one.answer is not None) for one in reviews.shown(db, name, name)}
    return shown | {insights.called(one): (one.text, True) for one in kept}


def _now(db: sqlite3.Connection, monday: date, name: str) -> list[Line]:
    """The week as it is, and what the sentence was about."""
    of, subject = f"week:{clock.week_name(monday)}", name.partition(" ")[2]
    where = read.Where(*clock.week_span(monday))
    lines = [Line("the week, now", read.total(db, where).list_value, "list value", of)]
    if subject and read.sessions_like(db, subject):
        value = read.total(db, where._replace(session=subject)).list_value
        lines.append(Line("the session, now", value, "list value", f"{of} session:{subject}"))
    elif subject:
        value = read.total(db, where._replace(tasks=(subject,))).list_value
        lines.append(Line("the task, now", value, "list value", f"{of} task:{subject}"))
    return lines
