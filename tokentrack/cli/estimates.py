"""What a task may take, as it is typed and told: dollars of list value, or time with the agent."""

from __future__ import annotations

import re
from typing import Any

import click

from tokentrack.cli import out
from tokentrack.model.tasks import Estimate
from tokentrack.money import dollars

_ESTIMATE = re.compile(
    r"\$?(?P<low>\d{1,7}(\.\d{1,6})?)(?P<low_unit>[hm]?)\.\.\$?(?P<high>\d{1,7}(\.\d{1,6})?)(?P<unit>[hm]?)"
)


class Expected(click.ParamType[tuple[str, int, int]]):
    """`20..60` ▶ (`spend`, micro-dollars from, to); `4h..8h` ▶ (`with_ai`, minutes from, to)."""

    name = "LOW..HIGH"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, int, int]:
        if isinstance(value, tuple):
            return value
        found = _ESTIMATE.fullmatch(value.strip())
        if found is None or (found["low_unit"] and not found["unit"]):
            self.fail(f"{value} is no range like 20..60 (dollars of list value) or 4h..8h (with the agent)", param, ctx)
        unit = found["unit"]
        low, high = _scaled(found["low"], found["low_unit"] or unit), _scaled(found["high"], unit)
        if high < low:
            self.fail(f"{value} ends below its beginning", param, ctx)
        return ("with_ai" if unit else "spend", low, high)


def _scaled(number: str, unit: str) -> int:
    """Micro-dollars, or minutes."""
    return round(float(number) * {"": 1_000_000, "h": 60, "m": 1}[unit])


HELP = (
    "What it may take, so wide that eight of ten times it falls inside: 20..60 is dollars of list value, 4h..8h or 30m..90m "
    "your time with the agent."
)


def in_words(one: Estimate) -> str:
    if one.what == "spend":
        return f"{out.moment(one.made_at)}  {dollars(one.low)} to {dollars(one.high)} list value"
    kind = "with the agent" if one.what == "with_ai" else "without an agent"
    return f"{out.moment(one.made_at)}  {_hours(one.low)} to {_hours(one.high)} {kind}"


def _hours(minutes: int) -> str:
    return f"{minutes} min" if minutes % 60 else f"{minutes // 60} h"
