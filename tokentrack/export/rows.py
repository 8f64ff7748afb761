"""The table of a page: work, what came of it, what others can check, and its share of all use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from tokentrack.export import wording
from tokentrack.export.edits import Edits
from tokentrack.export.names import Names
from tokentrack.export.options import BRANCHES, LINKS
from tokentrack.export.page import GIT, MEASURED, SELF_REPORTED, Figure, Row, Text
from tokentrack.export.sums import Sums, Work, place
from tokentrack.export.text import clean
from tokentrack.model import Task
from tokentrack.review import evidence as git_evidence
from tokentrack.store import tasks
from tokentrack.store.read import NO_TASK, UNLINKED

NOTHING = Text("", "", SELF_REPORTED)


def rows(names: Names, works: Iterable[Work], sums: Sums, edits: Edits) -> Iterator[Row]:
    """Finished work first."""
    for work in sorted(works, key=place):
        task = names.tasks[work.task]
        yield Row(
            work.task,
            Text("", names.of(work.task), SELF_REPORTED),
            Text("", wording.outcome(work.shown_as, reworked=work.rework > 0), SELF_REPORTED),
            _note(names, task, work, edits),
            _evidence(names, task, work, edits),
            share(work.list_value, sums, unknown=work.unknown),
        )


def _note(names: Names, task: Task | None, work: Work, edits: Edits) -> Text:
    """The person's sentence about what came of it; of private work it stays out."""
    if task is None or names.is_private(task.id):
        return NOTHING
    said = wording.said(tasks.outcomes(names.db, task.id), work.outcome, names.until)
    told = names.own(said)
    return edits.apply(Text(f"outcome.{task.id}.{clean(said)}", told, SELF_REPORTED)) if told else NOTHING


def _evidence(names: Names, task: Task | None, work: Work, edits: Edits) -> Text:
    if task is None:
        return Text("", wording.NONE, GIT)
    fields, hidden = names.options.fields, names.hidden(task.id)
    found = git_evidence.evidence(names.db, task.id, names.until)
    told = wording.evidence(
        [one._replace(ref=names.ref(one.ref)) if one.kind == "branch" else one for one in found],
        names.until,
        refs=not hidden,
        branches=BRANCHES in fields and not hidden,
    )
    link = None if hidden or LINKS not in fields else address(task.url)
    if not told and task.url:
        return Text("", wording.link_words(work.outcome), SELF_REPORTED, link=link)
    if not told:
        return Text("", wording.NONE, GIT)
    shown = edits.apply(Text(f"evidence.{task.id}", told[0], GIT, told[1:], link=link))
    return shown if shown.text else replace(shown, text=wording.NOT_SHOWN, edited=True, link=None)


def address(url: str | None) -> str | None:
    """An address that may be a link: http or https, without credentials; else None."""
    if url is None:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    plain = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc
    return url if plain and url.isprintable() and not set(url) & set(' "<>\\^`{|}') else None


def share(value: int, sums: Sums, *, unknown: bool) -> Text:
    percent = None if unknown and not value else wording.share(value, sums.total)
    told = Figure(what="share", value=percent, unit="percent", tag=MEASURED, at_least=unknown)
    return Text("", wording.share_text(value, sums.total, unknown=unknown), MEASURED, figures=(told,))


def rest(sums: Sums) -> Iterator[Row]:
    """What belongs to no work; what is not assigned stands there always (AC 30)."""
    for key, called in ((NO_TASK, "Set aside as no task"), (UNLINKED, "Not assigned to any work")):
        value, unknown = sums.rest[key], key in sums.unknown
        if value or unknown or key == UNLINKED:
            yield _plain_row(called, share(value, sums, unknown=unknown))


def withheld(works: Sequence[Work], sums: Sums) -> Iterator[Row]:
    if works:
        yield _plain_row(f"Withheld: {wording.items(len(works))}", share_of(works, sums))


def share_of(works: Sequence[Work], sums: Sums) -> Text:
    """What some works used together."""
    return share(sum(work.list_value for work in works), sums, unknown=any(work.unknown for work in works))


def _plain_row(called: str, part: Text) -> Row:
    return Row(None, Text("", called, MEASURED), NOTHING, NOTHING, NOTHING, part)
