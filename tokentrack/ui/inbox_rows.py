"""The inbox's rows as plain values: groups, and the parts of those that are open. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from tokentrack.model.tasks import Span, Task
from tokentrack.model.usage import Session, Total
from tokentrack.review.inbox import Group, Inbox, Key, Part, reopened
from tokentrack.ui import words
from tokentrack.ui.figure import Figure

NO_SUGGESTION = "no suggestion"
ENTER = "↵"
WHOLE = Span()
WHOSE = 16
"""Letters of a project's name that tell it apart from others where room is scarce."""


@dataclass(frozen=True, slots=True)
class Line:
    """A group, or a part of one that is open."""

    group: Group
    part: Part | None = None
    is_open: bool = False

    @property
    def parts(self) -> tuple[Part, ...]:
        """What a key pressed here decides about."""
        return (self.part,) if self.part else self.group.parts

    @property
    def place(self) -> tuple[object, ...]:
        """By which the line is found again when the inbox was read anew."""
        return (self.group.key, self.part.key if self.part else None)

    @property
    def offers(self) -> tuple[Task, ...]:
        """The tasks on the number keys."""
        return self.part.offers if self.part else self.group.offers

    @property
    def total(self) -> Total:
        return self.part.total if self.part else self.group.total


def lines_of(groups: Iterable[Group], opened: Collection[tuple[object, ...]]) -> list[Line]:
    made = []
    for group in groups:
        is_open = group.key in opened
        made.append(Line(group, None, is_open))
        if is_open:
            made += [Line(group, part) for part in group.parts]
    return made


def matching(groups: Iterable[Group], text: str) -> tuple[Group, ...]:
    """Groups with the parts that hold every word of a text, in what the group or the session is called."""
    sought = text.casefold().split()
    if not sought:
        return tuple(groups)
    found = []
    for group in groups:
        around = " ".join((task_text(group), group.project or "", *group.branches)).casefold()
        kept = tuple(part for part in group.parts if _holds(part.session, around, sought))
        if kept:
            found.append(group if len(kept) == len(group.parts) else replace(group, parts=kept))
    return tuple(found)


def _holds(session: Session, around: str, sought: list[str]) -> bool:
    text = f"{around} {session.title or ''} {session.native_id}".casefold()
    return all(word in text for word in sought)


# ---- what stands in a row --------------------------------------------------------------------------------------------


Pieces = list[tuple[str, bool]]
"""Text in pieces; what is True stands out."""


def short_name(task: Task, most: int = 40) -> str:
    """Its key, else its title: what a sentence calls it."""
    return task.key or words.cut(task.title, most)


def offer(task: Task, most: int = 40) -> str:
    """What taking it does: `PAY-12 Refunds`, `create PAY-31`, `reopen PAY-12`, `a follow-up`."""
    return "".join(piece for piece, _ in _offer(task, alone=True, most=most))


def _offer(task: Task, alone: bool, most: int = 40) -> Pieces:
    if task.follow_up_of and not task.id:
        return [("a follow-up", False)]
    name = [(short_name(task, most), True)]
    if not task.id:
        return [("create ", False), *name]
    if reopened(task):
        return [("reopen ", False), *name]
    if alone and task.key:
        return [(task.key, True), (f" {task.title}", False)]
    return name


def task_pieces(offers: Sequence[Task], ready: bool) -> Pieces:
    """`PAY-12 Refund idempotency`, `PAY-19 or PAY-22?`, `create PAY-31?`, `no suggestion`."""
    if not offers:
        return [(NO_SUGGESTION, False)]
    made: Pieces = []
    for at, task in enumerate(offers):
        made.append(("" if at == 0 else " or " if at == len(offers) - 1 else ", ", False))
        made += _offer(task, alone=len(offers) == 1)
        if at and any(reopened(other) and other.id == task.id for other in offers):
            made.append((" as it is", False))
    return [(piece, strong) for piece, strong in [*made, ("" if ready else "?", False)] if piece]


def task_text(group: Group) -> str:
    return tasks_text(group.offers, group.ready)


def tasks_text(offers: Sequence[Task], ready: bool) -> str:
    return "".join(piece for piece, _ in task_pieces(offers, ready))


def bold_parts(group: Group) -> Pieces:
    """A guess has nothing that stands out."""
    return [(task_text(group), False)] if group.weak else task_pieces(group.offers, group.ready)


def project(path: str | None) -> str:
    """The folder's name is enough in a row."""
    return path.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1] if path else "no project"


def where(group: Group) -> str:
    """`payments · main`."""
    named = map(words.isolated, (project(group.project), *group.branches[:2]))
    return " · ".join(named) + (" …" if len(group.branches) > 2 else "")


def guess_text(group: Group) -> str:
    """That what is offered is a guess, where the sessions ran, and what the one session is called."""
    parts = ["a guess", where(group)] if group.offers else [where(group)]
    if len(group.parts) == 1:
        parts.append(words.isolated(words.title(group.parts[0].session)))
    return " · ".join(parts)


def turns_text(turns: Span) -> str:
    """`turns 6 on`, `turns 0 to 5`, `turn 3`; empty for a whole session."""
    if turns == Span():
        return ""
    if turns.last is None:
        return f"turns {turns.first} on"
    return f"turn {turns.first}" if turns.first == turns.last else f"turns {turns.first} to {turns.last}"


def name_text(line: Line) -> str:
    return "".join(piece for piece, _ in name_pieces(line))


def name_pieces(line: Line) -> Pieces:
    """Of a part the title, and which turns, which never give way to a long title."""
    if not line.part:
        return bold_parts(line.group)
    span = turns_text(line.part.turns)
    return [(words.title(line.part.session), False), *([(f" · {span}", False)] if span else [])]


def may_be_cut(line: Line) -> tuple[list[int], Pieces]:
    """(which pieces may be shortened, the pieces): a session's title, the tasks of a group."""
    if line.part:
        return [0], name_pieces(line)
    made = task_pieces(line.group.offers, line.group.ready)
    names = [at for at, (_, strong) in enumerate(made) if strong]
    if len(line.group.offers) == 1 and len(made) > 1 and names:  # a key stays whole beside its title
        names = [at for at, (piece, strong) in enumerate(made) if not strong and piece.startswith(" ")] or names
    return names or [0], [(piece, strong and not line.group.weak) for piece, strong in made]


def why_text(line: Line, now: datetime, most: int = 1000) -> str:
    """Why this task; of a session, when and how long it was, and whether a cut is suggested.

    `most`: so many letters of a project's name are enough where there is little room for the reason behind it (AC 15).
    """
    if not line.part:
        return _whose(line.group, most) + line.group.why if line.group.why else guess_text(line.group)
    part = line.part
    said = [words.when(part.at, now), words.plural(part.count, "turn")]
    if part.cuts:
        first = part.cuts[0]
        said.append(f"cut suggested before turn {first.turn}: {first.reason}")
    elif line.group.weak and line.offers:
        said.append(tasks_text(line.offers, ready=False))
    return " · ".join(said)


def _whose(group: Group, most: int) -> str:
    """A number such as #12 is of one repository: which one must be told."""
    numbered = any((task.key or "").startswith(("#", "!")) for task in group.offers)
    return f"{words.isolated(words.cut(project(group.project), most))} · " if numbered and group.project else ""


def below(line: Line, now: datetime) -> str:
    """The same where there is no column for it, nor for the number of sessions."""
    why = why_text(line, now, WHOSE)
    return why if line.part else f"{words.plural(line.group.sessions, 'session')} · {why}"


def value_text(line: Line) -> str:
    """List value to the cent; what is not known is named (AC 5)."""
    hidden = int(line.part.session.unrecorded) if line.part else line.group.unrecorded
    if not line.total.requests:
        return words.money(None if hidden else 0, exact=True)
    return words.money(line.total.list_value, exact=True, unpriced=line.total.unpriced_requests + hidden)


def figure(line: Line) -> Figure:
    """What the list value is made of: sessions, of some only the turns that wait."""
    named = [part.session.id + _turns_named(part.turns) for part in line.parts]
    several = len(named) > 1 or "@" in named[0]
    name = "sessions:" + ",".join(named) if several else named[0]
    return Figure(name, f"{words.cut(name_text(line), 60)}, list value", value_text(line))


def _turns_named(turns: Span) -> str:
    return "" if turns == Span() else f"@{turns.first}..{'' if turns.last is None else turns.last}"


def keys(line: Line) -> tuple[str, ...]:
    """The keys that decide here."""
    if line.group.ready:
        return (ENTER,)
    if line.offers:
        return tuple(str(n + 1) for n in range(len(line.offers)))
    return ("t", "0")


def ways(line: Line) -> str:
    """What can be pressed where nothing is pre-selected."""
    named = [f"{at} for {offer(task)}" for at, task in enumerate(line.offers, start=1)]
    return f"Press {', '.join([*named, 't for another task' if named else 't for its task'])} or 0 for none on purpose."


def which_not(line: Line) -> str:
    """What can be pressed after `x` where several are offered."""
    named = [f"{at} for {short_name(task)}" for at, task in enumerate(line.offers, start=1) if task.id]
    return f"Which is it not? Press {', '.join(named)}, or x again for the first."


def spoken(line: Line) -> str:
    """A row for a screen reader."""
    state = "ready to accept" if line.group.ready else "needs a choice"
    if line.part:
        return f"session {name_text(line)}"
    return f"{task_text(line.group)}, {state}, {'open' if line.is_open else 'closed'}"


# ---- what the header and the bar say ---------------------------------------------------------------------------------


def head(inbox: Inbox) -> tuple[str, str]:
    """`12 sessions wait`, `$21`; the amount is empty while nothing waits."""
    if not inbox.groups:
        return "Nothing waits", ""
    wait = "waits" if inbox.sessions == 1 else "wait"
    total, hidden = inbox.total, inbox.unrecorded
    known = total.list_value if total.requests or not hidden else None
    return f"{words.plural(inbox.sessions, 'session')} {wait}", words.money(
        known, unpriced=total.unpriced_requests + hidden
    )


def of_week(inbox: Inbox) -> str:
    """`14% of this week`; where something older waits too, `$9 of it this week, 6% of the week`."""
    if inbox.share is None or inbox.week is None or not inbox.groups:
        return ""
    if inbox.week.list_value == inbox.total.list_value:
        return f"{words.part(inbox.share)} of this week"
    part = words.money(inbox.week.list_value, unpriced=inbox.week.unpriced_requests)
    return f"{part} of it this week, {words.part(inbox.share)} of the week"


def named(parts: Sequence[Part]) -> str:
    """What is decided about: a session by its title, several by their number."""
    if len(parts) == 1 and parts[0].whole:
        return f"“{words.cut(words.title(parts[0].session), 44)}”"
    return counted([part.key for part in parts])


def counted(keys_of_parts: Collection[Key]) -> str:
    """`4 sessions`, `part of a session`, `4 sessions and part of another`."""
    turns: dict[str, list[Span]] = {}
    for session, span in keys_of_parts:
        turns.setdefault(session, []).append(span)
    whole = {session for session, spans in turns.items() if _all_of_it(spans)}
    cut = turns.keys() - whole
    if not cut:
        return words.plural(len(whole), "session")
    if not whole:
        return "part of a session" if len(cut) == 1 else f"parts of {len(cut):,} sessions"
    return (
        f"{words.plural(len(whole), 'session')} and {'part of another' if len(cut) == 1 else f'parts of {len(cut):,}'}"
    )


def _all_of_it(spans: list[Span]) -> bool:
    """Whether they are a whole session, cut or not."""
    if len(spans) == 1:
        return spans[0] == WHOLE
    ordered = sorted(spans, key=lambda span: span.first)
    joined = all(one.last is not None and one.last + 1 == other.first for one, other in pairwise(ordered))
    return joined and (ordered[0].first, ordered[-1].last) == WHOLE
