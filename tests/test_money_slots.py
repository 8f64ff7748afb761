"""Every place that prints money declares what kind of money it is, and where a person reads it (AC 6; product decision 7).

A slot is a call of a function that writes an amount, or a text with a dollar sign before a value. `SLOTS` declares, for each
function with slots, its kinds and a label of each: a text in it, in the heading, or in the column it stands under. A new slot
without a declaration fails, as does a declaration whose slot or whose label is gone, and a label that does not name its kind.
That each amount stands beside its own label and no other is seen where it is rendered: `tests/ui/test_labels.py`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise

import pytest
from sources import PACKAGE, sources, strings, tree

WRITERS = {"money", "dollars", "signed", "whole_dollars", "fine", "short_money", "exactly"}
"""Functions that write an amount. They are given any kind, so their callers declare it."""
NAMED = re.compile(rf"\b({'|'.join(WRITERS)})\b|\$")
"""What a file holds that prints any: the others need not be read closely."""
NAMED_BY = {
    "paid": ("paid", "fee", "charge", "plan"),
    "plan share": ("share", "plan share", "idle"),
    "list value": ("list", "list value"),
    "hypothetical": ("hypothetical", "without caching", "same tokens"),
    "recorded cost": ("recorded", "account", "cost"),
    "budget": ("planned", "over plan", "budget"),
    "rate": ("rate",),
    "any": ("kind",),
}
"""Words of which a label of each kind has one. `any`: the slot takes its kind along, as a column or a field beside it."""

SLOTS = {
    "cli/budgeting.py": {"_amount": {"budget": "budget", "list value": "list_value"}},
    "cli/counting.py": {"usage_row": {"list value": "list value"}},
    "cli/sessions.py": {"_show_offered": {"recorded cost": "cost"}},
    "cli/today.py": {
        "_show": {"list value": "list value", "paid": "Paid so far"},
        "_against": {"budget": "planned", "list value": "list value", "paid": "paid"},
    },
    "cli/why.py": {
        "_show": {"list value": "list value"},
        "_show_proof": {"list value": "list value"},
        "_headline": {"list value": "list value in"},
        "_show_computed": {"any": "kind"},
    },
    "cli/importing.py": {"account_line": {"recorded cost": "by Cursor's own account"}},
    "cli/rules.py": {"_Moves.show": {"list value": "list value; "}},
    "cli/estimates.py": {"in_words": {"list value": " list value"}},
    "cli/tasks.py": {
        "task_list": {"list value": "list value"},
        "_show_links": {"list value": "list value"},
    },
    "cli/out.py": {
        "money": {"list value": "@cli/counting.py:list value"},
        "session_money": {"list value": "@cli/counting.py:list value"},
    },
    "cli/paying.py": {"_plan_line": {"paid": "plan"}, "_charge_line": {"paid": "charge"}},
    "cli/pricing.py": {
        "_show_repriced": {"list value": "list value before"},
    },
    "cli/reviewing.py": {
        "_judged": {"list value": " list value "},
        "_lines": {"paid": "Paid ", "list value": "List value "},
        "_accounted": {"list value": " of list value, "},
        "_past": {"list value": "Your usual list value "},
    },
    "review/calibration.py": {"_said": {"list value": " list value, was "}},
    "export/appendix.py": {
        "_budget": {"budget": " planned for ", "paid": "paid", "list value": "list value (hypothetical) used"},
        "_break_even": {"list value": " of list value in all", "rate": " at my rate of "},
    },
    "export/cost.py": {
        "_paid_line": {"paid": " paid"},
        "_parts": {"paid": " of a plan at "},
        "_list_line": {"list value": "List value about ", "hypothetical": "hypothetical"},
    },
    "export/records.py": {"_rows_of": {"paid": " paid"}, "_value": {"list value": " list value"}},
    "review/closer.py": {
        "_cache": {"list value": "would list at", "hypothetical": "the same without caching"},
        "what_if": {"hypothetical": "Hypothetical", "list value": "list value"},
    },
    "review/drift.py": {"how": {"list value": "usual, list value"}},
    "review/insights.py": {
        "_drift": {"list value": "List value was "},
        "_of_week": {"list value": "the week's list value"},
        "_rework": {"list value": " of list value within"},
        "_stopped": {"list value": " of list value on "},
        "_tasks": {"list value": " of list value, "},
    },
    "review/judged.py": {"accounted": {"list value": "list value of the week"}},
    "review/how.py": {"_part_by_day": {"list value": "list value of these requests"}},
    "review/paid.py": {"paid_of": {"paid": "plan fees"}},
    "review/since.py": {"_judged": {"list value": " list value: "}},
    "review/spend.py": {
        "_plan_line": {"paid": "@ui/spend_entries.py:Fee, paid"},
        "_share": {"plan share": "plan share"},
    },
    "review/usual.py": {
        "Chip.text": {"list value": " list value"},
        "how_of": {"list value": "list value at the first quartile"},
    },
    "review/worth.py": {
        "how": {"list value": "list value", "rate": "your rate, self-reported"},
    },
    "review/week.py": {"Changed.in_words": {"list value": " list value in ", "paid": " paid"}},
    "ui/chart.py": {
        "_column": {"list value": "@ui/windows/today.py:list value"},
        "_amount": {"list value": "@ui/windows/today.py:list value"},
    },
    "ui/inbox_rows.py": {
        "value_text": {"list value": "@ui/inbox_table.py:List value"},
        "head": {"list value": "@ui/inbox_head.py:list value"},
        "of_week": {"list value": "@ui/inbox_head.py:list value"},
    },
    "ui/inbox_rules.py": {"MOVED": {"list value": "List value"}, "counted": {"list value": "list value"}},
    "ui/inbox_split.py": {"_value": {"list value": "List value"}},
    "ui/lines.py": {
        "_planned": {"budget": "planned"},
        "headline": {"list value": "This week, list value"},
        "_value": {"list value": "list value"},
        "_unlinked_value": {"list value": "list value"},
        "paid_line": {"paid": "Paid so far"},
    },
    "ui/live_week.py": {"LiveReviewing.plan": {"budget": "Planned"}},
    "ui/outcome_bar.py": {"Piece.value": {"list value": "List value"}},
    "ui/planned.py": {"amount": {"budget": "Planned"}},
    "ui/spend_cards.py": {
        "Cards.put": {"plan share": "Plan share"},
        "_paid_detail": {"paid": "plan fees"},
        "_share_detail": {"plan share": " of it idle, on "},
        "_listed_detail": {"recorded cost": "as agents recorded it"},
    },
    "ui/spend_closer.py": {"CloserView._on_what_if": {"hypothetical": ", hypothetical"}},
    "ui/spend_entries.py": {
        "fee": {"paid": "Fee, paid"},
        "CHARGE_COLUMNS": {"paid": "Charge, paid"},
        "EntriesView._on_charge": {"paid": "Added a charge of"},
        "EntriesView._on_remove_charge": {"paid": "Took the charge of"},
    },
    "ui/spend_rows.py": {
        "SpendRow.share_text": {"plan share": "Plan share"},
        "_share_column": {"plan share": ", plan share"},
        "listed_text": {"list value": "List value"},
    },
    "ui/states.py": {"_counted": {"list value": "@ui/windows/settings.py:Today's list value"}},
    "ui/task_page.py": {"amount_of": {"list value": " list value"}},
    "ui/task_told.py": {
        "estimate_text": {"list value": "list value"},
        "verdict_text": {"list value": " list value"},
        "worth_text": {"list value": " list value: "},
    },
    "ui/task_rows.py": {"value": {"list value": "List value"}, "Addend.text": {"list value": "everything, list value"}},
    "ui/week_cards.py": {
        "TaskCard.put": {"list value": " rework, list value"},
        "used": {"list value": " in all, list value"},
    },
    "ui/week_close.py": {
        "_stays": {"budget": "list value planned"},
        "difference": {"list value": "List value, changed by"},
        "judged_otherwise": {"list value": " of its list value "},
        "not_linked": {"list value": ", list value."},
        "task_value": {"list value": "List value"},
    },
    "ui/week_columns.py": {
        "Weeks.caption": {"list value": "your usual list value", "budget": "planned"},
        "_figure": {"list value": "Last 8 weeks, list value"},
        "value": {"list value": "List value"},
    },
    "ui/week_steps.py": {"_plan_about": {"budget": "Planned until now"}},
    "ui/why.py": {"Why._show_request": {"list value": "@ui/why_rows.py:List value"}},
    "ui/why_how.py": {"_row": {"any": "Kind"}, "how_rows": {"any": "Kind"}},
    "ui/why_request.py": {
        "RequestView.put": {"list value": "list value"},
        "RequestView._put_facts": {"recorded cost": "Recorded cost"},
    },
    "ui/why_rows.py": {
        "addends": {"list value": "List value"},
        "_addend": {"list value": "List value"},
        "COLUMNS": {"list value": "List value"},
    },
    "ui/session_rows.py": {
        "columns": {"list value": "List value"},
        "turn_columns": {"list value": "List value"},
        "turn_columns.value": {"list value": "List value"},
        "_value": {"list value": "List value"},
    },
    "ui/windows/sessions.py": {"Page._show_count": {"list value": " list value"}},
    "ui/week_figures.py": {
        "Figures.put": {"list value": "List value"},
        "paid": {"paid": "Paid"},
        "paid_of": {"paid": " plan"},
    },
    "ui/windows/week.py": {"Page._on_why": {"list value": "List value"}},
    "ui/windows/today.py": {
        "_value": {"list value": "List value today"},
        "Page._show_figures": {"list value": "Today, list value"},
    },
    "ui/words.py": {
        "session_value": {"list value": "@ui/session_rows.py:List value"},
        "_open_ended": {"budget": "planned", "paid": "paid"},
        "planned_amount": {"budget": "planned"},
        "_figures": {"list value": "(list)"},
    },
}
"""File ▶ function, or the name that a module gives to what prints ▶ kind ▶ label; `@file:label` where it is in another file."""
MAKE_THEM = {"ui/words.py": ("money", "fine"), "money.py": ("dollars", "exactly", "signed", "whole_dollars")}
"""The writers themselves."""


def slots(module: ast.Module) -> Iterator[str]:
    """The functions of a module that print money, a name for each slot."""

    def inside(node: ast.AST, name: str) -> Iterator[str]:
        for child in ast.iter_child_nodes(node):
            within = f"{name}.{called_here(child) or (given_to(child) if not name else '')}".strip(".")
            if isinstance(child, ast.Call) and called(child) in WRITERS:
                yield within
            if isinstance(child, ast.JoinedStr) and dollar_before_value(child):
                yield within
            yield from inside(child, within)

    yield from inside(module, "")


def called_here(node: ast.AST) -> str:
    return node.name if isinstance(node, ast.FunctionDef | ast.ClassDef) else ""


def given_to(node: ast.AST) -> str:
    """The name that a module gives to a value."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return next((target.id for target in targets if isinstance(target, ast.Name)), "")


def called(call: ast.Call) -> str:
    made = call.func
    return made.id if isinstance(made, ast.Name) else made.attr if isinstance(made, ast.Attribute) else ""


def dollar_before_value(text: ast.JoinedStr) -> bool:
    parts = [part.value if isinstance(part, ast.Constant) else None for part in text.values]
    return any(isinstance(before, str) and before.endswith("$") and after is None for before, after in pairwise(parts))


@pytest.fixture(scope="module")
def found() -> dict[str, set[str]]:
    """File ▶ its functions that print money, but for the writers themselves. Readers print nothing."""
    told = {
        file.relative_to(PACKAGE).as_posix(): file
        for file in sources("agents")
        if NAMED.search(file.read_text(encoding="utf-8"))
    }
    return {name: set(slots(tree(file))) - set(MAKE_THEM.get(name, ())) for name, file in told.items()}


def test_ac6_every_money_slot_declares_its_kind(found: dict[str, set[str]]) -> None:
    missing = {file: sorted(names) for file, each in found.items() if (names := each - SLOTS.get(file, {}).keys())}
    assert not missing, f"declare in SLOTS what kind of money these print: {missing}"


@pytest.mark.parametrize("file", SLOTS)
def test_ac6_every_declaration_has_its_slot_and_its_label(found: dict[str, set[str]], file: str) -> None:
    assert found.get(file), f"{file} prints no money any more"
    for function, kinds in SLOTS[file].items():
        assert function in found[file], f"{file}: {function} prints no money any more"
        for kind, label in kinds.items():
            place, _, words = label[1:].partition(":") if label.startswith("@") else (file, "", label)
            said = (str(text.value) for text in strings(PACKAGE / place, with_docstrings=False))
            assert any(words in text for text in said), f"{file}, {function}: {place} has no label {words!r}"
            assert any(name in words.lower().replace("_", " ") for name in NAMED_BY[kind]), (
                f"{file}, {function}: {words!r} does not name {kind}"
            )


@pytest.mark.parametrize(
    ("text", "names"),
    [("def f():\n    return f'${x}'", ["f"]), ("class A:\n    def g(self):\n        put(words.money(1))", ["A.g"]),
     ("def f():\n    return f'{x} dollars'", []), ("A = lambda: money(1)", ["A"]), ("A: int = money(1)", ["A"]),
     ("money(1)", [""]), ("class A:\n    b = money(1)", ["A"]), ("def f():\n    a = [money(1)]", ["f"])],
)  # fmt: skip
def test_the_lint_finds_slots(text: str, names: list[str]) -> None:
    assert NAMED.search(text) or not names
    assert list(slots(ast.parse(text))) == names
