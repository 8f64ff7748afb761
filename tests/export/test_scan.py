"""The scan finds what may leak in the very bytes of each format, and nothing in the sample."""

from __future__ import annotations

import platform
import sqlite3
from itertools import product

import one_on_one
import pytest

from tokentrack.export import FORMATS, render
from tokentrack.export.scan import scan
from tokentrack.review import closing
from tokentrack.store import tasks, transaction, write

ENV = {"HOME": "/home/jroe", "USER": "jroe"}
TOKEN = "ghp_" + "a1B2" * 9
LEAKS = {
    "see /home/jroe/w/shop": ("absolute path", "/home/jroe/w/shop"),
    "(/srv/x)": ("absolute path", "/srv/x"),
    "in /data/in/x.csv.": ("absolute path", "/data/in/x.csv."),
    "~/.ssh/id_rsa": ("absolute path", "~/.ssh/id_rsa"),
    r"C:\Users\jane\notes.txt": ("absolute path", r"C:\Users\jane\notes.txt"),
    r"\\files\share\x": ("absolute path", r"\\files\share\x"),
    "file:///x": ("absolute path", "file:///x"),
    "ask jane.doe+x@mail.example.com": ("e-mail address", "jane.doe+x@mail.example.com"),
    "under_score@mail.example.com": ("e-mail address", "under_score@mail.example.com"),
    "https://me:pw@h.example/x": ("address with a token or password", "https://me:pw@h.example/x"),
    "https://h.example/x?a=1&access_token=abc": (
        "address with a token or password",
        "https://h.example/x?a=1&access_token=abc",
    ),
    "on build7.corp": ("host name", "build7.corp"),
    "at 10.1.2.3": ("host name", "10.1.2.3"),
    "localhost:8080": ("host name", "localhost:8080"),
    f"key {TOKEN}": ("key or token", TOKEN),
    "sk-ant-api03-abcdefghijklmnop": ("key or token", "sk-ant-api03-abcdefghijklmnop"),
    "AKIAABCDEFGHIJKLMNOP": ("key or token", "AKIAABCDEFGHIJKLMNOP"),
    "-----BEGIN RSA PRIVATE KEY-----": ("key or token", "-----BEGIN RSA PRIVATE KEY-----"),
    "password: hunter22": ("key or token", "password: hunter22"),
    "3f9c2b7a3f9c2b7a3f9c2b7a3f9c2b7a": ("key or token", "3f9c2b7a3f9c2b7a3f9c2b7a3f9c2b7a"),
    "session 0189f3a2-1111-4222-8333-123456789abc": ("session id", "0189f3a2-1111-4222-8333-123456789abc"),
    "for ACME & Söhne": ("private word", "ACME & Söhne"),
    "the acme_corp case": ("private word", "acme_corp"),
    "after SEC-77": ("private project", "SEC-77"),
    "with vault": ("private project", "vault"),
    "like KEY-5": ("private work", "KEY-5"),
    "for the quiet deal": ("private work", "the quiet deal"),
    "jroe says": ("user name", "jroe"),
    "me/hidden-repo": ("host name", "me/hidden-repo"),
    "at www.x.example/y": ("host name", "www.x.example"),
    "ssh bob@build01.": ("host name", "bob@build01"),
    "on feat/quiet_deal.": ("branch name", "feat/quiet_deal"),
}
"""Words of the person's own ▶ kind and text of the finding."""
HARMLESS = (
    "and/or", "24/7", "$200/month", "3.12.1", "10 of 14", "text/html", "a/b", "v1.2.3", "PR #318", "12:30", "C: drive", "x@y",
    "re: tokens", "//TODO/later", "https://docs.example.test/a/b", "UTF-8", "feat: carts", "0.5/1", "root cause", "ACMEs",
    "n = 11", "actions/checkout@v4", "next@canary-2", "react@18", "me@home", "of main",
)  # fmt: skip


@pytest.fixture
def known(db: sqlite3.Connection) -> sqlite3.Connection:
    """Private words and projects, and a repository with a remote."""
    with transaction(db):
        write.set_setting(db, "private_words", "Acme & Söhne\nacme_corp\n")
        write.set_setting(db, "private_projects", "vault\n")
        number = tasks.project_number(db, "/w/vault")
        tasks.add(db, one_on_one.Task("", "Hidden", "SEC-77", None, "/w/vault", 0))
        tasks.add(db, one_on_one.Task("", "The quiet deal", "KEY-5", None, None, 0, private=True))
        db.execute(
            "insert into repositories (project_id, hosts) values (?, ?)",
            [number, '["git.hidden.example/me/hidden-repo"]'],
        )
        for ref in ("refs/heads/main", "refs/remotes/origin/feat/quiet_deal"):
            db.execute("insert into branches (project_id, ref, tip) values (?, ?, x'00')", [number, ref])
    return db


def found(data: bytes, db: sqlite3.Connection) -> set[tuple[str, str]]:
    return {(one.kind, one.text) for one in scan(data, db, ENV, one_on_one.CHOSEN)}


@pytest.mark.parametrize("words", LEAKS)
def test_each_leak_is_found_as_it_was_typed(known: sqlite3.Connection, words: str) -> None:
    assert LEAKS[words] in found(words.encode(), known)


@pytest.mark.parametrize("words", HARMLESS)
def test_plain_words_are_no_finding(known: sqlite3.Connection, words: str) -> None:
    assert found(words.encode(), known) == set()


@pytest.mark.parametrize("format_", FORMATS)
def test_leaks_are_found_in_the_bytes_of_every_format(known: sqlite3.Connection, made, format_: str) -> None:
    """Whatever a format makes of them: entities, backslashes, quotes. A PDF's are those of its HTML."""
    assert scan(render(made(), format_), known, ENV, one_on_one.CHOSEN) == []
    with transaction(known):
        closing.reopen(known, one_on_one.MONDAYS[3])
        closing.close(known, one_on_one.MONDAYS[3], one_on_one.ms(one_on_one.NOW), note="\n".join(LEAKS))
    assert set(LEAKS.values()) <= found(render(made(), format_), known)


def test_a_finding_of_a_pdf_names_no_line(known: sqlite3.Connection) -> None:
    """Those that were counted are of the HTML that it is made of."""
    [told] = scan(b"fine\n/home/a/b", known, ENV, one_on_one.CHOSEN)
    assert told.words("pdf") == "1. absolute path: /home/a/b"


def test_findings_are_numbered_in_the_order_of_the_lines(known: sqlite3.Connection) -> None:
    told = scan(b"fine\n/home/a/b and x@y.example\n\n/home/a/c", known, ENV, one_on_one.CHOSEN)
    assert [one.words("md") for one in told] == [
        "1. absolute path, line 2: /home/a/b",
        "2. e-mail address, line 2: x@y.example",
        "3. absolute path, line 4: /home/a/c",
    ]


@pytest.mark.parametrize(
    ("name", "spelled"),
    [
        ("Müller", "Muller"),
        *product(("Müller", "Mueller"), ("Müller", "MÜLLER", "Mu\u0308ller", "Mueller", "MUELLERS")),
    ],
)
def test_a_private_word_is_found_however_its_umlauts_are_typed(
    known: sqlite3.Connection, name: str, spelled: str
) -> None:
    with transaction(known):
        write.set_setting(known, "private_words", name)
    assert [one.kind for one in scan(f"for {spelled}".encode(), known, ENV, one_on_one.CHOSEN)] == ["private word"]


def test_the_page_s_own_sentences_are_no_finding_whatever_work_is_called(known: sqlite3.Connection, made) -> None:
    """Its title stands in the page's first sentence; elsewhere it is found."""
    with transaction(known):
        tasks.add(known, one_on_one.Task("", "One on one", None, None, None, 0, private=True))
    for format_ in FORMATS:
        data = render(made(), format_)
        assert b"one-on-one" in data or b"one\\-on\\-one" in data
        assert found(data, known) == set()
    assert found(b"notes of our One-on-one", known) == {("private work", "One-on-one")}


def test_one_thing_is_one_finding_wherever_it_stands(known: sqlite3.Connection) -> None:
    """Once accepted or mended, it is not asked again for its next line or its other spelling."""
    told = scan(
        b"ACME_corp and /home/a/b\nfine\nof acme_corp\n/home/a/b, /home/a/c, acme_corp", known, ENV, one_on_one.CHOSEN
    )
    assert [one.words("md") for one in told] == [
        "1. absolute path, lines 1 and 4: /home/a/b",
        "2. private word, lines 1, 3 and 4: ACME_corp",
        "3. absolute path, line 4: /home/a/c",
    ]


SECRETS = (
    "sk-ant-api03-ab_cd_ef_gh_ij", "ghp_" + "a1B2" * 9, "password=hunter_22_x*y", "https://me:p_w@h.example/a_b",
    "me_and_you@mail.example.com", "/home/jroe/a_b/c", r"C:\Users\jane_doe\notes.txt", "xoxb-1234_5678_abcd",
)  # fmt: skip


@pytest.mark.parametrize("format_", FORMATS)
def test_a_secret_is_found_once_in_every_format(known: sqlite3.Connection, made, format_: str) -> None:
    """Markdown escapes what stands in it, so it was found as it is and as it is shown."""
    with transaction(known):
        closing.reopen(known, one_on_one.MONDAYS[3])
        note = "\n".join(f"line {n} has {secret} in it" for n, secret in enumerate(SECRETS))
        closing.close(known, one_on_one.MONDAYS[3], one_on_one.ms(one_on_one.NOW), note=note)
    told = scan(render(made(), format_), known, {"HOME": "/home/x"}, one_on_one.CHOSEN)
    kinds = {(one.kind, one.lines) for one in told}
    assert len(kinds) == len(told), "two of a kind in one line"
    assert {one.text for one in told if one.kind != "host name"} == set(SECRETS)


def test_this_machine_and_ids_of_sessions_are_known_by_name(known: sqlite3.Connection) -> None:
    name = platform.node()
    uid, native = known.execute("select uid, native_id from sessions where length(native_id) > 1 limit 1").fetchone()
    long = "native-session-id"
    known.execute("update sessions set native_id = ? where uid = ?", [long, uid])
    told = found(f"{name} {uid} {long} {native}".encode(), known)
    assert ("session id", uid) in told
    assert ("session id", long) in told
    assert len(name) < 3 or ("host name", name) in told


def test_nothing_is_found_in_what_anybody_s_machine_is_called(known: sqlite3.Connection) -> None:
    """An account that every machine has is no name."""
    assert scan(b"the root cause, a user", known, {"HOME": "/root", "USER": "root"}, one_on_one.CHOSEN) == []
