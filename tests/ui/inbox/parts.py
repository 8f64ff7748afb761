"""What the tests of the inbox share: keys, and what stands in the list and in the store."""

from __future__ import annotations

from collections.abc import Callable

from claude_logs import Machine
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from ui.keyboard import NONE, Keyboard
from ui.samples import session as plain_session
from waiting import PAYMENTS

from tokentrack.linking.cuts import Cut
from tokentrack.model.tasks import Link, Span, Suggestion, Task
from tokentrack.review.inbox import Inbox, Part, groups_of
from tokentrack.store import links, read, tasks
from tokentrack.ui import inbox_rows
from tokentrack.ui.windows.inbox import Page

Open = Callable[[], Page]
BOTH = "feat/PAY-25-retries"


def press(qtbot: QtBot, key: Qt.Key, held: Qt.KeyboardModifier = NONE) -> None:
    Keyboard(qtbot)(key, held=held)


def rows(page: Page) -> list[str]:
    """What stands in the list, a mark before groups."""
    return [
        ("" if line.part else "● " if line.group.ready else "○ ") + inbox_rows.name_text(line)
        for line in page.table.lines.shown
    ]


def choose(page: Page, text: str) -> None:
    at = next(n for n, row in enumerate(rows(page)) if text in row)
    page.table.choose(at)


def settled(qtbot: QtBot, page: Page) -> None:
    """Until what was decided has been asked anew."""
    qtbot.waitUntil(lambda: not page.now.settle.isActive() and page.inbox is not None and page.inbox.week is not None)


def linked(machine: Machine) -> dict[str, list[tuple[str | None, Span, str]]]:
    """Session's native id ▶ (task's key or title, turns, source)."""
    names = {one.id: one.key or one.title for one in tasks.tasks(machine.db)}
    native = {one.id: one.native_id for one in machine.sessions.values()}
    found: dict[str, list[tuple[str | None, Span, str]]] = {}
    for link in links.links(machine.db):
        found.setdefault(native[link.session], []).append((names.get(link.task or ""), link.turns, link.source))
    return found


def all_links(machine: Machine) -> list[Link]:
    return [link._replace(id=0, created_at=0) for link in links.links(machine.db)]


def unlinked(machine: Machine) -> int | None:
    return read.unlinked(machine.db)[1].list_value


def many(count: int) -> Inbox:
    """So many sessions that wait, each in one piece."""
    known = {str(n): Task(str(n), f"Piece of work {n}", f"PAY-{n}", None, PAYMENTS, 0) for n in range(200)}
    parts = []
    for n in range(count):
        one = plain_session(n, title=f"Session {n} about one thing and another", dollars=n % 90 / 7)
        task = str(n % 200) if n % 3 else str(n % 5)
        said = Suggestion(
            one.id, one.native_id, Span(), task, "A4" if n % 3 else "D4", n % 3 > 0, (f"branch x-{task}",)
        )
        cut = (Cut(3, "a pause of more than four hours"),) if n % 50 == 0 else ()
        parts.append(Part(one, Span(), one.total, one.turns, one.ended_at, ("main",), (said,), cut))
    return Inbox(groups_of(parts, known), known)
