"""`tokentrack search`: where words stand in tasks, sessions' titles, notes, and what was learned."""

from __future__ import annotations

from pathlib import Path

import click

from tokentrack import clock
from tokentrack.cli import out
from tokentrack.cli.out import json_option, opened, print_json


@click.command()
@click.argument("words", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="At most so many.")
@json_option
@click.pass_obj
def search(store: Path, words: tuple[str, ...], limit: int, as_json: bool) -> None:
    """Find words, or their beginnings, in tasks, sessions and notes: in titles, and in what was said of them."""
    from tokentrack.review.search import search as found_by

    with opened(store) as db:
        hits = found_by(db, " ".join(words), limit)
    if as_json:
        print_json({"hits": [hit._asdict() | {"at": clock.iso(hit.at)} for hit in hits]})
        return
    if not hits:
        click.echo("Nothing was found.")
        return
    out.table(
        ["what", "id", "day", "title", "where it stands"],
        [
            (hit.kind, hit.id, "–" if hit.at is None else clock.day_of(hit.at).isoformat(), hit.title, hit.snippet)
            for hit in hits
        ],
        left=5,
    )
