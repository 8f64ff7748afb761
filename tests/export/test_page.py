"""What stands on the page: the sample of product 7.3, what may be withheld, what may be changed, what is always there."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import date
from itertools import pairwise

import one_on_one
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import few

from tokentrack import clock
from tokentrack.export import compose, render, wording
from tokentrack.export.edits import Refused
from tokentrack.export.made import footer
from tokentrack.export.names import Names
from tokentrack.export.options import FIELDS, Options
from tokentrack.export.page import NOT_COMPARABLE
from tokentrack.export.text import clean, renamed
from tokentrack.model.costs import Charge
from tokentrack.model.logs import TOKENS_FROM
from tokentrack.model.tasks import Evidence, Task
from tokentrack.review import closing, evidence
from tokentrack.review.calibration import Ranges
from tokentrack.store import money as ledger
from tokentrack.store import reviews, tasks, transaction, write


def texts(page: object, part: str) -> list[str]:
    return [text.shown for text in getattr(page, part)]


def ids(db: sqlite3.Connection) -> dict[str, str]:
    return {task.key or task.title: task.id for task in tasks.tasks(db)}


# ---- the sample ------------------------------------------------------------------------------------------------------


def test_the_sample_has_the_figures_of_the_product(made) -> None:
    """Product 7.3: list values 96, 58, 22, 9, 14, 71, 118, 139, 85; paid 185.38 + 23.40; 6 of 11."""
    page = made()
    assert [(row.work.text, row.result, row.evidence.text, row.share.text) for row in page.rows] == [
        ("Refunds survive retries (PAY-12)", "Shipped: two recurring support causes closed",
         "PR #318 merged, no revert in 14 days", "15%"),
        ("Checkout tests no longer flaky (PAY-19)", "Shipped", "PR #325 merged, day 10 of 14", "10%"),
        ("Weekly infrastructure drift report (OPS-7)", "Shipped", "PR #12 merged, no revert in 14 days", "under 5%"),
        ("On-call runbook", "Delivered", "document (link)", "under 5%"),
        ("Rounding bug after PAY-12 (PAY-31)", "Rework on shipped work", "PR #331 merged, day 12 of 14", "under 5%"),
        ("Event sourcing for the ledger (SPIKE-3)", "Decided not to: migration cost exceeds the gain",
         "decision note (link)", "10%"),
        ("Automatic ORM migration (PAY-22)", "Stopped: after three days", "none", "20%"),
        ("Webhook retries (PAY-25)", "In progress", "none", "25%"),
        ("Not assigned to any work", "", "", "15%"),
    ]  # fmt: skip
    assert texts(page, "cost") == [
        "About $209 paid: $185 for 28 days of a plan at $200/month and $23 billed on top.",
        (
            "Of my AI use, 30% went to shipped or delivered work, 2% to rework, 12% to a decision, 19% to work I stopped, "
            "23% to work in progress; 14% is not assigned."
        ),
        "86% of my AI use belongs to named work or was set aside on purpose.",
    ]
    assert texts(page, "sure") == [
        (
            "I believe PAY-12 was clearly faster with the agent: the conclusion stands even after cutting my without-AI "
            "estimate by a third."
        ),
        "For PAY-19 I cannot tell whether the agent made a difference in time.",
        (
            "My time estimates so far fell inside my own range 6 times out of 11 (28% to 79%, 95% interval), so please read "
            "them as rough."
        ),
    ]
    assert texts(page, "change") == [
        "PAY-22: I should have set a stop point on day one. I now plan one for migrations.",
        "Could we agree what “done” means for PAY-25 before I spend more on it?",
        "To try: a stop point on day one",
    ]
    assert page.title == "AI-assisted work, 26 Oct - 22 Nov 2026"
    assert page.cost[0].figures[0].value == 209_000_000


def test_ac51_the_footer_names_what_the_figures_rest_on(made, db: sqlite3.Connection) -> None:
    page = made()
    footer = " ".join(page.closing)
    for words in (
        "local agent logs (Claude Code)", "rounded to 5%", "Self-reported: work, outcomes", "Withheld: 0 items.",
        "Weeks 44-47, all closed; changed since closing: 0.", "prices in force on each day, from genai-prices",
        "UTC", page.sha256, "2026-11-22",
        "anything before 27 Oct 2026",
    ):  # fmt: skip
        assert words in footer
    with transaction(db):
        closing.reopen(db, one_on_one.MONDAYS[3])
    gap = " ".join(made(weeks=(one_on_one.MONDAYS[0], one_on_one.MONDAYS[3], date(2026, 10, 12))).closing)
    assert "Weeks not on this page: 43, 45-46." in gap
    assert "No use was recorded in week 42." in gap
    assert "Weeks 42, 44, 47, closed: 44, open: 42, 47; changed since closing: 0." in gap


def test_ac51_what_is_unknown_is_said_and_is_in_no_share(made, db: sqlite3.Connection) -> None:
    """AC 5: never 0. A week is open, so that it can come in."""
    month = one_on_one.Month(db, one_on_one.Path("/w/shop"))
    month.sessions.writer.priced = lambda one: (None, None)
    with transaction(db):
        closing.reopen(db, one_on_one.MONDAYS[3])
        month.used("dark", 5, "2026-11-20T10:00")
        month.tasks = ids(db)
        month.task("Dark work")
        month.used("darker", 5, "2026-11-20T12:00", "Dark work")
    page = made()
    shares = {row.work.text: row.share.text for row in page.rows}
    assert (shares["Not assigned to any work"], shares["Dark work"]) == ("15% + unknown", "unknown")
    assert "appears as unknown, never as 0" in page.footer[0]
    mix, assigned = page.cost[1:]
    assert mix.text.startswith("Of my AI use with a known price, 30% went to shipped or delivered work, ")
    assert mix.text.endswith("On top comes use without a known price: in progress and not assigned.")
    assert {one.what for one in mix.figures if one.at_least} == {"in progress", "not assigned"}
    assert assigned.text.startswith("86% of my AI use with a known price belongs to ")
    assert "mix,not assigned,,,14% + unknown,measured" in render(page, "csv").decode()


def test_ac30_a_little_that_is_not_assigned_leaves_no_whole(made, db: sqlite3.Connection) -> None:
    """Less than half a percent: the sentence beside the mix says so too."""
    month = one_on_one.Month(db, one_on_one.Path("/w/shop"))
    week = clock.monday_of(date(2026, 10, 12))
    with transaction(db):
        month.tasks = ids(db)
        month.used("much", 999, "2026-10-13T10:00", "PAY-25")
        month.used("little", 1, "2026-10-13T12:00")
    mix, assigned = made(weeks=(week,)).cost[1:]
    assert mix.text.endswith("; under 1% is not assigned.")
    assert assigned.text.startswith("over 99% of my AI use belongs to ")


def test_weeks_in_which_neither_plan_nor_charge_is_entered_say_so(made, db: sqlite3.Connection) -> None:
    with transaction(db):
        db.execute("delete from plans")
        db.execute("delete from charges")
        db.execute("delete from confirmed_months")
    assert "$209 paid" in made().cost[0].text, "closed weeks keep what they said"
    assert "28 days" not in made().cost[0].text
    with transaction(db):
        closing.reopen(db, one_on_one.MONDAYS[3])
    assert made().cost[0].text.startswith("What I paid is unknown")
    assert made().cost[0].figures[0].value is None


# ---- always there ----------------------------------------------------------------------------------------------------


@given(st.dictionaries(st.sampled_from([*wording.LABELS, "no task", "unlinked"]), st.integers(0, 10**12), min_size=1))
@few
def test_ac50_the_mix_sums_to_100(values: dict[str, int]) -> None:
    from tokentrack.export import cost
    from tokentrack.export.sums import Sums, Work

    sums = Sums()
    for outcome, value in values.items():
        if outcome in sums.rest:
            sums.rest[outcome] = value
        elif outcome != "rework":
            sums.works[outcome] = Work(outcome, outcome, value)
    sums.total = sum(sums.by_outcome().values())
    assert sum(cost.mix(sums).values()) == (100 if sums.total else 0)


@given(st.integers(0, 10**10), st.integers(1, 10**10))
@few
def test_ac50_rows_round_to_5(value: int, total: int) -> None:
    """Less than 5 % is 0 and called so; the rest is the nearest multiple of 5."""
    percent = wording.share(min(value, total), total)
    assert percent is not None
    assert percent % 5 == 0
    exact = 100 * min(value, total) / total
    assert percent == 0 if exact < 5 else abs(percent - exact) <= 2.5


@pytest.mark.parametrize("format_", ["md", "html", "csv"])
def test_ac50_the_not_comparable_sentence_stands_in_every_format(made, format_: str) -> None:
    """Product 7.7: no option takes it out."""
    keys = [text.key for text in made().texts]
    page = made(fields=frozenset(FIELDS), name="Me", edits=tuple((key, "") for key in keys))
    shown = render(page, format_).decode().replace("&#39;", "'")
    assert NOT_COMPARABLE in shown


def test_ac30_what_is_not_assigned_stands_there_whatever_is_withheld(made, db: sqlite3.Connection) -> None:
    page = made(without=frozenset(ids(db).values()))
    assert [row.work.text for row in page.rows] == ["Not assigned to any work", "Withheld: 8 items"]
    assert page.rows[0].share.text == "15%"


# ---- withheld --------------------------------------------------------------------------------------------------------


def test_ac47_withheld_rows_keep_the_totals_and_print_count_and_share(made, db: sqlite3.Connection) -> None:
    whole, named = made(), ids(db)
    page = made(without=frozenset({named["PAY-22"], named["OPS-7"]}))
    assert page.cost == whole.cost
    kept = {row.work.text: row.share.text for row in whole.rows}
    assert all(kept[row.work.text] == row.share.text for row in page.rows[:-1])
    assert (page.rows[-1].work.text, page.rows[-1].share.text) == ("Withheld: 2 items", "25%")
    assert "Withheld: 2 items, 25% of use." in page.footer
    for format_ in ("md", "html", "csv", "json"):
        shown = render(page, format_).decode()
        assert "ORM" not in shown
        assert "OPS-7" not in shown


def test_withheld_work_is_in_no_sentence_about_estimates(made, db: sqlite3.Connection) -> None:
    """And nothing untrue stands in its place: there are estimates, they are not shown."""
    named = ids(db)
    told = " ".join(texts(made(without=frozenset({named["PAY-12"]})), "sure"))
    assert "PAY-12" not in told
    assert "PAY-19" in told
    assert texts(made(without=frozenset({named["PAY-12"], named["PAY-19"]})), "sure") == [
        "Nothing that I noted tells what the agent changed of my time for the finished work shown here.",
        texts(made(), "sure")[-1],
    ]


def test_ac47_withheld_work_without_use_is_called_the_same_in_row_and_footer(made, db: sqlite3.Connection) -> None:
    with transaction(db):
        closing.reopen(db, one_on_one.MONDAYS[3])
        made_ = tasks.add(db, Task("", "By hand", None, None, None, 0))
        tasks.finish(db, made_.id, "shipped", "", one_on_one.ms("2026-11-18T10:00"))
    page = made(without=frozenset({made_.id}))
    assert (page.rows[-1].work.text, page.rows[-1].share.text) == ("Withheld: 1 item", "none")
    assert "Withheld: 1 item, no use." in page.footer


# ---- the day of the page ---------------------------------------------------------------------------------------------


def test_estimates_are_those_of_the_page_s_day_and_of_work_that_is_finished_on_it(made, db: sqlite3.Connection) -> None:
    """AC 48: what is estimated, or judged, later changes no page of an earlier day; of open work nothing is concluded."""
    before, task = made(), ids(db)["PAY-25"]
    with transaction(db):
        for what, minutes, day in (("without_ai", 6000, 10), ("with_ai", 60, 12)):
            tasks.add_estimate(db, task, what, minutes, minutes, one_on_one.ms(f"2026-12-{day}T10:00"))
        tasks.add_estimate(db, ids(db)["PAY-12"], "with_ai", 6000, 6000, one_on_one.ms("2026-12-12T10:00"))
        tasks.add_estimate(db, ids(db)["By hand 0"], "with_ai", 300, 300, one_on_one.ms("2026-12-12T10:00"))
    assert made().sure == before.sure
    assert not any("PAY-25" in text for text in texts(made(created=date(2026, 12, 20)), "sure"))


@pytest.mark.parametrize(
    ("created", "reason"), [(date(2030, 1, 1), "a day to come"), (date(2026, 11, 15), "2026-W47 has not begun on")]
)
def test_a_page_is_of_a_day_on_which_its_weeks_had_begun(db: sqlite3.Connection, created: date, reason: str) -> None:
    chosen = Options(weeks=one_on_one.MONDAYS, created=created)
    with pytest.raises(Refused, match=reason):
        compose.page(db, chosen, one_on_one.ms(one_on_one.NOW))


def test_ac51_agents_whose_use_is_recorded_in_part_or_not_at_all_are_named(made, db: sqlite3.Connection) -> None:
    """Cursor has sessions without any request in the closed week; a Codex session has some of its tokens."""
    with transaction(db):
        closing.reopen(db, one_on_one.MONDAYS[3])
        for agent, tokens_from in (("cursor", "none"), ("codex", "partial")):
            at = one_on_one.ms("2026-11-18T10:00")
            db.execute(
                "insert into sessions (uid, agent, native_id, started_at, ended_at, tokens_from) values (?, ?, ?, ?, ?, ?)",
                [agent, agent, agent, at, at, TOKENS_FROM.index(tokens_from)],
            )
        closing.close(db, one_on_one.MONDAYS[3], one_on_one.ms(one_on_one.NOW))
    assert (
        "(Claude Code, Codex, Cursor) on one machine; tokens of Codex and Cursor are recorded in part or not at all"
        in made().footer[0]
    )
    assert "recorded in part" not in made(weeks=one_on_one.MONDAYS[:3]).footer[0]


def test_weeks_are_told_in_runs_over_the_turn_of_the_year_too() -> None:
    every = [clock.week_name(date(2025, 12, 1) + n * 7 * clock.DAY) for n in range(50)]
    assert wording.weeks(every) == "2025-W49 to 2026-W46"
    assert wording.weeks([*every[:3], every[5]]) == "2025-W49 to 2025-W51, 2026-W02"
    assert wording.weeks(["2026-W44", "2026-W46", "2026-W47"]) == "44, 46-47"
    assert (wording.in_weeks(["2026-W47"]), wording.in_weeks(every[-2:])) == ("week 47", "weeks 45-46")


def test_ac51_over_the_end_of_a_year_each_week_is_told_with_its_year(made) -> None:
    """In one line they are written in one way, however many of them are of a sort."""
    told = replace(made().facts, closed=("2026-W53", "2027-W01"), open=("2027-W03",), missing=("2027-W02",))
    *_, missing, _, weeks = footer(told, ())
    assert missing.endswith("Weeks not on this page: 2027-W02.")
    assert weeks.startswith("Weeks 2026-W53 to 2027-W01, 2027-W03, closed: 2026-W53 to 2027-W01, open: 2027-W03; ")


# ---- names -----------------------------------------------------------------------------------------------------------


def test_private_work_has_its_alias_or_a_letter(made, db: sqlite3.Connection) -> None:
    """Product 7.4: neither key, nor the number of its pull request, nor its sentence tells what it is."""
    named = ids(db)
    with transaction(db):
        tasks.edit(db, named["PAY-12"], private=True)
        tasks.edit(db, named["PAY-19"], private=True, alias="The flaky thing")
        tasks.edit(db, named["PAY-22"], private=True)
    page = made()
    rows = {row.work.text: row for row in page.rows}
    assert rows["Other work A"].result == "Shipped"
    assert rows["Other work A"].evidence.text == "pull request merged, no revert in 14 days"
    assert "The flaky thing" in rows
    assert rows["Other work B"].outcome.text == "Stopped"
    assert "I believe Other work A was clearly faster" in page.sure[0].text
    shown = render(page, "json").decode()
    assert not {"Refunds", "Checkout", "ORM", "#318", "PAY-19"} & set(shown.replace('"', " ").split())


def test_work_whose_task_is_gone_is_called_by_no_name(made, db: sqlite3.Connection) -> None:
    """Its closed week still has its title, and nobody can tell any more whether it was private."""
    with transaction(db):
        tasks.delete(db, ids(db)["PAY-22"])
    row = next(row for row in made().rows if row.work.text == "Other work A")
    assert (row.result, row.evidence.text, row.share.text) == ("Stopped", "none", "20%")


def test_a_week_in_which_nothing_was_used_has_no_shares(made) -> None:
    page = made(weeks=(date(2026, 9, 7),))
    assert [(row.work.text, row.share.text) for row in page.rows] == [("Not assigned to any work", "none")]
    assert "so there are no shares" in page.cost[1].text
    assert not any(figure.unit == "percent" for text in page.cost for figure in text.figures)


def test_all_work_of_a_private_project_is_private(made, db: sqlite3.Connection) -> None:
    with transaction(db):
        write.set_setting(db, "private_projects", "shop\n")
    assert [row.work.text for row in made().rows if row.task][:2] == ["Other work A", "Other work B"]


def test_aliases_stand_in_every_text_of_the_person(made, db: sqlite3.Connection) -> None:
    """Clients and projects are words; longer names first, whole words, any case."""
    with transaction(db):
        write.set_setting(db, "export_aliases", "ledger=Client A\nnonsense\n")
    page = made(aliases=(("migrations", "moves"), (ids(db)["PAY-25"], "The hooks"), ("shop", "The project")),
                fields=frozenset({"projects"}))  # fmt: skip
    work = [row.work.text for row in page.rows]
    assert "The project: Event sourcing for the Client A (SPIKE-3)" in work
    assert "The hooks" in work
    assert page.change[0].text.endswith("I now plan one for moves.")
    assert renamed("acme Acmes ACME-corp", [("Acme", "X"), ("Acme-Corp", "Y")]) == "X Acmes Y"


# ---- the direction rule ----------------------------------------------------------------------------------------------


def test_ac52_computed_texts_become_weaker_or_go_and_never_stronger(made) -> None:
    page = made()
    strong = page.sure[0]
    assert strong.weaker
    for weaker in strong.weaker:
        changed = made(edits=((strong.key, weaker),)).sure[0]
        assert (changed.shown, changed.edited) == (f"{weaker} (edited by me)", True)
    assert len(made(edits=((strong.key, ""),)).sure) == 2
    for text in page.texts:
        if text.weaker is not None:
            with pytest.raises(Refused, match="was computed"):
                made(edits=((text.key, f"{text.text} It was great."),))


def test_ac52_edits_are_marked_counted_and_the_rest_is_free(made) -> None:
    page = made(edits=((made().change[1].key, "Let us talk about PAY-25."), ("cost.paid", "")))
    assert page.change[1].shown == "Let us talk about PAY-25. (edited by me)"
    assert not any("paid" in text.text for text in page.cost)
    assert "Texts edited by me: 1; taken out: 1." in " ".join(page.footer)
    assert (page.facts.edited, page.facts.removed) == (1, 1)


def test_ac46_an_edit_holds_only_for_the_words_that_it_was_made_for(made, db: sqlite3.Connection) -> None:
    """A line that came before it made it stand for another one, which was lost, and brought back what it took out."""

    def note(text: str) -> None:
        with transaction(db):
            closing.reopen(db, one_on_one.MONDAYS[3])
            closing.close(db, one_on_one.MONDAYS[3], one_on_one.ms(one_on_one.NOW), note=text)

    note("First line\nSecond line about Acme")
    edits = ((made().change[1].key, "Second line"),)
    note("New line\nFirst line\nSecond line about Acme")
    assert [one.shown for one in made(edits=edits).change][:3] == [
        "New line",
        "First line",
        "Second line (edited by me)",
    ]
    sentence = next(row.note for row in made().rows if row.note.text)
    again = tasks.tasks_like(db, "PAY-12")[0].id
    with transaction(db):
        tasks.finish(db, again, "shipped", "other words", one_on_one.ms("2026-11-03T13:30"))
    assert "other words" in [row.note.shown for row in made(edits=((sentence.key, "fewer"),)).rows]


def test_ac52_evidence_may_be_kept_back_and_says_so(made, db: sqlite3.Connection) -> None:
    named = ids(db)
    page = made(edits=((f"evidence.{named['PAY-12']}", ""), (f"evidence.{named['OPS-7']}", "PR #12 merged")))
    shown = {row.task: row.evidence.shown for row in page.rows}
    assert shown[named["PAY-12"]] == "not shown (edited by me)"
    assert shown[named["OPS-7"]] == "PR #12 merged (edited by me)"


def test_ac52_no_alias_makes_a_computed_text_say_anything_else(made, db: sqlite3.Connection) -> None:
    """Names alone are renamed: those of branches stand in quotes then, as titles do in a sentence."""
    aliases = (("day 10 of 14", "no revert in 14 days"), ("reverted", "merged"), ("clearly", "ten times"),
               ("cannot tell", "am certain"), ("PAY-19", "All that I did"))  # fmt: skip
    whole, page = made(), made(aliases=aliases)
    assert [row.evidence.text for row in page.rows] == [row.evidence.text for row in whole.rows]
    assert page.sure[0].text == whole.sure[0].text
    assert page.sure[1].text.startswith("For “Checkout tests no longer flaky (All that I did)” I cannot tell")
    chosen = Options(weeks=one_on_one.MONDAYS, created=one_on_one.CREATED, aliases=(("acme", "main, no revert"),))
    names = Names(db, chosen, 0)
    assert (names.ref("feat/acme"), names.ref("feat/x")) == ("“feat/main, no revert”", "feat/x")


def test_ac52_no_weaker_wording_drops_a_doubt(made) -> None:
    """`merged` alone claims more than `merged, day 10 of 14`, and `branch` more than `branch, merge not detected`."""
    day = 24 * 3_600_000
    merged, lost = Evidence("pull", "#1", 0, "merged"), Evidence("branch", "x", None, "merge not detected")
    assert wording.evidence([merged], 13 * day, refs=True, branches=False) == ("PR #1 merged, day 13 of 14",)
    assert wording.evidence([lost], 13 * day, refs=True, branches=False) == ("branch, merge not detected",)
    assert len(wording.evidence([merged], 14 * day, refs=True, branches=False)) == 2
    open_ = next(row.evidence for row in made().rows if "day 10" in row.evidence.text)
    with pytest.raises(Refused, match="was computed"):
        made(edits=((open_.key, "PR #325 merged"),))


def test_ac52_an_edit_that_nobody_can_see_takes_the_text_out(made) -> None:
    page = made(edits=((made().change[0].key, "\u200b \u2060"), ("sure.holds", "\u200b")))
    assert (page.facts.edited, page.facts.removed) == (0, 2)
    assert len(page.change) == len(made().change) - 1


def test_what_was_taken_out_leaves_in_no_format(made) -> None:
    """Its figures go with it, so neither the amount nor the mix stands in JSON or CSV."""
    keys = ("cost.paid", "cost.mix", "cost.assigned")
    page = made(edits=tuple((key, "") for key in keys), fields=frozenset({"exact"}))
    assert (page.cost, page.facts.removed) == ((), 3)
    for format_ in ("md", "html", "csv", "json"):
        shown = render(page, format_).decode()
        assert not [words for words in ("208", "209", "shipped or delivered", "86%") if words in shown]


@pytest.mark.parametrize("result", ["holds", "does not hold", "cannot tell"])
def test_ac52_each_wording_claims_less_than_the_one_before(result: str) -> None:
    from tokentrack.review.effect import THIRD

    claims = ["clearly", "may", "cannot tell", "does not hold"]
    told = wording.stress(result, ["PAY-12"], THIRD)
    strength = [next(n for n, words in enumerate(claims) if words in text) for text in told]
    assert all(one < other for one, other in pairwise(strength))


# ---- sentences -------------------------------------------------------------------------------------------------------


def test_ac27_calibration_is_stated_from_ten_on_with_an_interval() -> None:
    few_, none = Ranges("with_ai", (), 0), Ranges("without_ai", (), 0)
    assert wording.calibration((few_, none)) == ("I have too few estimates of time to say how good they are (n = 0).",)


def test_ac32_no_revert_is_said_from_day_14_on_and_a_revert_always() -> None:
    merged = [Evidence("pull", "#1", 0, "merged"), Evidence("branch", "feat/x", 0, "merged")]
    day = 24 * 3_600_000
    assert wording.evidence(merged, 13 * day, refs=True, branches=False)[0] == "PR #1 merged, day 13 of 14"
    assert wording.evidence(merged, 14 * day, refs=True, branches=False)[0] == "PR #1 merged, no revert in 14 days"
    reverted = [*merged, Evidence("pull", "#2", 5, "reverted")]
    assert wording.evidence(reverted, 14 * day, refs=True, branches=False) == ("PR #2 reverted",)
    later = [*merged, Evidence("commit", "1a2b", 0, "merged"), Evidence("commit", "3c4d", 5, "reverted")]
    for found in (reverted, later):  # the page says what the window says of the same
        assert evidence.summary(found, 14 * day).startswith("reverted")
    assert wording.evidence(later, 14 * day, refs=True, branches=False) == (
        "PR #1 merged, commit reverted", "commit reverted",
    )  # fmt: skip
    again = [*merged, Evidence("branch", "feat/y", 3 * day, "merged")]
    assert evidence.summary(again, 15 * day).endswith("day 12 of 14")
    assert wording.evidence(again, 15 * day, refs=True, branches=False) == ("PR #1 merged, day 12 of 14",)
    assert wording.evidence(merged[1:], 14 * day, refs=False, branches=True)[1] == "branch feat/x merged"
    assert wording.evidence([Evidence("repository", "/w", None, "cannot be read")], 0, refs=True, branches=True) == ()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\r\nb\tc\0d", "a b cd"), ("\u202eevil\u2066", "evil"), ("a\u200bb\u00ad", "ab"),
        ("👩\u200d💻 שלום", "👩\u200d💻 שלום"),
        ("x" * 10_000, "x" * 599 + "…"), ("\ud800", ""), ("", ""),
    ],
)  # fmt: skip
def test_texts_are_one_line_without_signs_that_cannot_be_seen(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_a_page_of_open_weeks_is_of_now(made, db: sqlite3.Connection) -> None:
    with transaction(db):
        for monday in one_on_one.MONDAYS:
            closing.reopen(db, monday)
    page = made()
    assert [row.share.text for row in page.rows][:2] == ["15%", "10%"]
    assert "Weeks 44-47, all open." in page.footer
    assert not any(reviews.is_closed(db, clock.week_name(monday)) for monday in one_on_one.MONDAYS)


@pytest.mark.parametrize(
    ("weeks", "reason"),
    [((), "No week"), ((date(2027, 1, 4),), "not begun"),
     (tuple(date(2020, 1, 6) + n * 7 * clock.DAY for n in range(54)), "at most")],
)  # fmt: skip
def test_weeks_that_make_no_page_are_refused(made, weeks: tuple[date, ...], reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        made(weeks=weeks)


def test_a_refund_is_given_back(made, db: sqlite3.Connection) -> None:
    """It read “and -$5 billed on top”."""
    with transaction(db):
        ledger.add_charge(db, Charge(0, date(2026, 11, 4), -28_400_000, "refund"), 0)
        for monday in one_on_one.MONDAYS:
            closing.reopen(db, monday)
            closing.close(db, monday, one_on_one.ms(one_on_one.NOW))
    assert made().cost[0].text == "About $180 paid: $185 for 28 days of a plan at $200/month and $5 given back."
