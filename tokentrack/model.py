"""The nouns. Plain data that every layer may use; no behaviour beyond arithmetic.

Token kinds are disjoint: `input` is uncached input, `output` holds reasoning. Money is integer micro-dollars, times are UTC
milliseconds. `None` means *not known*, never zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
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
    """A record that could not be used, and why."""

    offset: int
    reason: str


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


@dataclass(frozen=True, slots=True)
class Budget:
    """What the person plans for a period, in force from a day on. `amount` is micro-dollars, or tokens."""

    id: int
    measure: str
    amount: int
    period: str
    project: str | None
    since: date


@dataclass(frozen=True, slots=True)
class Plan:
    """A flat fee, in force on the days [since, until], both included; None is open. `fee` is micro-dollars for a `period`.

    `period` is `month` or `year`. `agents` are those whose use it pays for.
    """

    id: int
    name: str
    fee: int
    period: str
    agents: tuple[str, ...]
    since: date
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Charge:
    """Money billed on a day beside the plans, in micro-dollars; a refund is negative. `agent`: None is not told."""

    id: int
    day: date
    amount: int
    note: str
    agent: str | None = None


OUTCOMES = ("shipped", "delivered", "learned", "decided not to", "abandoned", "superseded")
"""What may come of a task; the label of `abandoned` is "stopped"."""


@dataclass(frozen=True, slots=True)
class Task:
    """What the person recognises as one piece of work. `key` is as its tracker writes it (`PAY-12`, `#12`).

    `project` is a repository's path, None: of no one repository. `outcome` is one of `OUTCOMES`, None while it is open.
    `anyway`: would it have been done without an agent (`yes`, `no`, `unsure`; None: not asked). `finished_at` is when the outcome
    that stands began, UTC milliseconds.
    """

    id: str
    title: str
    key: str | None
    url: str | None
    project: str | None
    created_at: int
    outcome: str | None = None
    finished_at: int | None = None
    size: str | None = None
    anyway: str | None = None
    note: str = ""
    private: bool = False
    alias: str | None = None
    follow_up_of: str | None = None

    @property
    def status(self) -> str:
        return "open" if self.outcome is None else "finished"

    @property
    def name(self) -> str:
        """What it is called in a row: its key and its title, once where they are the same."""
        return f"{self.key} {self.title}" if self.key and self.key != self.title else self.title


class OutcomeEvent(NamedTuple):
    """What came of a task at a moment: one of `OUTCOMES`; None: it was opened again."""

    at: int
    outcome: str | None
    note: str


class Estimate(NamedTuple):
    """What a task was expected to take: `what` is `spend` (micro-dollars of list value), `with_ai` or `without_ai` (minutes).

    Eight of ten times it should fall inside [low, high]. `spent` is what was linked to the task now and used by
    then, micro-dollars of list value, and `tokens` the same in tokens of all sorts.
    """

    made_at: int
    what: str
    low: int
    high: int
    spent: int
    tokens: int = 0


class Span(NamedTuple):
    """Turns of a session from one to another, both included; `last` None: open, later turns too."""

    first: int = 0
    last: int | None = None

    def holds(self, turn: int) -> bool:
        return self.first <= turn and (self.last is None or turn <= self.last)

    def meets(self, other: Span) -> bool:
        return (self.last is None or other.first <= self.last) and (other.last is None or self.first <= other.last)


class Link(NamedTuple):
    """Turns of a session belong to a task; `task` None: to none, on purpose. `session`, `task` and `rule` are ids.

    `source` is `manual`, `suggested` (a suggestion that the person accepted) or `rule`.
    """

    id: int
    session: str
    task: str | None
    turns: Span
    source: str
    rule: str | None
    created_at: int


@dataclass(frozen=True, slots=True)
class Rule:
    """Links what matches to a task, once the person asked for it. `kind` is `branch`, `key` or `path`.

    `project` None: any. `pattern` is an exact branch, a key, or a folder inside the project. `paused` says why it sleeps.
    """

    id: str
    kind: str
    project: str | None
    pattern: str
    task: str
    created_at: int
    paused: str | None = None


class Commit(NamedTuple):
    """A commit of a project's repository, as far as linking needs it; its message is not kept.

    `marks` are (kind, value): `key`, `number` (what its message is for: named in the subject, or on a line such as `Refs: …`),
    `closes` (a key, number or address after a closing word), `mentions` (a key or number anywhere else), `url`, `session` (an
    agent session's trailer), `task` (a `Tokentrack-Task` trailer), `pull` (number of the pull request it merges or squashes),
    `branch` (that a merge names, without owner and remote), `reverts` (a sha). `mine`: by one of the person's own addresses.
    """

    project: str
    sha: str
    authored_at: int
    committed_at: int
    mine: bool
    merge: bool
    marks: tuple[tuple[str, str], ...]


class RecordedCommit(NamedTuple):
    """A commit as its repository holds it: shas are bytes, times UTC milliseconds, addresses in lower case; `marks` as above."""

    sha: bytes
    parents: tuple[bytes, ...]
    authored_at: int
    committed_at: int
    author: str
    committer: str
    marks: tuple[tuple[str, str], ...]


class Branch(NamedTuple):
    """A branch of a repository, told of by a ref or, with `ref` = `name`, by the commits of a session alone.

    `gone_at`: when it was first missed; None: it is there, or was never seen. `merged` is `fast-forward`, `merge`, `squash` or
    `rebase`; None: no merge was detected, which an edited squash leaves so. `merged_by` is the commit of the default branch
    that brought it.
    """

    name: str
    ref: str
    tip: str
    gone_at: int | None
    merged: str | None
    merged_by: str | None
    merged_at: int | None


@dataclass(frozen=True, slots=True)
class Repository:
    """What a project's repository tells beside its commits. `hosts` are like `github.com/me/shop`, upstream first.

    `error` says in one sentence why it cannot be read now; what was read before stays. `whole`: all history has been read.
    """

    project: str
    default: str | None
    hosts: tuple[str, ...]
    addresses: tuple[str, ...]
    branches: tuple[Branch, ...]
    whole: bool
    error: str | None
    read_at: int | None


class Evidence(NamedTuple):
    """Something about a task that others could check. `kind` is `commit`, `branch`, `pull` or `repository`.

    `ref` is a short sha, a branch, `#12`, or the repository's path; `at` the time of its merge, else its own.
    `state` is `merged`, `reverted`, `merge not detected`, or for a repository why it cannot be asked. `sha` is the whole one.
    """

    kind: str
    ref: str
    at: int | None
    state: str
    sha: str | None = None


class Suggestion(NamedTuple):
    """A task that turns of a session may belong to. `signal` is its best ground, such as `A4`; `reasons` are in words.

    `preselected`: the ground is recorded or confirmed (tier A or B) and no other task has one as good. `rule` is the rule that
    fired, if one did.
    """

    session: str
    native_id: str
    turns: Span
    task: str
    signal: str
    preselected: bool
    reasons: tuple[str, ...]
    rule: str | None = None

    @property
    def tier(self) -> str:
        return self.signal[0]


@dataclass(frozen=True, slots=True)
class Rates:
    """Micro-dollars for a million tokens of each kind, and for a thousand web searches (None: not known)."""

    input: int
    output: int
    cache_read: int
    cache_write_5m: int
    cache_write_1h: int
    web_searches: int | None = 0


@dataclass(frozen=True, slots=True)
class Price:
    """Prices of a model in a period [since, until), milliseconds; None is open.

    `tiers` are (threshold, rates): a request whose whole prompt exceeds the threshold is priced wholly by that tier.
    """

    model: str
    since: int | None
    until: int | None
    rates: Rates
    tiers: tuple[tuple[int, Rates], ...]
    source: str
    matched: str
