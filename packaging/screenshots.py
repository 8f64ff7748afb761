"""Draws docs/images anew from the sample logs, so that the README shows what the app shows. `make screenshots`.

The clock stands at the end of a week, so that a picture changes when the app does and on no other day.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from time import sleep

os.environ |= {
    "QT_QPA_PLATFORM": "offscreen",
    "QT_SCALE_FACTOR": "2",
    "TOKENTRACK_NOW": "2026-11-22T16:40Z",
    "TZ": "UTC",
}

from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication, QWidget

from tokentrack import clock
from tokentrack.cli.samples import lay_out
from tokentrack.ingest import Ingest
from tokentrack.model.costs import Charge, Plan
from tokentrack.model.tasks import Span, Task
from tokentrack.store import open_store
from tokentrack.ui.app import App
from tokentrack.ui.figure import Figure
from tokentrack.ui.icon import paint
from tokentrack.ui.lines import week_of
from tokentrack.ui.live import Live
from tokentrack.ui.popover import Popover
from tokentrack.ui.source_linking import Choice
from tokentrack.ui.states import IconLook
from tokentrack.ui.sweep import Sweep
from tokentrack.ui.windows import export, inbox, spend, tasks, week
from tokentrack.ui.windows.main import MainWindow
from tokentrack.ui.windows.today import Page

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
STATES = (
    ("idle", "", 0.0), ("within", "18", 0.45), ("near", "36", 0.9), ("over", "46", 1.15), ("no_plan", "1.2k", 0.0),
    ("reading", "", 0.6), ("stale", "18", 0.45), ("error", "", 0.0), ("paused", "", 0.0),
)  # fmt: skip


def main() -> None:
    qt = QApplication([])
    Sweep(qt)  # else a thread that asks may collect the windows of the theme before
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        lay_out(home)
        with closing(open_store(home / "demo.db")) as db:
            Ingest(db, home, {}).scan()
        live = Live(home / "demo.db", home)
        live.entries().set_budget(8_000_000, "list_value", "week")
        today, month = clock.today(), clock.month_start(clock.today() - 14 * clock.DAY)
        live.entries().add_plan(Plan(0, "Pro", 20_000_000, "month", ("claude-code",), month))
        live.entries().add_charge(Charge(0, today - clock.DAY, 6_000_000, "extra usage"))
        add_tasks(live)
        for theme in ("light", "dark"):
            app = App(qt, live, theme)
            app.feed.refresh()
            app.open_("today")
            assert app.window is not None
            app.window.resize(960, 700)
            keep(qt, app.window, f"today-{theme}.png")
            keep_why(qt, app.window, theme)
            keep_spend(qt, app.window, theme)
            keep_inbox(qt, app.window, theme)
        link_all(live)
        for theme in ("light", "dark"):
            app = App(qt, live, theme)
            app.feed.refresh()
            if theme == "light":
                keep_tasks(qt, app)
            keep_week(qt, app, theme)
            keep_export(qt, app, theme)
        popover = Popover(app.feed)
        popover.adjustSize()
        popover.show()
        popover.review_button.setFocus()
        keep(qt, popover, "popover-dark.png")
        states().save(str(IMAGES / "icon-states.png"))
        live.stop()
        QTimer.singleShot(0, qt.quit)
        qt.exec()  # what is open is closed as when a person quits


def add_tasks(live: Live) -> None:
    """What the sample sessions were about, as somebody would have noted it before."""
    noted = (
        ("Gemini explain", "/cli"), ("Bump x crypto", "devenv/git-sync"), ("Naming of remotes", "entireio/git-sync"),
        ("Spotter in the browser", "/spotter-4te"), ("Add opencode plugin", "/skills"),
    )  # fmt: skip
    before = clock.now_ms() - 14 * 24 * 60 * 60 * 1000
    places = [path for path, _ in live.linking().projects()]
    tasks = [
        Task("", title, None, None, next(path for path in places if path.endswith(end)), before) for title, end in noted
    ]
    live.tasks().add(tasks)


def keep_inbox(qt: QApplication, window: MainWindow, theme: str) -> None:
    """What waits for a task; in the dark theme with the reasons."""
    window.resize(1100, 560)
    window.open_("inbox")
    page = window.page("inbox")
    assert isinstance(page, inbox.Page)
    until(qt, lambda: page.inbox is not None)
    if theme == "dark" and not page.reasons.isVisible():
        page.toggle_reasons()
    keep(qt, window, f"inbox-{theme}.png")


def link_all(live: Live) -> None:
    """A week that its person has judged in part: what each sample session was for, and what came of two tasks."""
    projects = {task.project: task for task in live.linking().tasks() if task.project}
    sessions = [one for one in live.sessions() if one.project in projects]
    live.linking().link("Linked", [Choice(one.id, Span(), projects[one.project]) for one in sessions])
    done = {task.title: task for task in live.linking().tasks()}
    live.tasks().finish([done["Gemini explain"]], "shipped", "")
    live.tasks().finish([done["Spotter in the browser"]], "learned", "Worktrees need their own index.")
    with closing(live.deciding()) as deciding:
        deciding.save_setting("rate", "90000000")


def keep_week(qt: QApplication, app: App, theme: str) -> None:
    """The review's second step in the light theme, what stands at its end in the dark one."""
    app.open_("week")
    assert app.window is not None
    app.window.resize(960, 680)
    page = app.window.page("week")
    assert isinstance(page, week.Page)
    until(qt, lambda: page.step is not None)
    page.open_step(week.OUTCOMES if theme == "light" else week.CLOSE)
    sleep(0.1)
    keep(qt, app.window, f"week-{theme}.png")


def keep_export(qt: QApplication, app: App, theme: str) -> None:
    """What is chosen for the page in the dark theme, the PDF that would leave in the light one."""
    app.open_("export")
    assert app.window is not None
    app.window.resize(960, 680)
    page = app.window.page("export")
    assert isinstance(page, export.Page)
    until(qt, lambda: bool(page.choose.ticks))
    this_week = next(iter(page.choose.ticks.values()))
    this_week.click()  # none is closed yet
    until(qt, lambda: page.choose.rows.rowCount() > 0)
    if theme == "light":
        page.open_step(export.PREVIEW)
        page.open_format("pdf")
        until(qt, lambda: page.preview is not None)
    keep(qt, app.window, f"export-{theme}.png")


def keep_tasks(qt: QApplication, app: App) -> None:
    """What the tasks used and what came of them, one of them open beside the list."""
    app.open_("tasks")
    assert app.window is not None
    app.window.resize(1100, 680)
    page = app.window.page("tasks")
    assert isinstance(page, tasks.Page)
    until(qt, lambda: page.list.ledger is not None)
    page.open_task(next(row.task.id for row in page.list.ledger.rows if row.task.outcome == "learned"))
    sleep(0.3)
    until(qt, lambda: not page._reading.waiting and not page._asking.waiting)
    keep(qt, app.window, "tasks-light.png")


def keep_why(qt: QApplication, window: MainWindow, theme: str) -> None:
    """The panel behind this week's figure in the light theme, behind one request of it in the dark one."""
    window.resize(1100, 760)
    window.open_why(Figure(week_of(clock.today()), "This week, list value", headline_of(window)))
    panel = window.why
    assert panel is not None
    until(qt, lambda: panel.overview.requests.rowCount() > 0 and panel.overview.requests.at(0) is not None)
    if theme == "dark":
        panel.open_request(0)
        until(qt, panel.request.raw.isVisible)
    panel.again_button.click()
    until(qt, lambda: panel.again_button.text() == "Read again")
    keep(qt, window, f"why-{theme}.png")
    panel.close_()


def keep_spend(qt: QApplication, window: MainWindow, theme: str) -> None:
    """What the week cost in the light theme, a closer look in the dark one."""
    window.resize(960, 830)
    window.open_("spend")
    page = window.page("spend")
    assert isinstance(page, spend.Page)
    until(qt, lambda: page.cost.shown is not None)
    if theme == "dark":
        page.tabs.buttons["closer"].setChecked(True)
        until(qt, lambda: page.closer.shown is not None)
        page.closer.model.setCurrentIndex(1)
        page.closer.wanted.emit()
        until(qt, lambda: page.closer.shown is not None and page.closer.shown.what_if is not None)
    sleep(0.1)
    keep(qt, window, f"spend-{theme}.png")


def headline_of(window: MainWindow) -> str:
    page = window.page("today")
    assert isinstance(page, Page)
    return page._period.text()


def until(qt: QApplication, holds: Callable[[], bool]) -> None:
    """Answers come from other threads, which need their turn."""
    for _ in range(600):
        if holds():
            return
        qt.processEvents()
        sleep(0.05)
    raise SystemExit("the panel shows nothing")


def keep(qt: QApplication, shown: QWidget, name: str) -> None:
    for _ in range(8):
        qt.processEvents()
    shown.grab().save(str(IMAGES / name))


def states() -> QImage:
    """Every state of the tray icon on a light and on a dark panel."""
    wide = 92
    sheet = QImage(wide * len(STATES) * 2, 240, QImage.Format.Format_ARGB32)
    sheet.setDevicePixelRatio(2)
    painter = QPainter(sheet)
    for row, (ground, words, dark) in enumerate((("#f0f0f0", "#333333", False), ("#202020", "#dddddd", True))):
        painter.fillRect(QRectF(0, row * 60, wide * len(STATES), 60), QColor(ground))
        font = painter.font()
        font.setPixelSize(10)
        painter.setFont(font)
        painter.setPen(QColor(words))
        for place, (state, text, share) in enumerate(STATES):
            icon = paint(IconLook(state, text, share), 32, dark, 2)
            painter.drawImage(QRectF(place * wide + 30, row * 60 + 6, 32, 32), icon)
            label = QRectF(place * wide, row * 60 + 42, wide, 14)
            painter.drawText(label, Qt.AlignmentFlag.AlignCenter, state.replace("_", " "))
    painter.end()
    return sheet


if __name__ == "__main__":
    main()
