"""The list of tasks as plain rows, which of them are shown, and the sum at its foot. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from tokentrack.clock import now
from tokentrack.money import to_cents
from tokentrack.review.ledger import BY_OUTCOME, REWORK, Ledger, Row, Used
from tokentrack.store.read import NO_TASK, UNLINKED
from tokentrack.ui import outcomes, words
from tokentrack.ui.figure import Figure
from tokentrack.ui.tables import Column

KEY, TITLE, PROJECT, OUTCOME, SESSIONS, VALUE, LAST = range(7)
SHOWN = (("all", "All"), ("open", "Open"), ("finished", "Finished"), ("alone", "Without sessions"))
"""Which tasks are listed: a key, and what the button says."""


def value(used: Used) -> str:
    """List value to the cent; what is not known is named. Nothing used is a dash: no figure, and so no 0 (AC 5)."""
    if not used.sessions:
        return "–"
    return words.money(used.list_value, exact=True, unpriced=used.unknown)


def status(row: Row) -> str:
    return outcomes.word(row.task.outcome)


def haystack(row: Row) -> str:
    """What the search looks through."""
    task = row.task
    parts = (task.key, task.title, task.project, task.url, task.note, task.alias, status(row))
    return " ".join(part for part in parts if part)


def why(row: Row) -> Figure | None:
    if not row.used.sessions:
        return None
    return Figure(f"task:{row.task.id}", f"{words.cut(row.task.name, 60)}, list value", value(row.used))


def key_order(row: Row) -> tuple[str, int, str] | None:
    """`PAY-9` before `PAY-12`."""
    if not row.task.key:
        return None
    head = row.task.key.rstrip("0123456789")
    number = row.task.key[len(head) :]
    return head.casefold(), int(number) if number and len(number) < 19 else 0, row.task.key


def columns(keyless: Callable[[], bool]) -> tuple[Column[Row], ...]:
    """`keyless` tells whether there is no room for the key: the title then begins with it."""

    def title(row: Row) -> str:
        text = " ".join((row.task.name if keyless() else row.task.title).split())
        return text + (" · private" if row.task.private else "")

    return (
        Column("Key", lambda row: row.task.key or "–", key_order, tip=lambda row: row.task.url or "", widest="PAYMENTS-123456"),
        Column("Title", title, lambda row: row.task.title.casefold(), tip=lambda row: row.task.title),
        Column(
            "Project", lambda row: words.folder(row.task.project), lambda row: words.folder(row.task.project).casefold(),
            tip=lambda row: row.task.project or "", widest="payments-api-server",
        ),
        Column(
            "Outcome", status, lambda row: (outcomes.place(row.task.outcome), row.task.finished_at or 0),
            tip=lambda row: row.task.note, widest="decided not to", drawn=outcomes.MARK + 6,
        ),
        Column("Sessions", lambda row: f"{row.used.sessions:,}" if row.used.sessions else "–",
               lambda row: row.used.sessions, figure=True, widest="123"),
        Column(
            "List value", lambda row: value(row.used), lambda row: row.used.list_value if row.used.sessions else None,
            figure=True, widest="$1,234.56", why=why,
        ),
        Column("Last used", lambda row: _last(row.used), lambda row: row.used.last_at, widest="yesterday 22:22"),
    )  # fmt: skip


def _last(used: Used) -> str:
    return words.when(used.last_at, now()) if used.last_at is not None else "–"


# ---- which are shown -------------------------------------------------------------------------------------------------


def _every(_: Row) -> bool:
    return True


_TESTS: dict[str, Callable[[Row], bool]] = {
    "all": _every,
    "open": lambda row: row.task.outcome is None,
    "finished": lambda row: row.task.outcome is not None,
    "alone": lambda row: not row.used.sessions,
}


def chosen(rows: Iterable[Row], shown: str, project: str | None, text: str) -> list[Row]:
    """Those of a kind (`SHOWN`), of a project (`""`: any, None: of no one repository), that hold every word of `text`."""
    test, wanted = _TESTS[shown], text.casefold().split()
    return [
        row
        for row in rows
        if test(row) and project in ("", row.task.project) and (not wanted or _holds(haystack(row).casefold(), wanted))
    ]


def _holds(text: str, wanted: Sequence[str]) -> bool:
    return all(word in text for word in wanted)


def lonely(rows: Iterable[Row]) -> int:
    """Tasks that were finished without any agent session (Q24)."""
    return sum(row.task.outcome is not None and not row.used.sessions for row in rows)


# ---- the sum at the foot ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Addend:
    """A part of the sum. `mark` is the shape beside it, None: it has none; `name` is what its figure is called.

    `cents`: as shown, where a part is rounded so that all parts shown are the sum shown.
    """

    label: str
    used: Used
    name: str
    mark: str | None = None
    cents: int | None = None

    @property
    def text(self) -> str:
        """`$0` where nothing was used: here it is a part of a sum."""
        amount = self.used.list_value
        if amount is not None and self.cents is not None:
            amount = self.cents * words.CENT or min(amount, words.LESS_THAN_A_CENT)
        return words.money(amount, exact=True, unpriced=self.used.unknown)

    @property
    def asks(self) -> bool:
        return bool(self.used.sessions)


def foot(ledger: Ledger, shown: Sequence[Row]) -> tuple[Addend, ...]:
    """What is shown, what a filter hides, no task on purpose, not linked; last what they add up to, always (AC 30)."""
    here = {row.task.id for row in shown}
    hidden = [row for row in ledger.rows if row.task.id not in here]
    label = words.plural(len(shown), "task") + (" shown" if hidden else "")
    parts = [Addend(label, _sum(shown), _name(shown))]
    if hidden:
        parts.append(Addend(words.plural(len(hidden), "other task"), _sum(hidden), _name(hidden)))
    parts.append(Addend(outcomes.word(NO_TASK), ledger.no_task, NO_TASK, NO_TASK))
    parts.append(Addend(outcomes.word(UNLINKED), ledger.unlinked, UNLINKED, UNLINKED))
    return _with_sum(parts, ledger)


def foot_by_outcome(ledger: Ledger) -> tuple[Addend, ...]:
    """What came of everything (Q4, Q8, M3): the same sum, told apart otherwise; no task and not linked stay in it."""
    found = {NO_TASK: Used(), UNLINKED: Used()} | dict(ledger.outcomes)
    named = {key: key for key in (NO_TASK, UNLINKED, REWORK)}
    parts = [
        Addend(outcomes.word(key), found[key], named.get(key, f"outcome:{key}"), key)
        for key in BY_OUTCOME
        if key in found
    ]
    return _with_sum(parts, ledger)


def _with_sum(parts: Sequence[Addend], ledger: Ledger) -> tuple[Addend, ...]:
    """The parts, and what they add up to: in the cents that are shown as in micro-dollars."""
    whole = Addend("everything, list value", ledger.all, "all")
    cents = _cents([part.used.list_value or 0 for part in parts])
    return (*(replace(part, cents=of_it) for part, of_it in zip(parts, cents, strict=True)), whole)


def _cents(values: Sequence[int]) -> list[int]:
    """Whole cents that add up to the cents of the sum, each less than one beside its value: the largest remainders are raised."""
    cents = [value // words.CENT for value in values]
    missing = to_cents(sum(values)) // words.CENT - sum(cents)
    for at in sorted(range(len(values)), key=lambda at: -(values[at] % words.CENT))[:missing]:
        cents[at] += 1
    return cents


def _sum(rows: Iterable[Row]) -> Used:
    return sum((row.used for row in rows), Used())


def _name(rows: Iterable[Row]) -> str:
    """Tasks without sessions add nothing, so the name does without them."""
    return "tasks:" + ",".join(row.task.id for row in rows if row.used.sessions)
