"""Sentences in the person's own voice. They claim little: what was done, what is believed, what cannot be told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction

from tokentrack import clock
from tokentrack.model.tasks import Evidence, OutcomeEvent
from tokentrack.phrases import day, listing, month
from tokentrack.review.calibration import AIM, FEWEST, Ranges, wilson
from tokentrack.review.effect import CANNOT_TELL, FAILS, HOLDS, THIRD
from tokentrack.review.evidence import MERGED, NOT_DETECTED, REVERTED, SETTLED_DAYS, merged_at

LABELS = {
    "shipped": "Shipped",
    "delivered": "Delivered",
    "rework": "Rework on shipped work",
    "learned": "Learned",
    "decided not to": "Decided not to",
    "abandoned": "Stopped",
    "superseded": "Superseded",
    "open": "In progress",
}
"""What came of a piece of work, in the order of the page."""
PARTS = (
    ("shipped or delivered", "{} went to shipped or delivered work", ("shipped", "delivered")),
    ("rework", "{} to rework", ("rework",)),
    ("learned", "{} to learning", ("learned",)),
    ("decided not to", "{} to a decision", ("decided not to",)),
    ("stopped", "{} to work I stopped", ("abandoned",)),
    ("superseded", "{} to work that was superseded", ("superseded",)),
    ("in progress", "{} to work in progress", ("open",)),
    ("no task", "{} was set aside as no task", ("no task",)),
    ("not assigned", "{} is not assigned", ("unlinked",)),
)
"""Label of a part of the mix, its words, and the outcomes that it holds."""
NOT_SHOWN = "not shown"
NONE = "none"


# ---- rows ------------------------------------------------------------------------------------------------------------


def share(value: int | None, total: int) -> int | None:
    """Whole percent, to the nearest 5; 0: less than 5 %. None: not known. Both micro-dollars of list value."""
    if value is None or total <= 0:
        return None
    return 0 if 20 * value < total else (40 * value + total) // (2 * total) * 5


def share_text(value: int | None, total: int, *, unknown: bool) -> str:
    if not value:
        return "unknown" if unknown or value is None else "none"
    percent = share(value, total)
    return (f"{percent}%" if percent else "under 5%") + (" + unknown" if unknown else "")


def outcome(key: str, *, reworked: bool) -> str:
    """`Shipped`, `Decided not to`, `Shipped, with rework within 14 days`."""
    return LABELS[key] + (", with rework within 14 days" if reworked and key != "rework" else "")


def said(events: Iterable[OutcomeEvent], outcome: str | None, until: int) -> str:
    """The person's sentence about what came of it, as it stood at a moment."""
    return next((one.note for one in reversed([*events]) if one.at <= until and one.outcome == outcome), "")


def evidence(told: Sequence[Evidence], now: int, *, refs: bool, branches: bool) -> tuple[str, ...]:
    """What git tells, from the strongest wording to the weakest; empty: nothing. Never a path, a branch where it is asked for.

    No weaker wording is without a doubt that the stronger one tells. Without `refs` even the numbers of pull requests stay out.
    """
    merged, reverted, lost = (_strongest(told, state) for state in (MERGED, REVERTED, NOT_DETECTED))
    said = f"{_subject(merged, refs=refs, branches=branches)} {MERGED}" if merged else ""
    if reverted:
        back = f"{_subject(reverted, refs=refs, branches=branches)} {REVERTED}"
        return (f"{said}, {back}", back) if merged and merged[0].kind != reverted[0].kind else (back,)
    if not merged:
        return (f"{_subject(lost, refs=refs, branches=branches)}, {NOT_DETECTED}",) if lost else ()
    at = merged_at(told)
    if at is None:
        return (said,)
    passed = (clock.day_of(now) - clock.day_of(at)).days
    if passed >= SETTLED_DAYS:  # said from day 14 on (AC 32)
        return (f"{said}, no revert in {SETTLED_DAYS} days", said)
    return (f"{said}, day {passed} of {SETTLED_DAYS}",)


def _strongest(told: Sequence[Evidence], state: str) -> list[Evidence]:
    """Of what is in one state, the kind that tells most."""
    kinds = ([one for one in told if (one.kind, one.state) == (kind, state)] for kind in ("pull", "branch", "commit"))
    return next(filter(None, kinds), [])


def _subject(found: Sequence[Evidence], *, refs: bool, branches: bool) -> str:
    kind = found[0].kind
    if kind == "pull":
        names = list(dict.fromkeys(one.ref for one in found))
        more = " and more" if len(names) > 3 else ""
        return f"PR {', '.join(names[:3])}{more}" if refs else "pull request"
    if kind == "branch":
        names = list(dict.fromkeys(one.ref for one in found))
        return f"branch {', '.join(names)}" if branches else "branch"
    return "commits" if len(found) > 1 else "commit"


def link_words(outcome: str) -> str:
    """What an address of a piece of work is called, where git tells nothing of it."""
    return {"delivered": "document (link)", "decided not to": "decision note (link)"}.get(outcome, "link")


# ---- cost ------------------------------------------------------------------------------------------------------------


def use(*, unknown: bool) -> str:
    """What percents are of: use without a known price is in none of them (AC 5)."""
    return "my AI use with a known price" if unknown else "my AI use"


def mix(percents: Sequence[tuple[str, int, bool]], more: Sequence[str] = (), *, unknown: bool = False) -> str:
    """`Of my AI use, 30% went to …, 2% to rework; 14% is not assigned.`; (label, percent, whether anything was used for it).

    `more` are labels of parts on top of which use without a known price comes.
    """
    words = {label: text for label, text, _ in PARTS}
    told = [(label, words[label].format(_percent(percent, used))) for label, percent, used in percents]
    work = [text for label, text in told if label not in ("no task", "not assigned")]
    rest = [text for label, text in told if label in ("no task", "not assigned")]
    if work and not work[0].partition(" ")[2].startswith("went"):
        first, _, what = work[0].partition(" to ")
        work[0] = f"{first} went to {what}"
    text = f"Of {use(unknown=unknown)}, {'; '.join(part for part in (', '.join(work), ', '.join(rest)) if part)}."
    return text + (f" On top comes use without a known price: {listing(more)}." if more else "")


def _percent(percent: int, used: bool) -> str:
    return "under 1%" if used and not percent else f"{percent}%"


# ---- how sure --------------------------------------------------------------------------------------------------------


def by(cut: Fraction) -> str:
    return "a third" if cut == THIRD else f"{round(cut * 100)}%"


def stress(result: str, names: Sequence[str], cut: Fraction) -> tuple[str, ...]:
    """One sentence for all work with one result of the stress test, from strong to weak."""
    many, all_ = len(names) > 1, listing(names)
    cannot = f"For {all_} I cannot tell whether the agent made a difference in time."
    if result == HOLDS:
        strong = f"I believe {all_} {'were' if many else 'was'} clearly faster with the agent: the conclusion stands even after"
        return (
            f"{strong} cutting my without-AI {'estimates' if many else 'estimate'} by {by(cut)}.",
            f"I believe {all_} may have been faster with the agent.",
            cannot,
        )
    if result == FAILS:
        return (f"For {all_} a gain in time does not hold once my without-AI estimate is cut by {by(cut)}.",)
    assert result == CANNOT_TELL
    return (cannot,)


def otherwise(names: Sequence[str]) -> str:
    """Work that would not have been done is no time gained (product 4.1)."""
    return f"I would not otherwise have done {listing(names)}, so no time is claimed for it."


NO_ESTIMATES = "Nothing that I noted tells what the agent changed of my time for the finished work shown here."


def calibration(ranges: Iterable[Ranges]) -> tuple[str, ...]:
    """How the person's ranges of time fared: with an interval from ten on, else that there are too few (AC 27)."""
    found = list(ranges)
    n, inside = sum(one.n for one in found), sum(one.inside for one in found)
    if n < FEWEST:
        return (f"I have too few estimates of time to say how good they are (n = {n}).",)
    low, high = wilson(inside, n)
    told = (
        f"My time estimates so far fell inside my own range {inside} times out of {n} "
        f"({low:.0%} to {high:.0%}, 95% interval)"
    )
    rough = "so please read them as rough."
    return (f"{told}, {rough}" if inside / n < AIM else f"{told}.", "Please read my time estimates as rough.")


# ---- weeks and days --------------------------------------------------------------------------------------------------


def period(first: date, last: date) -> str:
    """`26 Oct - 22 Nov 2026`."""
    return f"{day(first, year=first.year != last.year)} - {day(last)}"


def weeks(names: Sequence[str], among: Sequence[str] = ()) -> str:
    """`44-47`, `44, 46-47`; with their year where they, or the weeks `among` which they stand, are of several years:
    `2026-W51 to 2027-W02`.
    """
    years = len({name[:4] for name in (*names, *among)}) > 1
    runs: list[list[str]] = []
    for monday in sorted(map(clock.parse_week, names)):
        name, before = clock.week_name(monday), clock.week_name(monday - 7 * clock.DAY)
        if runs and runs[-1][-1] == before:
            runs[-1].append(name)
        else:
            runs.append([name])
    ends = [[name if years else str(int(name[6:])) for name in dict.fromkeys((run[0], run[-1]))] for run in runs]
    return ", ".join((" to " if years else "-").join(run) for run in ends)


def in_weeks(names: Sequence[str], among: Sequence[str] = (), *, begins: bool = False) -> str:
    """`week 44`, `weeks 44-47`; `Week 44` where a sentence `begins`."""
    return f"{'W' if begins else 'w'}eek{'' if len(names) == 1 else 's'} {weeks(names, among)}"


def planned_for(period: str, first: date) -> str:
    """The period of a budget that begins on this day: `Nov 2026`, `the week`, `8 Nov 2026`."""
    if period == "day":
        return day(first)
    return month(first) if period == "month" else "the week"
