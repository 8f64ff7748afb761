"""Commands that link sessions to tasks: suggest, link, unlink, accept, reject, and the way back from each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from sqlite3 import Connection
from typing import Any

import click

from tokentrack import clock
from tokentrack.cli import out
from tokentrack.cli.failures import refused
from tokentrack.cli.files import reading, rejected_json, tell_rejected
from tokentrack.cli.names import NO_TASK, Turns, one_session, one_task, task_names, title_of
from tokentrack.cli.offers import show_new, show_suggestions, suggested, suggested_and_new
from tokentrack.cli.out import json_option, link_json, opened, print_json
from tokentrack.model.tasks import Link, Span
from tokentrack.model.usage import Session
from tokentrack.phrases import plural
from tokentrack.store import StoreError, journal, links, read, transaction
from tokentrack.store.links import said, turns_of, typed

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
        names = task_names(db)
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
        with transaction(db), journal.change(db, f"Accepted {plural(count, 'session')}", clock.now_ms()):
            for offer in chosen:
                try:
                    made.append(links.put(db, offer.session, offer.task, offer.turns, "suggested", clock.now_ms()))
                except links.Overlap as error:
                    taken.append(refused(error))
        names = task_names(db)
    _tell(made, names, as_json)
    for sentence in taken:
        out.line(sentence, err=True)
    if not as_json:
        still = {uid for uid, _ in waits} if named is None else {uid for uid, _ in waits}.intersection(named)
        nothing = "Nothing is suggested with ●." if still else "Nothing waits."
        out.line(f"{len(made):,} linked." if made else nothing)


def _tell(found: Iterable[Link], names: dict[str | None, str], as_json: bool, **more: Any) -> None:
    if as_json:
        print_json({"links": [link_json(link) for link in found], **more})
        return
    for link in found:
        out.line(f"{link.session}, {said(link.turns).lower()}: {names.get(link.task, link.task)}")


# ---- links -----------------------------------------------------------------------------------------------------------

turns_option = click.option(
    "--turns", type=Turns(), help="These turns, counted from 0, both included: 2..4, or 2.. for all from 2 on."
)


@click.command()
@click.argument("session", required=False)
@click.argument("task", required=False, metavar="[TASK|none]")
@turns_option
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
        names = task_names(db)
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
        with reading(file, NotThatFile), transaction(db), journal.change(db, f"Linked by {file.name}", clock.now_ms()):
            for line, given in rows(file, _LINK_COLUMNS, ("session", "task"), rejected):
                try:
                    found = session_named(given["session"])
                    to = None if given["task"] == NO_TASK else one_task(db, given["task"], found.project)
                    turns = _within(found, turns_of(given["turns"]))
                    made.append(links.put(db, found.id, to.id if to else None, turns, "manual", clock.now_ms()))
                except StoreError as error:
                    rejected.append((line, refused(error).removesuffix(".")))
                except (click.ClickException, ValueError) as error:
                    told = error.message if isinstance(error, click.ClickException) else str(error)
                    rejected.append((line, told.removesuffix(".")))
        names = task_names(db)
    _tell(made, names, as_json, rejected=rejected_json(rejected))
    if not as_json:
        out.line(f"{len(made):,} linked, {len(rejected):,} not taken.")
    tell_rejected(rejected, len(made))


_LINK_COLUMNS = {"session": ("session", "session_id"), "task": ("task", "task_id", "key"), "turns": ("turns",)}


def _remembered(find: Callable[[str], Session]) -> Callable[[str], Session]:
    known: dict[str, Session] = {}

    def found(name: str) -> Session:
        if name not in known:
            known[name] = find(name)
        return known[name]

    return found


@click.command()
@click.argument("session")
@turns_option
@json_option
@click.pass_obj
def unlink(store: Path, session: str, turns: Span | None, as_json: bool) -> None:
    """Take SESSION, or some of its turns, out of what it is linked to: it waits again."""
    from tokentrack import rules

    with opened(store) as db:
        found = one_session(db, session)
        told = rules.goes_on(db, found.id, turns or Span(), clock.now_ms())
        with transaction(db), journal.change(db, f"Unlinked {title_of(found)[:40]}", clock.now_ms()):
            changed = links.cut_out(db, found.id, turns or Span())
        kept, names = links.links(db, [found.id]), task_names(db)
    _tell(kept, names, as_json)
    if not as_json:
        out.line(f"{said(turns or Span())} of {found.id}: {'to be linked' if changed else 'nothing was linked'}.")
        if told:
            out.line(f"{told}.")


@click.command()
@click.argument("session")
@click.argument("task")
@json_option
@click.pass_obj
def reject(store: Path, session: str, task: str, as_json: bool) -> None:
    """SESSION does not belong to TASK: it is not suggested again, and what a rule linked of it to TASK is taken out."""
    from tokentrack import rules

    with opened(store) as db:
        found = one_session(db, session)
        to = one_task(db, task, found.project)
        by_rule = [link for link in links.links(db, [found.id], to.id) if link.rule]
        told = [rules.goes_on(db, found.id, link.turns, clock.now_ms()) for link in by_rule]
        with transaction(db), journal.change(db, f"Rejected {to.name}", clock.now_ms()):
            taken_out = links.reject(db, found.id, to.id, clock.now_ms())
        kept = links.links(db, [found.id])
    if as_json:
        rejected = {"session": found.id, "task": to.id}
        print_json({"links": [link_json(link) for link in kept], "rejected": rejected})
        return
    out.line(f"{to.name} is not suggested for {found.id} again.")
    for link in taken_out:
        out.line(f"{said(link.turns)} of {found.id}: no longer linked to it by a rule.")
    for link in kept:
        if link.task == to.id:
            way_out = f"tokentrack unlink {found.id} --turns {typed(link.turns)}"
            out.line(f"{said(link.turns)} of {found.id}: still linked to it, as you chose; `{way_out}` takes that out.")
    for sentence in dict.fromkeys(filter(None, told)):
        out.line(f"{sentence}.")


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
