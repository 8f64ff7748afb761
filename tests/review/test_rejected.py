"""What is rejected moves its parts alone; the rest of the inbox stays as it is (product 3.5: no stall)."""

from __future__ import annotations

from random import Random

from ui.inbox.test_five_thousand import many

from tokentrack.review.inbox import groups_of


def test_rejecting_touches_no_other_group_and_comes_to_the_same() -> None:
    """As if all were grouped anew."""
    inbox = many(300)
    chosen = Random(5).sample(inbox.groups, 20)
    pairs = {(part.session.id, task.id) for group in chosen for part in group.parts[:2] for task in group.offers[:1]}
    told = inbox.rejected(pairs)
    anew = groups_of([part for group in told.groups for part in group.parts], inbox.tasks)
    assert told.groups == anew
    assert told.sessions == inbox.sessions
    held = {part.key for group in told.groups for part in group.parts for one in part.suggestions
            if (one.session, one.task) in pairs}  # fmt: skip
    assert held == set()
    same = {id(group) for group in inbox.groups}
    assert sum(id(group) in same for group in told.groups) > 150
