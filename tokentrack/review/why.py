"""From a figure down to the bytes it came from: which log, where in it, by which rule, at which price."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from tokentrack import clock
from tokentrack.agents import agent_named
from tokentrack.model import Total
from tokentrack.store import read
from tokentrack.store.read import Source, Where

RULES = {
    2: "the session's own record: of its copies the one with the largest output, taken whole",
    1: "a sub-agent's record, no record of the session itself holds it; of its copies the one with the largest output",
    0: "an echo in the parent's log, no other file holds it: its output figure is only a beginning",
}
"""How the counted record was chosen among its copies, by `Request.standing`; an agent with other ways has `RULES` of its own."""


class UnknownName(Exception):
    """No figure has this name, or several have it; the message is for the person."""


@dataclass(frozen=True, slots=True)
class Why:
    figure: str
    total: Total
    sources: list[Source]


def why(db: sqlite3.Connection, name: str) -> Why:
    """The requests behind `today`, `day:…`, `week:…`, `month:…`, `model:…`, a session or a request. Raises UnknownName."""
    figure, where, key = _find(db, name)
    sources = read.sources(db, where, key)
    total = read.total(db, where) if key is None else _of_one(sources)
    return Why(figure, total, sources)


def _find(db: sqlite3.Connection, name: str) -> tuple[str, Where, str | None]:
    if name == "today":
        return name, _between(clock.today(), clock.today() + clock.DAY), None
    kind, _, rest = name.partition(":")
    try:
        if kind == "day" and rest:
            return name, _between(date.fromisoformat(rest), date.fromisoformat(rest) + clock.DAY), None
        if kind == "week" and rest:
            return name, _between(clock.parse_week(rest), clock.parse_week(rest) + 7 * clock.DAY), None
        if kind == "month" and rest:
            first = date.fromisoformat(f"{rest}-01")
            return name, _between(first, clock.next_month(first)), None
    except (ValueError, OverflowError):
        raise UnknownName(f"{rest} is no {kind}") from None
    if kind == "model" and rest:
        return name, Where(model=rest), None
    if sessions := read.sessions_like(db, name):
        if len(sessions) > 1:
            raise UnknownName(f"{name} may be " + ", ".join(session.id for session in sessions))
        return f"session {sessions[0].id}", Where(session=sessions[0].id), None
    keys = read.request_keys_like(db, name)
    if len(keys) == 1:
        return f"request {keys[0]}", Where(), keys[0]
    if keys:
        raise UnknownName(f"{name} may be " + ", ".join(keys))
    raise UnknownName(
        f"nothing here is called {name}: name a session, a request, today, day:…, week:…, month:… or model:…"
    )


def _between(first: date, after: date) -> Where:
    return Where(clock.start_of(first), clock.start_of(after))


def _of_one(sources: list[Source]) -> Total:
    total = Total()
    for source in sources:
        r = source.request
        total += Total(
            1, r.input, r.output, r.reasoning, r.cache_read, r.cache_write_5m, r.cache_write_1h, r.web_searches,
            r.recorded_cost, source.list_value, int(source.list_value is None),
        )  # fmt: skip
    return total


def raw_of(source: Source) -> dict[str, object] | None:
    """The counters as the agent logged them, read again from the log; None where the log or the record is gone."""
    return agent_named(source.agent).raw(Path(source.log), source.request.offset, source.request.key)


def rule_of(source: Source) -> str:
    rules: Mapping[int, str] = getattr(agent_named(source.agent), "RULES", RULES)
    return rules[source.request.standing]


def price_of(source: Source) -> dict[str, Any] | None:
    """The price row a request was multiplied by: micro-dollars for a million tokens, and from which day."""
    price = source.price
    if price is None:
        return None
    rates = price.rates
    for threshold, tier in price.tiers:
        if source.request.prompt_tokens > threshold:
            rates = tier
    return {
        "model": price.matched,
        "from": None if price.since is None else clock.iso(price.since),
        "per_mtok": {name: getattr(rates, name) for name in rates.__slots__ if name != "web_searches"},
        "source": price.source,
    }
