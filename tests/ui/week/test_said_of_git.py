"""What git tells, what it cannot tell, and the days since a task was shipped, each as what it is (AC 29, AC 32, M8)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from claude_logs import Machine, ms
from pytestqt.qtbot import QtBot
from reviewed import DAY, MONDAY, finished_tasks
from ui.week.parts import WEEK

from tokentrack import clock
from tokentrack.review.evidence import in_git
from tokentrack.review.followups import Question
from tokentrack.review.snapshot import TaskRow
from tokentrack.review.steps import to_judge
from tokentrack.store import journal, tasks, transaction
from tokentrack.ui import week_cards, week_close
from tokentrack.ui.task_page import TaskView


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("merged 18 Nov, day 4 of 14", "merged 18 Nov, day 4 of 14 (found in git)"),
        ("reverted 9 Nov", "reverted 9 Nov (found in git)"),
        ("merge not detected", "merge not detected (found in git)"),
        ("no git evidence", "no git evidence"),
        ("/w/shop: repository not found", "/w/shop: repository not found"),
    ],
)
def test_ac29_found_in_git_is_said_of_what_was_found_there(qtbot: QtBot, told: str, said: str) -> None:
    """An error is nothing that git found."""
    assert in_git(told) == said
    card = week_cards.StillCard()
    qtbot.addWidget(card)
    card.put(Question("id", "PAY-1", 7, "PAY-1 was shipped 7 days ago. Is it still in place?", told))
    assert card._git.text() == said


def test_ac32_the_day_of_the_rework_window_is_told_without_a_merge(qtbot: QtBot, machine: Machine) -> None:
    """M8 counts from the shipping, whatever git tells of it: on the card and on the task's page."""
    one = finished_tasks(machine)[0]
    with transaction(machine.db), journal.change(machine.db, "Finished", ms(-DAY)):
        tasks.finish(machine.db, one.id, "shipped", "", ms(-3 * DAY))
    shipped = next(found for found in to_judge(machine.db, MONDAY, clock.now_ms()) if found.task.id == one.id)
    card, page = week_cards.TaskCard(), TaskView()
    for view in (card, page):
        qtbot.addWidget(view)
    card.put(shipped, WEEK)
    days = (clock.today() - clock.day_of(ms(-3 * DAY))).days
    window = f"day {days} of 14 until the rework window ends"
    assert card._found.text() == f"no git evidence · {window}"
    assert window in page._facts(shipped.task)


def test_what_git_cannot_tell_is_no_evidence(machine: Machine) -> None:
    """On the card's line and among its evidence it stands plainly."""
    finished_tasks(machine)
    one = to_judge(machine.db, MONDAY, clock.now_ms())[0]
    lost = replace(one, found="", evidence=(), unread="/w/shop: repository not found")
    assert week_cards._found(lost).endswith("git cannot be asked: /w/shop: repository not found")
    assert "found in git" not in week_cards._found(lost)
    assert list(week_cards._evidence(lost)) == ["Git cannot be asked: /w/shop: repository not found."]


@pytest.mark.parametrize(
    ("row", "shown"),
    [
        (
            {"found": "merged 18 Nov, no revert in 14 days", "evidence": ("branch feat/a-long-name merged",)},
            "merged 18 Nov",
        ),
        (
            {"found": "merge not detected", "evidence": ("branch feat/a-long-name: merge not detected",)},
            "merge not detected",
        ),
        ({"found": "no git evidence"}, "–"),
        ({"unread": "/w/shop: repository not found"}, "–"),
        ({"evidence": ("PR #318 merged", "commit 1a2b3c4d merged")}, "PR #318 merged"),
        ({"evidence": ("branch feat/a-long-name: merge not detected",)}, "merge not detected"),
        ({"evidence": ("branch feat/a-long-name merged",)}, "merged"),
        ({}, "–"),
    ],
)
def test_the_column_of_what_git_found_is_short_enough_to_be_read(row: dict[str, object], shown: str) -> None:
    """Also of weeks that were closed before the line was kept; the whole is in the tooltip."""
    made = TaskRow("id", "PAY-1", None, 1, 1, **row)
    assert week_close.in_git(made) == shown
    assert len(shown) <= len("merge not detected")
    for line in row.get("evidence", ()):
        assert line in week_close.in_git_all(made)
