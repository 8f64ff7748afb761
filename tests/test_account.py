"""Exports beside sessions: nothing counts twice, nothing is assigned silently, and what fits one session is offered (issue 3)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from claude_logs import Machine, dump
from cursor_csv_files import NEW, NEWEST, row
from cursor_logs import Place, bubble, iso, prompt

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
        row(iso(50_010), "gpt-5"),
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


def test_auto_is_offered_only_where_no_model_is_named(machine: Machine, place: Place, tmp_path: Path) -> None:
    for number, model in enumerate(("gpt-5", "default")):
        place.database().conversation(f"c-{number}", number * 50_000, turns=[(0, 0)], modelConfig={"modelName": model})
    place.scan()
    import_usage(machine.db, export(tmp_path, row(iso(30), "auto"), row(iso(50_030), "auto")))
    assert [len(offered(machine.db, machine.sessions[name].id)) for name in ("c-0", "c-1")] == [0, 1]


def test_what_a_cloud_agent_used_is_offered_to_no_session(machine: Machine, place: Place, tmp_path: Path) -> None:
    place.database().conversation("c-1", turns=[(0, 0)])
    place.scan()
    file = tmp_path / "usage.csv"
    local = row(iso(30), "gpt-5", layout=NEWEST)
    file.write_text("\n".join([NEWEST, local.replace('"",', '"bc-1",', 1), local.replace("21282", "21283")]))
    assert import_usage(machine.db, file).new == 2
    assert [found.output for found in offered(machine.db, machine.sessions["c-1"].id)] == [21283]


def test_a_row_exported_again_takes_the_later_cost(machine: Machine, tmp_path: Path) -> None:
    import_usage(machine.db, export(tmp_path, row(cost="0.19"), row(model="gpt-5", cost="1")))
    again = import_usage(machine.db, export(tmp_path, row(cost="0.25", kind="On-Demand")))
    assert numbers(again) == (1, 0, 1, 0)
    assert account.spend(machine.db, None, None).cost == 1_250_000
    import_usage(machine.db, export(tmp_path, row(cost="0.25", kind="Errored, No Charge")))
    total = account.spend(machine.db, None, None)
    assert (total.rows, total.cost, total.not_charged) == (1, 1_000_000, 1)


# ---- one turn, told by the hook and by its bubble ----------------------------------------------------------------------

TURN = bubble(t=8, inp=100, out=5, requestId="r-1", usageUuid="q-1")


def bubbles(place: Place, asked: dict[str, object], *answers: dict[str, object], native_id: str = "c-1") -> None:
    names = []
    for name, data in (("u0", asked), *((f"z{n}", answer) for n, answer in enumerate(answers))):
        place.database().bubble(name, data, native_id)
        names.append(name)
    place.database().composer(native_id, *names)


@pytest.mark.parametrize("first", ["hook", "bubble"])
@pytest.mark.parametrize(
    ("generation", "asked", "answer", "one"),
    [
        ("r-1", prompt(), TURN, True),  # the id that is not the key
        ("r-1", prompt(), TURN | {"tokenCount": {"inputTokens": 9, "outputTokens": 9}}, True),  # whatever the figures
        ("g-9", prompt(requestId="g-9"), TURN | {"tokenCount": {"inputTokens": 9, "outputTokens": 9}}, True),
        ("g-9", prompt(), TURN, True),  # no id in common: equal figures at one time
        ("g-9", prompt(), bubble(t=8, inp=100, out=5), True),
        ("g-9", prompt(), bubble(t=8, inp=10, out=5), True),  # input without what the cache tells
        ("g-9", prompt(), bubble(t=None, inp=100, out=5), True),  # no time of its own
        ("g-9", prompt(), bubble(t=8, inp=100, out=6), False),
        ("g-9", prompt(), bubble(t=900, inp=100, out=5), False),  # a later turn
    ],
)
def test_one_turn_counts_once_whichever_id_the_hook_is_told(
    machine: Machine,
    place: Place,
    first: str,
    generation: str,
    asked: dict[str, object],
    answer: dict[str, object],
    one: bool,
) -> None:
    for step in (first, "bubble" if first == "hook" else "hook"):
        if step == "hook":
            place.turn("c-1", generation, 9)
        else:
            bubbles(place, asked, answer)
        place.scan()
    for _ in range(2):
        found = machine.sessions["c-1"].total
        assert (found.requests, found.cache_read) == (1 if one else 2, 60)
        assert (machine.figures() == (10, 5, 30, 60)) is one
        place.scan(full=True)


@pytest.mark.parametrize("first", ["hook", "bubble"])
def test_one_line_of_the_hook_stands_for_one_bubble(machine: Machine, place: Place, first: str) -> None:
    """Two answers of equal figures were two turns; what a copy of the conversation tells stays with the original."""
    alike = [bubble(t=t, inp=100, out=5, usageUuid=f"q-{t}") for t in (7, 8)]
    for step in (first, "bubble" if first == "hook" else "hook"):
        if step == "hook":
            place.turn("c-1", "g-9", 9)
        else:
            bubbles(place, prompt(), *alike)
        place.scan()
    assert machine.sessions["c-1"].total.requests == 2
    bubbles(place, prompt(), *alike, native_id="c-2")
    place.database().composer("c-2", "u0", "z0", "z1", t=5000)
    for full in (False, True):
        place.scan(full=full)
        assert {name: session.total.requests for name, session in machine.sessions.items()} == {"c-1": 2, "c-2": 0}


def test_other_agents_are_offered_nothing(machine: Machine, tmp_path: Path) -> None:
    from claude_logs import answer, prompt

    machine.log("P/S.jsonl", prompt("Fix", 0), answer(t=1))
    machine.scan()
    (session,) = machine.sessions.values()
    import_usage(machine.db, export(tmp_path, row("2026-11-20T08:00:30.000Z")))
    assert offered(machine.db, session.id) == []
