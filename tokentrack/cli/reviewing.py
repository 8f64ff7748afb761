"""`tokentrack review`: a week, what came of it, and its closing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from sqlite3 import Connection
from typing import Any

import click
import msgspec

from tokentrack import clock, paths, repositories
from tokentrack.cli import out
from tokentrack.cli.names import ShownByName
from tokentrack.cli.out import json_option, opened, print_json
from tokentrack.money import dollars
from tokentrack.phrases import plural
from tokentrack.pricing import own
from tokentrack.review import closing, drift, evidence, insights, repriced
from tokentrack.review.ledger import LABELS, REWORK
from tokentrack.review.paid import NOT_COME
from tokentrack.review.snapshot import OutcomeRow, Snapshot, TaskRow
from tokentrack.review.week import Changed, JudgedRow, Week, sessions_changed, tasks_changed, week
from tokentrack.store import reviews, transaction
from tokentrack.store.reviews import LONGEST_INTENT, LONGEST_NOTE


class Kept(click.ClickException):
    """A closed week stays as it is."""

    exit_code = 3


GIT_S = 10.0


class WeekName(click.ParamType[date]):
    name = "WEEK"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            monday = clock.parse_week(value)
        except ValueError:
            monday = date.min
        if not 1970 < monday.year < 9999 or clock.week_name(monday) != value:
            self.fail(f"{value} is no week like 2026-W47", param, ctx)
        return monday


week_argument = click.argument("monday", type=WeekName(), required=False, metavar="[WEEK]")


@click.group(cls=ShownByName)
def review() -> None:
    """A week (2026-W47; this one if none is named): what it cost, what came of it, how sure that is."""


@review.command("show", hidden=True)
@week_argument
@json_option
@click.pass_obj
def show(store: Path, monday: date | None, as_json: bool) -> None:
    """The week as it is now, or as it was closed."""
    with opened(store) as db:
        _look_at_git(db)
        shown, now = monday or _this_week(), clock.now_ms()
        with transaction(db):
            if not reviews.is_closed(db, clock.week_name(shown)):
                insights.show(db, shown, now)  # what was printed was shown: no later week repeats it
        _tell(db, week(db, shown, now), as_json)


@review.command()
@week_argument
@click.option("--note", help=f"What you would tell yourself in three months, in at most {LONGEST_NOTE} characters.")
@click.option("--intent", help=f"The one thing to try next week, in at most {LONGEST_INTENT} characters.")
@click.option("--earlier", is_flag=True, help="Every earlier week that is open, as it is.")
@json_option
@click.pass_obj
def close(store: Path, monday: date | None, note: str | None, intent: str | None, earlier: bool, as_json: bool) -> None:
    """Keep what the week says. What comes or changes later is shown as changed since."""
    if earlier and (monday or note is not None or intent is not None):
        raise click.UsageError("--earlier closes weeks as they are: it goes with no week, note or intent.")
    if len(note or "") > LONGEST_NOTE:
        raise click.UsageError(f"A note has at most {LONGEST_NOTE} characters.")
    if len(intent or "") > LONGEST_INTENT:
        raise click.UsageError(f"What to try next has at most {LONGEST_INTENT} characters.")
    now = clock.now_ms()
    with opened(store) as db:
        _look_at_git(db)
        try:
            with transaction(db):
                if earlier:
                    mondays = [clock.parse_week(one.week) for one in closing.close_earlier(db, clock.today(), now)]
                else:
                    mondays = [monday or _this_week()]
                    closing.close(db, mondays[0], now, note, intent)
        except closing.Closed as error:
            name = error.week
            raise Kept(f"Week {name} is closed; `tokentrack review reopen {name}` opens it again.") from None
        if not earlier:
            _tell(db, week(db, mondays[0], now), as_json)
            return
        if as_json:
            print_json({"weeks": [week_json(db, week(db, one, now)) for one in mondays]})
            return
    out.line(f"Closed: {', '.join(map(clock.week_name, mondays))}." if mondays else "No earlier week is open.")


@review.command()
@click.argument("monday", type=WeekName(), metavar="WEEK")
@json_option
@click.pass_obj
def reopen(store: Path, monday: date, as_json: bool) -> None:
    """The week's figures are those of now again; what it said when it was closed is kept."""
    with opened(store) as db:
        with transaction(db):
            closing.reopen(db, monday)
        _tell(db, week(db, monday, clock.now_ms()), as_json)


def _this_week() -> date:
    return clock.monday_of(clock.today())


def _look_at_git(db: Connection) -> None:
    repositories.refresh_all(db, clock.now_ms(), total=GIT_S)


# ---- telling ---------------------------------------------------------------------------------------------------------


def _tell(db: Connection, found: Week, as_json: bool) -> None:
    if as_json:
        print_json({"week": week_json(db, found)})
        return
    for line in _lines(db, found):
        out.line(line)


def week_json(db: Connection, found: Week) -> dict[str, Any]:
    """WEEK of the documented JSON."""
    told = found.told
    usual = _usual(db, found)
    share, waits = told.accounted_share, told.not_linked
    return {
        "week": told.week,
        "from": told.since,
        "to": told.until,
        "closed": found.closed,
        "revision": found.revision,
        "sha256": found.sha256,
        "paid": told.paid,
        "paid_complete": told.paid_complete,
        "list_value": told.list_value,
        "unpriced_requests": told.unpriced_requests,
        "repriced_requests": sum(_repriced(db, told)),
        "accounted_for": {"list_value": told.accounted, "share": None if share is None else round(share, 4)},
        "not_linked": {"list_value": waits.list_value, "sessions": waits.sessions},
        "usual": None if usual is None else {name: getattr(usual, name) for name in ("low", "middle", "high", "n")},
        "outcomes": [_outcome_json(row) for row in told.outcomes],
        "tasks": [_task_json(row) for row in told.tasks],
        "insights": [{"kind": one.kind, "text": one.text} for one in told.insights],
        "budget": None if told.budget is None else msgspec.structs.asdict(told.budget),
        "budget_before": None if told.budget_before is None else msgspec.structs.asdict(told.budget_before),
        "note": told.note,
        "intent": told.intent,
        "changed_since_close": None if found.changed is None else _changed_json(found.changed),
    }


def _changed_json(changed: Changed) -> dict[str, Any]:
    told = {"list_value": changed.list_value, "sessions": list(changed.sessions)}
    return told | {"paid": changed.paid, "tasks": list(changed.tasks), "finished": list(changed.finished)}


def _outcome_json(row: OutcomeRow) -> dict[str, Any]:
    return {"outcome": row.outcome, "list_value": row.list_value, "percent": row.percent}


def _task_json(row: TaskRow) -> dict[str, Any]:
    told = {"task": row.task, "outcome": row.outcome, "list_value": row.list_value, "evidence": list(row.evidence)}
    return told | {"name": row.name, "in_all": row.in_all}


def _lines(db: Connection, found: Week) -> Iterator[str]:
    told = found.told
    state = f"closed, revision {found.revision}" if found.closed else "open"
    yield f"Week {told.week}, {told.since} to {told.until}: {state}"
    missing = (
        "no plan or charge is entered" if told.paid_through or found.closed else NOT_COME[0].lower() + NOT_COME[1:-1]
    )
    paid = f"unknown: {missing}" if told.paid is None else dollars(told.paid)
    yield f"Paid {'' if told.paid_complete or told.paid is None else 'at least '}{paid}"
    yield f"List value {dollars(told.list_value, unknown=told.unknown)}"
    if sum(changed := _repriced(db, told)):
        yield out.repriced(*changed)
    yield from _accounted(told)
    yield ""
    yield "What came of it (self-reported), list value"
    for row in told.outcomes:
        label = LABELS.get(row.outcome, row.outcome)
        part = "–" if row.list_value is None else f"{row.percent}%"
        yield f"  {label:15} {part:>4}  {dollars(row.list_value, unknown=row.unpriced_requests)}"
    if told.tasks:
        yield ""
        yield "Tasks, list value this week"
    for task in told.tasks:
        git = f" · {evidence.in_git(task.found)}" if task.evidence and task.found else ""
        git += f" · git cannot be asked: {task.unread}" if task.unread else ""
        yield f"  {task.name}: {_outcome(task.outcome)}, {dollars(task.list_value, unknown=task.unpriced_requests)}{git}"
    yield ""
    yield "What stands out"
    yield from (f"  {one.text}" for one in told.insights) if told.insights else (f"  {insights.NOTHING}",)
    yield ""
    yield from _past(db, found)
    if told.note or told.intent:
        yield ""
    if told.note:
        yield f"Note: {told.note}"
    if told.intent:
        yield f"To try next: {told.intent}"
    yield from _since(db, found)


def _since(db: Connection, found: Week) -> Iterator[str]:
    """Of a closed week, what it would say otherwise now, and its digest."""
    if found.changed is not None:
        yield ""
        yield f"Changed since you closed it: {'; '.join(found.changed.in_words())}"
        for session in sessions_changed(db, found.changed):
            yield f"  {session.id} {session.title or session.native_id}"
        for judged in tasks_changed(db, found):
            yield f"  {judged.name}: {_judged(judged)}"
    if found.sha256:
        yield ""
        yield f"sha256 {found.sha256}"


def _repriced(db: Connection, told: Snapshot) -> repriced.Repriced:
    """AC 10: a new price list marks open weeks."""
    return repriced.in_week(db, clock.parse_week(told.week), own.read(paths.own_prices(paths.store_path())))


def _accounted(told: Snapshot) -> Iterator[str]:
    """M2: as a share, as an amount, and what is not linked."""
    waits = told.not_linked
    if told.accounted_share is not None:
        part = " of the priced part" if told.unknown else ""
        yield f"Accounted for {told.accounted_share:.0%}{part} of list value, {dollars(told.accounted)}"
    if waits.sessions:
        value = dollars(waits.list_value, unknown=waits.unpriced_requests)
        yield f"Not linked {value} list value in {plural(waits.sessions, 'session')}"


def _usual(db: Connection, found: Week) -> drift.Band | None:
    return drift.band(drift.values(drift.past(db, found.monday)))


def _past(db: Connection, found: Week) -> Iterator[str]:
    """M13: the week beside the person's own past, which is told from five closed weeks on, with n (AC 27)."""
    yield "Last 8 weeks, list value"
    for one in drift.eight_weeks(db, found.monday, clock.now_ms()):
        yield f"  {one.week}  {dollars(one.list_value, unknown=one.unpriced):>10}  {'closed' if one.closed else 'open'}"
    usual = _usual(db, found)
    if usual is None:
        yield f"  What is usual is told from {drift.FEWEST} closed weeks on."
    else:
        yield f"  Your usual list value {dollars(usual.low)} to {dollars(usual.high)}, n = {usual.n}"


def _judged(row: JudgedRow) -> str:
    """`closed as delivered, now shipped`, `$20.59 list value closed as delivered, now rework`."""
    moved = f"{dollars(row.list_value)} list value " if REWORK in (row.then, row.now) else ""
    return f"{moved}closed as {_outcome(row.then)}, now {_outcome(row.now)}"


def _outcome(outcome: str | None) -> str:
    return LABELS.get(outcome or "open", outcome or "open")
