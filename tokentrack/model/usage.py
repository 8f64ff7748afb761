"""What was used: sums over requests, and the sessions that used it."""

from __future__ import annotations

from dataclasses import dataclass

from tokentrack.model.logs import NOT_RECORDED


@dataclass(frozen=True, slots=True)
class Total:
    """Sums over requests. `list_value` is None only if every request is unpriced."""

    requests: int = 0
    input: int = 0
    output: int = 0
    reasoning: int | None = None
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    web_search_requests: int = 0
    recorded_cost: int | None = None
    list_value: int | None = 0
    unpriced_requests: int = 0

    @property
    def tokens(self) -> int:
        return self.input + self.output + self.cache_read + self.cache_write_5m + self.cache_write_1h

    def __add__(self, other: Total) -> Total:
        requests = self.requests + other.requests
        unpriced = self.unpriced_requests + other.unpriced_requests
        return Total(
            requests,
            self.input + other.input,
            self.output + other.output,
            _add(self.reasoning, other.reasoning),
            self.cache_read + other.cache_read,
            self.cache_write_5m + other.cache_write_5m,
            self.cache_write_1h + other.cache_write_1h,
            self.web_search_requests + other.web_search_requests,
            _add(self.recorded_cost, other.recorded_cost),
            None if requests and requests == unpriced else (self.list_value or 0) + (other.list_value or 0),
            unpriced,
        )


def _add(a: int | None, b: int | None) -> int | None:
    return b if a is None else a if b is None else a + b


@dataclass(frozen=True, slots=True)
class Session:
    """One conversation with an agent, sub-agents rolled up. `id` is stable over rebuilds of the store."""

    id: str
    agent: str
    native_id: str
    title: str | None
    project: str | None
    cwd: str | None
    branches: tuple[str, ...]
    started_at: int | None
    ended_at: int | None
    turns: int
    tokens_from: str
    total: Total

    @property
    def unrecorded(self) -> bool:
        """Whether tokens of it were used that its agent recorded nowhere: all of them, if it has no request."""
        return self.tokens_from == NOT_RECORDED
