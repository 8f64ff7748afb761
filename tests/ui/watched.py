"""The app's source over a store, which notes on which thread it was asked."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from tokentrack.ui.live import Live


class Watched(Live):
    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.asked_on: list[threading.Thread] = []

    def spending(self) -> Any:
        return self._noted(super().spending)

    def reasons(self) -> Any:
        return self._noted(super().reasons)

    def waiting(self) -> Any:
        return self._noted(super().waiting)

    def weeks(self) -> Any:
        return self._noted(super().weeks)

    def _noted(self, ask: Callable[[], Any]) -> Any:
        self.asked_on.append(threading.current_thread())
        return ask()
