"""What the interface needs of the core about the page for a one-on-one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from tokentrack.model.tasks import Task

if TYPE_CHECKING:
    from tokentrack.export.options import Options
    from tokentrack.export.page import Page, Text
    from tokentrack.export.page import Row as PageRow
    from tokentrack.export.scan import Finding
    from tokentrack.store.exports import Handed


class Work(NamedTuple):
    """A piece of work that a page can tell of: its row as others would read it, and the task as it is (None: it is gone)."""

    row: PageRow
    task: Task | None


class Offer(NamedTuple):
    """What a page can be made of. `weeks` are Mondays, the newest first, each with whether it is closed; `chosen` are those that
    `work` is of; `unknown` are private projects that no known one is called by.
    """

    weeks: tuple[tuple[date, bool], ...]
    chosen: tuple[date, ...]
    work: tuple[Work, ...]
    unknown: tuple[str, ...] = ()


class Preview(NamedTuple):
    """A page as it would leave. `data` are its bytes, of a PDF the HTML that it is made of; `texts` can be edited, and say what
    they say without any edit. `edits` are those that fit, as they are kept while fields come and go.
    """

    options: Options
    format: str
    page: Page
    data: bytes
    texts: tuple[Text, ...]
    findings: tuple[Finding, ...]
    edits: tuple[tuple[str, str], ...] = ()


class Exporting(Protocol):
    """The page for a one-on-one. Made, asked and closed on one thread.

    Every method may raise an error whose text is one sentence for the person.
    """

    def offer(self, options: Options) -> Offer:
        """Without weeks: of the last four that are closed. Nothing is withheld in it, whatever the options say."""

    def preview(self, options: Options, format: str) -> Preview:  # noqa: A002
        """Without edits that no longer fit what was computed."""

    def save(self, preview: Preview, data: bytes, accepted: Sequence[int], place: Path) -> str:
        """Writes these bytes and notes that the page left; both or none. `accepted` are numbers of findings."""

    def handed(self) -> list[Handed]:
        """What left before, the newest first."""

    def close(self) -> None: ...
