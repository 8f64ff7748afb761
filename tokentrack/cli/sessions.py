"""Sessions, and one of them turn by turn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from sqlite3 import Connection

import click

from tokentrack import clock
from tokentrack.cli import out
from tokentrack.cli.counting import TOKEN_HEADS, between, known_agent, unrecorded, usage_row
from tokentrack.cli.names import one_session, title_of
from tokentrack.cli.offers import show_suggestions, suggested
from tokentrack.cli.out import json_option, opened, print_json, session_json, total_json
from tokentrack.model.tasks import Link
from tokentrack.model.usage import Session, Total
from tokentrack.money import dollars, known_sum
from tokentrack.store import links, read, tasks
from tokentrack.store.account import AccountRow
from tokentrack.store.account import models_named as named_models
from tokentrack.store.read import TurnTotal


@click.command()
@click.option("--since", type=out.Day(), help="First local day.")
@click.option("--until", type=out.Day(), help="Last local day.")
@click.option("--unlinked", is_flag=True, help="Sessions that belong to no task yet.")
@click.option("--agent")
@json_option
@click.pass_obj
def sessions(
    store: Path, since: date | None, until: date | None, unlinked: bool, agent: str | None, as_json: bool
) -> None:
    """Sessions, the newest first."""
    where = between(since, until)
    with opened(store) as db:
        found = read.sessions(db, where.since, where.until, known_agent(agent))
        if unlinked:
            waiting = {session for session, _ in links.waiting(db)}
            found = [session for session in found if session.id in waiting]
        linked = links.by_session(db, [session.id for session in found])
        names = short_names(db)
    if as_json:
        print_json({"sessions": [session_json(session, linked.get(session.id, ())) for session in found]})
        return
    out.table(
        ["id", "title", "project", "task", "last used", "turns", "tokens", "list value"],
        [
            (
                session.id, title_of(session)[:60], Path(session.project or "–").name,
                _tasks_of(session, linked.get(session.id, ()), names), out.moment(session.ended_at), str(session.turns),
                out.session_tokens(session), out.session_money(session),
            )
            for session in found
        ],
        left=5,
    )  # fmt: skip


def short_names(db: Connection) -> dict[str | None, str]:
    """Task's id ▶ its key, or else the beginning of its title; and what stands for no task."""
    return {None: read.NO_TASK} | {task.id: task.key or task.title[:30] for task in tasks.tasks(db)}


def _tasks_of(session: Session, linked: Sequence[Link], names: dict[str | None, str]) -> str:
    """`PAY-12, PAY-13, unlinked`: what its turns belong to, in their order."""
    told = [names[link.task] for link in linked]
    if links.unlinked_turns(session.turns, linked):
        told.append(read.UNLINKED)
    return ", ".join(dict.fromkeys(told))


@click.command()
@click.argument("name", metavar="ID")
@json_option
@click.pass_obj
def session(store: Path, name: str, as_json: bool) -> None:
    """One session: its turns, what they are linked to, and what they may belong to."""
    from tokentrack.account import offered

    with opened(store) as db:
        found = one_session(db, name)
        turns = read.turns(db, found.id)
        models = named_models(db, found.id)
        fitting = offered(db, found.id)
        linked = links.links(db, [found.id])
        names = short_names(db)
        offers = suggested(db, [found.id]) if links.unlinked_turns(found.turns, linked) else []
    of = {turn.seq: next((link for link in linked if link.turns.holds(turn.seq)), None) for turn in turns}
    if as_json:
        print_json({
            "session": session_json(found, linked),
            "turns": [_turn_json(found, turn, of[turn.seq]) for turn in turns],
            "suggestions": [out.suggestion_json(offer) for offer in offers],
            "links": [out.link_json(link) for link in linked],
            **({"models": models} if models else {}),
            **({"account_usage": [_account_json(row) for row in fitting]} if fitting else {}),
        })  # fmt: skip
        return
    _show_head(found, models)
    out.table(
        ["turn", "began", "branch", "task", "list value", *TOKEN_HEADS],
        [
            (
                str(turn.seq), out.moment(turn.at), turn.branch or "–",
                read.UNLINKED if (link := of[turn.seq]) is None else names[link.task], *_turn_row(found, turn.total),
            )
            for turn in turns
        ],
        left=4,
    )  # fmt: skip
    show_suggestions(offers, names)
    if fitting:
        _show_offered(fitting)


def _show_head(found: Session, models: Sequence[str]) -> None:
    for line in (
        title_of(found),
        f"{found.agent} {found.native_id}",
        f"{found.project or '–'}  {', '.join(found.branches)}",
        *([", ".join(models)] if models else []),
        "",
        *([unrecorded(found), ""] if found.unrecorded else []),
    ):
        out.line(line)


def _turn_json(session: Session, turn: TurnTotal, link: Link | None) -> dict[str, object]:
    silent = session.unrecorded and not turn.total.requests
    return {
        "seq": turn.seq, "at": clock.iso(turn.at), "branch": turn.branch,
        "task": None if link is None else link.task, **total_json(turn.total, int(silent)),
    }  # fmt: skip


def _turn_row(session: Session, total: Total) -> tuple[str, ...]:
    if session.unrecorded and not total.requests:
        return ("unknown", *(out.UNRECORDED if head == "input" else "–" for head in TOKEN_HEADS))
    return usage_row("", total)[1:]


def _show_offered(rows: list[AccountRow]) -> None:
    costs = [row.cost for row in rows]
    cost = dollars(known_sum(costs), unknown=costs.count(None))
    click.echo(
        f"\nCursor's usage export has {len(rows):,} uses that fit this session and no other: "
        f"{out.tokens(sum(row.tokens for row in rows))} tokens, {cost}. They are not counted here."
    )
    out.table(
        ["at", "model", "input", "output", "cache read", "cache write", "cost"],
        [
            (
                out.moment(row.at), row.model or "unknown", f"{row.input:,}", f"{row.output:,}", f"{row.cache_read:,}",
                f"{row.cache_write:,}", dollars(row.cost),
            )
            for row in rows
        ],
        left=2,
    )  # fmt: skip


def _account_json(row: AccountRow) -> dict[str, object]:
    return {
        "at": clock.iso(row.at),
        "model": row.model,
        "input": row.input,
        "output": row.output,
        "cache_read": row.cache_read,
        "cache_write_5m": row.cache_write,
        "tokens": row.tokens,
        "cost": row.cost,
    }
