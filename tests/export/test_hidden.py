"""Hidden work stays hidden (product 7.1, 7.4; AC 47): what is private, withheld or called otherwise is told nowhere else."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing as leaving
from pathlib import Path

import one_on_one
import pytest

from tokentrack.export import render
from tokentrack.export.hidden import Private
from tokentrack.export.options import Options
from tokentrack.export.scan import scan
from tokentrack.export.text import Look
from tokentrack.model.tasks import Span, Task
from tokentrack.review import closing
from tokentrack.store import links, open_store, tasks, transaction, write

NOTE = "Webhook retries took long, SAP too. Automatic ORM migration failed for Acme, as did PAY-22."


@pytest.fixture
def db(store: Path) -> sqlite3.Connection:
    """With a note that names work by its titles and keys."""
    with leaving(open_store(store)) as db:
        with transaction(db):
            closing.reopen(db, one_on_one.MONDAYS[3])
            closing.close(db, one_on_one.MONDAYS[3], one_on_one.ms(one_on_one.NOW), note=NOTE)
        yield db


@pytest.fixture
def told(db: sqlite3.Connection, made):
    """`told(without=…)`: (kind, text) of every finding on the page with these options, as JSON."""

    def found(**options: object) -> set[tuple[str, str]]:
        chosen = Options(**({"weeks": one_on_one.MONDAYS, "created": one_on_one.CREATED} | options))
        return {(one.kind, one.text) for one in scan(render(made(**options), "json"), db, os.environ, chosen)}

    return found


def named(db: sqlite3.Connection, key: str) -> Task:
    return tasks.tasks_like(db, key)[0]


def test_ac47_withheld_work_is_found_wherever_it_is_named(db: sqlite3.Connection, told) -> None:
    """By its key in a note, by its title, and in the title of what followed it up."""
    assert told() == set()
    of_note = {("withheld work", "PAY-22"), ("withheld work", "Automatic ORM migration")}
    assert told(without=frozenset({named(db, "PAY-22").id})) == of_note
    assert told(without=frozenset({named(db, "PAY-12").id})) == {("withheld work", "PAY-12")}
    aliased = (("PAY-22", "X"), ("Automatic ORM migration", "it"))
    assert told(without=frozenset({named(db, "PAY-22").id}), aliases=aliased) == set()


JOINED = {
    "Acme Corp": ("acme-corp", "acme_corp", "AcmeCorp", "Acme - Corp", "acme.corp", "Acme/Corp"),
    "acme-shop": ("Acme Shop", "acme_shop", "acmeShop"),
    "On-call runbook": ("on_call_runbook", "on call Runbook"),
    "Fix login (again)": ("fix-login-again",),
    "O'Neil & Sons": ("o-neil-sons",),
    "C++": ("C++",),
}
"""A name ▶ how it is spelled in a branch, an address or code."""
APART = {
    "Acme Corp": "Acme, and Corp",
    "Plan B": "planb",
    "Re do": "predominant",
    "Set up": "setup",
    "C++": "plan c",
    "1-2": "12 and 1.2",
    ".NET": "net",
}


def test_a_name_of_several_words_is_found_however_they_are_joined() -> None:
    """Product 7.5: a title that was taken out left in an address, a client's name in a branch."""
    assert [
        (name, text) for name, told in JOINED.items() for text in told if not any(Look(f"a/{text}.").find(name))
    ] == []
    for within in (False, True):
        assert [name for name, text in APART.items() if any(Look(text).find(name, within=within))] == []


@pytest.mark.parametrize("format_", ["md", "html", "csv", "json"])
@pytest.mark.parametrize("spelled", ["webhook-retries", "Webhook+retries", "Webhook%20retries", "webhook%2520retries"])
def test_a_title_that_was_taken_out_is_found_in_the_address_of_its_work(
    db: sqlite3.Connection, made, format_: str, spelled: str
) -> None:
    """Product 7.4: `--without titles --with links`."""
    with transaction(db):
        tasks.edit(db, named(db, "PAY-25").id, url=f"https://docs.example.test/{spelled}")
    chosen = {"out": frozenset({"titles", "keys"}), "fields": frozenset({"links"})}
    told = scan(render(made(**chosen), format_), db, {}, Options(weeks=(), created=one_on_one.CREATED, **chosen))
    assert "webhook retries" in {one.text.lower().replace("-", " ") for one in told if one.kind == "title of work"}


@pytest.mark.parametrize("spelled", ["PAY 22", "pay22", "PAY_22"])
def test_ac47_a_key_is_found_as_it_is_written_in_passing(db: sqlite3.Connection, told, spelled: str) -> None:
    with transaction(db):
        closing.reopen(db, one_on_one.MONDAYS[3])
        closing.close(
            db, one_on_one.MONDAYS[3], one_on_one.ms(one_on_one.NOW), note=f"as {spelled} did, PAY 2 and PAY 221 not"
        )
    assert told(without=frozenset({named(db, "PAY-22").id})) == {("withheld work", spelled)}


def test_private_work_is_found_by_its_title_and_key_however_short(db: sqlite3.Connection, told) -> None:
    with transaction(db):
        tasks.edit(db, named(db, "PAY-25").id, private=True, title="SAP")
    assert told() == {("private work", "SAP")}


def test_work_with_an_alias_for_this_page_is_found_by_its_title(db: sqlite3.Connection, told) -> None:
    assert told(aliases=((named(db, "PAY-25").id, "Hooks"),)) == {("private work", "Webhook retries")}


def test_a_name_that_has_an_alias_is_renamed_in_edited_texts_and_else_found(db: sqlite3.Connection, made, told) -> None:
    """A link is never renamed, so what it tells is a finding."""
    edited = {"aliases": (("Acme", "Client A"),), "edits": ((made().change[0].key, "For Acme?"),)}
    assert made(**edited).change[0].shown == "For Client A? (edited by me)"
    assert told(**edited) == set()
    linked = {"aliases": (("runbook", "manual"),), "fields": frozenset({"links"})}
    assert told(**linked) == {("has an alias", "runbook")}


@pytest.mark.parametrize(
    "said", ["shop", "Shop", "shop/", "{}", "{}/", "{}\\", "{up}", "~/{name}", "~/elsewhere/shop", "{upper}"]
)
def test_a_private_project_is_one_however_it_is_written(db: sqlite3.Connection, made, told, said: str) -> None:
    """7.4: by name or path, in any case, with `~`, with a slash at its end, or by a folder that it lies in."""
    path = Path(named(db, "PAY-12").project or "")
    with transaction(db):
        entry = said.format(path, up=path.parent, name=path.name, upper=str(path).upper())
        write.set_setting(db, "private_projects", entry)
    rows = [row.work.text for row in made().rows if row.task]
    assert rows[:3] == ["Other work A", "Other work B", "Other work C"]
    assert {"Webhook retries", "Automatic ORM migration", "PAY-22"} <= {
        text for kind, text in told() if kind == "private project"
    }


def test_a_project_of_another_name_is_none(db: sqlite3.Connection) -> None:
    with transaction(db):
        write.set_setting(db, "private_projects", "shopping\nsho\n/w/shop2")
    assert Private(db).projects == {}


def test_work_without_a_project_is_private_where_it_was_worked_on_in_a_private_one(db: sqlite3.Connection) -> None:
    """Its session tells where it belongs, so its title stays out."""
    month = one_on_one.Month(db, Path("/w/vault"))
    with transaction(db):
        write.set_setting(db, "private_projects", "vault")
        month.task("Quiet deal")
        session = month.used("quiet", 1, "2026-11-20T10:00")
        number = tasks.project_number(db, "/w/vault")
        db.execute("update sessions set project_id = ? where uid = ?", [number, session])
        links.put(db, session, month.tasks["Quiet deal"], Span(), "manual", 1)
    deal = tasks.task(db, month.tasks["Quiet deal"])
    assert deal is not None
    assert deal.project is None
    assert Private(db).covers(deal)
    assert not Private(db).covers(named(db, "PAY-12"))
