"""The counting cases C1, C2 and C6, and what else decides how Cursor's conversations are told. C3 to C5: `test_cursor_csv`.

Figures are (input, output, cache write, cache read), as the cases give them.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from claude_logs import Machine, by_session
from cursor_logs import Place, at, bubble, files, folder, iso, prompt, said, terminal, tracking

from tokentrack.agents import cursor, cursor_raw
from tokentrack.model.usage import Session
from tokentrack.review.why import raw_of, rule_of, told_at, traced, why
from tokentrack.store import account, read


@pytest.fixture
def place(machine: Machine) -> Iterator[Place]:
    with closing(Place(machine)) as found:
        yield found


def one(machine: Machine, native_id: str = "c-1") -> Session:
    return machine.sessions[native_id]


# ---- C1, C2, C6 ------------------------------------------------------------------------------------------------------


def test_c1_the_last_bubble_of_each_turn_holds_its_tokens(machine: Machine, place: Place) -> None:
    place.database().conversation(turns=[(23050, 5947), (52228, 1941)])
    assert not place.scan().problems
    assert machine.requests == 2
    assert machine.figures() == (75278, 7888, 0, 0)
    assert (one(machine).tokens_from, one(machine).turns, one(machine).unrecorded) == ("recorded", 2, False)
    assert [turn.total.output for turn in read.turns(machine.db, one(machine).id)] == [5947, 1941]
    assert machine.rows("select name from models") == [("gpt-5",)]


@pytest.mark.parametrize("mode", ["wal", "delete"])
def test_c2_zeros_everywhere_are_unknown_and_no_error(machine: Machine, place: Place, mode: str) -> None:
    place.database(mode=mode).conversation(turns=[(0, 0), (0, 0)])
    assert not place.scan().problems
    found = one(machine)
    assert (found.total.requests, found.tokens_from, found.turns, found.unrecorded) == (0, "none", 2, True)
    assert (found.title, found.started_at) == ("Fix the cart", at())


def test_c2_a_database_without_the_newer_table(machine: Machine, place: Place) -> None:
    """As in 2024: a workspace's list, a chat, and nothing that tells tokens."""
    database = place.workspace("w1", "file:///w/my%20shop")
    database.db.execute("drop table cursorDiskKV")
    inner = [prompt("Fix SHOP-4", 3, bubbleId="u"), bubble(t=4, bubbleId="a")]
    database.item(
        "composer.composerData",
        {
            "allComposers": [
                {"composerId": "c-1", "name": "Listed", "createdAt": at(1), "lastUpdatedAt": at(5)},
                {"composerId": "c-2", "createdAt": at(3), "conversation": inner},
                {"composerId": "draft", "createdAt": at(1)},
            ]
        },
    )
    chat = {"tabId": "t-1", "chatTitle": "A chat", "lastSendTime": at(9), "bubbles": [{"type": "user"}]}
    database.item("workbench.panel.aichat.view.aichat.chatdata", {"tabs": [chat, {"tabId": "t-2", "bubbles": []}]})
    assert not place.scan().problems
    assert set(machine.sessions) == {"c-1", "c-2", "t-1"}
    assert {session.tokens_from for session in machine.sessions.values()} == {"none"}
    assert {session.cwd for session in machine.sessions.values()} == {"/w/my shop"}
    assert one(machine, "c-2").title == "Fix SHOP-4"
    assert machine.requests == 0


def test_c6_transcripts_tell_sessions_and_prompts_and_no_usage(machine: Machine, place: Place) -> None:
    place.transcript(
        "c-1",
        said("<timestamp>2026-08-06T10:00:00Z</timestamp><user_query>Fix SHOP-9</user_query>"),
        said("Looking", "assistant"),
        {"type": "turn_ended", "status": "success"},
        said("<user_query>and the tests</user_query>"),
    )
    place.transcript("c-1", said("look around"), inner="subagents/s-1.jsonl")
    report = place.scan()
    assert (report.logs_read, report.problems) == (2, [])
    found = one(machine)
    assert (found.title, found.turns, found.total.requests, found.tokens_from) == ("Fix SHOP-9", 2, 0, "none")
    assert list(machine.sessions) == ["c-1"]
    assert machine.marks() == {("key", "SHOP-9", "prompt")}
    assert [turn.at for turn in read.turns(machine.db, found.id)] == [None, None]


def test_times_in_a_transcript_count_where_every_prompt_has_one(machine: Machine, place: Place) -> None:
    place.transcript("c-1", *(said(f"<timestamp>2026-08-06T10:0{n}:00Z</timestamp>Part {n}") for n in range(2)))
    place.scan()
    assert [turn.at for turn in read.turns(machine.db, one(machine).id)] == [1_786_010_400_000, 1_786_010_460_000]


def test_the_development_logs(
    machine: Machine, corpus: Callable[[str], Path], expected: Callable[[str], dict[str, Any]]
) -> None:
    root, right = corpus("cursor"), expected("cursor")
    with closing(Place(machine)) as place:
        shutil.copytree(root / "User", place.user, copy_function=shutil.copyfile)
        shutil.copytree(root / "dot-cursor", place.home, copy_function=shutil.copyfile)
        before = files(machine.home / ".config") | files(place.home)
        for full in (False, False, True):
            assert not place.scan(full=full).problems
            found = {
                name: {
                    "requests": total.requests, "input": total.input, "output": total.output, "reasoning": total.reasoning or 0,
                    "cache_read": total.cache_read, "cache_write": total.cache_write_5m + total.cache_write_1h,
                }
                for name, total in by_session(machine).items()
            }  # fmt: skip
            assert {name: row for name, row in found.items() if row["requests"]} == right["sessions"]
            assert len(found) == len(right["sessions"]) + 2  # the transcripts: listed, their tokens not known
        assert files(machine.home / ".config") | files(place.home) == before
        assert {s.tokens_from for s in machine.sessions.values() if not s.total.requests} == {"none"}


# ---- which conversations there are -----------------------------------------------------------------------------------


def test_drafts_and_rows_of_tools_are_no_sessions(machine: Machine, place: Place) -> None:
    database = place.database()
    database.composer("draft")
    database.composer("task-call_1\nfc_1", "u1")
    database.bubble("u1", bubble(inp=5), "task-call_1\nfc_1")
    database.conversation("c-1")
    assert not place.scan().problems
    assert list(machine.sessions) == ["c-1"]


def test_ids_that_begin_alike_are_told_apart(machine: Machine, place: Place) -> None:
    for number, name in enumerate(("c-1", "c-10", "c-1x", "c-", "C-1")):
        place.database().conversation(name, turns=[(10 * number + 1, 1)])
    place.scan()
    assert {name: total.input for name, total in by_session(machine).items()} == {
        "c-1": 1, "c-10": 11, "c-1x": 21, "c-": 31, "C-1": 41,
    }  # fmt: skip


def test_tokens_of_answers_made_anew_and_of_deleted_conversations_were_spent(machine: Machine, place: Place) -> None:
    database = place.database()
    database.conversation("c-1", turns=[(100, 10)])
    database.bubble("before", bubble(t=8, inp=40, out=4))
    database.bubble("b1", bubble(t=3, inp=7, out=7), "gone")
    database.bubble("b2", bubble(t=3), "gone without tokens")
    place.scan()
    assert by_session(machine)["c-1"].input == 140
    assert by_session(machine)["gone"].input == 7
    assert set(machine.sessions) == {"c-1", "gone"}
    assert one(machine).turns == 1


def test_sub_agents_are_spend_of_their_session(machine: Machine, place: Place) -> None:
    database = place.database()
    database.conversation("c-3", turns=[(5, 5)], subagentComposerIds=["c-4"])
    database.conversation("c-2", turns=[(30, 3)], subagentComposerIds=["c-3"])
    database.conversation("c-4", turns=[(1, 1)])
    place.scan()
    assert list(machine.sessions) == ["c-2"]
    assert (one(machine, "c-2").total.input, one(machine, "c-2").turns) == (36, 1)
    assert read.sessions_like(machine.db, "c-4")[0].native_id == "c-2"


def test_a_sub_agent_is_known_as_one_late(machine: Machine, place: Place) -> None:
    place.transcript("c-1", said("look around"), inner="subagents/c-5.jsonl")
    place.database().conversation("c-4", turns=[(1, 1)])
    place.scan()
    place.database().conversation("c-1", turns=[(30, 3), (0, 0)], subagentComposerIds=["c-4"])
    place.database().conversation("c-5", turns=[(8, 8)])
    for full in (False, True):
        place.scan(full=full)
        assert list(machine.sessions) == ["c-1"]
        assert (one(machine).total.input, one(machine).turns) == (39, 2)
        assert account.models_named(machine.db, one(machine).id) == ["gpt-5"]


def test_a_copied_conversation_counts_once(machine: Machine, place: Place) -> None:
    """Duplicated chats keep the ids of their turns; what is older than the copy itself belongs to the original."""
    database = place.database()
    database.conversation("c-1", turns=[(100, 10)])
    names = []
    for name in ("u0", "a0", "z0"):
        (data,) = database.db.execute(
            "select value from cursorDiskKV where key = ?", [f"bubbleId:c-1:{name}"]
        ).fetchone()
        database.bubble(f"copy-{name}", data, "c-2")
        names.append(f"copy-{name}")
    database.composer("c-2", *names, t=5000)
    place.scan()
    assert machine.requests == 1
    assert by_session(machine)["c-1"].input == 100


def test_a_copy_of_what_the_hook_tells_better_counts_nowhere(machine: Machine, place: Place) -> None:
    """The original's record gives way to the hook's line; its copy does not come in for it, whatever is met first (AC 1)."""
    database = place.database()
    for native_id, t in (("c-1", 0), ("c-2", 5000)):
        database.bubble("u0", prompt(t=1), native_id)
        database.bubble("z0", bubble(t=9, inp=100, out=5, usageUuid="q"), native_id)
        database.composer(native_id, "u0", "z0", t=t)
    for native_id, t in (("c-1", 10), ("c-2", 5001)):
        place.turn(
            native_id, f"g-{native_id}", t, cache_read_tokens=0, cache_write_tokens=0, output_tokens=5 + t // 5000
        )
    for _ in range(2):
        place.scan(full=True)
        assert {name: total.output for name, total in by_session(machine).items()} == {"c-1": 5, "c-2": 6}


def test_conversations_inside_one_row_as_old_versions_kept_them(machine: Machine, place: Place) -> None:
    inner = [
        {"type": 1, "bubbleId": "u", "text": "Fix it", "createdAt": iso(1)},
        {"type": 2, "bubbleId": "a", "createdAt": iso(2), "tokenCount": {"inputTokens": 12, "outputTokens": 3}},
    ]
    place.database().put("composerData:c-1", {"_v": 1, "createdAt": at(), "conversation": inner})
    place.scan()
    assert machine.figures() == (12, 3, 0, 0)
    (source,) = why(machine.db, "c-1").sources
    assert (raw_of(source) or {})["tokenCount"] == {"inputTokens": 12, "outputTokens": 3}
    assert told_at(source) == ("table cursorDiskKV, key composerData:c-1", cursor.RULES[2])


# ---- folders, names, models, times -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///w/caf%C3%A9", "/w/café"),
        ("vscode-remote://wsl+Ubuntu/home/me/shop", "/home/me/shop"),
        ("file:///c%3A/src/shop", "c:/src/shop"),
        ("vscode-remote://ssh-remote+box/w%20x", "/w x"),
    ],
)
@pytest.mark.parametrize("first", ["list", "global"])
def test_old_workspaces_tell_folders_in_either_order(
    machine: Machine, place: Place, uri: str, path: str, first: str
) -> None:
    def write(what: str) -> None:
        if what == "list":
            place.workspace("w1", uri).item("composer.composerData", {"allComposers": [{"composerId": "c-1"}]})
        else:
            place.database().conversation("c-1")
        place.scan()

    write(first)
    write("global" if first == "list" else "list")
    assert one(machine).cwd == path


def test_headers_tell_folder_and_name_of_newer_conversations(machine: Machine, place: Place) -> None:
    database = place.database()
    database.conversation("c-1", name=None)
    database.header("c-1", name="A name", **folder("/w/shop"))
    database.header(
        "c-2", 50, name="Only here", workspaceIdentifier={"configPath": {"fsPath": "/w/all/x.code-workspace"}}
    )
    database.header("draft", 60, **folder("/w/shop"))
    database.header("child", 70, child=1, name="A child")
    place.scan()
    assert set(machine.sessions) == {"c-1", "c-2"}
    assert (one(machine).title, one(machine).cwd) == ("A name", "/w/shop")
    assert (one(machine, "c-2").cwd, one(machine, "c-2").started_at) == ("/w/all", at(50))
    database.header("c-3", 90_000, name="Later")
    place.scan()
    assert "c-3" in machine.sessions


def test_models_are_known_where_tokens_are_not(machine: Machine, place: Place) -> None:
    database = place.database()
    database.conversation("c-1", turns=[(0, 0)], modelConfig={"modelName": "default"})
    database.bubble("u0", prompt(t=0, modelInfo={"modelName": "claude-4.6-opus"}))
    place.scan()
    assert account.models_named(machine.db, one(machine).id) == ["claude-4.6-opus", "default"]


@pytest.mark.parametrize("name", ["auto", "default", None])
def test_auto_names_no_model_that_has_a_price(machine: Machine, place: Place, name: str | None) -> None:
    place.database().conversation("c-1", modelConfig={"modelName": name})
    place.scan()
    assert (machine.total().list_value, machine.total().unpriced_requests) == (None, 1)


def test_bubbles_without_times_keep_their_order(machine: Machine, place: Place) -> None:
    database = place.database()
    for number in range(3):
        database.bubble(f"u{number}", prompt(f"Part {number}", None))
        database.bubble(f"z{number}", bubble(t=None, inp=number + 1, out=1, usageUuid=f"g{number}"))
    database.composer("c-1", "u0", "z0", "u1", "z1", "u2", "z2", t=7)
    place.scan()
    turns = read.turns(machine.db, one(machine).id)
    assert [turn.total.input for turn in turns] == [1, 2, 3]
    assert {turn.at for turn in turns} <= {at(7) + n for n in range(10)}


def test_a_name_given_later_is_shown(machine: Machine, place: Place) -> None:
    place.database().conversation("c-1", name=None)
    place.scan()
    assert one(machine).title == "Fix SHOP-1"
    place.database().conversation("c-1", turns=[(100, 10), (1, 1)], name="Carts")
    place.scan()
    assert one(machine).title == "Carts"


def test_commands_and_prompts_leave_marks(machine: Machine, place: Place) -> None:
    database = place.database()
    database.bubble("u0", prompt("see https://example.test/acme/shop/pull/41"))
    database.bubble("t0", terminal("git commit -m x", "[main 1a2b3c4] SHOP-13: carts"))
    database.bubble("t1", terminal("cat notes", "[main 9999999] SHOP-99"))
    database.composer("c-1", "u0", "t0", "t1")
    place.scan()
    assert machine.marks() == {
        ("url", "https://example.test/acme/shop/pull/41", "prompt"),
        ("commit", "1a2b3c4", "output"),
        ("key", "SHOP-13", "commit"),
    }


def test_a_commit_is_told_of_the_one_conversation_that_wrote_since_the_last(machine: Machine, place: Place) -> None:
    place.database().conversation("c-1")
    place.database().conversation("c-2", 20)
    tracking(place.home / "ai-tracking/ai-code-tracking.db")
    for full in (False, True):
        assert not place.scan(full=full).problems
        rows = machine.rows(
            "select s.native_id, k.kind, k.value from marks k join sessions s on s.id = k.session_id where k.source = 'commit'"
        )
        assert set(rows) == {("c-1", "commit", "aaaaaaa"), ("c-1", "key", "SHOP-13"), ("c-2", "commit", "ccccccc")}
    assert "c-7" not in machine.sessions  # a name alone is no session


def test_chats_of_the_command_line(machine: Machine, place: Place) -> None:
    path = place.chat("k-1")
    place.chat("k-2", hasConversation=False)
    store = place.home / "acp-sessions/k-3/store.db"
    store.parent.mkdir(parents=True)
    with closing(sqlite3.connect(store)) as db:
        db.executescript(
            "create table meta (key text primary key, value text); create table blobs (id text, data blob)"
        )
        told = {"agentId": "k-3", "name": "By ACP", "createdAt": at(3), "lastUsedModel": "gpt-5"}
        db.execute("insert into meta values ('0', ?)", [json.dumps(told).encode().hex()])
        db.execute("insert into blobs values ('x', x'0a')")
        db.commit()
    place.transcript("k-1", said("<user_query>Fix the bill</user_query>"))
    assert not place.scan().problems
    assert set(machine.sessions) == {"k-1", "k-3"}
    assert (one(machine, "k-1").title, one(machine, "k-1").cwd, one(machine, "k-1").started_at) == (
        "Bills",
        "/w/shop",
        at(),
    )
    assert (one(machine, "k-3").title, one(machine, "k-3").started_at) == ("By ACP", at(3))
    assert cursor.log_at(place.home / "chats", path.with_name("store.db-wal")) is None


@pytest.mark.parametrize("written", ["hex", "plain"])
@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
def test_of_a_chats_description_only_named_values_are_taken(
    machine: Machine, place: Place, written: str, separators: tuple[str, str]
) -> None:
    store = place.home / "chats/x/k-1/store.db"
    store.parent.mkdir(parents=True)
    told = {"agentId": "k-1", "createdAt": at(3), "name": "Café: a, b", "key": "secret", "lastUsedModel": "gpt-5"}
    text = json.dumps(told, separators=separators)
    with closing(sqlite3.connect(store)) as db:
        db.executescript("create table meta (key text, value text); create table blobs (id text)")
        db.execute("insert into meta values ('0', ?)", [text.encode().hex() if written == "hex" else text])
        db.execute("insert into blobs values ('x')")
        db.commit()
    assert not place.scan().problems
    assert (one(machine, "k-1").title, one(machine, "k-1").started_at) == ("Café: a, b", at(3))
    assert account.models_named(machine.db, one(machine, "k-1").id) == ["gpt-5"]
    with closing(sqlite3.connect(store)) as db:
        db.execute("update meta set value = 'zz'")
        db.commit()
    assert [reason for _, reason in place.scan().problems] == ["its description cannot be read"]


def test_older_flat_transcripts(machine: Machine, place: Place) -> None:
    folder_ = place.home / "projects/w/agent-transcripts"
    machine.write(folder_ / "c-1.txt", b"user:\n<user_query>\nOld one\n</user_query>\n\nassistant:\nok\nuser:\nmore\n")
    machine.write(folder_ / "c-2.txt", b"user:\nfrom text\n")
    machine.write(folder_ / "c-2.jsonl", json.dumps(said("from lines")).encode())
    place.scan()
    assert {name: (s.title, s.turns) for name, s in machine.sessions.items()} == {
        "c-1": ("Old one", 2), "c-2": ("from lines", 1),
    }  # fmt: skip


def test_one_conversation_in_the_database_and_in_a_transcript_is_one_session(machine: Machine, place: Place) -> None:
    place.transcript("c-1", said("<user_query>Fix SHOP-1</user_query>"), said("<user_query>Fix SHOP-2</user_query>"))
    place.scan()
    place.database().conversation("c-1", turns=[(100, 10), (5, 5)])
    place.scan()
    assert (one(machine).turns, one(machine).total.requests, one(machine).started_at) == (2, 2, at())
    assert one(machine).tokens_from == "recorded"


# ---- live ------------------------------------------------------------------------------------------------------------


def test_only_what_changed_is_read_again(machine: Machine, place: Place) -> None:
    database = place.database()
    for number in range(40):
        database.conversation(f"c-{number}", number * 1000)
        database.put(f"agentKv:blob:{number}", "x" * 10_000)
    whole = place.scan().bytes_read
    database.conversation("c-7", 7000, turns=[(100, 10), (3, 3)])
    report = place.scan()
    assert 0 < report.bytes_read < whole / 10
    assert machine.requests == 41
    assert place.scan().logs_read == 0


def test_tokens_filled_in_place_at_the_end_of_a_stream_are_seen(machine: Machine, place: Place) -> None:
    database = place.database()
    database.conversation(turns=[(0, 0)])
    place.scan()
    assert machine.requests == 0
    database.db.execute(
        "update cursorDiskKV set value = ? where key = 'bubbleId:c-1:z0'", [json.dumps(bubble(t=9, inp=50, out=5))]
    )
    place.scan()
    assert machine.figures() == (50, 5, 0, 0)
    assert one(machine).tokens_from == "recorded"


def test_tokens_filled_in_place_far_from_the_end_are_seen(machine: Machine, place: Place) -> None:
    database = place.database()
    for number in range(40):
        database.conversation(f"c-{number}", number * 1000, turns=[(0, 0)] * 6)
    place.scan()
    database.db.execute(
        "update cursorDiskKV set value = ? where key = 'bubbleId:c-3:z0'",
        [json.dumps(bubble(t=3009, inp=50, out=5), separators=(",", ":"))],
    )
    place.scan()
    assert machine.figures() == (50, 5, 0, 0)


def test_a_turn_without_tokens_among_turns_with_some_is_not_hidden(machine: Machine, place: Place) -> None:
    place.database().conversation(turns=[(100, 10), (0, 0)])
    place.scan()
    assert (one(machine).total.requests, one(machine).tokens_from, one(machine).unrecorded) == (1, "none", True)
    assert (one(machine).started_at, one(machine).ended_at) == (at(0), at(100))


def test_deleting_compacting_and_restoring(machine: Machine, place: Place) -> None:
    """Deleted rows stay counted; row numbers that went to others are noticed."""
    database = place.database()
    for number in range(6):
        database.conversation(f"c-{number}", number * 1000)
    place.scan()
    database.db.execute("delete from cursorDiskKV where key like '%c-5%' or key like '%c-4%'")
    database.conversation("c-9", 9000)  # takes the numbers of the deleted rows
    place.scan()
    assert machine.requests == 7
    database.db.execute("delete from cursorDiskKV where key like '%c-0%'")
    database.db.execute("vacuum")
    database.conversation("c-8", 9500)
    place.scan()
    assert machine.requests == 8
    assert set(machine.sessions) == {f"c-{n}" for n in (0, 1, 2, 3, 4, 5, 8, 9)}


def test_rows_that_lie_only_in_the_wal_and_files_left_as_they_were(machine: Machine, place: Place) -> None:
    database = place.database()
    database.db.execute("pragma wal_checkpoint(truncate)")
    database.conversation()
    before = {name: data for name, data in files(place.user).items() if not name.endswith("-shm")}
    assert len(before["globalStorage/state.vscdb-wal"]) > 32
    place.scan()
    place.scan(full=True)
    assert machine.requests == 1
    assert {name: data for name, data in files(place.user).items() if not name.endswith("-shm")} == before


def test_a_busy_database_is_read_later(machine: Machine, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tokentrack.agents.foreign.PATIENCE_SECONDS", 0.05)
    database = place.database(mode="delete")
    database.conversation()
    database.db.execute("begin exclusive")
    (problem,) = place.scan().problems
    assert "read again later" in problem[1]
    database.db.execute("commit")
    assert not place.scan().problems
    assert machine.requests == 1


def test_what_cannot_be_read_is_told_and_stops_nothing(machine: Machine, place: Place) -> None:
    database = place.database()
    database.conversation("c-1")
    database.put("composerData:c-2", "not json")
    database.composer("c-3", "u", "z", "y")
    database.bubble("u", prompt("\ud800 x".encode("utf-8", "surrogatepass").decode("utf-8", "replace")), "c-3")
    database.bubble("z", bubble(inp=-5, out="many"), "c-3")
    database.bubble(
        "y", b'{"type": 2, "text": "\xff", "tokenCount": {"inputTokens": "1,200", "outputTokens": 7.0}}', "c-3"
    )
    machine.write(place.home / "chats/x/k/meta.json", b"[]")
    place.transcript("t-1", {"role": "user", "message": {"content": "\ud800 half a letter"}})
    report = place.scan()
    assert {reason.split(": ", 1)[0] for _, reason in report.problems} >= {"composerData:c-2", "c-3:z"}
    assert by_session(machine)["c-3"].input == 1200
    assert by_session(machine)["c-1"].input == 100
    assert min(machine.figures()) >= 0


def test_a_damaged_schema_is_told_in_words(machine: Machine, place: Place) -> None:
    """SQLite quotes the schema's bytes in its message, which are no text then."""
    database = place.database(mode="delete")
    database.conversation()
    database.close()
    data = database.path.read_bytes().replace(b"create table cursorDiskKV", b"create tab\xc5e cursorDiskKV")
    database.path.write_bytes(data.replace(b"CREATE TABLE cursorDiskKV", b"CREATE TAB\xc5E cursorDiskKV"))
    (problem,) = place.scan().problems
    assert "damaged" in problem[1] or "SQLite says" in problem[1]
    assert "Error" not in problem[1]


# ---- why -------------------------------------------------------------------------------------------------------------


def test_why_tells_a_counter_that_cannot_be_one(machine: Machine, place: Place) -> None:
    """AC 5, of a turn's bubble: its problem is told under the name that the request has."""
    place.database().conversation(turns=[(-100, 10), (100, 10)])
    place.scan()
    odd, whole = why(machine.db, "c-1").sources
    assert (odd.request.key, odd.fault, whole.fault) == ("c-1:c-1-g0", "inputTokens is no count of tokens", None)


def test_why_leads_to_the_bubble(machine: Machine, place: Place) -> None:
    place.database().conversation(turns=[(100, 10)])
    place.scan()
    (source,) = why(machine.db, "c-1").sources
    assert source.request.offset == -1
    assert raw_of(source) == {
        "bubbleId": "z0", "tokenCount": {"inputTokens": 100, "outputTokens": 10}, "usageUuid": "c-1-g0",
    }  # fmt: skip
    assert rule_of(source) == cursor.RULES[2]
    assert traced(source).offset is None
    assert told_at(source) == ("table cursorDiskKV, key bubbleId:c-1:z0", cursor.RULES[2])
    assert cursor_raw.raw(place.database().path, "c-1:none") is None


def test_where_cursor_is_looked_for(home: Path) -> None:
    env = {
        "XDG_CONFIG_HOME": "/x/config",
        "CURSOR_CONFIG_DIR": "/x/c",
        "APPDATA": "/x/roaming",
        "XDG_DATA_HOME": "/x/data",
    }
    found = set(map(str, cursor.roots(home, env)))
    assert {
        "/x/config/Cursor/User/globalStorage", "/x/config/cursor/chats", "/x/c/projects", f"{home}/.cursor/projects",
        "/x/roaming/Cursor/User/workspaceStorage", "/x/data/tokentrack/cursor-hook",
    } <= found  # fmt: skip
    user = home / "Portable/data/User"
    (user / "globalStorage").mkdir(parents=True)
    assert cursor.roots_of(home / "Portable/data") == [user / "globalStorage"]
    assert cursor.roots_of(user) == [user / "globalStorage"]


def test_the_backup_beside_the_database_is_not_read(machine: Machine, place: Place) -> None:
    place.database().conversation()
    place.close()
    path = place.user / "globalStorage/state.vscdb"
    shutil.copyfile(path, path.with_name("state.vscdb.backup"))
    assert place.scan().logs == 1
