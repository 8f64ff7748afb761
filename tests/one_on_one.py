"""The four weeks of the sample page (product 7.3), filled into a store: real sessions, a real repository, closed weeks."""

from __future__ import annotations

import sqlite3
from contextlib import closing as leaving
from datetime import date, datetime
from pathlib import Path

import pytest
from claude_logs import BEGIN
from git_repositories import Repo
from sessions_read import Sessions, request

from tokentrack import clock, repositories
from tokentrack.export.options import Options
from tokentrack.model.costs import Charge, Plan
from tokentrack.model.tasks import Span, Task
from tokentrack.review import closing
from tokentrack.store import links, open_store, tasks, transaction
from tokentrack.store import money as ledger

MONDAYS = tuple(date(2026, 10, 26) + n * 7 * clock.DAY for n in range(4))
CREATED = date(2026, 11, 22)
CHOSEN = Options(weeks=MONDAYS, created=CREATED)
DOLLAR = 1_000_000
HOUR = 60
WHOLE = Span()


def ms(text: str) -> int:
    """Local time."""
    return clock.to_ms(datetime.fromisoformat(text).astimezone())


NOW = "2026-11-22T20:00"


def store_in(folder: Path) -> Path:
    """A store with the four weeks, closed. Its repository stays beside it."""
    with pytest.MonkeyPatch.context() as patch, leaving(open_store(folder / "store.db")) as db:
        patch.setenv("TOKENTRACK_NOW", f"{NOW}:00Z")
        patch.setenv("HOME", str(folder))
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        fill(db, folder / "shop")
        close(db)
    return folder / "store.db"


class Month:
    """Fills a store; every task by its key or title."""

    def __init__(self, db: sqlite3.Connection, folder: Path) -> None:
        self.db, self.folder = db, folder
        self.sessions = Sessions(db)
        self.sessions.writer.priced = lambda one: (one.input, 1)  # a micro-dollar a token
        self.tasks: dict[str, str] = {}

    def used(self, name: str, dollars: int, on: str, to: str | None = None, *, branch: str | None = None) -> str:
        """A session of so many dollars of list value; linked, where it says to which task."""
        at = ms(on)
        turns = [(f"{name}-{at}", at)]
        made = [request(f"{name}-{at}-r", at + 60_000, dollars * DOLLAR, branch=branch)]
        session = self.sessions.grow(name, turns, made, title=f"session of {name}")
        if to is not None:
            links.put(self.db, session, self.tasks[to], WHOLE, "manual", at)
        return session

    def task(self, title: str, key: str | None = None, **more: object) -> str:
        project = str(self.folder) if key else None
        made = tasks.add(self.db, Task("", title, key, more.pop("url", None), project, ms("2026-10-25T09:00"), **more))
        self.tasks[key or title] = made.id
        return made.id

    def finish(self, name: str, outcome: str, on: str, note: str = "") -> None:
        tasks.finish(self.db, self.tasks[name], outcome, note, ms(on))

    def guess(self, name: str, what: str, low: int, high: int, on: str) -> None:
        """In minutes. It is of a time, but for `spend`."""
        tasks.add_estimate(self.db, self.tasks[name], what, low, high, ms(on))


def fill(db: sqlite3.Connection, folder: Path) -> Month:
    """Everything but the closing."""
    month = Month(db, folder)
    repo = Repo(folder)
    repo.commit("Begin", "README")
    with transaction(db):
        _work(month)
        _estimates(month)
        _money(db)
    for key, number, text, day in (
        ("PAY-12", 318, "Refunds", "2026-11-03T12:00"),
        ("PAY-19", 325, "Tests", "2026-11-12T12:00"),
        ("OPS-7", 12, "Drift report", "2026-11-05T12:00"),
        ("PAY-31", 331, "Rounding", "2026-11-10T12:00"),
    ):
        repo.commit(f"{key}: {text} (#{number})", f"{key}.txt", at=ms(day) / 1000 - BEGIN.timestamp())
    repositories.refresh(db, str(folder), ms(NOW), seconds=30)
    return month


def close(db: sqlite3.Connection) -> None:
    """The last week with what would be done differently."""
    with transaction(db):
        for monday in MONDAYS[:-1]:
            closing.close(db, monday, ms(NOW))
        note = (
            "PAY-22: I should have set a stop point on day one. I now plan one for migrations.\n"
            "Could we agree what “done” means for PAY-25 before I spend more on it?"
        )
        closing.close(db, MONDAYS[-1], ms(NOW), note=note, intent="a stop point on day one")


def _work(month: Month) -> None:
    month.task("Refunds survive retries", "PAY-12")
    month.task("Checkout tests no longer flaky", "PAY-19")
    month.task("Weekly infrastructure drift report", "OPS-7")
    month.task("On-call runbook", url="https://docs.example.test/runbook")
    month.task("Rounding bug after PAY-12", "PAY-31", follow_up_of=month.tasks["PAY-12"])
    month.task("Event sourcing for the ledger", "SPIKE-3", url="https://docs.example.test/ledger")
    month.task("Automatic ORM migration", "PAY-22")
    month.task("Webhook retries", "PAY-25")
    month.used("s1", 96, "2026-10-27T10:00", "PAY-12")
    month.used("s2", 58, "2026-11-10T10:00", "PAY-19")
    month.used("s3", 22, "2026-11-04T10:00", "OPS-7")
    month.used("s4", 9, "2026-11-06T10:00", "On-call runbook")
    month.finish("PAY-12", "shipped", "2026-11-03T13:00", "two recurring support causes closed")
    month.used("s5", 14, "2026-11-09T10:00", "PAY-31")
    month.used("s6", 71, "2026-11-11T10:00", "SPIKE-3")
    month.used("s7a", 60, "2026-10-29T10:00", "PAY-22")
    month.used("s7b", 58, "2026-10-31T10:00", "PAY-22")
    month.used("s8", 139, "2026-11-18T10:00", "PAY-25")
    month.used("s9", 85, "2026-11-19T10:00")
    month.finish("PAY-19", "shipped", "2026-11-12T13:00")
    month.finish("OPS-7", "shipped", "2026-11-05T13:00")
    month.finish("On-call runbook", "delivered", "2026-11-06T13:00")
    month.finish("PAY-31", "shipped", "2026-11-10T13:00")
    month.finish("SPIKE-3", "decided not to", "2026-11-12T14:00", "migration cost exceeds the gain")
    month.finish("PAY-22", "abandoned", "2026-10-31T18:00", "after three days")


def _estimates(month: Month) -> None:
    """PAY-12 holds, PAY-19 cannot tell; of eleven estimates before them six were right."""
    month.guess("PAY-12", "without_ai", 14 * HOUR, 20 * HOUR, "2026-10-26T09:00")
    month.guess("PAY-12", "with_ai", 8 * HOUR, 8 * HOUR, "2026-11-03T14:00")
    month.guess("PAY-19", "without_ai", 4 * HOUR, 7 * HOUR, "2026-11-09T09:00")
    month.guess("PAY-19", "with_ai", 4 * HOUR, 4 * HOUR, "2026-11-12T14:00")
    for n in range(11):
        name = f"By hand {n}"
        month.task(name)
        month.guess(name, "without_ai", 60, 120, "2026-09-01T10:00")
        month.finish(name, "shipped", "2026-09-02T10:00")
        month.guess(name, "with_ai", *((90, 90) if n < 6 else (300, 300)), "2026-09-03T10:00")


def _money(db: sqlite3.Connection) -> None:
    ledger.add_plan(db, Plan(0, "Max", 200 * DOLLAR, "month", ("claude-code",), date(2026, 9, 1)), 0)
    ledger.add_charge(db, Charge(0, date(2026, 11, 4), 23_400_000, "extra use"), 0)
    ledger.confirm(db, "2026-10", date(2026, 10, 31))
    ledger.confirm(db, "2026-11", date(2026, 11, 22))
