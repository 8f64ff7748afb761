"""A window opens fast: what is not seen at first is made when it is, and `Tab` leads to it where it stands (AC 44)."""

from __future__ import annotations

import gc

from PySide6.QtWidgets import QWidget
from ui.keyboard import in_turn
from ui.samples import Memory, Show

from tokentrack.ui.card import Card
from tokentrack.ui.feed import Feed
from tokentrack.ui.figure import Number
from tokentrack.ui.keycap import KeyHint
from tokentrack.ui.spend_closer import CloserView
from tokentrack.ui.spend_entries import EntriesView
from tokentrack.ui.task_page import TaskView
from tokentrack.ui.week_step import Step
from tokentrack.ui.windows import spend, tasks, today, week


def kinds(inside: QWidget, kind: type[QWidget]) -> list[str]:
    return [type(one).__name__ for one in inside.findChildren(kind)]


def test_a_review_makes_a_step_when_it_is_shown(feed: Feed, source: Memory, show: Show) -> None:
    page = week.Page(feed, source)
    assert kinds(page, Step) == []
    show(page, 900, 640)
    step = page.stack.next
    assert kinds(page, Step) == ["NextStep"]
    assert page.stack.next is step
    assert in_turn(page.head.earlier, step.amount, step.intent, page.bar.back, page.foot.back_hint, page.foot.primary)
    table = page.stack.inbox.inbox.table
    gc.collect()
    assert table.horizontalHeader().count() == 6, "what a table is made of was destroyed with what had asked of it"


def test_the_page_of_tasks_makes_a_card_or_a_task_when_it_is_asked_for(feed: Feed, source: Memory, show: Show) -> None:
    page = tasks.Page(feed, source)
    assert kinds(page, Card) == kinds(page, TaskView) == []
    show(page, 1000, 640)
    page.cards.new(None)
    assert kinds(page, Card) == ["TaskForm"]
    assert page.view.isHidden()
    assert in_turn(page, page.cards.form.title, page.cards.form.accept, page.list.table, page.view.back, page.by)


def test_the_page_of_spending_makes_what_stands_behind_a_tab_when_it_is_opened(
    feed: Feed, source: Memory, show: Show
) -> None:
    page = spend.Page(feed, source)
    show(page, 1000, 640)
    assert kinds(page, CloserView) == kinds(page, EntriesView) == []
    page.tabs.buttons["entries"].setChecked(True)
    assert page.entries.isVisible()
    assert not page.cost.isVisible()
    assert kinds(page, CloserView) == []
    hint = page.findChild(KeyHint)
    assert in_turn(page, page.tabs.buttons["entries"], page.entries.plan_form.name, page.entries.plan_form.add, hint)


def test_the_lines_of_today_are_made_anew_where_they_stand(feed: Feed, source: Memory, show: Show) -> None:
    page = today.Page(feed, source)
    show(page, 1000, 640)
    page.refresh()
    line = page._lines.findChild(Number)
    assert in_turn(page, page._today, page._period, line, page.as_table, page._chart, page._agent_table)
