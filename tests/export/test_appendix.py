"""What stands on a page if it was asked for: each line of its own and of its own week, with what has to stand beside it (7.4)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from html.parser import HTMLParser

import one_on_one
import pytest
from claude_logs import BEGIN, Machine, answer, prompt
from markdown_it import MarkdownIt

from tokentrack import clock
from tokentrack.export import compose, render
from tokentrack.export.options import FIELDS, Options
from tokentrack.export.page import Page
from tokentrack.model.logs import TOKENS_FROM
from tokentrack.review import closing
from tokentrack.store import reviews, transaction, write

Made = Callable[..., Page]
NOW = one_on_one.ms(one_on_one.NOW)
DEFINED = "what these tokens would cost at published prices (hypothetical). It is not what was paid."


def close_anew(db: sqlite3.Connection, *, later: int = 0) -> None:
    """All weeks at one time, as a person may who is late."""
    with transaction(db):
        for monday in one_on_one.MONDAYS:
            closing.reopen(db, monday)
            closing.close(db, monday, NOW + later)


def plan(db: sqlite3.Connection, measure: str, amount: int, period: str = "month", project: str | None = None) -> None:
    with transaction(db):
        write.add_budget(db, measure, amount, period, project, one_on_one.date(2026, 10, 1), 0)


def lines(page: Page, title: str) -> list[str]:
    return next([line.text for line in part.lines] for part in page.appendix if part.title == title)


class Bullets(HTMLParser):
    """The texts of a document's list items, and its headings."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.items: list[str] = []
        self.headings: list[str] = []
        self._open: list[str] | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, _: object) -> None:
        self._open = self.items if tag == "li" else self.headings if tag in ("h1", "h2") else self._open
        if tag in ("li", "h1", "h2"):
            self._open.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("li", "h1", "h2"):
            self._open = None

    def handle_data(self, data: str) -> None:
        if self._open is not None:
            self._open[-1] += data


def test_in_markdown_each_line_of_an_appendix_is_a_bullet_of_its_own(made: Made, db: sqlite3.Connection) -> None:
    """The end of a line was eaten, so that an appendix was one paragraph, and a rule below it made a heading of it."""
    plan(db, "list_value", 250_000_000)
    with transaction(db):
        write.set_setting(db, "rate", "85000000")
    close_anew(db)
    page = made(fields=frozenset(FIELDS))
    seen = Bullets(MarkdownIt("commonmark").enable("table").render(render(page, "md").decode()))
    assert seen.items == [
        *(text.shown for text in page.change),
        *(text.sourced for part in page.appendix for text in part.lines),
    ]
    assert len(seen.items) > 12
    assert seen.headings[-3:] == ["Budget", "Break-even", "Technical detail"]


# ---- budgets ---------------------------------------------------------------------------------------------------------


def test_a_budget_tells_what_was_used_by_the_end_of_its_week_and_of_which_month(
    made: Made, db: sqlite3.Connection
) -> None:
    """Weeks that were closed in one action (AC 42) all told what the month had used by then. A month that ended in a week is told
    of there, to its end.
    """
    plan(db, "list_value", 250_000_000)
    close_anew(db)
    page = made(fields=frozenset({"budget"}))
    assert lines(page, "Budget") == [
        "Week 44: $250 planned for Oct 2026, $214 list value (hypothetical) used by 31 Oct.",
        "Week 44: $250 planned for Nov 2026, $0 list value (hypothetical) used by 1 Nov.",
        "Week 45: $250 planned for Nov 2026, $31 list value (hypothetical) used by 8 Nov.",
        "Week 46: $250 planned for Nov 2026, $174 list value (hypothetical) used by 15 Nov.",
        "Week 47: $250 planned for Nov 2026, $398 list value (hypothetical) used by 22 Nov.",
    ]
    assert page.appendix[0].note == f"List value is {DEFINED}"


@pytest.mark.parametrize(
    ("period", "said"),
    [("week", "$250 planned for the week, $47 paid by 15 Nov."), ("month", "$250 planned for Nov 2026, $123 paid by 15 Nov."),
     ("day", "$250 planned for 15 Nov 2026, $7 paid by 15 Nov.")],
)  # fmt: skip
def test_a_budget_of_what_is_paid_counts_its_days_up_to_the_end_of_the_week(
    made: Made, db: sqlite3.Connection, period: str, said: str
) -> None:
    """15 days of $200 for November, and the charge of the 4th."""
    plan(db, "paid", 250_000_000, period)
    close_anew(db)
    page = made(fields=frozenset({"budget"}))
    assert lines(page, "Budget")[-2] == f"Week 46: {said}"
    assert page.appendix[0].note == ""


def test_an_open_week_tells_of_its_budget_until_now(
    made: Made, db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan(db, "list_value", 250_000_000, "week")
    with transaction(db):
        closing.reopen(db, one_on_one.MONDAYS[3])
    monkeypatch.setenv("TOKENTRACK_NOW", "2026-11-18T20:00:00Z")
    page = made(weeks=one_on_one.MONDAYS[3:], fields=frozenset({"budget"}))
    assert lines(page, "Budget")[0].startswith("Week 47: $250 planned for the week, $139 list value")
    assert lines(page, "Budget")[0].endswith(" used by 18 Nov.")


@pytest.mark.parametrize(
    ("fields", "private", "whose"),
    [({"budget"}, "", "one project"), ({"budget", "projects"}, "", "shop"),
     ({"budget", "projects"}, "shop", "one project")],
)  # fmt: skip
def test_a_budget_of_one_project_says_so_and_names_it_where_projects_are_named(
    made: Made, db: sqlite3.Connection, fields: set[str], private: str, whose: str
) -> None:
    """It stood there as if it were of everything: $50 planned, $0 used, in a month of $612."""
    path = db.execute("select path from projects where name = 'shop'").fetchone()[0]
    plan(db, "list_value", 50_000_000, "week", path)
    close_anew(db)
    with transaction(db):
        write.set_setting(db, "private_projects", private)
    page = made(fields=frozenset(fields))
    assert {line.partition("planned for the week in ")[2].partition(", $")[0] for line in lines(page, "Budget")} == {
        whose
    }
    with transaction(db):
        write.set_setting(db, "private_projects", "shop")
    again = compose.page(
        db,
        Options(weeks=one_on_one.MONDAYS, created=one_on_one.CREATED, fields=frozenset(fields), kept=page.kept),
        NOW,
    )
    assert again.appendix == page.appendix, "as it was named when it left"


def test_ac5_what_is_not_known_of_a_budget_is_told(made: Made, db: sqlite3.Connection) -> None:
    plan(db, "list_value", 250_000_000)
    with transaction(db):
        db.execute(
            "update requests set list_value = null where at > ? and at < ?",
            [one_on_one.ms("2026-11-09T00:00"), one_on_one.ms("2026-11-10T00:00")],
        )
    close_anew(db)
    page = made(fields=frozenset({"budget"}))
    assert [line.partition("2026, ")[2].partition(" list")[0] for line in lines(page, "Budget")] == [
        "$214", "$0", "$31", "$160 + unknown", "$384 + unknown",
    ]  # fmt: skip
    assert [figure.at_least for figure in (line.figures[1] for line in page.appendix[0].lines)] == [
        False, False, False, True, True,
    ]  # fmt: skip


@pytest.mark.parametrize(("measure", "said"), [("list_value", "unknown list value"), ("tokens", "unknown tokens")])
def test_ac5_sessions_whose_tokens_nobody_recorded_make_a_budget_unknown(
    made: Made, db: sqlite3.Connection, measure: str, said: str
) -> None:
    """Nothing else was used on the 1st of November, which is no 0."""
    at = one_on_one.ms("2026-11-01T10:00")
    with transaction(db):
        db.execute(
            """insert into sessions (uid, agent, native_id, started_at, ended_at, tokens_from)
               values ('c', 'cursor', 'c', ?, ?, ?)""",
            [at, at, TOKENS_FROM.index("none")],
        )
    plan(db, measure, 250_000_000)
    close_anew(db)
    told = [text.text for part in made(fields=frozenset({"budget", "technical"})).appendix for text in part.lines]
    assert next(line for line in told if f", {said} " in line).startswith("Week 44: ")


@pytest.mark.parametrize("kind", ["partial", "none"])
def test_ac5_technical_detail_agrees_with_a_budget_and_the_footer_on_what_was_not_recorded(
    made: Made, db: sqlite3.Connection, kind: str
) -> None:
    """It told a plain total above a budget that was `+ unknown`, of the same tokens."""
    at = one_on_one.ms("2026-11-20T10:00")
    with transaction(db):
        db.execute(
            """insert into sessions (uid, agent, native_id, started_at, ended_at, tokens_from)
               values ('c', 'cursor', 'c', ?, ?, ?)""",
            [at, at, TOKENS_FROM.index(kind)],
        )
    plan(db, "tokens", 500_000_000)
    close_anew(db)
    fields = frozenset({"budget", "technical"})
    (technical,) = (part for part in made(fields=fields).appendix if part.title == "Technical detail")
    total, budget = technical.lines[0], technical.lines[-1]
    assert "tokens of Cursor are recorded in part or not at all" in " ".join(made(fields=fields).footer)
    assert [" + unknown tokens " in line.text for line in (total, budget)] == [True, True]
    assert (total.figures[0].at_least, budget.figures[1].at_least) == (True, True)
    before = lines(made(weeks=one_on_one.MONDAYS[:3], fields=fields), "Technical detail")
    assert not [line for line in before if "unknown" in line], "it was in the last week"


def test_ac5_tokens_of_a_page_of_sessions_that_nobody_recorded_are_unknown(machine: Machine) -> None:
    at = one_on_one.ms("2026-11-20T10:00")
    with transaction(machine.db):
        machine.db.execute(
            """insert into sessions (uid, agent, native_id, started_at, ended_at, tokens_from)
               values ('c', 'cursor', 'c', ?, ?, ?)""",
            [at, at, TOKENS_FROM.index("none")],
        )
    assert technical(machine, one_on_one.MONDAYS[3:])[0].startswith("Unknown tokens in 0 requests")


def test_a_week_that_was_closed_earlier_keeps_what_it_told_of_its_budget(made: Made, db: sqlite3.Connection) -> None:
    """AC 41: what the whole period had used by its closing, which is said."""
    plan(db, "list_value", 250_000_000)
    close_anew(db)
    kept = reviews.revisions(db, "2026-W44")[-1]
    told = json.loads(kept.snapshot)
    del told["budget_before"]
    told["budget"] = {"measure": "list_value", "amount": 250_000_000, "period": "month", "used": 398_000_000}
    with transaction(db):
        reviews.add(db, "2026-W44", json.dumps(told | {"unpriced_requests": 1}), "", kept.closed_at)
    assert lines(made(fields=frozenset({"budget"})), "Budget")[0] == (
        "Week 44: $250 planned for the month, $398 + unknown list value (hypothetical) used when it was closed."
    )


def test_a_budget_in_tokens_tells_them_in_technical_detail_alone(made: Made, db: sqlite3.Connection) -> None:
    """Product 7.4 and 7.7: no token total leaves but below the note on misreading."""
    plan(db, "tokens", 500_000_000)
    close_anew(db)
    page = made(fields=frozenset({"budget"}))
    apart = "Weeks 44-47: planned in tokens, which stand in technical detail alone."
    assert lines(page, "Budget") == [apart]
    assert not [figure for text in page.texts for figure in text.figures if figure.unit == "tokens"]
    assert "000,0" not in render(page, "md").decode()
    both = made(fields=frozenset({"budget", "technical"}))
    assert lines(both, "Budget") == [apart]
    assert lines(both, "Technical detail")[-1] == (
        "Week 47: 500,000,000 tokens planned for Nov 2026, 398,000,007 tokens used by 22 Nov."
    )
    assert not [line for line in lines(made(fields=frozenset({"technical"})), "Technical detail") if "planned" in line]


# ---- list value ------------------------------------------------------------------------------------------------------


def test_break_even_tells_what_a_list_value_is_and_goes_with_the_shares(made: Made, db: sqlite3.Connection) -> None:
    """Product 7.4: always with its definition; dollars of each piece of work told the share that was taken out."""
    with transaction(db):
        write.set_setting(db, "rate", "85000000")
    page = made(fields=frozenset({"rate"}))
    assert (page.appendix[0].title, page.appendix[0].note) == ("Break-even", f"List value is {DEFINED}")
    without = made(fields=frozenset({"rate"}), out=frozenset({"shares"}))
    assert without.appendix == ()
    assert "85" not in " ".join(text.shown for text in without.texts if text.key.startswith("rate"))


# ---- turns -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ids", ["the same", "others"])
def test_turns_that_a_fork_copied_are_told_once(machine: Machine, ids: str) -> None:
    """Three prompts, and a fork with those three and one more, were 7 turns; agents that name copies anew keep their times."""
    first = [record for n in range(3) for record in (prompt("p", n * 10), answer(f"m{n}", f"r{n}", n * 10 + 1))]
    copied = [one | {"sessionId": "Z"} | ({"uuid": f"z{n}"} if ids == "others" else {}) for n, one in enumerate(first)]
    machine.log("P/S.jsonl", *first)
    machine.log("P/Z.jsonl", *copied, prompt("p", 30, sessionId="Z"), answer("m4", "r4", 31, sessionId="Z"))
    machine.scan()
    told = technical(machine, one_on_one.MONDAYS[3:])
    assert told[0] == "440 tokens in 4 requests of 2 sessions."
    assert told[-1] == "4 turns begun."


def test_a_turn_counts_where_it_began_though_its_answer_came_the_week_after(machine: Machine) -> None:
    """Asked on Sunday at 23:59:50, answered on Monday: it was of neither week."""
    at = one_on_one.ms("2026-11-15T23:59:50") / 1000 - BEGIN.timestamp()
    machine.log("P/S.jsonl", prompt("one", at), answer("m1", "r1", at + 25))
    machine.scan()
    assert technical(machine, one_on_one.MONDAYS[2:])[::2] == [
        "110 tokens in 1 request of 1 session.",
        "1 turn begun.",
    ]
    assert technical(machine, one_on_one.MONDAYS[3:])[-1] == "0 turns begun."


def technical(machine: Machine, weeks: tuple[object, ...]) -> list[str]:
    chosen = Options(weeks=weeks, created=one_on_one.CREATED, fields=frozenset({"technical"}))
    return lines(compose.page(machine.db, chosen, NOW), "Technical detail")


def test_a_sentence_about_weeks_of_two_years_keeps_their_names_whole() -> None:
    """`.capitalize()` made `2026-w53` of them."""
    from tokentrack.export import wording

    names = [clock.week_name(one_on_one.date(2026, 12, 28)), clock.week_name(one_on_one.date(2027, 1, 4))]
    assert wording.in_weeks(names, begins=True) == "Weeks 2026-W53 to 2027-W01"
