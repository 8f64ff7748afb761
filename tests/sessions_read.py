"""Sessions as readers hand them over, written by the store's own writer: prompts and requests by their times."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tokentrack.model.logs import Chunk, Log, Piece, Request, Title, Turn
from tokentrack.store.write import Writer, session_uid

AGENT = "claude-code"
UNPRICED = "mystery"


def request(
    key: str, at: int | None, tokens: int = 1, *, model: str = "known", claim: int = 0, branch: str | None = None
) -> Request:
    return Request(
        key, at, model, tokens, 1, 0, 0, 0, None, 0, "", None, "recorded", 2, claim, "/w/shop", branch, 0
    )  # fmt: skip


class Sessions:
    """Adds to the sessions of a store. A request costs 7 micro-dollars a token of input; of `UNPRICED`, nobody knows."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db
        self.writer = Writer(db, lambda folder: (folder, Path(folder).name))
        self.writer.priced = lambda one: (None, None) if one.model == UNPRICED else (7 * one.input, 1)

    def grow(
        self,
        session: str,
        prompts: Iterable[tuple[str, int]] = (),
        requests: Iterable[Request] = (),
        *,
        subagents: tuple[str, ...] = (),
        log: str = "",
        began: int = 0,
        title: str | None = None,
    ) -> str:
        """Writes (id, time) of prompts and requests into a session, and returns its uid."""
        titles = [] if title is None else [Title("custom", 0, title)]
        piece = Piece(
            session,
            list(requests),
            [Turn(name, at, at, None) for name, at in prompts],
            titles,
            [],
            [],
            began,
            "/w/shop",
            subagents,
        )
        name = log or f"/logs/{session}.jsonl"
        place = Log(AGENT, name, Path("/logs"), session, False, 1, 1, 1)
        self.writer.add([(place, Chunk("", [piece], [], None, 0, False, False))], 0)
        return session_uid(AGENT, session)


@contextmanager
def passing(db: sqlite3.Connection) -> Iterator[Sessions]:
    """What is written inside never was: hundreds of examples share a store."""
    sessions = Sessions(db)
    db.execute("begin")
    try:
        yield sessions
    finally:
        db.execute("rollback")


@contextmanager
def told(seed: int) -> Iterator[None]:
    """Whatever fails inside says with which seed: `random.Random(seed)` makes the case again."""
    try:
        yield
    except BaseException as error:
        error.add_note(f"seed {seed}")
        raise
