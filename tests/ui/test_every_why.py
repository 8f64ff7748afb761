"""AC 24 for every figure of every window: it opens, says its formula, n and inputs, and its rows add up to what is shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from bare import Bare, bare
from PySide6.QtWidgets import QAbstractButton, QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot
from reference_month import LAST_MONDAY, Month
from said import leave, settled

from tokentrack import clock
from tokentrack.model.tasks import Span
from tokentrack.pricing.own import OwnPrices
from tokentrack.review import how as computed
from tokentrack.review import names, why, worth
from tokentrack.review import week as weeks
from tokentrack.review.insights import KEPT
from tokentrack.review.paid import MICRO, How, Line
from tokentrack.store import journal, links, read, tasks, transaction
from tokentrack.store.read import NO_TASK, UNLINKED
from tokentrack.ui.feed import Feed
from tokentrack.ui.figure import HOW, Figure, Number, Sentence
from tokentrack.ui.live import Live
from tokentrack.ui.popover import Popover
from tokentrack.ui.tables import Column, Rows, Table
from tokentrack.ui.windows import WINDOWS, week
from tokentrack.ui.windows.main import MainWindow

MONEY = re.compile(r"(<?)\$([\d,]+)(\.\d+)?")
TOKENS = re.compile(r"^([\d,]+)$|^([\d,]+(?:\.\d+)?) ?([kMB]?) ?tokens?$|^([\d,]+(?:\.\d+)?) ([kMB])$")
UNITS = {"": 1, "k": 10**3, "M": 10**6, "B": 10**9}


# ---- what is shown against what it is made of ------------------------------------------------------------------------


def fits(text: str, micro: int) -> bool:
    """Whether an amount in a text is this one, as rounded as it stands there."""
    found = MONEY.search(text)
    if not found:
        return "unknown" in text or "–" in text
    less, whole, decimals = found.groups()
    shown = float(whole.replace(",", "") + (decimals or ""))
    if less:
        return 0 < micro / 10**6 <= shown
    return abs(shown - abs(micro) / 10**6) <= 0.5000001 * 10 ** -max(0, len(decimals or "") - 1)


@pytest.mark.parametrize(
    ("text", "micro", "same"),
    [
        ("$18", 18_499_999, True),
        ("$18", 18_600_000, False),
        ("$18.00 this week", 18_004_000, True),
        ("$18.00 this week", 18_040_000, False),
        ("<$0.01", 4_000, True),
        ("<$0.01", 40_000, False),
        ("at least $1,234", 1_234_400_000, True),
        ("-$3.20", -3_200_000, True),
    ],
)
def test_amounts_are_compared_as_they_are_rounded(text: str, micro: int, same: bool) -> None:
    assert fits(text, micro) == same


@dataclass(frozen=True)
class Shown:
    """A figure, and where it stands."""

    place: str
    figure: Figure


def figures_of(place: str, inside: QWidget) -> Iterator[Shown | Bare]:
    """Every number, sentence and cell that can be asked, in long tables the first and the last rows; and what cannot be."""
    yield from bare(place, inside)
    for number in [*inside.findChildren(Number), *inside.findChildren(Sentence)]:
        if number.isVisibleTo(inside) and number.figure:
            yield Shown(place, number.figure)
    for table in inside.findChildren(Table):
        if not table.isVisibleTo(inside):
            continue
        model = table.model()
        count = model.rowCount()
        for row in range(count):
            if row < 12 or row >= count - 3:
                for column in range(model.columnCount()):
                    figure = model.figure_at(model.index(row, column))
                    if figure:
                        yield Shown(place, figure)


def shown_by(qtbot: QtBot, live: Live, month: Month) -> Iterator[Shown | Bare]:
    """All that every page, step of the review and the popover offers; buttons that ask are pressed."""
    feed = Feed(live.glance, live.status)
    feed.refresh()
    window = MainWindow(feed, live)
    window.resize(1000, 900)
    window.raise_up()
    popover = Popover(feed)
    qtbot.addWidget(popover)
    popover.refresh()
    yield from figures_of("popover", popover)
    for name in WINDOWS:
        window.open_(name)
        page: Any = window.page(name)
        settled(qtbot, window)
        if isinstance(page, week.Page):
            yield from in_the_review(qtbot, window, page)
        elif name == "spend":
            for tab, button in page.tabs.buttons.items():
                button.setChecked(True)
                settled(qtbot, window)
                yield from figures_of(f"spend, {tab}", page)
                yield from asked_by(f"spend, {tab}", page)
        else:
            yield from figures_of(name, page)
    for number, task in enumerate([*month.long, *month.merged[month.mondays[0]]]):
        window.open_task(task.id)
        settled(qtbot, window)
        yield from figures_of(f"task {number}", window.page("tasks"))
    session = max(month.machine.sessions.values(), key=lambda one: one.ended_at or 0)
    window.open_session(session.id)
    settled(qtbot, window)
    yield from figures_of("session", window.page("sessions"))
    leave(window)


def in_the_review(qtbot: QtBot, window: MainWindow, page: week.Page) -> Iterator[Shown | Bare]:
    for number in range(week.CLOSED):
        page.open_step(number)
        step = page.step
        settled(qtbot, window)
        yield from figures_of(f"week, step {number}", page)
        yield from asked_by(f"week, step {number}", page)
        if step is page.stack.insights:
            page.stack.insights.answer(KEPT)
        if step is page.stack.outcomes:
            for item in range(len(step.items)):
                step._go(item)
                yield from figures_of(f"week, card {item}", step)
    page.open_week(LAST_MONDAY - 7 * clock.DAY)
    settled(qtbot, window)
    yield from figures_of("week, closed", page)
    yield from asked_by("week, closed", page)


ASKS = ("why?", "how computed")


def asked_by(place: str, page: Any) -> Iterator[Shown]:
    """What the buttons that say why ask for."""
    asked: list[Figure] = []
    page.why_asked.disconnect()
    page.why_asked.connect(asked.append)
    for button in page.findChildren(QAbstractButton):
        if button.isVisibleTo(page) and button.text() in ASKS:
            button.click()
    yield from (Shown(f"{place}, asked", figure) for figure in asked)


# ---- the rule --------------------------------------------------------------------------------------------------------


def wrong(month: Month, shown: Shown) -> Iterator[str]:
    """What does not hold of a figure; nothing if all does."""
    name, text = shown.figure.name, shown.figure.text
    try:
        found = None if shown.figure.is_sum else computed.how(month.db, name, OwnPrices())
        if found is None:
            yield from wrong_sum(month, name, text)
            return
    except (computed.NoSuchFigure, names.UnknownName) as error:
        yield f"does not open: {error}"
        return
    if not (found.formula and found.of and found.n >= 0):
        yield "no formula or n"
    if not found.inputs and not found.rows:
        yield "neither inputs nor rows"
    if found.adds and (MONEY.search(text) or text == "unknown"):
        value = sum(line.amount or 0 for line in found.rows)
        if not fits(text, value):
            yield f"the rows make {value}"
    yield from (f"row {line.what}: {told}" for line in found.rows[:6] for told in wrong_row(month, line))


def wrong_sum(month: Month, name: str, text: str) -> Iterator[str]:
    made = why.made_of(month.db, name)
    total = made.total
    apart = sum(kind.value or 0 for kind in made.kinds) - (total.list_value or 0)
    if (
        abs(apart) > (total.requests + len(made.kinds)) / 2
    ):  # each request and each kind is a whole number of micro-dollars
        yield f"its kinds are {apart} micro-dollars apart"
    if sum(kind.count for kind in made.kinds if kind.name != why.SEARCHES) != total.tokens:
        yield "its kinds have other tokens"
    if len(made.requests) != total.requests:
        yield "its requests are not all there"
    if MONEY.search(text) and not fits(text, total.list_value or 0):
        yield f"it is {total.list_value}"
    sessions = read.session_count(month.db, names.find(month.db, name)[1])
    counted = (f"{total.requests:,}", f"{sessions:,}")
    if (tokens := TOKENS.match(text)) and not near(tokens, total.tokens) and text not in counted:
        yield f"it is {total.tokens} tokens, {total.requests} requests, {sessions} sessions"


def near(found: re.Match[str], tokens: int) -> bool:
    number, unit = found[1] or found[2] or found[4], found[3] or found[5] or ""
    shown, size = float(number.replace(",", "")), UNITS[unit]
    return abs(shown * size - tokens) <= (0.06 * size if unit else 0)


def wrong_row(month: Month, line: Line) -> Iterator[str]:
    """A row that leads on leads to what it says; a plan share leads to the use that it was spread over."""
    if not line.why or line.unit != MICRO or line.amount is None:
        return
    if Figure(line.why, "", "").is_sum:
        if line.kind != "list value":
            return
        value: int | None = why.made_of(month.db, line.why).total.list_value
    else:
        below: How = computed.how(month.db, line.why, OwnPrices())
        value = sum(one.amount or 0 for one in below.rows) if below.adds else line.amount
    if value != line.amount:
        yield f"says {line.amount}, and {line.why} is {value}"


@pytest.mark.slow
def test_ac24_every_figure_opens_and_adds_up(qtbot: QtBot, living: Month) -> None:
    live = Live(living.machine.store, living.machine.home)
    unsettle(living)
    found = list(dict.fromkeys(shown_by(qtbot, live, living)))
    live.stop()
    bare_ones = [one for one in found if isinstance(one, Bare)]
    assert not bare_ones, "\n".join(map(str, bare_ones)) + "they can be asked, or are no figures (bare.NO_FIGURES)"
    shown = [one for one in found if isinstance(one, Shown)]
    faults = {}
    for one in shown:
        if told := list(wrong(living, one)):
            faults[f"{one.place}: {one.figure.name} {one.figure.text!r}"] = told
    assert not faults, "\n".join(f"{name}: {told}" for name, told in faults.items())
    kinds = {one.figure.name.partition(" ")[0] for one in shown if not one.figure.is_sum}
    assert kinds >= EXPECTED, EXPECTED - kinds
    assert len(shown) > 150
    steps = {one.place for one in shown if one.figure.name.startswith("insight ")}
    assert steps >= {"week, step 3, asked", "week, step 5", "week, step 6", "week, closed"}, (
        "wherever a sentence stands"
    )


def unsettle(month: Month) -> None:
    """A session of a closed week, which then tells what changed, and a third of the last one, which then stands out.

    And what can be said of a task.
    """
    before, last = (weeks.week(month.db, LAST_MONDAY - n * 7 * clock.DAY, clock.now_ms()).told for n in (1, 0))
    linked = [[row for row in told.sessions if row.task not in (NO_TASK, UNLINKED)] for told in (before, last)]
    dear = sorted(linked[1], key=lambda row: -(row.list_value or 0))
    with transaction(month.db), journal.change(month.db, "Unlinked", clock.now_ms()):
        for row in [linked[0][0], *dear[: len(dear) // 3]]:
            links.cut_out(month.db, row.session, Span())
        task = month.long[0].id
        for what, low, high in (("spend", 10**6, 10**7), ("with_ai", 60, 120), ("without_ai", 240, 480)):
            tasks.add_estimate(month.db, task, what, low, high, clock.now_ms())
        worth.answer(month.db, task, "yes", clock.now_ms())
        tasks.finish(month.db, task, "shipped", "In use.", clock.now_ms())


EXPECTED = {
    "paid",
    "share",
    "cache",
    "changed",
    "context",
    "unattended",
    "accounted",
    "outcomes",
    "drift",
    "insight",
    "usual",
    "break-even",
}
"""Figures that are no sums, of which a window shows one. The rest of them is asked by name: `test_ac24_by_name`."""


def test_bare_amounts_are_found(qtbot: QtBot) -> None:
    """Words with a figure that nothing tells how to ask; a number without one; a column of figures."""
    page = QWidget()
    qtbot.addWidget(page)
    column = QVBoxLayout(page)
    asks, silent = Sentence("$2 of it"), Number("12%")
    asks.put("$1 of it", "week:2026-W47")
    table = Table(Rows([Column("Cost", lambda row: row, figure=True)]), "Costs")
    for part in (asks, silent, QLabel("5 sessions, of course"), QLabel("of $60 planned"), QLabel("day 4 of 14"), table):
        column.addWidget(part)
    table.rows.put(["7.50"])
    assert {one.text for one in bare("here", page)} == {"12%", "5 sessions, of course", "Costs: Cost 7.50"}


def test_what_does_not_add_up_is_found(living: Month) -> None:
    for name in ("week:2026-W47", "day:2026-11-17", "drift week:2026-W99", "paid week:2026-W47", "nobody", "unlinked"):
        assert list(wrong(living, Shown("", Figure(name, "", "$1.23")))), name


def test_ac24_by_name(living: Month) -> None:
    """Figures that no window shows in these weeks can be asked too."""
    name, task = clock.week_name(LAST_MONDAY), living.long[0].id
    for kind in sorted(set(HOW) - EXPECTED):
        of = {"calibration": "all", "effect": f"task:{task}", "what-if": f"week:{name} model:claude-haiku-4-5-20251001"}
        wanted = f"{kind} {of.get(kind, f'week:{name}')}"
        try:
            found = computed.how(living.db, wanted, OwnPrices())
        except computed.NoSuchFigure:
            assert kind == "effect", wanted  # nothing was estimated
            continue
        assert found.formula
        assert found.of
        assert found.inputs or found.rows or found.n == 0, wanted
