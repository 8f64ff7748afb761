"""From a figure down to the bytes it came from: which log, where in it, by which rule, at which price."""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from tokentrack import clock
from tokentrack.agents import agent_named, foreign, jsonl, zst
from tokentrack.agents.reading import objects
from tokentrack.model.costs import Price, Rates
from tokentrack.model.logs import Request
from tokentrack.model.usage import Session, Total
from tokentrack.pricing import rates_for
from tokentrack.review import names, usage
from tokentrack.store import read, sources
from tokentrack.store.sources import Source

RULES = {
    2: "the session's own record: of its copies the one with the largest output, taken whole",
    1: "a sub-agent's record, no record of the session itself holds it; of its copies the one with the largest output",
    0: "an echo in the parent's log, no other file holds it: its output figure is the beginning of the whole",
}
"""How the counted record was chosen among its copies, by `Request.standing`; an agent with other ways has `RULES` of its own."""


@dataclass(frozen=True, slots=True)
class Why:
    """`unrecorded` are sessions of the figure of which some or all tokens are recorded nowhere: they are in no sum."""

    figure: str
    total: Total
    sources: list[Source]
    unrecorded: tuple[Session, ...] = ()


def why(db: sqlite3.Connection, name: str) -> Why:
    """The requests behind a figure, the oldest first. Raises UnknownName."""
    figure, where = names.find(db, name)
    found = Why(figure, read.total(db, where), sources.behind(db, where), tuple(usage.unrecorded(db, where)))
    if not found.sources and not found.unrecorded:
        names.check(db, where)  # empty, or a part of its name means nothing here
    return found


# ---- how a figure adds up --------------------------------------------------------------------------------------------

KINDS = {
    "input": "input",
    "output": "output",
    "cache read": "cache_read",
    "cache write 5m": "cache_write_5m",
    "cache write 1h": "cache_write_1h",
}
"""What tokens are called, and the field of `Total`, `Request` and `Rates` that has them."""
SEARCHES = "web search"


@dataclass(frozen=True, slots=True)
class Kind:
    """What one kind of tokens adds to a figure.

    `rates` are the prices it was multiplied by, the lowest first: micro-dollars for a million tokens, for a thousand searches.
    `value` is None where none of it has a price; `unpriced` tokens have none and are not in it.
    """

    name: str
    count: int
    rates: tuple[int, ...]
    value: int | None
    unpriced: int = 0


@dataclass(frozen=True, slots=True)
class Made:
    """What a figure is made of: its kinds add up to it, and so do its requests, whose row numbers are `requests`.

    `unrecorded` are its sessions of which some or all tokens are recorded nowhere: they are in no sum.
    """

    total: Total
    sessions: int
    kinds: tuple[Kind, ...]
    prices: tuple[Price, ...]
    requests: array[int]
    unrecorded: tuple[Session, ...] = ()


def made_of(db: sqlite3.Connection, name: str, dearest: bool = False) -> Made:
    """How a figure adds up, and its requests, the newest or the dearest first. Raises UnknownName."""
    _, where = names.find(db, name)
    parts = sources.by_price(db, where)
    priced = [(part.total, None if part.price is None else rates_for(part.price, part.over + 1)) for part in parts]
    prices = dict.fromkeys(part.price for part in parts if part.price is not None)
    return Made(
        sum((part.total for part in parts), Total()),
        read.session_count(db, where),
        kinds_of(priced),
        tuple(sorted(prices, key=lambda price: (price.matched, price.since or 0))),
        sources.ids_behind(db, where, dearest),
        tuple(usage.unrecorded(db, where)),
    )


def kinds_of(parts: Iterable[tuple[Total, Rates | None]]) -> tuple[Kind, ...]:
    """The kinds that occur in these totals, each of which was multiplied by these rates, or by none."""
    parts = list(parts)
    made = [
        _kind(name, [(getattr(total, field), getattr(rates, field) if rates else None) for total, rates in parts])
        for name, field in KINDS.items()
    ]
    searches = [(total.web_search_requests, rates.web_searches if rates else None) for total, rates in parts]
    made.append(_kind(SEARCHES, searches, scale=1000))
    return tuple(kind for kind in made if kind.count)


def _kind(name: str, parts: list[tuple[int, int | None]], scale: int = 1) -> Kind:
    used = [(count, rate) for count, rate in parts if count]
    known = [(count, rate) for count, rate in used if rate is not None]
    pico = sum(count * rate * scale for count, rate in known)
    return Kind(
        name,
        sum(count for count, _ in used),
        tuple(sorted({rate for _, rate in known})),
        (pico + 500_000) // 1_000_000 if known else None,
        sum(count for count, rate in used if rate is None),
    )


# ---- one request -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Traced:
    """A request down to its place in a log. `row` is its key in a database, `offset` its first byte in a file."""

    id: int
    request: Request
    agent: str
    log: str
    gone: bool
    offset: int | None
    row: str | None
    rule: str
    price: dict[str, Any] | None
    kinds: tuple[Kind, ...]
    list_value: int | None
    fault: str | None


def traced(source: Source) -> Traced:
    r, rates = source.request, None
    if source.price is not None:
        rates = rates_for(source.price, r.prompt_tokens)
    total = Total(
        1, r.input, r.output, r.reasoning, r.cache_read, r.cache_write_5m, r.cache_write_1h, r.web_searches,
        r.recorded_cost, source.list_value, int(source.list_value is None),
    )  # fmt: skip
    return Traced(
        source.id, r, source.agent, source.log, source.gone, None if r.offset < 0 else r.offset,
        r.key if r.offset < 0 else None, rule_of(source), price_of(source), kinds_of([(total, rates)]), source.list_value,
        fault_of(source),
    )  # fmt: skip


def raw_of(source: Source | Traced) -> dict[str, object] | None:
    """The counters as the agent logged them, read again from the log; None where the log or the record is gone."""
    return agent_named(source.agent).raw(Path(source.log), source.request.offset, source.request.key)


def told_at(source: Source | Traced) -> tuple[str, str] | None:
    """(place, rule) as the log tells them now, of agents whose logs tell more than a place in a file and a standing."""
    try:
        told = getattr(agent_named(source.agent), "told_at", None)
        found: tuple[str, str] | None = told(Path(source.log), source.request.key) if told else None
    except (KeyError, OSError):
        return None
    return found


def rule_of(source: Source) -> str:
    """How the request was chosen among its copies, by what the store keeps of it alone."""
    try:
        rules: Mapping[int, str] = getattr(agent_named(source.agent), "RULES", RULES)
    except KeyError:
        return "not known: this tokentrack has no reader for this agent"
    return rules.get(source.request.standing, "not known: another tokentrack counted it")


def fault_in(source: Source) -> str | None:
    """Which counter of the very record could be none. Of several records on one line that is not known, so nothing is said; how
    many there were is not known either once the log is gone, and that is said.
    """
    if source.fault is None or source.request.offset < 0 or _stands_alone(source):
        return source.fault
    return f"{source.fault}, maybe of another record on its line: the log is gone" if source.gone else None


def _stands_alone(source: Source) -> bool:
    """Whether its line holds this record and no other, as far as the log still tells."""
    try:
        file, stream = zst.opened(Path(source.log))
        with file:
            _, _, line = next(jsonl.whole_lines(cast("BinaryIO", stream or file), source.request.offset))
    except (OSError, StopIteration):
        return False
    return line is not None and len(objects(line)[0]) == 1


def fault_of(source: Source) -> str | None:
    """What was wrong with the record, and what that means for the figure: what is not known is never told as 0 (AC 5)."""
    fault = fault_in(source)
    certain = fault == source.fault
    return f"{fault}; the figure holds what could be read, the rest of it is unknown" if fault and certain else fault


def price_of(source: Source) -> dict[str, Any] | None:
    """The price row a request was multiplied by: micro-dollars for a million tokens, and from which day."""
    price = source.price
    if price is None:
        return None
    rates = rates_for(price, source.request.prompt_tokens)
    return {
        "model": price.matched,
        "from": None if price.since is None else clock.iso(price.since),
        "per_mtok": {name: getattr(rates, name) for name in rates.__slots__ if name != "web_searches"},
        "source": price.source,
    }


@dataclass(frozen=True, slots=True)
class Record:
    """What stands in the log now: `raw` as the agent wrote it, else `note`, one sentence that says why it is not there.

    `place` and `rule` are what the log tells of them, "" where it tells no more than `Traced` does.
    """

    raw: dict[str, object] | None
    note: str = ""
    place: str = ""
    rule: str = ""


NO_READER = "This tokentrack has no reader for this agent."


def record_of(found: Traced) -> Record:
    """Reads the log; may take a while where it is compressed or a large database. Never raises."""
    try:
        raw = raw_of(found)
    except KeyError:
        return Record(None, NO_READER)
    except Exception as error:  # noqa: BLE001  # whatever stands in the log now, the rest of the proof is shown
        return Record(None, f"The log cannot be read: {reason(error)}.")
    if raw is None:
        return Record(None, missing(found)[1])
    return Record(raw, "", *(told_at(found) or ()))


def missing(found: Source | Traced) -> tuple[str, str]:
    """(state, sentence) of a record that is not where it was."""
    path, offset, kept = Path(found.log), found.request.offset, "The figure stays as it was counted."
    try:
        size = _size(path)
    except FileNotFoundError:
        return "gone", f"The log is gone: it was deleted or moved. {kept}"
    except OSError as error:
        return "unreadable", f"The log cannot be read: {reason(error)}."
    if 0 <= size <= offset and path.suffix != ".zst":
        ends = f"it ends at byte {size:,}, the record stood at byte {offset:,}"
        return "shorter", f"The log is shorter now: {ends}. {kept}"
    what = "row" if offset < 0 else "record"
    return "missing", f"The log is there, but this {what} is no longer in it. {kept}"


def _size(path: Path) -> int:
    """Raises OSError where the log cannot be opened: then nothing can be said of what is in it."""
    if path.is_dir():
        return 0
    with path.open("rb") as file:
        beginning = file.read(16)
    if beginning == b"SQLite format 3\0":
        with foreign.opened(path):
            pass
    return path.stat().st_size


def reason(error: Exception) -> str:
    text = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
    return " ".join((text or type(error).__name__).split())
