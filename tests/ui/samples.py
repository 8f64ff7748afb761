"""Plain data for the windows, and a source in memory: it stands in for the core, whose own tests cover the real one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from tokentrack.model.costs import Budget, Charge, Plan
from tokentrack.model.tasks import Rule, Task
from tokentrack.model.usage import Session, Total
from tokentrack.review.budgets import Spent
from tokentrack.review.glance import Glance, Health
from tokentrack.ui.asking import Doing
from tokentrack.ui.figure import Number
from tokentrack.ui.source import Importing, Reasons, Status, TurnRow
from tokentrack.ui.source_deciding import Deciding
from tokentrack.ui.source_export import Exporting
from tokentrack.ui.source_linking import Choice, Linking, Waiting
from tokentrack.ui.source_spend import Entries, Spending, Undo
from tokentrack.ui.source_tasks import Ledgers, Linked, Tasks
from tokentrack.ui.source_week import Weeks
from tokentrack.ui.windows.main import MainWindow

Start = Callable[..., MainWindow]
Show = Callable[[QWidget, int, int], None]
"""`start(live, "inbox", 960, 640)`: the app over a store, at a page."""
PageOnce = Callable[[str, int, int, Callable[[Any], bool]], Any]
"""`page_once("inbox", 960, 640, ready)`: that page over the machine's store, once it is ready."""
WEDNESDAY = date(2026, 11, 18)
MONDAY = date(2026, 11, 16)
SUNDAY = date(2026, 11, 22)
NOON = int(datetime(2026, 11, 18, 14, 2, tzinfo=UTC).timestamp() * 1000)
USD = 1_000_000
LONG = "Move every webhook retry onto the durable queue, keep the old path behind a flag and delete it in March " * 3


def total(dollars: float | None, tokens: int = 0, requests: int = 4, unpriced: int = 0) -> Total:
    value = None if dollars is None else round(dollars * USD)
    read = tokens // 2
    return Total(
        requests=requests,
        input=tokens - read,
        cache_read=read,
        list_value=value,
        unpriced_requests=requests if dollars is None else unpriced,
    )


def spent(used: float = 18, planned: float = 40, period: str = "week", measure: str = "list_value") -> Spent:
    first, last = {"day": (WEDNESDAY, WEDNESDAY), "week": (MONDAY, SUNDAY)}.get(
        period, (date(2026, 11, 1), date(2026, 11, 30))
    )
    budget = Budget(1, measure, round(planned * USD), period, None, MONDAY)
    return Spent(budget, round(used * USD), 0, first, last)


def week(*days: dict[str, Total]) -> tuple[tuple[date, dict[str, Total]], ...]:
    filled = [*days, *({} for _ in range(7 - len(days)))]
    return tuple((MONDAY + timedelta(days=at), by_agent) for at, by_agent in enumerate(filled))


def session(number: int = 1, title: str | None = "PAY-25 Webhook retries", dollars: float | None = 1.2) -> Session:
    end = NOON - number * 3_600_000
    return Session(
        id=f"s{number}",
        agent=("claude-code", "codex", "opencode")[number % 3],
        native_id=f"0198-{number}",
        title=title,
        project=f"/home/me/code/{('payments', 'ops', 'site')[number % 3]}",
        cwd=f"/home/me/code/{number}",
        branches=("feat/PAY-25-retries",),
        started_at=end - 1_800_000,
        ended_at=end,
        turns=number % 40 + 1,
        tokens_from="recorded",
        total=total(dollars, 120_000 + number * 977, requests=12),
    )


def texts(inside: QWidget) -> list[str]:
    """What stands in labels and numbers now."""
    parts = [part for part in inside.findChildren(QWidget) if isinstance(part, QLabel | Number)]
    return [part.text() for part in parts if part.isVisibleTo(inside) and part.text()]


def glance(**changes: object) -> Glance:
    claude, codex = "claude-code", "codex"
    days = week(
        {claude: total(6.5, 4_100_000), codex: total(1.1, 300_000)},
        {claude: total(4.9, 3_000_000), codex: total(2.5, 900_000)},
        {claude: total(2.2, 1_500_000), codex: total(0.8, 400_000)},
    )
    made = Glance(
        day=WEDNESDAY,
        today=total(3, 1_900_000, requests=42),
        week=total(18, 10_200_000, requests=160),
        days=days,
        by_agent=((claude, total(13.6, 8_600_000)), (codex, total(4.4, 1_600_000))),
        spent=spent(),
        unlinked_sessions=4,
        unlinked_value=2 * USD,
        live=session(1),
        health=Health(NOON, (claude,), ()),
    )
    made = replace(made, **changes)
    return made if made.budgets or made.spent is None else replace(made, budgets=(made.spent,))


def empty(agents: tuple[str, ...] = ()) -> Glance:
    return Glance(WEDNESDAY, Total(), Total(), week(), (), None, 0, 0, None, Health(None, agents, ()))


def huge() -> Glance:
    claude = "claude-code"
    big = total(1_234_567.89, 98_765_432_100, requests=1_234_567, unpriced=3)
    return glance(
        today=big,
        week=big,
        days=week({claude: big, "codex": total(654_321, 10**10)}, {claude: total(None, 500)}, {claude: big}),
        spent=spent(1_234_567, 999_999),
        live=session(1, LONG, 123_456.78),
        unlinked_sessions=1_234_567,
        unlinked_value=1_234_567 * USD,
    )


def written(qtbot: QtBot) -> None:
    """Until what was decided is in the store."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    qtbot.waitUntil(
        lambda: not any(one.busy for top in (app, *app.topLevelWidgets()) for one in top.findChildren(Doing))
    )


class Memory:
    """A `Source` in memory. Records what was asked of it."""

    def __init__(self, at: Glance | None = None, status: Status | None = None) -> None:
        self.at = at or glance()
        self.now = status or Status()
        self.listed = [session(n) for n in range(1, 9)]
        self.kept: dict[str, str] = {}
        self.budgets: list[tuple[int, str, str]] = []
        self.calls: list[str] = []
        self.on_change: Callable[[], None] = lambda: None
        self.on_progress: Callable[[], None] = lambda: None

    def glance(self) -> Glance:
        self.calls.append("glance")
        return self.at

    def status(self) -> Status:
        self.calls.append("status")
        return self.now

    def sessions(self) -> list[Session]:
        self.calls.append("sessions")
        return self.listed

    def session_turns(self, session_id: str) -> list[TurnRow]:
        return [(n, NOON - n * 60_000, "feat/PAY-25-retries", total(n / 10, n * 5_000, 3)) for n in range(6)]

    def reasons(self) -> Reasons:
        raise RuntimeError("This store is only in memory.")

    def spending(self) -> Spending:
        raise RuntimeError("This store is only in memory.")

    def entries(self) -> Entries:
        return NothingEntered(self.budgets)

    def waiting(self) -> Waiting:
        raise RuntimeError("This store is only in memory.")

    def linking(self) -> Linking:
        return NothingLinked()

    def deciding(self) -> Deciding:
        return Decided(self)

    def tasks(self) -> Tasks:
        return NoTasks()

    def ledgers(self) -> Ledgers:
        raise RuntimeError("This store is only in memory.")

    def weeks(self) -> Weeks:
        raise RuntimeError("This store is only in memory.")

    def exporting(self) -> Exporting:
        raise RuntimeError("This store is only in memory.")

    def settings(self) -> dict[str, str]:
        return dict(self.kept)

    def importing(self) -> Importing:
        return InMemory(self.calls)

    def start(self, on_change: Callable[[], None], on_progress: Callable[[], None]) -> None:
        self.calls.append("start")
        self.on_change, self.on_progress = on_change, on_progress

    def stop(self) -> None:
        self.calls.append("stop")

    def pause(self, paused: bool) -> None:
        self.now = replace(self.now, paused=paused)


class Decided:
    """`Deciding` that keeps settings and what is planned, and refuses the rest."""

    def __init__(self, source: Memory) -> None:
        self.source = source
        self.entries = source.entries()

    def settings(self) -> dict[str, str]:
        return self.source.settings()

    def save_setting(self, key: str, value: str) -> None:
        self.source.kept[key] = value

    def __getattr__(self, name: str) -> object:
        raise RuntimeError("This store is only in memory.")

    def close(self) -> None: ...


class InMemory:
    """`Importing` that takes note of what it was asked to import."""

    def __init__(self, calls: list[str]) -> None:
        self.calls = calls

    def import_usage(self, path: Path, told: Callable[[float], None]) -> str:
        told(0.5)
        self.calls.append(f"import {path}")
        return f"2 new of 2 rows in {path.name}."

    def close(self) -> None: ...


class NothingLinked:
    """`Linking` of a store that is only in memory: there is nothing to link, and nothing to link it to."""

    def tasks(self) -> list[Task]:
        return []

    def projects(self) -> list[tuple[str, str]]:
        return []

    def rules(self) -> list[tuple[Rule, int, str | None]]:
        return []

    def link(self, what: str, choices: Iterable[Choice]) -> None:
        raise RuntimeError("This store is only in memory.")

    def reject(self, what: str, pairs: Iterable[tuple[str, str]]) -> str:
        raise RuntimeError("This store is only in memory.")

    def add_rule(self, what: str, rule: Rule, task: Task, choices: Iterable[Choice] = ()) -> int:
        raise RuntimeError("This store is only in memory.")

    def pause_rule(self, what: str, rule: Rule, why: str | None) -> None:
        self.link(what, ())

    def remove_rule(self, what: str, rule: Rule, with_links: bool) -> int:
        raise RuntimeError("This store is only in memory.")


class NoTasks:
    """`Tasks` of a store that is only in memory: there are none, and nothing is linked."""

    def projects(self) -> list[tuple[str, str]]:
        return []

    def every(self) -> list[Task]:
        return []

    def linked(self, session: str | None = None) -> dict[str, list[Linked]]:
        return {}

    def __getattr__(self, name: str) -> Callable[..., str]:
        def refuse(*_: object, **__: object) -> str:
            raise RuntimeError("This store is only in memory.")

        return refuse


class NothingEntered:
    """`Entries` of a store that is only in memory: nothing is in it, and nothing goes in but what is planned."""

    def __init__(self, planned: list[tuple[int, str, str]]) -> None:
        self.planned = planned

    def plans(self) -> list[Plan]:
        return []

    def charges(self) -> list[Charge]:
        return []

    def confirmed(self) -> dict[str, date]:
        return {}

    def add_plan(self, plan: Plan, beside: bool = False) -> Undo:
        raise RuntimeError("This store is only in memory.")

    def remove_plan(self, plan: Plan) -> Undo:
        return self.add_plan(plan)

    def add_charge(self, charge: Charge) -> Undo:
        raise RuntimeError("This store is only in memory.")

    def remove_charge(self, charge: Charge) -> Undo:
        return self.add_charge(charge)

    def budgets(self) -> list[Budget]:
        return []

    def set_budget(self, amount: int, measure: str, period: str) -> None:
        self.planned.append((amount, measure, period))

    def remove_budget(self, budget: Budget) -> Undo:
        raise RuntimeError("This store is only in memory.")

    def confirm(self, month: str, through: date | None) -> Undo:
        raise RuntimeError("This store is only in memory.")

    def take_back(self, step: object) -> None:
        raise RuntimeError("This store is only in memory.")
