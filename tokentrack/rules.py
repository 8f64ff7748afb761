"""Active rules ▶ links in the store: what a rule would pre-select in the inbox is linked by it; links stay as they are.

A rule's link is open, so that it holds while its session goes on; should that go on to another branch, the link ends there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from sqlite3 import Connection
from typing import NamedTuple

from tokentrack.linking import rules as linking
from tokentrack.linking.known import DAY_MS, Known
from tokentrack.linking.suggest import suggest
from tokentrack.model.tasks import Link, Span, Suggestion
from tokentrack.review import suggesting
from tokentrack.store import facts as stored
from tokentrack.store import links
from tokentrack.store import rules as store

OFTEN = "it was overridden twice in its last ten hits"
GROWING_MS = DAY_MS
"""A session that was last active longer ago does not go on."""


class Due(NamedTuple):
    """What rules have to do: link these suggestions, end these links after a turn, put these rules to sleep."""

    linked: list[Suggestion]
    ended: list[tuple[Link, int]]
    paused: list[str]

    def __bool__(self) -> bool:
        return bool(self.linked or self.ended or self.paused)


def apply(db: Connection, now: int) -> int:
    """Links what active rules match, and returns how many links were made. Call inside a transaction."""
    return do(db, due(db, now), now)


def due(db: Connection, now: int) -> Due:
    """What rules have to do now; nothing is changed. Quick where there is no rule that is awake."""
    awake = [rule.id for rule in store.rules(db) if rule.paused is None and rule.created_at <= now]
    if not awake:
        return Due([], [], [])
    changed = Counter(rule for rule, _ in store.overridden(db))
    paused = [rule for rule in awake if changed[rule] >= linking.OVERRIDDEN and _often_overridden(db, rule)]
    found = suggesting.facts(db, now)
    fit = [one for one in suggest(found, weak=False) if one.preselected and one.rule and one.rule not in paused]
    return Due(fit, list(_outgrown(db, now)), paused)


def do(db: Connection, what: Due, now: int) -> int:
    """Does it, and returns how many links were made. Call inside a transaction; what was linked meanwhile stays as it is."""
    for rule in what.paused:
        store.pause(db, rule, OFTEN)
    for link, last in what.ended:
        links.end(db, link.id, last)
    made = 0
    for one in what.linked:
        try:
            links.put(db, one.session, one.task, one.turns, "rule", now, one.rule)
        except (links.Overlap, links.Unknown):
            continue
        store.hit(db, str(one.rule), one.session, now)
        made += 1
    return made


def _often_overridden(db: Connection, rule: str, session: str | None = None) -> bool:
    """`session`: it is about to be overridden there too."""
    last = store.hits(db, rule, linking.HITS)
    return sum(hit.overridden or hit.session == session for hit in last) >= linking.OVERRIDDEN


def goes_on(db: Connection, session: str, turns: Span, now: int, task: str | None = None) -> str:
    """What the person is told who is about to change what a rule linked: one change does not stop it.

    "" where none linked it, or none that did goes on: it sleeps, or pauses itself for this very change. `task`: to which the
    turns are linked instead.
    """
    made = {link.rule for link in links.links(db, [session]) if link.rule and link.turns.meets(turns)}
    if not made:
        return ""
    asleep = suggesting.sleeping(db, now)
    for one in store.rules(db):
        if one.id in made and one.task != task and one.id not in asleep and not _often_overridden(db, one.id, session):
            rule = f"The rule {one.kind} {one.pattern}"
            return f"{rule} goes on in other sessions; changed twice in its last ten links, it pauses itself"
    return ""


def _outgrown(db: Connection, now: int) -> Iterable[tuple[Link, int]]:
    """Open links that a rule made, and the turn after which their session went on to another branch."""
    recent = stored.linked_since(db, now - GROWING_MS, now)
    made = [link for link in links.links(db, recent) if link.source == "rule" and link.turns.last is None]
    if not made:
        return
    found = suggesting.facts(db, now, {link.session for link in made})
    known = Known(found)
    for link in made:
        parts = known.parts(found.sessions[link.session]) if link.session in found.sessions else []
        here = next((part for part in parts if part.first <= link.turns.first <= part.last), None)
        if here and any(part.first > here.last and part.branch for part in parts):
            yield link, here.last
