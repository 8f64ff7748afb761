"""What forms share: one of a few choices, all visible, and amounts as a person types them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QPushButton, QWidget

from tokentrack import money
from tokentrack.ui.flow import Flow
from tokentrack.ui.theme import font

Choice = tuple[str, str]


class Choices(QWidget):
    """One of a few, all visible: arrow keys move between them."""

    chosen = Signal(str)

    def __init__(self, name: str, options: Sequence[Choice], value: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        row = Flow(self)
        self._group = QButtonGroup(self)
        self.buttons: dict[str, QPushButton] = {}
        for key, text in options:
            button = QPushButton(text)
            button.setProperty("role", "choice")
            button.setFont(font())
            button.setCheckable(True)
            button.setAccessibleName(f"{name}: {text}")
            button.clicked.connect(lambda _=False, key=key: self.chosen.emit(key))
            self._group.addButton(button)
            self.buttons[key] = button
            row.addWidget(button)
        wraps = self.sizePolicy()
        wraps.setHeightForWidth(True)
        self.setSizePolicy(wraps)
        self.put(value)

    @property
    def value(self) -> str:
        return next(key for key, button in self.buttons.items() if button.isChecked())

    def put(self, value: str) -> None:
        self.buttons.get(value, next(iter(self.buttons.values()))).setChecked(True)


def budget_amount(text: str) -> int | None:
    """Micro-dollars, or tokens from millions: both are the number times a million. Empty is 0, nonsense None.

    The decimal mark may be a comma; what can be read in two ways (`1,234`) is None, as `amount_fault` says.
    """
    plain = _plain(text)
    return money.amount_typed(plain) if plain else 0


def amount_fault(text: str, otherwise: str) -> str:
    """Why a text is no amount."""
    told = money.two_ways(_plain(text))
    return f"{told}." if told else otherwise


def _plain(text: str) -> str:
    return text.strip().lstrip("$").strip()


def budget_text(amount: int) -> str:
    """The inverse of `budget_amount`, as a person would write it."""
    whole, part = divmod(amount, 10**6)
    if not part:
        return f"{whole}"
    return f"{whole}.{part:06d}".rstrip("0")
