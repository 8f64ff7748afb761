"""The command that reads all logs. What it needs afterwards is imported when the reading has begun."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tokentrack import paths

if TYPE_CHECKING:
    from sqlite3 import Connection

    from tokentrack.agents import Agent
    from tokentrack.ingest import Progress, Report
    from tokentrack.readers import Ahead

WORKERS = min(4, (os.cpu_count() or 1) - 1)


@click.command()
@click.option("--agent", "agents", multiple=True, help="This agent's logs and no others; may be given again.")
@click.option("--full", is_flag=True, help="Read everything again and merge.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
@click.pass_obj
def scan(store: Path, agents: tuple[str, ...], full: bool, as_json: bool) -> None:
    """Read what is new in all logs."""
    chosen = _named(agents)
    gc.disable()  # modules, rows and chunks make no circles that end, and looking for some again and again takes its time
    from tokentrack.readers import read_ahead

    ahead = None if store.exists() else read_ahead(paths.home(), os.environ, WORKERS, chosen)
    if not ahead:
        gc.enable()
    from tokentrack.cli import out

    with closing(ahead) if ahead else nullcontext(), out.opened(store) as db:
        report = run_scan(db, store, chosen, full, quiet=as_json, ahead=ahead)
        if not ahead:  # a store that was just made has no rules
            apply_rules(db)
    if as_json:
        out.print_json({
            "logs": report.logs,
            "logs_read": report.logs_read,
            "bytes_read": report.bytes_read,
            "requests_new": report.requests_new,
            "requests_changed": report.requests_changed,
            "problems": [{"log": log, "reason": reason} for log, reason in report.problems],
            "seconds": round(report.seconds, 3),
        })  # fmt: skip
        return
    out.line(
        f"{report.logs} logs, {report.logs_read} with something new ({out.tokens(report.bytes_read)}B): "
        f"{report.requests_new} new requests, {report.requests_changed} changed, {report.seconds:.1f} s."
        if report.logs
        else out.NO_LOGS
    )
    for log, reason in report.problems[:20]:
        out.line(f"{log}: {reason}", err=True)
    if len(report.problems) > 20:
        out.line("… and more; `tokentrack doctor` says how many.", err=True)


def run_scan(
    db: Connection,
    store: Path,
    agents: Sequence[Agent] | None = None,
    full: bool = False,
    quiet: bool = False,
    ahead: Ahead | None = None,
) -> Report:
    """A scan with a progress bar where somebody watches."""
    from tokentrack.agents import AGENTS
    from tokentrack.cli import out
    from tokentrack.ingest import Ingest
    from tokentrack.pricing import published, ready

    ingest = Ingest(db, paths.home(), os.environ, paths.own_prices(store))
    for problem in ingest.own_prices.problems:
        out.line(problem, err=True)
    with _progress(quiet) as on_progress:
        report = ingest.scan(agents or AGENTS, full=full, workers=WORKERS, ahead=ahead, on_progress=on_progress)
    for problem in ready.problems(published.source()) if report.requests_new else ():  # else nothing was looked up
        out.line(problem, err=True)
    return report


def _named(agents: tuple[str, ...]) -> Sequence[Agent]:
    """All of them where none is named."""
    from tokentrack.agents import AGENTS, agent_named

    try:
        return tuple(agent_named(name) for name in agents) or AGENTS
    except KeyError as error:
        names = ", ".join(agent.NAME for agent in AGENTS)
        raise click.UsageError(f"No agent is called {error.args[0]}; there are {names}.") from None


def apply_rules(db: Connection) -> int:
    """What rules link of all that waits, with what git tells by now. Returns how many links were made."""
    from tokentrack.store import rules, transaction

    if not any(rule.paused is None for rule in rules.rules(db)):
        return 0
    from tokentrack import clock, repositories
    from tokentrack import rules as applying
    from tokentrack.cli.offers import MOST_SECONDS

    now = clock.now_ms()
    repositories.refresh_all(db, now, total=MOST_SECONDS)
    due = applying.due(db, now)
    with transaction(db):
        return applying.do(db, due, now)


@contextmanager
def _progress(quiet: bool) -> Iterator[Callable[[Progress], None] | None]:
    if quiet or not sys.stderr.isatty():
        yield None
        return
    with click.progressbar(length=1000, label="Reading logs", file=sys.stderr) as bar:
        yield lambda progress: bar.update(int(progress.share * 1000) - bar.pos)
