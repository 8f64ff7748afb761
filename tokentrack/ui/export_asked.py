"""What the pages of an export ask of the core, each on a thread of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from tokentrack.export.options import Options
from tokentrack.store.exports import Handed
from tokentrack.ui import pdf
from tokentrack.ui.asking import Hand
from tokentrack.ui.pdf_apart import Order, make
from tokentrack.ui.source_export import Exporting, Offer, Preview


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
