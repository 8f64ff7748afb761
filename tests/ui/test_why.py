"""The panel behind every figure, over a real store and real logs: it shows what `tokentrack why` prints (issue 3; AC 24)."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from claude_logs import Machine, answer, prompt, usage
from command_line import run_in
from cursor_logs import Place, iso
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QMouseEvent
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QAbstractButton, QApplication, QTableView, QWidget
from pytestqt.qtbot import QtBot
from ui.samples import Memory
from ui.watched import Watched

from tokentrack import cli
from tokentrack.store import transaction, write
from tokentrack.ui.feed import Feed
from tokentrack.ui.figure import Figure, Number
from tokentrack.ui.live import Live
from tokentrack.ui.source import Reasons
from tokentrack.ui.tables import Table
from tokentrack.ui.why import Why
from tokentrack.ui.why_rows import AGAIN, Requests
from tokentrack.ui.windows.main import MainWindow

TODAY = "day:2026-11-20"
WindowOf = Callable[..., MainWindow]


@pytest.fixture(autouse=True)
def evening(moment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the day on which the logs are written."""
    monkeypatch.setenv("TOKENTRACK_NOW", "2026-11-20T18:00:00Z")


@pytest.fixture
def window_of(qtbot: QtBot, machine: Machine) -> Iterator[WindowOf]:
    made: list[tuple[MainWindow, Live]] = []

    def shown(*records: dict[str, Any], page: str = "today") -> MainWindow:
        machine.log("P/S.jsonl", prompt(), *records)
        machine.scan()
        live = Watched(machine.store, machine.home)
        feed = Feed(live.glance, live.status)
        feed.refresh()
        window = MainWindow(feed, live)
        qtbot.addWidget(window)
        window.raise_up()
        window.open_(page)
        qtbot.waitUntil(window.isActiveWindow)
        made.append((window, live))
        return window

    yield shown
    for window, live in made:
        if window.why:
            for asking in (window.why._asking, window.why._reading):
                asking.stop()
                assert asking._thread is None or not asking._thread.is_alive()
        window.close()
        live.stop()


THREE = (
    answer("msg_1", t=1, figures=usage(3, 4)),
    answer("msg_2", t=2, figures=usage(1000, 100, 0, 50)),
    answer("msg_3", t=3, figures=usage(7, 8)),
)


def opened(qtbot: QtBot, window: MainWindow, name: str = TODAY, text: str = "$0") -> Why:
    window.open_why(Figure(name, "Today, list value", text))
    panel = window.why
    assert panel is not None
    qtbot.waitUntil(lambda: panel.made is not None, timeout=10_000)
    return panel


def ready(qtbot: QtBot, panel: Why) -> None:
    """Until what stands in the log is shown, or why it is not there."""
    view = panel.request
    qtbot.waitUntil(lambda: view.raw.isVisibleTo(panel) or view._raw_note.isVisibleTo(panel), timeout=10_000)


def cells(table: QTableView, row: int) -> list[Any]:
    model = table.model()
    return [model.data(model.index(row, column)) for column in range(model.columnCount())]


def read_again(qtbot: QtBot, panel: Why) -> str:
    qtbot.mouseClick(panel.again_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.again_button.text() == "Read again" and bool(panel.verdict.text()), timeout=10_000)
    return panel.verdict.text()


# ---- any number opens it ---------------------------------------------------------------------------------------------


def test_a_click_on_todays_number_opens_what_adds_up_to_it(qtbot: QtBot, window_of: WindowOf) -> None:
    window = window_of(*THREE)
    page = window.page("today")
    qtbot.mouseClick(page._today, Qt.MouseButton.LeftButton)
    panel = window.why
    assert panel is not None
    assert panel.title.text() == "Why $0.01?"
    qtbot.waitUntil(lambda: panel.made is not None, timeout=10_000)
    assert panel.caption.text() == "Today, list value · 3 requests in 1 session"
    assert [cells(panel.overview.sums, row) for row in range(4)] == [
        ["input", "1,010", "5.00", "$0.005050"],
        ["output", "112", "25.00", "$0.002800"],
        ["cache read", "50", "0.50", "$0.000025"],
        ["sum", "1,172", "", "$0.007875"],
    ]
    table = panel.overview.table
    qtbot.waitUntil(lambda: cells(table, 0)[1] is not None)
    assert cells(table, 0)[:5] == ["today 08:00", "claude-opus-4-5", cells(table, 0)[2], "15", "$0.0002"]
    assert cells(table, 0)[2].startswith("S.jsonl · byte ")


def figures_of(page: QWidget) -> Iterator[Figure]:
    """Everything on a page that can be asked."""
    for number in page.findChildren(Number):
        if number.isVisible() and number.figure:
            yield number.figure
    for table in page.findChildren(Table):
        model = table.rows
        for row in range(model.rowCount()):
            for column in range(model.columnCount()):
                if figure := model.figure_at(model.index(row, column)):
                    yield figure


@pytest.mark.parametrize(("page", "least"), [("today", 12), ("sessions", 8)])
def test_ac24_every_number_is_explained_by_requests_that_add_up_to_it(
    qtbot: QtBot, window_of: WindowOf, machine: Machine, page: str, least: int
) -> None:
    """R7, AC 24: what stands on screen is the total of what its panel lists."""
    from tokentrack.ui import words

    machine.log("P/T.jsonl", prompt(t=-86400), answer("msg_old", t=-86400, figures=usage(2_000_000, 10), sessionId="T"))
    with transaction(machine.db):
        write.add_budget(machine.db, "list_value", 50_000_000, "month", None, date(2026, 11, 1), 0)
    window = window_of(*THREE, page=page)
    shown = window.page(page)
    assert shown is not None
    if page == "sessions":
        shown._on_opened(0)
    figures = list(figures_of(shown))
    if page == "today":
        figures += [column.figure for column in shown._chart._data.days if column.figure]
    assert len(figures) >= least
    reasons = window._source.reasons()
    for figure in figures:
        made = reasons.made_of(figure.name, False)
        assert made.requests, figure
        total = made.total
        amounts = (
            *(words.money(total.list_value, exact=exact) for exact in (True, False)),
            words.count(total.tokens),
            words.plural(total.requests, "request"),
            words.count(made.sessions),
            words.percent((total.list_value or 0) / 50_000_000),
            f"input {words.count(total.input)}",
        )
        assert any(amount in figure.text for amount in amounts), (figure, amounts)
    reasons.close()


def test_the_keyboard_opens_a_focused_number_and_escape_gives_the_focus_back(qtbot: QtBot, window_of: WindowOf) -> None:
    window = window_of(*THREE)
    number = window.page("today")._today
    number.setFocus()
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Space):
        qtbot.keyClick(number, key)
        panel = window.why
        assert panel is not None
        assert panel.isVisible()
        qtbot.waitUntil(panel.overview.table.hasFocus, timeout=10_000)
        qtbot.keyClick(panel.overview.table, Qt.Key.Key_Escape)
        assert not panel.isVisible()
        assert number.hasFocus()


def test_escape_closes_the_panel_before_it_changes_the_page_beneath(qtbot: QtBot, window_of: WindowOf) -> None:
    window = window_of(*THREE, page="sessions")
    page = window.page("sessions")
    page.filter.setText("fix")
    panel = opened(qtbot, window)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    assert not panel.isVisible()
    assert page.filter.text() == "fix"


def test_a_click_beside_the_sheet_and_another_page_close_it(qtbot: QtBot, window_of: WindowOf) -> None:
    window = window_of(*THREE)
    window.resize(1000, 680)
    qtbot.waitUntil(lambda: window.stack.width() > 700)
    panel = opened(qtbot, window)
    qtbot.mouseClick(panel, Qt.MouseButton.LeftButton, pos=QPoint(5, 200))
    assert not panel.isVisible()
    opened(qtbot, window)
    window.open_("sessions")
    assert not panel.isVisible()


def test_a_figure_cell_of_a_table_is_asked_and_other_cells_open_the_row(qtbot: QtBot, window_of: WindowOf) -> None:
    window = window_of(*THREE, page="sessions")
    page: Any = window.page("sessions")
    table = page.table
    place = table.visualRect(page.rows.index(0, 7)).center()
    none, left = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.NoButton
    there = QPointF(place)
    over = QMouseEvent(QEvent.Type.MouseMove, there, table.viewport().mapToGlobal(there), left, left, none)
    QApplication.sendEvent(table.viewport(), over)
    assert table.pointed == (0, 7)
    assert table.viewport().cursor().shape() == Qt.CursorShape.PointingHandCursor
    with qtbot.waitSignal(page.why_asked) as asked:
        qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert asked.args[0].text == "$0.01"
    window.why.close_()
    table.setFocus()
    table.setCurrentIndex(page.rows.index(0, 0))
    for _ in range(5):
        qtbot.keyClick(table, Qt.Key.Key_Right)
    with qtbot.waitSignal(page.why_asked):
        qtbot.keyClick(table, Qt.Key.Key_Space)
    assert not page.detail.isVisible()


@pytest.fixture
def cursor(machine: Machine) -> Iterator[Place]:
    with closing(Place(machine)) as place:
        yield place


def test_what_nobody_recorded_can_be_asked_too(
    qtbot: QtBot, window_of: WindowOf, machine: Machine, cursor: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Issue 3: "1 session" and "not recorded" open the panel, which says so and names the sessions."""
    monkeypatch.setenv("TOKENTRACK_NOW", iso(500))
    cursor.database().conversation("c-1", turns=[(0, 0)], name="Nothing known")
    window = window_of(*THREE)
    page: Any = window.page("today")
    (number,) = [one for one in page.findChildren(Number) if one.isVisible() and one.text() == "1 session"]
    qtbot.mouseClick(number, Qt.MouseButton.LeftButton)
    panel = window.why
    assert panel is not None
    qtbot.waitUntil(lambda: panel.made is not None, timeout=10_000)
    assert panel.caption.text() == "Cursor · tokens not recorded"
    assert panel.overview.silent_head.text() == "Tokens not recorded by Cursor: 1 session."
    assert panel.overview.silent_head.isVisible()
    assert cells(panel.overview.silent_table, 0)[::3] == ["Nothing known", "not recorded"]
    assert not panel.overview.table.isVisible()
    panel.close_()
    window.open_("sessions")
    window.resize(1300, 900)  # wide enough for the tokens
    sessions: Any = window.page("sessions")
    at = next(row for row, one in enumerate(sessions.rows.shown) if one.unrecorded)
    for column, question in ((6, "Why not recorded?"), (7, "Why unknown?")):
        place = sessions.table.visualRect(sessions.rows.index(at, column)).center()
        qtbot.mouseClick(sessions.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
        assert panel.title.text() == question
        qtbot.waitUntil(lambda: panel.made is not None, timeout=10_000)
        assert panel.overview.silent_head.isVisible()
        panel.close_()
    sessions._on_opened(at)
    assert cells(sessions.detail.table, 0)[4:] == ["–", "not recorded", "unknown"]
    turn = sessions.detail.turns.figure_at(sessions.detail.turns.index(0, 5))
    panel = opened(qtbot, window, turn.name, turn.text)
    assert panel.overview.silent_head.isVisible()
    opened(qtbot, window)  # a figure all of which is known says nothing of the sort
    assert not panel.overview.silent_head.isVisible()
    assert panel.overview.table.isVisible()


# ---- one request -----------------------------------------------------------------------------------------------------


def test_it_shows_what_the_command_line_prints(
    qtbot: QtBot, window_of: WindowOf, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    window = window_of(*THREE)
    monkeypatch.setattr(sys, "argv", ["tokentrack", "why", TODAY, "--json"])
    capsys.readouterr()
    cli.main()
    told = json.loads(capsys.readouterr().out)["requests"]
    panel = opened(qtbot, window)
    for row, wanted in enumerate(reversed(told)):  # the panel has the newest first
        panel.open_request(row)
        qtbot.waitUntil(lambda key=wanted["id"]: panel.request.found and panel.request.found.request.key == key)
        ready(qtbot, panel)
        view = panel.request
        assert view.facts["Log"].whole == wanted["log"]
        assert view.facts["Place"].text() == f"byte {wanted['offset']:,}"
        assert json.loads(view.raw.toPlainText()) == wanted["raw"]
        assert view.facts["Rule"].text().lower().startswith(wanted["rule"][:40].lower())
        assert wanted["price"]["model"] in view.facts["Price"].text()
        assert wanted["price"]["source"] in view.facts["Price"].text()
        assert panel.title.text() == f"Why ${wanted['list_value'] / 1e6:.6f}?"
        kinds = {cells(view._sums, at)[0]: cells(view._sums, at)[2] for at in range(view.sum.rowCount() - 1)}
        assert float(kinds["input"]) == wanted["price"]["per_mtok"]["input"] / 1e6


def test_arrows_walk_the_requests_and_backspace_leads_back(qtbot: QtBot, window_of: WindowOf) -> None:
    window = window_of(*THREE)
    panel = opened(qtbot, window)
    table = panel.overview.table
    qtbot.waitUntil(table.hasFocus)
    qtbot.waitUntil(lambda: cells(table, 1)[1] is not None)
    qtbot.keyClick(table, Qt.Key.Key_Down)
    qtbot.keyClick(table, Qt.Key.Key_Return)
    view = panel.request
    assert view._at.text() == "2 of 3"
    qtbot.waitUntil(view.hasFocus)
    qtbot.keyClick(view, Qt.Key.Key_Down)
    assert view._at.text() == "3 of 3"
    qtbot.keyClick(view, Qt.Key.Key_Down)
    assert view._at.text() == "3 of 3"
    qtbot.keyClick(view, Qt.Key.Key_Up)
    assert view._at.text() == "2 of 3"
    qtbot.keyClick(view, Qt.Key.Key_Backspace)
    assert panel.views.currentWidget() is panel.overview
    assert table.currentIndex().row() == 1
    qtbot.keyClick(table, Qt.Key.Key_Escape)
    assert not panel.isVisible()


def test_a_figure_of_one_request_opens_at_it(qtbot: QtBot, window_of: WindowOf) -> None:
    window = window_of(*THREE)
    panel = opened(qtbot, window, "msg_2")
    qtbot.waitUntil(lambda: panel.views.currentWidget() is panel.request)
    assert not panel.request.back.isVisible()
    ready(qtbot, panel)
    assert panel.request.found is not None
    assert panel.request.found.request.input == 1000


def test_what_was_logged_and_where_can_be_copied(qtbot: QtBot, window_of: WindowOf) -> None:
    panel = opened(qtbot, window_of(*THREE), "msg_2")
    ready(qtbot, panel)
    qtbot.mouseClick(panel.request.copy_raw, Qt.MouseButton.LeftButton)
    assert json.loads(QGuiApplication.clipboard().text()) == usage(1000, 100, 0, 50)
    qtbot.mouseClick(panel.request.copy_log, Qt.MouseButton.LeftButton)
    assert Path(QGuiApplication.clipboard().text()).name == "S.jsonl"


# ---- read again ------------------------------------------------------------------------------------------------------


def test_read_again_says_the_same(qtbot: QtBot, window_of: WindowOf) -> None:
    panel = opened(qtbot, window_of(*THREE))
    assert read_again(qtbot, panel) == "Read again: 3 requests, all the same."
    assert panel.overview.table.isColumnHidden(AGAIN)
    panel.open_request(0)
    ready(qtbot, panel)
    assert read_again(qtbot, panel) == "Read again: the same."


def test_read_again_puts_what_differs_first_and_says_why(qtbot: QtBot, window_of: WindowOf, machine: Machine) -> None:
    window = window_of(*THREE)
    log = machine.projects / "P/S.jsonl"
    log.write_bytes(log.read_bytes().replace(b'"output_tokens":4', b'"output_tokens":9'))
    panel = opened(qtbot, window)
    assert read_again(qtbot, panel).startswith("Read again: 2 the same, 1 different.")
    assert panel.verdict.property("role") == "attention"
    table = panel.overview.table
    assert not table.isColumnHidden(AGAIN)
    qtbot.waitUntil(lambda: cells(table, 0)[3] == "7")
    assert cells(table, 0)[AGAIN] == "different"
    panel.open_request(0)
    ready(qtbot, panel)
    assert panel.verdict.text() == "Read again: different: output 4 counted, 9 now."


def test_a_log_that_is_gone_is_said_and_the_figure_stays(qtbot: QtBot, window_of: WindowOf, machine: Machine) -> None:
    window = window_of(*THREE)
    (machine.projects / "P/S.jsonl").unlink()
    panel = opened(qtbot, window, "msg_2")
    ready(qtbot, panel)
    assert panel.request._raw_note.text().startswith("The log is gone")
    assert not panel.request.copy_raw.isVisible()
    assert read_again(qtbot, panel).startswith("The log is gone")
    assert panel.title.text() == "Why $0.007525?"


def test_a_reading_can_be_stopped(qtbot: QtBot, window_of: WindowOf) -> None:
    panel = opened(qtbot, window_of(*THREE))
    panel.again_button.click()
    assert panel.again_button.text() == "Stop"
    panel.again_button.click()
    assert (panel.again_button.text(), panel.verdict.text()) == ("Read again", "Stopped.")
    qtbot.wait(100)
    assert panel.verdict.text() == "Stopped."


# ---- states ----------------------------------------------------------------------------------------------------------


def test_ac5_what_has_no_price_is_said(qtbot: QtBot, window_of: WindowOf) -> None:
    """AC 5."""
    panel = opened(
        qtbot, window_of(*THREE, answer("msg_x", t=4, model="x-1", figures=usage(70, 0))), text="$0.01 + unknown"
    )
    assert "no known price" in panel.note.text()
    sums = panel.overview.sums
    assert cells(sums, 0) == ["input", "1,080", "5.00", "$0.005050 + unknown"]
    assert cells(sums, panel.overview.sum.rowCount() - 1)[3] == "$0.007875 + unknown"
    panel.open_request(0)
    ready(qtbot, panel)
    assert panel.title.text() == "Why unknown?"
    assert panel.request.facts["Price"].text().startswith("Unknown: no list names this model")


def test_ac5_a_counter_that_cannot_be_one_is_said_of_its_request(
    qtbot: QtBot, window_of: WindowOf, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """AC 5: on screen and by the command line alike, and of no other request."""
    panel = opened(qtbot, window_of(*THREE, answer("msg_x", t=4, figures=usage(-1, 4))))
    fault = panel.request.facts["Fault"]
    panel.open_request(1)
    ready(qtbot, panel)
    assert not fault.isVisible()
    panel.open_request(0)
    assert fault.isVisible()
    for asked in (TODAY, "msg_x"):
        assert fault.text().rstrip(".").lower() in run_in(capsys, monkeypatch, "why", asked).out.lower()


def test_a_figure_without_requests_says_so(qtbot: QtBot, window_of: WindowOf) -> None:
    panel = opened(qtbot, window_of(*THREE), "day:2026-11-19")
    assert panel.caption.text() == "Today, list value · no request is behind it"
    assert not panel.again_button.isVisible()
    assert not panel.overview.table.isVisible()


def test_a_name_that_means_nothing_any_more_is_one_sentence(qtbot: QtBot, window_of: WindowOf) -> None:
    window = window_of(*THREE)
    window.open_why(Figure("nothing-like-it", "Session", "$1"))
    panel = window.why
    assert panel is not None
    qtbot.waitUntil(lambda: panel.caption.text().startswith("nothing here is called"), timeout=10_000)
    assert panel.caption.property("role") == "attention"


def test_a_store_that_cannot_be_read_is_said(qtbot: QtBot, feed: Feed, source: Memory) -> None:
    window = MainWindow(feed, source)
    qtbot.addWidget(window)
    window.raise_up()
    window.open_why(Figure("today", "Today, list value", "$3"))
    panel = window.why
    assert panel is not None
    qtbot.waitUntil(lambda: panel.caption.text() == "This store is only in memory.")
    panel.close_()


def test_nothing_is_read_on_the_main_thread(qtbot: QtBot, window_of: WindowOf) -> None:
    window = window_of(*THREE)
    panel = opened(qtbot, window)
    read_again(qtbot, panel)
    panel.open_request(0)
    ready(qtbot, panel)
    live = window._source
    assert isinstance(live, Watched)
    assert {panel._asking._thread, panel._reading._thread} <= set(live.asked_on)
    assert threading.main_thread() not in live.asked_on
    assert all(thread.daemon for thread in live.asked_on)


def test_closing_ends_the_threads_and_opening_again_works(qtbot: QtBot, window_of: WindowOf) -> None:
    window = window_of(*THREE)
    panel = opened(qtbot, window)
    thread = panel._asking._thread
    assert thread is not None
    panel.close_()
    qtbot.waitUntil(lambda: not thread.is_alive())
    panel = opened(qtbot, window, "day:2026-11-19")
    assert panel.made is not None
    assert len(panel.made.requests) == 0


def test_thousands_of_requests_are_looked_up_as_they_come_into_view(qtbot: QtBot, window_of: WindowOf) -> None:
    window = window_of(*(answer(f"msg_{n}", t=n, figures=usage(n, 1)) for n in range(5000)))
    panel = opened(qtbot, window)
    requests, table = panel.overview.requests, panel.overview.table
    qtbot.waitUntil(lambda: requests.shown[0] is not None)
    assert requests.rowCount() == 5000
    assert sum(row is not None for row in requests.shown) <= 200
    table.scrollToBottom()
    qtbot.waitUntil(lambda: requests.shown[4999] is not None)
    assert sum(row is not None for row in requests.shown) <= 400
    panel.open_request(2500)
    qtbot.waitUntil(lambda: panel.views.currentWidget() is panel.request)
    assert panel.request._at.text() == "2,501 of 5,000"


def test_the_dearest_can_stand_first(qtbot: QtBot, window_of: WindowOf) -> None:
    panel = opened(qtbot, window_of(*THREE))
    qtbot.mouseClick(panel.overview.order, Qt.MouseButton.LeftButton)
    table = panel.overview.table
    qtbot.waitUntil(lambda: cells(table, 0)[3] == "1,150")
    assert panel.overview.order.text() == "dearest first"


def test_qt_accepts_rows_that_are_not_there_yet(qapp: QApplication) -> None:
    from array import array

    requests = Requests()
    tester = QAbstractItemModelTester(requests, QAbstractItemModelTester.FailureReportingMode.Warning)
    requests.put_ids(array("q", range(1, 251)))
    requests.put_page(0, [])
    requests.put_ids(array("q"))
    assert tester.model() is requests


def test_everything_in_it_has_a_name_and_tab_stays_inside(qtbot: QtBot, window_of: WindowOf) -> None:
    """AC 44."""
    panel = opened(qtbot, window_of(*THREE))
    panel.open_request(1)
    ready(qtbot, panel)
    for part in panel.findChildren(QWidget):
        if (
            isinstance(part, QAbstractButton | QTableView)
            and part.isVisible()
            and not part.inherits("QTableCornerButton")
        ):
            assert part.accessibleName() or getattr(part, "text", str)(), part
    assert panel.request.accessibleName().startswith("Request 2 of 3: claude-opus-4-5")
    seen = []
    for _ in range(12):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        seen.append(QApplication.focusWidget())
    assert all(panel.isAncestorOf(part) for part in seen)
    assert len(set(seen)) >= 5


def test_it_fits_the_window_at_any_size(qtbot: QtBot, window_of: WindowOf) -> None:
    window = window_of(*THREE)
    panel = opened(qtbot, window)
    for size in ((1000, 680), (680, 440)):
        window.resize(*size)
        qtbot.waitUntil(lambda: panel.geometry() == window.stack.geometry())
        table = panel.overview.table
        assert panel.sheet.width() == min(640, window.stack.width())
        assert table.horizontalHeader().length() <= table.viewport().width()


def test_reasons_are_what_the_interface_asks_for(machine: Machine) -> None:
    reasons: Reasons = Live(machine.store, machine.home).reasons()
    reasons.close()
