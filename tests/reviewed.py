"""Weeks to look back on: closed ones before, tasks that look finished, and a week with thirty sessions in nine groups."""

from __future__ import annotations

from datetime import date

from claude_logs import Machine, ms
from waiting import a_week, add_tasks, session

from tokentrack import clock
from tokentrack.model.tasks import Span, Task
from tokentrack.review import closing
from tokentrack.store import journal, links, tasks, transaction

DAY = 86_400
MONDAY = date(2026, 11, 16)
"""Of the week in which the logs begin."""
SIZES = (60_000, 85_000, 52_000, 110_000, 74_000, 66_000)


def link(machine: Machine, name: str, task: Task | None) -> None:
    with transaction(machine.db), journal.change(machine.db, "Linked", ms(-DAY)):
        uid = machine.sessions[name].id
        links.put(machine.db, uid, task.id if task else None, Span(), "manual", ms(-DAY))


def closed_weeks(machine: Machine, many: int = 6, note: str = "", intent: str = "") -> None:
    """Weeks before this one, one session in each, closed as they were."""
    for back in range(many, 0, -1):
        session(machine, f"past{back}", f"Week {back} ago", "main", -back * 7 * DAY, turns=3, size=SIZES[back % 6] * 8)
    machine.scan()
    for back in range(many, 0, -1):
        link(machine, f"past{back}", None)
        monday = MONDAY - back * 7 * clock.DAY
        told = (note, intent) if back == 1 else (None, None)
        with transaction(machine.db):
            closing.close(machine.db, monday, clock.start_of(monday + 7 * clock.DAY), *told)


def finished_tasks(machine: Machine) -> list[Task]:
    """Four that look finished: three that have been quiet for 9 to 11 days, and one that the person finished this week."""
    made = add_tasks(
        machine, "PAY-30 Bulk refund import", "PAY-31 Receipts", "PAY-32 Ledger spike", "PAY-33 Dunning mails"
    )
    for at, key in enumerate(made):
        session(
            machine, f"done{at}", f"Work on {key}", f"feat/{key}-x", -(9 + at) * DAY, turns=2, size=900_000 + at * 10**5
        )
    session(machine, "now3", "PAY-33 again", "feat/PAY-33-x", -2 * DAY, turns=2, size=700_000)
    machine.scan()
    for at, key in enumerate(made):
        link(machine, f"done{at}", made[key])
    link(machine, "now3", made["PAY-33"])
    with transaction(machine.db), journal.change(machine.db, "Finished PAY-33", ms(-DAY)):
        tasks.finish(machine.db, made["PAY-33"].id, "delivered", "", ms(-DAY))
    return list(made.values())


def reference_week(machine: Machine) -> list[Task]:
    """Thirty sessions that wait in nine groups, four tasks that look finished, six closed weeks before (AC 39)."""
    closed_weeks(machine, note="Ask earlier what done means.", intent="Set a stop point on day one")
    done = finished_tasks(machine)
    a_week(machine)
    return done
