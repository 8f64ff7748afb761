"""What opencode's messages tell, gathered by session: the same for files, rows and events.

A message's id is the request's key: it stays the same when the storage is converted. Only forks copy under new ids: the
copies keep their times and figures, so each request carries them as its `twin`, and one whose message is older than its
session, which is a copy, claims least.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from msgspec import Struct

from tokentrack.agents import marks
from tokentrack.agents import opencode_records as records
from tokentrack.agents.opencode_records import Counts, Faults, Info, Part, Session, Tokens
from tokentrack.agents.reading import Problems
from tokentrack.agents.values import better, short
from tokentrack.model.logs import TOKENS_FROM, Mark, Piece, Request, Title, Turn

FILE, ROW, NEW_ROW = 1, 2, 3
"""Standings: a JSON file is what a conversion to SQLite left behind, a row of the first SQLite storage that of the second."""
OWN, UNKNOWN, COPY = 0, 1, 2
SHELLS = ("bash", "shell")
_ID = re.compile(r"msg_([0-9a-f]{12})[0-9A-Za-z]{14}\Z")
ID_COUNTER_BITS, ID_TURNS_MS = 12, 1 << 36
"""Up to version 1 an id begins with 48 bits: milliseconds, which begin anew every two years, and a counter."""
BESIDE_MS = 1000
"""An answer and its id are made at once: what is farther apart was not."""
LATEST = 10**14 - 1
NO_TOKENS = Tokens()
LONGEST_PLACE = 60
"""Of a record's name, as far as a problem tells it."""

Tells = Callable[[str], records.SessionFile | None]


class Message(Struct, gc=False):
    """A message with its parts, from wherever. `at` is when it was made: the time of its row, where it tells none itself."""

    id: str
    session: str
    info: Info
    standing: int
    parts: list[Part] = []
    at: int | None = None
    seq: int | None = None


@dataclass(slots=True)
class _Draft:
    """The piece of one session, while it is gathered."""

    first_at: int | None
    cwd: str | None
    requests: dict[str, Request] = field(default_factory=dict)
    turns: dict[str, Turn] = field(default_factory=dict)
    titles: dict[str, Title] = field(default_factory=dict)
    marks: dict[Mark, None] = field(default_factory=dict)
    children: dict[str, None] = field(default_factory=dict)
    tokens_from: str = "recorded"


class Gathering:
    """Takes messages in any order. `tells` is what a session's file or row tells, `begun` when an unknown one began."""

    def __init__(self, tells: Tells, begun: Callable[[str], int | None]) -> None:
        self.tells, self.begun = tells, begun
        self._sessions: dict[str, Session | None] = {}
        self.drafts: dict[str, _Draft] = {}
        self._of: dict[str, tuple[Session | None, _Draft]] = {}
        self.problems = Problems()
        self.version: tuple[int, str] | None = None

    def pieces(self) -> list[Piece]:
        return [
            Piece(
                session=native_id,
                requests=list(draft.requests.values()),
                turns=list(draft.turns.values()),
                titles=list(draft.titles.values()),
                marks=list(draft.marks),
                searches=[],
                first_at=draft.first_at,
                cwd=draft.cwd,
                aliases=tuple(draft.children),
                tokens_from=draft.tokens_from,
            )
            for native_id, draft in self.drafts.items()
        ]

    def problem(self, place: str, reason: str) -> None:
        self.problems.tell(position(place), f"{place[:LONGEST_PLACE]}: {reason}")

    # ------------------------------------------------------------------------------------------ sessions

    def find(self, native_id: str) -> Session | None:
        if native_id not in self._sessions:
            told = self.tells(native_id)
            self._sessions[native_id] = _session_of(told, self.tells, native_id) if told else None
        return self._sessions[native_id]

    def session(self, native_id: str) -> tuple[Session | None, _Draft]:
        """A session, and the draft of the one it is spend of."""
        if (found := self._of.get(native_id)) is not None:
            return found
        known = self.find(native_id)
        root = known.root if known else native_id
        draft = self.drafts.get(root)
        if draft is None:
            top = known if known is None or known.root == native_id else self.find(root)
            draft = self.drafts[root] = (
                _Draft(top.created, top.directory) if top else _Draft(self.begun(native_id), None)
            )
        if root != native_id:
            draft.children[native_id] = None
        self._of[native_id] = known, draft
        return known, draft

    def told(self, native_id: str) -> None:
        """A session that is new or changed, whether or not it has messages yet."""
        known, draft = self.session(native_id)
        if known is None:
            return
        updated = known.updated or known.created or 0
        if known.version and (self.version is None or (updated, known.version) > self.version):
            self.version = (updated, known.version)
        if known.title and not known.child:
            old = draft.titles.get("ai")
            if old is None or old.offset <= updated:
                draft.titles["ai"] = Title("ai", updated, short(known.title))

    # ------------------------------------------------------------------------------------------ messages

    def add(self, message: Message) -> None:
        known, draft = self.session(message.session)
        claim = _claim(known, message)
        role = message.info.role
        if role == "assistant":
            self._answer(message, known, draft, claim)
        elif role == "user" and claim != COPY and not (known and known.child):
            _prompt(message, draft)
        elif role == "shell" and claim != COPY:
            _output(draft, message.at, message.info.command, message.info.output)
        elif role == "compaction" and claim != COPY:  # spent by a call of which no message tells the tokens
            draft.tokens_from = max(draft.tokens_from, "partial", key=TOKENS_FROM.index)

    def _answer(self, message: Message, known: Session | None, draft: _Draft, claim: int) -> None:
        info = message.info
        faults = Faults()
        tokens = records.tokens(info.tokens, faults)
        version = known.version if known and claim != COPY else None  # a copy is older than its session's version
        found = _counts(message, tokens, version, faults)
        for reason in faults:
            self.problem(message.id, reason)
        if found is None and records.completed(info) is not None and info.error is None:
            draft.tokens_from = "none"
        if found is not None and found.total:
            request = _request(message, tokens, found, known, claim)
            old = draft.requests.get(message.id)
            draft.requests[message.id] = request if old is None else better(old, request)
        if claim != COPY:
            _outputs(message, draft)


def _claim(known: Session | None, message: Message) -> int:
    """A fork copies messages under new ids, with their old times: they are older than the session they stand in.

    Where the clock was set back before that, their ids are older than they are: an id holds the time at which it was made.
    """
    created = message.at
    if known is None or known.created is None or created is None:
        return UNKNOWN
    copied = known.boundary is not None and message.seq is not None and message.seq <= known.boundary
    return COPY if copied or created < known.created or _named_before(message, created) else OWN


def _named_before(message: Message, created: int) -> bool:
    """Whether an answer's id is older than the answer. Prompts may be named on another machine, by its clock."""
    named = _ID.match(message.id)
    if named is None or message.standing == NEW_ROW or message.info.role != "assistant":
        return False
    apart = (created - (int(named[1], 16) >> ID_COUNTER_BITS)) % ID_TURNS_MS
    return BESIDE_MS < apart < ID_TURNS_MS // 2


def _counts(message: Message, tokens: Tokens | None, version: str | None, faults: Faults) -> Counts | None:
    """What the message tells, unless it is more than any request has."""
    found = _told(message, tokens, version, faults)
    if found is None or found.possible:
        return found
    faults.append("impossible token count")
    return None


def _told(message: Message, tokens: Tokens | None, version: str | None, faults: Faults) -> Counts | None:
    """The steps' sum: the message itself is overwritten by each step. Where steps are lost it may hold more than they do."""
    whole, steps = _whole_and_steps(message, tokens, version, faults)
    if steps is None or steps is whole:
        return whole
    return whole if whole is not None and whole.total > steps.total else steps


def _whole_and_steps(
    message: Message, tokens: Tokens | None, version: str | None, faults: Faults
) -> tuple[Counts | None, Counts | None]:
    new = message.standing == NEW_ROW
    whole = records.counts(tokens, version, new)
    if len(message.parts) == 1 and message.parts[0].tokens == message.info.tokens:  # as almost all do
        return whole, whole
    steps = [
        found
        for part in message.parts
        if part.type == "step-finish" and (found := records.counts(records.tokens(part.tokens, faults), version, new))
    ]
    return whole, records.summed(steps)


def rule_of(message: Message) -> str:
    """What of a message counted."""
    faults = Faults()
    whole, steps = _whole_and_steps(message, records.tokens(message.info.tokens, faults), None, faults)
    if steps is None:
        return "its own tokens, no step tells any"
    if whole is not None and whole.total > steps.total:
        return "its own tokens, which are more than its steps tell"
    return "the sum of its steps"


def _request(message: Message, tokens: Tokens | None, found: Counts, known: Session | None, claim: int) -> Request:
    info = message.info
    cost = records.micro_dollars(info.cost)
    if cost is None:
        costs = [records.micro_dollars(part.cost) for part in message.parts if part.type == "step-finish"]
        cost = sum(filter(None, costs)) if any(value is not None for value in costs) else None
    model = records.model(info)
    return Request(
        key=message.id,
        at=message.at,
        model=model,
        input=found.input,
        output=found.output,
        cache_read=found.cache_read,
        cache_write_5m=found.cache_write,
        cache_write_1h=0,
        reasoning=found.reasoning,
        web_searches=0,
        variant="",
        recorded_cost=cost,
        tokens_from="derived" if found.derived else "recorded",
        standing=message.standing,
        claim=claim,
        cwd=(info.path and info.path.cwd) or (known and known.directory) or None,
        branch=None,
        offset=-1,
        twin=_twin(info, model, tokens or NO_TOKENS, cost),
    )


def _twin(info: Info, model: str | None, tokens: Tokens, cost: int | None) -> str | None:
    """What a fork's copy has in common with its original, as logged: the same whatever their versions make of it."""
    created = records.created(info)
    if created is None:
        return None
    cache = tokens.cache or records.NO_CACHE
    counters, cached = (tokens.input, tokens.output, tokens.reasoning), (cache.read, cache.write)
    rest = f"{records.provider(info)} {model} {info.agent or info.mode} {cost} {counters} {cached}"
    digest = hashlib.blake2b(rest.encode("utf-8", "replace"), digest_size=8).hexdigest()
    # In this order the completed state of a message, which is read later, is the larger text.
    return f"{created:014d} {records.completed(info) or '-'} {digest}"


# ------------------------------------------------------------------------------------------------------------- words


def _prompt(message: Message, draft: _Draft) -> None:
    """A prompt by the person: not what opencode itself puts in to go on after a compaction."""
    if any(part.type == "compaction" for part in message.parts):
        return
    texts = [part for part in message.parts if part.type == "text"]
    own = [found for part in texts if not (part.synthetic or part.ignored) and (found := records.text(part.text))]
    if texts and not own:
        return
    at = message.at
    words = "\n".join(own) or records.text(message.info.text) or ""
    draft.turns[message.id] = Turn(message.id, at, -1, None)
    if words.strip():
        place = LATEST if at is None else at
        old = draft.titles.get("prompt")
        if old is None or place < old.offset:
            draft.titles["prompt"] = Title("prompt", place, short(words))
        _mark(draft, at, words, "prompt")


def _outputs(message: Message, draft: _Draft) -> None:
    """Commits and pull requests that the agent's commands report."""
    parts = message.parts
    content = message.info.content
    if content and marks.makes_commits(bytes(content)):
        try:
            parts = records.parts(content)
        except records.NOT_A_RECORD:
            return
    for part in parts:
        if part.type == "tool" and (part.tool in SHELLS or part.name in SHELLS):
            state = part.state
            if records.item(state, "status") == "completed":
                command = records.item(records.item(state, "input"), "command")
                _output(draft, message.at, command, _said(state))


def _said(state: object) -> str:
    output = records.item(state, "output")
    if isinstance(output, str):
        return output
    content = records.item(state, "content")
    found = [records.text(records.item(entry, "text")) for entry in content] if isinstance(content, list) else []
    return "\n".join(filter(None, found))


def _output(draft: _Draft, at: int | None, command: object, output: object) -> None:
    if not isinstance(command, str) or not isinstance(output, str):
        return
    if not marks.makes_commits(command.encode("utf-8", "replace")):
        return
    output = output.encode("utf-8", "replace").decode()
    for sha, subject in marks.commits(output):
        draft.marks[Mark(at, "commit", sha, "output")] = None
        _mark(draft, at, subject, "commit")
    for kind, value in marks.find(output):
        if kind == "url":
            draft.marks[Mark(at, kind, value, "output")] = None


def _mark(draft: _Draft, at: int | None, words: str, source: str) -> None:
    for kind, value in marks.find(words):
        draft.marks[Mark(at, kind, value, source)] = None


def position(place: str) -> int:
    """Tells problems of one log apart, whose records have names and no offsets."""
    return -2 - int.from_bytes(hashlib.blake2b(place.encode("utf-8", "replace"), digest_size=6).digest())


def _session_of(found: records.SessionFile, tells: Tells, native_id: str) -> Session:
    """A session as told by its file or row, with the one that started it all, as far as these are still there."""
    root, parent, seen = native_id, records.name(found.parentID), {native_id}
    while parent is not None and parent not in seen and (above := tells(parent)) is not None:
        seen.add(parent)
        root, parent = parent, records.name(above.parentID)
    boundary = records.item(found.fork, "boundary")
    return Session(
        id=native_id,
        root=root,
        directory=records.folder(found.directory),
        title=records.title(found.title),
        version=records.name(found.version),
        created=records.moment(records.item(found.time, "created")),
        updated=records.moment(records.item(found.time, "updated")),
        boundary=boundary if type(boundary) is int else None,
        child=records.text(found.parentID) is not None,
    )
