"""The table of a page: work, what came of it, what others can check, and its share of all use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from tokentrack.export import wording
from tokentrack.export.edits import Edits
from tokentrack.export.names import Names
from tokentrack.export.options import BRANCHES, LINKS
from tokentrack.export.page import GIT, MEASURED, SELF_REPORTED, Row, Text
from tokentrack.export.sums import Sums, Work, place
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
            _share(work.list_value, sums, unknown=work.unknown),
            wording.share(work.list_value, sums.total),
        )


def _note(names: Names, task: Task | None, work: Work, edits: Edits) -> Text:
    """The person's sentence about what came of it; of private work it stays out."""
    if task is None or names.is_private(task):
        return NOTHING
    told = names.own(wording.said(tasks.outcomes(names.db, task.id), work.outcome, names.until))
    return edits.apply(Text(f"outcome.{task.id}", told, SELF_REPORTED)) if told else NOTHING


def _evidence(names: Names, task: Task | None, work: Work, edits: Edits) -> Text:
    if task is None:
        return Text("", wording.NONE, GIT)
    fields, hidden = names.options.fields, names.hidden(task.id)
    told = wording.evidence(
        git_evidence.evidence(names.db, task.id, names.until),
        names.until,
        refs=not hidden,
        branches=BRANCHES in fields and not hidden,
    )
    link = None if hidden or LINKS not in fields else address(task.url)
    if not told and task.url:
        return Text("", wording.link_words(work.outcome), SELF_REPORTED, link=link)
    if not told:
        return Text("", wording.NONE, GIT)
    shown = edits.apply(
        Text(f"evidence.{task.id}", names.own(told[0]), GIT, tuple(map(names.own, told[1:])), link=link)
    )
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


def _share(value: int, sums: Sums, *, unknown: bool) -> Text:
    return Text("", wording.share_text(value, sums.total, unknown=unknown), MEASURED)


def rest(sums: Sums) -> Iterator[Row]:
    """What belongs to no work; what is not assigned stands there always (AC 30)."""
    for key, called in ((NO_TASK, "Set aside as no task"), (UNLINKED, "Not assigned to any work")):
        value, unknown = sums.rest[key], key in sums.unknown
        if value or unknown or key == UNLINKED:
            yield _plain_row(called, value, sums, unknown=unknown)


def withheld(works: Sequence[Work], sums: Sums) -> Iterator[Row]:
    if works:
        n = len(works)
        unknown = any(work.unknown for work in works)
        value = sum(work.list_value for work in works)
        yield _plain_row(f"Withheld: {n} {'item' if n == 1 else 'items'}", value, sums, unknown=unknown)


def _plain_row(called: str, value: int, sums: Sums, *, unknown: bool) -> Row:
    share = _share(value, sums, unknown=unknown)
    return Row(None, Text("", called, MEASURED), NOTHING, NOTHING, NOTHING, share, wording.share(value, sums.total))
