"""The page for a one-on-one over a store file, composed, looked through and saved on a thread of its own."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from tokentrack import clock
from tokentrack.store import exports, reviews, tasks, transaction
from tokentrack.ui.live_store import Connected
from tokentrack.ui.source_export import Offer, Preview, Work

if TYPE_CHECKING:
    from tokentrack.export.options import Options
    from tokentrack.export.page import Text
    from tokentrack.store.exports import Handed

WEEKS = 13
"""Of a quarter: so many can be chosen from."""


class LiveExporting(Connected):
    """`Exporting` with a connection of its own. Modules come with the first question: they bring a template engine along."""

    def offer(self, options: Options) -> Offer:
        return self._ask(lambda: self._offer(options))

    def _offer(self, options: Options) -> Offer:
        from tokentrack.export import compose
        from tokentrack.export.hidden import unknown_projects
        from tokentrack.export.options import usual_weeks

        chosen, unknown = options.weeks or usual_weeks(self._db), tuple(unknown_projects(self._db))
        if not chosen:
            return Offer(self._weeks(()), (), (), unknown)
        whole = msgspec.structs.replace(options, weeks=chosen, without=frozenset(), edits=(), out=frozenset())
        rows = compose.page(self._db, whole, clock.now_ms()).rows
        known = {task.id: task for task in tasks.tasks(self._db)}
        work = tuple(Work(row, known.get(row.task)) for row in rows if row.task is not None)
        return Offer(self._weeks(chosen), chosen, work, unknown)

    def _weeks(self, chosen: Sequence[date]) -> tuple[tuple[date, bool], ...]:
        """From this week back to the first use that is known, and those that are chosen."""
        now, since = clock.now_ms(), exports.first_use(self._db)
        this = clock.monday_of(clock.today())
        mondays = [this - n * 7 * clock.DAY for n in range(WEEKS)]
        began = [
            monday for monday in mondays if clock.start_of(monday + 7 * clock.DAY) > (now if since is None else since)
        ]
        mondays = sorted({*began, *chosen}, reverse=True)
        return tuple((monday, reviews.is_closed(self._db, clock.week_name(monday))) for monday in mondays)

    def preview(self, options: Options, format: str) -> Preview:  # noqa: A002
        return self._ask(lambda: self._preview(options, format))

    def _preview(self, options: Options, format: str) -> Preview:  # noqa: A002
        from tokentrack.export import compose, render
        from tokentrack.export.options import FIELDS
        from tokentrack.export.scan import scan

        now = clock.now_ms()
        page = compose.page(self._db, msgspec.structs.replace(options, edits=()), now)
        texts = page.texts
        kept: tuple[tuple[str, str], ...] = ()
        if options.edits:
            whole = msgspec.structs.replace(
                options, edits=(), fields=frozenset(FIELDS), out=frozenset(), without=frozenset()
            )
            fit = list(_that_fit(options.edits, compose.page(self._db, whole, now).texts, texts))
            kept = tuple((key, said) for key, said, _ in fit)
            options = msgspec.structs.replace(options, edits=tuple((key, said) for key, _, said in fit))
            page = compose.page(self._db, options, now)
        data = render(page, format)
        return Preview(options, format, page, data, texts, tuple(scan(data, self._db, os.environ, options)), kept)

    def save(self, preview: Preview, data: bytes, accepted: Sequence[int], place: Path) -> str:
        from tokentrack.export import files, records

        told = msgspec.structs.replace(preview.options, accepted=tuple(accepted))

        def write() -> None:
            streamed = files.is_stream(place)
            if streamed:  # outside: until it is read the store would be locked
                files.write(data, place)
            with transaction(self._db):
                records.note(self._db, preview.page, told, preview.format, clock.now_ms())
                if not streamed:
                    files.write(data, place)  # inside: what was not written was not handed over

        try:
            self._ask(write)
        except OSError as error:
            raise OSError(f"{place} cannot be written: {error.strerror or error}. Choose another folder.") from error
        return f"Saved {place}."

    def handed(self) -> list[Handed]:
        return self._ask(lambda: exports.exports(self._db))


def _that_fit(
    edits: Iterable[tuple[str, str]], whole: Iterable[Text], shown: Iterable[Text]
) -> Iterator[tuple[str, str, str]]:
    """(key, words on a page with everything, words on this one) of each; a text may say something else since it was edited.

    What was made weaker stays as weak when a switch makes it say the same by another name, or comes back with its switch.
    """
    every, here = ({text.key: text for text in texts} for texts in (whole, shown))
    for key, said in edits:
        known = [texts[key] for texts in (here, every) if key in texts]
        if not known:  # the key of the person's own words holds them
            of = "change." if key.startswith("change.") else ".".join(key.split(".", 2)[:2]) + "."
            if not any(other.startswith(of) for other in every):
                yield key, said, said
        elif not said or known[0].weaker is None:
            yield key, said, said
        else:
            steps = [text.weaker or () for text in known]
            at = next((weaker.index(said) for weaker in steps if said in weaker), None)
            if at is not None and at < min(map(len, steps)):
                yield key, steps[-1][at], steps[0][at]
