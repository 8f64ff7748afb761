"""The Spend page over a real store and real logs (issue 4)."""

from __future__ import annotations

from typing import Any

import pytest
from claude_logs import Machine, prompt
from pytestqt.qtbot import QtBot
from ui.samples import Start
from ui.spend.parts import PageOf
from ui.watched import Watched

from tokentrack.model.costs import Charge, Plan
from tokentrack.ui.windows.spend import Page


@pytest.fixture(autouse=True)
def that_evening(evening: None) -> None:
    """Of the Saturday of the week in which the logs begin."""


@pytest.fixture
def page_of(qtbot: QtBot, machine: Machine, start: Start) -> PageOf:
    def shown(*records: dict[str, Any], plans: tuple[Plan, ...] = (), charges: tuple[Charge, ...] = ()) -> Page:
        if records:
            machine.log("P/S.jsonl", prompt("Fix the cart"), *records)
            machine.scan()
        live = Watched(machine.store, machine.home)
        for plan in plans:
            live.entries().add_plan(plan)
        for charge in charges:
            live.entries().add_charge(charge)
        page = start(live, "spend", 1000, 900).page("spend")
        assert isinstance(page, Page)
        qtbot.waitUntil(lambda: page.cost.shown is not None)
        return page

    return shown
