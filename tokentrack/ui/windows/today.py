"""Today and this week: the figures, the week by day, and what each agent used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from tokentrack.clock import monday_of, week_name
from tokentrack.model.usage import Total
from tokentrack.phrases import repriced
from tokentrack.review.glance import Glance
from tokentrack.ui import words
from tokentrack.ui.as_table import AsTable
from tokentrack.ui.asking import InPassing
from tokentrack.ui.bar import PlanBar
from tokentrack.ui.chart import DayColumn, WeekChart, columns_of
from tokentrack.ui.feed import Feed, Follow
from tokentrack.ui.figure import Figure, Number
from tokentrack.ui.frame import MARGIN, card, header, link, primary, scrolling, section
from tokentrack.ui.keycap import tab_after
from tokentrack.ui.lines import day_of, headline, lines, week_of
from tokentrack.ui.popover import line_table, wide_of
from tokentrack.ui.source import Source
from tokentrack.ui.source_spend import Spending
from tokentrack.ui.strip import PageProblems
from tokentrack.ui.tables import Column, Rows, Table
from tokentrack.ui.text import Elided, Text
from tokentrack.ui.theme import CAPTION, EMPHASIS, FIGURE, STRONG, font, label, scaled, set_role

if TYPE_CHECKING:
    from tokentrack.review.repriced import Repriced

APART = 16
AROUND = 34
"""What a card has around its lines: both margins and the border."""
LEAST_NAME = 96
MOST_EMPTY = 440


@dataclass(frozen=True, slots=True)
class AgentRow:
    name: str
    today: Total
    week: Total
    day: date

    def why(self, part: str, kind: str) -> Figure | None:
        """What a cell of `today` or `week` is made of."""
        total, span = (self.today, day_of) if part == "today" else (self.week, week_of)
        if not total.requests:
            return None
        text = words.tokens(total.tokens) if kind == "tokens" else _value(total)
        when = "today" if part == "today" else "this week"
        return Figure(f"{span(self.day)} agent:{self.name}", f"{words.agent(self.name)} {when}, {kind}", text)


def agent_rows(glance: Glance) -> list[AgentRow]:
    """Today's and the week's totals by agent, the largest week first; all from the same days, so they add up."""
    week: dict[str, Total] = {}
    today: dict[str, Total] = {}
    for on, by_agent in glance.days:
        for name, total in by_agent.items():
            week[name] = week.get(name, Total()) + total
            if on == glance.day:
                today[name] = total
    rows = [
        AgentRow(name, today.get(name, Total()), total, glance.day) for name, total in week.items() if total.requests
    ]
    return sorted(rows, key=lambda row: (-(row.week.list_value or 0), row.name))


def _value(total: Total) -> str:
    if not total.requests:
        return "–"
    return words.money(total.list_value, exact=True, unpriced=total.unpriced_requests)


def _tokens(total: Total) -> str:
    return words.count(total.tokens) if total.requests else "–"


AGENT_COLUMNS: tuple[Column[AgentRow], ...] = (
    Column("Agent", lambda row: words.agent(row.name)),
    Column(
        "Tokens today",
        lambda row: _tokens(row.today),
        figure=True,
        widest="1,234.5 M",
        why=lambda row: row.why("today", "tokens"),
    ),
    Column(
        "List value today",
        lambda row: _value(row.today),
        figure=True,
        widest="$1,234.56",
        why=lambda row: row.why("today", "list value"),
    ),
    Column(
        "Tokens this week",
        lambda row: _tokens(row.week),
        figure=True,
        widest="1,234.5 M",
        why=lambda row: row.why("week", "tokens"),
    ),
    Column(
        "List value this week",
        lambda row: _value(row.week),
        figure=True,
        widest="$12,345.67",
        why=lambda row: row.why("week", "list value"),
    ),
)
DAY_COLUMNS: tuple[Column[DayColumn], ...] = (
    Column("Day", lambda column: words.day(column.on)),
    Column(
        "List value",
        lambda column: column.label or "–",
        figure=True,
        widest="$1,234 + unknown",
        why=lambda column: column.figure,
    ),
)


class Page(QWidget):
    """`settings_asked` and `sessions_asked` ask the window for another page, `why_asked` what a figure is made of."""

    settings_asked = Signal()
    sessions_asked = Signal()
    why_asked = Signal(object)

    def __init__(self, feed: Feed, source: Source, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._feed = feed
        self._asking: InPassing[Spending] = InPassing(source.spending, self)
        self._asked_for: date | None = None
        column = scrolling(self)
        row, _, self._when = header("Today")
        self._problems = PageProblems(feed, self.refresh)
        column.addLayout(row)
        column.addWidget(self._problems)
        self._stack = QStackedWidget(column.parentWidget())
        self._full, self._empty = self._build_full(), self._build_empty()
        self._stack.addWidget(self._full)
        self._stack.addWidget(self._empty)
        column.addWidget(self._stack, 1)
        Follow(self, feed, self.refresh)

    # building --------------------------------------------------------------------------------------------------------

    def _build_full(self) -> QWidget:
        full = QWidget(self._stack)
        column = QVBoxLayout(full)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        self._figures = figures = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        figures.setSpacing(APART)
        for made in (self._today_card(), self._period_card()):
            figures.addWidget(made, 1)
        self._lines = QWidget()
        self._below = QVBoxLayout()
        self._below.addWidget(self._lines)
        self.repriced = Text(size=CAPTION, role="secondary")
        self.repriced.hide()
        self._below.addWidget(self.repriced)
        column.addLayout(figures)
        column.addLayout(self._below)
        column.addSpacing(8)
        column.addLayout(self._chart_head())
        column.addLayout(self._charts())
        column.addSpacing(8)
        column.addWidget(section("By agent"))
        self.agents = Rows(AGENT_COLUMNS)
        self._agent_table = Table(self.agents, "Use by agent, today and this week", parent=full)
        self._agent_table.give_way((1, 3), LEAST_NAME)
        self._agent_table.asked.connect(self.why_asked)
        column.addWidget(self._agent_table)
        column.addStretch(1)
        return full

    def _today_card(self) -> QFrame:
        made, column = card()
        self._today_kind = label("Today, list value", CAPTION, role="secondary")
        self._today = self._number(Number("", FIGURE, STRONG))
        self._today_tokens = self._number(Number("", CAPTION, role="secondary").beside())
        for part in (self._today_kind, self._today, self._today_tokens):
            column.addWidget(part)
        return made

    def _number(self, made: Number) -> Number:
        made.asked.connect(self.why_asked)
        return made

    def _period_card(self) -> QFrame:
        made, column = card()
        row, self._bar = QHBoxLayout(), PlanBar()
        self._period_kind = Elided("", CAPTION)
        set_role(self._period_kind, "secondary")
        self._planned = label("", CAPTION, role="secondary")
        row.setSpacing(12)
        row.addWidget(self._period_kind, 1)
        row.addWidget(self._planned)
        second = QHBoxLayout()
        second.setSpacing(12)
        self._period = self._number(Number("", EMPHASIS, STRONG))
        self._share = self._number(Number("", CAPTION, role="secondary").beside())
        second.addWidget(self._period)
        second.addStretch(1)
        second.addWidget(self._share)
        self._period_tokens = self._number(Number("", CAPTION, role="secondary").beside())
        column.addLayout(row)
        column.addLayout(second)
        column.addStretch(1)
        column.addWidget(self._bar)
        column.addWidget(self._period_tokens)
        return made

    def _chart_head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addWidget(section("This week by day, list value"))
        row.addStretch(1)
        self.as_table = link("as table", "Show this week as a table or as a chart")
        row.addWidget(self.as_table)
        return row

    def _charts(self) -> QVBoxLayout:
        self._chart, self.days = WeekChart(), Rows(DAY_COLUMNS)
        self._chart.setFixedHeight(scaled(184))
        self._day_table = Table(self.days, "This week by day, list value")
        self._day_table.hide()
        picture = QWidget()
        inside = QVBoxLayout(picture)
        inside.setContentsMargins(0, 0, 0, 6)
        inside.addWidget(self._chart)
        AsTable(self.as_table, picture, "chart", lambda: self._day_table)
        column = QVBoxLayout()
        column.addWidget(picture)
        column.addWidget(self._day_table)
        for part in (self._chart, self._day_table):
            part.asked.connect(self.why_asked)
        return column

    def _build_empty(self) -> QWidget:
        empty = QWidget()
        column = QVBoxLayout(empty)
        column.setContentsMargins(0, 0, 0, 48)
        column.setSpacing(8)
        self._empty_title = label("", EMPHASIS, STRONG)
        self._empty_text = label("", role="secondary")
        self._empty_text.setWordWrap(True)
        self._empty_text.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.empty_button = primary("Sessions", self._on_empty_button)
        column.addStretch(1)
        for part in (self._empty_title, self._empty_text, self.empty_button):
            column.addWidget(part, 0, Qt.AlignmentFlag.AlignHCenter)
            column.addSpacing(4)
        column.addStretch(1)
        return empty

    # showing ---------------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        glance = self._feed.glance
        self._problems.refresh()
        if glance is None:
            self._show_empty("Reading logs", "The figures appear here as soon as the newest logs are read.", "")
            return
        when = [words.day(glance.day), f"week {week_name(glance.day)[-2:].lstrip('0')}"]
        if read := words.read_at(glance, self._feed.status):
            when.append(f"read {words.clock(read)}")
        self._when.setText(" · ".join(when))
        if not glance.week.requests and not glance.unrecorded and not (glance.spent and glance.spent.used):
            self._show_why_empty(glance)
            return
        self._stack.setCurrentWidget(self._full)
        self._show_figures(glance)
        self._show_chart(glance)
        self.agents.put(agent_rows(glance))
        self._agent_table.fit()
        self._ask_repriced(monday_of(glance.day))

    def _ask_repriced(self, monday: date) -> None:
        """A price list changes with the app, so once a week and once each time the page is shown is enough, until some are."""
        if monday == self._asked_for and self.repriced.isHidden():
            return
        self._asked_for = monday
        self._asking.ask("repriced", lambda spending, _: spending.repriced(monday), self._on_repriced, self._on_fault)

    def _on_fault(self, _: str) -> None:
        """What is wrong with the store is said above."""
        self.repriced.hide()

    def _on_repriced(self, found: Repriced) -> None:
        """AC 10."""
        self.repriced.setText(f"This week: {repriced(*found)}")
        self.repriced.setVisible(any(found))

    def _show_figures(self, glance: Glance) -> None:
        head, today = headline(glance), glance.today
        hidden = bool(glance.unrecorded_today) and not today.requests
        name = day_of(glance.day)
        value = words.money(None if hidden else today.list_value, unpriced=today.unpriced_requests)
        self._today.setFont(font(FIGURE if len(value) < 12 else EMPHASIS, STRONG))
        self._today.put(value, name, "Today, list value")
        detail = f"{words.tokens(today.tokens)} · {words.plural(today.requests, 'request')}"
        nothing = f"tokens {words.UNRECORDED}" if hidden else "nothing read today"
        self._today_tokens.put(detail if today.requests else nothing, name if today.requests or hidden else "", "Today")
        self._period_kind.setText(head.caption)
        self._period.put(head.figure, head.why, head.caption)
        self._planned.setText(head.planned)
        self._bar.setVisible(head.share is not None)
        self._bar.put(head)
        share = head.note or ("" if head.share is None else words.percent(head.share))
        self._share.put(share, head.why, head.caption)
        set_role(self._share, "attention" if head.over else "secondary")
        week = glance.week
        detail = f"{words.tokens(week.tokens)} · {words.plural(week.requests, 'request')}"
        detail = detail if week.requests or not glance.unrecorded else f"tokens {words.UNRECORDED}"
        self._period_tokens.put("" if share else detail, head.why, head.caption)
        self._period_tokens.setVisible(not share)
        self._arrange()
        self._show_lines(glance)

    def _show_lines(self, glance: Glance) -> None:
        rows = [line for line in lines(glance) if line.name != "Today"]
        made = line_table(rows, max(320, self.width() - 72), left=True, ask=self.why_asked.emit)
        made.setVisible(bool(rows))
        self._below.replaceWidget(self._lines, made)
        tab_after(self._share, made)
        self._lines.hide()
        self._lines.deleteLater()
        self._lines = made

    def _show_chart(self, glance: Glance) -> None:
        columns = columns_of(glance.days, glance.day)
        self._chart.put(columns)
        self.days.put(columns.days)
        self._day_table.fit()

    def _show_why_empty(self, glance: Glance) -> None:
        if self._feed.status.reading is not None:
            text = "The figures appear here as soon as the newest logs are read."
            self._show_empty(words.reading(self._feed.status.reading).capitalize(), text, "")
        elif glance.health.agents:
            names = ", ".join(words.agent(name) for name in glance.health.agents)
            text = f"This page fills when you use {names} on this machine."
            self._show_empty("Nothing used this week", text, "Sessions")
        else:
            text = (
                "tokentrack counts what coding agents write into their logs. It looked where they usually lie "
                "and found none. If they lie in another folder, add it."
            )
            self._show_empty("No logs found", text, "Add a folder")

    def _show_empty(self, title: str, text: str, button: str) -> None:
        self._stack.setCurrentWidget(self._empty)
        self._empty_title.setText(title)
        self._empty_text.setText(text)
        self._fit_empty()
        self.empty_button.setText(button)
        self.empty_button.setVisible(bool(button))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()
        self._agent_table.fit()
        self._fit_empty()

    def _arrange(self) -> None:
        """Side by side where each line of both cards has room, else below each other: nothing of a figure is cut off."""
        pairs = (self._period_kind, self._planned), (self._period, self._share)
        across = [wide_of(left) + APART + wide_of(right) for left, right in pairs]
        needed = max(*across, *map(wide_of, (self._today, self._today_tokens, self._period_tokens))) + AROUND
        beside = 2 * needed + APART <= self.width() - 2 * MARGIN
        direction = QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom
        self._figures.setDirection(direction)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._asked_for = None
        self._asking.rest()

    def _fit_empty(self) -> None:
        """The widest of the two shapes decides how narrow the page may get, so this one gives way too."""
        self._empty_text.setFixedWidth(max(1, min(scaled(MOST_EMPTY), self.width() - 3 * MARGIN)))
        self._empty_text.setFixedHeight(max(0, self._empty_text.heightForWidth(self._empty_text.width())))

    # acting ----------------------------------------------------------------------------------------------------------

    def _on_empty_button(self) -> None:
        (self.sessions_asked if self.empty_button.text() == "Sessions" else self.settings_asked).emit()
