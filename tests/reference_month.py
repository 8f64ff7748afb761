"""A person's weeks as agents, git and the person leave them: the reference week of the product (AC 39), over and over.

Each week has 30 sessions that the inbox shows in 9 groups, and 4 tasks that look finished when it is looked back on: two merged,
one finished by the person, one quiet since the week before. What the work is called comes from the labelled set's histories
where they are, else from the sample logs; how much it used comes from the sample logs. The same is made every time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from claude_logs import BEGIN, Machine, answer, prompt, usage
from git_repositories import Repo

from tokentrack import clock, repositories
from tokentrack.model.costs import Charge, Plan
from tokentrack.model.tasks import Span, Task
from tokentrack.review import closing, worth
from tokentrack.store import journal, links, tasks, transaction, write
from tokentrack.store import money as entries

SESSIONS, GROUPS, FINISHED = 30, 9, 4
LAST_MONDAY = date(2026, 11, 16)
HISTORIES = Path(__file__).parents[2] / "shared/linkset/dev"
HOUR, DAY = 3600.0, 86_400.0
SUNDAY_EVENING = 6 * DAY + 20 * HOUR
LIKE_A_DAY = 25
"""Times as much as in a sample's request: a turn here stands for what an agent does in an hour."""
Shape = tuple[str, int, int, int, int]
"""(model, input, output, cache write, cache read) of a request."""


# ---- what it is made of ----------------------------------------------------------------------------------------------


def shapes(sample_logs: Path) -> list[Shape]:
    """Figures of real requests, each once."""
    found: dict[str, Shape] = {}
    for record in _records(sample_logs):
        message = record.get("message") or {}
        counted = message.get("usage") if record.get("type") == "assistant" else None
        if counted and not message["model"].startswith("<"):
            told = (counted.get(name) or 0 for name in ("input_tokens", "output_tokens", *CACHED))
            found[message["id"]] = (message["model"], *told)
    return list(found.values())


CACHED = ("cache_creation_input_tokens", "cache_read_input_tokens")


def names(sample_logs: Path, histories: Path) -> Iterator[str]:
    """What pieces of work are called: subjects of a real history; without one, first prompts of the sample logs."""
    file = histories / "vorta.json"
    if file.is_file():
        commits = json.loads(file.read_text(encoding="utf-8"))["commits"]
        told = (re.sub(r"( By @.*)?(\(#.*)?$", "", one["subject"]).strip(" .") for one in commits if one["pr"])
    else:
        asked = (record["message"]["content"] for record in _records(sample_logs) if record.get("type") == "user")
        told = (text.strip().partition("\n")[0][:60] for text in asked if isinstance(text, str))
    plain = [text for text in dict.fromkeys(told) if re.fullmatch(r"[A-Z][\w ,:/'-]{9,}", text)] or ["Piece of work"]
    for round_ in range(1, 1000):
        yield from (text if round_ == 1 else f"{text}, part {round_}" for text in plain)


def _records(sample_logs: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(sample_logs.rglob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)


# ---- the weeks -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Group:
    """Sessions of a week that the inbox shows together. `task` is what they truly belong to, None: nothing."""

    name: str
    title: str
    branch: str
    many: int
    task: Task | None
    repo: str
    days: tuple[int, ...] = (0, 1, 2, 3, 4)


class Month:
    """Weeks in a machine's home folder and store, lived one after the other.

    `twice` tells of a Monday whether each request of its week was made twice, under other ids.
    """

    def __init__(
        self,
        machine: Machine,
        sample_logs: Path,
        histories: Path,
        weeks: int = 4,
        twice: Callable[[date], bool] = lambda _: False,
    ) -> None:
        self.machine, self._twice = machine, twice
        self.mondays = [LAST_MONDAY - 7 * clock.DAY * back for back in reversed(range(weeks))]
        self._names, self._shapes = names(sample_logs, histories), shapes(sample_logs)
        self._sessions = 0
        self.repos = {name: Repo(machine.home / "code" / name) for name in ("backup", "ops")}
        for repo in self.repos.values():
            repo.commit("Begin", "README", at=self._seconds(self.mondays[0]) - DAY)
        self.truth: dict[str, Task | None] = {}
        """Session's native id ▶ its task."""
        self.merged: dict[date, list[Task]] = {}
        self.ended: dict[date, Task] = {}
        self.quiet: dict[date, Task] = {}
        """Begun in the week and used no more after it, so that it looks finished in the week after."""
        first = self.mondays[0] - clock.DAY
        self.long = [
            self._task(key, first, repo) for key, repo in (("BUP-1", "backup"), ("BUP-2", "backup"), ("OPS-1", "ops"))
        ]
        """Tasks that go on in every week."""

    @property
    def db(self) -> Any:
        return self.machine.db

    def sunday(self, monday: date) -> str:
        """When the week is looked back on, for TOKENTRACK_NOW."""
        return (BEGIN + timedelta(seconds=self._seconds(monday) + SUNDAY_EVENING)).isoformat()

    def now(self, monday: date) -> int:
        return round(datetime.fromisoformat(self.sunday(monday)).timestamp() * 1000)

    def live(self, monday: date) -> None:
        """What happens in a week until its Sunday evening: sessions, commits, merges, and one task that is said to be done."""
        for group in self._groups(monday):
            for number in range(group.many):
                self._session(monday, group, number)
        for at, task in enumerate(self.merged[monday]):
            self._merge(monday, task, at)
        self.machine.scan()
        repositories.refresh_all(self.db, self.now(monday))
        with self._said("Finished", self._ms(monday, 4 * DAY + 17 * HOUR)) as at_:
            tasks.finish(self.db, self.ended[monday].id, "delivered", "to whoever asked", at_)

    def link(self, monday: date, wanted: Callable[[str], bool] = lambda _: True) -> None:
        """All that waits belongs to what it was done for; of sessions by their native ids."""
        now, ids = self.now(monday), {one.native_id: one.id for one in self.machine.sessions.values()}
        waiting = {session for session, _ in links.waiting(self.db)}
        with self._said("Linked", now):
            for native, task in self.truth.items():
                if ids[native] in waiting and wanted(native):
                    links.put(self.db, ids[native], task.id if task else None, Span(), "manual", now)

    def judge(self, monday: date) -> None:
        """What came of the tasks that look finished, as the person says on Sunday evening."""
        now = self.now(monday)
        with self._said("Judged", now):
            for task in self.merged[monday]:
                tasks.finish(self.db, task.id, "shipped", "", now)
                worth.answer(self.db, task.id, "yes", now)
            before = self.quiet.get(monday - 7 * clock.DAY)
            if before:
                tasks.finish(self.db, before.id, ("learned", "abandoned")[monday.day % 2], "what it taught", now)

    def close(self, monday: date) -> None:
        with transaction(self.db):
            closing.close(self.db, monday, self.now(monday), "a note", "ask for less context")

    # a week's work ---------------------------------------------------------------------------------------------------

    def _groups(self, monday: date) -> Iterator[Group]:
        """Nine: six whose branch names a task, two with two keys in the title, one that names none."""
        number = 10 * (self.mondays.index(monday) + 1)
        one, two = (self._task(f"BUP-{number + n}", monday, "backup") for n in (1, 2))
        ended = self.ended[monday] = self._task(f"BUP-{number + 3}", monday, "backup")
        quiet = self.quiet[monday] = self._task(f"BUP-{number + 4}", monday, "backup")
        self.merged[monday] = [one, two]
        long, other, ops = self.long
        own = ((one, 5, (0, 1, 2)), (two, 4, (1, 2)), (ended, 4, (2, 3)), (quiet, 3, (0, 1)), (long, 3, (4, 5)))
        for task, many, days in own:
            yield Group(task.key or "", task.title, branch_of(task), many, task, "backup", days)
        yield Group("ops", ops.title, branch_of(ops), 3, ops, "ops")
        yield Group("tie", f"{long.key} and {other.key} look alike", "main", 1, long, "backup")
        yield Group("tie", f"{long.key} or {other.key}, which first?", "main", 1, long, "backup")
        yield Group("tied", f"{other.key} before {ops.key}, or {long.key} and {ops.key}?", "main", 1, other, "ops")
        yield Group("odd", "What does this do?", "main", 5, None, "notes")

    def _session(self, monday: date, group: Group, number: int) -> None:
        """Two turns, or one of a request that has no task."""
        self._sessions += 1
        name = f"{clock.week_name(monday)}-{group.name}-{self._sessions}"
        self.truth[name] = group.task
        start = (
            self._seconds(monday) + group.days[number % len(group.days)] * DAY + (8 + number) * HOUR + self._sessions
        )
        cwd = str(self.machine.home / "code" / group.repo)
        told = {"sessionId": name, "cwd": cwd, "gitBranch": group.branch}
        records = []
        for turn in range(2 if group.task else 1):
            t = start + turn * 600
            records.append(
                prompt(f"{group.title}, {number}" if turn == 0 else "go on", t, uuid=f"u-{name}-{turn}", **told)
            )
            for copy in range(2 if self._twice(monday) else 1):
                id_ = f"{name}-{turn}-{copy}"
                records.append(self._answer(id_, t + 30 + copy, LIKE_A_DAY if group.task else 3, told))
        self.machine.log(f"P/{name}.jsonl", *records)

    def _answer(self, name: str, t: float, times: int, told: dict[str, str]) -> dict[str, Any]:
        model, inp, out, written, cached = self._shapes[self._sessions % len(self._shapes)]
        figures = usage(inp * times, out * times, written * times, cached * times)
        return answer(f"m-{name}", f"r-{name}", t, model=model, figures=figures, uuid=f"a-{name}", **told)

    def _merge(self, monday: date, task: Task, at: int) -> None:
        repo = self.repos["backup"]
        repo.t = self._seconds(monday) + (1 + at) * DAY
        repo.merged(branch_of(task), f"{task.key}: {task.title}", f"{task.key}.txt", later=DAY + HOUR)

    def _task(self, key: str, monday: date, repo: str) -> Task:
        at = self._ms(monday, 7 * HOUR)
        with self._said("Added a task", at):
            place = str(self.machine.home / "code" / repo)
            return tasks.add(self.db, Task("", next(self._names), key, None, place, at, size="M"))

    # times -----------------------------------------------------------------------------------------------------------

    def _seconds(self, monday: date) -> float:
        """From the beginning of logs to the beginning of a week."""
        return clock.start_of(monday) / 1000 - BEGIN.timestamp()

    def _ms(self, monday: date, seconds: float) -> int:
        return clock.start_of(monday) + round(seconds * 1000)

    @contextmanager
    def _said(self, what: str, at: int) -> Iterator[int]:
        """One step of the person's, and its time."""
        with transaction(self.db), journal.change(self.db, what, at):
            yield at


def branch_of(task: Task) -> str:
    return f"feat/{task.key}-{re.sub(r'[^a-z]+', '-', task.title.lower())[:16].strip('-')}"


def enter_money(machine: Machine, *, budget: int, since: date) -> None:
    """A plan, a charge, a weekly budget in list value (micro-dollars), a rate, and attended time asked for."""
    with transaction(machine.db):
        entries.add_plan(machine.db, Plan(0, "Max", 100_000_000, "month", ("claude-code",), since), 0)
        entries.add_charge(machine.db, Charge(0, LAST_MONDAY + clock.DAY, 6_000_000, "extra usage"), 0)
        write.add_budget(machine.db, "list_value", budget, "week", None, since, 0)
        for key, value in (("rate", "90000000"), ("attended", "on")):
            write.set_setting(machine.db, key, value)
