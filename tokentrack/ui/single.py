"""One tray app per person and store: a second start asks the first one to open its window, and ends."""

from __future__ import annotations

import getpass
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from time import monotonic

from PySide6.QtCore import QDir, QLockFile, QObject, QThread
from PySide6.QtNetwork import QLocalServer, QLocalSocket

OPEN, OPENED = b"open\n", b"opened\n"
ANSWER_MS = 5000


class Taken(Exception):
    """Another start holds the lock and does not answer."""


def name_of(store: Path) -> str:
    """The same for every start by this person on this store."""
    user = str(os.getuid()) if hasattr(os, "getuid") else getpass.getuser()
    digest = hashlib.sha256(str(store.expanduser().absolute()).encode()).hexdigest()[:12]
    return f"tokentrack-{user}-{digest}"


def ask_first(name: str, patience_ms: int = ANSWER_MS) -> bool:
    """Asks a running first start to open its window; True when it says that it did."""
    socket = QLocalSocket()
    socket.connectToServer(name)
    if not socket.waitForConnected(300):
        return False
    socket.write(OPEN)
    socket.flush()
    answer = b""
    end = monotonic() + patience_ms / 1000
    while OPENED not in answer and monotonic() < end and socket.state() == QLocalSocket.LocalSocketState.ConnectedState:
        socket.waitForReadyRead(200)
        answer += bytes(socket.readAll().data())
    return OPENED in answer


class Single(QObject):
    """Being the first: holds the lock and answers later starts. `on_open` runs before the answer goes out."""

    def __init__(self, name: str, lock: QLockFile) -> None:
        super().__init__()
        self._lock = lock
        self.on_open: Callable[[], None] = lambda: None
        QLocalServer.removeServer(name)  # a killed first start leaves its socket behind
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_connection)
        self._server.listen(name)

    def _on_connection(self) -> None:
        while self._server.hasPendingConnections():
            socket = self._server.nextPendingConnection()
            socket.readyRead.connect(lambda caller=socket: self._on_read(caller))
            socket.disconnected.connect(socket.deleteLater)
            if socket.bytesAvailable():
                self._on_read(socket)

    def _on_read(self, socket: QLocalSocket) -> None:
        if OPEN in bytes(socket.readAll().data()):
            self.on_open()
            socket.write(OPENED)
            socket.flush()

    def release(self) -> None:
        self._server.close()
        self._lock.unlock()


def claim(store: Path, patience_ms: int = ANSWER_MS) -> Single | None:
    """The role of the first start, or None after the running one opened its window. Raises Taken."""
    name = name_of(store)
    lock = QLockFile(f"{QDir.tempPath()}/{name}.lock")
    lock.setStaleLockTime(0)  # no age makes a lock stale, only the death of its process
    end = monotonic() + patience_ms / 1000
    while True:
        if ask_first(name, patience_ms):
            return None
        if lock.tryLock(0):
            return Single(name, lock)
        if monotonic() > end:
            raise Taken("tokentrack is running already but does not answer. End it, then start again.")
        QThread.msleep(50)  # the other one holds the lock and is about to listen
