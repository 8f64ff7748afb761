"""The Settings page: each choice is kept at once, under its key; the budget; folders; start at login."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from claude_logs import Machine
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot
from ui.samples import Memory, Show, glance, spent, written

from tokentrack.store import transaction
from tokentrack.ui import autostart, theme
from tokentrack.ui.feed import Feed
from tokentrack.ui.live import Live
from tokentrack.ui.source_deciding import Deciding
from tokentrack.ui.windows.settings import Page, budget_amount, budget_text

PageOf = Callable[..., Page]


@pytest.fixture
def page_of(show: Show, feed_of: Callable[[Memory], Feed]) -> PageOf:
    def made(source: Memory) -> Page:
        page = Page(feed_of(source), source)
        show(page, 780, 680)
        return page

    return made


@pytest.fixture
def page(page_of: PageOf, source: Memory) -> Page:
    return page_of(source)


@pytest.mark.parametrize(
    ("choices", "value", "key"),
    [("counter", "tokens", "counter"), ("panel", "dark", "panel"), ("theme", "dark", "theme")],
)
def test_a_choice_is_kept_at_once_and_told(
    qtbot: QtBot, page: Page, source: Memory, choices: str, value: str, key: str
) -> None:
    with qtbot.waitSignal(page.saved) as told:
        qtbot.mouseClick(getattr(page, choices).buttons[value], Qt.MouseButton.LeftButton)
    assert told.args == [key, value]
    assert source.kept == {key: value}


class Refusing(Memory):
    """Its store is in use by another program for too long."""

    def deciding(self) -> Deciding:
        raise RuntimeError("The store is in use by another program.")


def test_what_could_not_be_kept_is_said_and_shown_as_it_is(qtbot: QtBot, page_of: PageOf) -> None:
    source = Refusing()
    source.kept = {"counter": "tokens"}
    page = page_of(source)
    page.counter.buttons["quiet"].click()
    page.attended.click()
    page.amount.setText("55")
    page.amount.editingFinished.emit()
    written(qtbot)
    assert page.undo_bar.text.text() == "The store is in use by another program."
    assert (page.counter.value, page.attended.isChecked()) == ("tokens", False)
    assert page.amount.text() == "55"  # typed, to be given again


def test_no_choice_waits_while_another_process_writes(qtbot: QtBot, machine: Machine) -> None:
    """Product 3.5: an icon or a theme follows when it is kept, and what is shown meanwhile stays."""
    live = Live(machine.store, machine.home)
    feed = Feed(live.glance, live.status)
    page = Page(feed, live)
    qtbot.addWidget(page)
    page.show()
    saved: list[str] = []
    page.saved.connect(lambda key, value: saved.append(f"{key} {value}"))
    with transaction(machine.db):
        page.counter.buttons["quiet"].click()
        page.amount.setText("55")
        page.amount.editingFinished.emit()
        feed.refresh()
        assert (page.counter.value, page.amount.text(), saved) == ("quiet", "55", [])
        assert live.settings() == {}
    written(qtbot)
    assert (live.settings(), saved) == ({"counter": "quiet"}, ["counter quiet"])
    assert [budget.amount for budget in live.entries().budgets()] == [55_000_000]
    live.stop()


def test_what_was_kept_is_shown(page_of: PageOf) -> None:
    source = Memory()
    source.kept = {"counter": "quiet", "theme": "dark", "panel": "nonsense"}
    page = page_of(source)
    assert (page.counter.value, page.theme.value, page.panel.value) == ("quiet", "dark", "auto")
    assert page._note.text() == "No money anywhere in the tray."


def test_arrow_keys_move_between_choices(qtbot: QtBot, page: Page, source: Memory) -> None:
    page.counter.buttons["money"].setFocus()
    qtbot.keyClick(page.counter.buttons["money"], Qt.Key.Key_Right)
    qtbot.keyClick(page.counter.buttons["tokens"], Qt.Key.Key_Space)
    written(qtbot)
    assert source.kept == {"counter": "tokens"}


def test_the_budget_in_force_is_shown(page_of: PageOf) -> None:
    page = page_of(Memory(glance(spent=spent(1, 12.5, "month", "tokens"))))
    assert (page.amount.text(), page.measure.value, page.period.value) == ("12.5", "tokens", "month")


def test_a_budget_may_be_on_what_is_paid(qtbot: QtBot, page_of: PageOf) -> None:
    source = Memory(glance(spent=spent(18, 40, "month", "paid")))
    page = page_of(source)
    assert page.measure.value == "paid"
    page.amount.setText("60")
    page.amount.editingFinished.emit()
    written(qtbot)
    assert source.budgets == [(60_000_000, "paid", "month")]


def test_a_budget_is_set_by_its_amount_unit_or_period(qtbot: QtBot, page: Page, source: Memory) -> None:
    page.amount.setText("55.50")
    page.amount.editingFinished.emit()
    page.period.buttons["month"].click()
    page.measure.buttons["tokens"].click()
    written(qtbot)
    assert source.budgets == [
        (55_500_000, "list_value", "week"),
        (55_500_000, "list_value", "month"),
        (55_500_000, "tokens", "month"),
    ]


def test_leaving_the_field_unchanged_sets_nothing(page: Page, source: Memory) -> None:
    page.amount.editingFinished.emit()
    assert source.budgets == []


def test_an_empty_amount_ends_the_budget_and_none_stays_none(
    qtbot: QtBot, page_of: PageOf, page: Page, source: Memory
) -> None:
    page.amount.clear()
    page.amount.editingFinished.emit()
    written(qtbot)
    assert source.budgets == [(0, "list_value", "week")]
    none = Memory(glance(spent=None))
    page_of(none).amount.editingFinished.emit()
    assert none.budgets == []


def test_nonsense_is_answered_by_a_sentence(page: Page, source: Memory) -> None:
    page.amount.setText("many")
    page.amount.editingFinished.emit()
    assert source.budgets == []
    assert page._budget_note.isVisible()
    assert "Write it like 40" in page._budget_note.text()
    page.amount.setText("1,234")
    page.amount.editingFinished.emit()
    assert page._budget_note.text() == "1,234 can be read in two ways: write 1234 or 1.234."
    page.amount.setText("41")
    page.amount.editingFinished.emit()
    assert not page._budget_note.isVisible()


def test_typing_is_not_disturbed_by_the_feed(page: Page, source: Memory) -> None:
    page.activateWindow()
    page.amount.setFocus()
    page.amount.setText("7")
    source.at = glance(spent=spent(1, 99))
    page._feed.refresh()
    assert page.amount.text() == "7"


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("", 0),
        ("40", 40_000_000),
        ("$1,234.5", 1_234_500_000),
        (".5", 500_000),
        ("0.0000019", 1),
        ("-3", None),
        ("4e3", None),
        ("٣", None),
        ("1.2.3", None),
        ("1,5", 1_500_000),  # a decimal comma
        ("12,50", 12_500_000),
        ("1,234.56", 1_234_560_000),
        ("1.234,56", 1_234_560_000),
        ("1,234,567", 1_234_567_000_000),
        ("1,234", None),  # a thousand and more, or one and a part
        ("1,23.4", None),
        ("1,2,3", None),
        ("12345678901", None),
    ],
)
def test_amounts_as_people_write_them(text: str, amount: int | None) -> None:
    assert budget_amount(text) == amount


@pytest.mark.parametrize("amount", [1, 500_000, 12_500_000, 40_000_000, 999_999_999_999])
def test_an_amount_reads_back_as_it_was(amount: int) -> None:
    assert budget_amount(budget_text(amount)) == amount


def test_folders_are_added_and_taken_out(
    qtbot: QtBot, page: Page, source: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = page.folders[0]
    assert folders.agent == "claude-code"
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "/srv/ähnlich/.claude")
    folders.add.click()
    folders.add.click()
    written(qtbot)
    assert json.loads(source.kept["roots.claude-code"]) == ["/srv/ähnlich/.claude"]
    assert folders.list.isVisible()
    folders.list.setCurrentRow(0)
    folders.remove.click()
    written(qtbot)
    assert json.loads(source.kept["roots.claude-code"]) == []


def test_a_cancelled_dialog_changes_nothing(page: Page, source: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "")
    page.folders[0].add.click()
    assert source.kept == {}


def test_kept_folders_are_shown_for_each_agent(page_of: PageOf) -> None:
    source = Memory()
    source.kept = {"roots.codex": '["/a", 3]', "roots.cursor": "no json", "roots.claude-code": "{}"}
    page = page_of(source)
    assert {folders.agent: folders.folders for folders in page.folders} == {
        "claude-code": [],
        "codex": ["/a"],
        "cursor": [],
    }


def test_start_at_login_writes_and_removes_the_file(page: Page, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(autostart, "supported", lambda: True)
    file = home / ".config/autostart/tokentrack.desktop"
    page.login.setChecked(True)
    text = file.read_text()
    assert "X-GNOME-Autostart-enabled=true" in text
    assert text.split("Exec=")[1].splitlines()[0].endswith("tray --minimized")
    page.login.setChecked(False)
    assert not file.exists()


def test_a_folder_that_cannot_be_written_is_said(page: Page, home: Path) -> None:
    (home / ".config").mkdir(exist_ok=True)
    (home / ".config/autostart").write_text("a file where a folder should be")
    page.login.setChecked(True)
    assert page._login_note.isVisible()
    assert "Check the folder" in page._login_note.text()


def test_a_command_with_odd_letters_is_quoted() -> None:
    """Desktop entry specification: quotes, escapes, and a doubled percent sign."""
    line = autostart.entry(["/home/a b/100%/tokentrack"]).split("Exec=")[1].splitlines()[0]
    assert line == '"/home/a b/100%%/tokentrack" tray --minimized'


def test_every_choice_has_a_name_a_screen_reader_can_say(page: Page) -> None:
    assert page.counter.buttons["quiet"].accessibleName() == "The icon counts: Quiet"
    assert page.amount.accessibleName() == "Planned amount"
    assert page.folders[0].list.accessibleName() == "More folders with logs of Claude Code"


def test_a_click_anywhere_on_the_words_ticks(qtbot: QtBot, page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []
    monkeypatch.setattr(autostart, "enable", asked.append)
    qtbot.mouseClick(page.login, Qt.MouseButton.LeftButton, pos=page.login.rect().center())
    qtbot.keyClick(page.login, Qt.Key.Key_Space)
    assert asked == [True, False]


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_box_and_its_tick_can_be_seen(qapp: QApplication, page: Page, mode: str) -> None:
    theme.apply(qapp, mode)
    page.login.blockSignals(True)
    off = page.login.grab().toImage()
    page.login.setChecked(True)
    on = page.login.grab().toImage()
    middle = off.height() // 2
    ground = QColor(theme.roles_of(page.palette()).window)
    assert off.pixelColor(1, middle) != ground
    assert on.pixelColor(16, middle + 6) == QColor(theme.roles_of(page.palette()).accent)
