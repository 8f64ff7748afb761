"""Plans and charges: what the person pays, typed in, since no log tells it; and which months are complete."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from tokentrack import clock, money
from tokentrack.agents import labels
from tokentrack.model.costs import Charge, Plan
from tokentrack.phrases import day, month
from tokentrack.ui import words
from tokentrack.ui.asking import Doing
from tokentrack.ui.choices import Choices, amount_fault, budget_amount
from tokentrack.ui.feed import once
from tokentrack.ui.flow import flow
from tokentrack.ui.frame import section
from tokentrack.ui.keycap import acts_in
from tokentrack.ui.pick import Pick
from tokentrack.ui.source_deciding import Deciding
from tokentrack.ui.source_spend import Entries, Undo
from tokentrack.ui.spend_period import days
from tokentrack.ui.tables import Column, Rows, Table, take_out
from tokentrack.ui.text import Text
from tokentrack.ui.theme import CAPTION, font, label, scaled
from tokentrack.ui.tick import Tick

PERIODS = (("month", "a month"), ("year", "a year"))
NAME_WIDTH, NAME_ROOM = 96, 160
MONTHS_SHOWN = 4
"""Months that can be confirmed here; the command line confirms any."""
NO_PLAN = "No plan is entered. What you pay in all then reads as unknown: logs do not tell it."
NO_CHARGE = "No charge is entered. Usage credits and invoices for the API belong here."
NO_AMOUNT = "This is no amount. Write it like 20 or 12.50."
WAITS = "Another program is writing to the store; this waits for it."
LATE_MS = 150
NO_DAY = "This is no day. Write it like 2026-11-22."


def fee(plan: Plan) -> str:
    return f"{words.money(plan.fee, exact=True)} a {plan.period}"


def in_force(plan: Plan) -> str:
    if plan.until:
        return days(plan.since, plan.until)
    return f"from {day(plan.since)}"


PLAN_COLUMNS: tuple[Column[Plan], ...] = (
    Column("Plan", lambda plan: plan.name, tip=lambda plan: plan.name),
    Column(
        "For",
        lambda plan: ", ".join(map(words.agent, plan.agents)),
        tip=lambda plan: ", ".join(map(words.agent, plan.agents)),
        widest="Claude Code",
    ),
    Column("Fee, paid", fee, figure=True, widest="$1,234.56 a month"),
    Column("In force", in_force, tip=in_force, widest="30 Nov 2026 to 28 Nov 2027"),
)
CHARGE_COLUMNS: tuple[Column[Charge], ...] = (
    Column("What for", lambda charge: charge.note or "–", tip=lambda charge: charge.note),
    Column("Agent", lambda charge: words.agent(charge.agent) if charge.agent else "any", widest="Claude Code"),
    Column("Day", lambda charge: day(charge.day), widest="22 Nov 2026"),
    Column("Charge, paid", lambda charge: words.money(charge.amount, exact=True), figure=True, widest="$1,234.56"),
)


Act = Callable[[Entries], tuple[str, Undo]]
"""Changes something; what was done, in a sentence or two, and the way back."""
Then = Callable[[], object]


class EntriesView(QWidget):
    """`did` says what was changed and how it is taken back, `failed` why nothing was."""

    did = Signal(str, object)
    failed = Signal(str)

    def __init__(self, entries: Entries, doing: Doing[Deciding], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries, self._doing = entries, doing
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        self.plans, self.charges = Rows(PLAN_COLUMNS), Rows(CHARGE_COLUMNS)
        self.plan_table = self._table(self.plans, "Plans", self._on_remove_plan)
        self.charge_table = self._table(self.charges, "Charges", self._on_remove_charge)
        self._no_plan, self._no_charge = Text(NO_PLAN, role="secondary"), Text(NO_CHARGE, role="secondary")
        self.plan_form, self.charge_form = PlanForm(), ChargeForm()
        self.plan_form.given.connect(self._on_plan)
        self.charge_form.given.connect(self._on_charge)
        self.month_rows = [MonthRow() for _ in range(MONTHS_SHOWN)]
        column.addWidget(section("Plans: flat fees, paid whether or not they are used"))
        self.remove_plan = take_out(self.plan_table, "the chosen plan", self._on_remove_plan)
        self.remove_charge = take_out(self.charge_table, "the chosen charge", self._on_remove_charge)
        plans: tuple[QWidget, ...] = (self._no_plan, self.plan_table, self.remove_plan, self.plan_form)
        charges: tuple[QWidget, ...] = (self._no_charge, self.charge_table, self.remove_charge, self.charge_form)
        for part in plans:
            column.addWidget(part)
        column.addSpacing(16)
        column.addWidget(section("Charges: what was billed beside the plans"))
        for part in charges:
            column.addWidget(part)
        column.addSpacing(16)
        column.addWidget(section("Months: are all charges entered?"))
        column.addWidget(Text("Until you say so, what was paid reads “at least”.", CAPTION, "secondary"))
        for row in self.month_rows:
            row.given.connect(self.confirm)
            column.addWidget(row)

    def _table(self, model: Rows[Plan] | Rows[Charge], name: str, remove: Callable[[], None]) -> Table:
        made = Table(model, name)
        made.give_way((1,), NAME_ROOM)
        made.setAccessibleDescription("Delete takes the chosen row out")
        acts_in(made, "Del", remove)
        return made

    # showing ---------------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        plans, charges = self._entries.plans(), self._entries.charges()
        charges.reverse()  # the newest first
        for model, rows in ((self.plans, plans), (self.charges, charges)):
            if model.shown != rows:
                model.put(rows)  # type: ignore[arg-type]
        _show_table(self.plan_table, self.remove_plan, self._no_plan)
        _show_table(self.charge_table, self.remove_charge, self._no_charge)
        self._show_months(self._entries.confirmed())

    def _show_months(self, confirmed: dict[str, date]) -> None:
        first = clock.month_start(clock.today())
        for row in self.month_rows:
            row.put(first, confirmed.get(f"{first:%Y-%m}"))
            first = clock.month_start(first - clock.DAY)

    # acting ----------------------------------------------------------------------------------------------------------

    def confirm(self, name: str, through: date | None = None, of_today: bool = False) -> None:
        """All charges of a month are entered, of the running one up to today; or not, after all."""
        first = clock.parse_month(name)
        if of_today:
            through = min(clock.next_month(first) - clock.DAY, clock.today())
        said = f"All charges of {month(first)} up to {day(through)} are entered." if through else (
            f"Further charges of {month(first)} may come."
        )  # fmt: skip
        self._do(lambda entries: (said, entries.confirm(name, through)))

    def _on_plan(self, plan: Plan, beside: bool) -> None:
        self._give(self.plan_form, lambda entries: _added(plan, beside, entries))

    def _on_charge(self, charge: Charge) -> None:
        said = f"Added a charge of {words.money(charge.amount, exact=True)} on {day(charge.day)}."
        self._give(self.charge_form, lambda entries: (said, entries.add_charge(charge)))

    def _on_remove_plan(self) -> None:
        if plan := self.plans.row_at(self.plan_table.currentIndex()):
            self._remove(lambda entries: _taken_out(plan, entries))

    def _on_remove_charge(self) -> None:
        if charge := self.charges.row_at(self.charge_table.currentIndex()):
            said = f"Took the charge of {words.money(charge.amount, exact=True)} out."
            self._remove(lambda entries: (said, entries.remove_charge(charge)))

    def _give(self, form: Form, act: Act) -> None:
        """Once, however often `Enter` is pressed meanwhile. What was typed stays until it is kept."""
        if not form.waiting:
            form.wait(True)
            self._do(act, done=form.clear, ended=partial(form.wait, False))

    def _remove(self, act: Act) -> None:
        """Pressed twice, the row that is being taken out is still there."""
        if not self._doing.busy:
            self._do(act)

    def _do(self, act: Act, done: Then = lambda: None, ended: Then = lambda: None) -> None:
        def on_done(told: tuple[str, Undo]) -> None:
            ended()
            done()
            self.refresh()
            self.did.emit(*told)

        def on_failed(sentence: str) -> None:
            ended()
            self.failed.emit(sentence)

        self._doing.do(lambda to: act(to.entries), on_done, on_failed)


def _show_table(table: Table, button: QPushButton, none: Text) -> None:
    """Rows, or the words that stand in their place. These take over the keyboard: a field would keep `Ctrl+Z` to itself."""
    table.fit()
    some = table.rows.rowCount() > 0
    shown, hidden = (table, none) if some else (none, table)
    shown.show()
    if hidden.hasFocus() or (button.hasFocus() and not table.currentIndex().isValid()):
        shown.setFocus()
    hidden.hide()
    button.setVisible(some)
    button.setEnabled(table.currentIndex().isValid())


def _added(plan: Plan, beside: bool, entries: Entries) -> tuple[str, Undo]:
    before = {known.id: known for known in entries.plans()}
    undo = entries.add_plan(plan, beside)
    now = entries.plans()
    ended = [known for known in now if known.id in before and known != before[known.id]]
    tail = "".join(f" {known.name} ended on {day(known.until)}." for known in ended if known.until)
    added = next((known for known in now if known.id not in before), plan)
    until = f" to {day(added.until)}" if added.until else ""
    return f"Added {plan.name}, {fee(plan)} from {day(plan.since)}{until}.{tail}", undo


def _taken_out(plan: Plan, entries: Entries) -> tuple[str, Undo]:
    before = entries.plans()
    undo = entries.remove_plan(plan)
    again = [known for known in entries.plans() if known not in before]
    tail = "".join(f" {known.name} is in force {in_force(known)}." for known in again)
    return f"Took {plan.name} out, as if it had never been.{tail}", undo


class MonthRow(QWidget):
    """Whether all charges of a month are entered; `given` says that they are, up to a day, or None: not, after all."""

    given = Signal(str, object)

    def __init__(self) -> None:
        super().__init__()
        self._given: tuple[str, date | None] = "", None
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        self._name, self.text = label(""), label("", role="secondary")
        self._name.setFixedWidth(scaled(NAME_WIDTH))
        self.button = QPushButton("Confirm")
        self.button.setFont(font(CAPTION))
        self.button.clicked.connect(lambda: self.given.emit(*self._given))
        row.addWidget(self._name)
        row.addWidget(self.text, 1)
        row.addWidget(self.button)

    def put(self, first: date, through: date | None) -> None:
        last = min(clock.next_month(first) - clock.DAY, clock.today())
        done = through is not None and through >= last
        self._given = f"{first:%Y-%m}", None if done else last
        self._name.setText(month(first))
        told = f"all entered up to {day(through)}" if through else "further charges may come"
        self.text.setText(told)
        self.button.setText("Take back" if done else "Confirm")
        self.button.setAccessibleName(f"{month(first)}: {self.button.text().lower()} that all charges are entered")


# forms ---------------------------------------------------------------------------------------------------------------


class Form(QWidget):
    """Fields with their names at the left; `Enter` in any of them gives it."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnMinimumWidth(0, NAME_WIDTH)
        self._grid.setColumnStretch(1, 1)
        self.fault = Text(size=CAPTION, role="attention")
        self.fault.hide()
        self._late = once(self, lambda: self.say(WAITS))
        self.waiting = False
        """Whether what was given is being kept."""

    def line(self, name: str, wide: int, placeholder: str = "") -> QLineEdit:
        made = QLineEdit()
        made.setFont(font())
        made.setFixedWidth(scaled(wide))
        made.setPlaceholderText(placeholder)
        made.setAccessibleName(name)
        made.returnPressed.connect(self.give)
        return made

    def put(self, name: str, *parts: QWidget) -> None:
        at = self._grid.rowCount()
        row = QHBoxLayout()
        row.setSpacing(8)
        for part in parts:
            row.addWidget(part, int(part is self.fault))  # a sentence has the rest of the line
        row.addStretch(int(self.fault not in parts))
        self._grid.addWidget(label(name), at, 0)
        self._grid.addLayout(row, at, 1)

    def button(self, text: str, role: str = "") -> QPushButton:
        made = QPushButton(text)
        made.setProperty("role", role)
        made.setFont(font())
        made.clicked.connect(self.give)
        return made

    def give(self) -> None:
        raise NotImplementedError

    def clear(self) -> None:
        raise NotImplementedError

    def say(self, fault: str, field: QWidget | None = None) -> None:
        self.fault.setText(fault)
        self.fault.setVisible(bool(fault))
        if field:
            field.setFocus()

    def wait(self, on: bool) -> None:
        """Says so where it is felt."""
        self.waiting = on
        self._late.start(LATE_MS) if on else self._late.stop()
        self.say("")


class PlanForm(Form):
    """`given` tells the plan, and whether it runs beside those that are there."""

    given = Signal(object, bool)

    def __init__(self) -> None:
        super().__init__()
        self.name = self.line("Name of the plan", 200, "Max, Pro, Plus …")
        self.fee = self.line("Fee in dollars", 96, "100")
        self.fee.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.period = Choices("The fee is paid", PERIODS, "month")
        self.agents = {name: Tick(called) for name, called in labels().items()}
        self.since = self.line("First day of the plan", 120)
        self.until = self.line("Last day of the plan, if it has one", 120, "no end")
        self.beside = Tick("It runs beside the other plans")
        self.add = self.button("Add the plan", "primary")
        self.put("Name", self.name)
        self.put("Fee, paid", label("$"), self.fee, self.period)
        ticks = list(self.agents.values())
        for tick in ticks:  # in two columns
            tick.setFixedWidth(max(each.sizeHint().width() for each in ticks))
        self.put("Pays for", *ticks[:2])
        self.put("", *ticks[2:])
        self.put("From", self.since, label("to"), self.until)
        self.put("", label("Billing periods begin on the first day.", CAPTION, role="secondary"))
        self.put("", self.beside)
        self.put("", self.add, self.fault)
        self.clear()

    def clear(self) -> None:
        self.name.clear()
        self.fee.clear()
        self.since.setText(clock.month_start(clock.today()).isoformat())
        for tick in self.agents.values():
            tick.setChecked(False)
        self.until.clear()
        self.beside.setChecked(False)
        self.say("")

    def give(self) -> None:
        fee, since = budget_amount(self.fee.text()), money.day_typed(self.since.text())
        until = money.day_typed(self.until.text())
        agents = tuple(name for name, tick in self.agents.items() if tick.isChecked())
        if not (name := money.plan_name(self.name.text())):
            self.say(money.NO_NAME, self.name)
        elif fee is None or not self.fee.text().strip():
            self.say(amount_fault(self.fee.text(), NO_AMOUNT), self.fee)
        elif not agents:
            self.say("Tick at least one agent whose use the plan pays for.", next(iter(self.agents.values())))
        elif since is None:
            self.say(NO_DAY, self.since)
        elif until is None and self.until.text().strip():
            self.say(NO_DAY, self.until)
        elif until is not None and until < since:
            self.say(f"A plan that begins on {since} cannot end on {until}.", self.until)
        else:
            self.say("")
            plan = Plan(0, name, fee, self.period.value, agents, since, until)
            self.given.emit(plan, self.beside.isChecked())


class ChargeForm(Form):
    given = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.amount = self.line("Charge in dollars", 96, "6.00")
        self.amount.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.day = self.line("Day it was billed", 120)
        self.note = self.line("What it was for", 240, "extra usage")
        self.agent = Pick("Whose use it paid for")
        self.agent.addItem("any agent", "")
        for name, called in labels().items():
            self.agent.addItem(called, name)
        self.add = self.button("Add the charge")
        self.put("Charge, paid", label("$"), self.amount, label("on"), self.day)
        self.put("What for", flow(self.note, self.agent))
        self.put("", self.add, self.fault)
        self.clear()

    def clear(self) -> None:
        self.amount.clear()
        self.note.clear()
        self.day.setText(clock.today().isoformat())
        self.agent.setCurrentIndex(0)
        self.say("")

    def give(self) -> None:
        text = self.amount.text().strip()
        amount, day = budget_amount(text.removeprefix("-")), money.day_typed(self.day.text())
        if not amount:
            self.say(amount_fault(text.removeprefix("-"), NO_AMOUNT), self.amount)
        elif day is None:
            self.say(NO_DAY, self.day)
        else:
            self.say("")
            signed = -amount if text.startswith("-") else amount
            self.given.emit(Charge(0, day, signed, self.note.text().strip(), self.agent.currentData() or None))
