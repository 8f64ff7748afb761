"""A file that the person names: what is wrong with it is one sentence, and rows that were not taken are told by their lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from tokentrack.cli import out

MOST_TOLD = 20
Rejected = Sequence[tuple[int, str]]
"""(line, reason) of each row that was not taken."""


@contextmanager
def reading(file: Path, another: type[Exception]) -> Iterator[None]:
    """Turns what goes wrong in reading a file into a ClickException; `another` says that it is one of another kind."""
    try:
        yield
    except another as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(f"{file} cannot be read: {error.strerror or error}.") from None


def rejected_json(rejected: Rejected) -> list[dict[str, int | str]]:
    return [{"line": line, "reason": reason} for line, reason in rejected]


def tell_rejected(rejected: Rejected, taken: int) -> None:
    """The first of them, on standard error. Raises ClickException where no row was taken: to a script that is not done."""
    for line, reason in rejected[:MOST_TOLD]:
        out.line(f"line {line}: {reason}", err=True)
    if len(rejected) > MOST_TOLD:
        out.line(f"… and {len(rejected) - MOST_TOLD:,} more.", err=True)
    if rejected and not taken:
        raise click.ClickException("No row was taken.")
