"""`tokentrack task`: what the person works on, what is expected of it and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from sqlite3 import Connection
from typing import Any

import click

from tokentrack import clock, git, task_csv
from tokentrack.cli import estimates, out
from tokentrack.cli.files import reading, rejected_json, tell_rejected
from tokentrack.cli.names import one_project, one_task, title_of
from tokentrack.cli.out import json_option, opened, print_json, task_json
from tokentrack.linking import urls
from tokentrack.model.tasks import OUTCOMES, Evidence, Link, Task
from tokentrack.model.usage import Session, Total
from tokentrack.phrases import in_one_line
from tokentrack.store import journal, ledger, links, read, tasks, transaction

WORDS = {name.replace(" ", "-"): name for name in OUTCOMES}
"""Outcomes as they are typed ▶ as they are kept."""
SIZES = click.Choice(["S", "M", "L"])
ANYWAY = click.Choice(["yes", "no", "unsure"])
LONGEST_NOTE = 280


@click.group()
def task() -> None:
    """Tasks: one piece of work each, as you would name it. A task is named by its id or its key."""


# ---- making and changing ---------------------------------------------------------------------------------------------


@task.command("add")
@click.argument("title")
@click.option("--key", help="As its tracker writes it: PAY-12, #12.")
@click.option("--url")
@click.option("--project", help="A repository's path or name; that of this folder if it has sessions, else none.")
@click.option("--size", type=SIZES)
@click.option("--estimate", type=estimates.Expected(), help=estimates.HELP)
@json_option
@click.pass_obj
def task_add(
    store: Path,
    title: str,
    key: str | None,
    url: str | None,
    project: str | None,
    size: str | None,
    estimate: tuple[str, int, int] | None,
    as_json: bool,
) -> None:
    """Add the task TITLE, which may be the address of an issue or pull request."""
    now = clock.now_ms()
    with opened(store) as db:
        pasted = urls.proposed(title)
        if pasted:
            title, key, url = pasted.title, key or pasted.key, url or pasted.url
        place = one_project(db, project) if project else _project_of(db, pasted) or _here(db)
        given = Task("", _title(urls.bare(title)), _plain(key), _address(url), place, now, size=size)
        with transaction(db), journal.change(db, f"Added {given.name}", now):
            made = tasks.add(db, given)
            if estimate:
                tasks.add_estimate(db, made.id, *estimate, now)
    _tell(made, Total(), 0, as_json)


def _title(text: str) -> str:
    title = in_one_line(text)
    if not title:
        raise click.UsageError("A task needs a title.")
    if len(title) > task_csv.LONGEST:
        raise click.UsageError(f"A title has at most {task_csv.LONGEST} characters.")
    return title


def _plain(text: str | None) -> str | None:
    return (text or "").strip() or None


def _address(text: str | None) -> str | None:
    """Without what may be private in it."""
    return urls.bare((text or "").strip()) or None


def _project_of(db: Connection, pasted: urls.Proposed | None) -> str | None:
    from tokentrack.store.repositories import project_at

    return project_at(db, pasted.repository) if pasted and pasted.repository else None


def _here(db: Connection) -> str | None:
    """The project of the folder in which the command was called, where sessions ran in it."""
    path = git.project_of(str(Path.cwd()))[0]
    return path if path in dict(tasks.projects(db)) else None


def _tell(made: Task, total: Total, unrecorded: int, as_json: bool) -> None:
    if as_json:
        print_json({"task": task_json(made, total, unrecorded)})
        return
    out.line(_line(made))


def _line(one: Task) -> str:
    place = f", {PurePath(one.project).name}" if one.project else ""
    return f"{one.id}  {one.name} ({one.outcome or one.status}{place})"


def _told_again(db: Connection, uid: str) -> tuple[Task, Total, int]:
    found = tasks.task(db, uid)
    assert found is not None
    return found, *_used(db, uid)


def _used(db: Connection, uid: str) -> tuple[Total, int]:
    """What is linked to a task, and of how many of these sessions tokens are recorded nowhere."""
    total = sum((total for _, total in links.linked_totals(db, uid)), Total())
    return total, ledger.unrecorded_by_task(db)[uid]


@task.command("edit")
@click.argument("name", metavar="ID")
@click.option("--title")
@click.option("--key", help="Empty: it has none.")
@click.option("--url", help="Empty: it has none.")
@click.option("--project", help="A repository's path or name; empty: of no one repository.")
@click.option("--size", type=SIZES)
@click.option("--anyway", type=ANYWAY, help="Would you have done it without an agent?")
@click.option("--note", help=f"What it was worth, in at most {LONGEST_NOTE} characters.")
@click.option("--private/--not-private", default=None, help="Its title leaves this machine under its alias alone.")
@click.option("--alias", help="What a page for others calls it; empty: its title.")
@click.option("--follow-up-of", metavar="TASK", help="The task it follows; empty: none.")
@click.option("--estimate", type=estimates.Expected(), help=f"{estimates.HELP} Earlier ones stay.")
@json_option
@click.pass_obj
def task_edit(store: Path, /, name: str, estimate: tuple[str, int, int] | None, as_json: bool, **given: Any) -> None:
    """Change the task ID; what is not named stays as it is."""
    fields = {field: value for field, value in given.items() if value is not None}
    if not fields and not estimate:
        raise click.UsageError("Name something to change.")
    if len(fields.get("note", "")) > LONGEST_NOTE:
        raise click.UsageError(f"A note has at most {LONGEST_NOTE} characters.")
    with opened(store) as db:
        found = one_task(db, name)
        if "title" in fields:
            fields["title"] = _title(urls.bare(fields["title"]))
        for field, plain in (("key", _plain), ("url", _address), ("alias", _plain)):
            if field in fields:
                fields[field] = plain(fields[field])
        if "project" in fields:
            fields["project"] = one_project(db, fields["project"])
        if fields.get("follow_up_of") is not None:
            fields["follow_up_of"] = _followed(db, fields["follow_up_of"], found)
        now = clock.now_ms()
        with transaction(db), journal.change(db, f"Edited {found.name}", now):
            tasks.edit(db, found.id, **fields)
            if estimate:
                tasks.add_estimate(db, found.id, *estimate, now)
        told = _told_again(db, found.id)
    _tell(*told, as_json)


def _followed(db: Connection, name: str, follower: Task) -> str | None:
    if not name:
        return None
    found = one_task(db, name, follower.project)
    if found.id == follower.id:
        raise click.ClickException("A task does not follow itself.")
    return found.id


@task.command("finish")
@click.argument("name", metavar="ID")
@click.argument("outcome", type=click.Choice([*WORDS]))
@click.option("--note", default="", help="One sentence: what was learned, why it was decided, which task took over.")
@json_option
@click.pass_obj
def task_finish(store: Path, name: str, outcome: str, note: str, as_json: bool) -> None:
    """Say what came of the task ID. Its history keeps what was said before."""
    with opened(store) as db:
        found = one_task(db, name)
        now = clock.now_ms()
        with transaction(db), journal.change(db, f"Finished {found.name}: {WORDS[outcome]}", now):
            tasks.finish(db, found.id, WORDS[outcome], note.strip(), now)
        told = _told_again(db, found.id)
    _tell(*told, as_json)


@task.command("reopen")
@click.argument("name", metavar="ID")
@json_option
@click.pass_obj
def task_reopen(store: Path, name: str, as_json: bool) -> None:
    """The task ID goes on."""
    with opened(store) as db:
        found = one_task(db, name)
        with transaction(db), journal.change(db, f"Reopened {found.name}", clock.now_ms()):
            tasks.reopen(db, found.id, clock.now_ms())
        told = _told_again(db, found.id)
    _tell(*told, as_json)


@task.command("delete")
@click.argument("name", metavar="ID")
@json_option
@click.pass_obj
def task_delete(store: Path, name: str, as_json: bool) -> None:
    """Take the task ID out, with its rules and estimates; its turns wait again. `undo` brings it back."""
    with opened(store) as db:
        found = one_task(db, name)
        used = _used(db, found.id)
        with transaction(db), journal.change(db, f"Deleted {found.name}", clock.now_ms()):
            tasks.delete(db, found.id)
    if as_json:
        print_json({"task": task_json(found, *used)})
        return
    out.line(f"{found.name} is deleted; `tokentrack undo` brings it back.")


@task.command("merge")
@click.argument("kept", metavar="A")
@click.argument("gone", metavar="B")
@json_option
@click.pass_obj
def task_merge(store: Path, kept: str, gone: str, as_json: bool) -> None:
    """Make the tasks A and B one: A stays, and takes over what B had and what it does not say itself."""
    with opened(store) as db:
        one, other = one_task(db, kept), one_task(db, gone)
        now = clock.now_ms()
        with transaction(db), journal.change(db, f"Merged {other.name} into {one.name}", now):
            tasks.merge(db, one.id, other.id, now)
        told = _told_again(db, one.id)
    _tell(*told, as_json)


@task.command("start")
@click.argument("key")
@json_option
@click.pass_obj
def task_start(store: Path, key: str, as_json: bool) -> None:
    """Declare that a session running in this folder is about the task KEY: it is suggested for it, and nothing is linked.

    For a hook of your shell, or for the agent itself.
    """
    folder = str(Path.cwd())
    with opened(store) as db:
        project = git.project_of(folder)[0]
        found = one_task(db, key, project)
        now = clock.now_ms()
        with transaction(db), journal.change(db, f"Declared {found.name} in {folder}", now):
            links.declare(db, found.id, git.worktree_of(folder, project), now)
        told = _told_again(db, found.id)
    if as_json:
        _tell(*told, as_json)
        return
    out.line(f"Declared: a session that runs in {folder} now is suggested for {found.name}.")


# ---- looking ---------------------------------------------------------------------------------------------------------


@task.command("list")
@click.option("--status", type=click.Choice(["open", "finished"]))
@click.option("--project", help="A repository's path or name.")
@json_option
@click.pass_obj
def task_list(store: Path, status: str | None, project: str | None, as_json: bool) -> None:
    """Every task with the list value of what is linked to it, the oldest first."""
    with opened(store) as db:
        place = one_project(db, project)
        found = [
            one for one in tasks.tasks(db) if status in (None, one.status) and (place is None or one.project == place)
        ]
        totals, silent = tasks.totals(db), ledger.unrecorded_by_task(db)
    if as_json:
        print_json({"tasks": [task_json(one, totals.get(one.id, Total()), silent[one.id]) for one in found]})
        return
    shown = [
        (one.id, one.name[:60], _place(one), one.outcome or one.status, totals.get(one.id), silent[one.id])
        for one in found
    ]
    ends = [
        ("", name, "", "", totals.get(key), silent[name]) for name, key in ((read.NO_TASK, None), (read.UNLINKED, ""))
    ]
    out.table(
        ["id", "task", "project", "came of it", "list value", "tokens"],
        [
            (*words, out.money(total or Total(), n), out.total_tokens(total or Total(), n))
            for *words, total, n in [*shown, *ends]
        ],
        left=4,
    )


def _place(one: Task) -> str:
    return PurePath(one.project).name if one.project else "–"


@task.command("show")
@click.argument("name", metavar="ID")
@json_option
@click.pass_obj
def task_show(store: Path, name: str, as_json: bool) -> None:
    """The task ID: what is linked to it, what was expected, what came of it and what git tells."""
    from tokentrack import repositories
    from tokentrack.review import task_page
    from tokentrack.review.evidence import evidence
    from tokentrack.review.ledger import Used
    from tokentrack.store.landed import projects_of

    now = clock.now_ms()
    with opened(store) as db:
        found = one_task(db, name)
        repositories.refresh_all(db, now, projects_of(db, found.id))
        linked = links.linked_totals(db, found.id)
        history, expected = tasks.outcomes(db, found.id), tasks.estimates(db, found.id)
        told = evidence(db, found.id, now)
        sessions = {link.session: read.sessions_like(db, link.session)[0] for link, _ in linked}
    total = sum((part for _, part in linked), Total())
    if as_json:
        print_json({
            "task": task_json(found, total, sum(one.unrecorded for one in sessions.values())),
            "links": [out.link_json(link) | out.total_json(part) for link, part in linked],
            "outcomes": [{"at": clock.iso(one.at), "outcome": one.outcome, "note": one.note} for one in history],
            "estimates": [
                {"made_at": clock.iso(one.made_at), "what": one.what, "low": one.low, "high": one.high, "spent": one.spent}
                for one in expected
            ],
            "evidence": [
                {"kind": one.kind, "ref": one.ref, "at": clock.iso(one.at), "state": one.state} for one in told
            ],
        })  # fmt: skip
        return
    for text in filter(None, (_line(found), found.url, found.note)):
        out.line(text)
    click.echo("")
    _show_links(linked, sessions, total)
    for one in history:
        out.line(f"{out.moment(one.at)}  {one.outcome or 'opened again'}{f': {one.note}' if one.note else ''}")
    for estimate in expected:
        late = ", made late" if task_page.late(estimate, Used(total)) else ""
        out.line(f"Expected {estimates.in_words(estimate)}{late}")
    _show_evidence(told, now)


def _show_links(linked: Sequence[tuple[Link, Total]], sessions: Mapping[str, Session], total: Total) -> None:
    rows = [
        (
            link.session, title_of(sessions[link.session])[:60], links.said(link.turns), link.source,
            out.money(part, int(sessions[link.session].unrecorded)),
        )
        for link, part in linked
    ]  # fmt: skip
    heads = ["session", "title", "turns", "linked by", "list value"]
    silent = sum(one.unrecorded for one in sessions.values())
    out.table(heads, [*rows, ("", "all", "", "", out.money(total, silent))], left=4)


def _show_evidence(told: Sequence[Evidence], now: int) -> None:
    from tokentrack.review import evidence

    in_git, unread = evidence.found(told), evidence.unread(told)
    if in_git or not unread:
        out.line(f"Git: {evidence.summary(in_git, now)}")
    if unread:
        out.line(f"Git cannot be asked: {unread}")


# ---- import ----------------------------------------------------------------------------------------------------------


@task.command("import")
@click.argument("path", type=click.Path(path_type=Path), required=False)
@click.option(
    "--git", "from_git", is_flag=True, help="From the local history at PATH, or in this folder: nothing is fetched."
)
@json_option
@click.pass_obj
def task_import(store: Path, path: Path | None, from_git: bool, as_json: bool) -> None:
    """Add the tasks of a CSV with a column title, and maybe key, url, project and created_at; or those that git tells.

    Again changes nothing. With --git: from the names of branches, and from merged pull requests.
    """
    if path is None and not from_git:
        raise click.UsageError("Name a CSV, or --git.")
    with opened(store) as db:
        done = _from_git(db, path or Path.cwd()) if path is None or from_git else _from_csv(db, path)
    if as_json:
        print_json({
            "tasks": [task_json(one, Total()) for one in done.new],
            "new": len(done.new),
            "known": done.known,
            "rejected": rejected_json(done.rejected),
        })  # fmt: skip
    else:
        out.line(f"{len(done.new):,} new, {done.known:,} known, {len(done.rejected):,} not taken.")
    tell_rejected(done.rejected, len(done.new) + done.known)


def _from_git(db: Connection, folder: Path) -> task_csv.Imported:
    from tokentrack import repositories

    now = clock.now_ms()
    found = repositories.candidates(db, str(folder.absolute()), now)
    with transaction(db), journal.change(db, f"Imported tasks from git in {folder.absolute().name}", now):
        new = repositories.add_candidates(db, found)
    return task_csv.Imported(new, len(found) - len(new), [])


def _from_csv(db: Connection, path: Path) -> task_csv.Imported:
    from tokentrack.csv_rows import NotThatFile

    now = clock.now_ms()
    with reading(path, NotThatFile):
        found, rejected = task_csv.read_tasks(path, tasks.projects(db), now)
    with transaction(db), journal.change(db, f"Imported tasks from {path.name}", now):
        return task_csv.add_tasks(db, found, rejected)
