"""What stands on a page if it was asked for: budgets, break-even, technical detail. None of it is there by default."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from tokentrack import clock
from tokentrack.export import wording
from tokentrack.export.cost import amount
from tokentrack.export.names import Names
from tokentrack.export.options import BUDGET, RATE, TECHNICAL, Options
from tokentrack.export.page import HYPOTHETICAL, MEASURED, SELF_REPORTED, Appendix, Figure, Tag, Text
from tokentrack.export.sums import Work
from tokentrack.export.text import WORK, clean
from tokentrack.model import Total
from tokentrack.money import dollars, whole_dollars
from tokentrack.review import usage, worth
from tokentrack.review.snapshot import BudgetRow, TokensRow
from tokentrack.review.week import Week, closed_where
from tokentrack.store import ledger, read, reviews
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


def appendices(names: Names, weeks: Sequence[Week], works: Sequence[Work], rate: int | None) -> Iterator[Appendix]:
    """`works` are those that are shown; `rate` is micro-dollars an hour."""
    options = names.options
    if BUDGET in options.fields:
        yield Appendix("Budget", "", tuple(_budgets(weeks, options)))
    if RATE in options.fields:
        lines = () if rate is None else tuple(_break_even(names, works, rate))
        yield Appendix("Break-even", "", lines)
    if TECHNICAL in options.fields:
        yield Appendix("Technical detail", MISREAD, tuple(_technical(names.db, weeks)))


def _budgets(weeks: Iterable[Week], options: Options) -> Iterator[Text]:
    for one in weeks:
        if one.told.budget is not None:
            name = f"Week {wording.weeks([one.told.week])}"
            figures = tuple(_budget_figures(one.told.budget, options))
            yield Text(
                f"budget.{one.told.week}", f"{name}: {_budget(one.told.budget)}", figures[1].tag, (), figures=figures
            )


def _budget(one: BudgetRow) -> str:
    if one.measure == "tokens":
        used = "unknown" if one.used is None else f"{one.used:,} tokens"
        return f"{one.amount:,} tokens planned for the {one.period}, {used} used."
    used = "unknown" if one.used is None else whole_dollars(one.used)
    kind = "paid" if one.measure == "paid" else "list value (hypothetical)"
    return f"{whole_dollars(one.amount)} planned for the {one.period}, {used} {kind}."


def _budget_figures(one: BudgetRow, options: Options) -> Iterator[Figure]:
    if one.measure == "tokens":
        yield Figure(what="planned", value=one.amount, unit="tokens", tag=SELF_REPORTED)
        yield Figure(what="used", value=one.used, unit="tokens", tag=MEASURED)
        return
    tag: Tag = SELF_REPORTED if one.measure == "paid" else HYPOTHETICAL
    yield amount("planned", one.amount, SELF_REPORTED, options)
    yield amount("used", one.used, tag, options)


def _break_even(names: Names, works: Iterable[Work], rate: int) -> Iterator[Text]:
    """Of each piece of work up to the last week that tells of it, as it was closed: what came later is not of this page."""
    for work in works:
        if not work.in_all or names.tasks[work.task] is None:
            continue
        at_least = work.unknown or _unknown(names.db, work)
        least, minutes, name = "at least " if at_least else "", worth.minutes_of(work.in_all, rate), names.of(work.task)
        value = f"{least}{whole_dollars(work.in_all)} of list value in all up to week {wording.weeks([work.week])}"
        time = f"{least}{minutes:,} {'minute' if minutes == 1 else 'minutes'} of my time"
        figures = (
            amount("list value", work.in_all, HYPOTHETICAL, names.options, at_least=at_least),
            Figure(what="rate", value=rate, unit="micro-dollars", tag=SELF_REPORTED),
            Figure(what="time", value=minutes, unit="minutes", tag=HYPOTHETICAL, at_least=at_least),
        )
        told = f"{name}: {value}; at my rate of {dollars(rate)}/h that would be {time}."
        yield Text(f"rate.{work.task}", told, HYPOTHETICAL, (), figures=figures)
        verdict = reviews.verdict(names.db, work.task, names.until)
        if verdict is not None:
            yield Text(f"worth.{work.task}", f"{name}: {VERDICTS[verdict.worth]}", SELF_REPORTED, ())


def _unknown(db: sqlite3.Connection, work: Work) -> bool:
    """Something that was used for it by then has no known price, or was not recorded."""
    if read.total(db, Where(until=work.until, tasks=(work.task,))).unpriced_requests:
        return True
    return any(task == work.task for task, _ in ledger.unrecorded(db, until=work.until))


def _technical(db: sqlite3.Connection, weeks: Sequence[Week]) -> Iterator[Text]:
    """What each week says of itself. Of a closed one the models are read anew, by name alone: its figures stand."""
    tokens = [_tokens(one.told.tokens) for one in weeks if one.told.tokens is not None]
    all_, requests = sum(tokens), sum(one.told.requests for one in weeks)
    sessions = len({row.session for one in weeks for row in one.told.sessions})
    at_least = len(tokens) < len(weeks)
    least = "At least " if at_least else ""
    told = f"{least}{all_:,} tokens in {requests:,} requests of {wording.count(sessions, 'session')}."
    figures = (_measured("tokens", all_, at_least), _measured("requests", requests), _measured("sessions", sessions))
    yield Text("technical", told, MEASURED, (), figures=figures)
    running = [one for one in weeks if not one.closed]
    if running:
        yield from _running(db, running)
    closed = [one for one in weeks if one.closed]
    if closed:
        called = wording.in_weeks([one.told.week for one in closed])
        models = {model for one in closed for model, _ in usage.totals(db, "model", closed_where(one.monday, one.told))}
        named = wording.listing(clean(model, WORK) for model in sorted(models)) if models else "none"
        told = f"Models of {called}, as the logs name them now: {named}. What each used, and turns, is not kept of closed weeks."
        yield Text("technical.closed", told, MEASURED, ())


def _tokens(one: TokensRow) -> int:
    return one.input + one.output + one.cache_read + one.cache_write_5m + one.cache_write_1h


def _running(db: sqlite3.Connection, weeks: Sequence[Week]) -> Iterator[Text]:
    """Models and turns of weeks that are open."""
    by_model: dict[str, Total] = {}
    turns = 0
    for one in weeks:
        begin, end = clock.start_of(one.monday), clock.start_of(one.monday + 7 * clock.DAY)
        for model, total in usage.totals(db, "model", Where(begin, end)):
            by_model[model] = by_model.get(model, Total()) + total
        for session in {row.session for row in one.told.sessions}:
            at = (turn.at for turn in read.turns(db, session))
            turns += sum(begin <= begun < end for begun in at if begun is not None)
    called = wording.in_weeks([one.told.week for one in weeks]).capitalize()
    for model, total in sorted(by_model.items()):
        told = f"{called}, {clean(model, WORK)}: {total.tokens:,} tokens in {total.requests:,} requests."
        figures = (_measured("tokens", total.tokens), _measured("requests", total.requests))
        yield Text(f"technical.{model}", told, MEASURED, (), figures=figures)
    yield Text(
        "technical.turns",
        f"{called}: {wording.count(turns, 'turn')}.",
        MEASURED,
        (),
        figures=(_measured("turns", turns),),
    )


def _measured(unit: Literal["tokens", "requests", "sessions", "turns"], value: int, at_least: bool = False) -> Figure:
    return Figure(what=unit, value=value, unit=unit, tag=MEASURED, at_least=at_least)
