"""What stands on a page if it was asked for: budgets, break-even, technical detail. None of it is there by default."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence

from tokentrack import clock
from tokentrack.export import wording
from tokentrack.export.options import BUDGET, RATE, TECHNICAL, Options
from tokentrack.export.page import MEASURED, SELF_REPORTED, Appendix, Text
from tokentrack.model import Total
from tokentrack.money import dollars
from tokentrack.review import usage, worth
from tokentrack.review.snapshot import BudgetRow
from tokentrack.review.week import Week
from tokentrack.store import read, reviews
from tokentrack.store.read import Where

MISREAD = (
    "These figures tell how a tool was used. They do not tell what the work was worth, how hard it was, or how well it was done; "
    "more of them is neither better nor worse."
)
VERDICTS = {
    "yes": "I think it was worth that.",
    "no": "I think it was not worth that.",
    "unsure": "I cannot tell whether it was.",
}


def appendices(
    db: sqlite3.Connection, options: Options, weeks: Sequence[Week], works: Iterable[tuple[str, str]]
) -> Iterator[Appendix]:
    """`works` are (a task's id, what the page calls it), of those that are shown."""
    if BUDGET in options.fields:
        yield Appendix("Budget", "", tuple(_budgets(weeks)))
    if RATE in options.fields:
        yield Appendix("Break-even", "", tuple(_break_even(db, works)))
    if TECHNICAL in options.fields:
        yield Appendix("Technical detail", MISREAD, tuple(_technical(db, weeks)))


def _budgets(weeks: Iterable[Week]) -> Iterator[Text]:
    for one in weeks:
        if one.told.budget is not None:
            name = f"Week {wording.weeks([one.told.week])}"
            yield Text(f"budget.{one.told.week}", f"{name}: {_budget(one.told.budget)}", MEASURED, ())


def _budget(one: BudgetRow) -> str:
    if one.measure == "tokens":
        used = "unknown" if one.used is None else f"{one.used:,} tokens"
        return f"{one.amount:,} tokens planned for the {one.period}, {used} used."
    kind = "paid" if one.measure == "paid" else "list value"
    return f"{dollars(one.amount)} planned for the {one.period}, {dollars(one.used)} {kind}."


def _break_even(db: sqlite3.Connection, works: Iterable[tuple[str, str]]) -> Iterator[Text]:
    for task, name in works:
        found = worth.break_even(db, task)
        if found is None:
            continue
        least = "at least " if found.at_least else ""
        verdict = reviews.verdict(db, task)
        said = "" if verdict is None else f" {VERDICTS[verdict.worth]}"
        value = f"{least}{dollars(found.list_value)} of list value in all"
        time = f"{least}{found.minutes:,} {'minute' if found.minutes == 1 else 'minutes'} of my time"
        yield Text(
            f"rate.{task}",
            f"{name}: {value}; at my rate of {dollars(found.rate)}/h that is {time}.{said}",
            SELF_REPORTED,
            (),
        )


def _technical(db: sqlite3.Connection, weeks: Sequence[Week]) -> Iterator[Text]:
    by_model: dict[str, Total] = {}
    for one in weeks:
        where = Where(clock.start_of(one.monday), clock.start_of(one.monday + 7 * clock.DAY))
        for model, total in usage.totals(db, "model", where):
            by_model[model] = by_model.get(model, Total()) + total
    for model, total in sorted(by_model.items()):
        yield Text(
            f"technical.{model}", f"{model}: {total.tokens:,} tokens in {total.requests:,} requests.", MEASURED, ()
        )
    names = sorted({row.session for one in weeks for row in one.told.sessions})
    turns = sum(session.turns for session in read.sessions_of(db, names))
    yield Text("technical", f"{len(names):,} sessions, of {turns:,} turns from first to last.", MEASURED, ())
