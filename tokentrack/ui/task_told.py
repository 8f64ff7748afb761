"""What the page of a task tells, in rows and sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tokentrack.clock import now
from tokentrack.model.tasks import Estimate, OutcomeEvent, Span, Task
from tokentrack.model.usage import Session, Total
from tokentrack.review.effect import told
from tokentrack.review.ledger import Used
from tokentrack.review.task_page import Part, TaskPage, late
from tokentrack.store.read import UNKNOWN
from tokentrack.ui import outcomes, words
from tokentrack.ui.figure import Figure
from tokentrack.ui.tables import Column
from tokentrack.ui.task_rows import value

HOUR = 60


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table that adds up to the task: a session's turns, a model, a week, or the sum. `why` names its figure."""

    name: str
    used: Used
    why: str
    about: str = ""
    at: int | None = None
    session: Session | None = None
    turns: tuple[Span, ...] = ()
    is_sum: bool = False

    @property
    def figure(self) -> Figure | None:
        if not self.used.sessions:
            return None
        return Figure(self.why, f"{words.cut(self.name, 60)}, list value", value(self.used))


def said(turns: Sequence[Span]) -> str:
    """`all`, `3`, `2 to 4, 6 and later`."""
    return ", ".join(_range(one) for one in turns)


def _range(turns: Span) -> str:
    if turns.last is None:
        return f"{turns.first} and later" if turns.first else "all"
    return f"{turns.first}" if turns.first == turns.last else f"{turns.first} to {turns.last}"


def session_lines(page: TaskPage) -> list[Line]:
    made = [_session_line(page.task, part) for part in page.parts]
    return [*made, _sum(page)] if made else []


def _session_line(task: Task, part: Part) -> Line:
    name = words.title(part.session)
    why = f"task:{task.id} session:{part.session.id}"
    return Line(name, part.used, why, said(part.turns), part.session.ended_at, part.session, part.turns)


def total_lines(page: TaskPage, by: str) -> list[Line]:
    """By `model` or by `week`; what is not recorded stands in a row of its own, so that nothing is left out in silence."""
    totals = page.by_model if by == "model" else page.by_week
    made = [Line(_called(key, by), Used(total, 1), _name(page.task, by, key)) for key, total in totals]
    if page.used.unrecorded:
        silent = Used(Total(), page.used.unrecorded, page.used.unrecorded)
        made.append(Line("tokens not recorded", silent, f"task:{page.task.id}"))
    return [*made, _sum(page)] if made else []


def _called(key: str, by: str) -> str:
    return f"{by} {UNKNOWN}" if key == UNKNOWN else key


def _name(task: Task, by: str, key: str) -> str:
    if by == "week":
        return f"task:{task.id}" if key == UNKNOWN else f"week:{key} task:{task.id}"
    return f"task:{task.id} model:{key}"


def _sum(page: TaskPage) -> Line:
    return Line("sum", page.used, f"task:{page.task.id}", is_sum=True)


SESSIONS: tuple[Column[Line], ...] = (
    Column("Session", lambda line: line.name, tip=lambda line: line.name),
    Column("Turns", lambda line: line.about, tip=lambda line: line.about, widest="2 and later"),
    Column("When", lambda line: words.when(line.at, now()) if line.at is not None else "", widest="yesterday 22:22"),
    Column("List value", lambda line: value(line.used), figure=True, widest="$1,234.56", why=lambda line: line.figure),
)


def totals_columns(head: str) -> tuple[Column[Line], ...]:
    return (
        Column(head, lambda line: line.name, tip=lambda line: line.name),
        Column(
            "List value", lambda line: value(line.used), figure=True, widest="$1,234.56", why=lambda line: line.figure
        ),
    )


def event_text(event: OutcomeEvent) -> str:
    """`3 Nov: shipped. In use by finance.`"""
    what = "opened again" if event.outcome is None else outcomes.word(event.outcome)
    return f"{words.when(event.at, now())}: {what}" + (f". {event.note}" if event.note else "")


def estimate_text(estimate: Estimate, used: Used) -> str:
    if estimate.what == "spend":
        what = f"{words.money(estimate.low, exact=True)} to {words.money(estimate.high, exact=True)} list value"
    else:
        how = "with the agent" if estimate.what == "with_ai" else "without it"
        what = f"{_hours(estimate.low)} to {_hours(estimate.high)} hours {how}"
    text = f"{words.when(estimate.made_at, now())}: {what}"
    return f"{text} · made late: more than a tenth was used" if late(estimate, used) else text


def worth_text(page: TaskPage) -> str:
    """`$110.00 list value: 73 minutes of your time at your rate`; empty without a rate."""
    even = page.break_even
    if even is None:
        return ""
    least = "at least " if even.at_least else ""
    amount = words.money(even.list_value, exact=True)
    return words.first(
        f"{least}{amount} list value: {least}{words.plural(even.minutes, 'minute')} of your time at your rate"
    )


def verdict_text(page: TaskPage) -> str:
    """What was answered, and about which list value where that is another by now; empty: nothing was."""
    verdict = page.verdict
    if verdict is None:
        return ""
    asked = "you answered" if page.break_even else "Worth what it used? You answered"
    amount = words.money(verdict.list_value, exact=True)
    then = "" if verdict.list_value in (None, page.used.list_value) else f" when it was {amount} list value"
    return f"{asked}: {words.ANSWERS[verdict.worth]}{then} (self-reported)"


def effect_texts(page: TaskPage) -> tuple[str, ...]:
    """Nothing where nothing was said of the time without an agent."""
    stated = page.effect is not None or any(one.what == "without_ai" for one in page.estimates)
    return told(page.effect, page.task.anyway, page.cut) if stated else ()


def floor_hours(page: TaskPage) -> str:
    """Hours that prompts tell, as they are typed, rounded up to what a field can hold; empty: none, or they are off."""
    minutes = page.attended.minutes if page.attended and page.attended.prompts else 0
    return f"{-(-100 * minutes // HOUR) / 100:g}" if minutes else ""


def _hours(minutes: int) -> str:
    return f"{minutes / HOUR:g}" if minutes % 6 == 0 else f"{minutes / HOUR:.2f}".rstrip("0")
