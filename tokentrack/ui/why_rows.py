"""The two tables of the why panel: how a figure adds up, and its requests, looked up only as they come into view."""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication

from tokentrack.clock import now
from tokentrack.ui import words
from tokentrack.ui.tables import Column, Index, Rows
from tokentrack.ui.theme import roles_of

if TYPE_CHECKING:
    from tokentrack.model.usage import Session
    from tokentrack.review.again import Again
    from tokentrack.review.why import Kind, Traced

PAGE = 100
"""Requests that are looked up together."""
WHEN, MODEL, LOG, TOKENS, AGAIN = 0, 1, 2, 3, 5
"""Columns; what reading again found is hidden until then."""
LOG_ROOM = 126
"""Pixels in which `byte 12,345,678` is whole."""


# ---- how it adds up --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Addend:
    name: str
    tokens: str
    rate: str
    value: str
    is_sum: bool = False


def addends(kinds: Iterable[Kind], tokens: int, value: int | None, unpriced: bool) -> list[Addend]:
    """A row for each kind, then the sum: what is not known is named in both."""
    rows = [_addend(kind, value) for kind in kinds]
    total = words.fine(value) + (" + unknown" if unpriced and value is not None else "")
    return [*rows, Addend("sum", words.count(tokens), "", total, is_sum=True)]


def _addend(kind: Kind, whole: int | None) -> Addend:
    searches = kind.name == "web search"
    lowest, highest = (words.rate(each(kind.rates)) if kind.rates else "unknown" for each in (min, max))
    rate = lowest if lowest == highest else f"{lowest} to {highest}"
    value = words.fine(kind.value, whole) + (" + unknown" if kind.unpriced and kind.value is not None else "")
    count = words.plural(kind.count, "search").replace("searchs", "searches") if searches else words.count(kind.count)
    return Addend(kind.name, count, f"{rate} a 1,000" if searches and kind.rates else rate, value)


class Sum(Rows[Addend]):
    """The last row stands out."""

    def __init__(self) -> None:
        super().__init__((
            Column("Kind", lambda row: row.name),
            Column("Tokens", lambda row: row.tokens, figure=True, widest="1,234.5 M"),
            Column("$ per million", lambda row: row.rate, figure=True, widest="15.00"),
            Column("List value", lambda row: row.value, figure=True, widest="$1,234.56"),
        ))  # fmt: skip


# ---- its sessions whose tokens nobody wrote down ---------------------------------------------------------------------


class Silent(Rows["Session"]):
    """The sessions of a figure of which some or all tokens are recorded nowhere."""

    def __init__(self) -> None:
        super().__init__((
            Column("Session", words.title, tip=words.title),
            Column("When", lambda one: words.when(one.ended_at, now()), widest="yesterday 22:22"),
            Column("Turns", lambda one: f"{one.turns:,}", figure=True, widest="1,234"),
            Column("Tokens", words.session_tokens, figure=True, tip=words.unrecorded, widest="not recorded"),
        ))  # fmt: skip


def said_of(silent: Iterable[Session]) -> str:
    """`Tokens not recorded by Cursor: 2 sessions.`"""
    counts = Counter(session.agent for session in silent)
    told = [f"by {words.agent(name)}: {words.plural(n, 'session')}" for name, n in sorted(counts.items())]
    return f"Tokens not recorded {', '.join(told)}." if told else ""


# ---- its requests ----------------------------------------------------------------------------------------------------


def place(found: Traced) -> str:
    """Where in its log a request stands."""
    return f"byte {found.offset:,}" if found.offset is not None else f"row {found.row}"


def model(found: Traced) -> str:
    return found.request.model or "unknown"


def _dateless(found: Traced) -> str:
    """A name without the day of its version, which the whole one in the tooltip has: cut in its middle it told nothing."""
    return re.sub(r"-\d{8}$", "", model(found))


def _log(found: Traced) -> str:
    return f"{PurePath(found.log).name} · {place(found)}"


COLUMNS: tuple[Column[Traced], ...] = (
    Column("When", lambda one: words.moment(one.request.at, now()), widest="22 Nov 2026 22:22"),
    Column("Model", _dateless, tip=model, widest="claude-sonnet-4-5"),
    Column("Log", _log, tip=lambda one: f"{one.log} · {place(one)}", kept=place),
    Column("Tokens", lambda one: words.count(_tokens(one)), figure=True, widest="123,456"),
    Column("List value", lambda one: words.fine(one.list_value, 10**4), figure=True, widest="$12.3456"),
    Column("Again", lambda one: "", widest="unreadable"),
)


def _tokens(found: Traced) -> int:
    return found.request.prompt_tokens + found.request.output


class Requests(Rows["Traced | None"]):
    """As many rows as there are requests; what stands in them is asked for page by page as they are drawn."""

    page_wanted = Signal(int)

    def __init__(self) -> None:
        super().__init__(COLUMNS)  # type: ignore[arg-type]  # a row that is not there yet is asked for nothing
        self.ids: array[int] = array("q")
        self.again: dict[int, Again] = {}
        self._asked: set[int] = set()

    def put_ids(self, ids: array[int]) -> None:
        self.ids, self._asked = ids, set()
        self.put([None] * len(ids))

    def put_page(self, page: int, found: Iterable[Traced]) -> None:
        """Rows are matched by their number: a request that was deleted meanwhile stays empty."""
        by_id = {one.id: one for one in found}
        first, after = page * PAGE, min(len(self.shown), (page + 1) * PAGE)
        for at in range(first, after):
            self.shown[at] = by_id.get(self.ids[at])
        if first < after:
            self.dataChanged.emit(self.index(first, 0), self.index(after - 1, len(self.columns) - 1))

    def at(self, row: int) -> Traced | None:
        """The request of a row; where it is not there yet it is asked for."""
        found = self.shown[row]
        if found is None and row // PAGE not in self._asked:
            self._asked.add(row // PAGE)
            self.page_wanted.emit(row // PAGE)
        return found

    def put_again(self, told: Iterable[tuple[int, Again]]) -> None:
        self.again.update(told)
        if self.shown:
            self.dataChanged.emit(self.index(0, AGAIN), self.index(len(self.shown) - 1, AGAIN))

    def unproved_first(self) -> bool:
        """Puts what reading again did not find the same before all else; whether there is any."""
        wrong = [number for number in self.ids if number in self.again and not self.again[number].proved]
        if wrong:
            apart = set(wrong)
            self.put_ids(array("q", [*wrong, *(number for number in self.ids if number not in apart)]))
        return bool(wrong)

    def measured(self) -> list[Traced | None]:
        """None: thousands of rows are not there yet."""
        return []

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        if index.column() == AGAIN:
            return self._again(self.ids[index.row()], role)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole) and self.at(index.row()) is None:
            return "…" if role == Qt.ItemDataRole.DisplayRole and index.column() == 0 else None
        return super().data(index, role)

    def _again(self, number: int, role: int) -> Any:
        told = self.again.get(number)
        if told is None:
            return None
        if role == Qt.ItemDataRole.ForegroundRole and not told.proved:
            return QColor(roles_of(QGuiApplication.palette()).attention)
        return {Qt.ItemDataRole.DisplayRole: told.state, Qt.ItemDataRole.ToolTipRole: words.tip(told.text)}.get(
            Qt.ItemDataRole(role)
        )
