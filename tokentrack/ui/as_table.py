"""A picture and the table that says the same: one of both is shown, and a button leads to the other."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QPushButton, QWidget


class AsTable(QObject):
    """What the button does. `make` makes the table when it is first asked for: most never do. `switched`: the other is shown."""

    switched = Signal()

    def __init__(self, button: QPushButton, picture: QWidget, called: str, make: Callable[[], QWidget]) -> None:
        """The picture is `called` a bar, columns or the like."""
        super().__init__(button)
        self._button, self._picture, self._called, self._make = button, picture, called, make
        self._table: QWidget | None = None
        button.clicked.connect(self.switch)

    def switch(self) -> None:
        to_table = not self._picture.isHidden()
        if self._table is None:
            self._table = self._make()
        self._table.setVisible(to_table)
        self._picture.setVisible(not to_table)
        self._button.setText(f"as {self._called}" if to_table else "as table")
        self.switched.emit()
