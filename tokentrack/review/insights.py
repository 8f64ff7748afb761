"""At most three sentences about a week, one of a sort, drawn from the person's own data (product 4.5). They name no cause.

A sentence is eligible by its rule; of several of a sort the one with most money at stake is shown, unless it was shown in the
last three weeks, or its kind was called not useful in the last eight.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from tokentrack import clock
from tokentrack.model.tasks import Task
from tokentrack.model.usage import Total
from tokentrack.money import dollars
from tokentrack.phrases import plural
from tokentrack.review import closer, drift, usage, usual
from tokentrack.review.closer import HEAVY, percent
from tokentrack.review.finished import finished
from tokentrack.review.ledger import Row, by_shipping
from tokentrack.review.paid import How, Line
from tokentrack.review.snapshot import InsightRow
from tokentrack.store import ledger as booked
from tokentrack.store import reviews, spending, tasks
from tokentrack.store.ledger import Booked
from tokentrack.store.read import NO_TASK, UNLINKED, Where
from tokentrack.store.reviews import Shown

NOTHING = "Nothing unusual this week."
KEPT, NOT_USEFUL = "kept", "not useful"
CHANGED, WENT, QUESTION = "what changed", "where it went", "a question"
SLOTS = {
    CHANGED: ("drift",),
    WENT: ("context", "session", "unattended", "unlinked"),
    QUESTION: ("stopped", "rework", "past usual"),
}
"""The three sorts, in the order in which they are shown, and the kinds of each."""
FEWEST_DOLLARS = 5_000_000
"""Less is at stake than a sentence is worth (micro-dollars)."""
SHARE = 4
"""A part is named from a quarter of the week on."""
NOT_AGAIN_WEEKS, MUTED_WEEKS = 3, 8
LONGEST_TITLE = 80
"""Characters of a session's title in a sentence."""


@dataclass(frozen=True, slots=True)
class Insight:
    """`subject` is what it is about: a task's or session's id, or "". `at_stake` is micro-dollars of list value.

    `answer` is `kept`, `not useful` or None; `how` is None where it was kept and what it tells has changed since.
    """

    week: str
    kind: str
    subject: str
    text: str
    at_stake: int
    how: How | None
    answer: str | None = None

    @property
    def slot(self) -> str:
        return next((slot for slot, kinds in SLOTS.items() if self.kind in kinds), QUESTION)

    @property
    def why(self) -> str:
        """The name under which it can be asked how it was computed."""
        return f"insight week:{self.week} {called(self)}"


def called(one: Insight | InsightRow | Shown) -> str:
    """What a sentence is named by after its week: `context`, `past-usual` and a task's id."""
    return f"{one.kind.replace(' ', '-')} {one.subject}".rstrip()


# ---- which are shown -------------------------------------------------------------------------------------------------


def insights(db: sqlite3.Connection, monday: date, now: int) -> list[Insight]:
    """Those of the week that begins on this Monday, at most one of a sort; what was answered stays as it was shown."""
    first, last = (clock.week_name(monday + 7 * weeks * clock.DAY) for weeks in (-MUTED_WEEKS, NOT_AGAIN_WEEKS))
    noted = reviews.shown(db, first, last)
    return chosen(list(eligible(db, monday, now)), noted, monday)


def chosen(found: Sequence[Insight], noted: Iterable[Shown], monday: date) -> list[Insight]:
    """Of the eligible ones, with what was shown in this week's review, in those of the eight weeks before it, and in the three
    after it, which may have been looked back on first.
    """
    week = clock.week_name(monday)
    first, last = (clock.week_name(monday + 7 * weeks * clock.DAY) for weeks in (-NOT_AGAIN_WEEKS, NOT_AGAIN_WEEKS))
    noted = list(noted)
    here = {(one.kind, one.subject): one for one in noted if one.week == week}
    near = {(one.kind, one.subject) for one in noted if first <= one.week <= last and one.week != week}
    muted = {one.kind for one in noted if one.week < week and one.answer == NOT_USEFUL}
    by_money = sorted(found, key=lambda one: (-one.at_stake, one.kind, one.subject))
    told = []
    for kinds in SLOTS.values():
        answered = [one for one in here.values() if one.kind in kinds and one.answer]
        mine = [one for one in by_money if one.kind in kinds]
        if answered:
            told.append(_as_shown(answered[0], mine))
        elif again := [one for one in mine if (one.kind, one.subject) in here]:
            told.append(again[0])
        else:
            told += [one for one in mine if (one.kind, one.subject) not in near and one.kind not in muted][:1]
    return told


def _as_shown(noted: Shown, found: Iterable[Insight]) -> Insight:
    now = next((one for one in found if (one.kind, one.subject) == (noted.kind, noted.subject)), None)
    if now is None:
        return Insight(noted.week, noted.kind, noted.subject, noted.text, 0, None, noted.answer)
    return replace(now, text=noted.text, answer=noted.answer)


def show(db: sqlite3.Connection, monday: date, now: int) -> list[Insight]:
    """Notes what is shown in the week's review, and returns it. Inside `transaction`; it is no step of the person's."""
    found = insights(db, monday, now)
    for one in found:
        reviews.show(db, _noted(one), now)
    return found


def answer(db: sqlite3.Connection, monday: date, insight: Insight, answer: str | None, now: int) -> None:
    """Keeps `kept` or `not useful`; None takes it back. Inside `transaction` and `journal.change`."""
    reviews.show(db, _noted(replace(insight, week=clock.week_name(monday), answer=answer)), now)


def _noted(one: Insight) -> Shown:
    return Shown(one.week, one.kind, one.subject, one.text, one.answer)


def own_lines(note: str, told: Iterable[Insight | InsightRow | Shown]) -> list[str]:
    """The lines of a week's note that are the person's own: earlier on, sentences that were kept were written among them."""
    texts = {one.text for one in told}
    return [line for line in note.splitlines() if line.strip() and line not in texts]


# ---- what is eligible ------------------------------------------------------------------------------------------------


def eligible(db: sqlite3.Connection, monday: date, now: int) -> Iterator[Insight]:
    """Everything that the week's figures would allow to be said."""
    where = Where(*clock.week_span(monday))
    parts = booked.booked(db, where)
    whole = sum((one.total for one in parts), Total())
    week, rows = clock.week_name(monday), usual.in_all(db)
    names = {row.task.id: row.task.name for row in rows}
    yield from _drift(db, monday, parts, names, now)
    if whole.list_value:
        yield from _context(db, week, where, whole)
        yield from _session(db, week, parts, whole)
        yield from _unattended(db, week, where, whole)
        yield from _unlinked(week, parts, whole)
    yield from _tasks(db, monday, parts, rows, now)


def _drift(
    db: sqlite3.Connection, monday: date, parts: Sequence[Booked], names: Mapping[str, str], now: int
) -> Iterator[Insight]:
    """A week that still runs may be above what is usual already; below it says nothing yet."""
    usually, this = drift.band(drift.values(drift.past(db, monday))), drift.column(db, monday)
    if usually is None or this.list_value is None:
        return
    place = usually.place(this.list_value)
    runs = not this.closed and now < clock.start_of(monday + 7 * clock.DAY)
    if place == "within" or (place == "below" and runs):
        return
    band = f"{dollars(usually.low)} to {dollars(usually.high)} (n = {usually.n} closed weeks)"
    text = f"List value was {dollars(this.list_value, unknown=this.unpriced)}, {place} your usual {band}."
    dearest = max(parts, key=lambda one: (one.total.list_value or 0, one.session), default=None)
    if place == "above" and dearest is not None and dearest.total.list_value:
        text += f" One session {_belonging(names, dearest.task)} was {dollars(dearest.total.list_value)} of it."
    stake = this.list_value - usually.high if place == "above" else usually.low - this.list_value
    yield Insight(this.week, "drift", "", text, stake, drift.how(db, monday))


def _belonging(names: Mapping[str, str], task: str) -> str:
    return f"on {names[task]}" if task in names else "with no task" if task == NO_TASK else "without a task yet"


def _context(db: sqlite3.Connection, week: str, where: Where, whole: Total) -> Iterator[Insight]:
    heavy: dict[str, int] = {}
    for one in spending.sent(db, where):
        if one.prompt > HEAVY:
            heavy[one.session] = heavy.get(one.session, 0) + (one.value or 0)
    value = sum(heavy.values())
    if _matters(value, whole):
        text = (
            f"{plural(len(heavy), 'session')} carried more than {HEAVY:,} tokens of context; "
            f"those requests were {_of_week(value, whole)}."
        )
        how = _parts(f"list value of requests with more than {HEAVY:,} tokens of context", week, heavy)
        yield Insight(week, "context", "", text, value, how)


def _session(db: sqlite3.Connection, week: str, parts: Sequence[Booked], whole: Total) -> Iterator[Insight]:
    used: dict[str, int] = {}
    for one in parts:
        used[one.session] = used.get(one.session, 0) + (one.total.list_value or 0)
    dear = {session: value for session, value in used.items() if _matters(value, whole)}
    titles = spending.titles(db, dear)
    for session, value in dear.items():
        if len(used) > 1:  # of one session there is nothing to tell
            text = f"One session was {_of_week(value, whole)}: {_one_line(titles.get(session, session))}."
            how = _parts("list value of the session in this week", week, {session: value})
            yield Insight(week, "session", session, text, value, how)


def _unattended(db: sqlite3.Connection, week: str, where: Where, whole: Total) -> Iterator[Insight]:
    found = closer.unattended(db, where, f"week:{week}")
    value = 0 if found is None else sum(line.amount or 0 for line in found.how.rows[:-1])
    if found is not None and _matters(value, whole):
        text = f"{_of_week(value, whole)}, was used in sub-agents, or more than 10 minutes after your last prompt."
        yield Insight(week, "unattended", "", text, value, replace(found.how, rows=found.how.rows[:-1]))


def _unlinked(week: str, parts: Sequence[Booked], whole: Total) -> Iterator[Insight]:
    waiting = {one.session: one.total.list_value or 0 for one in parts if one.task == UNLINKED}
    value = sum(waiting.values())
    if _matters(value, whole):
        text = f"{plural(len(waiting), 'session')} without a task yet: {_of_week(value, whole)}."
        yield Insight(week, "unlinked", "", text, value, _parts("list value that is not linked", week, waiting))


def _tasks(
    db: sqlite3.Connection, monday: date, parts: Sequence[Booked], rows: Sequence[Row], now: int
) -> Iterator[Insight]:
    """Questions about tasks that were worked on, or stopped, in the week."""
    week, end = clock.week_name(monday), clock.start_of(monday + 7 * clock.DAY)
    here, done = {one.task for one in parts}, finished(db, monday, now)
    names, rework = {row.task.id: row.task.name for row in rows}, by_shipping(parts)
    for row in rows:
        task, value = row.task, row.used.list_value or 0
        stopped = task.outcome == "abandoned" and task.id in done
        if stopped and value >= FEWEST_DOLLARS:
            yield _stopped(db, week, row)
        again = rework.get(task.id, Total()).list_value or 0
        if again >= FEWEST_DOLLARS:
            yield _rework(week, task, names, again, parts)
        asked = task.outcome is None and task.id in here and value >= FEWEST_DOLLARS
        then = _by_then(db, row, end) if asked and end <= now else row
        chip = usual.chip_of(rows, then, min(now, end)) if asked else None
        if chip is not None and chip.past:
            text = f"{task.name} used {dollars(chip.value)} of list value, {chip.text}. Continue, narrow, or stop?"
            yield Insight(week, "past usual", task.id, text, chip.value, usual.how_of(rows, then, min(now, end)))


def _by_then(db: sqlite3.Connection, row: Row, until: int) -> Row:
    """What the task had used when the week was over: a review that comes late asks nothing of what came later."""
    used = tasks.totals(db, until=until, of=(row.task.id,)).get(row.task.id, Total())
    return Row(row.task, replace(row.used, total=used))


def _stopped(db: sqlite3.Connection, week: str, row: Row) -> Insight:
    days = [(day, total) for day, total in usage.totals(db, "day", Where(tasks=(row.task.id,))) if total.requests]
    value = dollars(row.used.list_value, unknown=row.used.unknown)
    used = f"{row.task.name} used {value} of list value on {plural(len(days), 'day')}"
    asks = "Was it clear by day two?" if len(days) > 1 else "Anything you would do differently?"
    lines = tuple(Line(day, total.list_value, "list value", f"task:{row.task.id} day:{day}") for day, total in days)
    how = How("list value of the task, day by day", len(days), "days", (), _askable(lines, row.task.id))
    return Insight(week, "stopped", row.task.id, f"{used} and was stopped. {asks}", row.used.list_value or 0, how)


def _askable(lines: Iterable[Line], task: str) -> tuple[Line, ...]:
    """A day's name stands before what narrows it."""
    return tuple(
        replace(line, why="" if line.what == usage.UNKNOWN else f"day:{line.what} task:{task}") for line in lines
    )


def _rework(week: str, task: Task, names: Mapping[str, str], value: int, parts: Sequence[Booked]) -> Insight:
    """What the shipping of a task made rework, on it and on what follows it up."""
    how = rework_how(names, parts, f"week:{week} ", task.id)
    on = [one.task for one in parts if task.id in dict(one.after)]
    others = [names[one] for one in dict.fromkeys(on) if one != task.id]
    after, who = "it", task.name
    if len(others) == 1 and task.id not in on:
        after, who = f"{task.name}, which it follows up,", others[0]
    elif task.id not in on:
        who = f"{len(others):,} follow-ups of {task.name}"
    elif others:
        who += f" and its follow-up {others[0]}" if len(others) == 1 else f" and its {len(others):,} follow-ups"
    text = (
        f"{who} used {dollars(value)} of list value within 14 days after {after} was shipped. Does it need a decision?"
    )
    return Insight(week, "rework", task.id, text, value, how)


def rework_how(names: Mapping[str, str], parts: Iterable[Booked], within: str = "", shipped: str = "") -> How:
    """M8: what was spent within 14 days after a task was shipped, on it and on what follows it up, task by task.

    `shipped` names one task whose shipping is meant; else it is that of any.
    """
    used: dict[str, Total] = {}
    for one in parts:
        again = dict(one.after).get(shipped, Total()) if shipped else one.rework
        if again.requests:
            used[one.task] = used.get(one.task, Total()) + again
    of = f"rework:{shipped}" if shipped else "rework"
    return How(
        "list value of turns linked to a task, or to one that follows it up, within 14 days after it was shipped",
        len(used),
        "tasks",
        (("not claimed", "that it could have been avoided, or whose doing it was"),),
        tuple(
            Line(names.get(task, task), total.list_value, "list value", f"{within}task:{task} {of}")
            for task, total in sorted(used.items())
        ),
    )


# ---- words -----------------------------------------------------------------------------------------------------------


def _matters(value: int, whole: Total) -> bool:
    return value >= FEWEST_DOLLARS and SHARE * value >= (whole.list_value or 0)


def _of_week(value: int, whole: Total) -> str:
    """`41% of the week's list value, $63.00`."""
    of = "the priced part of the week's list value" if whole.unpriced_requests else "the week's list value"
    return f"{percent(value, whole.list_value or 0)} of {of}, {dollars(value)}"


def _parts(formula: str, week: str, by_session: dict[str, int]) -> How:
    lines = tuple(
        Line(session, value, "list value", f"week:{week} session:{session}")
        for session, value in sorted(by_session.items(), key=lambda one: (-one[1], one[0]))
    )
    return How(formula, len(lines), "sessions", (), lines)


def _one_line(title: str) -> str:
    """An agent's title may hold anything: breaks, and what would turn the sentence round or colour a terminal."""
    text = " ".join(reviews.plain(title).split())
    return text if len(text) <= LONGEST_TITLE else f"{text[: LONGEST_TITLE - 1]}…"
