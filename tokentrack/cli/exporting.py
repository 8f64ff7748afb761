"""`tokentrack export`: the page for a one-on-one, what was handed over, and whether a page still holds."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from sqlite3 import Connection

import click
import msgspec

from tokentrack import clock, repositories
from tokentrack.cli import out
from tokentrack.cli.names import one_task
from tokentrack.cli.out import Day, json_option, opened, print_json
from tokentrack.cli.reviewing import GIT_S, WeekName
from tokentrack.export import FORMATS, PAPERS, compose, files, records, render
from tokentrack.export.edits import Refused
from tokentrack.export.hidden import unknown_projects
from tokentrack.export.options import (
    ALIASES,
    BESIDE,
    FIELDS,
    NAME,
    PAPER,
    PRIVATE_PROJECTS,
    PRIVATE_WORDS,
    USUAL,
    Field,
    Options,
    aliases_of,
    fields,
    listed,
    usual_weeks,
)
from tokentrack.export.scan import Finding, scan
from tokentrack.phrases import plural
from tokentrack.store import exports, read, reviews, tasks, transaction, write

STDOUT = "-"


class Leaks(click.ClickException):
    """What was found and not accepted; nothing was written."""

    exit_code = 3


@click.group(invoke_without_command=True)
@click.option("--week", "weeks", type=WeekName(), multiple=True, help="A week such as 2026-W47; may be given again.")
@click.option("--from", "since", type=WeekName(), help="The first week.")
@click.option("--to", "until", type=WeekName(), help="The last week.")
@click.option(
    "--format", "format_", type=click.Choice(FORMATS), help="What to write.  [default: as FILE is called, or md]"
)
@click.option("--out", "target", metavar="FILE", help="Where to; - is standard output.  [default: -]")
@click.option(
    "--with",
    "added",
    metavar="FIELD",
    type=click.Choice(FIELDS),
    multiple=True,
    help="Adds what is not there by default.",
)
@click.option(
    "--without",
    "taken",
    metavar="FIELD",
    type=click.Choice(USUAL),
    multiple=True,
    help="Takes out what is, and says so.",
)
@click.option(
    "--without-task", "without", metavar="TASK", multiple=True, help="Withholds its row; count and share are told."
)
@click.option(
    "--alias", "aliases", metavar="NAME=ALIAS", multiple=True, help="What a task, client or project is called."
)
@click.option("--name", help="Your name, in the first line.")
@click.option("--created", type=Day(), help="The day that stands on the page.  [default: today]")
@click.option("--accept-finding", "accepted", type=click.IntRange(min=1), multiple=True, help="Lets finding N through.")
@click.option("--paper", type=click.Choice(PAPERS), help="What a PDF is for.  [default: as usual where you live]")
@click.option(
    "--verify", "verified", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Does FILE still hold?"
)
@click.pass_context
def export(
    ctx: click.Context,
    weeks: tuple[date, ...],
    since: date | None,
    until: date | None,
    format_: str | None,
    target: str | None,
    added: tuple[str, ...],
    taken: tuple[str, ...],
    without: tuple[str, ...],
    aliases: tuple[str, ...],
    name: str | None,
    created: date | None,
    accepted: tuple[int, ...],
    paper: str | None,
    verified: Path | None,
) -> None:
    """One page for a one-on-one: what came of it, what it cost, how sure you are. By default, the last four closed weeks.

    Prompts, session titles, paths, hosts, branches, tokens, models, and hours stay out. `tokentrack export fields` lists every
    field, with the switch that adds it or takes it out. What would leave is looked through for
    paths, addresses, keys, and your private words: a finding stops the export, unless --accept-finding lets it through.
    """
    if ctx.invoked_subcommand is not None:
        return
    for base, beside in BESIDE.items():
        if base in taken and (alone := beside.intersection(added)):
            raise click.UsageError(f"It stands beside {base}: leave out --with {min(alone)} or --without {base}.")
    with opened(ctx.obj) as db:
        if verified is not None:
            _verify(db, verified)
            return
        chosen = Options(
            weeks=tuple(_weeks(db, weeks, since, until)),
            created=created or clock.today(),
            fields=frozenset(added),
            out=frozenset(taken),
            without=frozenset(one_task(db, task).id for task in without),
            aliases=tuple(_aliases(db, aliases)),
            name=(name or "").strip() or None,
            accepted=accepted,
        )
        _refuse_days_before(db, chosen)
        _hand_over(db, chosen, _format(format_, target), target or STDOUT, paper)


def _weeks(db: Connection, weeks: Sequence[date], since: date | None, until: date | None) -> list[date]:
    if weeks and (since or until):
        raise click.UsageError("Name weeks by --week, or by --from and --to.")
    if since or until:
        if not (since and until) or since > until:
            raise click.UsageError("--from and --to are the first and the last week.")
        return [since + 7 * n * clock.DAY for n in range((until - since).days // 7 + 1)]
    found = list(weeks) or list(usual_weeks(db))
    if not found:
        raise click.ClickException(
            "No week is closed: close one with `tokentrack review close`, or name weeks with --week."
        )
    return found


def _aliases(db: Connection, entries: Sequence[str]) -> list[tuple[str, str]]:
    """Of a task that is named by its id or key, the alias stands for all of it; every other name is a word."""
    found = []
    for entry in entries:
        pair = _pair(entry)
        found.append(pair)
        found += [(task.id, pair[1]) for task in tasks.tasks_like(db, pair[0]) if pair[0] in (task.id, task.key)]
    return found


def _pair(entry: str) -> tuple[str, str]:
    pair = next(iter(aliases_of([entry])), None)
    if pair is None:
        raise click.UsageError(f"{entry} is no alias like Acme=Client A.")
    return pair


def _format(named: str | None, target: str | None) -> str:
    if named:
        return named
    suffix = Path(target).suffix.removeprefix(".").lower() if target and target != STDOUT else ""
    return suffix if suffix in FORMATS else "md"


def _refuse_days_before(db: Connection, chosen: Options) -> None:
    """What an open week said on an earlier day is not kept."""
    if chosen.created >= clock.today():
        return
    for monday in chosen.weeks:
        name = clock.week_name(monday)
        if chosen.created < monday + 6 * clock.DAY and not reviews.is_closed(db, name):
            raise click.ClickException(
                f"Week {name} is open, so what it said on {chosen.created} cannot be told: close it, or leave --created out."
            )


# ---- handing over ----------------------------------------------------------------------------------------------------


def _hand_over(db: Connection, chosen: Options, format_: str, target: str, paper: str | None) -> None:
    if format_ == "pdf" and target == STDOUT and sys.stdout.isatty():
        raise click.UsageError("A PDF needs a file: --out FILE.")
    now = clock.now_ms()
    repositories.refresh_all(db, now, total=GIT_S)
    try:
        page = compose.page(db, chosen, now)
    except Refused as error:
        raise click.ClickException(str(error)) from None
    data = render(page, format_)
    findings = scan(data, db, os.environ, chosen)
    _refuse_leaks(findings, chosen.accepted, format_)
    let_through = msgspec.structs.replace(chosen, accepted=tuple(one.number for one in findings))
    if format_ == "pdf":
        from tokentrack.ui import pdf

        boxes = pdf.boxes(pdf.unwritten(data))
        data = pdf.render(data, page.title, page.created, paper or read.setting(db, PAPER) or pdf.usual_paper())
        if boxes:
            out.line(boxes, err=True)
    streamed = target == STDOUT or files.is_stream(Path(target))
    if streamed:  # outside: until it is read the store would be locked
        _write(data, target)
    with transaction(db):
        records.note(db, page, let_through, format_, now)
        if not streamed:
            _write(data, target)  # inside: what was not written was not handed over


def _refuse_leaks(findings: Sequence[Finding], accepted: Sequence[int], format_: str) -> None:
    standing = [one for one in findings if one.number not in accepted]
    if not standing:
        return
    lines = "\n".join(f"  {one.words(format_)}" for one in standing)
    raise Leaks(
        f"Nothing was written: {plural(len(standing), 'finding')}; change it, or let it through "
        f"with --accept-finding N.\n{lines}"
    )


def _write(data: bytes, target: str) -> None:
    if target == STDOUT:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
        return
    place = Path(target)
    word = "Replaced" if place.is_file() else "Wrote"
    files.write(data, place)
    out.line(f"{word} {place}.", err=True)


# ---- looking back ----------------------------------------------------------------------------------------------------


def _verify(db: Connection, file: Path) -> None:
    found = records.verify(db, file.read_bytes(), clock.now_ms())
    if found.result == records.EQUAL:
        out.line(f"Equal: {found.reason}.")
        return
    lines = [f"{found.result.capitalize()}: {found.reason}."]
    lines += [f"  {where}: {_or_not(then)} ▶ {_or_not(now)}" for where, then, now in (*found.differences, *found.rows)]
    if found.result == records.NAMES:  # it still holds
        click.echo("\n".join(lines))
        return
    raise click.ClickException("\n".join(lines))


def _or_not(text: str | None) -> str:
    return "not there" if text is None else text


@export.command("fields")
@json_option
def fields_(as_json: bool) -> None:
    """Every field: what the page says by default and what it does not, and what takes it out or adds it."""
    rows = fields(Options(weeks=(), created=clock.today()))
    if as_json:
        print_json({"fields": [{"what": r.what, "name": r.name, "by_default": r.usual, "note": r.note} for r in rows]})
        return
    out.table(
        ["field", "by default", "switch", "note"],
        [(one.what, "on the page" if one.usual else "not there", _switch(one), one.note) for one in rows],
        left=4,
    )


@export.command("names")
@click.option("--word", "words", metavar="WORD", multiple=True, help="Must not leave: it is looked for in every page.")
@click.option("--project", "projects", metavar="PROJECT", multiple=True, help="Private: no name of its work leaves.")
@click.option("--alias", "aliases", metavar="NAME=ALIAS", multiple=True, help="What others read in its place, always.")
@click.option("--forget", metavar="NAME", multiple=True, help="Takes a word, project or alias out again.")
@json_option
@click.pass_obj
def names(
    store: Path,
    words: tuple[str, ...],
    projects: tuple[str, ...],
    aliases: tuple[str, ...],
    forget: tuple[str, ...],
    as_json: bool,
) -> None:
    """Private words, private projects and aliases that are kept for every page. Without an option, lists them."""
    for entry in aliases:
        _pair(entry)
    with opened(store) as db:
        _known(db, forget)
        with transaction(db):
            for key, added in ((PRIVATE_WORDS, words), (PRIVATE_PROJECTS, projects), (ALIASES, aliases)):
                _keep(db, key, [" ".join(entry.split()) for entry in added], forget)
        kept = {key: listed(db, key) for key in (PRIVATE_WORDS, PRIVATE_PROJECTS)}
        called, unknown = list(aliases_of(listed(db, ALIASES))), unknown_projects(db)
    if as_json:
        print_json({**kept, "aliases": [{"name": name, "alias": alias} for name, alias in called]})
        return
    rows = [("private word", word, "looked for") for word in kept[PRIVATE_WORDS]]
    rows += [("private project", project, _work_of(project, unknown)) for project in kept[PRIVATE_PROJECTS]]
    rows += [("alias", name, alias) for name, alias in called]
    out.table(["kept", "name", "on a page"], rows, left=3) if rows else click.echo("No names are kept.")


def _work_of(project: str, unknown: Sequence[str]) -> str:
    return "no known project is called so" if project in unknown else "its work has no name"


def _known(db: Connection, forgotten: Sequence[str]) -> None:
    kept = {*listed(db, PRIVATE_WORDS), *listed(db, PRIVATE_PROJECTS), *dict(aliases_of(listed(db, ALIASES)))}
    for name in forgotten:
        if name not in kept:
            raise click.ClickException(f"No word, project or alias {name} is kept.")


def _keep(db: Connection, key: str, added: Sequence[str], forgotten: Sequence[str]) -> None:
    """Each entry once; of a name that has an alias already, the new one stands. An alias is forgotten by the name it is for."""
    kept = {entry.partition("=")[0].strip() if key == ALIASES else entry: entry for entry in (*listed(db, key), *added)}
    for name in forgotten:
        kept.pop(name, None)
    write.set_setting(db, key, "\n".join(filter(None, kept.values())))


def _switch(field: Field) -> str:
    if field.name is None:
        return "–"
    return "--name NAME" if field.name == NAME else f"--{'without' if field.usual else 'with'} {field.name}"


class Month(click.ParamType[date]):
    name = "MONTH"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            return clock.parse_month(str(value))
        except ValueError:
            self.fail(f"{value} is no month like 2026-10", param, ctx)


@export.command("list")
@click.option("--month", type=Month(), help="Those handed over in a month such as 2026-10.")
@json_option
@click.pass_obj
def listing(store: Path, month: date | None, as_json: bool) -> None:
    """What was handed over, the newest first. The pages themselves are not kept."""
    since = None if month is None else clock.start_of(month)
    until = None if month is None else clock.start_of(clock.next_month(month))
    with opened(store) as db:
        found = exports.exports(db, since, until)
    if as_json:
        rows = [one._asdict() | {"at": clock.iso(one.at), "weeks": list(one.weeks)} for one in found]
        print_json({"exports": [{key: value for key, value in row.items() if key != "options"} for row in rows]})
        return
    if not found:
        click.echo("Nothing was handed over.")
        return
    out.table(
        ["handed over", "format", "weeks", "withheld", "accepted", "sha256"],
        [
            (out.moment(one.at), one.format, _span(one.weeks), str(one.withheld), str(one.accepted), one.sha256[:12])
            for one in found
        ],
        left=3,
    )


def _span(weeks: Sequence[str]) -> str:
    return weeks[0] if len(weeks) == 1 else f"{weeks[0]} … {weeks[-1]} ({len(weeks)})"
