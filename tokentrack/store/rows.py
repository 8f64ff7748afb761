"""Rows of the store ▶ nouns, and the one list of sums that every total is made of."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Any

from tokentrack.model.costs import Price, Rates
from tokentrack.model.logs import NOT_RECORDED, TOKENS_FROM, Request
from tokentrack.model.usage import Session, Total


def _sums(r: str) -> str:
    """`r` stands before the name of each column."""
    return f"""count(*), coalesce(sum({r}input), 0), coalesce(sum({r}output), 0), sum({r}reasoning),
  coalesce(sum({r}cache_read), 0), coalesce(sum({r}cache_write_5m), 0), coalesce(sum({r}cache_write_1h), 0),
  coalesce(sum(case when {r}web_searches > 0 then {r}web_searches else {r}web_searches_found end), 0),
  sum({r}recorded_cost), coalesce(sum({r}list_value), 0), count(*) - count({r}list_value)"""


SUMS, R_SUMS = _sums(""), _sums("r.")
"""Of requests; the second where their table is called `r`."""
PARTIAL, LACKING = TOKENS_FROM.index("partial"), TOKENS_FROM.index(NOT_RECORDED)
"""Of `tokens_from`, as it is kept."""


def total_of(row: Sequence[Any]) -> Total:
    """A row of `SUMS`."""
    requests, unpriced = row[0], row[10]
    value = None if requests and requests == unpriced else row[9]
    return Total(requests, row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8], value, unpriced)


def request_of(row: sqlite3.Row) -> Request:
    """The figures of a stored request, with the web searches that count."""
    return Request(
        key=row["key"], at=row["at"], model=row["model"], input=row["input"], output=row["output"],
        cache_read=row["cache_read"], cache_write_5m=row["cache_write_5m"], cache_write_1h=row["cache_write_1h"],
        reasoning=row["reasoning"], web_searches=row["web_searches"] or row["web_searches_found"], variant=row["variant"],
        recorded_cost=row["recorded_cost"], tokens_from=TOKENS_FROM[row["tokens_from"]], standing=row["standing"],
        claim=int(row["owner"][0]), cwd=None, branch=None, offset=row["position"],
    )  # fmt: skip


def session_of(row: sqlite3.Row) -> Session:
    return Session(
        id=row["uid"], agent=row["agent"], native_id=row["orphan"] or row["native_id"], title=row["title"],
        project=row["project"], cwd=row["cwd"], branches=tuple((row["branches"] or "").split("\n")) if row["branches"] else (),
        started_at=row["started_at"], ended_at=row["ended_at"],
        turns=max(row["turns"], 1 if row["requests"] else 0), tokens_from=TOKENS_FROM[row["tokens_from"]],
        total=Total(
            row["requests"], row["input"], row["output"], row["reasoning"], row["cache_read"], row["cache_write_5m"],
            row["cache_write_1h"], row["web_searches"], row["recorded_cost"],
            None if row["requests"] and row["requests"] == row["unpriced"] else row["list_value"], row["unpriced"],
        ),
    )  # fmt: skip


def price_of(row: sqlite3.Row) -> Price:
    return Price(
        row["price_model"], row["price_since"], row["price_until"], Rates(**json.loads(row["rates"])),
        tuple((start, Rates(**rates)) for start, rates in json.loads(row["tiers"])), row["source"], row["matched"],
    )  # fmt: skip
