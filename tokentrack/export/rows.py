"""The table of a page: work, what came of it, what others can check, and its share of all use."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from tokentrack import clock
from tokentrack.export import wording
from tokentrack.export.edits import Edits
from tokentrack.export.names import Names
from tokentrack.export.options import BRANCHES, EVIDENCE, LINKS, OUTCOMES, SENTENCES, SHARES
from tokentrack.export.page import GIT, MEASURED, SELF_REPORTED, Column, Figure, Row, Text
from tokentrack.export.sums import Sums, Work
from tokentrack.export.text import clean
from tokentrack.model.tasks import Task
from tokentrack.phrases import plural
from tokentrack.review import evidence as git_evidence
from tokentrack.store import tasks
from tokentrack.store.read import NO_TASK, UNLINKED

NOTHING = Text("", "", SELF_REPORTED)
NO_EVIDENCE, NO_SHARE = Text("", "", GIT), Text("", "", MEASURED)
"""Where these were taken out: what is not told is of the sort that it would be."""


def columns(out: Collection[str]) -> frozenset[Column]:
    """Those of which something may be told."""
    told: dict[Column, set[str]] = {"outcome": {OUTCOMES, SENTENCES}, "evidence": {EVIDENCE}}
    return frozenset(name for name, fields in told.items() if fields - set(out))


def rows(names: Names, works: Iterable[Work], sums: Sums, edits: Edits) -> Iterator[Row]:
    """In this order. What was taken out says nothing."""
    out = names.options.out
    for work in works:
        task, outcome = names.tasks[work.task], wording.outcome(work.shown_as, reworked=work.rework > 0)
        yield Row(
            work.task,
            Text("", names.of(work.task), SELF_REPORTED),
            NOTHING if OUTCOMES in out else Text("", outcome, SELF_REPORTED),
            NOTHING if SENTENCES in out else _note(names, task, work, edits),
            NO_EVIDENCE if EVIDENCE in out else _evidence(names, task, work, edits),
            NO_SHARE if SHARES in out else share(work.list_value, sums, unknown=work.unknown),
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
        clock.start_of(names.options.created),  # days count up to that of the page, wherever the person is by now
        refs=not hidden,
        branches=BRANCHES in fields and not hidden,
    )
    link = None if hidden or LINKS not in fields else address(task.url)
    if not told and task.url:
        called = wording.link_words("" if OUTCOMES in names.options.out else work.outcome)
        return Text("", called, SELF_REPORTED, link=link)
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
        yield _plain_row(f"Withheld: {plural(len(works), 'item')}", share_of(works, sums))


def share_of(works: Sequence[Work], sums: Sums) -> Text:
    """What some works used together."""
    return share(sum(work.list_value for work in works), sums, unknown=any(work.unknown for work in works))


def _plain_row(called: str, part: Text) -> Row:
    return Row(None, Text("", called, MEASURED), NOTHING, NOTHING, NOTHING, part)
