"""Every field that leaves has a switch, in the window and on the command line, or a reason why it has none (product 7.4, 7.5)."""

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections.abc import Callable
from dataclasses import fields as fields_of

import one_on_one
import pypdfium2
import pytest

from tokentrack.export import records, render
from tokentrack.export.options import ALWAYS, FIELDS, NAME, USUAL, Options, fields
from tokentrack.export.page import Appendix, Facts, Page, Row, Text
from tokentrack.export.scan import scan
from tokentrack.model.logs import TOKENS_FROM
from tokentrack.review import closing
from tokentrack.store import journal, reviews, tasks, transaction, write
from tokentrack.ui import pdf

Made = Callable[..., Page]
WHAT, MINE, WHOLE, WEEKS, SOURCES, TRIMMED, ITSELF = (what for what, _ in ALWAYS)
SWITCHES = {
    "Page.title": {WHAT}, "Page.first": {WHAT}, "Page.last": {WHAT}, "Page.intro": {MINE, NAME}, "Page.rows": {WHOLE},
    "Page.columns": {"outcomes", "sentences", "evidence"}, "Page.cost": {"paid", "mix", "assigned", "list-value"},
    "Page.sure": {"estimates", "calibration"}, "Page.change": {"notes", "intents"}, "Page.nothing_noted": {"notes", "intents"},
    "Page.appendix": {"budget", "rate", "technical"}, "Page.facts": {SOURCES}, "Page.footer": {SOURCES, TRIMMED},
    "Page.request": {"request"}, "Page.created": {ITSELF}, "Page.sha256": {ITSELF},
    "Row.work": {"titles", "keys", "projects"}, "Row.outcome": {"outcomes"}, "Row.note": {"sentences"},
    "Row.evidence": {"evidence", "branches", "links"}, "Row.share": {"shares", WHOLE},
    "Text.text": {WHAT}, "Text.tag": {SOURCES}, "Text.edited": {TRIMMED}, "Text.link": {"links"},
    "Text.figures": {"exact", "paid-parts"},
    "Appendix.title": {"budget", "rate", "technical"}, "Appendix.note": {"budget", "rate", "technical"},
    "Appendix.lines": {"budget", "rate", "technical"},
    "Facts.agents": {"agents"}, "Facts.partly": {"agents"}, "Facts.prices": {"prices"}, "Facts.zones": {"zone"},
    "Facts.closed": {WEEKS}, "Facts.open": {WEEKS}, "Facts.changed": {WEEKS}, "Facts.missing": {TRIMMED},
    "Facts.silent": {TRIMMED},
    "Facts.unconfirmed": {TRIMMED}, "Facts.unknown": {TRIMMED}, "Facts.unreadable": {TRIMMED}, "Facts.since": {"first-use"},
    "Facts.withheld": {WHOLE}, "Facts.withheld_share": {WHOLE}, "Facts.edited": {TRIMMED}, "Facts.removed": {TRIMMED},
    "Facts.taken_out": {TRIMMED}, "Facts.version": {ITSELF},
}  # fmt: skip
"""Every field of the page ▶ what takes it out, or what of every page it is."""
NEVER_LEAVE = {"Page.kept", "Row.task", "Text.key", "Text.weaker"}
SAID = {
    "titles": "Refunds survive retries", "keys": "PAY-", "outcomes": "Shipped", "sentences": "two recurring support causes",
    "evidence": "PR #318", "paid": "$209 paid", "paid-parts": "28 days of a plan", "mix": "30% went to",
    "assigned": "86% of my AI use",
    "estimates": "clearly faster", "calibration": "6 times out of 11", "notes": "I should have set a stop point",
    "intents": "To try", "agents": "Claude Code", "prices": "genai-prices", "zone": "UTC", "first-use": "27 Oct",
}  # fmt: skip
"""What each field says on the sample page; shares are told by the column of their own."""
TEXT_FORMATS = ("md", "html", "csv", "json")


def shown(page: Page, format_: str) -> str:
    return (
        render(page, format_)
        .decode()
        .replace("\\", "")
        .replace('<span class="key">', "")
        .replace("</span>", "")
        .replace("2026-10-27", "27 Oct")
    )


def test_every_field_of_the_page_has_a_switch_or_says_why_not() -> None:
    """A field that is added to the page has to be added here, and so to what a person can switch."""
    model = {f"{kind.__name__}.{one.name}" for kind in (Page, Row, Text, Appendix, Facts) for one in fields_of(kind)}
    assert model == SWITCHES.keys() | NEVER_LEAVE
    listed = {one.name or one.what for one in fields(one_on_one.CHOSEN) if one.name or one.usual}
    assert set().union(*SWITCHES.values()) == listed
    assert listed >= {*USUAL, *FIELDS, NAME}


def test_each_switch_is_listed_once_and_as_it_stands() -> None:
    chosen = Options(
        weeks=(), created=one_on_one.CREATED, fields=frozenset({"budget"}), out=frozenset({"keys"}), name="Me"
    )
    told = [one for one in fields(chosen) if one.name]
    assert sorted(one.name for one in told) == sorted([*USUAL, *FIELDS, NAME])
    changed = {one.name for one in told if one.on != one.usual}
    assert changed == {"budget", "keys", NAME}


@pytest.fixture(scope="module")
def whole() -> dict[str, str]:
    """The page of which nothing is taken out, in each format: made once for all tests."""
    return {}


@pytest.mark.parametrize("field", sorted(set(USUAL) - {"shares"}))
def test_what_is_taken_out_leaves_in_no_format_and_is_told(made: Made, whole: dict[str, str], field: str) -> None:
    """Alone: what else stands there by default still does (but for notes that name a key, which the scan finds)."""
    if not whole:
        whole |= {format_: shown(made(), format_) for format_ in TEXT_FORMATS}
    page = made(out=frozenset({field}))
    [called] = page.facts.taken_out
    for format_ in TEXT_FORMATS:
        plain, told = whole[format_], shown(page, format_)
        assert SAID[field] in plain
        others = {name for name, words in SAID.items() if words in plain and words not in told}
        if field == "keys":
            told = told.replace("PAY-22: I should", "").replace("for PAY-25 before", "").replace("after PAY-12", "")
        assert SAID[field] not in told
        assert others - {field} <= ({"paid-parts"} if field == "paid" else set())
        assert called in told
    added = shown(made(out=frozenset({field}), fields=frozenset(FIELDS)), "json")
    assert SAID[field] not in (re.sub(r"PAY-\d+(?=: I|. before|\")", "", added) if field == "keys" else added)


def test_what_is_taken_out_is_not_in_a_pdf_either(made: Made, qapp: object) -> None:
    """By its text; with everything that may be added."""
    page = made(out=frozenset(USUAL), fields=frozenset(FIELDS))
    document = pypdfium2.PdfDocument(pdf.render(render(page, "html"), page.title, page.created))
    told = " ".join(part for one in document for part in one.get_textpage().get_text_bounded().split())
    assert "Not on this page, as I chose: titles of work, keys of work," in told
    assert [name for name, words in SAID.items() if words in told] == []


def test_ac47_without_shares_what_is_not_assigned_or_withheld_keeps_its_own(made: Made) -> None:
    """And rows in another order, which told which of two used more."""
    stopped = next(row.task for row in made().rows if row.outcome.text == "Stopped")
    page = made(out=frozenset({"shares"}), without=frozenset({stopped}))
    assert [row.share.text for row in page.rows if row.task] == [""] * 7
    assert {row.work.text: row.share.text for row in page.rows if not row.task} == {
        "Not assigned to any work": "15%",
        "Withheld: 1 item": "20%",
    }
    assert page.cost == made().cost
    shipped = [row.work.text for row in page.rows if row.outcome.text == "Shipped"]
    assert "PAY-19" in shipped[0], "which used less than PAY-12"


def test_the_order_tells_no_title_that_is_not_on_the_page(made: Made, db: sqlite3.Connection) -> None:
    """7.4: of two pieces of work of one outcome the order went by titles that had been taken out, or are private."""
    month = one_on_one.Month(db, one_on_one.Path("/w/shop"))
    with transaction(db):
        closing.reopen(db, one_on_one.MONDAYS[3])
        for n, title in enumerate(("Aardvark", "Zebra")):
            month.task(title)
            month.used(f"more{n}", 139, "2026-11-18T12:00", title)
        tasks.edit(db, month.tasks["Aardvark"], private=True)

    def open_work(out: set[str]) -> list[str]:
        return [
            row.work.text for row in made(out=frozenset(out)).rows if row.task and row.outcome.text == "In progress"
        ]

    assert open_work({"shares"}) == ["Webhook retries (PAY-25)", "Zebra", "Other work A"]
    assert open_work({"shares", "titles"}) == ["PAY-25", "Other work B", "Other work C"], "A is delivered"
    ids = sorted(month.tasks.values())
    assert [row.task for row in made(out=frozenset({"titles", "keys"})).rows if row.task in ids] == ids


def test_without_outcomes_neither_the_order_nor_a_link_tells_them(made: Made) -> None:
    rows = [row for row in made(out=frozenset({"outcomes", "sentences"})).rows if row.task]
    assert rows[0].work.text.startswith("Webhook retries"), "the largest first"
    assert {row.evidence.text for row in rows if "link" in row.evidence.text} == {"link"}
    for format_ in ("md", "html"):
        assert "Outcome (self-reported)" not in shown(made(out=frozenset({"outcomes", "sentences"})), format_)
        assert "Outcome (self-reported)" in shown(made(out=frozenset({"outcomes"})), format_)


def test_columns_share_the_width_of_one_that_was_taken_out(made: Made) -> None:
    """A sentence of three words stood on three lines beside an empty half of the table."""
    for out, widths in (
        (set(), ["31", "29", "25", "15"]),
        ({"evidence"}, ["43", "42", "15"]),
        ({"outcomes", "sentences"}, ["43", "42", "15"]),
        ({"outcomes", "sentences", "evidence"}, ["85", "15"]),
    ):
        assert re.findall(r'<th width="(\d+)%"', render(made(out=frozenset(out)), "html").decode()) == widths


def test_without_titles_work_goes_by_its_key_else_by_a_letter(made: Made, db: sqlite3.Connection) -> None:
    page = made(out=frozenset({"titles"}))
    assert [row.work.text for row in page.rows][:4] == ["PAY-12", "PAY-19", "OPS-7", "Other work A"]
    page = made(out=frozenset({"titles", "keys"}))
    assert [row.work.text for row in page.rows][:3] == ["Other work A", "Other work B", "Other work C"]
    assert page.sure[0].text.startswith("I believe Other work A was clearly faster")
    assert page.rows[0].evidence.text == "PR #318 merged, no revert in 14 days"
    aliased = made(out=frozenset({"titles"}), aliases=((page.rows[0].task, "The refunds"),))
    assert aliased.rows[0].work.text == "The refunds"


@pytest.mark.parametrize(
    ("out", "kinds"),
    [
        ({"keys"}, {("key of work", "PAY-12"), ("key of work", "PAY-22"), ("key of work", "PAY-25")}),
        ({"titles"}, {("title of work", "On-call runbook")}),
        (set(), set()),
    ],
)
def test_what_is_taken_out_is_found_in_the_person_s_own_words(
    made: Made, db: sqlite3.Connection, out: set[str], kinds: set[tuple[str, str]]
) -> None:
    with transaction(db):
        closing.reopen(db, one_on_one.MONDAYS[2])
        closing.close(db, one_on_one.MONDAYS[2], one_on_one.ms(one_on_one.NOW), note="The on-call runbook is short.")
    chosen = Options(weeks=one_on_one.MONDAYS, created=one_on_one.CREATED, out=frozenset(out))
    told = scan(render(made(out=frozenset(out)), "md"), db, os.environ, chosen)
    assert {(one.kind, one.text.replace("on-call", "On-call")) for one in told} == kinds


def test_with_everything_taken_out_a_page_is_still_whole(made: Made, db: sqlite3.Connection) -> None:
    """What is always there, and nothing else: no heading without words."""
    page = made(out=frozenset(USUAL))
    told = shown(page, "md")
    assert [line for line in told.splitlines() if line.startswith("#")] == [
        "# AI-assisted work, 26 Oct - 22 Nov 2026",
        "## What came of it",
    ]
    assert "| Other work A |  |" in told
    assert "| Not assigned to any work | 15% |" in told
    assert "not comparable" in told
    assert not any(words in told for words in SAID.values())
    assert "Not on this page, as I chose: titles of work, keys of work," in told
    assert scan(render(page, "json"), db, os.environ, Options(weeks=(), created=one_on_one.CREATED)) == []


@pytest.mark.parametrize(
    ("field", "words"), [("list-value", "List value"), ("budget", "planned for"), ("rate", "of list value")]
)
def test_amounts_go_with_what_was_paid(made: Made, db: sqlite3.Connection, field: str, words: str) -> None:
    """Product 7.4: always beside it, whichever way the payment is taken out; a budget may even tell what it was."""
    with transaction(db):
        write.set_setting(db, "rate", "85000000")
        write.add_budget(db, "paid", 250_000_000, "month", None, one_on_one.date(2026, 10, 1), 0)
        closing.reopen(db, one_on_one.MONDAYS[3])
    asked = frozenset({field})
    assert words in shown(made(fields=asked), "json")
    for page in (made(fields=asked, out=frozenset({"paid"})), made(fields=asked, edits=(("cost.paid", ""),))):
        assert words not in shown(page, "json")
        assert "$209" not in shown(page, "json")


def test_without_what_was_paid_nothing_tells_that_a_payment_is_there(made: Made, db: sqlite3.Connection) -> None:
    """JSON listed the weeks whose charges are not confirmed, whichever way the payment was taken out."""
    with transaction(db):
        db.execute("delete from confirmed_months")
        for monday in one_on_one.MONDAYS:
            closing.reopen(db, monday)
    assert "More charges may belong to weeks 44-47." in shown(made(), "md")
    assert len(json.loads(render(made(), "json"))["made"]["charges_not_confirmed"]) == 4
    for page in (made(out=frozenset({"paid"})), made(edits=(("cost.paid", ""),))):
        assert json.loads(render(page, "json"))["made"]["charges_not_confirmed"] == []
        assert "charges" not in shown(page, "md")
        assert "Paid money" not in shown(page, "md")


@pytest.mark.parametrize(
    ("out", "told"),
    [
        (set(), "work, outcomes, sentences about outcomes, links, notes, estimates and how sure I am"),
        ({"sentences", "evidence", "calibration"}, "work, outcomes, notes, estimates and how sure I am"),
        ({"titles", "keys", "outcomes", "estimates", "calibration", "intents"}, "sentences about outcomes, links and notes"),
    ],
)  # fmt: skip
def test_the_footer_calls_self_reported_what_is_on_the_page(made: Made, out: set[str], told: str) -> None:
    """Also where all work is `Other work A`: none of it is named."""
    page = made(out=frozenset(out))
    assert f"Self-reported: {told}." in page.footer
    named = "some piece of work" if "titles" in out else "named work"
    assert f"86% of my AI use belongs to {named} or was set aside on purpose." in [text.text for text in page.cost]


def test_what_was_taken_out_of_a_row_keeps_its_tag_in_json(made: Made) -> None:
    """A share is measured and evidence is git's, also where neither is told."""
    told = json.loads(render(made(out=frozenset({"shares", "evidence"})), "json"))["work"][0]
    assert (told["share"], told["evidence"]) == ({"value": "", "tag": "measured"}, {"value": "", "tag": "git"})


def test_agents_that_are_recorded_in_part_are_told_without_their_names(made: Made, db: sqlite3.Connection) -> None:
    """AC 51: a page from which names were taken out claims no more than before."""
    with transaction(db):
        closing.reopen(db, one_on_one.MONDAYS[3])
        at = one_on_one.ms("2026-11-18T10:00")
        db.execute(
            """insert into sessions (uid, agent, native_id, started_at, ended_at, tokens_from)
               values ('c', 'cursor', 'c', ?, ?, ?)""",
            [at, at, TOKENS_FROM.index("none")],
        )
    page = made(out=frozenset({"agents"}))
    assert "tokens of some agents are recorded in part or not at all" in page.footer[0]
    assert "Cursor" not in shown(page, "json")


def test_ac48_a_page_without_some_fields_is_verified(made: Made, db: sqlite3.Connection) -> None:
    out = frozenset({"keys", "zone", "mix", "first-use"})
    chosen = Options(weeks=one_on_one.MONDAYS, created=one_on_one.CREATED, out=out)
    page, now = made(out=out), one_on_one.ms(one_on_one.NOW)
    with transaction(db):
        records.note(db, page, chosen, "json", now)
    data = render(page, "json")
    assert records.verify(db, data, now).result == records.EQUAL
    assert json.loads(data)["trimmed"]["taken_out"] == [
        "keys of work",
        "where the use went",
        "time zone",
        "first day that is known",
    ]
    added = data.replace(b'"time zone"', b'"time zone", "mix"')
    assert records.verify(db, added, now).result == records.ALTERED


def test_texts_of_everything_that_may_be_added_go_with_their_switch(made: Made, db: sqlite3.Connection) -> None:
    with transaction(db), journal.change(db, "judged", 0):
        write.set_setting(db, "rate", "85000000")
        reviews.judge(db, tasks.tasks_like(db, "PAY-12")[0].id, reviews.Verdict(1, "yes", 1, 1))
        write.add_budget(db, "list_value", 250_000_000, "month", None, one_on_one.date(2026, 10, 1), 0)
        closing.reopen(db, one_on_one.MONDAYS[3])
    switch = {"cost": {"paid", "list-value", "mix", "assigned"}, "sure": {"estimates", "calibration"},
              "change": {"notes", "intents"}, "outcome": {"sentences"}, "evidence": {"evidence"}, "budget": {"budget"},
              "rate": {"rate"}, "worth": {"rate"},
              "technical": {"technical"}}  # fmt: skip
    page = made(fields=frozenset(FIELDS))
    kinds = {text.key.partition(".")[0] for text in page.texts}
    assert kinds == switch.keys()
    for kind, names in switch.items():
        less = made(fields=frozenset(FIELDS) - names, out=names & set(USUAL))
        assert kind == "cost" or {"budget", "rate"} - names <= {text.key.partition(".")[0] for text in less.texts}
        assert kind not in {text.key.partition(".")[0] for text in less.texts}


def test_tokens_by_model_of_a_closed_week_are_those_of_its_closing(made: Made, db: sqlite3.Connection) -> None:
    """Product 2.6. Of a week that was closed before they were kept, the page says so."""
    page = made(fields=frozenset({"technical"}))
    told = [text.text for text in page.appendix[0].lines]
    assert told[0] == "612,000,010 tokens in 10 requests of 10 sessions."
    assert told[1].endswith(": 612,000,010 tokens in 10 requests.")
    assert told[2:] == ["10 turns begun."]
    with transaction(db):
        db.execute("update models set name = 'other'")
        db.execute("update requests set output = 9 where output = 1")
    assert [text.text for text in made(fields=frozenset({"technical"})).appendix[0].lines] == told
    [kept] = reviews.revisions(db, "2026-W44")
    before = {name: part for name, part in json.loads(kept.snapshot).items() if name not in ("models", "turns")}
    with transaction(db):
        reviews.add(db, "2026-W44", json.dumps(before), "", kept.closed_at)
    lines = [text.text for text in made(fields=frozenset({"technical"})).appendix[0].lines]
    assert lines[1].startswith("Weeks 45-47, ")
    assert lines[-1] == "Week 44: what each model used, and turns, were not kept at closing."
