"""A pasted address proposes a task's key, title and project; nothing is fetched (issue 5, tasks "from a pasted URL")."""

from __future__ import annotations

import pytest

from tokentrack.linking.urls import proposed

GITHUB, GITLAB = "https://github.com/me/shop", "https://gitlab.com/group/sub/shop/-"


@pytest.mark.parametrize(
    ("text", "key", "title", "url", "repository"),
    [
        (f"{GITHUB}/issues/12", "#12", "Issue 12 of shop", f"{GITHUB}/issues/12", "github.com/me/shop"),
        (f" {GITHUB}/pull/7/files?w=1#r2\n", "#7", "Pull request 7 of shop", f"{GITHUB}/pull/7", "github.com/me/shop"),
        ("https://www.github.com/me/shop/pull/7", "#7", "Pull request 7 of shop", f"{GITHUB}/pull/7", "github.com/me/shop"),
        ("https://git.example/me/a.b/pulls/3", "#3", "Pull request 3 of a.b", "https://git.example/me/a.b/pulls/3",
         "git.example/me/a.b"),
        ("http://bitbucket.org/me/x/pull-requests/5/diff", "#5", "Pull request 5 of x",
         "http://bitbucket.org/me/x/pull-requests/5", "bitbucket.org/me/x"),
        (f"{GITLAB}/issues/3", "#3", "Issue 3 of shop", f"{GITLAB}/issues/3", "gitlab.com/group/sub/shop"),
        (f"{GITLAB}/merge_requests/9/diffs", "!9", "Merge request 9 of shop", f"{GITLAB}/merge_requests/9",
         "gitlab.com/group/sub/shop"),
        ("https://me.atlassian.net/browse/pay-12?focusedId=1", "PAY-12", "Issue 12 of PAY",
         "https://me.atlassian.net/browse/pay-12", None),
        ("https://me.atlassian.net/jira/projects/PAY/boards/1?selectedIssue=PAY-9", "PAY-9", "Issue 9 of PAY",
         "https://me.atlassian.net/browse/PAY-9", None),
        ("https://jira.example:8443/tracker/browse/OPS-7", "OPS-7", "Issue 7 of OPS",
         "https://jira.example:8443/tracker/browse/OPS-7", None),
        ("https://linear.app/me/issue/PAY-12/refund-twice%20over", "PAY-12", "Refund twice over",
         "https://linear.app/me/issue/PAY-12", None),
    ],
)  # fmt: skip
def test_an_address_of_one_piece_of_work(text: str, key: str, title: str, url: str, repository: str | None) -> None:
    assert proposed(text) == (key, title, url, repository)


@pytest.mark.parametrize(
    "text",
    ["", "PAY-12", "Refund twice", GITHUB, f"{GITHUB}/issues", f"{GITHUB}/issues/0", f"{GITHUB}/issues/12a", "https://",
     "ftp://github.com/me/shop/issues/1", "javascript:alert(1)", "https://[::1/browse/PAY-1", "https://x.y:no/browse/PAY-1",
     f"{GITHUB}/tree/feat/PAY-12", f"see {GITHUB}/issues/12", f"{GITHUB}/issues/12 {GITHUB}/issues/13",
     "https://x.example/" + "a/" * 2000 + "issues/1"],
)  # fmt: skip
def test_what_is_no_such_address_proposes_nothing(text: str) -> None:
    assert proposed(text) is None


def test_names_and_passwords_are_no_part_of_it() -> None:
    found = proposed("https://me:secret@git.example/me/shop/issues/4?token=secret#secret")
    assert found is not None
    assert "secret" not in " ".join(part or "" for part in found)
