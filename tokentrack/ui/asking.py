"""Questions that may take long, asked on a thread of their own; their answers come back on the main thread."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from threading import Event, Thread
from typing import Any, Generic, Protocol, TypeVar

from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal

SOON_S = 0.04
"""So long a change may hold up what is shown next: a keystroke is not felt to wait."""
LAST_WAIT_S = 2.0
"""A quitting app waits so long for a log that is being read."""


class Hand:
    """What a question may do while it works: tell what it has found so far, and ask whether anyone still wants to know."""

    def __init__(self, tell: Callable[[object], None], go_on: Callable[[], bool]) -> None:
        self.tell, self.go_on = tell, go_on


class Opened(Protocol):
    """What is asked: made, asked and closed on one thread."""

    def close(self) -> None: ...


Asked = TypeVar("Asked", bound=Opened)
Question = Callable[[Asked, Hand], object]
_Asked = tuple[int, str, Question[Asked]]


class _Answers(QObject):
    """Lives as long as the thread that fills it, whatever became of the widget that asked. The signal carries nothing."""

    came = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.waiting: SimpleQueue[tuple[int, str, object, str]] = SimpleQueue()

    def put(self, number: int, topic: str, value: object, fault: str = "") -> None:
        self.waiting.put((number, topic, value, fault))
        self.came.emit()


class Asking(QObject, Generic[Asked]):
    """One topic has one question at a time: a newer one takes the place of an older, whose answer nobody hears."""

    def __init__(self, open_: Callable[[], Asked], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._open = open_
        self._number = 0
        self._newest: dict[str, int] = {}
        self._heard: dict[int, tuple[Callable[[Any], None], Callable[[str], None]]] = {}
        self._answers = _Answers()
        self._answers.came.connect(self._on_answers, Qt.ConnectionType.QueuedConnection)
        self._questions: SimpleQueue[_Asked[Asked] | None] | None = None
        self._ended = Event()
        self._thread: Thread | None = None
        if app := QCoreApplication.instance():
            app.aboutToQuit.connect(self.stop)

    def ask(
        self, topic: str, question: Question[Asked], answer: Callable[[Any], None], failed: Callable[[str], None]
    ) -> None:
        """`answer` takes what the question told and returned; `failed` takes one sentence."""
        self._number += 1
        self._heard.pop(self._newest.get(topic, 0), None)
        self._newest[topic] = self._number
        self._heard[self._number] = answer, failed
        self._running().put((self._number, topic, question))

    def forget(self) -> None:
        """What was asked so far is no longer of interest."""
        self._newest.clear()
        self._heard.clear()

    def rest(self) -> None:
        """Ends the thread when its question is through, without waiting for it; a new question starts another."""
        self.forget()
        self._ended.set()
        if self._questions:
            self._questions.put(None)
        self._questions = None

    def stop(self) -> None:
        """Ends the thread and waits for it, but not for ever."""
        self.rest()
        if self._thread:
            self._thread.join(LAST_WAIT_S)

    def _running(self) -> SimpleQueue[_Asked[Asked] | None]:
        if self._questions is None:
            self._questions, self._ended = SimpleQueue(), Event()
            work = (self._open, self._questions, self._answers, self._newest, self._ended)
            self._thread = Thread(target=_work, args=work, name="why", daemon=True)
            self._thread.start()
        return self._questions

    def _on_answers(self) -> None:
        while not self._answers.waiting.empty():
            self._hear(*self._answers.waiting.get())

    def _hear(self, number: int, topic: str, value: object, fault: str) -> None:
        if self._newest.get(topic) != number:
            return
        answer, failed = self._heard[number]
        if fault:
            failed(fault)
        else:
            answer(value)


class InPassing(Asking[Asked]):
    """Ends its thread with the last answer: the store's file may be another one when it is asked next."""

    def __init__(self, open_: Callable[[], Asked], parent: QObject | None = None) -> None:
        super().__init__(parent=parent, open_=open_)
        self.waiting: set[str] = set()

    def ask(
        self, topic: str, question: Question[Asked], answer: Callable[[Any], None], failed: Callable[[str], None]
    ) -> None:
        self.waiting.add(topic)
        super().ask(topic, question, partial(self._hear_of, topic, answer), partial(self._hear_of, topic, failed))

    def forget(self) -> None:
        self.waiting.clear()
        super().forget()

    def _hear_of(self, topic: str, hear: Callable[[Any], None], told: Any) -> None:
        self.waiting.discard(topic)
        if not self.waiting:
            self.rest()
        hear(told)


class Doing(InPassing[Asked]):
    """Changes, made one after another on a thread of their own. None is dropped: an app that quits, or has quit, waits for each.

    What is made soon is made before anything else is shown, so that whatever ends the process then it is kept (AC 43).
    `idle` when all are made, and what came of them was heard; `slow` when one was not made soon.
    """

    idle = Signal()
    slow = Signal()

    def __init__(self, open_: Callable[[], Asked], parent: QObject | None = None) -> None:
        super().__init__(parent=parent, open_=open_)
        self._over = False

    def do(self, change: Callable[[Asked], object], done: Callable[[Any], None], failed: Callable[[str], None]) -> None:
        """`done` takes what the change returned, `failed` one sentence: nothing was changed then."""
        made = Event()

        def make(opened: Asked, _: Hand) -> object:
            try:
                return change(opened)
            finally:
                made.set()

        self.ask(f"{self._number + 1}", make, done, failed)
        if self._over:
            self.stop()
        elif not made.wait(SOON_S):
            self.slow.emit()

    @property
    def busy(self) -> bool:
        """Whether something is still to be made."""
        return bool(self.waiting)

    def stop(self) -> None:
        self._over = True
        if self._questions:
            self._questions.put(None)
        self._questions = None
        if self._thread:
            self._thread.join()

    def _hear_of(self, topic: str, hear: Callable[[Any], None], told: Any) -> None:
        super()._hear_of(topic, hear, told)
        if not self.busy:
            self.idle.emit()


def _work(
    open_: Callable[[], Asked],
    questions: SimpleQueue[_Asked[Asked] | None],
    answers: _Answers,
    newest: dict[str, int],
    ended: Event,
) -> None:
    opened: Asked | None = None
    while (asked := questions.get()) is not None:
        number, topic, question = asked

        def go_on(topic: str = topic, number: int = number) -> bool:
            return not ended.is_set() and newest.get(topic) == number

        if not go_on():
            continue
        hand = Hand(partial(answers.put, number, topic), go_on)
        try:
            opened = opened or open_()
            answers.put(number, topic, question(opened, hand))
        except Exception as error:  # noqa: BLE001  # said where the answer would stand; the app goes on
            answers.put(number, topic, None, str(error) or type(error).__name__)
    if opened:
        opened.close()
