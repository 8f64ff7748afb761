"""A panel of today's desktops, as far as an icon can tell: org.kde.StatusNotifierWatcher. Writes who registers into a file."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import ClassInfo, Property, QCoreApplication, QObject, Signal, Slot
from PySide6.QtDBus import QDBusConnection, QDBusContext

NAME, PATH = "org.kde.StatusNotifierWatcher", "/StatusNotifierWatcher"


@ClassInfo(**{"D-Bus Interface": NAME})
class Panel(QObject, QDBusContext):
    StatusNotifierItemRegistered = Signal(str)
    StatusNotifierHostRegistered = Signal()

    def __init__(self, told: Path) -> None:
        super().__init__()
        self.told = told
        self.items: list[str] = []

    @Slot(str)
    def RegisterStatusNotifierItem(self, service: str) -> None:  # noqa: N802
        self.items.append(service)
        self.told.write_text("\n".join(self.items))
        self.StatusNotifierItemRegistered.emit(service)

    @Slot(str)
    def RegisterStatusNotifierHost(self, service: str) -> None:  # noqa: N802
        self.StatusNotifierHostRegistered.emit()

    IsStatusNotifierHostRegistered = Property(bool, lambda self: True)
    RegisteredStatusNotifierItems = Property("QStringList", lambda self: self.items)
    ProtocolVersion = Property(int, lambda self: 0)


def main() -> int:
    app = QCoreApplication(sys.argv)
    bus = QDBusConnection.sessionBus()
    panel = Panel(Path(sys.argv[1]))
    exported = bus.registerObject(PATH, panel, QDBusConnection.RegisterOption.ExportAllContents)
    if not (exported and bus.registerService(NAME)):
        return 1
    return app.exec()


sys.exit(main())
