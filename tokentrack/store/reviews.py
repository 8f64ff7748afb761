"""The weeks that the person judged: what each said when it was closed, and where a review that was begun stands.

Writers are called inside `transaction`. A closed week's text never changes; closing it again adds a revision.
"""

from __future__ import annotations

import re
import sqlite3
from typing import Any, NamedTuple

from tokentrack import clock
from tokentrack.store import closed
from tokentrack.store.links import number_of

LONGEST_NOTE, LONGEST_INTENT = 600, 280
"""Characters that a person may type; sentences that are kept in the note come on top."""
_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""What would move the cursor, colour the terminal or turn the direction of what follows; and what no text can hold."""


class Revision(NamedTuple):
    """What a week said when it was closed. `snapshot` is canonical JSON, `sha256` its digest."""

    week: str
    revision: int
    closed_at: int
    snapshot: str
    sha256: str


class Draft(NamedTuple):
    """A review that was begun: the step it stands at, and in it at what; what was typed in so far.

    `tried`: whether what the week before intended was tried (`yes`, `partly`, `no`; None: not asked yet).
    """

    week: str
    step: int = 0
    place: str = ""
    tried: str | None = None
    note: str = ""
    intent: str = ""


# ---- closed weeks ----------------------------------------------------------------------------------------------------


def revisions(db: sqlite3.Connection, week: str | None = None) -> list[Revision]:
    """Every revision, of one week or of all, the oldest first."""
    rows = db.execute(
        """select week, revision, closed_at, snapshot, sha256 from reviews where ?1 is null or week = ?1
           order by week, revision""",
        [week],
    )
    return [Revision(*row) for row in rows]


def is_closed(db: sqlite3.Connection, week: str) -> bool:
    return db.execute("select 1 from closed_weeks where week = ?", [week]).fetchone() is not None


def standing(db: sqlite3.Connection, week: str) -> Revision | None:
    """What a closed week says; None: it is open."""
    found = revisions(db, week) if is_closed(db, week) else []
    return found[-1] if found else None


def latest(db: sqlite3.Connection, before: str, most: int) -> list[Revision]:
    """The last closed weeks before a week, the oldest first, at most so many."""
    rows = db.execute(
        """select r.week, r.revision, r.closed_at, r.snapshot, r.sha256 from reviews r join closed_weeks c on c.week = r.week
           where r.week < ? and r.revision = (select max(revision) from reviews where week = r.week)
           order by r.week desc limit ?""",
        [before, most],
    )
    return [Revision(*row) for row in rows][::-1]


def add(db: sqlite3.Connection, week: str, snapshot: str, sha256: str, now: int) -> Revision:
    """Closes a week: its next revision, which is the one that stands."""
    number = int(db.execute("select coalesce(max(revision), 0) + 1 from reviews where week = ?", [week]).fetchone()[0])
    made = Revision(week, number, now, snapshot, sha256)
    db.execute("insert into reviews values (?, ?, ?, ?, ?)", made)
    closed.close(db, clock.parse_week(week), now)
    return made


def reopen(db: sqlite3.Connection, week: str) -> None:
    """Its figures are those of the store again; what it said when it was closed is kept."""
    closed.reopen(db, clock.parse_week(week))


# ---- reviews that were begun -----------------------------------------------------------------------------------------


def draft(db: sqlite3.Connection, week: str) -> Draft:
    """An empty one for a week whose review was not begun."""
    row = db.execute("select week, step, place, tried, note, intent from drafts where week = ?", [week]).fetchone()
    return Draft(week) if row is None else Draft(*row)


def keep(db: sqlite3.Connection, draft: Draft, now: int) -> Draft:
    """Every answer is kept when it is given: a review goes on where it was, whatever ended it.

    Returns what was kept: note and intent have no control characters but line breaks and tabs.
    """
    kept = draft._replace(note=plain(draft.note), intent=plain(draft.intent))
    db.execute("insert or replace into drafts values (?, ?, ?, ?, ?, ?, ?)", [*kept, now])
    return kept


def plain(text: str) -> str:
    """Without control characters but line breaks and tabs: what stands in a snapshot, a note or a terminal colours nothing."""
    return _CONTROL.sub("", _BREAKS.sub("\n", text))


def answered(db: sqlite3.Connection, after: str, until: str) -> bool:
    """Whether a review of the weeks after one, and before another, told how an experiment went."""
    found = db.execute("select 1 from drafts where week > ? and week < ? and tried is not null", [after, until])
    return found.fetchone() is not None


def change(db: sqlite3.Connection, week: str, now: int, **fields: Any) -> Draft:
    """Keeps some fields of what was begun, and returns all of it as it is now."""
    return keep(db, draft(db, week)._replace(**fields), now)


# ---- judgements ------------------------------------------------------------------------------------------------------


class Verdict(NamedTuple):
    """Was a task worth at least so much of the person's time? `rate` is micro-dollars an hour, None: none was given."""

    at: int
    worth: str
    list_value: int | None
    rate: int | None


def verdict(db: sqlite3.Connection, task: str, until: int | None = None) -> Verdict | None:
    """The last answer, or the last one given by a moment."""
    row = db.execute(
        """select v.at, v.worth, v.list_value, v.rate from verdicts v join tasks t on t.id = v.task_id where t.uid = ?1
           and (?2 is null or v.at <= ?2) order by v.at desc, v.id desc limit 1""",
        [task, until],
    ).fetchone()
    return None if row is None else Verdict(*row)


def judge(db: sqlite3.Connection, task: str, told: Verdict) -> None:
    """Adds an answer: `yes`, `no` or `unsure`. Inside `journal.change`. Raises Unknown."""
    db.execute(
        "insert into verdicts (task_id, at, worth, list_value, rate) values (?, ?, ?, ?, ?)",
        [number_of(db, "tasks", task), *told],
    )


def follow_ups(db: sqlite3.Connection) -> dict[tuple[str, int], str]:
    """(task, days after it was shipped) ▶ whether it is still in place: `yes`, `no` or `unsure`.

    Of the shipping that stands: what is shipped again is asked about again.
    """
    rows = db.execute(
        "select t.uid, f.days, f.answer from follow_ups f join tasks t on t.id = f.task_id where f.at >= t.finished_at"
    )
    return {(row[0], row[1]): row[2] for row in rows}


def follow_ups_since(db: sqlite3.Connection, since: int) -> int:
    """How many were answered from then on."""
    return int(db.execute("select count(*) from follow_ups where at >= ?", [since]).fetchone()[0])


def answer_follow_up(db: sqlite3.Connection, task: str, days: int, answer: str | None, now: int) -> None:
    """Keeps `yes`, `no` or `unsure`; None takes it out again. Inside `journal.change`. Raises Unknown."""
    number = number_of(db, "tasks", task)
    if answer is None:
        db.execute("delete from follow_ups where task_id = ? and days = ?", [number, days])
        return
    db.execute(
        """insert into follow_ups (task_id, days, at, answer) values (?, ?, ?, ?)
           on conflict (task_id, days) do update set at = excluded.at, answer = excluded.answer""",
        [number, days, now, answer],
    )


class Shown(NamedTuple):
    """A sentence that was shown in the review of a week; `answer` is `kept`, `not useful` or None."""

    week: str
    kind: str
    subject: str
    text: str
    answer: str | None


def shown(db: sqlite3.Connection, since: str, until: str) -> list[Shown]:
    """Those of the weeks [since, until], in the order in which they were shown."""
    rows = db.execute(
        """select week, kind, subject, text, answer from insights where week between ? and ?
           order by week, shown_at, kind, subject""",
        [since, until],
    )
    return [Shown(*row) for row in rows]


def show(db: sqlite3.Connection, one: Shown, now: int) -> None:
    """Notes that it was shown, and what was answered; shown again, its text and answer are the new ones."""
    db.execute(
        """insert into insights (week, kind, subject, text, shown_at, answer) values (?, ?, ?, ?, ?, ?)
           on conflict (week, kind, subject) do update set text = excluded.text, answer = excluded.answer""",
        [*one[:4], now, one.answer],
    )
