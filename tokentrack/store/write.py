"""Everything that changes the store. Adding the same records again, in any order and any cut, changes nothing."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from operator import itemgetter

from tokentrack.model.costs import Price, Rates
from tokentrack.model.logs import TITLE_KINDS, TOKENS_FROM, Chunk, Log, Piece, Request
from tokentrack.store import anchors
from tokentrack.store.aliases import roll_up, session_named
from tokentrack.store.closed import lies_open
from tokentrack.store.rows import SUMS, request_of
from tokentrack.store.twins import TOUCHED, aside, settle

Priced = Callable[[Request], tuple[int | None, int | None]]
"""(micro-dollars, number of the price) of a request; (None, None): unpriced. Set anew for each transaction."""
ProjectOf = Callable[[str], tuple[str, str] | None]
"""(path, name) of the project that a folder belongs to."""

_Key = tuple[object, ...]
"""Agent and key of a request."""
MOST_REMEMBERED = 200_000
"""Keys held in memory while a store is filled for the first time; beyond that it is asked."""
MOST_NAMED = 500
"""Values in one `in (…)`: far below what SQLite takes."""
_WEAKNESS = {name: place for place, name in enumerate(TOKENS_FROM)}
NEVER = 10**15 - 1
"""Stands for a time that is not known where an older time wins."""


@dataclass(slots=True)
class Added:
    """`new`: requests that count now and did not before, so no copies under other keys."""

    new: int = 0
    changed: int = 0


@dataclass(slots=True)
class _Rows:
    """Rows of one transaction, gathered so that each table is written in one go."""

    requests: list[tuple[object, ...]] = field(default_factory=list)
    turns: list[tuple[object, ...]] = field(default_factory=list)
    titles: list[tuple[object, ...]] = field(default_factory=list)
    marks: list[tuple[object, ...]] = field(default_factory=list)
    searches: list[tuple[object, ...]] = field(default_factory=list)
    problems: list[tuple[object, ...]] = field(default_factory=list)
    limits: list[tuple[object, ...]] = field(default_factory=list)
    twins: list[tuple[object, ...]] = field(default_factory=list)


class Writer:
    """Adds chunks to the store. Keeps the numbers of places, models and projects for one transaction."""

    def __init__(self, db: sqlite3.Connection, project_of: ProjectOf) -> None:
        self.db = db
        self.priced: Priced = lambda _request: (None, None)
        self.project_of = project_of
        self._forget()
        self._keys: set[_Key] | None = None
        self._seen = -1
        self._taken_up: dict[int, int] = {}
        db.executescript(f"{_TOUCHED};\n{TOUCHED};\n{anchors.MOVED}")

    def add(self, found: Sequence[tuple[Log, Chunk]], now: int) -> Added:
        """Records and cursors of some chunks. Call inside a transaction, with the caller's prices stored right after."""
        self._forget()
        db, rows = self.db, _Rows()
        self._remember()
        db.execute("delete from touched")
        last_known = db.execute("select coalesce(max(id), 0) from requests").fetchone()[0]
        self._taken_up.clear()
        told = [
            (log if chunk.subagent is None else log._replace(subagent=chunk.subagent), chunk) for log, chunk in found
        ]
        sessions = [[self._session(log, piece) for piece in chunk.pieces] for log, chunk in told]
        for (log, chunk), named in zip(told, sessions, strict=True):
            owners = [self._stays(session) for session in named]
            log_id = self._log(log, chunk, owners, now)
            for piece, session in zip(chunk.pieces, owners, strict=True):
                if session is not None:
                    self._gather(rows, log, piece, session, log_id)
            rows.problems += [(log_id, problem.offset, problem.reason) for problem in chunk.problems]
            rows.limits += [(log.agent, *limit) for limit in chunk.limits]
        added = self._write(rows)
        self._price_again()
        refresh_touched(db)
        anchors.bring_along(db, last_known)
        return added

    # ------------------------------------------------------------------------------------------ logs and sessions

    def _session(self, log: Log, piece: Piece) -> int | None:
        """The session a piece belongs to; none while its log holds nothing but notes about others."""
        native = piece.session
        if piece.first_at is None and not piece.requests and not piece.titles and not piece.by_turn:
            known = self.db.execute("select session_id from logs where agent = ? and path = ?", [log.agent, log.name])
            row = known.fetchone()
            return row["session_id"] if row else None
        rank = f"{int(log.subagent)}{_age(piece.first_at)}"
        row = self.db.execute(
            "select id, cwd_rank from sessions where id = ?", [session_named(self.db, log.agent, native)]
        ).fetchone()
        if row is None:
            named = (session_uid(log.agent, native), log.agent, native, TOKENS_FROM.index(piece.tokens_from))
            folder = (piece.cwd, rank, self._project(piece.cwd)) if piece.cwd else (None, None, None)
            inserted = self.db.execute(_INSERT_SESSION, [*named, *folder])
            session = int(inserted.fetchone()[0])
        else:
            session = int(row["id"])
            if piece.cwd and (row["cwd_rank"] is None or rank < row["cwd_rank"]):
                self.db.execute(
                    "update sessions set cwd = ?, cwd_rank = ?, project_id = ? where id = ?",
                    [piece.cwd, rank, self._project(piece.cwd), session],
                )
        if log.session is None and piece.first_at is not None:
            self.db.execute(_UPSERT_BEGINNING, [session, piece.first_at])
        if row is not None and piece.tokens_from != TOKENS_FROM[0]:
            self.db.execute(
                "update sessions set tokens_base = max(tokens_base, ?) where id = ?",
                [TOKENS_FROM.index(piece.tokens_from), session],
            )
        if piece.by_turn:
            self.db.execute("insert or ignore into by_turn values (?)", [session])
            self.db.executemany(
                "insert or ignore into session_models values (?, ?)", [(session, model) for model in piece.models]
            )
        self._taken_up |= roll_up(self.db, log.agent, piece.aliases, session)
        self.db.execute("insert into touched values (?)", [session])
        return session

    def _stays(self, session: int | None) -> int | None:
        """The session that a session was taken up into by a later piece, else itself."""
        while session in self._taken_up:
            session = self._taken_up[session]
        return session

    def _log(self, log: Log, chunk: Chunk, sessions: list[int | None], now: int) -> int:
        session = sessions[0] if len(sessions) == 1 else None
        first_at = min((piece.first_at for piece in chunk.pieces if piece.first_at is not None), default=None)
        row = self.db.execute(
            """insert into logs (agent, path, root, session_id, subagent, size, mtime_ns, inode, cursor, first_at, version,
                                 read_at)
               values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
               on conflict (agent, path) do update set root = excluded.root,
                 session_id = coalesce(excluded.session_id, session_id), size = excluded.size,
                 mtime_ns = excluded.mtime_ns, inode = excluded.inode, cursor = excluded.cursor,
                 first_at = excluded.first_at, version = coalesce(excluded.version, version), read_at = excluded.read_at,
                 gone_at = null, error = null
               returning id""",
            [
                log.agent, log.name, str(log.root), session, int(log.subagent), log.size if not chunk.more else -1,
                log.mtime_ns, log.inode, chunk.cursor, first_at, chunk.version, now,
            ],
        ).fetchone()  # fmt: skip
        if chunk.restarted:
            self.db.execute("delete from problems where log_id = ?", [row[0]])
            self.db.execute("update logs set unreadable = 0 where id = ?", [row[0]])
        return int(row[0])

    # ------------------------------------------------------------------------------------------ rows

    def _gather(self, rows: _Rows, log: Log, piece: Piece, session: int, log_id: int) -> None:
        agent, age = log.agent, _age(piece.first_at)
        owners = [f"{claim}{age} {piece.session}" for claim in range(3)]
        priced, models, places = self.priced, self._models, self._places
        for request in piece.requests:
            (key, at, model, tokens_in, out, cache_read, write_5m, write_1h, reasoning, searches, variant, recorded,
             tokens_from, standing, claim, cwd, branch, offset, twin) = request  # fmt: skip
            value, price = priced(request)
            rows.requests.append((
                agent, key, session, at, models.get(model) or self._model(model), tokens_in, out, cache_read, write_5m,
                write_1h, standing, log_id, offset, owners[claim], places.get((cwd, branch)) or self._place(cwd, branch),
                value, price, _WEAKNESS[tokens_from], variant, searches, reasoning, recorded,
            ))  # fmt: skip
            if twin is not None:
                rows.twins.append((agent, key, twin))
        rows.turns += [(session, turn.native_id, turn.at, turn.offset, turn.leaf) for turn in piece.turns]
        rows.titles += [(session, title.kind, title.leaf or "", title.offset, title.text) for title in piece.titles]
        rows.marks += [(session, mark.at or 0, mark.kind, mark.value, mark.source) for mark in piece.marks]
        rows.searches += [(agent, search.tool_use_id, search.request_key, search.searches) for search in piece.searches]

    def _write(self, rows: _Rows) -> Added:
        db = self.db
        known_copies = aside(db) if rows.twins else 0
        added = self._write_requests(rows.requests)
        if rows.twins:
            settle(db, rows.twins)
            added.new -= aside(db) - known_copies
        db.executemany(_UPSERT_TURN, rows.turns)
        db.executemany(_UPSERT_TITLE, rows.titles)
        db.executemany(
            "insert into touched select session_id from turns where leaf = ?",
            [(leaf,) for _, _, leaf, _, _ in rows.titles if leaf],
        )
        db.executemany(
            "insert into touched select session_id from titles where leaf = ? and leaf <> ''",
            [(leaf,) for *_, leaf in rows.turns if leaf],
        )
        db.executemany(
            "insert or ignore into marks (session_id, at, kind, value, source) values (?, ?, ?, ?, ?)", rows.marks
        )
        db.executemany("insert or replace into problems (log_id, position, reason) values (?, ?, ?)", rows.problems)
        db.executemany(_COUNT_PROBLEMS, {(log_id,) for log_id, _, _ in rows.problems})
        db.executemany(_UPSERT_LIMIT, rows.limits)
        if rows.searches:
            self._count_searches(rows.searches)
        return added

    def _write_requests(self, rows: list[tuple[object, ...]]) -> Added:
        """Most requests are new and plainly inserted, at half the price of an upsert; the others meet their copies."""
        rows.sort(key=itemgetter(1))  # neighbours in the index are a third less work
        keys = [row[:2] for row in rows]
        told = dict(zip(keys, rows, strict=True))  # copies are met in any order, so the last one may come first
        known = self._known(told.keys())
        new, met = list(told.values()), []
        if known or len(told) < len(rows):
            new = [row for key, row in told.items() if key not in known]
            met = [row for key, row in zip(keys, rows, strict=True) if key in known or told[key] is not row]
        plain = [row[:_RARE] for row in new if row[_RARE:] == _PLAIN]
        if self._keys is not None:
            self._keys.update(told)
        self.db.executemany(_INSERT_PLAIN_REQUEST, plain)
        if len(plain) < len(new):
            self.db.executemany(_INSERT_REQUEST, [row for row in new if row[_RARE:] != _PLAIN])
        changed = self.db.executemany(_UPSERT_REQUEST, met).rowcount if met else 0
        return Added(len(new), changed)

    def _known(self, keys: Set[_Key]) -> set[_Key]:
        """Of these keys those that the store has; the sessions that hold them may lose them, so they are touched."""
        known: set[_Key] = set()
        asked = sorted(keys if self._keys is None else self._keys & keys)
        for agent, of_agent in groupby(asked, key=itemgetter(0)):
            named_at_once = [key for _, key in of_agent]
            for start in range(0, len(named_at_once), MOST_NAMED):
                named = named_at_once[start : start + MOST_NAMED]
                held = self.db.execute(
                    f"select key, session_id from requests where agent = ? and key in ({', '.join('?' * len(named))})",
                    [agent, *named],
                ).fetchall()
                known.update((agent, key) for key, _ in held)
                self.db.executemany("insert into touched values (?)", {(session,) for _, session in held})
        return known

    def _count_searches(self, found: list[tuple[object, ...]]) -> None:
        """Files each search under one request; where a fork's copy names another one, under the smaller key."""
        db = self.db
        held = "select agent, request_key from searches where agent = ? and tool_use_id = ?"
        counted = {(agent, key) for agent, _, key, _ in found}
        for agent, tool_use, _, _ in found:
            counted.update(map(tuple, db.execute(held, [agent, tool_use])))
        db.executemany(_UPSERT_SEARCH, found)
        db.executemany(_COUNT_SEARCHES, [(agent, key, agent, key) for agent, key in counted])
        db.executemany("insert into touched select session_id from requests where agent = ? and key = ?", list(counted))

    def price_unpriced(self) -> None:
        """Looks again for the prices of requests that have none: the person gave one, or the price list grew.

        Not in closed weeks: what was unknown there stays unknown.
        """
        sought = f"r.price_id is null and {lies_open(self.db)}"
        self.db.execute("delete from touched")
        self.db.execute(f"insert into touched select distinct r.session_id from requests r where {sought}")
        self.db.execute(f"update requests as r set price_id = 0 where {sought}")
        self._price_again()
        refresh_touched(self.db)

    def _remember(self) -> None:
        """Of a store that began empty, and that nobody else has written to since, the keys are at hand."""
        seen = self.db.execute("pragma data_version").fetchone()[0]
        if seen != self._seen:
            self._seen = seen
            self._keys = None if self.db.execute("select 1 from requests limit 1").fetchone() else set()
        elif self._keys is not None and len(self._keys) > MOST_REMEMBERED:
            self._keys = None

    def _forget(self) -> None:
        """Numbers hold for one transaction: between two, a backup may have been put in the store's place."""
        self._places: dict[tuple[str | None, str | None], int] = {}
        self._models: dict[str | None, int] = {}
        self._projects: dict[str, int | None] = {}

    def _price_again(self) -> None:
        """Values requests whose figures changed when another copy of them was met; what is unknown in a closed week stays so."""
        unknown = f"r.price_id = 0 and r.list_value is null and not {lies_open(self.db)}"
        self.db.execute(f"update requests as r set price_id = null where {unknown}")
        rows = self.db.execute(f"{_REQUEST_COLUMNS} where r.price_id = 0").fetchall()
        self.db.executemany(
            "update requests set list_value = ?, price_id = ? where id = ?",
            [(*self.priced(request_of(row)), row["id"]) for row in rows],
        )

    # ------------------------------------------------------------------------------------------ small tables

    def _model(self, name: str | None) -> int | None:
        if name is None:
            return None
        number = self._number("models", ("name",), (name,))
        self._models[name] = number
        return number

    def _place(self, cwd: str | None, branch: str | None) -> int:
        number = self._number("places", ("cwd", "branch"), (cwd or "", branch or ""))
        self._places[cwd, branch] = number
        return number

    def _project(self, cwd: str) -> int | None:
        if cwd not in self._projects:
            found = self.project_of(cwd)
            self._projects[cwd] = self._number("projects", ("path",), (found[0],), name=found[1]) if found else None
        return self._projects[cwd]

    def _number(self, table: str, columns: tuple[str, ...], values: tuple[str, ...], **more: str) -> int:
        where = " and ".join(f"{column} = ?" for column in columns)
        row = self.db.execute(f"select id from {table} where {where}", values).fetchone()
        if row is None:
            names, marks = ", ".join((*columns, *more)), ", ".join("?" * (len(columns) + len(more)))
            row = self.db.execute(
                f"insert into {table} ({names}) values ({marks}) returning id", (*values, *more.values())
            ).fetchone()
        return int(row[0])


def session_uid(agent: str, native_id: str) -> str:
    """A session's name for the person: short, and the same in every store that has read its log."""
    import hashlib

    return hashlib.blake2b(f"{agent} {native_id}".encode("utf-8", "replace"), digest_size=5).hexdigest()


def _age(first_at: int | None) -> str:
    return f"{NEVER if first_at is None else first_at:015d}"


# ------------------------------------------------------------------------------------------------------------ statements

_TOUCHED = """
create temp table if not exists touched (id integer not null)
"""

_REQUEST_COLUMNS = "select r.*, m.name as model from requests r left join models m on m.id = r.model_id"

_INSERT_SESSION = """
insert into sessions (uid, agent, native_id, tokens_base, cwd, cwd_rank, project_id) values (?, ?, ?, ?, ?, ?, ?) returning id
"""

_FIGURES = (
    "model_id variant input output cache_read cache_write_5m cache_write_1h reasoning web_searches recorded_cost tokens_from "
    "standing"
).split()


def _rank(row: str) -> str:
    prompt = f"{row}.input + {row}.cache_read + {row}.cache_write_5m + {row}.cache_write_1h"
    model = f"coalesce((select name from models where id = {row}.model_id), '')"
    return (
        f"({row}.standing, {row}.output, {prompt} > {row}.input, {prompt}, {row}.cache_read, {row}.cache_write_1h, "
        f"{row}.cache_write_5m, {row}.web_searches, {row}.variant, {model}, coalesce({row}.reasoning, -1), "
        f"coalesce({row}.recorded_cost, 0))"
    )


_BETTER = f"{_rank('excluded')} > {_rank('requests')}"
_SAME = f"{_rank('excluded')} = {_rank('requests')}"
_OWNS = "excluded.owner < requests.owner"
_LATER = "excluded.log_id = requests.log_id and excluded.position > requests.position"
_MOVED = "exists (select 1 from logs where id = requests.log_id and gone_at is not null)"
_STANDS = f"({_BETTER} or ({_SAME} and ({_OWNS} or {_LATER} or {_MOVED})))"
_EARLIER = "(requests.at is null and excluded.at is not null) or excluded.at < requests.at"


def _either(columns: Sequence[str], rule: str) -> str:
    """These columns of the new copy where it holds, else as they are; asked once, as it costs more than all that is set."""
    new, old = (", ".join(f"{row}.{name}" for name in columns) for row in ("excluded", "requests"))
    return f"({', '.join(columns)}) = (select {new} where {rule} union all select {old} limit 1)"


_INSERT_REQUEST = """
insert into requests (agent, key, session_id, at, model_id, input, output, cache_read, cache_write_5m, cache_write_1h, standing,
                      log_id, position, owner, place_id, list_value, price_id,
                      tokens_from, variant, web_searches, reasoning, recorded_cost)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""

_PLAIN = (0, "", 0, None, None)
"""The last values of most requests: handing over and binding them is a fifth of an insert."""
_RARE = -len(_PLAIN)
_INSERT_PLAIN_REQUEST = _INSERT_REQUEST.replace("?, ?, ?, ?, ?)", "0, '', 0, null, null)")

_UPSERT_REQUEST = f"""
{_INSERT_REQUEST}
on conflict (agent, key) do update set
  {_either(_FIGURES, _BETTER)},
  {_either(("log_id", "position"), _STANDS)},
  session_id = case when {_OWNS} then excluded.session_id else requests.session_id end,
  place_id = case when {_OWNS} or (excluded.owner = requests.owner and {_STANDS}) then excluded.place_id
             else requests.place_id end,
  owner = min(requests.owner, excluded.owner),
  at = case when {_EARLIER} then excluded.at else requests.at end,
  price_id = case when {_BETTER} or {_EARLIER} then 0 else requests.price_id end
where {_STANDS} or {_OWNS} or {_EARLIER}
"""

_UPSERT_TURN = """
insert into turns (session_id, native_id, at, position, leaf, seq) values (?, ?, ?, ?, ?, -1)
on conflict (session_id, native_id) do update set leaf = coalesce(excluded.leaf, leaf),
  at = coalesce(min(at, excluded.at), at, excluded.at), position = min(position, excluded.position)
where (excluded.leaf is not null and excluded.leaf is not leaf) or excluded.position < position
  or (excluded.at is not null and (at is null or excluded.at < at))
"""

_UPSERT_TITLE = """
insert into titles (session_id, kind, leaf, position, text) values (?, ?, ?, ?, ?)
on conflict (session_id, kind, leaf) do update set position = excluded.position, text = excluded.text
where case when kind = 'prompt' then excluded.position < position else excluded.position > position end
"""

_COUNT_PROBLEMS = """
update logs set unreadable = (select count(*) from problems where log_id = logs.id) where id = ?
"""

_UPSERT_BEGINNING = """
insert into beginnings values (?, ?) on conflict (session_id) do update set first_at = min(first_at, excluded.first_at)
"""

_UPSERT_LIMIT = """
insert into limits (agent, name, window, used_percent, resets_at, seen_at) values (?, ?, ?, ?, ?, ?)
on conflict (agent, name, window) do update set used_percent = excluded.used_percent, resets_at = excluded.resets_at,
  seen_at = excluded.seen_at
where (excluded.seen_at, excluded.used_percent) > (seen_at, used_percent)
"""

_UPSERT_SEARCH = """
insert into searches (agent, tool_use_id, request_key, count) values (?, ?, ?, ?)
on conflict (agent, tool_use_id) do update set request_key = excluded.request_key, count = excluded.count
where (excluded.request_key, excluded.count) < (request_key, count)
"""

_COUNT_SEARCHES = """
update requests set price_id = 0,
  web_searches_found = (select coalesce(sum(count), 0) from searches where agent = ? and request_key = ?)
where agent = ? and key = ?
"""


def refresh_touched(db: sqlite3.Connection) -> None:
    """Brings what is kept with the touched sessions up to date: the numbers of turns, links, the title, times and sums."""
    last_prompts = anchors.held(db)
    db.execute(_NUMBER_TURNS)
    if last_prompts is not None:
        anchors.settle(db, last_prompts)
    for statement in (_TURN_OF_REQUESTS, _SUMS, _TIMES, _TIMES_BY_TURN, _TITLE):
        db.execute(statement)


_NUMBER_TURNS = """
-- a new turn has the number -1 until here
update turns set seq = n.seq
from (select session_id, native_id,
        row_number() over (partition by session_id order by coalesce(at, 0), position, native_id) - 1 as seq
      from turns where session_id in (select id from touched)) n
where turns.session_id = n.session_id and turns.native_id = n.native_id and turns.seq <> n.seq
"""

_TURN_OF_REQUESTS = """
update requests set turn = n.turn
from (select r.id, coalesce((select t.seq from turns t where t.session_id = r.session_id and t.at <= r.at
                            order by t.at desc, t.seq desc limit 1), 0) as turn
      from requests r where r.session_id in (select id from touched)) n
where requests.id = n.id and requests.turn <> n.turn
"""

_SUMS = f"""
update sessions set (requests, input, output, reasoning, cache_read, cache_write_5m, cache_write_1h, web_searches,
                     recorded_cost, list_value, unpriced, started_at, ended_at, tokens_from)
  = (select {SUMS}, min(at), max(at),
       case when count(*) > 0 and exists (select 1 from by_turn where session_id = sessions.id)
                 and count(*) >= (select count(*) from turns where session_id = sessions.id) then max(tokens_from)
            else max(coalesce(max(tokens_from), 0), sessions.tokens_base) end
     from requests where session_id = sessions.id),
  turns = (select count(*) from turns where session_id = sessions.id)
where id in (select id from touched)
"""

_TIMES = """
-- after the sums, which leave the times of the first and the last request
update sessions set
  started_at = coalesce(
    (select max(t.at) from turns t where t.session_id = sessions.id and t.at <= sessions.started_at),
    started_at,
    (select min(at) from turns where session_id = sessions.id),
    (select first_at from beginnings where session_id = sessions.id),
    (select min(first_at) from logs where session_id = sessions.id)),
  ended_at = coalesce(
    ended_at,
    (select max(at) from turns where session_id = sessions.id),
    (select first_at from beginnings where session_id = sessions.id),
    (select max(first_at) from logs where session_id = sessions.id))
where id in (select id from touched)
"""

_TIMES_BY_TURN = """
update sessions set
  started_at = (select min(at) from (select at from turns where session_id = sessions.id
                                     union all select at from requests where session_id = sessions.id)),
  ended_at = (select max(at) from (select at from turns where session_id = sessions.id
                                   union all select at from requests where session_id = sessions.id))
where id in (select id from touched) and id in (select session_id from by_turn)
  and exists (select 1 from turns where session_id = sessions.id and at is not null)
"""
"""Where most turns have no request, those tell when the session was, too."""

_OLD_SUMMARY = """(select s.text from titles s join turns t on t.leaf = s.leaf
   where s.kind = 'summary' and s.leaf <> '' and t.session_id = sessions.id order by s.position desc limit 1),
  (select s.text from titles s
   where s.kind = 'summary' and s.session_id = sessions.id
     and s.position > (select min(position) from turns where session_id = s.session_id)
     and not exists (select 1 from turns t where t.leaf = s.leaf and s.leaf <> '')
   order by s.position desc limit 1)"""
"""Old versions wrote the summary of one session into the file of the next, filed under its last answer."""


def _title_from(kind: str) -> str:
    if kind == "summary":
        return _OLD_SUMMARY
    return f"(select nullif(text, '') from titles where session_id = sessions.id and kind = '{kind}' and leaf = '')"


_TITLE = f"""
update sessions set title = coalesce({", ".join(map(_title_from, TITLE_KINDS))}) where id in (select id from touched)
"""


# ------------------------------------------------------------------------------------------------------------ the rest


def add_prices(db: sqlite3.Connection, fresh: Iterable[tuple[int, str, Price]]) -> None:
    """Keeps prices that requests refer to, under the numbers they refer to."""
    db.executemany(
        "insert or ignore into prices (id, model, variant, since, until, rates, tiers, source, matched) "
        "values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                number, price.model, variant, price.since, price.until, _rates(price.rates),
                json.dumps([[start, json.loads(_rates(rates))] for start, rates in price.tiers]), price.source, price.matched,
            )
            for number, variant, price in fresh
        ],
    )  # fmt: skip


def _rates(rates: Rates) -> str:
    return json.dumps({name: getattr(rates, name) for name in Rates.__slots__}, separators=(",", ":"))


def log_failed(db: sqlite3.Connection, log: Log, reason: str) -> None:
    """Notes on its row that a log could not be read; what was read of it before stays."""
    db.execute(
        """insert into logs (agent, path, root, subagent, size, mtime_ns, inode, error) values (?, ?, ?, ?, -1, 0, 0, ?)
           on conflict (agent, path) do update set error = excluded.error, size = -1""",
        [log.agent, log.name, str(log.root), int(log.subagent), reason],
    )


def logs_gone(db: sqlite3.Connection, ids: Iterable[int], now: int) -> int:
    """Notes that logs are no longer there, and says how many. Their rows stay: the store is the archive.

    What could never be read, a folder that nobody could look into among it, has nothing to keep and was no log.
    """
    told = 0
    for number in ids:
        db.execute("delete from logs where id = ? and read_at is null", [number])
        noted = "update logs set gone_at = ?, error = null where id = ? and gone_at is null"
        told += db.execute(noted, [now, number]).rowcount
    return told


def forget_cursors(db: sqlite3.Connection, agents: Iterable[str]) -> None:
    """Has every log of these agents read again from its start; rows are merged, none is lost."""
    db.executemany("update logs set cursor = null, size = -1 where agent = ?", [(agent,) for agent in agents])
    there = "where agent = ? and gone_at is null"
    db.executemany(
        f"delete from problems where log_id in (select id from logs {there})", [(agent,) for agent in agents]
    )
    db.executemany(f"update logs set unreadable = 0 {there}", [(agent,) for agent in agents])


def set_setting(db: sqlite3.Connection, key: str, value: str) -> None:
    db.execute(
        "insert into settings values (?, ?) on conflict (key) do update set value = excluded.value", [key, value]
    )


def begin_setting(db: sqlite3.Connection, key: str, value: str) -> None:
    """Sets what holds for all requests from the first one on: in a store that has none, and only where it is not set."""
    db.execute("insert or ignore into settings select ?, ? where not exists (select 1 from requests)", [key, value])


def add_budget(
    db: sqlite3.Connection, measure: str, amount: int, period: str, project: str | None, since: date, now: int
) -> int:
    """A budget in force from a day on; the one before it stays in force until then."""
    row = db.execute(
        "insert into budgets (measure, amount, period, project, since, made_at) values (?, ?, ?, ?, ?, ?) returning id",
        [measure, amount, period, project, since.isoformat(), now],
    ).fetchone()
    return int(row[0])
