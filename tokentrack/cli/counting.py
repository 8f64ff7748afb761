"""Commands about what was used: today, usage, sessions, session, why."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from sqlite3 import Connection
from typing import TYPE_CHECKING

import click

from tokentrack import clock, paths
from tokentrack.cli import out
from tokentrack.cli.importing import account_json, account_line
from tokentrack.cli.names import one_session, title_of
from tokentrack.cli.offers import show_suggestions, suggested
from tokentrack.cli.out import json_option, opened, print_json, session_json, total_json
from tokentrack.model import Link, Request, Session, Total
from tokentrack.money import dollars
from tokentrack.store import links, read, tasks
from tokentrack.store.account import AccountRow
from tokentrack.store.account import models_named as named_models
from tokentrack.store.read import Source, Where

if TYPE_CHECKING:
    from tokentrack.review.budgets import Spent
    from tokentrack.review.why import Again, Why

GROUPS = ["day", "week", "month", "agent", "model", "project", "branch", "session", "task", "outcome"]


@click.command()
@json_option
@click.pass_obj
def today(store: Path, as_json: bool) -> None:
    """Today and this week, against your budget."""
    with opened(store) as db:
        show_today(db, as_json)


def show_today(db: Connection, as_json: bool = False) -> None:
    from tokentrack.cli.budgeting import used_json
    from tokentrack.review.glance import glance

    seen = glance(db)
    spent = seen.spent
    if as_json:
        budget = spent and {
            "measure": spent.budget.measure,
            "amount": spent.budget.amount,
            "period": spent.budget.period,
            **used_json(spent),
        }
        waiting = read.unlinked(db)[1]
        unlinked = {
            "sessions": seen.unlinked_sessions,
            "list_value": waiting.list_value,
            "unpriced_requests": waiting.unpriced_requests,
        }
        print_json(
            {
                "today": total_json(seen.today, _sessions_in(seen.unrecorded_today)),
                "week": total_json(seen.week, _sessions_in(seen.unrecorded)),
                "budget": budget,
                "paid_this_week": seen.paid and {"amount": seen.paid.amount, "at_least": seen.paid.at_least},
                "unlinked": unlinked,
            }
        )
        return
    if seen.health.read_at is None:
        click.echo("Nothing is read yet: `tokentrack scan` reads your agents' logs.")
        return
    click.echo(f"{seen.day:%A, %d %B %Y} · list value: what these tokens cost at API prices, not what you paid\n")
    silent = dict(seen.unrecorded)
    by_agent = {agent: Total() for agent in silent} | dict(seen.by_agent)
    rows = [
        ("Today", seen.today, _sessions_in(seen.unrecorded_today)),
        ("This week", seen.week, _sessions_in(seen.unrecorded)),
        *((f"  {agent}", total, silent.get(agent, 0)) for agent, total in sorted(by_agent.items())),
    ]
    out.table(
        ["", "list value", "tokens", "requests"],
        [
            (name, out.money(total, n), out.total_tokens(total, n), _count(total.requests, total, n))
            for name, total, n in rows
        ],
    )
    click.echo("")
    for one in seen.budgets:
        out.line(_against(one))
    if seen.paid:
        out.line(f"Paid so far this week: {seen.paid.text}")
    for agent, count in seen.unrecorded:
        out.line(f"{agent_label(agent)}: {_sessions(count)} this week, tokens not recorded")
    out.line(f"To link: {_sessions(seen.unlinked_sessions)}, {out.money(read.unlinked(db)[1])} list value")
    out.line(f"Read {out.moment(seen.health.read_at)}")
    for problem in seen.health.problems:
        out.line(problem, err=True)


def _against(spent: Spent) -> str:
    """What is used of a budget: `This week $18.00 of $40.00 (list value) planned for /w/shop`."""
    from tokentrack.review.budgets import PAID_UNKNOWN

    whose = f" for {spent.budget.project}" if spent.budget.project else ""
    if spent.budget.measure == "tokens":
        amount = f"{out.tokens(spent.used)} of {out.tokens(spent.budget.amount)} tokens"
        return f"This {spent.budget.period} {amount} planned{whose}"
    amount = f"{dollars(spent.budget.amount)} ({spent.budget.measure.replace('_', ' ')}) planned{whose}"
    if spent.known is None and spent.budget.measure == "paid":
        return f"This {spent.budget.period} {amount}; {PAID_UNKNOWN}"
    least = "at least " if spent.at_least else ""
    more = " + unknown" if spent.unpriced_requests and spent.known is not None else ""
    return f"This {spent.budget.period} {least}{dollars(spent.known)}{more} of {amount}"


def _sessions_in(unrecorded: Iterable[tuple[str, int]]) -> int:
    return sum(count for _, count in unrecorded)


def _sessions(count: int) -> str:
    return f"{count:,} session{'' if count == 1 else 's'}"


def _count(count: int, total: Total, unrecorded: int) -> str:
    """Nobody knows how many requests the sessions had of which nothing is recorded."""
    return "–" if unrecorded and not total.requests else f"{count:,}"


@click.command()
@click.option("--by", default="day", type=click.Choice(GROUPS))
@click.option("--since", type=out.Day(), help="First local day.")
@click.option("--until", type=out.Day(), help="Last local day.")
@click.option("--agent")
@click.option("--project", help="A project's name or path.")
@json_option
@click.pass_obj
def usage(
    store: Path, by: str, since: date | None, until: date | None, agent: str | None, project: str | None, as_json: bool
) -> None:
    """Totals by day, week, month, agent, model, project, branch, session, task or outcome."""
    from tokentrack.account import spend
    from tokentrack.review import usage as totals

    where = between(since, until)._replace(agent=known_agent(agent), project=project)
    with opened(store) as db:
        silent = totals.unrecorded(db, where)
        counts = totals.unrecorded_by(db, by, where, silent)
        found = {key: Total() for key in counts} | dict(totals.totals(db, by, where))
        rows = [(key, row, counts.get(key, 0)) for key, row in sorted(found.items())]
        total = read.total(db, where)
        names = {task.id: f"{task.name[:50]} ({task.id})" for task in tasks.tasks(db)} if by == "task" else {}
        imported = spend(db, where.since, where.until) if agent in (None, "cursor") and project is None else None
    shown = imported if imported and (imported.rows or imported.not_charged) else None
    if as_json:
        print_json({
            "by": by,
            "rows": [{"key": key, **total_json(row, count)} for key, row, count in rows],
            "total": total_json(total, len(silent)),
            **({"account": {"cursor": account_json(shown)}} if shown else {}),
        })  # fmt: skip
        return
    shown_rows = [(names.get(key, key), row, count) for key, row, count in rows]
    out.table(
        [by, "list value", *_TOKEN_HEADS], [_usage_row(*row) for row in [*shown_rows, ("all", total, len(silent))]]
    )
    if silent:
        click.echo("")
    _tell_unrecorded(silent)
    if shown:
        click.echo(
            f"\n{account_line(shown)}\nImported from its export, beside the sums above: the two may be the same spend."
        )


def known_agent(name: str | None) -> str | None:
    """The agent's name as given. Raises UsageError for one that no reader has."""
    if name is not None:
        from tokentrack.agents import AGENTS

        names = [agent.NAME for agent in AGENTS]
        if name not in names:
            raise click.UsageError(f"No agent is called {name}; there are {', '.join(names)}.")
    return name


_TOKEN_HEADS = ("requests", "input", "output", "cache read", "cache write 5m", "cache write 1h")


def _usage_row(key: str, total: Total, unrecorded: int = 0) -> tuple[str, ...]:
    counts = (total.requests, total.input, total.output, total.cache_read, total.cache_write_5m, total.cache_write_1h)
    return (key, out.money(total, unrecorded), *(_count(count, total, unrecorded) for count in counts))


def _tell_unrecorded(sessions: Iterable[Session]) -> None:
    """One line for each agent."""
    for agent, count in sorted(Counter(session.agent for session in sessions).items()):
        out.line(f"{agent_label(agent)}: {_sessions(count)}, tokens not recorded")


def between(since: date | None, until: date | None) -> Where:
    if since is not None and until is not None and until < since:
        raise click.UsageError(f"The last day {until} lies before the first, {since}.")
    return Where(
        since=None if since is None else clock.start_of(since),
        until=None if until is None else clock.start_of(until + clock.DAY),
    )


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
        names = task_names(db)
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


def task_names(db: Connection) -> dict[str | None, str]:
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
        names = task_names(db)
        offers = suggested(db, [found.id]) if links.unlinked_turns(found.turns, linked) else []
    of = {turn.seq: next((link for link in linked if link.turns.holds(turn.seq)), None) for turn in turns}
    if as_json:
        print_json({
            "session": session_json(found, linked),
            "turns": [
                {
                    "seq": turn.seq, "at": clock.iso(turn.at), "branch": turn.branch,
                    "task": None if (link := of[turn.seq]) is None else link.task, **total_json(turn.total),
                }
                for turn in turns
            ],
            "suggestions": [out.suggestion_json(offer) for offer in offers],
            "links": [out.link_json(link) for link in linked],
            **({"models": models} if models else {}),
            **({"account_usage": [_account_json(row) for row in fitting]} if fitting else {}),
        })  # fmt: skip
        return
    for line in (
        title_of(found),
        f"{found.agent} {found.native_id}",
        f"{found.project or '–'}  {', '.join(found.branches)}",
        *([", ".join(models)] if models else []),
        "",
        *([unrecorded(found), ""] if found.unrecorded else []),
    ):
        out.line(line)
    out.table(
        ["turn", "began", "branch", "task", "list value", *_TOKEN_HEADS],
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


def _turn_row(session: Session, total: Total) -> tuple[str, ...]:
    if session.unrecorded and not total.requests:
        return ("unknown", *(out.UNRECORDED if head == "input" else "–" for head in _TOKEN_HEADS))
    return _usage_row("", total)[1:]


def unrecorded(session: Session) -> str:
    """That tokens were used which nobody wrote down."""
    some = " for some turns" if session.total.requests else ""
    return f"Tokens not recorded by {agent_label(session.agent)}{some}."


def agent_label(name: str) -> str:
    """The name for people; one that no reader has any more stays as it is."""
    from tokentrack.agents import AGENTS

    return next((agent.LABEL for agent in AGENTS if name == agent.NAME), name)


def _show_offered(rows: list[AccountRow]) -> None:
    cost = sum(row.cost or 0 for row in rows)
    click.echo(
        f"\nCursor's usage export has {len(rows):,} uses that fit this session and no other: "
        f"{out.tokens(sum(row.tokens for row in rows))} tokens, ${cost / 1e6:,.2f}. They are not counted here."
    )
    out.table(
        ["at", "model", "input", "output", "cache read", "cache write", "cost"],
        [
            (
                out.moment(row.at), row.model or "unknown", f"{row.input:,}", f"{row.output:,}", f"{row.cache_read:,}",
                f"{row.cache_write:,}", "unknown" if row.cost is None else f"${row.cost / 1e6:,.2f}",
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


@click.command()
@click.argument("key")
@click.option("--again", is_flag=True, help="Read the logs again and say whether they still tell the same.")
@json_option
@click.pass_obj
def why(store: Path, key: str, again: bool, as_json: bool) -> None:
    """From a figure down to the log lines behind it.

    KEY is a session, a request, today, all, day:…, days:A..B, week:…, month:…, agent:…, model:…, project:… or session:…; the
    last four may follow any of them, and `turn:…` a session: `tokentrack why "today agent:codex"`.

    What is no sum of requests is named as in the window, its days after its kind: paid, share, idle, unspread, cache, context,
    unattended, what-if: `tokentrack why "paid month:2026-11"`, `tokentrack why "share week:2026-W47 agent:codex"`. Those
    of a review follow with a week or a task: accounted, outcomes, list, rework, drift, pace, insight, attended, usual,
    break-even, effect, calibration: `tokentrack why "drift week:2026-W47"`, `tokentrack why "usual task:PAY-12"`.
    """
    from tokentrack.review import how
    from tokentrack.review import why as reasons

    kind, _, days = key.partition(" ")
    if days and kind in how.KINDS:
        if again:
            raise click.UsageError(f"{key} is no sum of requests, so there is nothing to read again.")
        _why_computed(store, key, as_json)
        return
    with opened(store) as db:
        try:
            found = reasons.why(db, key)
        except reasons.BackwardDays as error:
            raise click.UsageError(f"{error}.") from None
        except reasons.UnknownName as error:
            raise click.ClickException(str(error)) from None
        told = _read_again(db, found.sources) if again else {}
    if as_json:
        print_json({
            "figure": total_json(found.total, len(found.unrecorded)) | {"name": found.figure},
            "requests": [
                {
                    "id": source.request.key,
                    "session": source.session,
                    "at": clock.iso(source.request.at),
                    "model": source.request.model,
                    "log": source.log,
                    "log_gone": source.gone,
                    "offset": None if source.request.offset < 0 else source.request.offset,
                    "row": source.request.key if source.request.offset < 0 else None,
                    "raw": reasons.raw_of(source),
                    "rule": (reasons.told_at(source) or ("", reasons.rule_of(source)))[1],
                    "usage": usage_json(source.request),
                    "price": reasons.price_of(source),
                    "list_value": source.list_value,
                    **({"again": {"state": told[source.id].state, "text": told[source.id].text}} if again else {}),
                }
                for source in found.sources
            ],
        })  # fmt: skip
        return
    out.line(_headline(found))
    if not found.sources and found.unrecorded:
        return
    click.echo("")
    out.table(
        ["request", "log", "at byte", "model", "input", "output", "cache read", "5m", "1h", "list value"],
        [
            (
                source.request.key, Path(source.log).name, place_of(source.request), source.request.model or "unknown",
                *(f"{n:,}" for n in usage_json(source.request).values()),
                "unknown" if source.list_value is None else f"${source.list_value / 1e6:.4f}",
            )
            for source in found.sources
        ],
        left=2,
    )  # fmt: skip
    if len(found.sources) == 1:
        _show_proof(found.sources[0])
    else:
        click.echo("\nName one request to see its counters as logged, the rule that chose it and its price.")
    if again:
        _show_again(found.sources, told)


def _headline(found: Why) -> str:
    """Whose tokens nobody wrote down is told by name, and never as $0.00."""
    silent = found.unrecorded
    amount = f"{out.money(found.total, len(silent))} list value in {found.total.requests} requests"
    if not silent:
        return f"{found.figure}: {amount}"
    if found.figure.startswith("session ") and len(silent) == 1:
        told = unrecorded(silent[0]).removesuffix(".").replace("Tokens", "tokens", 1)
        if " turn:" in found.figure:
            told = told.removesuffix(" for some turns")
        return f"{found.figure}: {amount}; {told}" if found.sources else f"{found.figure}: {told}"
    counts = sorted(Counter(session.agent for session in silent).items())
    told = ", ".join(f"{_sessions(count)} of {agent_label(agent)}" for agent, count in counts)
    return f"{found.figure}: {amount if found.sources else 'unknown'}; tokens not recorded in {told}"


def _why_computed(store: Path, key: str, as_json: bool) -> None:
    """How a figure that is no sum of requests was computed: the rows that the window shows."""
    from tokentrack.pricing import own
    from tokentrack.review import how
    from tokentrack.review import why as reasons

    with opened(store) as db:
        kind, _, rest = key.partition(" ")
        try:
            found = how.how(db, key, own.read(paths.own_prices(store)))
            if kind in how.NARROWED and not how.kept(key):
                reasons.check(db, reasons.find(db, rest)[1])
        except reasons.BackwardDays as error:
            raise click.UsageError(f"{error}.") from None
        except (how.NoSuchFigure, reasons.UnknownName) as error:
            raise click.ClickException(str(error)) from None
    if kind == how.WHAT_IF and not found.rows:
        raise click.ClickException(f"no price is known for {rest.partition('model:')[2]}")
    if as_json:
        print_json({
            "figure": {
                "name": key,
                "formula": found.formula,
                "n": found.n,
                "of": found.of,
                "inputs": [{"name": name, "value": value} for name, value in found.inputs],
                "rows": [
                    {
                        "what": row.what, "kind": row.kind, "amount": row.amount, "unit": row.unit, "why": row.why or None
                    }
                    for row in found.rows
                ],
            },
            "requests": [],
        })  # fmt: skip
        return
    out.line(f"{key}: {found.formula}")
    click.echo("")
    for name, value in (("n", found.counted), *found.inputs):
        out.line(f"{name}: {value}")
    if found.rows:
        click.echo("")
        out.table(
            ["", "kind", "amount", "why"],
            [
                (
                    row.what,
                    row.kind,
                    row.counted or ("unknown" if row.amount is None else _exactly(row.amount)),
                    row.why or "–",
                )
                for row in found.rows
            ],
            left=2,
        )


def _exactly(micro: int) -> str:
    """To the micro-dollar: rows add up as they stand there."""
    sign, whole = "-" if micro < 0 else "", abs(micro)
    return f"{sign}${whole // 1_000_000:,}.{whole % 1_000_000:06d}"


def _read_again(db: Connection, sources: list[Source]) -> dict[int, Again]:
    from tokentrack.review import why as reasons

    found = sorted(sources, key=lambda source: (source.agent, source.log))
    return {one.id: told for one, told in reasons.read_again(found, db, paths.home(), os.environ)}


def _show_again(sources: list[Source], told: dict[int, Again]) -> None:
    """One sentence where all is the same, else a line for each request that is not."""
    same = sum(one.state == "same" for one in told.values())
    click.echo(f"\nRead again: {same:,} of {len(sources):,} the same.")
    for source in sources:
        if told[source.id].state != "same":
            out.line(f"{source.request.key}: {told[source.id].text}")


def _show_proof(source: Source) -> None:
    """One request down to the byte: where it stands, what stands there, why it counts, what it was multiplied by."""
    from tokentrack.review import why as reasons

    price = reasons.price_of(source)
    raw = reasons.raw_of(source)
    click.echo("")
    out.line(f"log    {source.log}{' (gone)' if source.gone else ''}")
    stands = place_of(source.request) + (f" {source.request.key}" if source.request.offset < 0 else "")
    place, rule = reasons.told_at(source) or (stands, reasons.rule_of(source))
    out.line(f"place  {place}")
    out.line(f"raw    {json.dumps(raw) if raw else 'no longer there'}")
    out.line(f"rule   {rule}")
    if price is None:
        click.echo("price  unknown: no list names this model")
        return
    rates = ", ".join(f"{kind.replace('_', ' ')} ${rate / 1e6:g}" for kind, rate in price["per_mtok"].items())
    out.line(f"price  {price['model']} from {price['from'] or 'the beginning'}: {rates} a million ({price['source']})")


def place_of(request: Request) -> str:
    """Where in its log a request stands: a row of a database has no offset but its key."""
    return f"{request.offset:,}" if request.offset >= 0 else "row"


def usage_json(request: Request) -> dict[str, int]:
    return {
        "input": request.input,
        "output": request.output,
        "cache_read": request.cache_read,
        "cache_write_5m": request.cache_write_5m,
        "cache_write_1h": request.cache_write_1h,
    }
