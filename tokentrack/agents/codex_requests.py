"""How the records of a Codex log become requests, each under a key that its copies in other threads' logs have too.

A response is told by its own `token_usage_record`, by a `token_count` event, or by a line of saved `codex exec --json` output.
"""

from __future__ import annotations

import msgspec

from tokentrack.agents.codex_counting import BadCount, Figures, figures
from tokentrack.agents.codex_history import UUID
from tokentrack.agents.codex_records import Info, Line, Saved, Usage, UsageRecord
from tokentrack.agents.codex_standing import Standing
from tokentrack.agents.reading import read_as
from tokentrack.agents.values import better, parse_time
from tokentrack.model.logs import Request

MAIN, SUBAGENT = 2, 1
OWN_CALL, UNKNOWN_CALL, COPIED_CALL = 0, 1, 2


class Requests:
    """The requests of one read, by key."""

    def __init__(self, here: Standing) -> None:
        self.here = here
        self.state = here.state
        self.found: dict[str, Request] = {}

    def on_token_count(self, info: Info, inherited: bool) -> None:
        self.on_totals(self.figures(info.total_token_usage), self.figures(info.last_token_usage), info.model, inherited)

    def on_totals(self, total: Figures | None, last: Figures | None, model: str | None, inherited: bool) -> None:
        state, lineage, totals = self.state, self.state.lineage, self.state.totals
        if inherited and not (total is not None and total.same(last) and lineage.begins_anew()):
            lineage.copied = totals.inherited = True
            return totals.pass_by(total)
        if state.records:
            return totals.pass_by(total)
        origin = lineage.origin(state.turn)
        if origin != state.origin:
            state.origin, totals.falls = origin, 0
        if (taken := totals.take(total, last)) is None:
            return None
        if not lineage.named and origin == self.here.file_name and not UUID.fullmatch(origin):
            origin = f"at {state.stamp}"  # copies of a log that does not name its thread have only their time in common
        claim = OWN_CALL if lineage.parent is None else UNKNOWN_CALL
        return self.add(f"{origin} {totals.name}", taken[0], model or state.model, taken[1], claim)

    def on_usage_record(self, record: Line) -> None:
        told = read_as(record.payload, UsageRecord)
        if told is None:
            return self.here.problem("token_usage_record of an unknown shape")
        state = self.state
        state.lineage.own(told.thread_id)
        if self.here.inherits(record.ordinal):
            return None
        state.records = True
        if (counted := self.figures(told.usage)) is None:
            return None
        thread = told.thread_id or state.lineage.thread
        running = self.figures(told.thread_token_usage)
        name = told.response_id or f"{told.turn_id} {running.name if running else self.here.place}"
        model = state.models.get(told.turn_id or "") or state.model
        claim = OWN_CALL if thread == state.lineage.thread else COPIED_CALL
        return self.add(f"{thread} {name}", counted, model, "recorded", claim)

    def on_saved(self, record: Line) -> None:
        """A line of saved `codex exec --json` output."""
        data = (read_as(record.data, Saved) if record.data else None) or Saved()
        usage = read_as(record.usage or data.usage, Usage) if record.usage or data.usage else None
        if usage is None:
            return
        times = (record.timestamp, record.created_at, data.timestamp, data.created_at)
        self.state.stamp = next((stamp for stamp in times if parse_time(stamp) is not None), None)
        if self.state.first_at is None:
            self.state.first_at = self.here.at
        if (counted := self.figures(usage)) is None:
            return
        if usage.total_tokens == 0:  # a gateway that does not add up tells reasoning beside the output
            counted = msgspec.structs.replace(counted, output=counted.output + (counted.reasoning or 0))
        key = f"{self.state.lineage.thread} {self.here.place}"
        self.add(key, counted, record.model or data.model or data.model_name, "recorded", OWN_CALL)

    def figures(self, usage: Usage | None) -> Figures | None:
        try:
            return None if usage is None else figures(usage)
        except BadCount as error:
            self.here.problem(str(error))
            return None

    def add(self, key: str, told: Figures, model: str | None, tokens_from: str, claim: int) -> None:
        state = self.state
        if not told.possible:
            return self.here.problem("impossible token count")
        if not (told.input or told.output):
            return None
        cached = min(told.cached, told.input)
        written = min(told.written, told.input - cached)
        found = Request(
            key=key,
            at=self.here.at,
            model=model or None,
            input=told.input - cached - written,
            output=told.output,
            cache_read=cached,
            cache_write_5m=written,
            cache_write_1h=0,
            reasoning=None if told.reasoning is None else min(told.reasoning, told.output),
            web_searches=0,
            variant=state.variant,
            recorded_cost=None,
            tokens_from=tokens_from,
            standing=SUBAGENT if state.lineage.subagent else MAIN,
            claim=claim,
            cwd=state.cwd,
            branch=state.branch,
            offset=self.here.offset,
        )
        known = self.found.get(key)
        self.found[key] = found if known is None else better(known, found)
        return None
