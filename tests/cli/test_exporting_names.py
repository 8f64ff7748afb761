"""`tokentrack export names`: private words, projects and aliases without a window; and what a PDF is made for."""

from __future__ import annotations

import fcntl
import os
import select
import sqlite3
import threading
from contextlib import closing as leaving
from pathlib import Path

import one_on_one
import pypdfium2
import pytest
from command_line import Run


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return one_on_one.store_in(tmp_path_factory.mktemp("month"))


@pytest.fixture
def run(run: Run, month: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    (tmp_path / "store.db").write_bytes(month.read_bytes())
    monkeypatch.setenv("TOKENTRACK_STORE", str(tmp_path / "store.db"))
    monkeypatch.setenv("TOKENTRACK_NOW", f"{one_on_one.NOW}:00Z")
    return run


def kept(run: Run) -> dict:
    return run("export", "names", "--json").json


def test_names_are_kept_listed_and_forgotten(run: Run) -> None:
    assert run("export", "names").out == "No names are kept.\n"
    told = run(
        "export",
        "names",
        "--word",
        "Acme",
        "--word",
        "  two   words",
        "--project",
        "/w/shop",
        "--alias",
        "Acme=Client A",
    )
    assert told.code == 0
    run("export", "names", "--word", "Acme", "--alias", "Acme = Client B")
    assert kept(run) == {
        "private_words": ["Acme", "two words"],
        "private_projects": ["/w/shop"],
        "aliases": [{"name": "Acme", "alias": "Client B"}],
    }
    assert [line.split()[:2] for line in run("export", "names").out.splitlines()][1:] == [
        ["private", "word"], ["private", "word"], ["private", "project"], ["alias", "Acme"]
    ]  # fmt: skip
    run("export", "names", "--forget", "Acme", "--forget", "two words")
    assert kept(run) == {"private_words": [], "private_projects": ["/w/shop"], "aliases": []}


def test_wrong_names_change_nothing(run: Run) -> None:
    assert run("export", "names", "--word", "Acme", "--alias", "Acme").code == 2
    told = run("export", "names", "--word", "Acme", "--forget", "Initech")
    assert (told.code, told.err) == (1, "No word, project or alias Initech is kept.\n")
    assert kept(run)["private_words"] == []


def test_they_hold_for_every_page(run: Run) -> None:
    """Product 7.4 and 7.5: a private word stops the export, an alias stands in place of what it names."""
    run("export", "names", "--word", "Webhook")
    assert run("export").code == 3
    run("export", "names", "--alias", "webhook retries=Work W")
    told = run("export")
    assert told.code == 0
    assert "Work W (PAY-25)" in told.out


@pytest.mark.parametrize(("words", "wide"), [((), 595), (("--paper", "letter"), 612), (("--paper", "a4"), 595)])
def test_a_pdf_is_of_the_paper_and_the_day_that_were_asked_for(
    run: Run, tmp_path: Path, qapp: object, words: tuple[str, ...], wide: int
) -> None:
    """Its metadata bear the day that stands on the page (product 7.4: no clock time), by the path that the product takes."""
    file = tmp_path / "page.pdf"
    assert run("export", "--out", str(file), *words).code == 0
    document = pypdfium2.PdfDocument(file)
    assert round(document[0].get_size()[0]) == wide
    assert len(document) == 1
    assert document.get_metadata_dict()["CreationDate"].startswith("D:20261122000000")


def test_ac48_a_page_still_holds_where_names_alone_have_changed(run: Run, tmp_path: Path) -> None:
    """One line for each name, and no error: the usual alias made every earlier file `changed since close`."""
    file = tmp_path / "page.json"
    run("export", "--out", str(file))
    run("export", "names", "--alias", "Refunds=Money back")
    told = run("export", "--verify", str(file))
    assert (told.code, told.out.splitlines()) == (0, [
        "Names changed: the weeks say the same, by other names.",
        "  work “Refunds survive retries (PAY-12)” work: Refunds survive retries (PAY-12) ▶ Money back survive retries (PAY-12)",
    ])  # fmt: skip


def test_a_private_project_that_none_is_called_is_told(run: Run) -> None:
    """A slip of the pen kept nothing private, and said that it did."""
    told = run("export", "names", "--project", "shpo", "--project", "Shop").out.splitlines()[1:]
    assert ["no known project is called so" in line for line in told if line.startswith("private")] == [True, False]


def test_a_name_of_spaces_is_none(run: Run) -> None:
    assert "Prepared by me for our one-on-one" in run("export", "--name", "  ").out


def test_an_open_week_is_told_of_no_earlier_day(run: Run) -> None:
    """Its use of later days would be on that page."""
    run("review", "reopen", "2026-W47")
    told = run("export", "--week", "2026-W47", "--created", "2026-11-17")
    assert told.code == 1
    assert told.err.startswith("Week 2026-W47 is open, so what it said on 2026-11-17 cannot be told")
    assert run("export", "--week", "2026-W46", "--created", "2026-11-17").code == 0


def test_ac46_a_pipe_that_nobody_reads_locks_no_store(run: Run, tmp_path: Path) -> None:
    """The page is larger than what the pipe takes at once, so the writer waits for its reader."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    end = os.open(pipe, os.O_RDWR)
    fcntl.fcntl(end, fcntl.F_SETPIPE_SZ, 4096)
    found: list[str] = []

    def other() -> None:
        select.select([end], [], [], 10)
        with leaving(sqlite3.connect(os.environ["TOKENTRACK_STORE"], timeout=0, isolation_level=None)) as db:
            try:
                db.execute("begin immediate")
                db.execute("rollback")
            except sqlite3.OperationalError as error:
                found.append(str(error))
        while select.select([end], [], [], 0.05)[0]:
            os.read(end, 65536)

    reader = threading.Thread(target=other)
    reader.start()
    told = run("export", "--out", str(pipe), "--format", "html")
    reader.join()
    os.close(end)
    assert (told.code, found) == (0, [])
