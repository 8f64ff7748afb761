"""What Cursor tells of conversations beside their own rows: their headers, and the lists that each workspace once kept."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterator

import msgspec

from tokentrack.agents import cursor_pieces as pieces
from tokentrack.agents import cursor_records as records
from tokentrack.agents.cursor_database import HEADERS, Database, told_by
from tokentrack.agents.cursor_pieces import Conversation, named_piece, piece_of
from tokentrack.agents.cursor_records import Composer
from tokentrack.agents.reading import fit
from tokentrack.model.logs import Piece

OVERLAP_MS = 24 * 3_600_000
LISTS = ("composer.composerData", "composer.composerHeaders")
CHATS = "workbench.panel.aichat.view.aichat.chatdata"
"""Where 2024's versions kept the chats of a workspace."""


class Listed(msgspec.Struct):
    """A list of conversations, or of chats."""

    allComposers: list[object] | None = None
    tabs: list[object] | None = None


def named_by_headers(database: Database, since: int, children: Container[str]) -> tuple[list[Piece], int]:
    """Conversations whose rows of `composerHeaders` changed since (UTC milliseconds), and when the newest did.

    They name the folder of newer conversations, and some conversations are nowhere else. `children` are sub-agents'.
    """
    there = database.tables[HEADERS]
    times = [name for name in ("createdAt", "lastUpdatedAt", "recency", "checkpointAt") if name in there]
    newest = f"max({', '.join(f'coalesce({name}, 0)' for name in times)}, 0)" if times else "0"
    child = "isSubagent" if "isSubagent" in there else "0"
    created = "createdAt" if "createdAt" in there else "null"
    found: list[Piece] = []
    last = since
    for native_id, data, made, is_child, at in database.db.execute(
        f"""select composerId, cast(value as blob), {created}, {child}, {newest} from {HEADERS}
            where {newest} >= ? order by composerId""",
        [max(0, since - OVERLAP_MS) if times else 0],
    ):
        last = max(last, records.moment(at) or 0)
        if not records.name(native_id) or is_child or native_id in children:
            continue
        title, folder = told_by(data) if isinstance(data, bytes) else (None, None)
        if title or folder:
            begun = records.moment(made) if title else None  # a draft has no name
            found.append(named_piece(native_id, title=title, first_at=begun, folder=folder))
    return found, last


class Lists:
    """The lists of a workspace's conversations, from times when each workspace kept its own.

    `folder` is the workspace's; `otherwise` (UTC milliseconds) is when a conversation began that tells no time.
    """

    def __init__(self, database: Database, folder: str | None, otherwise: int) -> None:
        self.database, self.folder, self.otherwise = database, folder, otherwise
        self.values = {key: data for key in (*LISTS, CHATS) if (data := database.item(key)) is not None}

    @property
    def digest(self) -> str:
        """Empty where there are none."""
        told = repr(sorted(self.values.items())).encode() + bytes(str(self.folder), "utf-8", "replace")
        return hashlib.blake2b(told).hexdigest()[:12] if self.values else ""

    def pieces(self, children: Container[str]) -> Iterator[Piece]:
        """All that they list but sub-agents' conversations."""
        for key, data in self.values.items():
            self.database.bytes_read += len(data)
            told = records.record(data, Listed)
            if told is None:
                self.database.problem(key, "not a list of conversations")
            elif key == CHATS:
                yield from self._chats(told)
            else:
                for entry in records.entries({"allComposers": told.allComposers}):
                    composer = fit(entry, Composer)
                    native_id = records.name(composer.composerId)
                    if native_id is not None and native_id not in children:
                        yield from self._listed(native_id, composer)

    def _listed(self, native_id: str, composer: Composer) -> Iterator[Piece]:
        folder = self.folder or records.workspace_folder(composer.workspaceIdentifier)
        told = Conversation(native_id, composer, records.inline(composer), folder=folder)
        if pieces.is_conversation(told):  # the oldest versions kept the whole of it here
            yield piece_of(told, self.database.problems, self.otherwise)
            return
        title, updated = records.text(composer.name), records.moment(composer.lastUpdatedAt)
        begun = records.moment(composer.createdAt) or updated
        real = title is not None or updated is not None or records.text(composer.subtitle) is not None
        if real or folder:  # else a draft: only where it stood may be worth knowing
            models = (records.model(composer.modelConfig),)
            first_at = (begun or self.otherwise) if real else None
            yield named_piece(native_id, title=title, first_at=first_at, folder=folder, models=models)

    def _chats(self, told: Listed) -> Iterator[Piece]:
        for tab in told.tabs if isinstance(told.tabs, list) else []:
            native_id = records.name(records.item(tab, "tabId"))
            if native_id is None or not records.item(tab, "bubbles"):
                continue
            begun = records.moment(records.item(tab, "lastSendTime")) or self.otherwise
            title = records.text(records.item(tab, "chatTitle"))
            yield named_piece(native_id, title=title, first_at=begun, folder=self.folder)
