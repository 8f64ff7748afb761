"""How sure the person is, and what they would change: sentences of their own, and what a test says of their estimates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tokentrack.export import wording
from tokentrack.export.names import Names
from tokentrack.export.options import CALIBRATION, ESTIMATES, INTENTS, NOTES
from tokentrack.export.page import SELF_REPORTED, Text
from tokentrack.export.sums import Work
from tokentrack.export.text import clean
from tokentrack.review import calibration, effect
from tokentrack.review.insights import own_lines
from tokentrack.review.ledger import OPEN
from tokentrack.review.week import Week


def sure(names: Names, works: Iterable[Work], now: int) -> Iterator[Text]:
    """The stress test of finished work and the calibration, in words, never in hours (product 7.3); as known at `now`."""
    if ESTIMATES not in names.options.out:
        yield from _estimates(names, works, now)
    if CALIBRATION not in names.options.out:
        found = calibration.calibration(names.db, now)
        strong, *weaker = wording.calibration((found.with_ai, found.without_ai))
        yield Text("sure.calibration", strong, SELF_REPORTED, tuple(weaker))


def _estimates(names: Names, works: Iterable[Work], now: int) -> Iterator[Text]:
    cut = effect.cut_of(names.db)
    results: dict[str, list[str]] = {}
    for work in works:
        task = names.tasks[work.task]
        stated = effect.of_task(names.db, task.id, now) if task is not None and work.outcome != OPEN else None
        if task is None or stated is None:
            continue
        kind = "otherwise" if task.anyway == "no" else effect.stress(stated, cut)
        results.setdefault(kind, []).append(names.short(work.task))
    for kind in (effect.HOLDS, effect.FAILS, effect.CANNOT_TELL):
        if kind in results:
            strong, *weaker = wording.stress(kind, results[kind], cut)
            yield Text(f"sure.{kind}", strong, SELF_REPORTED, tuple(weaker))
    if "otherwise" in results:
        yield Text("sure.otherwise", wording.otherwise(results["otherwise"]), SELF_REPORTED, ())
    if not results:
        yield Text("", wording.NO_ESTIMATES, SELF_REPORTED)


def change(names: Names, weeks: Iterable[Week]) -> Iterator[Text]:
    """What the person wrote as notes and intents of the weeks, each once, in the order in which it was written.

    Sentences that a week tells never are on a page, whoever kept them: they name sessions, and amounts (product 7.4).
    """
    seen: set[str] = set()
    out = names.options.out
    for one in weeks:
        notes = [] if NOTES in out else own_lines(one.told.note, one.told.insights)
        intents = [] if INTENTS in out else one.told.intent.splitlines()
        lines = [*notes, *(f"To try: {line}" for line in intents if line.strip())]
        for line in lines:
            text = names.own(line)
            if text and text not in seen:
                seen.add(text)
                yield Text(f"change.{clean(line)}", text, SELF_REPORTED)
