"""The desktop's side of a tray icon: a session bus of its own, and what a panel of today (StatusNotifier) is told on it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from at_work import until
from screen import Screen

PANEL = Path(__file__).with_name("desktop") / "panel.py"
ITEM = "org.kde.StatusNotifierItem"


class Bus:
    """A session bus of its own."""

    def __init__(self, screen: Screen, socket: Path) -> None:
        self.screen = screen
        self.address = f"unix:path={socket}"
        screen.bus = screen.env["DBUS_SESSION_BUS_ADDRESS"] = self.address
        screen.start("dbus-daemon", "--session", "--nofork", f"--address={self.address}")
        until(socket.exists, 5, "the bus")

    def ask(self, *what: str) -> Any:
        told = self.screen.call("busctl", f"--address={self.address}", "--json=short", *what)
        return json.loads(told)["data"] if told.strip() else None

    def item(self, service: str, name: str) -> Any:
        return self.ask("get-property", service, "/StatusNotifierItem", ITEM, name)

    def menu(self, service: str) -> dict[str, int]:
        """The menu's entries and their numbers."""
        path = self.item(service, "Menu")
        told = self.ask("call", service, path, "com.canonical.dbusmenu", "GetLayout", "iias", "--", "0", "-1", "0")
        entries = [child["data"] for child in told[1][2]]
        return {entry[1]["label"]["data"]: entry[0] for entry in entries if "label" in entry[1]}

    def choose(self, service: str, label: str) -> None:
        number, path = str(self.menu(service)[label]), self.item(service, "Menu")
        event = ["com.canonical.dbusmenu", "Event", "isvu", "--", number, "clicked", "s", "", "0"]
        self.ask("call", service, path, *event)

    def texts(self, service: str) -> list[str]:
        """The menu's entries as they are now: opening it brings them up to date."""
        self.ask("call", service, self.item(service, "Menu"), "com.canonical.dbusmenu", "AboutToShow", "i", "0")
        return list(self.menu(service))
