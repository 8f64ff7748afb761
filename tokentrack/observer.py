"""What the system tells of changed files: watchdog, which keeps to itself that a watch was refused."""

from __future__ import annotations

import errno
import sys
import threading
import warnings
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from watchdog import events

if TYPE_CHECKING:
    from watchdog.observers.api import BaseObserver
    from watchdog.utils import BaseThread

Event = events.FileSystemEvent
OnEvent = Callable[[Event], None]
OnRefused = Callable[[str], None]
"""Called with the limit that is reached, from any thread."""

LIMITS = {errno.ENOSPC: "watches", errno.EMFILE: "instances", errno.ENFILE: "instances"}
"""inotify(7): which of the kernel's limits is reached, by the error it answers with."""

HEARD: list[type[Event]] = [
    events.FileModifiedEvent,
    events.FileCreatedEvent,
    events.FileDeletedEvent,
    events.FileMovedEvent,
    events.DirCreatedEvent,
    events.DirDeletedEvent,
    events.DirMovedEvent,
]
"""An allow-list: the observer's own walk opens and closes folders, and would wake itself for ever."""

# Told for folders made in quick succession, harmless, and as long as the list of all folders watched.
warnings.filterwarnings("ignore", "Callback with id", RuntimeWarning)

if sys.platform == "linux":
    from watchdog.observers.api import BaseObserver as _Dispatcher
    from watchdog.observers.inotify import InotifyEmitter
    from watchdog.observers.inotify_c import CallbackId, InotifyFD, Mask, WatchCallback, WatchDescriptor

    class _Kernel(InotifyFD):
        """Below a folder that is watched, watchdog goes on without a word where the kernel grants no more."""

        def __init__(self, refused: OnRefused) -> None:
            super().__init__()
            self._refused = refused

        def add_callback(self, path: bytes, mask: Mask, callback: WatchCallback, id_: CallbackId) -> WatchDescriptor:
            try:
                return super().add_callback(path, mask, callback, id_)
            except OSError as error:
                if limit := LIMITS.get(error.errno or 0):
                    self._refused(limit)
                raise

    def _begun(refused: OnRefused) -> tuple[BaseObserver, BaseThread | None]:
        kernel = _Kernel(refused)
        kernel.start()
        return _Dispatcher(InotifyEmitter, inotify_fd=kernel), kernel

else:
    from watchdog.observers import Observer as _Native

    def _begun(refused: OnRefused) -> tuple[BaseObserver, BaseThread | None]:
        return _Native(), None


class _Handler(events.FileSystemEventHandler):
    def __init__(self, on_event: OnEvent) -> None:
        self._on_event = on_event

    def on_any_event(self, event: Event) -> None:
        self._on_event(event)


class Observer:
    """Calls `on_event`, from a thread of its own, for what changes in `places`: folders, and whether with all below them.

    The folders are real ones: of a link, the link itself would be watched. Raises OSError where a folder cannot be watched,
    and where the system lets no more programs watch; a folder below one of them tells `on_refused` instead.
    """

    def __init__(self, places: Mapping[str, bool], on_event: OnEvent, on_refused: OnRefused) -> None:
        self._dispatcher, self._kernel = _begun(on_refused)
        handler = _Handler(on_event)
        for place, below in places.items():
            self._dispatcher.schedule(handler, place, recursive=below, event_filter=HEARD)
        try:
            self._dispatcher.start()
        except OSError:
            self._dispatcher.stop()
            self._end_kernel()
            raise

    @property
    def threads(self) -> list[threading.Thread]:
        """All that must live for changes to be told: when one has died, nothing else tells of it."""
        kernel = [self._kernel] if self._kernel else []
        return [self._dispatcher, *kernel, *self._dispatcher.emitters]

    def stop(self) -> None:
        """Returns when every thread has ended."""
        self._dispatcher.stop()
        self._dispatcher.join()
        self._end_kernel()

    def _end_kernel(self) -> None:
        if self._kernel:
            self._kernel.stop()
            self._kernel.join()
