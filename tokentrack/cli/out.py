"""How the command line prints: JSON as documented, or tables for people."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path
from sqlite3 import Connection
from typing import TYPE_CHECKING, Any

import click

from tokentrack import clock, phrases
from tokentrack.store import open_store

if TYPE_CHECKING:
    from tokentrack.model.tasks import Link, Span, Suggestion, Task
    from tokentrack.model.usage import Session, Total

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")


class Day(click.ParamType[date]):
    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            day = date.fromisoformat(value)
        except ValueError:
            day = date.min
        if not 1970 <= day.year < 9999:
            self.fail(f"{value} is no date like 2026-11-22", param, ctx)
        return day


def opened(path: Path) -> closing[Connection]:
    return closing(open_store(path))


def print_json(document: object) -> None:
    json.dump(document, sys.stdout, ensure_ascii=False)
    sys.stdout.write("\n")


def total_json(total: Total, unrecorded: int = 0) -> dict[str, Any]:
    """TOTAL of the documented JSON; and how many sessions are in no sum, as their tokens are recorded nowhere.

    The list value of such sessions alone is not known (AC 5).
    """
    return {
        "requests": total.requests,
        "input": total.input,
        "output": total.output,
        "reasoning": total.reasoning,
        "cache_read": total.cache_read,
        "cache_write_5m": total.cache_write_5m,
        "cache_write_1h": total.cache_write_1h,
        "tokens": total.tokens,
        "web_search_requests": total.web_search_requests,
        "recorded_cost": total.recorded_cost,
        "list_value": None if unrecorded and not total.requests else total.list_value,
        "unpriced_requests": total.unpriced_requests,
        **({"unrecorded_sessions": unrecorded} if unrecorded else {}),
    }


def session_json(session: Session, linked: Sequence[Link]) -> dict[str, Any]:
    """SESSION of the documented JSON, with the links of its turns."""
    from tokentrack.store.links import unlinked_turns

    return {
        "id": session.id,
        "agent": session.agent,
        "native_id": session.native_id,
        "title": session.title,
        "project": session.project,
        "cwd": session.cwd,
        "branches": list(session.branches),
        "started_at": clock.iso(session.started_at),
        "ended_at": clock.iso(session.ended_at),
        "turns": session.turns,
        "tokens_from": session.tokens_from,
        "tasks": list(dict.fromkeys(link.task for link in linked if link.task is not None)),
        "unlinked_turns": unlinked_turns(session.turns, linked),
        **total_json(session.total, int(session.unrecorded)),
    }


def turns_json(turns: Span) -> list[int | None]:
    return [turns.first, turns.last]


def link_json(link: Link) -> dict[str, Any]:
    return {"session": link.session, "task": link.task, "turns": turns_json(link.turns), "source": link.source}


def suggestion_json(suggestion: Suggestion) -> dict[str, Any]:
    """SUGGESTION of the documented JSON."""
    return {
        "session": suggestion.session,
        "native_id": suggestion.native_id,
        "turns": turns_json(suggestion.turns),
        "task": suggestion.task,
        "tier": suggestion.tier,
        "signal": suggestion.signal,
        "preselected": suggestion.preselected,
        "reasons": list(suggestion.reasons),
        "rule": suggestion.rule,
    }


def task_json(task: Task, total: Total, unrecorded: int = 0) -> dict[str, Any]:
    """TASK of the documented JSON; its total is that of its links."""
    return {
        "id": task.id,
        "key": task.key,
        "title": task.title,
        "url": task.url,
        "project": task.project,
        "status": task.status,
        "outcome": task.outcome,
        "created_at": clock.iso(task.created_at),
        "finished_at": clock.iso(task.finished_at),
        "size": task.size,
        "anyway": task.anyway,
        "note": task.note,
        "private": task.private,
        "alias": task.alias,
        "follow_up_of": task.follow_up_of,
        **total_json(total, unrecorded),
    }


def agent(name: str) -> str:
    """What people call an agent."""
    from tokentrack.agents import label_of

    return label_of(name)


def money(total: Total, unrecorded: int = 0) -> str:
    """List value in dollars; what is not priced is said, and so are `unrecorded` sessions, never counted as nothing."""
    if total.list_value is None or (unrecorded and not total.requests):
        return "unknown"
    from tokentrack.money import dollars

    return dollars(total.list_value) + (" + unknown" if total.unpriced_requests or unrecorded else "")


def repriced(by_list: int, by_own: int) -> str:
    """With what tells more of them."""
    return f"{phrases.repriced(by_list, by_own)}; `tokentrack reprice` tells what would change"


NO_LOGS = "No logs were found; `tokentrack doctor` tells where it looked."

UNRECORDED = "not recorded"
"""What an agent recorded nowhere is not 0."""


def session_tokens(session: Session) -> str:
    if not session.unrecorded:
        return tokens(session.total.tokens)
    return f"{tokens(session.total.tokens)} + unknown" if session.total.requests else UNRECORDED


def session_money(session: Session) -> str:
    if not session.unrecorded:
        return money(session.total)
    return money(session.total).removesuffix(" + unknown") + " + unknown" if session.total.list_value else "unknown"


def total_tokens(total: Total, unrecorded: int) -> str:
    if unrecorded and not total.requests:
        return UNRECORDED
    return tokens(total.tokens) + (" + unknown" if unrecorded else "")


def tokens(count: int) -> str:
    for limit, unit in ((1_000_000_000, "B"), (1_000_000, "M"), (1_000, "k")):
        if count >= limit:
            return f"{count / limit:.1f} {unit}"
    return str(count)


def moment(ms: int | None) -> str:
    return "–" if ms is None else f"{clock.local(ms):%Y-%m-%d %H:%M}"


def line(text: str, *, err: bool = False) -> None:
    """One line, whatever a title, a note or a name in it holds (see `one_line`)."""
    click.echo(one_line(text), err=err)


def one_line(text: str) -> str:
    """What others wrote, for a terminal: a second line could pose as one of ours, a control character moves the cursor,
    colours what follows or turns its direction.
    """
    from tokentrack.store.reviews import plain  # what a scan that says nothing need not import

    return plain(text).replace("\n", " ").replace("\t", " ")


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], left: int = 1) -> None:
    """A table on standard output; the first `left` columns are words, the others figures."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for place, head in enumerate(heads):
        shown.add_column(head, justify="left" if place < left else "right", no_wrap=place >= left, overflow="ellipsis")
    for row in rows:
        shown.add_row(*(Text(one_line(cell)) for cell in row))
    console = Console(width=None if sys.stdout.isatty() else 160, highlight=False)
    console.print(shown)
