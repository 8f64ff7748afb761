"""What the pages of an export ask of the core, each on a thread of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from tokentrack.export.options import ALIASES, Options
from tokentrack.store.exports import Handed
from tokentrack.ui import pdf, words
from tokentrack.ui.asking import Hand
from tokentrack.ui.pdf_apart import Order, make
from tokentrack.ui.source_deciding import Deciding
from tokentrack.ui.source_export import Exporting, Offer, Preview


def give_alias(text: str, alias: str, to: Deciding) -> str:
    """Keeps what a name is called on every page; what was done, in a sentence."""
    kept = to.settings().get(ALIASES, "").splitlines()
    to.save_setting(ALIASES, "\n".join([*kept, f"{text}={alias}"]))
    return f"{words.cut(text, 40)} is “{words.cut(alias, 40)}” on every page from now on."


def offer(options: Options, exporting: Exporting, _: Hand) -> Offer:
    return exporting.offer(options)


def preview(
    options: Options,
    format: str,  # noqa: A002
    sheet: str,
    font: str,
    laid_out: Callable[[int], object],
    exporting: Exporting,
    hand: Hand,
) -> tuple[Preview, bytes, str]:
    """With the file's bytes, and a sentence about letters that no font has."""
    preview = exporting.preview(options, format)
    if format != "pdf":
        return preview, preview.data, ""
    order = Order(preview.data, preview.page.title, preview.page.created, sheet, font)
    made = make(order, laid_out, hand.go_on)
    return preview, made.data, pdf.boxes(made.unwritten)


def save(preview: Preview, data: bytes, accepted: Sequence[int], place: Path, exporting: Exporting, _: Hand) -> str:
    return exporting.save(preview, data, accepted, place)


def handed(exporting: Exporting, _: Hand) -> list[Handed]:
    return exporting.handed()
