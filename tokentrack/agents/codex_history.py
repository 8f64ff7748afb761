"""Which lines of a Codex log are the thread's own, and which were copied from the thread it was forked from.

Forks and sub-agents may begin with a copy of another thread's history, whose tokens were spent there. Newer versions say where
the own part begins; older ones stamp the whole copy with the moment of the fork, in bursts of milliseconds.
"""

from __future__ import annotations

import re
from contextlib import suppress

import msgspec

from tokentrack.agents.codex_records import Meta
from tokentrack.agents.reading import NOT_TYPED
from tokentrack.agents.values import parse_time

BURST_MS = 1000
"""A longer silence than a copy ever makes: the next line is the thread's own."""
TRUSTED_MS = 60_000
"""An id's time that is farther from the one told beside it is no time."""
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_PARENT = re.compile(rb'"parent_thread_id"\s*:\s*"([^"\\]{1,200})"')


class Lineage(msgspec.Struct, omit_defaults=True):
    """Whose thread a log is, and how far its copied part goes. Part of the cursor."""

    thread: str = ""
    root: str = ""
    """The session whose spend it is: of a sub-agent, its root's."""
    subagent: bool = False
    parent: str | None = None
    """The thread it was forked from, where nothing tells how much of that was copied."""
    start_ordinal: int | None = None
    began: int | None = None
    timed: bool = False
    """Whether its id holds the time at which it began, as those of turns then do too."""
    copying: bool = False
    certain: bool = False
    """Whether another thread's first record was met: what follows was copied."""
    old_turn: bool = False
    burst: int | None = None
    copied: bool = False
    """Whether any total was copied."""
    named: bool = False
    """Whether its own `session_meta` was met."""

    @property
    def plain(self) -> bool:
        """Whether nothing that follows was copied, whatever its place: as almost always."""
        return not self.copying and self.start_ordinal is None

    def take(self, meta: Meta, at: int | None) -> None:
        """The log's own first record."""
        self.named = True
        self.thread = meta.id or self.thread
        source = bytes(meta.source)
        with suppress(*NOT_TYPED):
            source = msgspec.json.encode(msgspec.json.decode(source))  # a letter may be written as an escape
        self.subagent = b'"subagent"' in source or meta.thread_source == "subagent" or bool(meta.parent_thread_id)
        named = _PARENT.search(source)
        parent = meta.parent_thread_id or (named[1].decode("utf-8", "replace") if named else None)
        self.root = self.thread
        if self.subagent:
            other = meta.session_id if meta.session_id != self.thread else None
            self.root = other or parent or meta.forked_from_id or self.thread
        told = parse_time(meta.timestamp)
        self.began = at if told is None else told
        made = _time_of(self.thread)
        self.timed = made is not None and self.began is not None and abs(made - self.began) < TRUSTED_MS
        if self.timed:
            self.began = made
        self.burst = at
        self.start_ordinal = ordinal(meta.subagent_history_start_ordinal)
        if self.start_ordinal is None and meta.history_base is not None:
            self.start_ordinal = ordinal(meta.history_base.end_ordinal_exclusive)
        if self.start_ordinal is None:
            self.start_ordinal = ordinal(meta.forked_from_ordinal_exclusive)
        if self.start_ordinal is None:
            self.copying = self.subagent or bool(meta.forked_from_id)
            self.parent = None if self.subagent else meta.forked_from_id

    def meet(self, meta: Meta, at: int | None) -> None:
        """A later `session_meta`: of another thread, if the log is still at its beginning, it heads a copy."""
        if self.start_ordinal is None and meta.id and meta.id != self.thread and (self.copying or at == self.burst):
            self.copying = self.certain = True

    def inherits(self, at: int | None, number: int | None) -> bool:
        """Whether a line was copied. Lines have to be asked for in their order."""
        if self.start_ordinal is not None and number is not None:
            return number < self.start_ordinal
        if not self.copying:
            return False
        if at is None or (self.certain and self.old_turn):
            return True
        if self.burst is not None and at - self.burst >= BURST_MS and at >= (self.began or 0):
            self.copying = False
            return False
        self.burst = at if self.burst is None else max(self.burst, at)
        return True

    def opens(self, at: int | None) -> bool:
        """Whether a prompt that `inherits` takes for copied is the first of a fork's own: one that was begun by a script is there
        within milliseconds. A copy of somebody's history is headed by that thread's `session_meta`, or keeps older times.
        """
        doubted = self.copying and not (self.certain or self.copied or self.old_turn or self.subagent)
        return doubted and at is not None and at >= (self.began or 0)

    def begins_anew(self) -> bool:
        """A sub-agent's first total is all its own, and no record of another thread was met: nothing was copied into its log."""
        if self.subagent and self.copying and not (self.certain or self.copied or self.old_turn):
            self.copying = False
            return True
        return False

    def turn(self, turn: str, at: int | None) -> None:
        """A turn begins; its id, where it holds the time, tells a thread's own turn from a copied one.

        A copy's line may be older than the turn that it tells of: then the clock was set back before the fork.
        """
        began = _time_of(turn)
        if self.copying and self.timed and began is not None and self.began is not None:
            self.old_turn = began < self.began or (at is not None and at < began - TRUSTED_MS)
            self.copying = self.old_turn

    def own(self, thread: str | None) -> None:
        """A record names its thread."""
        if thread and thread == self.thread:
            self.copying = False

    def origin(self, turn: str | None) -> str:
        """What responses are named after: the same in a thread's own log and in a copy of it."""
        if turn and UUID.fullmatch(turn):
            return turn
        return self.parent if self.parent and not self.copied else self.thread


def ordinal(value: object) -> int | None:
    """Lines are numbered by an integer, once in a while written as text."""
    try:
        number = int(value) if isinstance(value, int | str) and not isinstance(value, bool) else None
    except ValueError:
        return None
    return number if number is not None and 0 <= number < 2**53 else None


def _time_of(name: str) -> int | None:
    """Milliseconds that an id of version 7 holds."""
    if not UUID.fullmatch(name) or name[14] != "7":
        return None
    return int(name[:8] + name[9:13], 16)
