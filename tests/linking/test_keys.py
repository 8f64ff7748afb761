"""What a name says of a task: product 3.2, AC 13."""

from __future__ import annotations

import pytest
from linking_facts import commit, mark, session, suggested, task, turns

from tokentrack.linking.keys import Prefixes, is_key, is_trunk, keys_in, numbers_in, offered_in, plain_url, title_in

NO_KEYS = ["UTF-8", "SHA-256", "CVE-2024-3094", "GPT-4", "release-12"]


@pytest.mark.parametrize("name", NO_KEYS)
def test_ac13_what_looks_like_a_key_names_no_task_in_branch_title_or_commit(name: str) -> None:
    tasks = [task("PAY-12"), task("#8"), task("#12"), task("#256"), task("#4"), task("#2024"), task("#3094")]
    marks = [mark("key", name.upper()), mark("commit", "abcdef1", "output"), mark("key", name.upper(), "commit")]
    found = suggested(
        [session("s", turns(f"fix/{name}-names"), *marks, text=f"Mind {name} here")],
        tasks,
        commits=[commit("abcdef1", ("key", name.upper()))],
    )
    assert not [one for one in found if one.tier in "AB" or one.signal == "C1"]


@pytest.mark.parametrize("prefix", ["ES", "CP", "WIN", "MD", "PY", "X", "ARM", "V"])
def test_ac13_a_prefix_of_the_projects_own_tasks_is_one_whatever_else_it_may_mean(prefix: str) -> None:
    """Product 3.2: accepted if the prefix is one of the project's and the task exists."""
    mine = [task(f"{prefix}-5"), task(f"{prefix}-6")]
    found = suggested([session("s", turns(f"feat/{prefix}-5-thing"))], mine)
    if len(prefix) > 1:  # one letter is no prefix: product 3.2
        assert [(one.signal, one.task) for one in found if one.preselected] == [("A4", f"{prefix}-5")]
        assert offered_in(f"feat/{prefix}-9-x", Prefixes({prefix}, [], lambda _: 0)) == [f"{prefix}-9"]
    assert offered_in(f"feat/{prefix}-9-x", Prefixes(set(), [], lambda _: 9)) == []


@pytest.mark.parametrize("branch", ["feat/PAY-12-x", "PAY-12", "me/pay-12_x", "wip_PAY-12"])
def test_ac13_a_branch_names_pay_12_if_that_task_exists(branch: str) -> None:
    there = suggested([session("s", turns(branch))], [task("PAY-12"), task("PAY-1"), task("PAY-121")])
    assert [(one.signal, one.task) for one in there if one.preselected] == [("A4", "PAY-12")]
    assert not [one for one in suggested([session("s", turns(branch))], [task("PAY-13")]) if one.tier == "A"]


@pytest.mark.parametrize(
    ("branch", "numbers"),
    [
        ("fix/123-refunds", ["123"]),
        ("123-refunds", ["123"]),
        ("issue-123", ["123"]),
        ("gh-123-refunds", ["123"]),
        ("feature/issue-7-x", ["7"]),
        ("pr/45", ["45"]),
        ("fix_123", ["123"]),
        ("py-312-wheels", []),
        ("release-12", []),
        ("columns-2", []),
        ("v2", []),
        ("python-3.12", []),
        ("2025-06-01-cleanup", []),
        ("0123-x", []),
        ("claude/fix-ab12cd", []),
    ],
)
def test_a_number_in_a_branch_counts_where_people_write_an_issue(branch: str, numbers: list[str]) -> None:
    assert list(numbers_in(branch)) == numbers


def test_a_plain_number_counts_where_the_project_numbers_its_tasks() -> None:
    asked = [session("s", turns("fix/12-refunds"))]
    assert [one.task for one in suggested(asked, [task("#12")]) if one.preselected] == ["#12"]
    assert not [one for one in suggested(asked, [task("PAY-12")]) if one.tier == "A"]


def test_keys_are_met_in_any_case_and_end_where_they_end() -> None:
    assert list(keys_in("see pay-12, OPS-7 and (ABC-3)")) == ["PAY-12", "OPS-7", "ABC-3"]
    assert not list(keys_in("OPS-7.1 PAY-3a 3PAY-3 PAY-0"))


@pytest.mark.parametrize(("text", "whole"), [
    ("PAY-12", True), ("pay-12", True), ("#12", True), ("PAY-12 x", False),
    ("#", False), ("#0", False), ("#²", False), ("", False),
])  # fmt: skip
def test_a_text_is_a_key_where_it_is_nothing_else(text: str, whole: bool) -> None:
    assert is_key(text) == whole


def test_a_key_is_offered_as_a_new_task_in_upper_case_or_where_the_project_has_met_its_prefix() -> None:
    """Product 3.2: "otherwise offer create PAY-12"."""
    assert offered_in("feat/PAY-12-x", set()) == ["PAY-12"]
    assert offered_in("feat/pay-12-x", set()) == []
    assert offered_in("feat/pay-12-x", {"PAY"}) == ["PAY-12"]


@pytest.mark.parametrize("name", NO_KEYS)
def test_ac13_what_looks_like_a_key_is_never_offered_as_a_new_task(name: str) -> None:
    met = Prefixes({"PAY"}, [f"fix/{name}", f"fix/{name}-x", f"{name}-names"], lambda _: 9)
    assert offered_in(f"fix/{name}-names", met) == offered_in(f"fix/{name.upper()}", met) == []


@pytest.mark.parametrize("name", ["PHASE-2", "TASK-12", "ISSUE-4"])
def test_a_word_that_is_numbered_is_a_prefix_where_tasks_have_it(name: str) -> None:
    assert offered_in(name, Prefixes(set(), [name, f"{name}1"], lambda _: 9)) == []
    assert offered_in(name, Prefixes({"PHASE", "TASK", "ISSUE"}, [], lambda _: 0)) == [name]
    found = suggested([session("s", turns(name))], [task(name)])
    assert [(one.signal, one.task) for one in found if one.preselected] == [("A4", name)]


def test_a_prefix_is_met_in_several_commits_or_branches() -> None:
    branches = ["feat/web-1", "feat/web-2", "web-2", "fix/app-3", "fix/app-3"]
    met = Prefixes(set(), branches, {"PAY": 2, "OPS": 1, "WEB": 0, "APP": 0}.__getitem__)
    assert [prefix for prefix in ("PAY", "OPS", "WEB", "APP") if prefix in met] == ["PAY", "WEB"]


@pytest.mark.parametrize(
    "branch", ["main", "master", "trunk", "develop", "release/1.2", "HEAD", "", None, "production"]
)
def test_trunks_say_nothing(branch: str | None) -> None:
    assert is_trunk(branch, "production")


def test_other_branches_are_no_trunk() -> None:
    assert not any(map(is_trunk, ["feat/main", "mainline", "release", "fix/master-key"]))


def test_addresses_are_equal_where_they_lead_to_the_same() -> None:
    plain = plain_url("https://github.com/me/shop/pull/12")
    assert (
        plain
        == plain_url("http://www.GitHub.com/me/Shop/pull/12/files?w=1#top")
        == plain_url("https://github.com/me/shop/pull/12/.")
    )
    assert plain != plain_url("https://github.com/me/shop/pull/123")


@pytest.mark.parametrize(
    ("branch", "key", "title"),
    [
        ("feat/PAY-31-bulk-refund", "PAY-31", "Bulk refund"),
        ("pay-31", "PAY-31", ""),
        ("wt/PAY-31_x", "PAY-31", "X"),
        ("a/PAY-31-Ünicode-is", "PAY-31", "Ünicode is"),
        ("PAY-31/bulk-refund", "PAY-31", "Bulk refund"),
        ("fix/12-support-120-users", "#12", "Support 120 users"),
    ],
)
def test_a_branch_tells_the_title_of_a_task_to_be_made(branch: str, key: str, title: str) -> None:
    """The inbox and an import from git name the same branch alike."""
    assert title_in(branch, key) == title
