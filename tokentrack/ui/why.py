"""The panel behind every figure: how it adds up, the requests it is made of, and each of them down to its log."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from tokentrack import clock
from tokentrack.ui import words
from tokentrack.ui.asking import Asking, Hand
from tokentrack.ui.figure import Figure
from tokentrack.ui.frame import plain_area
from tokentrack.ui.source import Reasons
from tokentrack.ui.tables import Table
from tokentrack.ui.text import Text
from tokentrack.ui.theme import BODY, CAPTION, STRONG, TITLE, font, label, set_role
from tokentrack.ui.why_how import HowView
from tokentrack.ui.why_request import RequestView, small_table
from tokentrack.ui.why_rows import AGAIN, PAGE, TOKENS, Requests, Silent, Sum, addends, model, said_of

if TYPE_CHECKING:
    from tokentrack.review.paid import How
    from tokentrack.review.why import Again, Evidence, Made, Record

WIDTH = 640
NARROW = 540
"""Below, the list has no room for its tokens beside the log."""
LOWEST_LIST = 176
MOST_SILENT = 20
"""Sessions that are named of those whose tokens nobody recorded, the newest: years of them would bury the requests."""
TELL_S = 0.2
"""So often the panel tells how far the reading is."""
SHADE = 48
"""How dark, of 255, the page beneath becomes."""
LIST_VALUE = "List value is what these tokens cost at published prices. On a plan you did not pay it."
NO_PRICE = "What has no known price is in the tokens and not in the list value; your own prices go into prices.toml."
OWN_KEYS = (Qt.Key.Key_Escape, Qt.Key.Key_Slash, Qt.Key.Key_Backspace)
"""Keys that the page beneath may also listen to."""


class Overview(QScrollArea):
    """How the figure adds up, and the list of its requests; it scrolls as a whole where the window is low."""

    def __init__(self) -> None:
        super().__init__()
        column = plain_area(self)
        column.setSpacing(8)
        self.sum, self.requests = Sum(), Requests()
        self.sums = small_table(self.sum, "How the figure adds up")
        self.table = Table(self.requests, "Requests behind the figure", stretch=2)
        self.table.setMinimumHeight(LOWEST_LIST)
        self.head = label("", BODY, STRONG)
        self.order = QPushButton("")
        self.order.setProperty("role", "link")
        self.order.setFont(font(CAPTION))
        row = QHBoxLayout()
        row.addWidget(self.head)
        row.addStretch(1)
        row.addWidget(self.order)
        self.silent_head, self.silent = Text(), Silent()
        self.silent_table = Table(self.silent, "Sessions whose tokens are not recorded")
        column.addWidget(self.sums)
        column.addWidget(self.silent_head)
        column.addWidget(self.silent_table)
        column.addSpacing(8)
        column.addLayout(row)
        column.addWidget(self.table, 1)
        self._rest = QWidget()
        column.addWidget(self._rest, 1)
        self.body = (self.sums, self.head, self.order, self.table)

    def put(self, made: Made) -> None:
        total = made.total
        unpriced = total.unpriced_requests > 0
        self.silent_head.setText(said_of(made.unrecorded))
        self.silent.put(made.unrecorded[:MOST_SILENT])
        self.silent_table.fit()
        self.sum.put(addends(made.kinds, total.tokens, total.list_value, unpriced or bool(made.unrecorded)))
        self.sums.fit()
        self.head.setText(words.plural(len(made.requests), "request"))
        self.show_again(False)
        self.requests.again = {}
        self.requests.put_ids(made.requests)
        self.order.setVisible(len(made.requests) > 1)
        if made.requests:
            self.table.setCurrentIndex(self.requests.index(0, 0))

    def follow(self) -> None:
        """In a low window the list comes up when the arrows walk it."""
        if self.table.hasFocus() and self.table.currentIndex().row() > 0:
            self.ensureWidgetVisible(self.table)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.show_again(not self.table.isColumnHidden(AGAIN))

    def show_again(self, shown: bool) -> None:
        """What reading again found stands in the list where it is not the same everywhere; the tokens make room for it."""
        self.table.setColumnHidden(AGAIN, not shown)
        self.table.setColumnHidden(TOKENS, shown or self.width() < NARROW)

    def show_body(self, shown: bool, silent: bool) -> None:
        for part in self.body:
            part.setVisible(shown)
        self.silent_head.setVisible(silent)
        self.silent_table.setVisible(silent)
        self._rest.setVisible(not shown)


class Why(QWidget):
    """Lies over a page, at its right. `Esc` closes it and gives the focus back; arrows walk the requests."""

    closed = Signal()

    def __init__(self, reasons: Callable[[], Reasons], over: QWidget) -> None:
        super().__init__(over.parentWidget())
        self._over = over
        self._asking, self._reading = Asking(reasons, self), Asking(reasons, self)
        self.figure: Figure | None = None
        self.made: Made | None = None
        self._dearest = False
        self._row = -1
        self._came_from: QWidget | None = None
        self._above: Figure | None = None
        """The figure whose rows led to the one that is shown."""
        self.setAccessibleName("What a figure is made of")
        self._build()
        self._connect()
        over.installEventFilter(self)
        self.hide()

    # building --------------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        around = QHBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.setSpacing(0)
        self.sheet = QFrame()
        self.sheet.setObjectName("sheet")
        around.addStretch(1)
        around.addWidget(self.sheet)
        column = QVBoxLayout(self.sheet)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(8)
        self.title = label("", TITLE, STRONG)
        self.title.setMinimumWidth(1)
        self.caption = label("", CAPTION, role="secondary")
        self.caption.setMinimumWidth(1)
        self.note = label(LIST_VALUE, CAPTION, role="secondary")
        self.note.setWordWrap(True)
        self.close_button = QPushButton("close   Esc")
        self.close_button.setProperty("role", "link")
        self.close_button.setFont(font(CAPTION))
        self.close_button.setAccessibleName("Close")
        self.back_button = QPushButton("back   Backspace")
        self.back_button.setProperty("role", "link")
        self.back_button.setFont(font(CAPTION))
        self.back_button.clicked.connect(self._go_back)
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.back_button)
        head.addWidget(self.close_button)
        self.overview, self.request, self.how = Overview(), RequestView(), HowView()
        self.views = QStackedWidget()
        for view in (self.overview, self.request, self.how):
            self.views.addWidget(view)
        column.addLayout(head)
        column.addWidget(self.caption)
        column.addWidget(self.note)
        column.addWidget(self.views, 1)
        column.addLayout(self._foot())

    def _foot(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(16)
        self.verdict: QLabel = label("", CAPTION, role="secondary")
        self.verdict.setWordWrap(True)
        self.verdict.setMinimumHeight(32)
        self.again_button = QPushButton("Read again")
        self.again_button.setFont(font())
        self.again_button.setAccessibleDescription("Reads the logs again and says whether they still tell the same")
        row.addWidget(self.verdict, 1)
        row.addWidget(self.again_button)
        return row

    def _connect(self) -> None:
        table, requests = self.overview.table, self.overview.requests
        self.close_button.clicked.connect(self.close_)
        self.again_button.clicked.connect(self._on_again)
        self.overview.order.clicked.connect(self._on_order)
        table.opened.connect(self.open_request)
        table.clicked.connect(lambda index: self.open_request(index.row()))
        table.selectionModel().currentRowChanged.connect(self.overview.follow)
        requests.page_wanted.connect(self._on_page_wanted)
        self.request.all_asked.connect(self.show_all)
        self.request.walked.connect(self.walk)
        self.how.asked.connect(self._on_deeper)
        here = Qt.ShortcutContext.WidgetWithChildrenShortcut
        for key, by in ((Qt.Key.Key_Up, -1), (Qt.Key.Key_Down, 1)):
            QShortcut(QKeySequence(key), self.request, lambda by=by: self.walk(by), context=here)

    # opening and closing ---------------------------------------------------------------------------------------------

    def open_(self, figure: Figure) -> None:
        """Shows what a figure is made of; its store and logs are read on other threads."""
        if not self.isVisible():
            self._came_from = QApplication.focusWidget()
        self.figure, self.made, self._dearest, self._above = figure, None, False, None
        self._stop_asking()
        self.title.setText(figure.question)
        self.caption.setText(f"{figure.caption} · reading")
        self._show_state(made=False)
        self.setGeometry(self._over.geometry())
        self._fit()
        self.show()
        self.raise_()
        self.close_button.setFocus()
        if figure.is_sum:
            self._ask_made(self._on_made)
        else:
            self._ask_how(figure)

    def close_(self) -> None:
        if not self.isVisible():
            return
        self.hide()
        self._asking.rest()
        self._reading.rest()
        back = self._came_from
        self._came_from = None
        if back is not None and back.isVisible():
            back.setFocus()
        self.closed.emit()

    def _stop_asking(self) -> None:
        self._asking.forget()
        self._reading.forget()

    def _ask_made(self, answer: Callable[[Made], None]) -> None:
        assert self.figure is not None
        name, dearest = self.figure.name, self._dearest
        self._asking.ask("made", lambda reasons, _: reasons.made_of(name, dearest), answer, self._on_fault)

    def _ask_how(self, figure: Figure) -> None:
        def answer(how: How) -> None:
            self.caption.setText(f"{figure.caption} · {words.plural(how.n, how.of.removesuffix('s'))}")
            self.views.setCurrentWidget(self.how)
            self.how.put(how, figure)

        self._asking.ask("made", lambda reasons, _: reasons.how(figure.name), answer, self._on_fault)

    def _on_deeper(self, figure: Figure) -> None:
        """From a row of how a figure was computed to what that row is made of; `Backspace` leads back."""
        above = self.figure
        self.open_(figure)
        self._above = above
        self._show_way_back()

    def _show_way_back(self) -> None:
        self.back_button.setVisible(self._above is not None)
        if self._above:
            self.back_button.setText(f"back to {self._above.text}   Backspace")

    def _on_made(self, made: Made) -> None:
        self.made = made
        self._show_state(made=True)
        self.overview.put(made)
        self._show_order()
        if len(made.requests) == 1 and not made.unrecorded:
            self.open_request(0)
        else:
            self.show_all()

    def _on_fault(self, sentence: str) -> None:
        self.caption.setText(sentence)
        set_role(self.caption, "attention")

    def _show_state(self, made: bool) -> None:
        """An empty figure has nothing to add up, and before the answer there is nothing to show."""
        some = made and self.made is not None and len(self.made.requests) > 0
        self._show_way_back()
        set_role(self.caption, "secondary")
        self.views.setCurrentWidget(self.overview)
        self.overview.show_body(some, made and self.made is not None and len(self.made.unrecorded) > 0)
        self.note.setVisible(some)
        if some and self.made:
            self.note.setText(f"{LIST_VALUE} {NO_PRICE}" if self.made.total.unpriced_requests else LIST_VALUE)
        self.again_button.setVisible(some)
        self._say("")

    # the list --------------------------------------------------------------------------------------------------------

    def show_all(self) -> None:
        """Back from a request to all of them."""
        made, figure = self.made, self.figure
        if made is None or figure is None:
            return
        self._reading.forget()
        self.views.setCurrentWidget(self.overview)
        self.title.setText(figure.question)
        self.caption.setText(f"{figure.caption} · {_behind(made)}")
        self.note.setVisible(len(made.requests) > 0)
        self._say(_prices(made))
        self.again_button.setText("Read again")
        table = self.overview.table
        if self._row >= 0:
            table.setCurrentIndex(self.overview.requests.index(self._row, 0))
        self._row = -1
        table.setFocus()

    def _on_page_wanted(self, page: int) -> None:
        ids = self.overview.requests.ids[page * PAGE : (page + 1) * PAGE]
        wanted = self.overview.requests.ids

        def answer(found: list[Evidence]) -> None:
            if wanted is self.overview.requests.ids:  # not put into another order meanwhile
                self.overview.requests.put_page(page, found)
                if self._row // PAGE == page:
                    self._show_request()

        self._asking.ask(f"page {page}", lambda reasons, _: reasons.evidence(ids), answer, self._on_fault)

    def _on_order(self) -> None:
        self._dearest = not self._dearest
        self._show_order()

        def answer(made: Made) -> None:
            self.made = made
            self.overview.requests.put_ids(made.requests)

        self._ask_made(answer)

    def _show_order(self) -> None:
        self.overview.order.setText("dearest first" if self._dearest else "newest first")
        other = "newest" if self._dearest else "dearest"
        self.overview.order.setAccessibleName(f"{self.overview.order.text()}: change to {other} first")

    # one request -----------------------------------------------------------------------------------------------------

    def open_request(self, row: int) -> None:
        self._row = row
        self._reading.forget()
        self.again_button.setText("Read again")
        self._say("")
        self._show_request()

    def walk(self, by: int) -> None:
        if 0 <= self._row + by < len(self.overview.requests.ids):
            self.open_request(self._row + by)

    def _show_request(self) -> None:
        """Shows the row that was opened, now or when its page has come."""
        requests = self.overview.requests
        found = requests.at(self._row) if self._row >= 0 else None
        if found is None or self.figure is None:
            return
        first = self.views.currentWidget() is not self.request
        self.views.setCurrentWidget(self.request)
        self.note.hide()
        self.request.put(found, self._row, len(requests.ids))
        self.title.setText(f"Why {words.fine(found.list_value)}?")
        at = "time unknown" if found.request.at is None else words.when(found.request.at, clock.now())
        self.caption.setText(f"{self.figure.caption} · {model(found)} · {words.agent(found.agent)} · {at}")
        told = requests.again.get(found.id)
        self._say(told.text if told else "", attention=bool(told and not told.proved))
        if first:
            self.request.setFocus()

        def answer(record: Record) -> None:
            if self.request.found is found:
                self.request.put_record(record)

        self._asking.ask("record", lambda reasons, _: reasons.record(found), answer, self.request.put_fault)

    # reading again ---------------------------------------------------------------------------------------------------

    def _on_again(self) -> None:
        if self.again_button.text() == "Stop":
            self._reading.forget()
            self.again_button.setText("Read again")
            self._say("Stopped.")
            return
        one = self.views.currentWidget() is self.request
        requests = self.overview.requests
        ids = array("q", [requests.ids[self._row]]) if one else requests.ids
        self.again_button.setText("Stop")
        self._say("Reading the log again" if one else "Reading the logs again")

        def answer(told: list[tuple[int, Again]] | None) -> None:
            if told is not None:
                requests.put_again(told)
                if not one:
                    self._say(f"Reading the logs again: {len(requests.again):,} of {len(ids):,} requests")
                return
            self.again_button.setText("Read again")
            self._on_read_again(ids, one)

        def failed(sentence: str) -> None:
            self.again_button.setText("Read again")
            self._say(sentence, attention=True)

        if one:
            requests.again.pop(ids[0], None)
        else:
            requests.again = {}
        self._reading.ask("again", lambda reasons, hand: _read_again(reasons, hand, ids), answer, failed)

    def _on_read_again(self, ids: array[int], one: bool) -> None:
        requests = self.overview.requests
        if one:
            told = requests.again.get(ids[0])
            text = told.text if told else "The request is no longer in the store."
            self._say(text, attention=told is None or not told.proved)
            return
        wrong = requests.unproved_first()
        self.overview.show_again(wrong)
        self._say(_sentence([requests.again.get(number) for number in ids]), attention=wrong)

    def _say(self, text: str, attention: bool = False) -> None:
        self.verdict.setText(text)
        set_role(self.verdict, "attention" if attention else "secondary")

    # Qt's questions --------------------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._over and event.type() in (QEvent.Type.Resize, QEvent.Type.Move) and self.isVisible():
            self.setGeometry(self._over.geometry())
            self._fit()
        return False

    def _fit(self) -> None:
        self.sheet.setFixedWidth(min(WIDTH, self._over.width()))

    def event(self, event: QEvent) -> bool:
        """Its keys come before those of the page beneath."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and _own(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_()
        elif event.key() == Qt.Key.Key_Backspace:
            self._go_back()

    def _go_back(self) -> None:
        """One step: from a request to all of them, from those to the figure that led here."""
        if self.views.currentWidget() is self.request and self.made and len(self.made.requests) > 1:
            self.show_all()
        elif self._above:
            self.open_(self._above)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click beside the sheet closes it."""
        if not self.sheet.geometry().contains(event.position().toPoint()):
            self.close_()

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab stays in the panel while it is open."""
        at = QApplication.focusWidget() or self
        step = QWidget.nextInFocusChain if forward else QWidget.previousInFocusChain
        found = step(at)
        while found is not None and found is not at:
            if self.isAncestorOf(found) and found.isVisible() and found.isEnabled():
                if found.focusPolicy() & Qt.FocusPolicy.TabFocus:
                    reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
                    found.setFocus(reason)
                    return True
            found = step(found)
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(0, 0, 0, SHADE))
        painter.end()


def _own(event: QKeyEvent) -> bool:
    """Letters act on the page beneath only while it is seen."""
    return event.key() in OWN_KEYS or event.text().isalpha()


def _read_again(reasons: Reasons, hand: Hand, ids: array[int]) -> None:
    """Tells what was found some times a second."""
    found: list[tuple[int, Again]] = []
    told_at = monotonic()
    for one in reasons.read_again(ids, hand.go_on):
        found.append(one)
        if monotonic() - told_at > TELL_S:
            hand.tell(found)
            found, told_at = [], monotonic()
    hand.tell(found)


def _behind(made: Made) -> str:
    if not made.requests:
        return "tokens not recorded" if made.unrecorded else "no request is behind it"
    return f"{words.plural(len(made.requests), 'request')} in {words.plural(made.sessions, 'session')}"


def _prices(made: Made) -> str:
    """Which price list, and from when its newest row is in force."""
    dates = [price.since for price in made.prices if price.since is not None]
    if not made.prices:
        return ""
    sources = ", ".join(dict.fromkeys(price.source for price in made.prices))
    if not dates:
        return f"Measured · prices: {sources}"
    on = clock.local(max(dates)).date()
    return f"Measured · prices: {sources}, the newest from {on.day} {words.MONTHS[on.month - 1]} {on.year}"


def _sentence(told: list[Again | None]) -> str:
    """What reading all again found: one sentence where all is the same."""
    states = [one.state if one else "missing" for one in told]
    good = sum(bool(one and one.proved) for one in told)
    if good == len(told):
        return f"Read again: {words.plural(good, 'request')}, all the same."
    rest = [
        f"{states.count(s):,} {s}" for s in ("different", "missing", "shorter", "gone", "unreadable") if s in states
    ]
    return f"Read again: {good:,} the same, {', '.join(rest)}. Those stand first; each says why when it is opened."
