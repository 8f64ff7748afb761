"""Commands that link sessions to tasks: suggest, link, unlink, accept, reject, rule, and the way back from each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from sqlite3 import Connection
from typing import Any

import click

from tokentrack import clock
from tokentrack.cli import out
from tokentrack.cli.names import NO_TASK, Turns, one_project, one_rule, one_session, one_task, title_of
from tokentrack.cli.offers import show_new, show_suggestions, suggested, suggested_and_new
from tokentrack.cli.out import json_option, link_json, opened, print_json
from tokentrack.model import Link, Rule, Session, Span, Total
from tokentrack.store import StoreError, journal, links, read, rules, tasks, transaction
from tokentrack.store.links import said, turns_of

Links = list[Link]


# ---- suggestions -----------------------------------------------------------------------------------------------------


@click.command()
@click.argument("session", required=False)
@click.option("--unlinked", is_flag=True, help="What is not linked yet; without SESSION always.")
@json_option
@click.pass_obj
def suggest(store: Path, session: str | None, unlinked: bool, as_json: bool) -> None:
    """Which tasks SESSION, or each session that waits, may belong to: the best first, with reasons.

    ● stands on something recorded or confirmed and no other task has as much; ○ is a guess. `accept` takes the ●.
    """
    with opened(store) as db:
        found, new = suggested_and_new(db, None if session is None else [one_session(db, session).id])
        if session is not None and unlinked:
            parts = links.waiting(db)
            found = [one for one in found if any(one.session == uid and one.turns.meets(part) for uid, part in parts)]
            new = [one for one in new if any(one.session == uid and one.turns.meets(part) for uid, part in parts)]
        names = _names(db)
    if as_json:
        print_json({
            "suggestions": [out.suggestion_json(offer) for offer in found],
            "new_tasks": [
                {"session": one.session, "native_id": one.native_id, "turns": out.turns_json(one.turns),
                 "key": one.task.key, "title": one.task.title, "project": one.task.project}
                for one in new
            ],
        })  # fmt: skip
        return
    show_suggestions(found, names)
    show_new(new)
    if not found and not new:
        click.echo("Nothing is suggested.")


def _names(db: Connection) -> dict[str | None, str]:
    return {None: read.NO_TASK} | {task.id: task.name for task in tasks.tasks(db)}


@click.command()
@click.argument("sessions", nargs=-1, metavar="[SESSION]...")
@click.option("--all", "everything", is_flag=True, help="Of every session that waits.")
@json_option
@click.pass_obj
def accept(store: Path, sessions: tuple[str, ...], everything: bool, as_json: bool) -> None:
    """Link what is suggested with ●: of these sessions, or of all that wait with --all. `undo` takes it back at once."""
    if bool(sessions) == everything:
        raise click.UsageError("Name sessions, or --all.")
    with opened(store) as db:
        named = [one_session(db, name).id for name in sessions] or None
        waits = links.waiting(db)
        chosen = [
            offer
            for offer in suggested(db, named)
            if offer.preselected and any(uid == offer.session and part.meets(offer.turns) for uid, part in waits)
        ]
        made: Links = []
        taken: list[str] = []
        count = len({offer.session for offer in chosen})
        with transaction(db), journal.change(db, f"Accepted {_sessions(count)}", clock.now_ms()):
            for offer in chosen:
                try:
                    made.append(links.put(db, offer.session, offer.task, offer.turns, "suggested", clock.now_ms()))
                except links.Overlap as error:
                    taken.append(str(error))
        names = _names(db)
    _tell(made, names, as_json)
    for sentence in taken:
        out.line(sentence, err=True)
    if not as_json:
        still = {uid for uid, _ in waits} if named is None else {uid for uid, _ in waits}.intersection(named)
        nothing = "Nothing is suggested with ●." if still else "Nothing waits."
        out.line(f"{len(made):,} linked." if made else nothing)


def _sessions(count: int) -> str:
    return f"{count:,} session{'' if count == 1 else 's'}"


def _tell(found: Iterable[Link], names: dict[str | None, str], as_json: bool, **more: Any) -> None:
    if as_json:
        print_json({"links": [link_json(link) for link in found], **more})
        return
    for link in found:
        out.line(f"{link.session}, {said(link.turns).lower()}: {names.get(link.task, link.task)}")


# ---- links -----------------------------------------------------------------------------------------------------------


@click.command()
@click.argument("session", required=False)
@click.argument("task", required=False, metavar="[TASK|none]")
@click.option(
    "--turns", type=Turns(), help="These turns, counted from 0, both included: 2..4, or 2.. for all from 2 on."
)
@click.option("--file", type=click.Path(path_type=Path), help="A CSV with the columns session, task and turns.")
@json_option
@click.pass_obj
def link(
    store: Path, session: str | None, task: str | None, turns: Span | None, file: Path | None, as_json: bool
) -> None:
    """Say that SESSION belongs to TASK; `none`: to no task, on purpose. Turns that are linked already are refused."""
    if file is not None:
        if session is not None:
            raise click.UsageError("Name a session and a task, or --file, not both.")
        _link_file(store, file, as_json)
        return
    if session is None or task is None:
        raise click.UsageError("Name a session and a task.")
    with opened(store) as db:
        found = one_session(db, session)
        to = None if task == NO_TASK else one_task(db, task, found.project)
        wanted = _within(found, turns or Span())
        what = f"Linked {title_of(found)[:40]} to {read.NO_TASK if to is None else to.name}"
        with transaction(db), journal.change(db, what, clock.now_ms()):
            made = links.put(db, found.id, to.id if to else None, wanted, "manual", clock.now_ms())
        names = _names(db)
    _tell([made], names, as_json)


def _within(session: Session, turns: Span) -> Span:
    """Raises ClickException for turns that the session does not have."""
    if turns.first >= max(session.turns, 1):
        raise click.ClickException(f"Session {session.id} has {session.turns} turns; they count from 0.")
    return turns


def _link_file(store: Path, file: Path, as_json: bool) -> None:
    """Every row that can be linked is; the others are named with their line and the reason."""
    from tokentrack.csv_rows import NotThatFile, rows

    made: Links = []
    rejected: list[tuple[int, str]] = []
    with opened(store) as db:
        session_named = _remembered(lambda name: one_session(db, name))
        with transaction(db), journal.change(db, f"Linked by {file.name}", clock.now_ms()):
            try:
                for line, given in rows(file, _LINK_COLUMNS, ("session", "task"), rejected):
                    try:
                        found = session_named(given["session"])
                        to = None if given["task"] == NO_TASK else one_task(db, given["task"], found.project)
                        turns = _within(found, turns_of(given["turns"]))
                        made.append(links.put(db, found.id, to.id if to else None, turns, "manual", clock.now_ms()))
                    except (click.ClickException, ValueError, StoreError) as error:
                        told = error.message if isinstance(error, click.ClickException) else str(error)
                        rejected.append((line, told.removesuffix(".")))
            except NotThatFile as error:
                raise click.ClickException(str(error)) from None
            except OSError as error:
                raise click.ClickException(f"{file} cannot be read: {error.strerror or error}.") from None
        names = _names(db)
    rejections = [{"line": line, "reason": reason} for line, reason in rejected]
    _tell(made, names, as_json, rejected=rejections)
    tell_rejected(rejected)
    if not as_json:
        out.line(f"{len(made):,} linked, {len(rejected):,} not taken.")


_LINK_COLUMNS = {"session": ("session", "session_id"), "task": ("task", "task_id", "key"), "turns": ("turns",)}


def _remembered(find: Callable[[str], Session]) -> Callable[[str], Session]:
    known: dict[str, Session] = {}

    def found(name: str) -> Session:
        if name not in known:
            known[name] = find(name)
        return known[name]

    return found


def tell_rejected(rejected: Sequence[tuple[int, str]]) -> None:
    """The first rows of a file that were not taken, and why, on standard error."""
    for line, reason in rejected[:20]:
        out.line(f"line {line}: {reason}", err=True)
    if len(rejected) > 20:
        out.line(f"… and {len(rejected) - 20:,} more.", err=True)


@click.command()
@click.argument("session")
@click.option(
    "--turns", type=Turns(), help="These turns, counted from 0, both included: 2..4, or 2.. for all from 2 on."
)
@json_option
@click.pass_obj
def unlink(store: Path, session: str, turns: Span | None, as_json: bool) -> None:
    """Take SESSION, or some of its turns, out of what it is linked to: it waits again."""
    with opened(store) as db:
        found = one_session(db, session)
        with transaction(db), journal.change(db, f"Unlinked {title_of(found)[:40]}", clock.now_ms()):
            changed = links.cut_out(db, found.id, turns or Span())
        kept, names = links.links(db, [found.id]), _names(db)
    _tell(kept, names, as_json)
    if not as_json:
        out.line(f"{said(turns or Span())} of {found.id}: {'to be linked' if changed else 'nothing was linked'}.")


@click.command()
@click.argument("session")
@click.argument("task")
@json_option
@click.pass_obj
def reject(store: Path, session: str, task: str, as_json: bool) -> None:
    """SESSION does not belong to TASK: it is not suggested again."""
    with opened(store) as db:
        found = one_session(db, session)
        to = one_task(db, task, found.project)
        with transaction(db), journal.change(db, f"Rejected {to.name}", clock.now_ms()):
            links.reject(db, found.id, to.id, clock.now_ms())
        kept = links.links(db, [found.id])
    if as_json:
        rejected = {"session": found.id, "task": to.id}
        print_json({"links": [link_json(link) for link in kept], "rejected": rejected})
        return
    out.line(f"{to.name} is not suggested for {found.id} again.")


# ---- the way back ----------------------------------------------------------------------------------------------------


@click.command()
@json_option
@click.pass_obj
def undo(store: Path, as_json: bool) -> None:
    """Take back the newest change of tasks, links and rules; again for the one before, up to 30 days back."""
    _go(store, "undone", journal.undo, "Taken back", as_json)


@click.command()
@json_option
@click.pass_obj
def redo(store: Path, as_json: bool) -> None:
    """Do again what was taken back last."""
    _go(store, "redone", journal.redo, "Done again", as_json)


def _go(store: Path, field: str, way: Callable[[Connection, int], str | None], verb: str, as_json: bool) -> None:
    with opened(store) as db:
        before = set(links.links(db))
        what = journal.step(db, way, clock.now_ms())
        made = [link for link in links.links(db) if link not in before]
    if as_json:
        print_json({field: what, "links": [link_json(link) for link in made]})
        return
    out.line(f"{verb}: {what}." if what else f"There is nothing to {'take back' if field == 'undone' else 'do again'}.")


# ---- rules -----------------------------------------------------------------------------------------------------------


@click.group()
def rule() -> None:
    """Rules link what matches to a task once you asked for it; links that you confirmed stay as they are."""


KINDS = click.Choice(["branch", "key", "path"])


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


@rule.command("list")
@json_option
@click.pass_obj
def rule_list(store: Path, as_json: bool) -> None:
    """Every rule, and whether it sleeps."""
    with opened(store) as db:
        found, names, asleep = rules.rules(db), _names(db), _asleep(db)
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
@click.argument("kind", type=KINDS)
@click.argument("pattern")
@click.argument("task")
@click.option("--project", help="Its path or name; the task's own if not given.")
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
        names = _names(db)
        found, asleep = rules.rules(db), _asleep(db)
    if as_json:
        told = {"rule": rule_json(made, asleep), "rules": [rule_json(one, asleep) for one in found]}
        print_json({**told, **moves.json()})
        return
    out.line(_rule_line(made, names, asleep))
    moves.show("the next scan links them")


class _Moves:
    """What waits and a rule would link, by what is known now."""

    def __init__(self, db: Connection, given: Rule) -> None:
        from tokentrack.review.suggesting import preview

        self.task = given.task
        self.parts = preview(db, given, clock.now_ms())
        self.titles = {uid: title_of(one_session(db, uid)) for uid in {uid for uid, _, _ in self.parts}}
        self.total = sum((part for _, _, part in self.parts), Total())

    def json(self) -> dict[str, Any]:
        return {
            "moves": [
                {"session": uid, "turns": out.turns_json(turns), "task": self.task, **out.total_json(part)}
                for uid, turns, part in self.parts
            ],
            "total": out.total_json(self.total),
        }

    def show(self, then: str) -> None:
        if self.parts:
            out.table(
                ["session", "title", "turns", "list value"],
                [(uid, self.titles[uid][:60], said(turns), out.money(part)) for uid, turns, part in self.parts],
                left=3,
            )
        match = "waits and matches" if len(self.titles) == 1 else "wait and match"
        out.line(f"{_sessions(len(self.titles))} {match}, {out.money(self.total)} list value; {then}.")


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
@click.argument("kind", type=KINDS)
@click.argument("pattern")
@click.argument("task")
@click.option("--project", help="Its path or name; the task's own if not given.")
@json_option
@click.pass_obj
def rule_preview(store: Path, kind: str, pattern: str, task: str, project: str | None, as_json: bool) -> None:
    """What waits now and such a rule would link to TASK, and how much that is. Nothing is changed."""
    with opened(store) as db:
        given = _given(db, kind, pattern, task, project)
        moves, names = _Moves(db, given), _names(db)
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
        now, names, asleep = rules.rules(db), _names(db), _asleep(db)
    if as_json:
        print_json({"rules": [rule_json(one, asleep) for one in now]})
        return
    out.line(_rule_line(next(one for one in now if one.id == found.id), names, asleep))
