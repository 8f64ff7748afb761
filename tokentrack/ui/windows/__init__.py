"""The pages of the main window, in the order of the rail. A new page is a module here and its name in `WINDOWS`.

Each module has a class `Page(feed, source, parent)`, a widget with `refresh()`; it is imported when it is opened first.
"""

from __future__ import annotations

from importlib import import_module
from threading import Thread
from typing import cast

from PySide6.QtWidgets import QWidget

from tokentrack.ui.feed import Feed
from tokentrack.ui.source import Source

WINDOWS = ("today", "inbox", "tasks", "week", "spend", "sessions", "export", "settings")


def get_ready(name: str) -> None:
    """Imports a page's module on another thread: where the page is opened first, its import would be felt."""
    Thread(target=import_module, args=(f"tokentrack.ui.windows.{name}",), name="import", daemon=True).start()


def open_page(name: str, feed: Feed, source: Source, parent: QWidget) -> QWidget:
    """A page made where it will stand: Qt styles all of it anew whenever it, or a part with it, is put into another widget."""
    module = import_module(f"tokentrack.ui.windows.{name}")
    return cast(QWidget, module.Page(feed, source, parent))
