"""The small window that a left click on the icon opens: the week, today, what runs now, and the ways on."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QCursor,
    QFontMetrics,
    QGuiApplication,
    QHideEvent,
    QKeyEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QRegion,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from tokentrack.ui import words
from tokentrack.ui.bar import PlanBar
from tokentrack.ui.chart import WeekChart, columns_of
from tokentrack.ui.feed import MINUTE_MS, Feed, Follow
from tokentrack.ui.figure import Figure, Number
from tokentrack.ui.frame import primary
from tokentrack.ui.keycap import tab_after
from tokentrack.ui.lines import Line, headline, lines
from tokentrack.ui.text import Elided
from tokentrack.ui.theme import BODY, CAPTION, EMPHASIS, FIGURE, STRONG, font, label, roles_of, scaled, set_role
from tokentrack.ui.words import tip

WIDTH = 340
NAME = 120
"""The most that a row's name takes; a project's may be long."""
APART = 16
SPACE = 5
"""Between words and the figure they lead to: as much as the words have between each other."""
RADIUS = 8
REOPEN_S = 0.25
"""A click on the icon first takes the focus, which closes the popover; the click itself must not open it again."""


def inside() -> int:
    """What is left between the margins at both sides."""
    return scaled(WIDTH) - 32


class Popover(QWidget):
    """Its text changes when it opens, and after that at most once a minute (AC 37)."""

    open_asked = Signal()
    review_asked = Signal()
    inbox_asked = Signal()
    settings_asked = Signal()
    why_asked = Signal(object)

    def __init__(self, feed: Feed, quiet: bool = False) -> None:
        super().__init__(
            None, Qt.WindowType.Tool | Qt.WindowType.FramelessWindowHint | Qt.WindowType.WindowStaysOnTopHint
        )
        self._feed = feed
        self.quiet = quiet
        self._closed_at = 0.0
        self._anchor = QRect()
        self.setWindowTitle("tokentrack")
        self.setAccessibleName("tokentrack, this week")
        self._build()
        self._follow = Follow(self, feed, self.refresh, MINUTE_MS)

    # building --------------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.setSizeConstraint(QLayout.SizeConstraint.SetFixedSize)
        first = rule()
        first.setFixedWidth(scaled(WIDTH))  # all else follows its width
        for part in (self._head(), first, self._rows(), rule(), self._buttons(), rule(), self._foot()):
            if isinstance(part, QWidget):
                column.addWidget(part)
            else:
                column.addLayout(part)

    def _head(self) -> QLayout:
        column = QVBoxLayout()
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(2)
        self._caption = Elided("", CAPTION)
        self._caption.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        set_role(self._caption, "secondary")
        self._planned = label("", CAPTION, role="secondary")
        self._figure = Number("", FIGURE, STRONG)
        self._share = Number("", EMPHASIS, STRONG, role="secondary").beside()
        for number in (self._figure, self._share):
            number.asked.connect(self._on_why)
        self._bar, self._chart = PlanBar(), WeekChart()
        self._chart.setFixedSize(inside(), scaled(104))
        self._chart.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._chart.asked.connect(self._on_why)
        first = QHBoxLayout()
        first.setSpacing(APART)
        first.addWidget(self._caption, 1)
        first.addWidget(self._planned)
        self._figures = QGridLayout()
        self._figures.setVerticalSpacing(2)
        column.addLayout(first)
        column.addLayout(self._figures)
        column.addSpacing(6)
        column.addWidget(self._bar)
        column.addWidget(self._chart)
        return column

    def _rows(self) -> QLayout:
        self._table = QVBoxLayout()
        self._table.setContentsMargins(16, 12, 16, 12)
        self._filled = QWidget()
        self._table.addWidget(self._filled)
        return self._table

    def _buttons(self) -> QLayout:
        row = QHBoxLayout()
        row.setContentsMargins(16, 12, 16, 12)
        row.setSpacing(8)
        self.review_button = primary("Review week", self._on_review)
        self.review_button.setAccessibleDescription("Opens the review of the week")
        self.open_button = QPushButton("Open")
        self.open_button.setFont(font())
        self.open_button.setAccessibleDescription("Opens the window with today, sessions and settings")
        self.gear = QPushButton("⚙")
        self.gear.setProperty("role", "gear")
        self.gear.setFont(font(EMPHASIS))
        self.gear.setAccessibleName("Settings")
        self.gear.setToolTip("Settings")
        self.inbox_button = QPushButton("Inbox")
        self.inbox_button.setFont(font())
        self.inbox_button.setAccessibleDescription("Opens what waits for a task")
        self.inbox_button.clicked.connect(self._on_inbox)
        self.open_button.clicked.connect(self._on_open)
        self.gear.clicked.connect(self._on_settings)
        row.addWidget(self.review_button)
        row.addWidget(self.inbox_button)
        row.addWidget(self.open_button)
        row.addStretch(1)
        row.addWidget(self.gear)
        return row

    def _foot(self) -> QLayout:
        row = QHBoxLayout()
        row.setContentsMargins(16, 10, 16, 12)
        self._health = label("", CAPTION, role="secondary")
        self._health.setWordWrap(True)
        self._health.setFixedWidth(inside())
        row.addWidget(self._health)
        return row

    # showing ---------------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        glance, status = self._feed.glance, self._feed.status
        if glance is None:
            self._show_nothing_yet(status.error or "Reading logs")
            return
        head = headline(glance, self.quiet)
        self._caption.setText(head.caption)
        self._figure.put(head.figure, head.why, head.caption)
        fit_figure(self._figure, inside())
        self._planned.setText(head.planned)
        share = head.note or ("" if head.share is None else words.percent(head.share))
        self._share.put(share, head.why, head.caption)
        self._share.setFont(font(CAPTION if head.note else EMPHASIS, STRONG))
        set_role(self._share, "attention" if head.over else "secondary")
        self._place_share()
        self._bar.setVisible(head.share is not None)
        self._bar.put(head)
        self._chart.setVisible(head.share is None and not self.quiet and glance.week.requests > 0)
        self._chart.put(columns_of(glance.days, glance.day))
        self._fill_rows(lines(glance, self.quiet))
        self._health.setText(words.health(glance, status))
        set_role(self._health, "attention" if words.fault(glance, status) else "secondary")
        self.adjustSize()

    def _place_share(self) -> None:
        """At the right of the figure where both have room, else below it."""
        beside = wide_of(self._figure) + APART + wide_of(self._share) <= inside()
        where = (0, 1, 1, 1) if beside else (1, 0, 1, 2)
        side = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter if beside else Qt.AlignmentFlag.AlignLeft
        self._figures.addWidget(self._figure, 0, 0, 1, 1 if beside else 2, Qt.AlignmentFlag.AlignLeft)
        self._figures.addWidget(self._share, *where, side)

    def _show_nothing_yet(self, text: str) -> None:
        for widget in (self._bar, self._chart):
            widget.hide()
        self._caption.setText("This week, list value")
        self._figure.put("–")
        self._share.put("")
        self._fill_rows([])
        self._health.setText(text)

    def _fill_rows(self, rows: list[Line]) -> None:
        filled = line_table(rows, inside(), ask=self._on_why)
        self._table.replaceWidget(self._filled, filled)
        tab_after(self._chart, filled)
        self._filled.hide()
        self._filled.deleteLater()
        self._filled = filled

    # opening and closing ---------------------------------------------------------------------------------------------

    def toggle(self, icon: QRect) -> None:
        """Opens beside the icon, or closes; `icon` may be empty where the desktop does not tell its place."""
        if self.isVisible():
            self.hide()
        elif monotonic() - self._closed_at > REOPEN_S:
            self._open(icon)

    def _open(self, icon: QRect) -> None:
        self._anchor = icon if not icon.isEmpty() else QRect(QCursor.pos(), QSize(1, 1))
        self._follow.now()
        self._place(self.sizeHint())
        self.show()
        self.raise_()
        self.activateWindow()
        self.review_button.setFocus()

    def _place(self, size: QSize) -> None:
        screen = QGuiApplication.screenAt(self._anchor.center()) or QGuiApplication.primaryScreen()
        self.move(place(self._anchor, size, screen.availableGeometry()))

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.WindowDeactivate:
            self.hide()
        return super().event(event)

    def hideEvent(self, event: QHideEvent) -> None:
        self._closed_at = monotonic()
        super().hideEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            buttons = (self.review_button, self.inbox_button, self.open_button, self.gear)
            next((one for one in buttons if one.hasFocus()), self.review_button).click()
            return
        super().keyPressEvent(event)

    def _on_why(self, figure: Figure) -> None:
        self.hide()
        self.why_asked.emit(figure)

    def _on_open(self) -> None:
        self.hide()
        self.open_asked.emit()

    def _on_review(self) -> None:
        self.hide()
        self.review_asked.emit()

    def _on_inbox(self) -> None:
        self.hide()
        self.inbox_asked.emit()

    def _on_settings(self) -> None:
        self.hide()
        self.settings_asked.emit()

    # the frame -------------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A mask instead of a see-through ground: without a compositor that would be black corners."""
        shape = QPainterPath()
        shape.addRoundedRect(self.rect(), RADIUS, RADIUS)
        self.setMask(QRegion(shape.toFillPolygon().toPolygon()))
        if self.isVisible():  # above a panel at the bottom it grows upwards
            self._place(event.size())
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        roles = roles_of(self.palette())
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(roles.card))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(roles.line), 1.5))
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), RADIUS, RADIUS)
        painter.end()


def place(anchor: QRect, size: QSize, screen: QRect, gap: int = 6) -> QPoint:
    """Above or below the icon, whichever side has room, and always whole on the screen."""
    x = anchor.center().x() - size.width() // 2
    below = anchor.center().y() < screen.center().y()
    y = anchor.bottom() + gap if below else anchor.top() - gap - size.height()
    return QPoint(
        max(screen.left() + gap, min(x, screen.right() - size.width() - gap)),
        max(screen.top() + gap, min(y, screen.bottom() - size.height() - gap)),
    )


def rule() -> QFrame:
    made = QFrame()
    made.setProperty("role", "line")
    made.setFixedHeight(1)
    return made


def wide_of(part: QLabel | QAbstractButton, text: str | None = None) -> int:
    """Pixels that a text takes in this part's font; its own without another."""
    return QFontMetrics(part.font()).horizontalAdvance(part.text() if text is None else text)


def fit_figure(figure: Number, wide: int) -> None:
    """The large figure gives way in size before it is cut."""
    for size in (FIGURE, 20, EMPHASIS):
        figure.setFont(font(size, STRONG))
        if wide_of(figure) <= wide:
            return


Ask = Callable[[Figure], object]


def line_table(rows: list[Line], wide: int, left: bool = False, ask: Ask | None = None) -> QWidget:
    """Names at the left, figures at the right, in so many pixels; all at the `left` where there is much room. `ask` is told
    which is clicked.
    """
    made = QWidget()
    grid = QGridLayout(made)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(APART)
    grid.setVerticalSpacing(10)
    grid.setColumnStretch(1, 1)
    names = [elided(label(role="secondary"), line.name, scaled(NAME)) for line in rows]
    inside = wide - APART - max(map(wide_of, names), default=0)
    for at, (name, line) in enumerate(zip(names, rows, strict=True)):
        grid.addWidget(name, at, 0)
        grid.addLayout(value_row(line, inside, left, ask), at, 1)
    return made


def value_row(line: Line, wide: int, left: bool = False, ask: Ask | None = None) -> QHBoxLayout:
    """Words before the figure are elided, words after it give way piece by piece; the figure and its kind never do."""
    row = QHBoxLayout()
    row.setSpacing(0)
    if not left:
        row.addStretch(1)
    strong, after = Number("", BODY, STRONG), Number("", role="secondary").beside()
    kind = f" {line.kind}" if line.kind else ""
    used = wide_of(strong, line.strong)
    for part, text in ((strong, line.strong), (after, kind + fitting(after, kind, line.after, wide - used))):
        part.put(text, line.why if ask else "", line.name)
        if ask:
            part.asked.connect(ask)
    used += wide_of(after)
    if line.before:
        room = max(40, wide - used - scaled(SPACE))
        before = Elided(line.before) if left else elided(label(), line.before, room)
        set_role(before, "" if line.strong else "secondary")
        row.addWidget(before)
        row.addSpacing(scaled(SPACE) if line.strong else 0)
    for part in (strong, after):
        if part.text():
            part.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
            row.addWidget(part)
    if left:
        row.addStretch(1)
    return row


def fitting(part: Number, kind: str, text: str, wide: int) -> str:
    """As many of the pieces of a text as there is room for behind its kind."""
    while text and wide_of(part, kind + text) > wide:
        text = text.rpartition(" · ")[0]
    return text


def elided(shown: QLabel, text: str, wide: int) -> QLabel:
    """The label with the text, cut in its middle where it is too long; the whole is its tooltip then."""
    shown.setText(QFontMetrics(shown.font()).elidedText(text, Qt.TextElideMode.ElideMiddle, wide))
    shown.setToolTip(tip(text) if shown.text() != text else "")
    return shown
