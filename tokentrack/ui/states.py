"""Which state the counter is in, and what its icon shows. Pure: values in, values out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from tokentrack.review.budgets import Spent
from tokentrack.review.glance import Glance
from tokentrack.ui.source import Status
from tokentrack.ui.words import fault, short_money, short_tokens

State = Literal["idle", "within", "near", "over", "no_plan", "reading", "stale", "error", "paused"]

MODES = ("money", "tokens", "percent", "ring", "quiet")
"""What the icon may count; `quiet` hides all money."""

NEAR = 0.8
NOTICE, NOTICED = "notify.over", "notified.over"
"""Settings: whether to tell when a period's plan is passed, and of which periods that was told: a JSON list of their names."""
NOTICED_KEPT = 100
"""Names of past periods never come again; so many are more than the budgets that one may have."""


@dataclass(frozen=True, slots=True)
class IconLook:
    """All that decides the icon's pixels besides size and ground.

    `share` is used / planned, None without a budget, and where nothing of what is used is known.
    """

    state: State
    text: str = ""
    share: float | None = None


def planned(glance: Glance | None) -> Spent | None:
    """The budget in force; an amount of 0 is the person's way to say that nothing is planned."""
    spent = glance.spent if glance else None
    return spent if spent and spent.budget.amount > 0 else None


def periods_passed(glance: Glance | None) -> dict[str, Spent]:
    """The budgets that are passed, each by the name of its running period, which is the same until that ends."""
    return {
        f"{spent.budget.period} {spent.first} {spent.budget.project or ''}".strip(): spent
        for spent in (glance.budgets if glance else ())
        if spent.budget.amount > 0 and spent.share > 1
    }


def noticed(settings: Mapping[str, str]) -> list[str]:
    """The periods of which it was told, the oldest first. What an earlier version wrote is one name."""
    text = settings.get(NOTICED, "")
    try:
        names = json.loads(text) if text else []
    except ValueError:
        return [text]
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []


def with_noticed(settings: Mapping[str, str], names: Iterable[str]) -> str:
    """The setting with more names of periods."""
    return json.dumps(list(dict.fromkeys([*noticed(settings), *names]))[-NOTICED_KEPT:], ensure_ascii=False)


def state_of(glance: Glance | None, status: Status) -> State:
    """Precedence of product.md 5.2: error, paused, reading, stale, over, near, within, no plan, idle."""
    if fault(glance, status):
        return "error"
    if status.paused:
        return "paused"
    if status.reading is not None or glance is None:
        return "reading"
    return "stale" if status.stale else _spending(glance)


def _spending(glance: Glance) -> State:
    spent = planned(glance)
    if spent and spent.unknown and not spent.unpriced_requests:  # nothing tells what is paid
        return "no_plan" if glance.today.requests else "idle"
    if spent and spent.share > 1:
        return "over"
    if spent and spent.share >= NEAR:
        return "near"
    if spent and (glance.today.requests or spent.used > 0 or spent.unpriced_requests):
        return "within"
    return "no_plan" if glance.today.requests else "idle"


def look_of(glance: Glance | None, status: Status, mode: str = "money") -> IconLook:
    state = state_of(glance, status)
    spent = planned(glance)
    if mode == "quiet" and state in ("idle", "within", "near", "over", "no_plan"):
        return IconLook("no_plan")
    if glance is None or state in ("error", "paused", "reading", "idle"):
        return IconLook(state)
    return IconLook(state, _counted(glance, mode), spent.share if spent and not spent.unknown else None)


def _counted(glance: Glance, mode: str) -> str:
    spent = planned(glance)
    if mode == "tokens":
        return short_tokens(glance.today.tokens)
    if mode == "percent" and spent:
        return "?" if spent.unknown else f"{min(999, int(spent.share * 100))}%"
    if mode == "percent":
        return ""
    if mode in ("ring", "quiet"):
        return ""
    return short_money(glance.today.list_value)
