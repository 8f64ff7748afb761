"""Writes resources/prices.json: the dated prices of well-known models, from the installed price package. `make prices`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tokentrack.model.costs import Price
from tokentrack.pricing import published, ready

TARGET = Path(__file__).resolve().parent.parent / "resources" / ready.RESOURCE
FAR = 2_000_000_000_000
"""A moment (milliseconds) after every dated price there is."""

MODELS = """
claude-3-5-haiku-20241022 claude-3-5-sonnet-20240620 claude-3-5-sonnet-20241022 claude-3-7-sonnet-20250219
claude-3-haiku-20240307 claude-3-opus-20240229 claude-fable-5 claude-haiku-4-5 claude-haiku-4-5-20251001 claude-haiku-5-5
claude-opus-4-1 claude-opus-4-1-20250805 claude-opus-4-20250514 claude-opus-4-5 claude-opus-4-5-20251101 claude-opus-4-6
claude-opus-4-7 claude-opus-4-8 claude-opus-5-5 claude-sonnet-4-20250514 claude-sonnet-4-5 claude-sonnet-4-5-20250929
claude-sonnet-4-6 claude-sonnet-5
codex-auto-review gpt-4.1 gpt-4.1-mini gpt-5 gpt-5-codex gpt-5-mini gpt-5-nano gpt-5.1 gpt-5.1-codex gpt-5.1-codex-max
gpt-5.1-codex-mini gpt-5.2 gpt-5.2-codex gpt-5.3-codex gpt-5.4 gpt-5.4-mini gpt-5.4-nano gpt-5.5 gpt-5.6-luna gpt-5.6-sol
gpt-5.6-terra gpt-6-luna gpt-6-sol gpt-6.1-sol gpt-6.1-terra o3 o4-mini
""".split()


def periods(model: str, variant: str = "") -> Iterator[Price]:
    """Every dated price of a model, the newest first."""
    at: int | None = FAR
    while at is not None and (price := published.find(model, variant, at)):
        yield price
        at = None if price.since is None else price.since - 1


if __name__ == "__main__":
    rows = [("", price) for model in MODELS for price in periods(model)]
    TARGET.write_text(ready.written(published.source(), rows), encoding="utf-8")
    print(f"{len(rows)} rows of {len({price.model for _, price in rows})} models: {TARGET.name}")
