"""Commands that bring in what no log tells: import."""

from __future__ import annotations

from pathlib import Path

import click

from tokentrack.cli import out
from tokentrack.cli.files import reading, rejected_json, tell_rejected
from tokentrack.cli.out import json_option, opened, print_json
from tokentrack.money import dollars
from tokentrack.store.account import AccountTotal


@click.group("import")
def import_() -> None:
    """What no log tells: usage exports."""


@import_.command("cursor-csv")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
@click.pass_obj
def cursor_csv(store: Path, file: Path, as_json: bool) -> None:
    """Add the rows of Cursor's usage export FILE. The same rows again change nothing."""
    from tokentrack import account

    with opened(store) as db, reading(file, account.NotAnExport):
        done = account.import_usage(db, file)
    if as_json:
        print_json({
            "rows": done.rows,
            "new": done.new,
            "duplicates": done.duplicates,
            "rejected": rejected_json(done.rejected),
            "warnings": rejected_json(done.doubts),
            "account": account_json(done.total),
        })  # fmt: skip
    else:
        out.line(account.said(done))
        out.line(account_line(done.total))
    tell_rejected([*done.rejected, *done.doubts], done.new + done.duplicates)


def account_json(total: AccountTotal) -> dict[str, int | None]:
    """What exports tell of the account, in the kinds of TOTAL; `cost` is what the export itself says."""
    return {
        "rows": total.rows,
        "not_charged": total.not_charged,
        "input": total.input,
        "output": total.output,
        "cache_read": total.cache_read,
        "cache_write_5m": total.cache_write,
        "cache_write_1h": 0,
        "tokens": total.tokens,
        "cost": total.cost,
    }


def account_line(total: AccountTotal) -> str:
    cost = "cost unknown" if total.cost is None else f"{dollars(total.cost)} by Cursor's own account"
    failed = f", {total.not_charged:,} failed and not charged" if total.not_charged else ""
    return f"Cursor account: {total.rows:,} uses, {out.tokens(total.tokens)} tokens, {cost}{failed}"
