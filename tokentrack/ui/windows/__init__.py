"""The pages of the main window, in the order of the rail. A new page is a module here and its name in `WINDOWS`.

Each module has a class `Page(feed, source)`, a widget with `refresh()`; it is imported when it is opened first.
"""

from __future__ import annotations

from importlib import import_module
from typing import cast

from PySide6.QtWidgets import QWidget

from tokentrack.ui.feed import Feed
from tokentrack.ui.source import Source

WINDOWS = ("today", "inbox", "tasks", "week", "spend", "sessions", "export", "settings")


def open_page(name: str, feed: Feed, source: Source) -> QWidget:
    module = import_module(f"tokentrack.ui.windows.{name}")
    return cast(QWidget, module.Page(feed, source))
