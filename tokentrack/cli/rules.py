"""`tokentrack rule`: what is linked with each scan, by a branch, a key or a folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from sqlite3 import Connection
from typing import Any, TypeVar

import click

from tokentrack import clock
from tokentrack.cli import out
from tokentrack.cli.names import one_project, one_rule, one_session, one_task, task_names, title_of
from tokentrack.cli.out import json_option, opened, print_json
from tokentrack.model.tasks import Rule
from tokentrack.model.usage import Total
from tokentrack.phrases import plural
from tokentrack.store import journal, rules, transaction
from tokentrack.store.links import said

KINDS = click.Choice(["branch", "key", "path"])
Command = TypeVar("Command", bound=Callable[..., Any])


@click.group()
def rule() -> None:
    """Rules link what matches to a task once you asked for it; links that you confirmed stay as they are.

    A rule goes on until you pause it or take it out, its task is finished, its branch is gone for two weeks, or you changed two
    of its last ten links: then it pauses itself.
    """


def rule_json(found: Rule, asleep: Mapping[str, str]) -> dict[str, Any]:
    """`paused`: by whom or why; `asleep`: why it links nothing now, which is also so while its task is finished."""
    return {
        "id": found.id,
        "kind": found.kind,
        "project": found.project,
        "pattern": found.pattern,
        "task": found.task,
        "paused": found.paused,
        "asleep": asleep.get(found.id),
        "created_at": clock.iso(found.created_at),
    }


def _rule_line(found: Rule, names: dict[str | None, str], asleep: Mapping[str, str]) -> str:
    where = f" in {found.project}" if found.project else ""
    sleeps = f"; it sleeps: {asleep[found.id]}" if found.id in asleep else ""
    return f"{found.id}  {found.kind} {found.pattern}{where} ▶ {names.get(found.task, found.task)}{sleeps}"


def _described(command: Command) -> Command:
    """What a command that is given a rule takes: KIND PATTERN TASK, and maybe a project."""
    project = click.option("--project", help="Its path or name; the task's own if not given.")
    parts = (click.argument("kind", type=KINDS), click.argument("pattern"), click.argument("task"), project)
    for part in reversed(parts):
        command = part(command)
    return command


@rule.command("list")
@json_option
@click.pass_obj
def rule_list(store: Path, as_json: bool) -> None:
    """Every rule, and whether it sleeps."""
    with opened(store) as db:
        found, names, asleep = rules.rules(db), task_names(db), _asleep(db)
    if as_json:
        print_json({"rules": [rule_json(one, asleep) for one in found]})
        return
    for one in found:
        out.line(_rule_line(one, names, asleep))
    if not found:
        click.echo("There is no rule. `tokentrack rule add branch feat/refunds PAY-12` adds one.")


def _asleep(db: Connection) -> dict[str, str]:
    from tokentrack.review.suggesting import sleeping

    return sleeping(db, clock.now_ms())


def _given(db: Connection, kind: str, pattern: str, task: str, project: str | None) -> Rule:
    """The rule as typed; without a project it is that of the task. Raises ClickException where there can be no such rule."""
    from tokentrack.review.suggesting import refused

    place = one_project(db, project)
    to = one_task(db, task, place)
    given = Rule("", kind, place or to.project, pattern.strip(), to.id, clock.now_ms())
    if reason := refused(db, given, clock.now_ms()):
        raise click.ClickException(reason)
    return given


@rule.command("add")
@_described
@json_option
@click.pass_obj
def rule_add(store: Path, kind: str, pattern: str, task: str, project: str | None, as_json: bool) -> None:
    """Link to TASK what runs on the branch, names the key, or lies in the folder PATTERN, with each scan from now on.

    What waits already and matches is listed: the next scan links it too. What you linked yourself stays as it is.
    """
    with opened(store) as db:
        given = _given(db, kind, pattern, task, project)
        moves = _Moves(db, given)
        with transaction(db), journal.change(db, f"Added the rule {kind} {given.pattern}", clock.now_ms()):
            made = rules.add(db, given.kind, given.project, given.pattern, given.task, given.created_at)
        names = task_names(db)
        found, asleep = rules.rules(db), _asleep(db)
    if as_json:
        told = {"rule": rule_json(made, asleep), "rules": [rule_json(one, asleep) for one in found]}
        print_json({**told, **moves.json()})
        return
    out.line(_rule_line(made, names, asleep))
    moves.show("the next scan links them")


class _Moves:
    """What waits and a rule matches, by what is known now: what it would link, and what it leaves to the person."""

    def __init__(self, db: Connection, given: Rule) -> None:
        from tokentrack.review.suggesting import preview

        self.task = given.task
        self.moved, self.held = preview(db, given, clock.now_ms())
        named = {uid for uid, *_ in [*self.moved, *self.held]}
        self.titles = {uid: title_of(one_session(db, uid))[:60] for uid in named}
        self.total = sum((part for _, _, part in self.moved), Total())

    def json(self) -> dict[str, Any]:
        return {
            "moves": [
                {"session": uid, "turns": out.turns_json(turns), "task": self.task, **out.total_json(part)}
                for uid, turns, part in self.moved
            ],
            "held": [
                {"session": uid, "turns": out.turns_json(turns), "task": self.task, "reason": reason}
                for uid, turns, reason in self.held
            ],
            "total": out.total_json(self.total),
        }

    def show(self, then: str) -> None:
        if self.moved:
            out.table(
                ["session", "title", "turns", "list value"],
                [(uid, self.titles[uid], said(turns), out.money(part)) for uid, turns, part in self.moved],
                left=3,
            )
        count = len({uid for uid, *_ in self.moved})
        match = "waits and matches" if count == 1 else "wait and match"
        out.line(f"{plural(count, 'session')} {match}, {out.money(self.total)} list value; {then}.")
        for uid, turns, reason in self.held:
            out.line(f"For you to decide: {uid} {self.titles[uid]}, {said(turns).lower()}: {reason}")


@rule.command("remove")
@click.argument("name", metavar="ID")
@click.option("--with-links", is_flag=True, help="And everything it linked, but what you edited since.")
@json_option
@click.pass_obj
def rule_remove(store: Path, name: str, with_links: bool, as_json: bool) -> None:
    """Take the rule ID out."""
    with opened(store) as db:
        found = one_rule(db, name)
        with transaction(db), journal.change(db, f"Removed the rule {found.kind} {found.pattern}", clock.now_ms()):
            gone = rules.remove(db, found.id, with_links)
        kept, asleep = rules.rules(db), _asleep(db)
    if as_json:
        print_json({"rules": [rule_json(one, asleep) for one in kept], "links_removed": gone})
        return
    out.line(f"The rule {found.kind} {found.pattern} is taken out" + (f", with {gone:,} links." if with_links else "."))


@rule.command("preview")
@_described
@json_option
@click.pass_obj
def rule_preview(store: Path, kind: str, pattern: str, task: str, project: str | None, as_json: bool) -> None:
    """What waits now and such a rule would link to TASK, and how much that is. Nothing is changed."""
    with opened(store) as db:
        given = _given(db, kind, pattern, task, project)
        moves, names = _Moves(db, given), task_names(db)
    if as_json:
        print_json({"rules": [rule_json(given, {})], **moves.json()})
        return
    out.line(_rule_line(given, names, {}).strip())
    moves.show("nothing was changed")


@rule.command("pause")
@click.argument("name", metavar="ID")
@json_option
@click.pass_obj
def rule_pause(store: Path, name: str, as_json: bool) -> None:
    """Put the rule ID to sleep; what it linked stays."""
    _pause(store, name, "paused by you", as_json)


@rule.command("resume")
@click.argument("name", metavar="ID")
@json_option
@click.pass_obj
def rule_resume(store: Path, name: str, as_json: bool) -> None:
    """Wake the rule ID up."""
    _pause(store, name, None, as_json)


def _pause(store: Path, name: str, why: str | None, as_json: bool) -> None:
    with opened(store) as db:
        found = one_rule(db, name)
        what = f"{'Paused' if why else 'Resumed'} the rule {found.kind} {found.pattern}"
        with transaction(db), journal.change(db, what, clock.now_ms()):
            rules.pause(db, found.id, why)
        now, names, asleep = rules.rules(db), task_names(db), _asleep(db)
    if as_json:
        print_json({"rules": [rule_json(one, asleep) for one in now]})
        return
    out.line(_rule_line(next(one for one in now if one.id == found.id), names, asleep))
