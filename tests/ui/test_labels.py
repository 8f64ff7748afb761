"""AC 29: what is self-reported, found in git or hypothetical says so wherever it stands, in windows, terminal and JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from command_line import run_in
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QTableView, QWidget
from pytestqt.qtbot import QtBot
from reference_month import LAST_MONDAY, Month
from said import leave, settled

from tokentrack import clock
from tokentrack.review.paid import KINDS
from tokentrack.store import tasks, transaction
from tokentrack.ui.feed import Feed
from tokentrack.ui.live import Live
from tokentrack.ui.windows import WINDOWS, week
from tokentrack.ui.windows.main import MainWindow

CLAIMS = {
    "found in git": re.compile(
        r"\b(reverted|no revert in|merge not detected|merged (?=\d|[a-z0-9]{8}))|^(branch|PR|commit) \S+ merged"
    ),
    "self-reported": re.compile(
        r"time effect|stress test|\b8 of 10 times\b|expected \$|without the agent: \d", re.IGNORECASE
    ),
    "hypothetical": re.compile(r"instead of \$|\bsame tokens at\b|at the prices of", re.IGNORECASE),
}
"""What can be claimed by each word's kind of knowing, as the app words it."""
LEVELS = 3
"""So far above a text its heading stands."""


def unmarked(inside: QWidget) -> Iterator[str]:
    """Texts that claim something without its word: in the text, over its column, or in the heading of its card."""
    for part in inside.findChildren(QWidget):
        if not part.isVisibleTo(inside):
            continue
        if isinstance(part, QTableView):
            yield from _unmarked_cells(part)
        elif isinstance(part, QLabel | QAbstractButton):
            for word, claim in CLAIMS.items():
                if claim.search(part.text()) and word not in part.text().lower() and not _headed(part, word):
                    yield f"{word}: {part.text()}"


def _unmarked_cells(table: QTableView) -> Iterator[str]:
    model = table.model()
    for column in range(model.columnCount()):
        heading = str(model.headerData(column, Qt.Orientation.Horizontal) or "").lower()
        for row in range(model.rowCount()):
            text = str(model.data(model.index(row, column)) or "")
            for word, claim in CLAIMS.items():
                if claim.search(text) and word not in text.lower() and word not in heading and not _headed(table, word):
                    yield f"{word}: {text}"


def _headed(part: QWidget, word: str) -> bool:
    around = part.parentWidget()
    for _ in range(LEVELS):
        if around is None:
            return False
        if any(
            word in one.text().lower()
            for one in around.findChildren(QLabel, options=Qt.FindChildOption.FindDirectChildrenOnly)
        ):
            return True
        around = around.parentWidget()
    return False


@pytest.fixture
def judged(living: Month) -> Month:
    """With estimates, one task of them finished."""
    task, at = living.long[0], living.now(living.mondays[0])
    with transaction(living.db):
        for what, low, high in (("without_ai", 600, 900), ("with_ai", 200, 300), ("spend", 10_000_000, 20_000_000)):
            tasks.add_estimate(living.db, task.id, what, low, high, at)
        tasks.finish(living.db, task.id, "shipped", "", living.now(LAST_MONDAY))
    return living


@pytest.mark.slow
def test_ac29_windows_mark_what_is_not_measured(qtbot: QtBot, judged: Month) -> None:
    live = Live(judged.machine.store, judged.machine.home)
    feed = Feed(live.glance, live.status)
    feed.refresh()
    window = MainWindow(feed, live)
    window.resize(1000, 900)
    window.raise_up()
    found: dict[str, list[str]] = {}
    seen = ""

    def look(place: str) -> None:
        nonlocal seen
        seen += "\n".join(one.text for one in settled(qtbot, window))
        if told := list(dict.fromkeys(unmarked(window))):
            found[place] = told

    for name in WINDOWS:
        window.open_(name)
        page = window.page(name)
        look(name)
        if isinstance(page, week.Page):
            for number in range(len(page.sequence)):
                page.open_step(number)
                look(f"week, step {number}")
            page.open_week(LAST_MONDAY - 7 * clock.DAY)
            look("week, closed")
        if name == "spend":
            page.tabs.buttons["closer"].setChecked(True)
            look("spend, closer")
    for task in (judged.long[0], judged.merged[judged.mondays[0]][0]):
        window.open_task(task.id)
        look("task")
    leave(window)
    live.stop()
    assert not found
    for claim in CLAIMS.values():
        assert claim.search(seen), f"nothing of the kind is shown: {claim.pattern}"


@pytest.mark.parametrize(
    "text", ["merged 18 Nov, day 4 of 14", "branch feat/x merged", "Same tokens at Haiku prices: $3 instead of $5."]
)
def test_a_claim_without_its_word_is_found(qtbot: QtBot, text: str) -> None:
    around = QWidget()
    qtbot.addWidget(around)
    label = QLabel(text, around)
    assert list(unmarked(around))
    label.setText(f"{text} (found in git, hypothetical)")
    assert not list(unmarked(around))


def test_ac29_the_terminal_and_json_mark_it_too(
    judged: Month, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(*words: str) -> str:
        result = run_in(capsys, monkeypatch, "--store", str(judged.machine.store), *words)
        assert result.code == 0, result.err
        return result.out

    for line in told("review").splitlines():
        for word, claim in CLAIMS.items():
            assert not claim.search(line) or word in line, line
    assert "What came of it (self-reported)" in told("review")
    task, week_name = judged.long[0].id, clock.week_name(LAST_MONDAY)
    kinds = {}
    for name in (
        f"effect task:{task}",
        f"what-if week:{week_name} model:claude-haiku-4-5-20251001",
        "calibration all",
        f"rework task:{task}",
    ):
        figure = json.loads(told("why", name, "--json"))["figure"]
        kinds[name.split()[0]] = {row["kind"] for row in figure["rows"]} | {one["name"] for one in figure["inputs"]}
    assert "self-reported" in kinds["effect"]
    assert "hypothetical" in kinds["what-if"]
    assert "found in git" in kinds["rework"]
    assert {"measured", "self-reported", "hypothetical"} <= set(KINDS)
