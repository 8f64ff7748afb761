"""The scan finds a leak however it is typed, asks about next to nothing in real titles, and takes time by the text's length."""

from __future__ import annotations

import json
import sqlite3
import time
import unicodedata
from pathlib import Path

import one_on_one
import pytest

from tokentrack.export import FORMATS, render
from tokentrack.export.options import Options
from tokentrack.export.scan import scan
from tokentrack.export.text import renamed
from tokentrack.review import closing
from tokentrack.store import tasks, transaction, write

ENV = {"HOME": "/home/jroe", "USER": "jroe"}
OPTIONS = Options(weeks=one_on_one.MONDAYS, created=one_on_one.CREATED)
HEX = "3f9c2b7a" * 8
LEAKS = {
    "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY": "key or token",
    "DB_PASSWORD=hunter22": "key or token",
    "client_secret=abcdef12": "key or token",
    'password="hunter22"': "key or token",
    "Authorization: Bearer abcdef0123456789abcdef": "key or token",
    f"dop_v1_{HEX}": "key or token",
    f"shpat_{HEX[:32]}": "key or token",
    "sk-a1b2c3d4e5f6g7h8i9": "key or token",
    "npm_abcdefghijklmnopqrstuvwxyz": "key or token",
    "lin_api_abcdefghijklmnopqrstuvwxyz0123456789": "key or token",
    HEX[:40].upper(): "key or token",
    "0189F3A2-1111-4222-8333-123456789ABC": "session id",
    "-----BEGIN PGP PRIVATE KEY BLOCK-----": "key or token",
    "https://h.example/?client_secret=abcdef": "address with a token or password",
    "https://h.example/?a=1&refresh_token=abc": "address with a token or password",
    "https://h.example/?id_token=abc": "address with a token or password",
    "https://h.example/?X-Amz-Signature=abc": "address with a token or password",
    "BUILD7.CORP": "host name",
    "LOCALHOST:8080": "host name",
    "fe80::1ff:fe23:4567:890a": "host name",
    "2001:db8::1": "host name",
    "jenkins.acme.com": "host name",
    "https://jira.acme.com/browse/PAY-1": "host name",
    "http://jenkins/job/1": "host name",
    "https://wiki/x": "host name",
    "acme.com": "host name",
    "kb.acme.co.id": "host name",
    **{f"server.acme.{end}": "host name" for end in "pl se at be es it jp ca com.au com.br in".split()},
    "PGPASSWORD=abcdefg": "key or token",
    "pass: hunter2": "key or token",
    "pw=hunter22": "key or token",
    "Basic dXNlcjpwYXNzd29yZDEyMw==": "key or token",
    "https://discord.com/api/webhooks/1234/abcdEFGH5678ijklMNOP": "address with a token or password",
    "jane＠acme.com": "e-mail address",
    "db01.prod.acme.net:5432": "host name",
    r"\\wsl$\Ubuntu\home\jane": "absolute path",
    "//fileserver/share/x": "absolute path",
    "my password is hunter2": "key or token",
    "the API key was “a1b2c3d4”": "key or token",
    "smb://files/share": "absolute path",
}
"""Words of the person's own ▶ the kind of what is found in them."""
WORDS = {
    "für die Söhne": "so\u0308hne",
    "次は株式会社山田と話す": "株式会社山田",
    "次はAcmeと話す": "Acme",
    "the AcmeCorp deal": "Acme",
    "acme_portal": "Acme",
    "acme2": "Acme",
    "with Initech Labs": "Initech  Labs",
    "Mc’Donald’s": "Mc'Donald",
    'see the "X" case': '"X" case',
    "STRASSE": "Straße",
    "ask SAP_portal": "SAP",
}
"""Words of the person's own ▶ a private word that is in them, typed otherwise."""
HARMLESS = (
    "the disappearing workshop", "node.js", "README.md", "lib.rs", "feat(auth): refresh tokens", "password reset flow",
    "Feature/PAY-12-refunds-survive-retries-with-a-key", "com.acme.core.io", "System.Private.CoreLib", "std::vector",
    "12:30:45", "bearer authentication scheme", "v1.2.3", "src/Payments/Retry2Queue/HandlerForRefunds", "Safe tokens: 12",
    "first pass: refactor", "pass 2: v2", "Basic OAuth2 support", "request.user.id", "do.it", "Socket.io", "ASP.NET",
    "the password is reset after 2 days", "a // comment",
    "pk_constraint_fix_for_users", "npm_config_cache_dir_moved", "pypi-publish-workflow", "sk-learn-upgrade-for-all",
)  # fmt: skip


@pytest.fixture
def noted(db: sqlite3.Connection):
    """`noted(lines, private words)`: they stand in the last week's note."""

    def note(lines: list[str], words: str = "") -> sqlite3.Connection:
        with transaction(db):
            write.set_setting(db, "private_words", words)
            closing.reopen(db, one_on_one.MONDAYS[3])
            closing.close(db, one_on_one.MONDAYS[3], one_on_one.ms(one_on_one.NOW), note="\n".join(lines))
        return db

    return note


def kinds(text: str, db: sqlite3.Connection) -> set[str]:
    return {one.kind for one in scan(text.encode(), db, ENV, OPTIONS)}


def test_each_leak_is_found_and_nothing_in_plain_words(db: sqlite3.Connection) -> None:
    assert {text: LEAKS[text] for text in LEAKS if LEAKS[text] not in kinds(text, db)} == {}
    with transaction(db):
        write.set_setting(db, "private_words", "SAP\nshopping")
    assert {text: kinds(text, db) for text in HARMLESS if kinds(text, db)} == {}


@pytest.mark.parametrize("format_", FORMATS)
def test_leaks_and_private_words_are_found_in_every_format(made, noted, format_: str) -> None:
    db = noted([*LEAKS, *WORDS, unicodedata.normalize("NFD", "nach Köln")], "\n".join([*WORDS.values(), "Köln"]))
    told = scan(render(made(), format_), db, ENV, OPTIONS)
    found = {one.text.casefold() for one in told if one.kind == "private word"}
    assert {"strasse", "acme", "mc’donald", '"x" case', "initech labs", "sap", "株式会社山田"} <= found
    assert {"so\u0308hne", "ko\u0308ln"} <= {unicodedata.normalize("NFD", one) for one in found}
    assert [text for text in LEAKS if not any(one.text in text for one in told if one.kind == LEAKS[text])] == []


def test_an_alias_stands_for_a_name_however_it_is_typed() -> None:
    """Product 7.4; where two names begin at one place the longer one counts, and no alias is renamed again."""
    aliases = [("Söhne", "Client B"), ("Acme Söhne", "Client A"), ("client", "X"), ("PAY-1", "one")]
    told = unicodedata.normalize("NFD", "acme  söhne, SÖHNE; PAY-12, pay-1, a client_x")
    assert renamed(told, aliases) == "Client A, Client B; PAY-12, one, a X_x"
    towns = [("Malmö", "the town"), ("Lodz", "a city"), ("Soeren Poe", "someone"), ("Straße", "road")]
    assert renamed("Malmoe, Malmo, Łódź, Sören Poe, STRASSE, Sooren", towns) == (
        "the town, the town, a city, someone, road, Sooren"
    )
    assert renamed("a pot, a pöt", [("poet", "writer")]) == "a pot, a writer", "an umlaut has to stand there"


def test_links_that_were_added_are_no_finding_and_their_host_elsewhere_is_none_either(
    db: sqlite3.Connection, made
) -> None:
    """`--with links` was told that they name a host."""
    task = tasks.tasks(db)[0]
    with transaction(db):
        tasks.edit(db, task.id, url="https://jira.acme.com/browse/A?b=1&c=2")
    page = made(fields=frozenset({"links"}))
    for format_ in FORMATS:
        data = render(page, format_)
        assert b"jira.acme.com" in data
        assert scan(data, db, ENV, OPTIONS) == []
    assert kinds("see jira.acme.com", db) == {"host name"}


def test_real_titles_and_branches_are_hardly_asked_about(db: sqlite3.Connection, shared: Path) -> None:
    """Of 1,200 subjects of commits and branches of four public projects, two name a path and a scheme, and one a host."""
    texts = set()
    for file in sorted((shared / "linkset/dev").glob("*.json")):
        for one in json.loads(file.read_text(encoding="utf-8"))["commits"]:
            texts |= {one["subject"], one["branch"] or ""}
    told = scan("\n".join(sorted(texts)).encode(), db, ENV, OPTIONS)
    assert len(texts) > 1000
    assert len(told) <= 3, [one.words("md") for one in told]


def test_a_long_text_takes_time_by_its_length(db: sqlite3.Connection) -> None:
    """Each of these made some pattern begin anew at every sign. 300 private words and 100 private tasks cost little."""
    with transaction(db):
        write.set_setting(db, "private_words", "\n".join(f"client{n} & sons" for n in range(300)))
        for n in range(100):
            tasks.add(db, one_on_one.Task("", f"Hidden work {n}", None, None, None, 0, private=True))
    signs = ("https://x.test/" + "a-" * 4000, "a@" * 4000, "a." * 4000, "secret_" * 1000, "eyJ-" * 4000, "A1b-" * 4000)
    begin = time.process_time()
    scan("\n".join((*signs, *["a plain line, as any page has"] * 500)).encode(), db, ENV, OPTIONS)
    assert time.process_time() - begin < 1
