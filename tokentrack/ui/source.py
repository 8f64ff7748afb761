"""What the interface needs of the core: plain callables, so that `ui` knows neither SQL nor threads."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from tokentrack.model import Budget, Charge, Plan, Rule, Session, Span, Task, Total
from tokentrack.review.glance import Glance

if TYPE_CHECKING:
    from tokentrack.export.options import Options
    from tokentrack.export.page import Page, Text
    from tokentrack.export.page import Row as PageRow
    from tokentrack.export.scan import Finding
    from tokentrack.linking.urls import Proposed
    from tokentrack.review.again import Again
    from tokentrack.review.calibration import Calibration
    from tokentrack.review.closer import Diagnostic, WhatIf
    from tokentrack.review.followups import Question
    from tokentrack.review.inbox import Inbox
    from tokentrack.review.insights import Insight
    from tokentrack.review.ledger import Ledger
    from tokentrack.review.limits import LimitSeen
    from tokentrack.review.paid import How
    from tokentrack.review.spend import Row, Spend
    from tokentrack.review.steps import Steps
    from tokentrack.review.task_page import Moving, TaskPage
    from tokentrack.review.why import Evidence, Made, Record
    from tokentrack.store.exports import Handed
    from tokentrack.store.reviews import Draft
    from tokentrack.store.search import Hit

Undo = Callable[["Entries"], None]
"""Takes back exactly what was done, over the entries that are open then. Raises an error whose text is one sentence."""


class Choice(NamedTuple):
    """Turns of a session (its id) belong to a task; None: to none, on purpose. `source` is as in `Link`."""

    session: str
    turns: Span
    task: Task | None
    source: str = "manual"


class Moved(NamedTuple):
    """Turns of a session that a rule would link, and what they used."""

    session: Session
    turns: Span
    total: Total


class Linked(NamedTuple):
    """Turns of a session that belong to a task; None: to none, on purpose."""

    turns: Span
    task: Task | None


class Offered(NamedTuple):
    """Tasks that may be added, none of which is there yet; `known` are there already, `faults` say in a sentence each what is not
    taken, and where it stands.
    """

    tasks: tuple[Task, ...]
    known: int = 0
    faults: tuple[str, ...] = ()


class Found(NamedTuple):
    """What a local repository tells of a task: a sentence, and when that was (UTC milliseconds)."""

    text: str
    at: int | None = None


TurnRow = tuple[int, int | None, str | None, Total]
"""A turn of a session: its number, when it began, the branch, what it used."""


@dataclass(frozen=True, slots=True)
class Status:
    """What the readers are doing now. `reading` is the share of a first import, None when nothing long is read.

    `error` is one sentence about all reading; the glance's health has `problems`, sentences about logs that cannot be read.
    """

    reading: float | None = None
    paused: bool = False
    stale: bool = False
    error: str | None = None
    read_at: int | None = None
    """When anything new was last read, UTC milliseconds; the glance knows only of passes over all logs."""
    repositories: bool = False
    """Whether what is new in a repository is read."""


class Reasons(Protocol):
    """What figures are made of. Reading logs takes long: made, asked and closed on one thread, never on the main one.

    Every method may raise an error whose text is one sentence for the person.
    """

    def made_of(self, name: str, dearest: bool) -> Made:
        """How the figure adds up, and the row numbers of its requests, the newest or the dearest first."""

    def how(self, name: str) -> How:
        """How a figure was computed that is no sum of requests; its names are those of `review/how.py`."""

    def evidence(self, ids: Sequence[int]) -> list[Evidence]: ...

    def record(self, found: Evidence) -> Record:
        """What stands in the log now."""

    def read_again(self, ids: Sequence[int], go_on: Callable[[], bool]) -> Iterator[tuple[int, Again]]:
        """Reads the logs of these requests from their start; (row number, what they say now), log by log."""

    def close(self) -> None: ...


class Spending(Protocol):
    """What a period cost. Sums over many requests may take a while: made, asked and closed on one thread, never the main one.

    Days are local, `first` and `last` included. Every method may raise an error whose text is one sentence for the person.
    """

    def spend(self, first: date, last: date) -> Spend: ...

    def rows(self, by: str, first: date, last: date, within: str = "") -> tuple[Row, ...]:
        """By `day`, `agent`, `model`, `project` or `session`; `within` is the `why` of a row, which narrows them."""

    def days(self, first: date, last: date) -> tuple[tuple[date, dict[str, Total]], ...]:
        """Every day with its totals by agent."""

    def unrecorded(self, first: date, last: date) -> tuple[tuple[str, int], ...]:
        """(agent, sessions) used in these days whose tokens are recorded nowhere, all of them or some."""

    def diagnostics(self, first: date, last: date) -> tuple[Diagnostic, ...]: ...

    def what_if(self, model: str, first: date, last: date) -> WhatIf: ...

    def what_if_models(self, last: date) -> tuple[str, ...]: ...

    def limits(self) -> tuple[LimitSeen, ...]: ...

    def close(self) -> None: ...


class Importing(Protocol):
    """Takes files in, which may take long: made, asked and closed on one thread, never on the main one."""

    def import_usage(self, path: Path, told: Callable[[float], None]) -> str:
        """Adds an agent's usage export to the store; what came of it, in a sentence or two.

        `told` hears now and then which share is done; what it raises ends the import. What is in then stays.
        """

    def close(self) -> None: ...


class Entries(Protocol):
    """What the person types in about money. The main thread asks; what changes something the pages leave to `Deciding`.

    What changes something returns the way back; it raises an error whose text is one sentence for the person.
    """

    def plans(self) -> list[Plan]: ...

    def charges(self) -> list[Charge]: ...

    def confirmed(self) -> dict[str, date]:
        """Month ▶ the day up to which all its charges are entered."""

    def add_plan(self, plan: Plan, beside: bool = False) -> Undo:
        """A plan of the same agents that is still in force ends the day before, unless the new one runs beside it."""

    def remove_plan(self, plan: Plan) -> Undo: ...

    def add_charge(self, charge: Charge) -> Undo: ...

    def remove_charge(self, charge: Charge) -> Undo: ...

    def budgets(self) -> list[Budget]:
        """Those in force, that over everything first, then those to come."""

    def set_budget(self, amount: int, measure: str, period: str) -> None:
        """Puts a budget in force from today. `amount` is micro-dollars, or tokens; 0 means that nothing is planned.

        `measure` is `list_value`, `paid` or `tokens`, `period` is `day`, `week` or `month`.
        """

    def remove_budget(self, budget: Budget) -> Undo:
        """Nothing is planned in its place from today on; earlier periods keep it."""

    def confirm(self, month: str, through: date | None) -> Undo:
        """All charges of a month are entered up to a day; None: they are not."""

    def take_back(self, step: Any) -> None:
        """What an `Undo` does, in the way of whatever returned it."""


class Waiting(Protocol):
    """What waits for a task. Suggesting takes a while: made, asked and closed on one thread, never the main one."""

    def inbox(self, cuts: Mapping[str, Collection[int]]) -> Inbox:
        """`cuts` are where the person means to cut sessions: session ▶ turns before whose prompt a part begins."""

    def preview(self, rule: Rule) -> tuple[Moved, ...]:
        """What a rule would link that has no link yet, the newest first; nothing is kept."""

    def close(self) -> None: ...


class Linking(Protocol):
    """What the person decides about sessions and rules. The main thread asks; what changes something it leaves to `Deciding`.

    What changes something is one step of the journal, named by `what`, and raises an error whose text is one sentence.
    """

    def tasks(self) -> list[Task]: ...

    def projects(self) -> list[tuple[str, str]]:
        """(path, name) of each."""

    def link(self, what: str, choices: Iterable[Choice]) -> None:
        """A task whose id is empty is made first, and one that `review.inbox.reopened` tells is opened again, once."""

    def reject(self, what: str, pairs: Iterable[tuple[str, str]]) -> None:
        """(session, task): they are never suggested for each other again."""

    def rules(self) -> list[tuple[Rule, int, str | None]]:
        """Each with how many links there are that it made, and why it links nothing now, if so."""

    def add_rule(self, what: str, rule: Rule, task: Task, choices: Iterable[Choice] = ()) -> int:
        """Keeps a rule and links what it matches and these choices; how many links came of it."""

    def pause_rule(self, what: str, rule: Rule, why: str | None) -> None:
        """None wakes it up."""

    def remove_rule(self, what: str, rule: Rule, with_links: bool) -> int:
        """`with_links`: what it linked and the person did not touch waits again; how many links that were."""


class Journal(Protocol):
    """The way back of what was done to tasks, links and rules, over restarts.

    Both say what they took back or did again, None: there is nothing; they raise an error whose text is one sentence. With the
    `number` of a step it is that one or, where another would be next, an error.
    """

    def undo(self, number: int | None = None) -> str | None: ...

    def redo(self, number: int | None = None) -> str | None: ...


class Deciding(Protocol):
    """What the person decides, which may be thousands of rows or wait for another process, and the way back: made, asked and
    closed on one thread, never the main one.
    """

    @property
    def linking(self) -> Linking: ...

    @property
    def tasks(self) -> Tasks: ...

    @property
    def reviewing(self) -> Reviewing: ...

    @property
    def journal(self) -> Journal: ...

    @property
    def entries(self) -> Entries: ...

    def settings(self) -> dict[str, str]: ...

    def save_setting(self, key: str, value: str) -> None:
        """Raises an error whose text is one sentence for the person."""

    def close(self) -> None: ...


class Tasks(Protocol):
    """What the person does to tasks. The main thread asks; what changes something the pages leave to `Deciding`.

    Whatever changes something is one step of the journal and returns it in a sentence; it raises an error whose text is one
    sentence for the person, and nothing was changed then.
    """

    def projects(self) -> list[tuple[str, str]]:
        """(path, name) of each."""

    def every(self) -> list[Task]:
        """The oldest first."""

    def linked(self, session: str | None = None) -> dict[str, list[Linked]]:
        """Session's id ▶ what its turns are linked to, in their order; sessions without a link are not in it."""

    def proposed(self, text: str) -> tuple[Proposed, str | None] | None:
        """What a pasted address says of a task, and the path of its project; None: it is no such address."""

    def add(self, given: Sequence[Task], spend: tuple[int, int] | None = None) -> str:
        """`spend` is the list value that is expected, micro-dollars from and to."""

    def edit(self, given: Sequence[Task], **fields: object) -> str:
        """`fields` are those of `Task`."""

    def alias(self, task: Task, alias: str | None) -> int:
        """What others read in place of its title. Returns the step's number, by which it alone is taken back."""

    def finish(self, given: Sequence[Task], outcome: str, note: str) -> str: ...

    def reopen(self, given: Sequence[Task]) -> str: ...

    def delete(self, given: Sequence[Task]) -> str:
        """What was linked to them is unlinked again."""

    def merge(self, kept: Task, gone: Sequence[Task]) -> str: ...

    def estimate(self, task: Task, what: str, low: int, high: int) -> str:
        """`what` is `spend` (micro-dollars of list value), `with_ai` or `without_ai` (minutes)."""

    def link(self, session: Session, task: Task | None, turns: Span) -> str:
        """Turns that belong to another task move to this one, which is made first where its id is empty; None: to no task, on
        purpose.
        """

    def unlink(self, session: Session, turns: Sequence[Span]) -> str: ...


class Ledgers(Protocol):
    """Where the list value went, by task. Sums over all requests may take a while: made, asked and closed on one thread.

    Every method may raise an error whose text is one sentence for the person.
    """

    def ledger(self) -> Ledger: ...

    def page(self, task: str) -> TaskPage | None:
        """None: it is gone."""

    def calibration(self) -> Calibration:
        """How the person's own ranges fared so far."""

    def evidence(self, task: str) -> list[Found]:
        """What local repositories tell of it."""

    def moving(self, kept: Task, gone: Sequence[Task]) -> Moving: ...

    def from_csv(self, path: Path) -> Offered: ...

    def from_git(self, go_on: Callable[[], bool]) -> Offered:
        """From branches and merged pull requests in the projects' local history; `go_on` is asked between two of them."""

    def close(self) -> None: ...


class Weeks(Protocol):
    """A week as it is judged. Its figures may take a while: made, asked and closed on one thread, never the main one.

    A week is named by its Monday. Every method may raise an error whose text is one sentence for the person.
    """

    def steps(self, monday: date | None) -> Steps:
        """The week and everything that its review asks; None: the week to look back on now."""

    def search(self, text: str) -> tuple[Hit, ...]:
        """Tasks, sessions, notes and sentences that hold these words, the best first."""

    def close(self) -> None: ...


class Reviewing(Protocol):
    """What the person answers in a review. A week is named by its Monday.

    Answers are steps of the journal and return it in a sentence; all raise an error whose text is one sentence for the person.
    """

    def keep(self, week: str, fields: Mapping[str, Any]) -> Draft:
        """Changes some fields of a review that was begun, and returns it as it is now."""

    def worth(self, task: Task, answer: str) -> str:
        """Whether it was worth at least that: `yes`, `no` or `unsure`."""

    def still(self, question: Question, answer: str) -> str:
        """Whether it is still in place: `yes`, `no` or `unsure`."""

    def insight(self, monday: date, insight: Insight, answer: str | None) -> str:
        """`kept` or `not useful`, which mutes its kind for a while; None: neither."""

    def plan(self, amount: int, since: date) -> str:
        """A weekly budget over everything, micro-dollars of list value, in force from a day on."""

    def show_insights(self, monday: date) -> None:
        """Notes that the week's sentences were shown: they are not told again in the next weeks."""

    def close_week(self, monday: date) -> str:
        """Keeps what the week says, with what was noted; what was done, in a sentence."""

    def close_earlier(self, monday: date) -> str:
        """Keeps what every open week before this one says, in one action."""

    def reopen(self, mondays: Sequence[date]) -> None:
        """Their figures are those of now again; what they said when they were closed is kept."""


class Work(NamedTuple):
    """A piece of work that a page can tell of: its row as others would read it, and the task as it is (None: it is gone)."""

    row: PageRow
    task: Task | None


class Offer(NamedTuple):
    """What a page can be made of. `weeks` are Mondays, the newest first, each with whether it is closed; `chosen` are those that
    `work` is of; `unknown` are private projects that no known one is called by.
    """

    weeks: tuple[tuple[date, bool], ...]
    chosen: tuple[date, ...]
    work: tuple[Work, ...]
    unknown: tuple[str, ...] = ()


class Preview(NamedTuple):
    """A page as it would leave. `data` are its bytes, of a PDF the HTML that it is made of; `texts` can be edited, and say what
    they say without any edit. `edits` are those that fit, as they are kept while fields come and go.
    """

    options: Options
    format: str
    page: Page
    data: bytes
    texts: tuple[Text, ...]
    findings: tuple[Finding, ...]
    edits: tuple[tuple[str, str], ...] = ()


class Exporting(Protocol):
    """The page for a one-on-one. Made, asked and closed on one thread.

    Every method may raise an error whose text is one sentence for the person.
    """

    def offer(self, options: Options) -> Offer:
        """Without weeks: of the last four that are closed. Nothing is withheld in it, whatever the options say."""

    def preview(self, options: Options, format: str) -> Preview:  # noqa: A002
        """Without edits that no longer fit what was computed."""

    def save(self, preview: Preview, data: bytes, accepted: Sequence[int], place: Path) -> str:
        """Writes these bytes and notes that the page left; both or none. `accepted` are numbers of findings."""

    def handed(self) -> list[Handed]:
        """What left before, the newest first."""

    def close(self) -> None: ...


class Source(Protocol):
    """The core as the interface sees it. Every method is called on the main thread and answers at once.

    `on_change` and `on_progress` may be called from any thread; they carry nothing, the interface reads again.
    """

    def glance(self) -> Glance: ...

    def status(self) -> Status: ...

    def sessions(self) -> list[Session]: ...

    def session_turns(self, session_id: str) -> list[TurnRow]: ...

    def reasons(self) -> Reasons:
        """Called on the thread that will ask; see there."""

    def spending(self) -> Spending:
        """Called on the thread that will ask; see there."""

    def entries(self) -> Entries: ...

    def waiting(self) -> Waiting:
        """Called on the thread that will ask; see there."""

    def linking(self) -> Linking: ...

    def deciding(self) -> Deciding:
        """Called on the thread that will decide; see there."""

    def tasks(self) -> Tasks: ...

    def ledgers(self) -> Ledgers:
        """Called on the thread that will ask; see there."""

    def weeks(self) -> Weeks:
        """Called on the thread that will ask; see there."""

    def exporting(self) -> Exporting:
        """Called on the thread that will ask; see there."""

    def settings(self) -> dict[str, str]: ...

    def importing(self) -> Importing:
        """Called on the thread that will import; see there."""

    def start(self, on_change: Callable[[], None], on_progress: Callable[[], None]) -> None: ...

    def stop(self) -> None:
        """Ends all threads and returns when they have ended."""

    def pause(self, paused: bool) -> None: ...
