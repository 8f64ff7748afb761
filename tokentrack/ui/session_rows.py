"""The columns of sessions and of their turns: what they used, and which task they are linked to."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tokentrack.clock import now
from tokentrack.model.tasks import Span, Task
from tokentrack.model.usage import Session, Total
from tokentrack.store.read import NO_TASK, UNLINKED
from tokentrack.ui import outcomes, words
from tokentrack.ui.figure import Figure
from tokentrack.ui.source import TurnRow
from tokentrack.ui.source_tasks import Linked
from tokentrack.ui.tables import Column

PROJECT, AGENT, TASK, WHEN, TURNS, TOKENS = 1, 2, 3, 4, 5, 6
NOT_LINKED = outcomes.word(UNLINKED)


def _value(total: Total) -> str:
    return words.money(total.list_value, exact=True, unpriced=total.unpriced_requests)


def project(session: Session) -> str:
    return words.folder(session.project)


def haystack(session: Session) -> str:
    parts = (session.title, session.project, words.agent(session.agent), *session.branches, session.native_id)
    return " ".join(part for part in parts if part)


def task_name(task: Task | None) -> str:
    """Its key is enough in a row."""
    return NO_TASK if task is None else task.key or words.cut(task.title, 24)


def tasks_text(session: Session, linked: Sequence[Linked]) -> str:
    """`PAY-12`, `PAY-12, no task, not linked`: every task that has turns of it, in their order, and whether some have none."""
    names = list(dict.fromkeys(task_name(one.task) for one in linked))
    if not linked or not _all_linked(session, linked):
        names.append(NOT_LINKED)
    return ", ".join(names)


def _all_linked(session: Session, linked: Sequence[Linked]) -> bool:
    if any(one.turns == Span() for one in linked):
        return True
    return all(any(one.turns.holds(turn) for one in linked) for turn in range(session.turns))


def tasks_tip(session: Session, linked: Sequence[Linked]) -> str:
    """What is linked where: `turns 0 to 3: PAY-12 Refunds; turns 4 and later: no task, on purpose`."""
    told = [f"{words.turns(one.turns)}: {one.task.name if one.task else outcomes.word(NO_TASK)}" for one in linked]
    if told and not _all_linked(session, linked):
        told.append("the others are not linked")
    return "; ".join(told)


LinksOf = Callable[[str], Sequence[Linked]]
"""A session's id ▶ what its turns are linked to."""


def columns(links: LinksOf) -> tuple[Column[Session], ...]:
    return (
        Column("Title", words.title, lambda s: words.title(s).casefold(), tip=words.title),
        Column(
            "Project",
            project,
            lambda s: project(s).casefold(),
            tip=lambda s: s.project or "",
            widest="payments-api-server",
        ),
        Column("Agent", lambda s: words.agent(s.agent), lambda s: s.agent, widest="Claude Code"),
        Column(
            "Task", lambda s: tasks_text(s, links(s.id)), lambda s: tasks_text(s, links(s.id)).casefold(),
            tip=lambda s: tasks_tip(s, links(s.id)), widest="PAY-12, not linked",
        ),
        Column("When", lambda s: words.when(s.ended_at, now()), lambda s: s.ended_at, widest="yesterday 22:22"),
        Column("Turns", lambda s: f"{s.turns:,}", lambda s: s.turns, figure=True, widest="1,234"),
        Column(
            "Tokens", words.session_tokens, lambda s: s.total.tokens if s.total.requests or not s.unrecorded else None,
            figure=True, tip=words.unrecorded, widest="not recorded",
            why=lambda s: _why(s, s.total, words.tokens(s.total.tokens), words.UNRECORDED),
        ),
        Column(
            "List value", words.session_value,
            lambda s: s.total.list_value if s.total.requests or not s.unrecorded else None, figure=True, widest="$1,234.56",
            why=lambda s: _why(s, s.total, words.session_value(s), words.money(None)),
        ),
    )  # fmt: skip


def _why(session: Session, total: Total, text: str, unknown: str, turn: int | None = None) -> Figure | None:
    """What a session, or a turn of it, used; `unknown` is shown where that is recorded nowhere."""
    if not total.requests and not session.unrecorded:
        return None
    text = text if total.requests else unknown
    name, caption = session.id, words.cut(words.title(session), 60)
    if turn is not None:
        name, caption = f"{name} turn:{turn}", f"{caption}, turn {turn}"
    return Figure(name, caption, text)


def turn_columns(
    of: Callable[[], Session | None], linked: Callable[[], Sequence[Linked]]
) -> tuple[Column[TurnRow], ...]:
    """`of` tells whose turns they are, `linked` what they are linked to."""

    def task(turn: TurnRow) -> str:
        return next((task_name(one.task) for one in linked() if one.turns.holds(turn[0])), NOT_LINKED)

    def why(text: Callable[[TurnRow], str], hidden: str) -> Callable[[TurnRow], Figure | None]:
        return lambda turn: _why(session, turn[3], text(turn), hidden, turn[0]) if (session := of()) else None

    def requests(turn: TurnRow) -> str:
        return words.plural(turn[3].requests, "request")

    def tokens(turn: TurnRow) -> str:
        return words.tokens(turn[3].tokens)

    def unknown(turn: TurnRow) -> bool:
        return not turn[3].requests and bool((session := of()) and session.unrecorded)

    def number(turn: TurnRow) -> str:
        return "–" if unknown(turn) else f"{turn[3].requests:,}"

    def count(turn: TurnRow) -> str:
        return words.UNRECORDED if unknown(turn) else words.count(turn[3].tokens)

    def value(turn: TurnRow) -> str:
        return words.money(None) if unknown(turn) else _value(turn[3])

    return (
        Column("Turn", lambda turn: f"{turn[0]}", figure=True, widest="1,234"),
        Column("Branch", lambda turn: turn[2] or "–", tip=lambda turn: turn[2] or ""),
        Column("Task", task, tip=task, widest="PAY-12, not linked"),
        Column("When", lambda turn: words.moment(turn[1], now()), widest="22 Nov 2026 22:22"),
        Column("Requests", number, figure=True, widest="1,234", why=why(requests, words.UNRECORDED)),
        Column("Tokens", count, figure=True, widest="not recorded", why=why(tokens, words.UNRECORDED)),
        Column("List value", value, figure=True, widest="$1,234.56 ", why=why(value, words.money(None))),
    )
