"""The table model: sorting with the unknown last, filtering, and Qt's own rules for models."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, Qt
from PySide6.QtGui import QAction, QColor, QContextMenuEvent, QFontMetrics
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QStyleOptionViewItem
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from tokentrack.ui.figure import Figure
from tokentrack.ui.tables import Column, Rows, Table
from tokentrack.ui.theme import BODY, LIGHT, STRONG, Theme, font
from tokentrack.ui.why_rows import Sum, addends

Pair = tuple[str, int | None]
FALLING, RISING = Qt.SortOrder.DescendingOrder, Qt.SortOrder.AscendingOrder


@pytest.fixture
def rows(qapp: QApplication) -> Rows[Pair]:
    columns: tuple[Column[Pair], ...] = (
        Column("Name", lambda pair: pair[0], lambda pair: pair[0], tip=lambda pair: pair[0] * 3),
        Column("Cost", lambda pair: "unknown" if pair[1] is None else f"${pair[1]}", lambda p: p[1], figure=True),
    )
    made = Rows(columns, lambda pair: pair[0])
    made.put([("pear", 2), ("apple", None), ("fig tree", 10)])
    return made


def test_qt_accepts_the_model(rows: Rows[Pair], qtmodeltester: ModelTester) -> None:
    qtmodeltester.check(rows)


def test_qt_accepts_the_model_while_it_changes(rows: Rows[Pair]) -> None:
    tester = QAbstractItemModelTester(rows, QAbstractItemModelTester.FailureReportingMode.Warning)
    rows.filter("a")
    rows.sort(1, FALLING)
    rows.put([])
    rows.put([("plum", 1)])
    assert tester.model() is rows


@pytest.mark.parametrize(
    ("column", "order", "names"),
    [
        (0, RISING, ["apple", "fig tree", "pear"]),
        (1, RISING, ["pear", "fig tree", "apple"]),
        (1, FALLING, ["fig tree", "pear", "apple"]),
    ],
)
def test_the_unknown_stands_last_in_either_order(
    rows: Rows[Pair], column: int, order: Qt.SortOrder, names: list[str]
) -> None:
    rows.sort(column, order)
    assert [name for name, _ in rows.shown] == names


@pytest.mark.parametrize(("text", "left"), [("", 3), ("P", 2), ("tree FIG", 1), ("kiwi", 0)])
def test_every_word_must_occur(rows: Rows[Pair], text: str, left: int) -> None:
    rows.filter(text)
    assert rows.rowCount() == left


def test_new_rows_keep_order_and_filter(rows: Rows[Pair]) -> None:
    rows.sort(1, RISING)
    rows.filter("p")
    rows.put([("plum", 7), ("peach", 1), ("nut", 0)])
    assert [name for name, _ in rows.shown] == ["peach", "plum"]


def test_figures_stand_right_and_words_left(rows: Rows[Pair]) -> None:
    role = Qt.ItemDataRole.TextAlignmentRole
    assert rows.data(rows.index(0, 1), role) & Qt.AlignmentFlag.AlignRight
    assert rows.data(rows.index(0, 0), role) & Qt.AlignmentFlag.AlignLeft
    assert rows.headerData(1, Qt.Orientation.Horizontal, role) & Qt.AlignmentFlag.AlignRight
    assert rows.data(rows.index(0, 0), Qt.ItemDataRole.ToolTipRole) == "<span>pearpearpear</span>"
    assert rows.data(QModelIndex()) is None


def test_enter_and_double_click_open_a_row(qtbot: QtBot, rows: Rows[Pair]) -> None:
    table = Table(rows, "Fruit")
    qtbot.addWidget(table)
    opened: list[int] = []
    table.opened.connect(opened.append)
    qtbot.keyClick(table, Qt.Key.Key_Return)
    assert opened == []
    table.setCurrentIndex(rows.index(2, 0))
    qtbot.keyClick(table, Qt.Key.Key_Return)
    table.doubleClicked.emit(rows.index(1, 0))
    assert opened == [2, 1]


def test_a_figure_is_never_elided(qtbot: QtBot, rows: Rows[Pair]) -> None:
    """Look: figures align right and are whole, however long."""
    table = Table(rows, "Fruit")
    qtbot.addWidget(table)
    narrow = table.columnWidth(1)
    rows.put([("gold", 10**20)])
    needed = table.fontMetrics().horizontalAdvance(f"${10**20}")
    assert table.columnWidth(1) > needed > narrow


def test_a_figure_at_the_end_of_words_is_whole_however_narrow_the_column(qtbot: QtBot) -> None:
    """A part of it read as another figure."""
    column: Column[str] = Column("Log", lambda at: f"680294c2-log.jsonl · byte {at}", kept=lambda at: f"byte {at}")
    table = Table(Rows((column,)), "Log")
    qtbot.addWidget(table)
    table.rows.put(["159,626"])
    option, shown = QStyleOptionViewItem(), list[str]()
    for wide in range(400, 60, -10):
        table.initViewItemOption(option)
        option.rect.setWidth(wide)
        table.itemDelegate().initStyleOption(option, table.rows.index(0, 0))
        shown.append(option.text)
        room = max(option.fontMetrics.horizontalAdvance("159,626"), wide - 18)
        assert option.fontMetrics.horizontalAdvance(option.text) <= room
    assert shown[0] == "680294c2-log.jsonl · byte 159,626"
    assert all(text.endswith("159,626") for text in shown)
    assert any(text.startswith("68") and "…" in text and text.endswith(" byte 159,626") for text in shown)
    assert {"byte 159,626", "159,626"} <= set(shown)


def words_of(qtbot: QtBot, *names: str) -> Table:
    columns: tuple[Column[str], ...] = (
        Column("Name", lambda name: name),
        Column("Of", lambda name: name, widest="payments-api-server"),
    )
    rows = Rows(columns, lambda name: name)
    table = Table(rows, "Names")
    qtbot.addWidget(table)
    rows.put(names)
    return table


def test_a_column_of_words_takes_what_stands_in_it_and_no_more_than_its_most(qtbot: QtBot) -> None:
    """What is known by its title was cut beside columns that were half empty."""
    wide = QFontMetrics(font(BODY)).horizontalAdvance
    short, long = words_of(qtbot, "shop", "vorta"), words_of(qtbot, "payments-api-server-of-the-whole-company")
    assert wide("vorta") + 16 <= short.columnWidth(1) < wide("payments-api-server")
    assert long.columnWidth(1) == wide("payments-api-server") + 18
    widest = words_of(qtbot, "llllllllllll", "mmmmmmmmmm")  # fewer letters may be wider
    assert wide("mmmmmmmmmm") + 16 <= widest.columnWidth(1)


def test_no_column_moves_while_somebody_filters(qtbot: QtBot) -> None:
    table = words_of(qtbot, "shop", "payments-api")
    before = table.columnWidth(1)
    table.rows.filter("shop")
    assert table.rows.shown == ["shop"]
    assert table.columnWidth(1) == before


def test_a_sum_is_never_elided_though_it_is_bold(qtbot: QtBot) -> None:
    """The figure asked about, "$3.76 + unknown", was cut: bold is wider than what was measured."""
    rows = Sum()
    table = Table(rows, "How the figure adds up")
    qtbot.addWidget(table)
    rows.put(addends((), 123_456, 3_760_000, unpriced=True))
    wide = QFontMetrics(font(BODY, STRONG)).horizontalAdvance("$3.76 + unknown")
    assert rows.data(rows.index(0, 3)) == "$3.76 + unknown"
    assert table.columnWidth(3) >= wide + 16


def test_rows_are_36_px_and_the_table_has_a_name(qtbot: QtBot, rows: Rows[Pair]) -> None:
    table = Table(rows, "Fruit")
    qtbot.addWidget(table)
    assert table.rowHeight(0) == 36
    assert table.accessibleName() == "Fruit"
    assert table.textElideMode() == Qt.TextElideMode.ElideMiddle
    table.fit()
    assert table.height() >= 3 * 36


def painted(table: Table, row: int) -> QColor:
    """The pixel at the left edge of a row."""
    cell = table.visualRect(table.rows.index(row, 0))
    return table.viewport().grab().toImage().pixelColor(1, cell.center().y())


def test_the_row_of_the_keyboard_is_marked_where_others_are_chosen_too(
    qtbot: QtBot, rows: Rows[Pair], light: Theme
) -> None:
    """AC 44: with all rows chosen nothing told which one `Space` takes out."""
    table = Table(rows, "Names")
    qtbot.addWidget(table)
    table.setSelectionMode(Table.SelectionMode.MultiSelection)
    table.show()
    table.selectAll()
    table.setFocus()
    qtbot.waitUntil(table.hasFocus)
    for at in (0, 2):
        table.selectionModel().setCurrentIndex(rows.index(at, 1), QItemSelectionModel.SelectionFlag.NoUpdate)
        assert [painted(table, row) == QColor(LIGHT.accent) for row in range(3)] == [row == at for row in range(3)]
    table.clearFocus()
    assert painted(table, 2) == QColor(LIGHT.accent_soft)


def test_a_right_click_asks_opens_and_copies(qtbot: QtBot) -> None:
    columns: tuple[Column[str], ...] = (
        Column("Name", lambda name: name),
        Column("Cost", lambda _: "$3", figure=True, why=lambda name: Figure(name, "Cost", "$3")),
    )
    rows = Rows(columns)
    table = Table(rows, "Names")
    qtbot.addWidget(table)
    rows.put(["pear"])

    def offered(column: int) -> dict[str, QAction]:
        return {action.text(): action for action in table.menu(rows.index(0, column)).actions()}

    assert list(offered(0)) == ["Copy\tCtrl+C"]
    offered(0)["Copy\tCtrl+C"].trigger()
    assert QApplication.clipboard().text() == "pear"
    asked: list[Figure] = []
    opened: list[int] = []
    table.asked.connect(asked.append)
    table.opened.connect(opened.append)
    assert list(offered(0)) == ["Open\tEnter", "Copy\tCtrl+C"]
    for text, action in offered(1).items():
        assert text in ("Why $3?", "Open", "Copy\tCtrl+C")
        action.trigger()
    assert [figure.name for figure in asked] == ["pear"]
    assert opened == [0]
    table.opens = False
    assert list(offered(0)) == ["Copy\tCtrl+C"]


def test_the_menu_key_opens_the_menu_where_the_keyboard_is(qtbot: QtBot, rows: Rows[Pair]) -> None:
    table = Table(rows, "Names")
    qtbot.addWidget(table)
    table.show()
    for at, some in ((QModelIndex(), False), (rows.index(1, 0), True)):
        table.setCurrentIndex(at)
        by_key = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(), QPoint())
        QApplication.sendEvent(table.viewport(), by_key)
        menu = QApplication.activePopupWidget()
        assert (menu is not None) == some
    menu.close()
