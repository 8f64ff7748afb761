"""What stands on a page if it was asked for: budgets, break-even, technical detail. None of it is there by default."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from typing import Literal

import msgspec

from tokentrack.export import wording
from tokentrack.export.cost import LIST_IS, amount
from tokentrack.export.names import Names
from tokentrack.export.options import BUDGET, RATE, TECHNICAL, Options
from tokentrack.export.page import HYPOTHETICAL, MEASURED, SELF_REPORTED, Appendix, Figure, Tag, Text
from tokentrack.export.sums import Work
from tokentrack.export.text import WORK, clean
from tokentrack.money import dollars, whole_dollars
from tokentrack.phrases import day, plural
from tokentrack.review import worth
from tokentrack.review.snapshot import BudgetRow, Snapshot, TokensRow
from tokentrack.review.week import Week
from tokentrack.store import ledger, read, reviews
from tokentrack.store.read import Where

LIST_VALUE = f"List value is {LIST_IS}"
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
    names: Names, weeks: Sequence[Week], works: Sequence[Work], rate: int | None, fields: Collection[str]
) -> Iterator[Appendix]:
    """Those of `fields`. `works` are those that are shown; `rate` is micro-dollars an hour.

    Tokens stand below the note on misreading alone, those of a budget too (product 7.4, 7.7).
    """
    if BUDGET in fields:
        planned = tuple(row for one in weeks for row in one.told.budgets)
        note = LIST_VALUE if any(one.measure == "list_value" for one in planned) else ""
        yield Appendix("Budget", note, (*_budgets(names, weeks, in_tokens=False), *_planned_in_tokens(weeks)))
    if RATE in fields:
        lines = () if rate is None else tuple(_break_even(names, works, rate))
        yield Appendix("Break-even", LIST_VALUE if lines else "", lines)
    if TECHNICAL in fields:
        budgets = tuple(_budgets(names, weeks, in_tokens=True)) if BUDGET in fields else ()
        yield Appendix("Technical detail", MISREAD, (*_technical(weeks), *budgets))


def _budgets(names: Names, weeks: Iterable[Week], *, in_tokens: bool) -> Iterator[Text]:
    for one in weeks:
        for row in one.told.budgets:
            if (row.measure == "tokens") == in_tokens:
                key = f"budget.{one.told.week}{'' if row is one.told.budget else '.before'}"
                told = (
                    f"{wording.in_weeks([one.told.week], begins=True)}: {_budget(names, _with_unknown(row, one.told))}"
                )
                figures = tuple(_budget_figures(_with_unknown(row, one.told), names.options))
                yield Text(key, told, figures[1].tag, (), figures=figures)


def _with_unknown(one: BudgetRow, told: Snapshot) -> BudgetRow:
    """What is not known is no 0 (AC 5). A week that was closed before budgets told of it has its own requests without a price."""
    before = one.since is None and one.measure == "list_value" and told.unpriced_requests > 0
    unknown = one.unknown or before
    return msgspec.structs.replace(one, unknown=unknown, used=None if unknown and not one.used else one.used)


def _planned_in_tokens(weeks: Sequence[Week]) -> Iterator[Text]:
    found = [one.told.week for one in weeks if any(row.measure == "tokens" for row in one.told.budgets)]
    if found:
        told = f"{wording.in_weeks(found, begins=True)}: planned in tokens, which stand in technical detail alone."
        yield Text("budget.tokens", told, SELF_REPORTED, ())


def _budget(names: Names, one: BudgetRow) -> str:
    """Of which period it is, and by which day how much of it was used; one project's says so."""
    span = f"the {one.period}" if one.since is None else wording.planned_for(one.period, date.fromisoformat(one.since))
    whose = "" if one.project is None else f" in {names.project(one.project) or 'one project'}"
    by = "when it was closed" if one.through is None else f"by {day(date.fromisoformat(one.through), year=False)}"
    if one.used is None:
        used = "unknown"
    elif one.measure == "paid":
        used = f"{'at least ' if one.unknown else ''}{whole_dollars(one.used)}"
    else:
        used = f"{one.used:,}" if one.measure == "tokens" else whole_dollars(one.used)
        used += " + unknown" if one.unknown else ""
    if one.measure == "tokens":
        return f"{one.amount:,} tokens planned for {span}{whose}, {used} tokens used {by}."
    kind = "paid" if one.measure == "paid" else "list value (hypothetical) used"
    return f"{whole_dollars(one.amount)} planned for {span}{whose}, {used} {kind} {by}."


def _budget_figures(one: BudgetRow, options: Options) -> Iterator[Figure]:
    if one.measure == "tokens":
        yield Figure(what="planned", value=one.amount, unit="tokens", tag=SELF_REPORTED)
        yield Figure(what="used", value=one.used, unit="tokens", tag=MEASURED, at_least=one.unknown)
        return
    tag: Tag = SELF_REPORTED if one.measure == "paid" else HYPOTHETICAL
    yield amount("planned", one.amount, SELF_REPORTED, options)
    yield amount("used", one.used, tag, options, at_least=one.unknown)


def _break_even(names: Names, works: Iterable[Work], rate: int) -> Iterator[Text]:
    """Of each piece of work up to the last week that tells of it, as it was closed: what came later is not of this page."""
    for work in works:
        if not work.in_all or names.tasks[work.task] is None:
            continue
        at_least = work.unknown or _unknown(names.db, work)
        least, minutes, name = "at least " if at_least else "", worth.minutes_of(work.in_all, rate), names.of(work.task)
        value = f"{least}{whole_dollars(work.in_all)} of list value in all up to week {wording.weeks([work.week])}"
        time = f"{least}{plural(minutes, 'minute')} of my time"
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


def _technical(weeks: Sequence[Week]) -> Iterator[Text]:
    """What each week says of itself, a closed one as it was closed; tokens that were not recorded are no 0 (AC 5)."""
    tokens = [_tokens(one.told.tokens) for one in weeks if one.told.tokens is not None]
    all_, requests = sum(tokens), sum(one.told.requests for one in weeks)
    sessions = len({row.session for one in weeks for row in one.told.sessions})
    unknown = any(one.told.tokens is None or one.told.partly or one.told.unrecorded_sessions for one in weeks)
    total = None if unknown and not all_ else all_
    known = "Unknown" if total is None else f"{total:,} + unknown" if unknown else f"{total:,}"
    told = f"{known} tokens in {plural(requests, 'request')} of {plural(sessions, 'session')}."
    figures = (_measured("tokens", total, unknown), _measured("requests", requests), _measured("sessions", sessions))
    yield Text("technical", told, MEASURED, (), figures=figures)
    kept = [one.told for one in weeks if one.told.models is not None]
    before = [one.told.week for one in weeks if one.told.models is None]
    yield from _kept(kept, f"{wording.in_weeks([one.week for one in kept], begins=True)}, " if before else "")
    if before:
        told = f"{wording.in_weeks(before, begins=True)}: what each model used, and turns, were not kept at closing."
        yield Text("technical.before", told, MEASURED, ())


def _kept(weeks: Sequence[Snapshot], which: str) -> Iterator[Text]:
    """Models and turns of weeks that tell of them; each sentence begins with `which` they are."""
    if not weeks:
        return
    tokens, requests = Counter[str](), Counter[str]()
    for row in (row for one in weeks for row in one.models or ()):
        tokens[row.model] += row.tokens
        requests[row.model] += row.requests
    for model in sorted(tokens):
        told = f"{which}{clean(model, WORK)}: {tokens[model]:,} tokens in {plural(requests[model], 'request')}."
        figures = (_measured("tokens", tokens[model]), _measured("requests", requests[model]))
        yield Text(f"technical.{model}", told, MEASURED, (), figures=figures)
    turns = sum(one.turns or 0 for one in weeks)
    told = f"{which}{plural(turns, 'turn')} begun."
    yield Text("technical.turns", told, MEASURED, (), figures=(_measured("turns", turns),))


def _tokens(one: TokensRow) -> int:
    return one.input + one.output + one.cache_read + one.cache_write_5m + one.cache_write_1h


def _measured(
    unit: Literal["tokens", "requests", "sessions", "turns"], value: int | None, at_least: bool = False
) -> Figure:
    return Figure(what=unit, value=value, unit=unit, tag=MEASURED, at_least=at_least)
