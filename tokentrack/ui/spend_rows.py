"""The Spend page's tables and columns as plain rows: every cell names its figure. Pure.

List value and plan share stand beside each other and are never added; both columns add up to the figures above them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from tokentrack.model.usage import Total
from tokentrack.review.spend import BOUNDS, Row, ShareDay, Spend, name_of
from tokentrack.ui import words
from tokentrack.ui.chart import Columns, DayColumn, Part
from tokentrack.ui.figure import Figure
from tokentrack.ui.tables import Column

MOST_SESSIONS = 100
"""The dearest sessions stand one by one, the others in one row."""
NOTHING = Total()
Unrecorded = Sequence[tuple[str, int]]
"""(agent, sessions) whose tokens are recorded nowhere."""
USED, IDLE, UNSPREAD = "used", "idle", "no list value to spread it by"


@dataclass(frozen=True, slots=True)
class SpendRow:
    """`why` and `share_why` name its two figures, empty where there is nothing to ask; `opens` its sessions.

    `share` is None where nothing is declared or nothing is known, `note` says what a share is paid for if not for use.
    It may be `more` or `less` than that, as `Row` tells; of a sum of what was paid so far it may be that charges are to come.
    """

    label: str
    total: Total = NOTHING
    share: int | None = None
    why: str = ""
    share_why: str = ""
    opens: str = ""
    note: str = ""
    is_sum: bool = False
    unrecorded: bool = False
    more: bool = False
    less: bool = False
    at_least: bool = False

    @property
    def value(self) -> str:
        return listed_text(self.total, self.unrecorded) if self._used else "–"

    @property
    def requests(self) -> str:
        return f"{self.total.requests:,}" if self.total.requests or (self.is_sum and not self.unrecorded) else "–"

    @property
    def _used(self) -> bool:
        """Whether it is about use at all: some rows tell of what was paid for none."""
        return self.is_sum or self.unrecorded or self.total.requests > 0

    @property
    def tokens(self) -> str:
        if self.unrecorded and not self.total.requests:
            return words.UNRECORDED
        return words.count(self.total.tokens) + (" + ?" if self.unrecorded else "") if self._used else "–"

    @property
    def share_text(self) -> str:
        if self.share is None:
            return "–" if not self.total.unpriced_requests else "unknown"
        text = BOUNDS.get((self.more, self.less), "{}").format(words.money(self.share, exact=True))
        before = "at least " if self.at_least else f"{self.note} " if self.note else ""
        return before + text

    def figure(self, kind: str) -> Figure | None:
        """What a cell is made of. `kind` is what stands in the column's head."""
        caption = f"{self.label}, {kind.lower()}"
        if kind == "Plan share":
            return (
                Figure(self.share_why, caption, self.share_text) if self.share_why and self.share is not None else None
            )
        if not (self.why and self._used):
            return None
        if self.unrecorded and not self.total.requests:
            return Figure(self.why, caption, self.value if kind == "List value" else words.UNRECORDED)
        text = {"Requests": words.plural(self.total.requests, "request"), "Tokens": words.tokens(self.total.tokens)}
        return Figure(self.why, caption, text.get(kind, self.value))


def columns(head: str) -> tuple[Column[SpendRow], ...]:
    return (
        Column(head, lambda row: row.label, tip=lambda row: row.label),
        Column(
            "Requests", lambda row: row.requests, figure=True, widest="12,345", why=lambda row: row.figure("Requests"),
        ),
        Column(
            "Tokens", lambda row: row.tokens, figure=True,
            widest="1,234.5 M", why=lambda row: row.figure("Tokens"),
        ),
        Column(
            "Plan share", lambda row: row.share_text, figure=True, widest="$1,234.56",
            why=lambda row: row.figure("Plan share"),
        ),
        Column(
            "List value", lambda row: row.value, figure=True, widest="$1,234.56", why=lambda row: row.figure("List value"),
        ),
    )  # fmt: skip


SHARE_COLUMN = 3


def listed_text(total: Total, unrecorded: bool) -> str:
    """List value to the cent; what has no known price, and what nobody recorded, is named and never 0 (AC 5)."""
    if unrecorded and not total.requests:
        return words.money(None)
    return words.money(total.list_value, exact=True, unpriced=total.unpriced_requests or int(unrecorded))


def by_key(spend: Spend, rows: Iterable[Row], unrecorded: Unrecorded = ()) -> list[SpendRow]:
    """By agent, model or project, the dearest first; then what nobody recorded, what was paid for no use, and the sum."""
    made = [_row(row) for row in sorted(rows, key=lambda row: (-(row.total.list_value or 0), row.label))]
    span = name_of(spend.first, spend.last)
    hidden = [
        SpendRow(
            f"{words.plural(sessions, 'session')} of {words.agent(name)}",
            why=f"{spend.listed.why} agent:{name}",
            unrecorded=True,
        )
        for name, sessions in unrecorded
    ]
    idle = _not_spread(
        spend.share.idle, spend.share.unspread, span, f", on {words.plural(spend.share.idle_days, 'day')}"
    )
    return [*made, *hidden, *idle, _sum(spend, unrecorded)]


def by_session(rows: Iterable[Row], within: str, whole: Row | None, day: ShareDay | None = None) -> list[SpendRow]:
    """The dearest first; then their sum, which is the row that was opened: `whole`, or a `day` with what it paid for no use."""
    ordered = sorted(rows, key=lambda row: (-(row.total.list_value or 0), row.label))
    made = [_row(row, opens=False) for row in ordered[:MOST_SESSIONS]]
    rest = ordered[MOST_SESSIONS:]
    if rest:
        made.append(_together(f"{words.plural(len(rest), 'more session')}", rest))
    if day:
        made += _not_spread(day.idle, day.unspread, within)
    shares = [row.share for row in made if row.share is not None]
    share, share_why = (sum(shares), f"share {within}") if shares else (None, "")
    total = sum((row.total for row in ordered), Total())
    more, less = (whole.more, whole.less) if whole else (False, False)
    return [*made, SpendRow("sum", total, share, within, share_why, is_sum=True, more=more, less=less)]


def _together(label: str, rows: Sequence[Row]) -> SpendRow:
    shares = [row.share for row in rows if row.share is not None]
    more, less = any(row.more for row in rows), any(row.less for row in rows)
    total = sum((row.total for row in rows), Total())
    return SpendRow(label, total, sum(shares) if shares else None, more=more, less=less)


def _row(row: Row, opens: bool = True) -> SpendRow:
    share_why = f"share {row.why}" if row.share is not None else ""
    why = row.why if opens else ""
    return SpendRow(row.label, row.total, row.share, row.why, share_why, why, more=row.more, less=row.less)


def _not_spread(idle: int, unspread: int, within: str, days: str = "") -> list[SpendRow]:
    """What was paid for no use, and for use that it cannot be spread over."""
    made = []
    if idle:
        made.append(SpendRow(f"idle{days}", share=idle, share_why=f"idle {within}"))
    if unspread:
        made.append(SpendRow(f"used, {UNSPREAD}", share=unspread, share_why=f"unspread {within}"))
    return made


def _sum(spend: Spend, unrecorded: Unrecorded) -> SpendRow:
    """Of shares it is what was paid, so nothing in it is unknown but charges that are not entered yet."""
    span, some = name_of(spend.first, spend.last), bool(unrecorded)
    return SpendRow(
        "sum", spend.listed.total, spend.share.amount, spend.listed.why, f"share {span}", is_sum=True, unrecorded=some,
        at_least=spend.paid.at_least,
    )  # fmt: skip


def by_day(spend: Spend, days: Iterable[tuple[date, dict[str, Total]]], unrecorded: Unrecorded = ()) -> list[SpendRow]:
    """Every day that has come, also those on which nothing was used, and what logs date later; then the sum."""
    shares = {share.day: share for share in spend.share.days}
    made = []
    for on, by_agent in days:
        if on <= spend.last or by_agent:
            total, share = sum(by_agent.values(), Total()), shares.get(on)
            name = f"day:{on}"
            paid = share.paid if share else (0 if spend.share.amount is not None and on <= spend.last else None)
            made.append(SpendRow(
                words.day(on), total, paid, name, f"share {name}" if paid else "", name if total.requests else "", _note(share)
            ))  # fmt: skip
    return [*made, _sum(spend, unrecorded)]


def _note(share: ShareDay | None) -> str:
    """The whole of a day is one of them, where one plan is in force; else the chart tells how much."""
    if not share or not share.idle:
        return ""
    return IDLE if share.idle == share.paid else f"partly {IDLE}"


# the chart -----------------------------------------------------------------------------------------------------------


class ShareColumn(DayColumn):
    """A day's plan share."""

    __slots__ = ()

    @property
    def figure(self) -> Figure | None:
        if not self.label:
            return None
        return Figure(f"share day:{self.on.isoformat()}", f"{words.day(self.on)}, plan share", self.label)


def share_columns(spend: Spend, days: Iterable[tuple[date, object]], today: date) -> Columns:
    """What each day cost, in what was used of it and what was not."""
    shares = {share.day: share for share in spend.share.days}
    made = tuple(_share_column(on, shares.get(on)) for on, _ in days)
    kinds = tuple(
        kind for kind in (USED, IDLE, UNSPREAD) if any(part.agent == kind for day in made for part in day.parts)
    )
    return Columns(made, kinds, today)


def _share_column(on: date, share: ShareDay | None) -> ShareColumn:
    amounts = ((USED, share.spread), (IDLE, share.idle), (UNSPREAD, share.unspread)) if share else ()
    parts = tuple(Part(kind, amount) for kind, amount in amounts if amount > 0)
    label = words.money(share.paid) if share and share.paid else ""
    lines = [f"{words.day(on)}: {words.money(share.paid, exact=True) if share else 'nothing paid'}"]
    lines += [
        f"{part.agent}: {words.money(part.micro, exact=True)}" for part in parts if len(parts) > 1 or part.agent != USED
    ]
    return ShareColumn(on, label, parts, "\n".join(lines))
