"""What readers find in logs: records of requests, turns, titles and marks, in pieces and chunks.

Token kinds are disjoint: `input` is uncached input, `output` holds reasoning. Nothing else needs these nouns to be there before a
log can be read, so a first scan begins early.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

TOKENS_FROM = ("recorded", "derived", "partial", "imported", "estimated", "credits", "none")
"""Where a request's counts come from, best first; a mixed session takes its weakest."""


NOT_RECORDED = TOKENS_FROM[-1]
"""Where tokens were used that no count holds: whatever sums them says that there is more (AC 5)."""


NAMED = "\x1f"


class Request(NamedTuple):
    """One billed call to a model, as one log tells it: the unit of counting.

    `key` is made from the agent's own ids and is the same in every copy. `standing` orders copies of one request before
    their figures do (2 the session's own record, 1 a sub-agent's, 0 an echo in another record). `claim` says how strongly
    this log claims the request (0 its own call, 1 nothing known, 2 a background copy): the lowest claim owns it. `offset` is
    -1 for a row of a database, which is found by its key. `twin` is what a copy under another key has in common with it;
    after it may follow, each after a `NAMED`, the conversation and the keys that a better record of this turn may have.
    """

    key: str
    at: int | None
    model: str | None
    input: int
    output: int
    cache_read: int
    cache_write_5m: int
    cache_write_1h: int
    reasoning: int | None
    web_searches: int
    variant: str
    recorded_cost: int | None
    tokens_from: str
    standing: int
    claim: int
    cwd: str | None
    branch: str | None
    offset: int
    twin: str | None = None

    @property
    def prompt_tokens(self) -> int:
        """Everything sent to the model: what decides a price tier."""
        return self.input + self.cache_read + self.cache_write_5m + self.cache_write_1h


class Turn(NamedTuple):
    """One prompt by the person. `leaf` is the id of the turn's last answer, by which old summaries name a session."""

    native_id: str
    at: int | None
    offset: int
    leaf: str | None


class Title(NamedTuple):
    """A name found for the session; which one is shown is decided by `TITLE_KINDS`. `leaf` names another session's message."""

    kind: str
    offset: int
    text: str
    leaf: str | None = None


TITLE_KINDS = ("custom", "rename", "ai", "summary", "prompt")
"""Sources of a session's title, best first."""


class Mark(NamedTuple):
    """Something in a turn that may name a task: the only text kept beside the title.

    `kind` is `key`, `number`, `url`, `commit` or `session`; `source` is `prompt`, `output`, `commit`, `pr-link` or
    `fork` (the session that this one is a fork of).
    """

    at: int | None
    kind: str
    value: str
    source: str


class Search(NamedTuple):
    """Web searches that a tool result reports for the request that asked for them."""

    tool_use_id: str
    request_key: str
    searches: int


class Problem(NamedTuple):
    """A record that could not be used, and why. A negative offset is no byte of a file."""

    offset: int
    reason: str

    @property
    def text(self) -> str:
        return self.reason if self.offset < 0 else f"{self.reason} at byte {self.offset}"


class Limit(NamedTuple):
    """How much of a plan's limit was used when a log last told so. `window` is the limit's length in minutes."""

    name: str
    window: int
    used_percent: float
    resets_at: int | None
    seen_at: int


class Log(NamedTuple):
    """A file that an agent writes. `session` is the native id it belongs to, None where only its records can tell.

    `name` is its whole path, as text: thousands of logs are listed for each one that is read.
    """

    agent: str
    name: str
    root: Path
    session: str | None
    subagent: bool
    size: int
    mtime_ns: int
    inode: int

    @property
    def path(self) -> Path:
        return Path(self.name)


class Piece(NamedTuple):
    """What a chunk holds of one session: a JSON Lines log has one, a database one for each session that changed.

    `session` is the native id; `aliases` are ids of its sub-agents' own sessions, which are spend of this one.
    `tokens_from` says where the counts come from in a session that has no request to say it. `by_turn`: the agent tells at
    most one request a turn, so a turn without one used tokens that are not known. `models` are those of the session, which
    requests tell only where tokens are recorded.
    """

    session: str
    requests: list[Request]
    turns: list[Turn]
    titles: list[Title]
    marks: list[Mark]
    searches: list[Search]
    first_at: int | None
    cwd: str | None
    aliases: tuple[str, ...] = ()
    tokens_from: str = "recorded"
    by_turn: bool = False
    models: tuple[str, ...] = ()


class Chunk(NamedTuple):
    """What a reader found in a log past a cursor. `restarted`: the log was rewritten and read from its start.

    `subagent` says whether it is a sub-agent's log, where only its records tell.
    """

    cursor: str
    pieces: list[Piece]
    problems: list[Problem]
    version: str | None
    bytes_read: int
    more: bool
    restarted: bool
    limits: tuple[Limit, ...] = ()
    subagent: bool | None = None

    @property
    def requests(self) -> list[Request]:
        """Those of all sessions."""
        return [request for piece in self.pieces for request in piece.requests]
