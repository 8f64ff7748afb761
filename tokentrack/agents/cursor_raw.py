"""The bubble behind a request of Cursor, as it stands in its database now."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tokentrack.agents import cursor_pieces as pieces
from tokentrack.agents import cursor_records as records
from tokentrack.agents import foreign
from tokentrack.agents.cursor_database import BUBBLE, COMPOSER, ITEMS, KV, Database
from tokentrack.agents.cursor_lists import LISTS, Listed
from tokentrack.agents.cursor_records import Bubble, Composer
from tokentrack.agents.reading import Problems, fit


def raw(path: Path, key: str) -> dict[str, object] | None:
    """The counters of a turn's bubble as logged; `key` is the conversation and the turn's or the bubble's id."""
    told = found(path, key)
    return as_logged(told[1]) if told else None


def found(path: Path, key: str) -> tuple[str, Bubble] | None:
    """(table and key of its row, bubble) of a request. Raises OSError."""
    conversation, _, native_id = key.rpartition(":")
    with foreign.opened(path) as db:
        database = Database(db, Problems())
        if KV not in database.tables:
            return _found_listed(database, conversation, native_id)
        row = f"{BUBBLE}{conversation}:{native_id}"
        data = database.value(row)
        bubble = records.record(data, Bubble) if data else None
        if bubble is None and (told := database.whole(conversation, {})) is not None:
            bubble = _counted(pieces.in_order(told), native_id)
            inline = bubble is not None and database.value(f"{BUBBLE}{conversation}:{bubble.bubbleId}") is None
            row = f"{COMPOSER}{conversation}" if inline else f"{BUBBLE}{conversation}:{bubble and bubble.bubbleId}"
        return (f"table {KV}, key {row}", bubble) if bubble is not None else None


def _found_listed(database: Database, conversation: str, native_id: str) -> tuple[str, Bubble] | None:
    for key in LISTS:
        data = database.item(key)
        told = records.record(data, Listed) if data else None
        for entry in records.entries({"allComposers": told.allComposers}) if told else ():
            if entry.get("composerId") == conversation:
                bubble = _counted(records.inline(fit(entry, Composer)), native_id)
                return (f"table {ITEMS}, key {key}", bubble) if bubble is not None else None
    return None


def _counted(bubbles: Iterable[Bubble], native_id: str) -> Bubble | None:
    for bubble in bubbles:
        if native_id in (records.generation(bubble), bubble.bubbleId) and records.counts(bubble, records.Faults()):
            return bubble
    return None


def as_logged(bubble: Bubble) -> dict[str, object]:
    told = {name: getattr(bubble, name) for name in ("bubbleId", "tokenCount", "modelInfo", "usageUuid", "requestId")}
    return {name: value for name, value in told.items() if value not in (None, "")}
