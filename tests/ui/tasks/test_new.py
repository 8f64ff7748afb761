"""Tasks made by hand, from branches, from a pasted address and from a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from claude_logs import Machine
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from ui.keyboard import CTRL, KEY
from ui.tasks.parts import PageOf, given, press, settle, titles, type_

from tokentrack.store import tasks


def test_a_task_is_made_by_hand_with_an_estimate(qtbot: QtBot, page_of: PageOf, shop: Machine) -> None:
    page = page_of()
    press(qtbot, page, "n")
    press(qtbot, page, KEY.Key_Return)
    assert "needs a title" in page.cards.form.fault.text()
    type_(qtbot, page, "Refund  twice")
    page.cards.form.key.setText("PAY-12")
    page.cards.form.sizes.put("M")
    page.cards.form.low.setText("2")
    page.cards.form.high.setText("nonsense")
    press(qtbot, page, KEY.Key_Return)
    assert "two amounts" in page.cards.form.fault.text()
    page.cards.form.high.setText("6.50")
    press(qtbot, page, KEY.Key_Return)
    (made,) = tasks.tasks(shop.db)
    assert (made.title, made.key, made.size) == ("Refund twice", "PAY-12", "M")
    (estimate,) = tasks.estimates(shop.db, made.id)
    assert (estimate.what, estimate.low, estimate.high) == ("spend", 2_000_000, 6_500_000)
    assert not page.cards.form.isVisible()
    assert page.bar.text.text() == "Added PAY-12 Refund twice."
    press(qtbot, page, (KEY.Key_Z, CTRL))
    assert tasks.tasks(shop.db) == []
    assert titles(page) == []


def test_the_same_key_twice_is_refused_in_one_sentence_and_what_was_typed_stays(
    qtbot: QtBot, page_of: PageOf, shop: Machine
) -> None:
    given(shop, "Refund twice", key="PAY-12")
    page = page_of()
    press(qtbot, page, "n")
    type_(qtbot, page, "Another")
    page.cards.form.key.setText("pay-12")
    page.cards.form.project.setCurrentIndex(page.cards.form.project.findData("/w/shop"))
    press(qtbot, page, KEY.Key_Return)
    assert page.cards.form.fault.text().endswith("Refund twice.")
    assert page.cards.form.title.text() == "Another"
    assert len(tasks.tasks(shop.db)) == 1


def test_tasks_come_from_local_branches_after_a_look(
    qtbot: QtBot, page_of: PageOf, shop: Machine, repository: Path
) -> None:
    page = page_of()
    press(qtbot, page, "g")
    qtbot.waitUntil(lambda: bool(page.cards.offer.rows.shown), timeout=10_000)
    assert sorted(task.key for task in page.cards.offer.rows.shown) == ["CART-1", "CART-2"]
    assert tasks.tasks(shop.db) == []  # not before the person says so
    assert page.cards.offer.accept.text().startswith("Add 2 tasks")
    press(qtbot, page, KEY.Key_Space)
    assert page.cards.offer.accept.text().startswith("Add 1 task ")
    press(qtbot, page, KEY.Key_Return)
    (made,) = tasks.tasks(shop.db)
    assert made.project == str(repository)
    press(qtbot, page, (KEY.Key_Z, CTRL))
    assert tasks.tasks(shop.db) == []


def test_a_pasted_address_fills_in_key_title_and_project(
    qtbot: QtBot, page_of: PageOf, shop: Machine, repository: Path
) -> None:
    """Nothing is fetched; the project is the one whose remote has that address."""
    from tokentrack import clock, repositories

    repositories.refresh_all(shop.db, clock.now_ms(), [str(repository)])
    page = page_of()
    press(qtbot, page, "n")
    QApplication.clipboard().setText("https://github.com/me/cart/pull/12/files?w=1")
    press(qtbot, page, (KEY.Key_V, CTRL))
    assert (page.cards.form.title.text(), page.cards.form.key.text()) == ("Pull request 12 of cart", "#12")
    assert page.cards.form.project.currentData() == str(repository)
    assert "Nothing was fetched" in page.cards.form.told.text()
    type_(qtbot, page, "Round up")  # the proposal is selected: typing replaces it
    press(qtbot, page, KEY.Key_Return)
    (made,) = tasks.tasks(shop.db)
    assert (made.title, made.key, made.url) == ("Round up", "#12", "https://github.com/me/cart/pull/12")


CSV = """key,title,url,project,created_at
PAY-12,Refund twice,,/w/shop,2026-11-02
PAY-13,,,/w/shop,2026-11-02
PAY-14,Bulk import,,nowhere,2026-11-02
PAY-15,Webhooks,,/w/shop,soon
PAY-12,Refund twice,,/w/shop,2026-11-02
OPS-7,Drift report,https://tracker.example/browse/OPS-7,/w/ops,2026-11-03
"""


def test_a_csv_is_looked_at_first_bad_rows_are_named_and_the_good_ones_taken(
    qtbot: QtBot, page_of: PageOf, shop: Machine, tmp_path: Path
) -> None:
    path = tmp_path / "tasks.csv"
    path.write_text(CSV, encoding="utf-8")
    page = page_of()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    copy, button, keys = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(page, QDragEnterEvent(QPoint(9, 9), copy, data, button, keys))
    QApplication.sendEvent(page, QDropEvent(QPointF(9, 9), copy, data, button, keys))
    settle(qtbot, page)
    assert [task.title for task in page.cards.offer.rows.shown] == ["Refund twice", "Drift report"]
    assert page.cards.offer.about.text().startswith("2 new tasks · 1 there already · 3 rows not taken")
    lines = page.cards.offer.faults.text().split("\n")
    assert [line[:7] for line in lines] == ["Line 3:", "Line 4:", "Line 5:"]
    assert "it has no title" in lines[0]
    assert "no project is called nowhere" in lines[1]
    assert all(line.endswith(".") for line in lines)
    press(qtbot, page, KEY.Key_Return)
    assert sorted(task.key or "" for task in tasks.tasks(shop.db)) == ["OPS-7", "PAY-12"]
    assert page.bar.text.text() == "Added 2 tasks."
    page.import_file(path)
    settle(qtbot, page)
    assert page.cards.offer.rows.shown == []
    assert not page.cards.offer.accept.isEnabled()
    press(qtbot, page, KEY.Key_Escape)
    assert not page.cards.offer.isVisible()


def test_a_file_that_is_no_table_of_tasks_says_so(qtbot: QtBot, page_of: PageOf, tmp_path: Path) -> None:
    page = page_of()
    for name, content in (("a.csv", "what,else\n1,2\n"), ("gone.csv", None)):
        path = tmp_path / name
        if content:
            path.write_text(content, encoding="utf-8")
        page.import_file(path)
        settle(qtbot, page)
        assert name in page.cards.offer.fault.text()
        assert page.cards.offer.fault.isVisible()


@pytest.mark.parametrize(("many", "height"), [(20, 440), (20, 600), (3, 740)])
def test_the_buttons_of_an_import_are_in_sight_below_what_a_bar_tells(
    qtbot: QtBot, page_of: PageOf, tmp_path: Path, many: int, height: int
) -> None:
    """Its rows scroll before its buttons do, and the list below does not lie over them."""
    file = tmp_path / "tasks.csv"
    file.write_text("title\n" + "".join(f"Task {n}\n" for n in range(many)), encoding="utf-8")
    page = page_of(1000, height)
    page.bar.say("What was done.")
    page.cards.import_file(file)
    qtbot.waitUntil(lambda: len(page.cards.offer.rows.shown) == many)
    accept = page.cards.offer.accept
    qtbot.waitUntil(lambda: accept.visibleRegion().boundingRect() == accept.rect())
    qtbot.waitUntil(lambda: not page._left.isVisible() or page._left.y() > page.cards.geometry().bottom())


def test_the_button_is_in_view_in_the_smallest_window(qtbot: QtBot, page_of: PageOf, shop: Machine) -> None:
    """The sum goes with the list that the card stands in place of, and comes back with it; what is asked scrolls."""
    given(shop, "Refund twice", key="PAY-12")
    page = page_of(680, 440)
    for open_, card in (
        (page._on_new, lambda: page.cards.form),
        (page._on_edit, lambda: page.cards.form),
        (page.cards.import_git, lambda: page.cards.offer),
    ):
        assert page.sum.isVisible()
        open_()
        qtbot.waitUntil(lambda card=card: card().accept.visibleRegion().boundingRect() == card().accept.rect())
        page.cards.close_card()
    assert page.sum.isVisible()


def test_tab_leads_into_view_what_scrolls_in_a_card(qtbot: QtBot, page_of: PageOf, shop: Machine) -> None:
    given(shop, "Refund twice", key="PAY-12")
    page = page_of(680, 440)
    page._on_edit()
    form = page.cards.form
    qtbot.waitUntil(lambda: form.height() == page.cards.height())
    assert form.alias.visibleRegion().isEmpty()
    form.accept.setFocus()
    press(qtbot, page, KEY.Key_Backtab, KEY.Key_Backtab)
    assert QApplication.focusWidget() is form.alias
    assert form.alias.visibleRegion().boundingRect() == form.alias.rect()


def test_a_card_that_is_open_lays_nothing_out_again_and_again(qtbot: QtBot, page_of: PageOf) -> None:
    """It kept a processor busy for as long as it stood there; a sentence that comes in it makes it higher all the same."""
    page = page_of(1000, 640)
    page._on_new()
    qtbot.wait(60)
    told = []
    page.cards.changed.connect(lambda: told.append(page.cards.height()))
    qtbot.wait(60)
    assert len(told) < 5
    high = page.cards.height()
    page.cards.form.say("A task needs a title: a few words by which you know it. " * 8)
    qtbot.waitUntil(lambda: page.cards.height() > high)
    accept = page.cards.form.accept
    qtbot.waitUntil(lambda: accept.visibleRegion().boundingRect() == accept.rect())
