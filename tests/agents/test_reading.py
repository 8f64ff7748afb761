"""What readers share, and what Codex's and opencode's do with it: nothing long is kept, and what cannot be read is told."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import claude_logs
import msgspec
import pytest
from claude_logs import Machine, lines
from codex_logs import PARENT, context, count, line, meta, named, response, rollout, usage
from command_line import Run
from opencode_logs import Place, answer, step, tokens

from tokentrack.agents import claude_code, codex
from tokentrack.agents.reading import MOST_PROBLEMS, Count, Name, Problems, fit, objects
from tokentrack.model.logs import Problem
from tokentrack.store import logs, read, sources

LONG = "x" * 5000


class Inner(msgspec.Struct):
    count: Count = None


class Outer(msgspec.Struct):
    name: Name = None
    one: Inner | None = None
    many: list[Inner] | None = None
    either: str | list[Inner] | None = None
    rest: msgspec.Raw = msgspec.Raw(b"")


def test_what_fits_is_kept_and_the_rest_has_its_default() -> None:
    value = {
        "name": 5,
        "one": {"count": []},
        "many": [{"count": "7"}, 3, {"count": {}}],
        "either": [{}],
        "rest": {"a": 1},
    }
    found = fit(value, Outer)
    assert (found.name, found.one, found.many, found.either) == (None, Inner(), [Inner("7"), Inner()], [Inner()])
    assert bytes(found.rest) == b'{"a": 1}'
    assert fit({"one": [1], "many": {}, "either": "text", "name": "\ud800"}, Outer) == Outer("?", either="text")
    assert fit({"name": LONG, "one": {"count": "1" * 65}}, Outer) == Outer(one=Inner())


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (b'{"a":1}{"b":2}', ([{"a": 1}, {"b": 2}], None)),
        (b'\xef\xbb\xbf{"a":1},\0 {"b":2}\r\n', ([{"a": 1}, {"b": 2}], None)),
        (b'{"a":1}{"b":', ([{"a": 1}], "not JSON 12 characters into the line")),
        (b'\xef\xbb\xbf \0{"a":1]', ([], "not JSON 9 characters into the line")),  # the sign that it is not
        (
            b'{"a":"hel{"type":"b","c":[{"type":"d"}]}{"uuid":"e"}',
            ([{"type": "b", "c": [{"type": "d"}]}, {"uuid": "e"}], "not JSON 11 characters into the line"),
        ),
        (b'{"a":{"type":"b"},"c":[{"type":"d"},{"type":"e"}],"f', ([], "not JSON 50 characters into the line")),
        (b'{"a":"b{"type":"c","d":"{"type":"e"}', ([{"type": "e"}], "not JSON 9 characters into the line")),
        (b'{"type":"a' * 100_000, ([], "not JSON 12 characters into the line")),
        (b"[1]", ([], "not a record")),
        (b'{"a":' * 100_000, ([], "not JSON")),  # too deep to tell where
        (b"rubbish", ([], "not JSON")),
        (b"\0\0\0", ([], None)),
    ],
)
def test_a_line_holds_what_it_holds(line: bytes, found: object) -> None:
    assert objects(line) == found


def test_of_a_file_of_rubbish_the_number_of_most_faults_is_told_once(machine: Machine, run: Run) -> None:
    path = machine.log("P/S.jsonl", *[b"rubbish"] * (MOST_PROBLEMS + 5), claude_logs.answer())
    report = machine.scan()
    assert len(report.problems) == MOST_PROBLEMS + 1
    assert report.problems[-1] == (str(path), f"5 more faults, the first at byte {MOST_PROBLEMS * len(b'rubbish ')}")
    doctor = run("doctor", "--json").json["agents"][0]
    assert (doctor["unreadable_lines"], len(doctor["problems"])) == (MOST_PROBLEMS + 5, logs.MOST_TOLD)
    assert f"\n  {MOST_PROBLEMS + 5} records in all could not be used\n" in run("doctor").out
    machine.db.execute(
        "update problems set position = position + 1, reason = '5 more faults' where reason glob '5 more*'"
    )
    machine.db.execute(
        "update problems set reason = 'no JSON' where position = 0"
    )  # as another version cut and told them
    path.rename(path.with_name("moved.jsonl"))
    machine.scan()
    assert run("doctor", "--json").json["agents"][0]["unreadable_lines"] == MOST_PROBLEMS + 5


def test_a_fault_of_a_line_that_is_not_finished_is_counted_once_it_is(machine: Machine) -> None:
    odd = claude_logs.compact(claude_logs.answer("msg_9", figures={"input_tokens": -5, "output_tokens": 1}))
    path = machine.log("P/S.jsonl", *[b"rubbish"] * (MOST_PROBLEMS + 2), claude_logs.answer())
    with path.open("ab") as file:
        file.write(odd)
    machine.scan()
    assert logs.unreadable(machine.db, "claude-code") == MOST_PROBLEMS + 2


def test_the_number_of_faults_in_a_database_names_no_byte() -> None:
    problems = Problems()
    for number in range(MOST_PROBLEMS + 2):
        problems.tell(-2 - number, "message: its counters cannot be read")
    assert problems[MOST_PROBLEMS:] == [Problem(-2 - MOST_PROBLEMS, "2 more faults")]


# ---- no text of any kind gets into the store ------------------------------------------------------------------------------


def stored(machine: Machine) -> bytes:
    machine.db.execute("pragma wal_checkpoint(truncate)")
    return machine.store.read_bytes()


def test_codex_keeps_no_long_text(machine: Machine) -> None:
    limits = {"limit_id": LONG, "primary": {"used_percent": 1, "window_minutes": 300}}
    rollout(
        machine, PARENT, meta(cwd=LONG, cli_version=LONG, git={"branch": LONG}), context(LONG),
        count(usage(100), usage(100), 1, rate_limits=limits), response(LONG, usage(50), 2, turn=LONG),
        context("gpt-5.5", 3, LONG) | {"timestamp": LONG},
    )  # fmt: skip
    named(machine, "other.jsonl", meta(LONG), count(usage(7), usage(7), 1))
    machine.scan()
    assert machine.total().input == 157
    assert b"x" * 300 not in stored(machine)


def test_opencode_keeps_no_long_text(machine: Machine) -> None:
    with closing(Place(machine)) as place:
        own = place.database(mode="delete")
        own.session("ses_1", directory=LONG, version=LONG, parent_id=LONG)
        own.message("msg_1", answer(modelID=LONG, path={"cwd": LONG}, providerID=LONG))
        own.message(LONG, answer(2))
        own.message("msg_2", answer(3), session=LONG)
        place.file("msg_3", answer(4, modelID=LONG), session="ses_3")
        report = place.scan()
        assert len(report.problems) == 2
        assert machine.requests == 2
        assert b"x" * 300 not in stored(machine)


# ---- one line, several records ----------------------------------------------------------------------------------------------


def test_why_shows_the_right_one_of_records_glued_together(machine: Machine) -> None:
    """Two processes wrote at once: both records count, and each shows its own counters."""
    glued = b"".join(
        lines([record]).strip()
        for record in (
            count(usage(100), usage(100), 1), count(usage(300), usage(200), 2),
            response("resp_1", usage(7), 3), response("resp_2", usage(8), 4),
        )
    )  # fmt: skip
    path = rollout(machine, PARENT, meta(), context(), glued)
    machine.scan()
    told = {}
    for source in sources.behind(machine.db, read.Where()):
        raw = codex.raw(path, source.request.offset, source.request.key)
        assert raw is not None
        told[source.request.input] = raw.get("last_token_usage") or raw["usage"]
    assert told == {figure: usage(figure) for figure in (100, 200, 7, 8)}


@pytest.mark.parametrize("cut", [60, -20, -4])
def test_what_a_resumed_thread_writes_behind_half_a_record_counts(machine: Machine, cut: int) -> None:
    """Codex was killed while it wrote a text; the half record is told, the figures behind it count and can be shown."""
    half = lines([line("response_item", {"type": "message", "content": [{"type": "output_text", "text": "x" * 99}]})])
    glued = half.strip()[:cut] + lines([response("resp_1", usage(70, 0, 7), 30)]).strip()
    path = rollout(machine, PARENT, meta(), context(), glued, response("resp_2", usage(6, 0, 5), 40))
    ((_, reason),) = machine.scan().problems
    assert reason.startswith("not JSON ")
    assert reason.endswith(f" characters into the line at byte {path.read_bytes().index(half[:50])}")
    assert (machine.requests, machine.figures()) == (2, (76, 12, 0, 0))
    for source in sources.behind(machine.db, read.Where()):
        raw = codex.raw(path, source.request.offset, source.request.key)
        assert raw is not None
        assert raw["usage"]["input_tokens"] == source.request.input


def test_what_stands_behind_a_whole_text_counts(machine: Machine) -> None:
    text = lines([line("response_item", {"type": "message", "content": []})]).strip()
    glued = text + lines([count(usage(100), usage(100))])
    rollout(machine, PARENT, meta(), context(), glued, text + b", " + lines([count(usage(300), usage(200))]))
    machine.scan()
    assert (machine.requests, machine.total().input) == (2, 300)


def test_what_claude_code_writes_behind_half_a_record_counts(machine: Machine) -> None:
    half = lines([claude_logs.prompt("Count the cart")]).strip()[:-30]
    path = machine.log("P/S.jsonl", half + lines([claude_logs.answer("msg_1")]), claude_logs.answer("msg_2", t=2))
    assert len(machine.scan().problems) == 1
    assert machine.requests == 2
    (first, _) = sources.behind(machine.db, read.Where())
    assert claude_code.raw(path, first.request.offset, first.request.key) is not None


def test_saved_output_glued_together_counts_twice(machine: Machine) -> None:
    glued = b'{"type":"turn.completed","usage":{"input_tokens":5}}{"type":"turn.completed","usage":{"input_tokens":6}}'
    path = named(machine, "saved.jsonl", glued)
    machine.scan()
    assert machine.total().input == 11
    for source in sources.behind(machine.db, read.Where()):
        assert codex.raw(path, source.request.offset, source.request.key) == {"input_tokens": source.request.input}


# ---- folders that may not be looked into ------------------------------------------------------------------------------------


@pytest.fixture
def as_nobody() -> Callable[[Callable[[], object]], None]:
    """Runs something without root's right to look everywhere."""

    def run(act: Callable[[], object]) -> None:
        root = os.geteuid() == 0
        if root:
            os.seteuid(65534)
        try:
            act()
        finally:
            if root:
                os.seteuid(0)

    return run


@pytest.mark.skipif(os.name != "posix", reason="needs file modes")
@pytest.mark.parametrize("closed", ["storage/part/msg_1", "storage/session/p1"])
def test_a_folder_of_opencode_that_may_not_be_looked_into_is_told_and_stops_nothing(
    empty_store: Path, as_nobody: Callable[[Callable[[], object]], None], closed: str
) -> None:
    home = Path(tempfile.mkdtemp(prefix="tt-"))  # below pytest's own folder only root may look
    home.chmod(0o755)
    try:
        store = Path(shutil.copy(empty_store, home / "store.db"))
        with closing(Machine(home, store)) as machine, closing(Place(machine)) as place:
            place.session_file()
            place.scan()  # imports what reading needs
            for number in (1, 2):
                place.file(f"msg_{number}", answer(number, tokens(5)), step(tokens(7)))
            folder = place.folder / closed
            folder.chmod(0)
            reports = []
            as_nobody(lambda: reports.append(place.scan()))
            folder.chmod(0o755)
            (problem,) = reports[0].problems
            assert "Permission denied" in problem[1]
            assert machine.requests == 2
    finally:
        shutil.rmtree(home)
