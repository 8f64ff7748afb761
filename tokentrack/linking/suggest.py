"""Sessions ▶ suggestions, best first, with reasons in words.

Tiers are compared before anything else: recorded (A), confirmed (B), plausible (C), weak (D). A task is pre-selected where its
best tier is A or B, no other task reaches A or B, and nothing that was recorded speaks against it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import NamedTuple

from tokentrack.linking.cuts import Part
from tokentrack.linking.facts import Facts, SessionFacts
from tokentrack.linking.known import Known
from tokentrack.linking.rules import finished
from tokentrack.linking.signals import SIGNALS, WEAK, Ground, grounds, names_unknown, nearer, quotes_another
from tokentrack.model.tasks import Span, Suggestion, Task

MOST = 5
"""Suggestions for one part of a session."""
MOST_REASONS = 3
_SURE = ("A", "B")
_FIRM = ("A1", "A2", "A4", "A6")
"""Grounds that words and quoted keys do not put in doubt."""


def suggest(facts: Facts, *, weak: bool = True) -> list[Suggestion]:
    """For each session asked about, in that order, its suggestions, the best first. The same facts give the same answer.

    `weak`: where nothing is pre-selected, weak hints are asked for too.
    """
    known = Known(facts)
    return [one for session in facts.asked for one in suggest_for(facts.sessions[session], known, weak=weak)]


def suggest_for(session: SessionFacts, known: Known, *, weak: bool = True) -> list[Suggestion]:
    """Of each part of the session the best, then of each the second, and so on."""
    ranked = [_for_part(part, known, weak) for part in known.parts(session) if _spans(part)]
    return [one for rank in zip_longest(*ranked) for group in rank if group for one in group]


class _Candidate(NamedTuple):
    task: Task
    grounds: tuple[Ground, ...]
    place: int

    @property
    def signal(self) -> str:
        return self.grounds[0].signal


def _for_part(part: Part, known: Known, weak: bool) -> list[list[Suggestion]]:
    """Suggestions for what waits of a part; each task's for several such ranges of turns stand together."""
    spoken = grounds(part, known, SIGNALS)
    found = _candidates(part, known, spoken)
    chosen, doubts = _chosen(part, found, known)
    if chosen is None and weak:
        found = _candidates(part, known, [*spoken, *grounds(part, known, WEAK)])
    spans = _spans(part)
    made = []
    for candidate in found[:MOST]:
        reasons = list(dict.fromkeys(ground.reason for ground in candidate.grounds))[:MOST_REASONS]
        reasons += [doubt for doubt in doubts if doubt not in reasons] if candidate is found[0] else []
        rule = next((ground.rule for ground in candidate.grounds if ground.rule), None)
        made.append([
            Suggestion(part.session.id, part.session.native_id, span, candidate.task.id, candidate.signal,
                       candidate is chosen, tuple(reasons), rule)
            for span in spans
        ])  # fmt: skip
    return made


def _candidates(part: Part, known: Known, spoken: Sequence[Ground]) -> list[_Candidate]:
    """Tasks for which anything speaks, the best first; ties by what they are called."""
    by_task: dict[str, list[Ground]] = {}
    place: dict[str, int] = {}
    for number, ground in enumerate(spoken):
        if ground.task in known.tasks and (part.session.id, ground.task) not in known.facts.rejected:
            by_task.setdefault(ground.task, []).append(ground)
            place.setdefault(ground.task, number)
    found = []
    for task, mine in by_task.items():
        best = sorted(mine, key=lambda ground: ground.signal)
        found.append(_Candidate(known.tasks[task], tuple(best), place[task]))
    return sorted(
        found, key=lambda one: (one.signal, one.place if one.signal[0] == "D" else 0, one.task.name, one.task.id)
    )


def _chosen(part: Part, found: list[_Candidate], known: Known) -> tuple[_Candidate | None, list[str]]:
    """(the candidate to pre-select, what speaks against the best one in words)."""
    if not found or found[0].signal[0] not in _SURE:
        return None, []
    best = found[0]
    doubts = [
        f"{other.task.name} is as likely: {other.grounds[0].reason}" for other in found[1:] if other.signal[0] in _SURE
    ]
    doubts += _ended(part, best, known)
    confirmed = best.signal[0] == "B"  # the person said so of this branch, whatever its name says
    against = (quotes_another, nearer) if confirmed else (names_unknown, quotes_another, nearer)
    if not any(ground.signal in _FIRM for ground in best.grounds):
        doubts += [doubt for speaks in against if (doubt := speaks(part, best.task, known))]
    if best.signal[0] in known.facts.stopped:
        doubts.append(f"tier {best.signal[0]} was often wrong lately, so it is not pre-selected")
    return (None if doubts else best), doubts


def _ended(part: Part, best: _Candidate, known: Known) -> list[str]:
    """That its task is finished, where it was when the part began, or where a rule that sleeps since asks what to do."""
    told = finished(best.task, known.facts.now)
    if told is None:
        return []
    asked = [ground.reason for ground in best.grounds if ground.reason.endswith(told)]
    return asked or ([told] if finished(best.task, part.begins or known.facts.now) else [])


def _spans(part: Part) -> list[Span]:
    """What waits of a part; open at the end where the session's end waits."""
    end = len(part.session.turns) - 1
    found = []
    for waiting in part.session.waiting:
        first = max(part.first, waiting.first)
        last = min(part.last, end if waiting.last is None else waiting.last)
        if first <= last:
            found.append(Span(first, None if waiting.last is None and last == end else last))
    return found
