"""Commands about what was used: scan, today, usage, sessions, session, why."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext
from datetime import date
from pathlib import Path
from sqlite3 import Connection
from typing import TYPE_CHECKING

import click

from tokentrack import clock, paths
from tokentrack.cli import out
from tokentrack.cli.out import json_option, opened, print_json, session_json, total_json
from tokentrack.model import Request, Session, Total
from tokentrack.store import read
from tokentrack.store.read import Source, Where

if TYPE_CHECKING:
    from tokentrack.ingest import Ahead, Progress, Report

GROUPS = ["day", "week", "month", "agent", "model", "project", "branch", "session", "task", "outcome"]
WORKERS = max(1, min(4, os.cpu_count() or 1))


@click.command()
@click.option("--agent", "agents", multiple=True, help="Only this agent's logs; may be given again.")
@click.option("--full", is_flag=True, help="Read everything again and merge.")
@json_option
@click.pass_obj
def scan(store: Path, agents: tuple[str, ...], full: bool, as_json: bool) -> None:
    """Read what is new in all logs."""
    from tokentrack.ingest import read_ahead

    ahead = None if agents or store.exists() else read_ahead(paths.home(), os.environ, WORKERS)
    with closing(ahead) if ahead else nullcontext(), opened(store) as db:
        report = run_scan(db, store, agents, full, quiet=as_json, ahead=ahead)
    if as_json:
        print_json({
            "logs": report.logs,
            "logs_read": report.logs_read,
            "bytes_read": report.bytes_read,
            "requests_new": report.requests_new,
            "requests_changed": report.requests_changed,
            "problems": [{"log": log, "reason": reason} for log, reason in report.problems],
            "seconds": round(report.seconds, 3),
        })  # fmt: skip
        return
    click.echo(
        f"{report.logs} logs, {report.logs_read} with something new ({out.tokens(report.bytes_read)}B): "
        f"{report.requests_new} new requests, {report.requests_changed} changed, {report.seconds:.1f} s."
    )
    for log, reason in report.problems[:20]:
        click.echo(f"{log}: {reason}", err=True)
    if len(report.problems) > 20:
        click.echo(f"… and {len(report.problems) - 20} more; `tokentrack doctor` lists them.", err=True)


def run_scan(
    db: Connection,
    store: Path,
    agents: tuple[str, ...] = (),
    full: bool = False,
    quiet: bool = False,
    ahead: Ahead | None = None,
) -> Report:
    """A scan with a progress bar where somebody watches."""
    from tokentrack.agents import AGENTS, agent_named
    from tokentrack.ingest import Ingest

    try:
        chosen = tuple(agent_named(name) for name in agents) or AGENTS
    except KeyError as error:
        names = ", ".join(agent.NAME for agent in AGENTS)
        raise click.UsageError(f"No agent is called {error.args[0]}; there are {names}.") from None
    ingest = Ingest(db, paths.home(), os.environ, paths.own_prices(store))
    for problem in ingest.own_prices.problems:
        click.echo(problem, err=True)
    with _progress(quiet) as on_progress:
        return ingest.scan(chosen, full=full, workers=WORKERS, ahead=ahead, on_progress=on_progress)


@contextmanager
def _progress(quiet: bool) -> Iterator[Callable[[Progress], None] | None]:
    if quiet or not sys.stderr.isatty():
        yield None
        return
    with click.progressbar(length=1000, label="Reading logs", file=sys.stderr) as bar:
        yield lambda progress: bar.update(int(progress.share * 1000) - bar.pos)


@click.command()
@json_option
@click.pass_obj
def today(store: Path, as_json: bool) -> None:
    """Today and this week, against your budget."""
    with opened(store) as db:
        show_today(db, as_json)


def show_today(db: Connection, as_json: bool = False) -> None:
    from tokentrack.review.glance import glance

    seen = glance(db)
    spent = seen.spent
    if as_json:
        budget = spent and {
            "measure": spent.budget.measure,
            "amount": spent.budget.amount,
            "used": spent.used,
            "period": spent.budget.period,
        }
        unlinked = {"sessions": seen.unlinked_sessions, "list_value": read.unlinked(db)[1].list_value}
        print_json(
            {"today": total_json(seen.today), "week": total_json(seen.week), "budget": budget, "unlinked": unlinked}
        )
        return
    if seen.health.read_at is None:
        click.echo("Nothing is read yet: `tokentrack scan` reads your agents' logs.")
        return
    click.echo(f"{seen.day:%A, %d %B %Y} · list value: what these tokens cost at API prices, not what you paid\n")
    rows = [("Today", seen.today), ("This week", seen.week), *((f"  {agent}", total) for agent, total in seen.by_agent)]
    out.table(
        ["", "list value", "tokens", "requests"],
        [(name, out.money(total), out.tokens(total.tokens), str(total.requests)) for name, total in rows],
    )
    click.echo("")
    if spent:
        used, amount = (
            (f"${spent.used / 1e6:,.2f}", f"${spent.budget.amount / 1e6:,.2f} (list)")
            if spent.budget.measure != "tokens"
            else (out.tokens(spent.used), f"{out.tokens(spent.budget.amount)} tokens")
        )
        click.echo(
            f"This {spent.budget.period} {used} of {amount} planned" + (" + unknown" if spent.unpriced_requests else "")
        )
    click.echo(f"To link: {seen.unlinked_sessions} sessions, {out.money(read.unlinked(db)[1])} list value")
    click.echo(f"Read {out.moment(seen.health.read_at)}")
    for problem in seen.health.problems:
        click.echo(problem, err=True)


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
    from tokentrack.review import usage as totals

    where = between(since, until)._replace(agent=known_agent(agent), project=project)
    with opened(store) as db:
        rows = totals.totals(db, by, where)
        total = read.total(db, where)
    if as_json:
        print_json(
            {"by": by, "rows": [{"key": key, **total_json(row)} for key, row in rows], "total": total_json(total)}
        )
        return
    out.table([by, "list value", *_TOKEN_HEADS], [_usage_row(key, row) for key, row in [*rows, ("all", total)]])


def known_agent(name: str | None) -> str | None:
    """The agent's name as given. Raises UsageError for one that no reader has."""
    if name is not None:
        from tokentrack.agents import AGENTS

        names = [agent.NAME for agent in AGENTS]
        if name not in names:
            raise click.UsageError(f"No agent is called {name}; there are {', '.join(names)}.")
    return name


_TOKEN_HEADS = ("requests", "input", "output", "cache read", "cache write 5m", "cache write 1h")


def _usage_row(key: str, total: Total) -> tuple[str, ...]:
    counts = (total.requests, total.input, total.output, total.cache_read, total.cache_write_5m, total.cache_write_1h)
    return (key, out.money(total), *(f"{count:,}" for count in counts))


def between(since: date | None, until: date | None) -> Where:
    return Where(
        since=None if since is None else clock.start_of(since),
        until=None if until is None else clock.start_of(until + clock.DAY),
    )


@click.command()
@click.option("--since", type=out.Day(), help="First local day.")
@click.option("--until", type=out.Day(), help="Last local day.")
@click.option("--unlinked", is_flag=True, help="Only sessions that belong to no task yet.")
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
        found = [session for session in found if session.total.requests]
    if as_json:
        print_json({"sessions": [session_json(session) for session in found]})
        return
    out.table(
        ["id", "title", "project", "last used", "turns", "tokens", "list value"],
        [
            (
                session.id, title_of(session)[:60], Path(session.project or "–").name, out.moment(session.ended_at),
                str(session.turns), out.tokens(session.total.tokens), out.money(session.total),
            )
            for session in found
        ],
        left=4,
    )  # fmt: skip


def title_of(session: Session) -> str:
    return session.title or Path(session.cwd or session.native_id).name


def one_session(db: Connection, name: str) -> Session:
    """The session that a name means. Raises ClickException, listing the candidates where there are several."""
    found = read.sessions_like(db, name)
    if not found:
        raise click.ClickException(f"No session is called {name}.")
    if len(found) > 1:
        raise click.ClickException(f"{name} may be " + ", ".join(f"{s.id} ({title_of(s)[:30]})" for s in found))
    return found[0]


@click.command()
@click.argument("name", metavar="ID")
@json_option
@click.pass_obj
def session(store: Path, name: str, as_json: bool) -> None:
    """One session and its turns."""
    with opened(store) as db:
        found = one_session(db, name)
        turns = read.turns(db, found.id)
    if as_json:
        print_json({
            "session": session_json(found),
            "turns": [
                {"seq": turn.seq, "at": clock.iso(turn.at), "branch": turn.branch, "task": None, **total_json(turn.total)}
                for turn in turns
            ],
            "suggestions": [],
        })  # fmt: skip
        return
    click.echo(
        f"{title_of(found)}\n{found.agent} {found.native_id}\n{found.project or '–'}  {', '.join(found.branches)}\n"
    )
    out.table(
        ["turn", "began", "branch", "list value", *_TOKEN_HEADS],
        [(str(t.seq), out.moment(t.at), t.branch or "–", *_usage_row("", t.total)[1:]) for t in turns],
        left=3,
    )


@click.command()
@click.argument("key")
@json_option
@click.pass_obj
def why(store: Path, key: str, as_json: bool) -> None:
    """From a figure down to the log lines behind it: KEY is a session, a request, today, day:…, week:…, month:… or model:…"""
    from tokentrack.review import why as reasons

    with opened(store) as db:
        try:
            found = reasons.why(db, key)
        except reasons.UnknownName as error:
            raise click.ClickException(str(error)) from None
    if as_json:
        print_json({
            "figure": total_json(found.total) | {"name": found.figure},
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
                    "rule": reasons.rule_of(source),
                    "usage": usage_json(source.request),
                    "price": reasons.price_of(source),
                    "list_value": source.list_value,
                }
                for source in found.sources
            ],
        })  # fmt: skip
        return
    click.echo(f"{found.figure}: {out.money(found.total)} list value in {found.total.requests} requests\n")
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


def _show_proof(source: Source) -> None:
    """One request down to the byte: where it stands, what stands there, why it counts, what it was multiplied by."""
    from tokentrack.review import why as reasons

    price = reasons.price_of(source)
    raw = reasons.raw_of(source)
    click.echo(f"\nlog    {source.log}{' (gone)' if source.gone else ''}")
    click.echo(f"place  {place_of(source.request)}")
    click.echo(f"raw    {json.dumps(raw) if raw else 'no longer there'}")
    click.echo(f"rule   {reasons.rule_of(source)}")
    if price is None:
        click.echo("price  unknown: no list names this model")
        return
    rates = ", ".join(f"{kind.replace('_', ' ')} ${rate / 1e6:g}" for kind, rate in price["per_mtok"].items())
    click.echo(
        f"price  {price['model']} from {price['from'] or 'the beginning'}: {rates} a million ({price['source']})"
    )


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
