"""A labelled set of sessions around real repository histories, replayed day by day or week by week as a person confirms them.

The set is built and scored by the scripts in ../shared/linkset; here is what lies between: sessions are read, tasks entered, and
each evening suggestions are asked for, written down, and the truth is linked. Nothing newer than the evening is used.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from claude_logs import Machine

from tokentrack import repositories, rules
from tokentrack.linking.keys import is_trunk
from tokentrack.model.tasks import Link, Span, Task
from tokentrack.review import suggesting
from tokentrack.store import StoreError, links, open_store, tasks, transaction
from tokentrack.store import rules as stored_rules
from tokentrack.store.copies import copy_to

Line = dict[str, Any]
"""A prediction, as score_links.py reads it."""


def ms(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


@dataclass
class Linkset:
    """A set that was built: its home folder, its tasks, and its sessions with their true tasks."""

    folder: Path
    scripts: Path
    tasks: list[dict[str, Any]]
    projects: dict[str, Path]
    sessions: list[dict[str, Any]]

    @property
    def home(self) -> Path:
        return self.folder / "home"

    def steps(self, each: str = "day", together: int = 1) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        """So many days or weeks: the last day, and the sessions that ended until then, in the order in which the person
        confirms them."""
        found: dict[str, list[dict[str, Any]]] = {}
        for session in sorted(self.sessions, key=lambda one: one["order"]):
            found.setdefault(session[each], []).append(session)
        while found:
            sessions = [one for name in list(found)[:together] for one in found.pop(name)]
            yield max(one["day"] for one in sessions), sessions

    def score(self, lines: Iterable[Line]) -> dict[str, Any]:
        """What score_links.py makes of predictions."""
        file = self.folder / "predictions.jsonl"
        file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        command = [sys.executable, self.scripts / "score_links.py", self.folder, file, "--json"]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        scores: dict[str, Any] = json.loads(told)["all"]
        return scores


def scripts_in(shared: Path) -> Path:
    """Where the scripts are; skips the test where there are none."""
    place = shared / "linkset"
    if not place.is_dir():
        pytest.skip("no labelled set at ../shared/linkset")
    return place


def build(scripts: Path, folder: Path, histories: Iterable[str], seed: int, sessions: int) -> Linkset:
    """The set of these development histories."""
    files = [str(scripts / "dev" / f"{name}.json") for name in histories]
    given = ["--out", str(folder), "--seed", str(seed), "--sessions", str(sessions)]
    subprocess.run([sys.executable, str(scripts / "make_linkset.py"), *files, *given], capture_output=True, check=True)
    told = json.loads((folder / "tasks.json").read_text(encoding="utf-8"))
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    projects = {one["name"]: folder / "home" / one["path"] for one in told["projects"]}
    return Linkset(folder, scripts, told["tasks"], projects, truth["sessions"])


@contextmanager
def read_once(made: Linkset, empty_store: Path) -> Iterator[Replay]:
    """Its sessions and repositories read; nothing is confirmed yet."""
    with closing(Machine(made.home, shutil.copy(empty_store, made.folder / "store.db"))) as machine:
        yield Replay(made, machine)


def evening(day: str) -> int:
    return ms(f"{day}T23:59:59.999+00:00")


class Replay:
    """A set in a store: its sessions read, its repositories too, its tasks entered."""

    def __init__(self, given: Linkset, machine: Machine) -> None:
        self.set, self.db = given, machine.db
        machine.home = given.home
        machine.scan()
        self.ids = {native: session.id for native, session in machine.sessions.items()}
        for project in given.projects.values():
            repositories.refresh(self.db, str(project), ms("2100-01-01T00:00:00+00:00"), seconds=60)
        with transaction(self.db):
            self.tasks = {one["id"]: tasks.add(self.db, self._task(one)).id for one in given.tasks}
        self.names = {uid: name for name, uid in self.tasks.items()}

    @contextmanager
    def copied(self, store: Path) -> Iterator[Replay]:
        """The same in a store of its own, so that a set is read once and replayed in several ways."""
        copy_to(self.db, store)
        with closing(open_store(store)) as db:
            other = copy(self)
            other.db = db
            yield other

    @contextmanager
    def at_home(self) -> Iterator[None]:
        """The person's home folder is the set's: what lies elsewhere below a temporary folder is temporary."""
        names = ("HOME", "USERPROFILE")
        before = {name: os.environ[name] for name in names if name in os.environ}
        os.environ |= dict.fromkeys(names, str(self.set.home))
        try:
            yield
        finally:
            for name in names:
                del os.environ[name]
            os.environ |= before

    def _task(self, one: dict[str, Any]) -> Task:
        place = str(self.set.projects[one["project"]])
        return Task("", one["title"], one["key"], one["url"], place, ms(one["created_at"]))

    def suggested(self, each: str = "day") -> Iterator[Line]:
        """Each evening's suggestions for the sessions of the day, or week, which are linked as is true after that."""
        for day, sessions in self.set.steps(each):
            yield from self.suggested_on(day, {self.ids[one["session"]] for one in sessions})
            with transaction(self.db):
                for one in sessions:
                    self._confirm(one, evening(day))

    def suggested_on(self, day: str, wanted: set[str]) -> Iterator[Line]:
        ranks: dict[str, int] = {}
        with self.at_home():
            told = suggesting.suggest(self.db, evening(day))
        for offer in told:
            if offer.session in wanted:
                ranks[offer.session] = ranks.get(offer.session, 0) + 1
                yield {
                    "session": offer.native_id, "turns": list(offer.turns), "task": self.names[offer.task],
                    "tier": offer.signal, "preselected": offer.preselected, "rank": ranks[offer.session],
                }  # fmt: skip

    def _confirm(self, session: dict[str, Any], now: int) -> None:
        for part in session["segments"]:
            task = None if part["task"] is None else self.tasks[part["task"]]
            links.put(self.db, self.ids[session["session"]], task, Span(*part["turns"]), "manual", now)

    def ruled(self, days: int = 1) -> tuple[int, int]:
        """(right, all) of what rules linked, which is looked at after so many days: there is a rule for each task's key and
        for each branch whose session was confirmed."""
        right = count = 0
        with transaction(self.db):
            self._rules_of_keys()
        for day, sessions in self.set.steps("day", days):
            with self.at_home(), transaction(self.db):
                rules.apply(self.db, evening(day))
            for one in sessions:
                mine = links.links(self.db, [self.ids[one["session"]]])
                told = [self._is_right(link, one) for link in mine if link.source == "rule"]
                right, count = right + sum(told), count + len(told)
                with transaction(self.db):
                    if not all(told):
                        links.cut_out(self.db, self.ids[one["session"]], Span())
                    if not mine or not all(told):
                        self._confirm(one, evening(day))
                    self._rules_of(one, evening(day))
        return right, count

    def _is_right(self, link: Link, session: dict[str, Any]) -> bool:
        """Whether all turns of a link are of its task; on a cut either side's task is right, copies do not count."""
        last = session["n_turns"] - 1
        true = {
            turn: {part["task"]}
            for part in session["segments"]
            for turn in range(part["turns"][0], (last if part["turns"][1] is None else part["turns"][1]) + 1)
        }
        for turn in session["soft_turns"]:
            true[turn] = {task for near in (turn - 1, turn, turn + 1) for task in true.get(near, ())}
        mine = [turn for turn in true if link.turns.holds(turn) and turn >= session["copied_turns"]]
        return all(self.names.get(link.task or "") in true[turn] for turn in mine)

    def _rules_of_keys(self) -> None:
        for one in self.set.tasks:
            if one["key"]:
                place, uid = str(self.set.projects[one["project"]]), self.tasks[one["id"]]
                stored_rules.add(self.db, "key", place, one["key"], uid, ms(one["created_at"]))

    def _rules_of(self, session: dict[str, Any], now: int) -> None:
        for part in session["segments"]:
            branch = part["branches"][-1] if part["branches"] else None
            if part["task"] is None or is_trunk(branch):
                continue
            place = str(self.set.projects[session["repo"]])
            try:
                stored_rules.add(self.db, "branch", place, str(branch), self.tasks[part["task"]], now)
            except StoreError:  # the branch has a rule already
                continue
