"""Commands about the store and what surrounds it: doctor, backup, restore."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from tokentrack import paths
from tokentrack.cli import out
from tokentrack.cli.out import json_option, opened, print_json
from tokentrack.store import StoreError, asking
from tokentrack.store.copies import copy_to, restore_from
from tokentrack.store.logs import MOST_TOLD


@click.command()
@json_option
@click.pass_obj
def doctor(store: Path, as_json: bool) -> None:
    """What is read and what is not: folders, logs, unreadable lines, models without a price."""
    from tokentrack.review import health
    from tokentrack.review.limits import limits

    try:
        with asking(store), opened(store) as db:
            found = health.examine(db, store, paths.home(), os.environ)
            told = limits(db)
    except StoreError as error:
        found = health.unopened(store, str(error), paths.home(), os.environ)
        _show_unopened(found, as_json)
        raise
    if as_json:
        print_json(found)
        return
    for agent in found["agents"]:
        out.line(
            f"{agent['agent']}: {agent['logs']} logs, {agent['requests']} requests, {agent['gone_logs']} logs gone"
        )
        _show_roots(agent)
        if agent["versions"]:
            out.line(f"  versions seen: {', '.join(agent['versions'])}")
        if agent["days_without_logs"]:
            days = agent["days_without_logs"]
            out.line(f"  days without logs: {len(days)}, the last {days[-1]}")
        for limit in told:
            if limit.agent == agent["agent"]:
                out.line(f"  limit {limit.text}")
        for problem in agent["problems"]:
            out.line(f"  {problem['log']}: {problem['reason']}")
        if agent["unreadable_lines"] > MOST_TOLD:
            out.line(f"  {agent['unreadable_lines']:,} records in all could not be used")
    for row in found["unpriced"]:
        out.line(f"no price for {row['model']}: {row['requests']} requests count as unknown")
    if found["repriced"]:
        out.line(out.repriced(found["repriced"] - found["repriced_by_own"], found["repriced_by_own"]))
    for line in _repositories(found["repositories"]):
        out.line(line)
    for tier, told in found["suggestions"].items():
        if told["shown"]:
            stops = "" if told["preselects"] else "; none is pre-selected until nine in ten are"
            out.line(f"suggestions of tier {tier}: {told['accepted']} of the last {told['shown']} accepted{stops}")
    out.line(f"store: {found['store']['path']}, {found['store']['bytes'] / 1e6:.1f} MB")
    out.line(f"watching: {found['watching']['note']}")
    for problem in found["problems"]:
        out.line(problem)


def _show_unopened(found: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    for agent in found["agents"]:
        out.line(f"{agent['agent']}: what was read of it is not known")
        _show_roots(agent)


def _show_roots(agent: dict[str, Any]) -> None:
    for root in agent["roots"]:
        out.line(f"  {'found    ' if root['found'] else 'not there'}  {root['path']}")


def _repositories(found: list[dict[str, Any]]) -> Iterator[str]:
    """A line for each repository that is read or was, one for all the others."""
    from tokentrack.repositories import NO_REPOSITORY

    missing = [row for row in found if row["error"] == NO_REPOSITORY and not row["commits"]]
    for row in found:
        if row not in missing:
            parts = [f"{row['commits']} commits"]
            own = row["own_commits"]
            parts += ["own commits are not known: git has no user.email here"] if own is None else [f"{own} own"]
            parts += [] if row["whole"] else ["not all read yet"]
            parts += [row["error"].removeprefix(f"{row['project']}: ").rstrip(".")] if row["error"] else []
            yield f"repository {row['project']}: {', '.join(parts)}"
    if missing:
        yield f"projects whose folder is gone: {len(missing)}, such as {missing[0]['project']}"


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@json_option
@click.pass_obj
def backup(store: Path, file: Path, as_json: bool) -> None:
    """Write a consistent copy of the store to FILE, also while the app runs. An earlier copy there is replaced, nothing else."""
    with opened(store) as db:
        copy_to(db, file)
    if as_json:
        return print_json({"backup": str(file), "bytes": file.stat().st_size})
    return out.line(f"Copied to {file} ({file.stat().st_size / 1e6:.1f} MB).")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@json_option
@click.pass_obj
def restore(store: Path, file: Path, as_json: bool) -> None:
    """Put the copy FILE in the store's place. The store as it was is kept beside it, under a name of its own each time."""
    kept = restore_from(file, store)
    if as_json:
        return print_json({"restored": str(store), "kept": str(kept) if kept else None})
    return out.line(f"Restored {store}." + (f" The store as it was is kept as {kept}." if kept else ""))
