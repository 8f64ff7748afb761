"""The panel behind every figure: how it adds up, the requests it is made of, and each of them down to its log."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from tokentrack import clock
from tokentrack.ui import words
from tokentrack.ui.asking import Asking, Hand
from tokentrack.ui.figure import Figure
from tokentrack.ui.frame import link
from tokentrack.ui.keycap import acts_in
from tokentrack.ui.source import Reasons
from tokentrack.ui.text import Text
from tokentrack.ui.theme import CAPTION, STRONG, TITLE, font, label, scaled, set_role
from tokentrack.ui.why_how import HowView
from tokentrack.ui.why_overview import Overview, behind, prices
from tokentrack.ui.why_request import RequestView
from tokentrack.ui.why_rows import PAGE, model

if TYPE_CHECKING:
    from tokentrack.review.again import Again
    from tokentrack.review.paid import How
    from tokentrack.review.why import Made, Record, Traced

WIDTH = 640
TELL_S = 0.2
"""So often the panel tells how far the reading is."""
SHADE = 48
"""How dark, of 255, the page beneath becomes."""
LIST_VALUE = "List value is what these tokens cost at published prices. On a plan you did not pay it."
NO_PRICE = "What has no known price is in the tokens and not in the list value; your own prices go into prices.toml."
OWN_KEYS = (Qt.Key.Key_Escape, Qt.Key.Key_Slash, Qt.Key.Key_Backspace)
"""Keys that the page beneath may also listen to."""


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
        self.sheet = QFrame(self)
        self.sheet.setObjectName("sheet")
        around.addStretch(1)
        around.addWidget(self.sheet)
        column = QVBoxLayout(self.sheet)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(8)
        self.title = label("", TITLE, STRONG)
        self.title.setMinimumWidth(1)
        self.caption = Text(size=CAPTION, role="secondary")
        self.note = label(LIST_VALUE, CAPTION, role="secondary")
        self.note.setWordWrap(True)
        self.close_button, self.back_button = link("close   Esc", "Close"), link("back   Backspace")
        self.back_button.clicked.connect(self._go_back)
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.back_button)
        head.addWidget(self.close_button)
        column.addLayout(head)
        column.addWidget(self.caption)
        column.addWidget(self.note)
        self.views = QStackedWidget(self.sheet)
        self.overview, self.request, self.how = Overview(self.views), RequestView(self.views), HowView(self.views)
        for view in (self.overview, self.request, self.how):
            self.views.addWidget(view)
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
        for key, by in (("Up", -1), ("Down", 1)):
            acts_in(self.request, key, partial(self.walk, by))

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
        self.caption.setText(f"{figure.caption} · {behind(made)}")
        self.note.setVisible(len(made.requests) > 0)
        self._say(prices(made))
        self.again_button.setText("Read again")
        table = self.overview.table
        if self._row >= 0:
            table.setCurrentIndex(self.overview.requests.index(self._row, 0))
        self._row = -1
        table.setFocus()

    def _on_page_wanted(self, page: int) -> None:
        ids = self.overview.requests.ids[page * PAGE : (page + 1) * PAGE]
        wanted = self.overview.requests.ids

        def answer(found: list[Traced]) -> None:
            if wanted is self.overview.requests.ids:  # not put into another order meanwhile
                self.overview.requests.put_page(page, found)
                if self._row // PAGE == page:
                    self._show_request()

        self._asking.ask(f"page {page}", lambda reasons, _: reasons.traced(ids), answer, self._on_fault)

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
        at = "time unknown" if found.request.at is None else words.moment(found.request.at, clock.now())
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
        self.sheet.setFixedWidth(min(scaled(WIDTH), self._over.width()))

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
