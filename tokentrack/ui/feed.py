"""The bridge from the core's threads to the windows. A hint says "something changed" and carries nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from time import monotonic

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QWidget

from tokentrack.clock import now
from tokentrack.review.glance import Glance
from tokentrack.ui.source import Status

SETTLE_MS = 150
SLOWEST_MS = 1000
MINUTE_MS = 60_000
PAGE_MS = 2000
"""A page follows running sessions, but does not shuffle under the eye."""
REST = 9
"""Times as long as an answer took a page waits before it follows again."""
CHOOSING_MS = 250
LONGEST_REST_S = 600
"""A computer that slept while it was asked took no hours to answer; and a timer takes no more than 24 days."""


def once(owner: QObject, act: Callable[[], object]) -> QTimer:
    """Acts once after each start; started again before that, it begins anew."""
    timer = QTimer(owner)
    timer.setSingleShot(True)
    timer.timeout.connect(act)
    return timer


class Feed(QObject):
    """Holds the newest glance and status; `changed` says that they were read again."""

    changed = Signal()
    _hinted = Signal()
    _progressed = Signal()

    def __init__(self, read: Callable[[], Glance], status: Callable[[], Status], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._read, self._status = read, status
        self.glance: Glance | None = None
        self._fault: str | None = None
        self.status = Status()
        self._cost_ms = 0.0
        self._settle = once(self, self.refresh)
        self._progress = once(self, self._refresh_status)
        self._minute = once(self, self._on_minute)
        self._hinted.connect(self._on_hint, Qt.ConnectionType.QueuedConnection)
        self._progressed.connect(self._on_progress, Qt.ConnectionType.QueuedConnection)
        self._arm_minute()

    # from any thread -------------------------------------------------------------------------------------------------

    def hint(self) -> None:
        """Figures may have changed."""
        self._hinted.emit()

    def hint_progress(self) -> None:
        """Only the reading went on: the status is read again, the figures are not."""
        self._progressed.emit()

    # on the main thread ----------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Reads figures and status now. A fault keeps the last figures and is shown as the status' error."""
        self._settle.stop()
        started = monotonic()
        try:
            self.glance = self._read()
            self._fault = None
        except Exception as error:  # noqa: BLE001 - whatever the store says, the counter stays and tells it
            self._fault = f"The figures cannot be read: {error}"
        self._cost_ms = (monotonic() - started) * 1000
        self._refresh_status()

    def _refresh_status(self) -> None:
        self._progress.stop()
        status = self._status()
        if self._fault and not status.error:
            status = replace(status, error=self._fault)
        self.status = status
        self.changed.emit()

    def _on_hint(self) -> None:
        """Waits for a burst to settle; a costly reading spaces itself out, so that it never fills the main thread."""
        if not self._settle.isActive():
            self._settle.start(round(min(SLOWEST_MS, max(SETTLE_MS, 5 * self._cost_ms))))

    def _on_progress(self) -> None:
        if not self._progress.isActive() and not self._settle.isActive():
            self._progress.start(SLOWEST_MS)

    def _arm_minute(self) -> None:
        moment = now()
        self._minute.start(MINUTE_MS - moment.second * 1000 - moment.microsecond // 1000 + 20)

    def _on_minute(self) -> None:
        """Covers midnight, writes by other processes and a hint that was lost."""
        self.refresh()
        self._arm_minute()


class Pace(QObject):
    """Calls `act` at once if it was quiet for `interval_ms`, else when that time is over: never more often."""

    def __init__(self, interval_ms: int, act: Callable[[], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._interval = interval_ms
        self._act = act
        self._timer = once(self, self.now)
        self._last: float | None = None

    def __call__(self) -> None:
        if self._timer.isActive():
            return
        wait = 0 if self._last is None else self._interval - (monotonic() - self._last) * 1000
        if wait <= 0:
            self.now()
        else:
            self._timer.start(round(wait) + 1)

    def now(self) -> None:
        """At once, whatever the pace: the person asked."""
        self._timer.stop()
        self._last = monotonic()
        self._act()


class Follow(QObject):
    """Refreshes a widget when the feed changed: at once while it is shown, else when it is shown next.

    An open menu or list of choices is about what is seen below it, so nothing moves until it is closed.
    """

    def __init__(self, widget: QWidget, feed: Feed, refresh: Callable[[], None], pace_ms: int = 0) -> None:
        super().__init__(widget)
        self._widget = widget
        self._act = refresh
        self._refresh = Pace(pace_ms, self._unless_choosing, self)
        self._later = once(self, self._unless_choosing)
        self.stale = True
        widget.installEventFilter(self)
        feed.changed.connect(self._on_changed)

    def _on_changed(self) -> None:
        self.stale = True
        if self._widget.isVisible():
            self._settle(self._refresh)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and self.stale:
            self.now()
        return False

    def now(self) -> None:
        """At once, whether it is shown or about to be."""
        self._settle(self._refresh.now)

    def _settle(self, refresh: Callable[[], None]) -> None:
        self.stale = False
        refresh()

    def _unless_choosing(self) -> None:
        if QApplication.activePopupWidget():
            self._later.start(CHOOSING_MS)
        else:
            self._act()


class Spaced(QObject):
    """Follows the feed for a page whose answers are costly: following takes a tenth of the time at most.

    The page says when it asked and when it was answered; `busy` tells that an answer is still under way: asked again before
    it, a page that is slower than its feed would never be answered. An answer to nothing that was asked, as of a change that
    failed, cost nothing.
    """

    def __init__(self, page: QWidget, feed: Feed, refresh: Callable[[], None], busy: Callable[[], bool]) -> None:
        super().__init__(page)
        self._refresh, self._busy = refresh, busy
        self._asked_at: float | None = None
        self._next = 0.0
        self._later = once(self, Follow(page, feed, self.follow, PAGE_MS).now)

    def follow(self) -> None:
        wait = self._next - monotonic()
        if wait <= 0 and not self._busy():
            self._refresh()
        elif not self._later.isActive():
            self._later.start(max(PAGE_MS, round(wait * 1000) + 1))

    def asked(self) -> None:
        self._later.stop()
        self._asked_at = self._next = monotonic()

    def answered(self) -> None:
        if self._asked_at is not None:
            at = monotonic()
            self._next = at + min(LONGEST_REST_S, REST * (at - self._asked_at))
            self._asked_at = None

    def rest(self) -> None:
        self._later.stop()
