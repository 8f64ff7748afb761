"""Rules are made from the inbox, tried, paused and taken back (issue 5)."""

from __future__ import annotations

from contextlib import closing

from claude_logs import Machine
from pytestqt.qtbot import QtBot
from ui.inbox.parts import Open, all_links, linked, press, settled
from ui.keyboard import CTRL, KEY, SHIFT
from ui.samples import written
from waiting import BEFORE, PAYMENTS, add_tasks, session

from tokentrack import rules as applying
from tokentrack.model.tasks import Span
from tokentrack.store import links, rules, tasks, transaction
from tokentrack.ui.inbox_rules import RuleForm
from tokentrack.ui.live import Live
from tokentrack.ui.live_linking import LiveWaiting


def test_ac18_r_lists_what_else_moves_before_the_rule_is_kept(app: Open, qtbot: QtBot, machine: Machine) -> None:
    add_tasks(machine, "PAY-12 Refunds")
    for n in range(3):
        session(machine, f"b{n}", f"Chore {n}", "chores", n * 700, size=10_000 * (n + 1))
    machine.scan()
    confirmed = machine.sessions["b2"].id
    links.put(machine.db, confirmed, None, Span(), "manual", 0)
    page = app()
    press(qtbot, KEY.Key_Right)
    press(qtbot, KEY.Key_Down)
    press(qtbot, KEY.Key_R)
    qtbot.waitUntil(lambda: page.dialogs.rule.form.moved is not None)
    form = page.dialogs.rule.form
    assert (form.kind.value, form.pattern.text(), form.project.currentData()) == ("branch", "chores", PAYMENTS)
    assert len(form.moved) == 2
    assert form.said.text().startswith("Links 2 sessions, $0.")
    assert form.said.text().endswith("list value now, and what matches later.")
    assert rules.rules(machine.db) == []
    press(qtbot, KEY.Key_Return)
    assert [(rule.kind, rule.pattern) for rule in rules.rules(machine.db)] == [("branch", "chores")]
    assert linked(machine)["b2"] == [(None, Span(), "manual")], "confirmed links stay"
    assert {linked(machine)[name][0][0] for name in ("b0", "b1")} == {"PAY-12"}
    assert page.bar.text.text() == "Linked 2 sessions to PAY-12, and always branch chores"
    press(qtbot, KEY.Key_Z, CTRL)
    assert rules.rules(machine.db) == []
    assert len(all_links(machine)) == 1


def test_ac18_what_a_rule_matches_and_does_not_link_is_listed_with_the_reason(qtbot: QtBot, machine: Machine) -> None:
    """As `tokentrack rule preview` lists it: a session whose branch speaks for another task stays the person's to decide."""
    made = add_tasks(machine, "PAY-12 Refunds", "PAY-13 Webhooks")
    session(machine, "a", "Refunds", "feat/PAY-12-refunds", 0)
    session(machine, "b", "Chore", "chores", 700)
    machine.scan()
    with closing(LiveWaiting(machine.store)) as waiting:
        form = RuleForm(Live(machine.store).linking(), lambda rule, answer, _: answer(waiting.preview(rule)))
        qtbot.addWidget(form)
        form.put("path", PAYMENTS, ".", made["PAY-13"])
        form.ask()
        assert [one.session.native_id for one in form.moved] == ["b"]
        assert [form.held.data(form.held.index(0, column)) for column in (0, 1)] == [
            "Refunds", "PAY-12 Refunds is as likely: branch feat/PAY-12-refunds"
        ]  # fmt: skip
        assert not form.held_table.isHidden()
        assert form.said.text().endswith(" and what matches later. 1 session matches too and is yours to decide.")
        form.put("branch", PAYMENTS, "chores", made["PAY-13"])
        assert form.held_table.isHidden()
        form.ask()
        assert form.held_table.isHidden()


def test_the_task_of_a_rule_keeps_its_signs_and_a_long_name_its_dialog(qtbot: QtBot, machine: Machine) -> None:
    """The window grew with the name, and `R&D` lost its sign."""
    (task,) = add_tasks(machine, f"PAY-12 R&D {'of all that is to come ' * 8}").values()
    form = RuleForm(Live(machine.store).linking(), lambda *_: None)
    qtbot.addWidget(form)
    form.put("branch", PAYMENTS, "chores", task)
    assert form.task_button.text().startswith("PAY-12 R&&D ")
    assert form.task_button.accessibleName() == f"Task of the rule: {task.name}"
    assert form.minimumSizeHint().width() < 700


def test_no_branch_rule_is_offered_on_a_trunk(app: Open, qtbot: QtBot, machine: Machine) -> None:
    """AC 12's neighbour: `main` is everybody's."""
    add_tasks(machine, "PAY-12 Refunds")
    session(machine, "one", "PAY-12 again", "main", 0, cwd=f"{PAYMENTS}")
    machine.scan()
    page = app()
    press(qtbot, KEY.Key_R)
    assert (page.dialogs.rule.form.kind.value, page.dialogs.rule.form.pattern.text()) == ("key", "PAY-12")
    page.dialogs.rule.form.put("branch", PAYMENTS, "main", tasks.tasks(machine.db)[0])
    qtbot.waitUntil(lambda: "main" in page.dialogs.rule.form.said.text())
    assert not page.dialogs.rule.save.isEnabled()
    press(qtbot, KEY.Key_Escape)


def test_the_rule_lab_tries_pauses_and_removes_with_everything_it_linked(
    app: Open, qtbot: QtBot, machine: Machine
) -> None:
    add_tasks(machine, "PAY-12 Refunds")
    for n in range(3):
        session(machine, f"b{n}", f"Chore {n}", "chores", n * 700)
    machine.scan()
    page = app()
    press(qtbot, KEY.Key_L)
    lab = page.dialogs.rules
    assert not lab.save.isEnabled()
    lab.form.put("branch", PAYMENTS, "chores", tasks.tasks(machine.db)[0])
    qtbot.waitUntil(lambda: lab.form.moved is not None)
    assert len(lab.form.rows.shown) == 3
    assert all_links(machine) == [], "tried, not kept"
    lab.save.click()
    written(qtbot)
    assert lab.bar.text.text() == "Kept the rule branch chores in payments ▸ PAY-12 Refunds, linked 3 sessions"
    assert [(row.state, row.links) for row in lab.rows.shown] == [("active", 3)]
    lab.table.setFocus()
    press(qtbot, KEY.Key_P)
    assert [row.state for row in lab.rows.shown] == ["paused: by you"]
    press(qtbot, KEY.Key_P)
    assert [row.state for row in lab.rows.shown] == ["active"]
    press(qtbot, KEY.Key_Delete, SHIFT)
    assert lab.rows.shown == []
    assert all_links(machine) == []
    press(qtbot, KEY.Key_Z, CTRL)
    assert len(all_links(machine)) == 3
    press(qtbot, KEY.Key_Escape)
    settled(qtbot, page)


def test_ac19_the_list_of_rules_says_why_one_sleeps(app: Open, qtbot: QtBot, machine: Machine) -> None:
    add_tasks(machine, "PAY-12 Refunds")
    task = tasks.tasks(machine.db)[0].id
    with transaction(machine.db):
        rules.add(machine.db, "branch", PAYMENTS, "chores", task, BEFORE)
        tasks.finish(machine.db, task, "shipped", "", BEFORE)
    page = app()
    press(qtbot, KEY.Key_L)
    dialog = page.dialogs.rules
    assert [row.state for row in dialog.rows.shown] == ["sleeps: task finished 19 Nov"]
    assert dialog.rows.data(dialog.rows.index(0, 2)) == "none yet"
    press(qtbot, KEY.Key_Escape)
    settled(qtbot, page)


def test_ac16_a_rule_goes_back_with_what_it_linked_while_logs_were_read(
    app: Open, qtbot: QtBot, machine: Machine
) -> None:
    add_tasks(machine, "PAY-12 Refunds")
    session(machine, "b0", "Chore", "chores", 0)
    machine.scan()
    page = app()
    press(qtbot, KEY.Key_L)
    page.dialogs.rules.form.put("branch", PAYMENTS, "chores", tasks.tasks(machine.db)[0])
    qtbot.waitUntil(lambda: page.dialogs.rules.form.moved is not None)
    page.dialogs.rules.save.click()
    written(qtbot)
    session(machine, "b1", "Another chore", "chores", 700)
    machine.scan()
    with transaction(machine.db):
        assert applying.apply(machine.db, 1795291200000) == 1
    press(qtbot, KEY.Key_Z, CTRL)
    assert (rules.rules(machine.db), all_links(machine)) == ([], [])
    press(qtbot, KEY.Key_Z, CTRL | SHIFT)
    assert (len(rules.rules(machine.db)), len(all_links(machine))) == (1, 2)
    press(qtbot, KEY.Key_Escape)
    settled(qtbot, page)


def test_ac16_the_inbox_no_longer_tells_of_a_step_that_a_rule_came_after(
    app: Open, qtbot: QtBot, machine: Machine
) -> None:
    """Its Undo refused; `Ctrl+Z` takes back what the dialog did, the newest."""
    task = add_tasks(machine, "PAY-12 Refunds")["PAY-12"]
    session(machine, "one", "Refunds", "feat/PAY-12-x", 0)
    machine.scan()
    with transaction(machine.db):
        rules.add(machine.db, "branch", PAYMENTS, "chores", task.id, BEFORE)
    page = app()
    press(qtbot, KEY.Key_Return)
    assert page.bar.back.isVisible()
    press(qtbot, KEY.Key_L)
    qtbot.waitUntil(page.dialogs.rules.isActiveWindow)
    page.dialogs.rules.table.setFocus()
    press(qtbot, KEY.Key_P)
    press(qtbot, KEY.Key_Escape)
    assert page.bar.isHidden()
    press(qtbot, KEY.Key_Z, CTRL)
    assert page.bar.text.text().startswith("Undone: paused the rule branch chores")
    settled(qtbot, page)


def test_a_window_names_no_command_where_something_else_linked_or_made_a_rule_meanwhile(
    app: Open, qtbot: QtBot, machine: Machine
) -> None:
    task, other = add_tasks(machine, "PAY-12 Refunds", "PAY-13 Retries").values()
    session(machine, "one", "Refunds twice", "feat/PAY-12-x", 0)
    machine.scan()
    page = app()
    with transaction(machine.db):
        links.put(machine.db, machine.sessions["one"].id, other.id, Span(), "manual", BEFORE)
        rules.add(machine.db, "branch", PAYMENTS, "chores", other.id, BEFORE)
    press(qtbot, KEY.Key_Return)
    assert page.bar.text.text() == (
        "All turns of “Refunds twice” are already linked to PAY-13 Retries; unlink them first."
    )
    press(qtbot, KEY.Key_L)
    lab = page.dialogs.rules
    lab.form.put("branch", PAYMENTS, "chores", task)
    qtbot.waitUntil(lambda: lab.form.moved is not None)
    lab.save.click()
    written(qtbot)
    assert lab.bar.text.text() == "A rule links the branch chores to another task already; take that rule out first."
    press(qtbot, KEY.Key_Escape)
    settled(qtbot, page)
