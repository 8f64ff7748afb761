"""The one notification: only if asked for, when the period's plan is passed, once a period (product 5.3; AC 36)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from itertools import product

import pytest
from PySide6.QtWidgets import QApplication, QSystemTrayIcon
from pytestqt.qtbot import QtBot
from ui.samples import Memory, glance, spent, written

from tokentrack.review.budgets import Spent
from tokentrack.review.glance import Glance
from tokentrack.review.paid import How, Paid
from tokentrack.ui import words
from tokentrack.ui.app import App
from tokentrack.ui.lines import headline, lines
from tokentrack.ui.states import NOTICE, NOTICED, state_of
from tokentrack.ui.windows.settings import Page


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    texts: list[str] = []
    monkeypatch.setattr(QSystemTrayIcon, "showMessage", lambda _self, title, text, *_: texts.append(f"{title}: {text}"))
    return texts


@pytest.fixture
def started(qtbot: QtBot, qapp: QApplication, said: list[str]) -> Callable[[Memory], App]:
    """The app as it runs, with its icon."""
    del said  # what the desktop would show goes there

    def start(source: Memory) -> App:
        app = App(qapp, source, "light")
        app.show_tray()
        app.feed.changed.connect(lambda: written(qtbot))  # what was told is kept first
        return app

    return start


def test_ac36_by_default_passing_the_plan_says_nothing(
    started: Callable[[Memory], App], source: Memory, said: list[str]
) -> None:
    app = started(source)
    for used in (10, 33, 41, 80):
        source.at = glance(spent=spent(used))
        app.feed.refresh()
    assert said == []


def test_it_is_said_once_a_period_and_not_again_after_a_restart(
    started: Callable[[Memory], App], source: Memory, said: list[str]
) -> None:
    source.kept[NOTICE] = "1"
    app = started(source)
    for used in (10, 39, 40, 41, 50, 30, 60):
        source.at = glance(spent=spent(used))
        app.feed.refresh()
    assert said == ["Over plan: This week $41 of $40 planned (list)."]
    again = started(source)
    source.at = glance(spent=spent(70))
    again.feed.refresh()
    assert len(said) == 1
    source.at = glance(spent=replace(spent(45), first=date(2026, 11, 23), last=date(2026, 11, 29)))
    again.feed.refresh()
    assert len(said) == 2


def test_what_was_passed_before_it_was_asked_for_is_no_news(
    started: Callable[[Memory], App], source: Memory, said: list[str]
) -> None:
    source.at = glance(spent=spent(50))
    app = started(source)
    app.feed.refresh()
    source.kept[NOTICE] = "1"
    app._on_saved(NOTICE, "1")
    app.feed.refresh()
    assert said == []


def test_quietly_it_says_no_amount(started: Callable[[Memory], App], source: Memory, said: list[str]) -> None:
    source.kept[NOTICE] = "1"
    source.kept["counter"] = "quiet"
    app = started(source)
    source.at = glance(spent=spent(50))
    app.feed.refresh()
    (text,) = said
    assert "$" not in text


def test_the_settings_page_keeps_the_choice(qtbot: QtBot, source: Memory, feed_of: Callable[[Memory], object]) -> None:
    page = Page(feed_of(source), source)
    qtbot.addWidget(page)
    assert not page.notice.isChecked()
    with qtbot.waitSignal(page.saved) as saved:
        page.notice.click()
    assert saved.args == [NOTICE, "1"]
    assert source.settings()[NOTICE] == "1"


# ---- budgets of what is paid, of a project ---------------------------------------------------------------------------


def other(used: int, measure: str = "list_value", project: str | None = None, at_least: bool = False) -> Spent:
    made = spent(used)
    return replace(made, budget=replace(made.budget, measure=measure, project=project), at_least=at_least)


def test_a_budget_of_what_is_paid_says_so_and_at_least(source: Memory) -> None:
    at = glance(spent=other(45, "paid", at_least=True))
    state = state_of(at, source.status())
    assert state == "over"
    assert words.tooltip(at, source.status(), state).startswith("This week at least $45 of $40 planned (paid)")
    head = headline(at)
    assert (head.caption, head.figure, head.why) == ("This week, paid", "at least $45", "paid week:2026-W47")
    assert lines(at)[0].name == "This week"  # the list value, which the headline does not tell now


def test_a_projects_budget_names_it(source: Memory) -> None:
    at = glance(spent=other(18, project="/w/shop"))
    assert words.tooltip(at, source.status(), "within").startswith("This week $18 of $40 planned for shop (list)")
    assert headline(at).caption == "This week for shop, list value"
    assert headline(at).why.endswith(" project:/w/shop")


def test_ac35_the_tooltip_fits_with_every_kind_of_budget(source: Memory) -> None:
    for measure, project, at_least in product(
        ("list_value", "paid", "tokens"), (None, "/w/" + "long" * 30), (True, False)
    ):
        at = glance(spent=other(9_999_999, measure, project, at_least))
        assert len(words.tooltip(at, source.status(), "over")) <= words.TOOLTIP_MAX


def test_what_was_paid_so_far_stands_beside_the_list_value() -> None:
    paid = Paid(40_000_000, True, ("2026-11",), 40_000_000, 0, "at least $40.00", "", How("", 3, "days"))
    (line,) = [line for line in lines(replace(glance(), paid=paid)) if line.name == "Paid so far"]
    assert line.text == "Paid so far: at least $40 · this week"
    assert not [line for line in lines(replace(glance(), paid=paid), quiet=True) if "Paid" in line.name]


# ---- several budgets -------------------------------------------------------------------------------------------------


def several(*used: tuple[str | None, float]) -> Glance:
    found = tuple(
        replace(one, budget=replace(one.budget, id=at, project=project))
        for at, (project, one) in enumerate((project, spent(amount)) for project, amount in used)
    )
    return glance(spent=found[0], budgets=found)


def test_each_budget_is_told_of_once_a_period_whichever_the_icon_shows(
    started: Callable[[Memory], App], source: Memory, said: list[str]
) -> None:
    source.kept[NOTICE] = "1"
    app = started(source)
    for everything, shop in ((10, 10), (10, 41), (41, 50), (50, 60), (10, 10), (60, 60)):
        source.at = several((None, everything), ("/w/shop", shop))
        app.feed.refresh()
    assert said == [
        "Over plan: This week $41 of $40 planned for shop (list).",
        "Over plan: This week $41 of $40 planned (list).",
    ]


def test_what_is_passed_together_is_told_together(
    started: Callable[[Memory], App], source: Memory, said: list[str]
) -> None:
    source.kept[NOTICE] = "1"
    app = started(source)
    source.at = several((None, 41), ("/w/shop", 50), ("/w/api", 3))
    app.feed.refresh()
    assert [text.count("planned") for text in said] == [2]


def test_what_an_earlier_version_told_is_not_told_again(
    started: Callable[[Memory], App], source: Memory, said: list[str]
) -> None:
    """It kept the name of one period, as plain text."""
    source.kept |= {NOTICE: "1", NOTICED: "week 2026-11-16"}
    app = started(source)
    source.at = several((None, 41))
    app.feed.refresh()
    assert said == []
    source.at = several((None, 41), ("/w/shop", 50))
    app.feed.refresh()
    assert len(said) == 1


def test_the_other_budgets_stand_below_the_headline() -> None:
    told = lines(several((None, 18), ("/w/shop", 3)))
    (line,) = [line for line in told if line.name == "shop"]
    assert line.text == "shop: $3 (list) of $40 a week"
    assert line.why == "week:2026-W47 project:/w/shop"
    assert not [line for line in lines(several((None, 18), ("/w/shop", 3)), quiet=True) if "$" in line.text]


def test_ac5_a_paid_budget_without_any_plan_or_charge_is_not_known_and_no_nothing(source: Memory) -> None:
    at = glance(spent=replace(other(0, "paid"), unknown=True))
    state = state_of(at, source.status())
    assert state == "no_plan"
    assert words.tooltip(at, source.status(), state).startswith(
        "This week paid is not known: no plan or charge is entered"
    )
    head = headline(at)
    assert (head.figure, head.share, head.note, head.over) == ("unknown", None, "no plan or charge", False)
    (line,) = [
        line for line in lines(replace(at, spent=spent(), budgets=(spent(), *at.budgets))) if "paid" in line.text
    ]
    assert line.text == "Everything: unknown · paid is not known: no plan or charge is entered"
