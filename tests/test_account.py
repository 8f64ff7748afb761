"""Exports beside sessions: nothing counts twice, nothing is assigned silently, and what fits one session is offered (issue 3)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from claude_logs import Machine, dump
from cursor_csv_files import NEW, row
from cursor_logs import Place, iso

from tokentrack import account
from tokentrack.account import import_usage, offered


@pytest.fixture
def place(machine: Machine) -> Iterator[Place]:
    with closing(Place(machine)) as found:
        yield found


def export(folder: Path, *lines: str) -> Path:
    file = folder / "usage.csv"
    file.write_text("\n".join([NEW, *lines]), encoding="utf-8")
    return file


def numbers(done: account.Imported) -> tuple[int, int, int, int]:
    return done.rows, done.new, done.duplicates, len(done.rejected)


def test_the_same_file_twice_changes_nothing(machine: Machine, tmp_path: Path) -> None:
    file = export(tmp_path, row(), row(), row(model="gpt-5"))
    assert numbers(import_usage(machine.db, file)) == (3, 3, 0, 0)
    before = machine.rows("select * from account_usage")
    assert numbers(import_usage(machine.db, file)) == (3, 0, 3, 0)
    assert machine.rows("select * from account_usage") == before


def test_overlapping_exports_count_once(machine: Machine, tmp_path: Path) -> None:
    lines = [row(iso(n * 60)) for n in range(6)]
    import_usage(machine.db, export(tmp_path, *lines[:4]))
    assert numbers(import_usage(machine.db, export(tmp_path, *lines[2:]))) == (4, 2, 2, 0)
    total = account.spend(machine.db, None, None)
    assert (total.rows, total.cost, total.tokens) == (6, 6 * 190_000, 6 * 156_290)


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Tokyo"])
def test_a_day_is_the_local_day_and_a_moment_lies_in_its_own(
    machine: Machine, tmp_path: Path, timezone: Callable[[str], None], zone: str
) -> None:
    from datetime import date

    from tokentrack import clock

    timezone(zone)
    import_usage(
        machine.db, export(tmp_path, row("2026-08-06"), row("2026-08-06T23:30:00.000Z"), row(kind="No Charge"))
    )

    def rows(day: date) -> int:
        return account.spend(machine.db, clock.start_of(day), clock.start_of(day + clock.DAY)).rows

    next_day = {"UTC": 0, "America/New_York": 0, "Asia/Tokyo": 1}[zone]
    assert (rows(date(2026, 8, 6)), rows(date(2026, 8, 7))) == (2 - next_day, next_day)
    assert account.spend(machine.db, None, None).not_charged == 1


def test_nothing_of_an_export_is_in_any_sum(machine: Machine, place: Place, tmp_path: Path) -> None:
    place.database().conversation("c-1", turns=[(100, 10), (0, 0)])
    place.scan()
    before = dump(machine.db)
    import_usage(machine.db, export(tmp_path, row(iso(105), "gpt-5"), row(iso(5), "gpt-5")))
    place.scan(full=True)
    assert dump(machine.db) == before
    assert machine.figures() == (100, 10, 0, 0)


@pytest.mark.parametrize("first", ["hook", "bubble"])
def test_a_turn_told_by_hook_and_bubble_counts_once_with_the_hooks_kinds(
    machine: Machine, place: Place, first: str
) -> None:
    def write(what: str) -> None:
        if what == "hook":
            place.turn("c-1", "c-1-g0", 10)
        else:
            place.database().conversation("c-1", turns=[(70, 5)])
        place.scan()

    write(first)
    write("bubble" if first == "hook" else "hook")
    assert machine.requests == 1
    assert machine.figures() == (10, 5, 30, 60)
    place.scan(full=True)
    assert machine.figures() == (10, 5, 30, 60)


@pytest.mark.parametrize("first", ["import", "scan"])
def test_what_fits_one_session_is_offered_in_either_order(
    machine: Machine, place: Place, tmp_path: Path, first: str
) -> None:
    place.database().conversation("c-1", turns=[(0, 0), (0, 0), (9, 9)])
    place.database().conversation("c-2", 50_000, turns=[(0, 0)])
    file = export(
        tmp_path,
        row(iso(30), "gpt-5"),  # in the first turn
        row(iso(130), "gpt-5-high"),  # in the second
        row(iso(230), "gpt-5"),  # in the third, whose tokens are known
        row(iso(40), "claude-4.6-opus"),  # of a model that the session does not name
        row(iso(9000), "gpt-5"),  # hours after any turn
        row(iso(50_010), "auto"),
        row(iso(60), "gpt-5", kind="Errored, No Charge"),
    )
    for step in ("import", "scan") if first == "import" else ("scan", "import"):
        if step == "scan":
            place.scan()
        else:
            import_usage(machine.db, file)
    found = {name: [r.at for r in offered(machine.db, s.id)] for name, s in machine.sessions.items()}
    begin = machine.sessions["c-1"].started_at or 0
    assert found == {"c-1": [begin + 30_000, begin + 130_000], "c-2": [begin + 50_010_000]}
    assert machine.figures() == (9, 9, 0, 0)


def test_what_fits_two_sessions_is_offered_to_none(machine: Machine, place: Place, tmp_path: Path) -> None:
    place.database().conversation("c-1", turns=[(0, 0)])
    place.database().conversation("c-2", 20, turns=[(0, 0)])
    place.database().conversation("c-3", 30, turns=[(0, 0)], modelConfig={"modelName": "claude-4.6-opus"})
    place.scan()
    import_usage(
        machine.db, export(tmp_path, row(iso(40), "gpt-5"), row(iso(41), "auto"), row(iso(42), "claude-4.6-opus-max"))
    )
    assert [len(offered(machine.db, machine.sessions[name].id)) for name in ("c-1", "c-2", "c-3")] == [0, 0, 1]


def test_other_agents_are_offered_nothing(machine: Machine, tmp_path: Path) -> None:
    from claude_logs import answer, prompt

    machine.log("P/S.jsonl", prompt("Fix", 0), answer(t=1))
    machine.scan()
    (session,) = machine.sessions.values()
    import_usage(machine.db, export(tmp_path, row("2026-11-20T08:00:30.000Z")))
    assert offered(machine.db, session.id) == []
