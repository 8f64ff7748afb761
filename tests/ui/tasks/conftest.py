"""The Tasks page over a real store, in the evening of a day on which much was done."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from claude_logs import HAIKU, OPUS, Machine, answer, prompt, usage
from pytestqt.qtbot import QtBot
from ui.samples import Start
from ui.tasks.parts import PageOf, git, settle

from tokentrack.ui.live import Live


@pytest.fixture(autouse=True)
def that_evening(evening: None) -> None:
    """Of the Saturday of the week in which the logs begin."""


@pytest.fixture
def shop(machine: Machine) -> Machine:
    """Six sessions of three turns on the day before; one request has no price."""
    for n in range(6):
        told = {"sessionId": f"S{n}", "cwd": "/w/shop" if n % 2 else "/w/ops"}
        records = []
        for turn in range(3):
            t = n * 3600 + turn * 600
            records.append(prompt(f"Session {n}", t, uuid=f"u{n}-{turn}", **told))
            model = "mystery-9" if (n, turn) == (4, 1) else HAIKU if turn else OPUS
            figures = usage(90_000 * (n + 1), 100, 0, 11)
            records.append(
                answer(f"m{n}-{turn}", f"r{n}-{turn}", t + 5, uuid=f"a{n}-{turn}", model=model, figures=figures, **told)
            )
        machine.log(f"P/S{n}.jsonl", *records)
    machine.scan()
    return machine


@pytest.fixture
def page_of(qtbot: QtBot, shop: Machine, start: Start) -> PageOf:
    def shown(width: int = 1000, height: int = 800, page: str = "tasks") -> Any:
        opened: Any = start(Live(shop.store, shop.home), page, width, height).page(page)
        if page == "tasks":
            settle(qtbot, opened)
            opened.list.table.setFocus()
        return opened

    return shown


@pytest.fixture
def repository(shop: Machine, tmp_path: Path) -> Path:
    """A repository with a remote, in which a session ran, and two branches that name a key."""
    folder = tmp_path / "cart"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    git(folder, "config", "user.email", "test@example.invalid")
    git(folder, "remote", "add", "origin", "git@github.com:me/cart.git")
    git(folder, "commit", "-q", "--allow-empty", "-m", "Begin")
    for branch in ("feat/CART-1-round-up", "feat/CART-2-empty-cart"):
        git(folder, "switch", "-q", "-c", branch, "main")
        git(folder, "commit", "-q", "--allow-empty", "-m", branch.partition("/")[2])
    told = {"sessionId": "G", "cwd": str(folder)}
    shop.log("P/G.jsonl", prompt("Cart", 0, **told), answer("mg", "rg", 1, **told))
    shop.scan()
    return folder
