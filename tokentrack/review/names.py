"""A figure's name, as it is typed or stands behind a number on screen ▶ the requests that it is made of."""

from __future__ import annotations

import re
import sqlite3
from datetime import date

from tokentrack import clock
from tokentrack.agents import AGENTS
from tokentrack.review import usage
from tokentrack.store import logs, read, tasks
from tokentrack.store.read import Where

ALL = "all"
"""The name of everything ever read."""


class UnknownName(Exception):
    """No figure has this name, or several have it; the message is for the person."""


class BackwardDays(UnknownName):
    """Days that end before they begin: no figure, but a slip of the keyboard."""

    def __init__(self, first: date, last: date) -> None:
        super().__init__(f"days:{first}..{last} ends before it begins; write days:{last}..{first}")


_WIDE = re.compile(r"(?:^| )(?P<kind>model|project|branch):")
"""Where the name of one begins: paths, models and branches may hold anything."""
_NARROWED = re.compile(
    r"(?:(?P<within>.+) )?(?:(?P<kind>agent|turn|session|tasks?|rework):(?P<one>\S+)"
    r"|(?P<wide>model|project|branch|outcome):(?P<rest>.+)|(?P<plain>no task|unlinked|rework))",
    re.DOTALL,
)
"""`today agent:codex`, `4908 turn:3`, `week:2026-W47 project:/w/app`, `task:PAY-12 rework`: a figure, or a part of one."""


def narrowing(db: sqlite3.Connection, name: str) -> tuple[str, str, str] | None:
    """(what is narrowed, by which kind, to what) by the last part of a name; None where it has none.

    What a path, a model or a branch is called may read like a part itself: the longest name that was ever met is meant.
    """
    for at in _WIDE.finditer(name):
        value = name[at.end() :]
        if " " in value and read.known(db, at["kind"], value):
            return name[: at.start()], at["kind"], value
    part = _NARROWED.fullmatch(name)
    if part is None:
        return None
    return part["within"] or "", part["kind"] or part["wide"] or part["plain"], part["one"] or part["rest"] or ""


def find(db: sqlite3.Connection, name: str) -> tuple[str, Where]:
    """What a figure's name means: `today`, `all`, `day:…`, `days:…..…`, `week:…`, `month:…`, a session, a request.

    `sessions:a,b@2..5` are several sessions, of some only these turns (`b@6..`: these and later ones).
    `agent:…`, `model:…`, `project:…`, `branch:…`, `session:…`, `turn:…`, `task:…`, `outcome:…`, `no task`, `unlinked`, `rework`
    and `rework:…` (what the shipping of one task made rework) may follow and narrow it. Raises UnknownName.
    """
    if not name.strip():
        raise UnknownName(f"nothing is named: {NAMES}")
    if part := narrowing(db, name):
        within, kind, value = part
        figure, where = find(db, within or ALL)
        return figure + name[len(within) :] if within else name, _narrowed(db, where, kind, value)
    if where_of_days := _days(name):
        return name, where_of_days
    kind, _, rest = name.partition(":")
    if kind == "sessions" and rest:
        named = rest.split(",")
        return name, Where(parts=tuple(map(_part, named))) if "@" in rest else Where(sessions=tuple(named))
    if sessions := read.sessions_like(db, name):
        if len(sessions) > 1:
            raise UnknownName(f"{name} may be " + ", ".join(session.id for session in sessions))
        return f"session {sessions[0].id}", Where(session=sessions[0].id)
    if tasks.tasks_like(db, name):
        return f"task {name}", Where(tasks=(_task(db, name),))
    keys = read.request_keys_like(db, name)
    if len(keys) == 1:
        return f"request {keys[0]}", Where(key=keys[0])
    if keys:
        raise UnknownName(f"{name} may be " + ", ".join(keys))
    raise UnknownName(f"nothing here is called {name}: {NAMES}")


NAMES = (
    "name a session, a task, a request, today, all, day:…, week:…, month:…, agent:…, model:…, project:…, branch:… "
    "or session:…"
)


def _narrowed(db: sqlite3.Connection, where: Where, kind: str, value: str) -> Where:
    match kind:
        case "no task" | "unlinked":
            return where._replace(tasks=(kind,))
        case "rework":
            return where._replace(rework_of=_task(db, value)) if value else where._replace(outcome=kind)
        case "task":
            return where._replace(tasks=(_task(db, value),))
        case "tasks":
            return where._replace(tasks=tuple(_task(db, name) for name in value.split(",")))
        case "session":
            return where._replace(session=_session(db, value))
        case "turn":
            if not value.isdecimal() or where.session is None:
                raise UnknownName(f"turn:{value} is no turn: it follows a session and is a number")
            return where._replace(turn=int(value))
    return {
        "agent": where._replace(agent=value),
        "model": where._replace(model=value),
        "project": where._replace(project=value),
        "branch": where._replace(branch=value),
        "outcome": where._replace(outcome=value),
    }[kind]


def _part(name: str) -> tuple[str, int, int | None]:
    """`ID@2..5` as (ID, 2, 5); all turns of a session that names none. Raises UnknownName."""
    session, _, turns = name.partition("@")
    first, dots, last = turns.partition("..")
    if turns and not (dots and first.isdecimal() and (last.isdecimal() or not last)):
        raise UnknownName(f"{name} names no turns: write them as {session}@2..5 or {session}@6..")
    return session, int(first or 0), int(last) if last else None


def _session(db: sqlite3.Connection, name: str) -> str:
    found = read.sessions_like(db, name)
    if not found:
        raise UnknownName(f"no session is called {name}: “tokentrack sessions” lists them")
    if len(found) > 1:
        raise UnknownName(f"{name} may be " + ", ".join(session.id for session in found))
    return found[0].id


def _task(db: sqlite3.Connection, name: str) -> str:
    """The id of a task named by its id, the beginning of it, or its key."""
    found = tasks.tasks_like(db, name)
    if not found:
        raise UnknownName(f"no task is called {name}: “tokentrack task list” lists them")
    if len(found) > 1:
        raise UnknownName(f"{name} may be " + ", ".join(f"{task.id} ({task.name})" for task in found))
    return found[0].id


def _days(name: str) -> Where | None:
    if name == ALL:
        return Where()
    if name == "today":
        return Where(*clock.span(clock.today(), clock.today()))
    kind, _, rest = name.partition(":")
    try:
        days = days_of(name)
        if days is None:
            return None
        if days[0] > days[1]:
            raise BackwardDays(*days)
        return Where(*clock.span(*days))
    except (ValueError, OverflowError):
        raise UnknownName(f"{rest} is no {'span of days' if kind == 'days' else kind}") from None


def days_of(name: str) -> tuple[date, date] | None:
    """First and last day of `day:…`, `days:…..…`, `week:…` or `month:…`; None: it is called otherwise.

    Raises ValueError or OverflowError for what is no day, week or month.
    """
    kind, _, rest = name.partition(":")
    if not rest:
        return None
    if kind == "days":
        first, last = map(date.fromisoformat, rest.split("..", 1))
        return first, last
    begins = {"day": date.fromisoformat, "week": clock.parse_week, "month": clock.parse_month}
    if kind not in begins:
        return None
    first, after = clock.period(kind, begins[kind](rest))
    return first, after - clock.DAY


def check(db: sqlite3.Connection, where: Where) -> None:
    """Raises UnknownName for an agent, a model, a project or a branch that nothing here has."""
    if where.agent is not None and where.agent not in [agent.NAME for agent in AGENTS]:
        if where.agent not in logs.agents_seen(db):
            raise UnknownName(f"no agent is called {where.agent}: there are {', '.join(a.NAME for a in AGENTS)}")
    for value, only, kind in (
        (where.model, Where(model=where.model), "model"),
        (where.project, Where(project=where.project), "project"),
        (where.branch, Where(branch=where.branch), "branch"),
    ):
        if value not in (None, read.UNKNOWN) and not read.session_count(db, only) and not usage.unrecorded(db, only):
            raise UnknownName(f"no {kind} is called {value}: “tokentrack usage --by {kind}” lists them")
