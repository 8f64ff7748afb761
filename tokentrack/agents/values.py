"""What every reader does with single values: times, titles, and which of two copies of a request counts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from tokentrack.model.logs import Request

Failed = Callable[[Path, OSError], object]
"""Told of each folder that is there and cannot be looked into: its logs are not gone, and the person should hear of it."""

TITLE_LENGTH = 120
TOO_MANY = 10**9
"""No request has so many tokens: such a counter is a fault of the record."""


def unnoticed(_folder: Path, _error: OSError) -> None:
    """For callers who only want what can be listed."""


def parse_time(stamp: object) -> int | None:
    """UTC milliseconds of an ISO text (without zone: UTC) or of seconds or milliseconds since 1970."""
    try:
        if isinstance(stamp, str):
            moment = datetime.fromisoformat(stamp)
            ms = round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
        elif isinstance(stamp, int | float):
            ms = round(stamp if stamp > 1e11 else stamp * 1000)
        else:
            return None
    except (ValueError, OverflowError):
        return None
    return ms if 0 < ms < 1e14 else None  # before 1970 or after the year 5000 no agent wrote anything


def short(text: str) -> str:
    """A title of one line."""
    flat = " ".join(text.split())
    return flat if len(flat) <= TITLE_LENGTH else flat[: TITLE_LENGTH - 1] + "…"


def better(a: Request, b: Request) -> Request:
    """The copy that counts: by standing, then the larger output, then a cache, a larger prompt, the later record. Taken whole.

    The earliest time stays, and where it was made by the strongest claim, whichever copy they came from.
    """
    winner = b if _rank(b) >= _rank(a) else a
    owner = a if a.claim < b.claim else b if b.claim < a.claim else winner
    at = b.at if a.at is None else a.at if b.at is None else min(a.at, b.at)
    return winner._replace(at=at, claim=owner.claim, cwd=owner.cwd, branch=owner.branch)


def _rank(request: Request) -> tuple[int | str | bool, ...]:
    prompt = request.prompt_tokens
    tie = (
        request.cache_read, request.cache_write_1h, request.cache_write_5m, request.web_searches, request.variant,
        request.model or "", -1 if request.reasoning is None else request.reasoning, request.recorded_cost or 0,
    )  # fmt: skip
    return request.standing, request.output, prompt > request.input, prompt, *tie
