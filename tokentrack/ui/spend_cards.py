"""Paid, plan share and list value side by side, each with its kind, and a sentence on what it is and what it is not."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from tokentrack import clock, phrases
from tokentrack.model.usage import Total
from tokentrack.money import to_cents
from tokentrack.phrases import month
from tokentrack.review.spend import IDLE_IS, Listed, Share, Spend, name_of
from tokentrack.ui import words
from tokentrack.ui.figure import Number, Sentence
from tokentrack.ui.frame import card
from tokentrack.ui.spend_rows import UNSPREAD, Unrecorded, listed_text
from tokentrack.ui.text import Text
from tokentrack.ui.theme import CAPTION, EMPHASIS, STRONG, TITLE, font, label

SIDE_BY_SIDE = 560
"""Below this width the cards stand under each other: their sentences would be too narrow to read."""
APART, BORDER = 16, 1


class MoneyCard(QWidget):
    """`kind` is what sort of money its figure is (AC 6). `act` does what the card offers."""

    asked = Signal(object)
    act = Signal()

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)  # all three are equally wide
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        self._frame: QFrame
        self._column: QVBoxLayout
        self._frame, self._column = card()
        column = self._column
        around.addWidget(self._frame)
        column.setSpacing(4)
        self._caption = label(kind, CAPTION, role="secondary")
        self.number = Number("", TITLE, STRONG)
        self.detail = Sentence(size=CAPTION).beside()
        for asks in (self.number, self.detail):
            asks.asked.connect(self.asked)
        self.sentence = Text(size=CAPTION, role="secondary")
        self.button = QPushButton("Enter a plan")
        self.button.setFont(font(CAPTION))
        self.button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.button.clicked.connect(self.act)
        parts: tuple[QWidget, ...] = (self._caption, self.number, self.detail, self.sentence)
        for each in parts:
            column.addWidget(each)
        column.addStretch(1)
        column.addSpacing(4)
        column.addWidget(self.button)
        self.button.hide()

    def fits(self, wide: int, size: int) -> bool:
        """Gives the figure a face of this size; whether a card so wide has all of it then."""
        margins = self._column.contentsMargins()
        self.number.setFont(font(size, STRONG))
        return self.number.sizeHint().width() <= wide - margins.left() - margins.right() - 2 * BORDER

    def put(self, text: str, name: str, detail: str, sentence: str, button: str = "") -> None:
        self.number.put(text, name, self.kind)
        self.detail.put(detail, name, self.kind)
        self.detail.setVisible(bool(detail))
        self.sentence.setText(sentence)
        self.button.setVisible(bool(button))
        if button:
            self.button.setText(button)
            told = "Says that all its charges up to now are entered" if button.startswith("Confirm") else ""
            self.button.setAccessibleDescription(told)
        self._frame.setAccessibleName(f"{self.kind}: {text}")
        self._frame.setAccessibleDescription(" ".join(part for part in (detail, sentence) if part))


class Cards(QWidget):
    """`confirm_asked` says that all charges of a month are entered, `plan_asked` that a plan is to be."""

    asked = Signal(object)
    confirm_asked = Signal(str)
    plan_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._spend: Spend | None = None
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(APART)
        self.paid, self.share, self.listed = MoneyCard("Paid"), MoneyCard("Plan share"), MoneyCard("List value")
        for made in (self.paid, self.share, self.listed):
            made.asked.connect(self.asked)
            self._row.addWidget(made, 1)
        self.paid.act.connect(self._on_paid)

    def put(self, spend: Spend, unrecorded: Unrecorded = ()) -> None:
        self._spend = spend
        paid, span = spend.paid, name_of(spend.first, spend.last)
        some = paid.amount is not None
        self.paid.put(paid.text, f"paid {span}" if some else "", _paid_detail(spend), paid.sentence, self._offer(spend))
        shared = words.money(spend.share.amount, exact=True)
        detail = _share_detail(spend.share) if some else ""
        if some and paid.at_least:
            shared = f"at least {shared}"  # it is what was paid, in parts
        self.share.put(shared, f"share {span}" if some else "", detail, spend.share.sentence)
        listed = spend.listed
        value = listed_text(listed.total, bool(unrecorded))
        self.listed.put(value, listed.why, _listed_detail(listed, unrecorded), listed.sentence)
        self._arrange()

    def _offer(self, spend: Spend) -> str:
        if spend.nothing_declared:
            return "Enter a plan"
        if not spend.paid.unconfirmed:
            return ""
        return f"Confirm {_month(spend.paid.unconfirmed[0])}"

    def _on_paid(self) -> None:
        if self._spend is None or self._spend.nothing_declared:
            self.plan_asked.emit()
        elif self._spend.paid.unconfirmed:
            self.confirm_asked.emit(self._spend.paid.unconfirmed[0])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """Side by side where each figure has room: `+ unknown` is never cut off (AC 5). All three are equally large."""
        beside = self.width() >= SIDE_BY_SIDE and self._fit((self.width() - 2 * APART) // 3)
        if not beside:
            self._fit(self.width())
        self._row.setDirection(QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom)

    def _fit(self, wide: int) -> bool:
        """The largest face in which a card this wide has each figure; whether there is one."""
        cards = (self.paid, self.share, self.listed)
        return any(sum(one.fits(wide, size) for one in cards) == len(cards) for size in (TITLE, EMPHASIS))


def _month(name: str) -> str:
    return month(clock.parse_month(name))


def _paid_detail(spend: Spend) -> str:
    """Fees by day have parts of a cent, charges do not: in cents the two make the sum above them."""
    paid = spend.paid
    if paid.amount is None:
        return ""
    fees = f"{words.money(to_cents(paid.amount) - to_cents(paid.charges), exact=True)} plan fees"
    return f"{fees} · {words.money(paid.charges, exact=True)} charges" if paid.charges else fees


def _share_detail(share: Share) -> str:
    parts = []
    if share.idle:
        days = words.plural(share.idle_days, "day")
        parts.append(f"{words.money(share.idle, exact=True)} of it idle, on {days} ({IDLE_IS})")
    if share.unspread:
        parts.append(f"{words.money(share.unspread, exact=True)} of it for use with {UNSPREAD}")
    if share.inexact:
        parts.append("its parts are not exact: requests without a known price have an unknown one")
    return " · ".join(parts) or "all of it for days with use"


def _listed_detail(listed: Listed, unrecorded: Unrecorded) -> str:
    total: Total = listed.total
    hidden = [
        f"{words.plural(sessions, 'session')} of {words.agent(name)}, tokens {words.UNRECORDED}"
        for name, sessions in unrecorded
    ]
    if not total.requests:
        return " · ".join(hidden) or "nothing used"
    parts = [words.plural(total.requests, "request"), words.tokens(total.tokens)]
    if total.unpriced_requests:
        parts.append(f"{words.plural(total.unpriced_requests, 'request')} without a known price")
    if total.recorded_cost is not None:
        parts.append(f"{words.money(total.recorded_cost, exact=True)} as agents recorded it")
    if any(listed.repriced):
        parts.append(phrases.repriced(*listed.repriced))
    return " · ".join([*parts, *hidden])
