"""What a commit's message says, in the words of GitHub, GitLab, Bitbucket and git itself (product 3.2)."""

from __future__ import annotations

import pytest

from tokentrack.agents.marks import find
from tokentrack.git.history import host_of
from tokentrack.git.messages import LONGEST, marks, title

SHA = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("message", "wanted"),
    [
        ("PAY-12: retries", ["key PAY-12"]),
        ("Retries (#318)", ["pull 318"]),
        ("Retries for #12 (#318)", ["pull 318", "number 12"]),
        ("Retries\n\nCloses #12", ["closes 12"]),
        ("Retries\n\ncloses #12, #13 and PAY-4. See #99", ["closes PAY-4", "closes 12", "closes 13", "mentions 99"]),
        ("fix: #12", ["closes 12", "number 12"]),
        ("Resolved: https://github.com/me/shop/issues/7", ["closes https://github.com/me/shop/issues/7", "url https://github.com/me/shop/issues/7"]),
        ("Retries\n\nRefs: PAY-12", ["key PAY-12"]),
        ("Retries\n\nAs in PAY-12, other words", ["mentions PAY-12"]),
        ("Fixes me/other#12", []),
        ("Prefix #12 in a word: prefixes #13", ["number 12", "number 13"]),
        ("Retries\n\nClaude-Session: 7f3a\nTokentrack-Task: PAY-12", ["task PAY-12", "session 7f3a", "key PAY-12"]),
        ("Retries\n\nCo-authored-by: x <pay-12@example.com>\nSigned-off-by: bot-7 <b@example.com>", []),
        (f'Revert "Fix #12 (#14)" (#15)\n\nThis reverts commit {SHA}.', ["pull 15", f"reverts {SHA}", "number 12", "number 14"]),
        ("", []),
        ("\n\n", []),
    ],
)  # fmt: skip
def test_what_a_message_says(message: str, wanted: list[str]) -> None:
    assert [" ".join(mark) for mark in marks(message, find, merge=False)] == wanted


@pytest.mark.parametrize(
    ("message", "wanted", "called"),
    [
        ("Merge pull request #31 from me/feat/PAY-1\n\nRetry it", ["pull 31", "branch feat/PAY-1", "key PAY-1"], "Retry it"),
        ("Merge branch 'fix/x' into 'main'\n\nRetry\n\nSee merge request me/shop!12", ["branch fix/x", "pull 12"], "Retry"),
        ("Merge branch 'fix/x'\n\nSee merge request me/shop!12", ["branch fix/x", "pull 12"], ""),
        ("Merge remote-tracking branch 'origin/fix/x'", ["branch fix/x"], ""),
        ("Merged in feat/x (pull request #3)\n\nRetry", ["pull 3", "branch feat/x"], "Retry"),
        ("Merged PR 44: Retry", ["pull 44"], ""),
        ("Merge tag 'v1' (#3)", ["number 3"], "Merge tag 'v1'"),
    ],
)  # fmt: skip
def test_what_a_merge_says(message: str, wanted: list[str], called: str) -> None:
    assert [" ".join(mark) for mark in marks(message, find, merge=True)] == wanted
    assert title(message) == called


def test_a_pasted_changelog_names_nothing_beyond_the_beginning() -> None:
    assert marks("Bump\n\n" + "x" * LONGEST + "\nCloses #12", find, merge=False) == ()


def test_a_title_is_the_subject_without_the_hosts_number() -> None:
    assert title("Retry refunds (#318)\n\nBody") == "Retry refunds"
    assert title("Retry (twice)") == "Retry (twice)"


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://me:secret@github.com/me/shop.git", "github.com/me/shop"),
        ("git@GitHub.com:me/shop.git", "github.com/me/shop"),
        ("ssh://git@host.example:2222/group/sub/shop", "host.example/group/sub/shop"),
        ("host:shop.git", "host/shop"),
        ("https://token@dev.azure.com/org/project/_git/shop", "dev.azure.com/org/project/_git/shop"),
        ("/srv/git/shop.git", None),
        ("file:///srv/git/shop.git", None),
        ("../shop", None),
        ("C:\\shop", None),
        ("", None),
        ("ext::sh -c evil", None),
    ],
)
def test_a_remote_is_told_by_host_and_path_alone(url: str, host: str | None) -> None:
    assert host_of(url) == host
