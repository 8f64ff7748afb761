"""The keys of a week's review, as its list tells them."""

from __future__ import annotations

KEYS = (
    (("↵",), "next"),
    (("Ctrl →",), "next step, from everywhere"),
    (("⌫",), "back"),
    (("Esc",), "leave; the review goes on here"),
    (("y", "p", "n"), "recall: it was tried, partly, not"),
    (("c",), "recall: close earlier weeks as they are"),
    (("1", "…", "6"), "outcomes: what came of the task"),
    (("s",), "outcomes: one sentence"),
    (("y", "n", "u"), "outcomes: worth at least that, not, cannot tell"),
    (("a", "b"), "outcomes: done anyway, not"),
    (("e", "f"), "outcomes: evidence, follow-up of another task"),
    (("k", "n"), "insights: keep in the note, not useful"),
    (("Ctrl ↵",), "close the week"),
    (("Alt ←", "Alt →"), "earlier and later weeks"),
    (("o",), "open a closed week again"),
    (("/",), "find tasks, sessions, notes and sentences"),
    (("F1",), "how the figures are computed"),
    (("Ctrl Z", "Ctrl Shift Z"), "undo and redo, also after a restart, for 30 days"),
    (("?",), "this list"),
)
