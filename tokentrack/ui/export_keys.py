"""The keys of the export, in one list."""

from __future__ import annotations

KEYS = (
    (("↵", "Ctrl →"), "next"),
    (("⌫",), "back"),
    (("Esc",), "out of a field; else leave"),
    (("Space",), "choose: a row is on the page or withheld"),
    (("a",), "choose: what others read in place of a title"),
    (("1", "…", "5"), "preview: Markdown, HTML, PDF, CSV, JSON"),
    (("p", "f", "t", "l"), "preview: page, findings, texts, fields"),
    (("↑", "↓"), "findings: another one"),
    (("x", "h", "a", "e"), "findings: let it through, withhold the row, alias, edit"),
    (("o",), "save: choose the folder"),
    (("Ctrl Z",), "undo what was chosen here, and aliases of tasks"),
    (("Ctrl Shift Z",), "redo an alias"),
    (("?",), "this list"),
)
