"""Cursor's usage export in each of its layouts."""

from __future__ import annotations

TOKENS = "Input (w/ Cache Write),Input (w/o Cache Write),Cache Read,Output Tokens,Total Tokens"
OLD = f"Date,Model,{TOKENS},Cost,Cost to you"
NEW = f"Date,Kind,Model,Max Mode,{TOKENS},Cost"
NEWEST = f"Date,Cloud Agent ID,Automation ID,Kind,Model,Max Mode,{TOKENS},Cost"


def row(
    at: str = "2026-11-12T10:00:00.000Z",
    model: str = "auto",
    write: object = 28342,
    plain: object = 775,
    read: object = 105891,
    output: object = 21282,
    cost: str = "0.19",
    kind: str = "Included",
    layout: str = NEW,
    total: object = None,
) -> str:
    """A line of an export. The total is what the kinds add up to, if none is given."""
    counts = [write, plain, read, output]
    if total is None:
        total = sum(int(str(count).replace(",", "")) for count in counts if str(count).replace(",", "").isdecimal())
    named = {OLD: [at, model], NEW: [at, kind, model, "No"], NEWEST: [at, "", "", kind, model, "No"]}[layout]
    cells = [*named, *counts, total, cost, *([cost] if layout == OLD else [])]
    return ",".join(f'"{cell}"' for cell in cells)
