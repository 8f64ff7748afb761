"""What the popover, the menu and the Today page say, once for all three. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tokentrack import clock
from tokentrack.model.usage import Total
from tokentrack.review.budgets import PAID_UNKNOWN, Spent
from tokentrack.review.glance import Glance
from tokentrack.review.paid import Paid
from tokentrack.ui import words
from tokentrack.ui.source import Status
from tokentrack.ui.states import planned


@dataclass(frozen=True, slots=True)
class Headline:
    """The period's figure against its budget. `share` is None without a budget, and where nothing of what is used is known.

    `note` says that it is over, or why what is paid is not known.
    """

    caption: str
    figure: str
    planned: str = ""
    share: float | None = None
    note: str = ""
    over: bool = False
    scale: tuple[str, str, str] = ("", "", "")
    """First, present and last day under the bar."""
    position: float = 0.0
    why: str = ""
    """The figure's name, as `tokentrack why` takes it."""


@dataclass(frozen=True, slots=True)
class Line:
    """`name  before strong kind after`: the strong part is the figure, `kind` what sort of figure it is (AC 6)."""

    name: str
    strong: str
    before: str = ""
    after: str = ""
    kind: str = ""
    why: str = ""
    """The figure's name, as `tokentrack why` takes it."""

    @property
    def text(self) -> str:
        value = " ".join(part for part in (self.before, self.strong, self.kind) if part) + self.after
        return f"{self.name}: {value}"


def headline(glance: Glance, quiet: bool = False) -> Headline:
    spent = planned(glance)
    if quiet:
        return Headline("This week, tokens", words.count(glance.week.tokens), why=week_of(glance.day))
    if not spent:
        value = _value(glance.week) if glance.week.requests or not glance.unrecorded else words.money(None)
        return Headline("This week, list value", value, why=week_of(glance.day))
    kind = {"tokens": "tokens", "paid": "paid"}.get(spent.budget.measure, "list value")
    whose = f" for {words.project(spent)}" if spent.budget.project else ""
    return Headline(
        f"{words.period(spent)}{whose}, {kind}",
        words.used(spent),
        f"of {_planned(spent)} planned",
        None if spent.unknown else spent.share,
        _note(spent),
        spent.share > 1,
        *_scale(spent, glance.day),
        why=period_of(spent),
    )


def _note(spent: Spent) -> str:
    if words.paid_unknown(spent):
        return "no plan or charge"
    return words.over(spent) if spent.share > 1 else ""


def week_of(day: date) -> str:
    return f"week:{clock.week_name(day)}"


def day_of(day: date) -> str:
    return f"day:{day.isoformat()}"


def period_of(spent: Spent) -> str:
    """The running period of a budget, as `tokentrack why` calls it; what is paid is computed, from no request."""
    if spent.budget.measure == "paid":
        return f"paid {_days(spent)}"
    return _days(spent) + (f" project:{spent.budget.project}" if spent.budget.project else "")


def _days(spent: Spent) -> str:
    if spent.budget.period == "month":
        return f"month:{spent.first:%Y-%m}"
    return (day_of if spent.budget.period == "day" else week_of)(spent.first)


def _planned(spent: Spent) -> str:
    if spent.budget.measure == "tokens":
        return words.count(spent.budget.amount)
    return words.money(spent.budget.amount)


def _scale(spent: Spent, today: date) -> tuple[tuple[str, str, str], float]:
    """The days of the budget's period, and how far today's end lies in it. `last` is the period's last day."""
    if spent.budget.period == "day":
        return ("", "", ""), 0.0
    length = max(1, (spent.last - spent.first) // clock.DAY + 1)
    at = ((today - spent.first) // clock.DAY + 0.5) / length
    first, now, last = (_tick(spent, day) for day in (spent.first, today, spent.last))
    return (first, now, last), min(1.0, max(0.0, at))


def _tick(spent: Spent, day: date) -> str:
    return words.DAYS[day.weekday()] if spent.budget.period == "week" else f"{day.day} {words.MONTHS[day.month - 1]}"


def _value(total: Total) -> str:
    return words.money(total.list_value, unpriced=total.unpriced_requests)


def lines(glance: Glance, quiet: bool = False) -> list[Line]:
    """The popover's rows below its headline."""
    spent, made = planned(glance), []
    kind = "" if quiet else _list(spent)
    whole_week = (
        spent and spent.budget.period == "week" and spent.budget.measure == "list_value" and not spent.budget.project
    )
    if spent and not quiet and not whole_week:
        made.append(
            Line(
                "This week",
                _value(glance.week),
                after=f" · {words.tokens(glance.week.tokens)}",
                kind=kind,
                why=week_of(glance.day),
            )
        )
    made += [] if quiet else [_other(one) for one in glance.budgets if one != spent]
    if glance.paid and not quiet and not (spent and spent.budget.measure == "paid"):
        made.append(paid_line(glance.paid, glance.day))
    made.append(today_line(glance, quiet))
    if glance.live:
        value = words.tokens(glance.live.total.tokens) if quiet else _value(glance.live.total)
        doing = words.isolated(glance.live_task.name if glance.live_task else words.title(glance.live))
        made.append(Line("Now", value, before=doing, kind=kind, why=glance.live.id))
    for agent, sessions in glance.unrecorded:
        why = f"{week_of(glance.day)} agent:{agent}"
        counted = words.plural(sessions, "session")
        made.append(Line(words.agent(agent), counted, after=f" · tokens {words.UNRECORDED}", why=why))
    if glance.unlinked_sessions:
        value = "" if quiet else " ".join(part for part in (f" · {_unlinked_value(glance)}", kind) if part)
        made.append(
            Line("To link", f"{glance.unlinked_sessions:,}", after=f" {_sessions(glance)}{value}", why="unlinked")
        )
    return made


def _list(spent: Spent | None) -> str:
    """What list value is called where the headline above it tells something else."""
    return f"({words.LIST})" if spent and words.kind(spent) != words.LIST else ""


def _other(spent: Spent) -> Line:
    """A budget that the headline does not show."""
    name = words.project(spent) if spent.budget.project else "Everything"
    if words.paid_unknown(spent):
        return Line(name, "unknown", after=f" · {PAID_UNKNOWN}", why=period_of(spent))
    tokens = spent.budget.measure == "tokens"
    kind = "" if tokens else f"({words.kind(spent)})"
    after = f" of {_planned(spent)}{' tokens' if tokens else ''} a {spent.budget.period}"
    return Line(name, words.used(spent), after=after, kind=kind, why=period_of(spent))


def _unlinked_value(glance: Glance) -> str:
    """AC 5: where nothing of it has a price, the value is unknown, not 0."""
    unknown = glance.unlinked_unpriced and not glance.unlinked_value
    return words.money(None if unknown else glance.unlinked_value, unpriced=glance.unlinked_unpriced)


def _sessions(glance: Glance) -> str:
    return "session" if glance.unlinked_sessions == 1 else "sessions"


def paid_line(paid: Paid, day: date) -> Line:
    """`Paid so far: at least $40 · this week`: what the week cost by plans and charges."""
    before = "at least" if paid.at_least else ""
    return Line("Paid so far", words.money(paid.amount), before, " · this week", why=f"paid {week_of(day)}")


def today_line(glance: Glance, quiet: bool = False) -> Line:
    if not glance.today.requests and glance.unrecorded_today:
        return Line("Today", words.UNRECORDED, after=_silent(glance), why=day_of(glance.day))
    if not glance.today.requests:
        return Line("Today", "", before="nothing read today")
    if quiet:
        return Line("Today", words.tokens(glance.today.tokens), why=day_of(glance.day))
    after = f" · {words.tokens(glance.today.tokens)}"
    return Line("Today", _value(glance.today), after=after, kind=_list(planned(glance)), why=day_of(glance.day))


def _silent(glance: Glance) -> str:
    return " · " + words.plural(sum(sessions for _, sessions in glance.unrecorded_today), "session")


def menu_lines(glance: Glance | None, status: Status, quiet: bool = False) -> list[str]:
    """The same as the popover, a text a line, for desktops that only open menus."""
    if glance is None:
        return [status.error or "Nothing read yet"]
    head = headline(glance, quiet)
    first = f"{head.caption}: {head.figure}" + (f" {head.planned}" if head.planned else "")
    texts = [first] + ([head.note] if head.note else [])
    return texts + [line.text for line in lines(glance, quiet)] + [words.health(glance, status)]
