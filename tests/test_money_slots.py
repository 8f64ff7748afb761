"""Every place that prints money declares what kind of money it is, and where a person reads it (AC 6; product decision 7).

A slot is a call of a function that writes an amount, or a text with a dollar sign before a value. `SLOTS` declares, for each
function with slots, its kinds and a label of each: a text in it, in the heading, or in the column it stands under. A new slot
without a declaration fails, as does a declaration whose slot or whose label is gone, and a label that does not name its kind.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "tokentrack"
WRITERS = {"money", "dollars", "fine", "short_money", "exactly"}
"""Functions that write an amount. They are given any kind, so their callers declare it."""
NAMED_BY = {
    "paid": ("paid", "fee", "charge", "plan"),
    "plan share": ("share", "plan share", "idle"),
    "list value": ("list", "list value"),
    "hypothetical": ("hypothetical", "without caching", "same tokens"),
    "recorded cost": ("recorded", "account", "cost"),
    "budget": ("planned", "over plan", "budget"),
    "any": ("kind",),
}
"""Words of which a label of each kind has one. `any`: the slot takes its kind along, as a column or a field beside it."""

SLOTS = {
    "cli/counting.py": {
        "show_today": {"list value": "list value", "budget": "planned", "paid": "Paid so far"},
        "_usage_row": {"list value": "list value"},
        "_show_offered": {"recorded cost": "cost"},
        "why": {"list value": "list value"},
        "_show_proof": {"list value": "list value"},
        "_headline": {"list value": "list value in"},
        "_exactly": {"paid": "@review/paid.py:plan fees", "list value": "@review/how.py:list value"},
    },
    "cli/importing.py": {"account_line": {"recorded cost": "by Cursor's own account"}},
    "cli/keeping.py": {"_amount": {"budget": "budget", "list value": "list_value"}},
    "cli/out.py": {
        "money": {"list value": "@cli/counting.py:list value"},
        "session_money": {"list value": "@cli/counting.py:list value"},
    },
    "cli/paying.py": {"_plan_line": {"paid": "plan"}, "_charge_line": {"paid": "Add a charge"}},
    "cli/pricing.py": {
        "_sum": {"list value": "list value before"},
    },
    "review/closer.py": {
        "_cache": {"list value": "would list at", "hypothetical": "the same without caching"},
        "_listed": {"list value": "would list at"},
        "what_if": {"hypothetical": "Hypothetical", "list value": "list value"},
    },
    "review/how.py": {"*": {"list value": "list value", "plan share": "plan share"}},
    "review/paid.py": {"paid_of": {"paid": "plan fees"}},
    "review/spend.py": {
        "_plan_line": {"paid": "@ui/spend_entries.py:Fee, paid"},
        "_share": {"plan share": "idle days"},
    },
    "ui/chart.py": {
        "_column": {"list value": "@ui/windows/today.py:list value"},
        "_amount": {"list value": "@ui/windows/today.py:list value"},
    },
    "ui/lines.py": {
        "_planned": {"budget": "planned"},
        "headline": {"list value": "This week, list value"},
        "_value": {"list value": "list value"},
        "_unlinked_value": {"list value": "list value"},
        "paid_line": {"paid": "Paid so far"},
    },
    "ui/spend_cards.py": {"*": {"paid": "Paid", "plan share": "Plan share", "list value": "List value"}},
    "ui/spend_closer.py": {"*": {"hypothetical": "hypothetical"}},
    "ui/spend_entries.py": {"*": {"paid": "Fee, paid"}},
    "ui/spend_rows.py": {"*": {"list value": "List value", "plan share": "Plan share"}},
    "ui/states.py": {"_counted": {"list value": "@ui/windows/settings.py:Today's list value"}},
    "ui/why.py": {"Why._show_request": {"list value": "@ui/why_rows.py:List value"}},
    "ui/why_how.py": {"*": {"any": "Kind"}},
    "ui/why_request.py": {
        "RequestView.put": {"list value": "list value"},
        "RequestView._put_facts": {"recorded cost": "Recorded cost"},
    },
    "ui/why_rows.py": {"*": {"list value": "List value"}},
    "ui/windows/sessions.py": {"*": {"list value": "list value"}},
    "ui/windows/today.py": {"*": {"list value": "list value"}},
    "ui/words.py": {
        "session_value": {"list value": "@ui/windows/sessions.py:List value"},
        "used": {"budget": "planned", "paid": "paid"},
        "planned_amount": {"budget": "planned"},
        "_figures": {"list value": "(list)"},
    },
}
"""File ▶ function (`*`: all of the file) ▶ kind ▶ label; `@file:label` where the label stands in another file."""
MAKE_THEM = {"ui/words.py": ("money", "fine", "exactly"), "money.py": ("dollars",)}
"""The writers themselves."""


def slots(file: Path) -> Iterator[str]:
    """The functions of a file that print money, a name for each slot."""

    def inside(node: ast.AST, name: str) -> Iterator[str]:
        for child in ast.iter_child_nodes(node):
            named = isinstance(child, ast.FunctionDef | ast.ClassDef)
            within = f"{name}.{child.name}".lstrip(".") if named else name
            if isinstance(child, ast.Call) and called(child) in WRITERS:
                yield within
            if isinstance(child, ast.JoinedStr) and dollar_before_value(child):
                yield within
            yield from inside(child, within)

    yield from inside(ast.parse(file.read_text(encoding="utf-8")), "")


def called(call: ast.Call) -> str:
    made = call.func
    return made.id if isinstance(made, ast.Name) else made.attr if isinstance(made, ast.Attribute) else ""


def dollar_before_value(text: ast.JoinedStr) -> bool:
    parts = [part.value if isinstance(part, ast.Constant) else None for part in text.values]
    return any(isinstance(before, str) and before.endswith("$") and after is None for before, after in pairwise(parts))


def texts(file: Path) -> list[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return [
        str(node.value) for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ] + [node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


FILES = {
    file.relative_to(PACKAGE).as_posix(): set(slots(file))
    - set(MAKE_THEM.get(file.relative_to(PACKAGE).as_posix(), ()))
    for file in sorted(PACKAGE.rglob("*.py"))
    if not file.is_relative_to(PACKAGE / "agents")  # readers print nothing
}


@pytest.mark.parametrize("file", [file for file, found in FILES.items() if found])
def test_ac6_every_money_slot_declares_its_kind(file: str) -> None:
    declared = SLOTS.get(file, {})
    missing = set() if "*" in declared else FILES[file] - declared.keys()
    assert not missing, f"{file}: declare in SLOTS what kind of money these print: {sorted(missing)}"


@pytest.mark.parametrize("file", SLOTS)
def test_ac6_every_declaration_has_its_slot_and_its_label(file: str) -> None:
    assert FILES.get(file), f"{file} prints no money any more"
    for function, kinds in SLOTS[file].items():
        assert function == "*" or function in FILES[file], f"{file}: {function} prints no money any more"
        for kind, label in kinds.items():
            place, _, words = label[1:].partition(":") if label.startswith("@") else (file, "", label)
            assert any(words in text for text in texts(PACKAGE / place)), (
                f"{file}, {function}: {place} has no label {words!r}"
            )
            assert any(name in words.lower().replace("_", " ") for name in NAMED_BY[kind]), (
                f"{file}, {function}: {words!r} does not name {kind}"
            )


@pytest.mark.parametrize(
    ("text", "found"),
    [("def f():\n    return f'${x}'", ["f"]), ("class A:\n    def g(self):\n        put(words.money(1))", ["A.g"]),
     ("def f():\n    return f'{x} dollars'", []), ("a = lambda: money(1)", [""])],
)  # fmt: skip
def test_the_lint_finds_slots(tmp_path: Path, text: str, found: list[str]) -> None:
    (tmp_path / "x.py").write_text(text, encoding="utf-8")
    assert list(slots(tmp_path / "x.py")) == found
